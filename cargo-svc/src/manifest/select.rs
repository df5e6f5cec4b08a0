//! Which packages of a workspace are meant, by cargo's rules.

use cargo_metadata::{Metadata, Package};
use glob::Pattern;

use super::keys::nearest;
use crate::diagnostics::{Diagnostic, Report};

/// `-p`, `--workspace` and `--exclude`, as cargo reads them. Without any, it is the package of the current folder, or the
/// default members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// `-p`, `--package`: package ID specifications or globs.
    pub packages: Vec<String>,
    /// `--workspace`
    pub workspace: bool,
    /// `--exclude`, with `--workspace`.
    pub exclude: Vec<String>,
}

impl Selection {
    /// Whether packages without a service are passed over: only those that were named one by one must have one.
    pub(super) fn is_broad(&self) -> bool {
        self.workspace || self.packages.iter().any(|spec| is_glob(spec))
    }

    /// The selected packages, in the workspace's order.
    pub fn packages<'a>(&self, metadata: &'a Metadata, report: &mut Report) -> Vec<&'a Package> {
        let members = metadata.workspace_packages();
        if self.workspace {
            return self.without_excluded(members, report);
        }
        if !self.packages.is_empty() {
            return self.named(&members, report);
        }
        // cargo puts the package of the current folder here, if there is one.
        if metadata.workspace_default_members.is_available() {
            return metadata.workspace_default_packages();
        }
        metadata.root_package().map_or(members, |root| vec![root])
    }

    fn without_excluded<'a>(
        &self,
        members: Vec<&'a Package>,
        report: &mut Report,
    ) -> Vec<&'a Package> {
        let mut kept = members;
        for spec in &self.exclude {
            let before = kept.len();
            let all = kept.clone();
            kept.retain(|package| !matches(spec, package));
            if kept.len() == before {
                report.add(not_found(spec, &all, Diagnostic::warning));
            }
        }
        kept
    }

    fn named<'a>(&self, members: &[&'a Package], report: &mut Report) -> Vec<&'a Package> {
        for spec in &self.packages {
            if !members.iter().any(|package| matches(spec, package)) {
                report.add(not_found(spec, members, Diagnostic::error));
            }
        }
        let chosen = |package: &&&Package| self.packages.iter().any(|spec| matches(spec, package));
        members.iter().filter(chosen).copied().collect()
    }
}

fn not_found(spec: &str, members: &[&Package], level: impl Fn(String) -> Diagnostic) -> Diagnostic {
    let found = level(format!("no package of the workspace matches `{spec}`"));
    match nearest(spec, members.iter().map(|package| package.name.as_str())) {
        Some(name) => found.help(format!("did you mean `{name}`?")),
        None => found,
    }
}

fn is_glob(spec: &str) -> bool {
    spec.contains(['*', '?', '[', ']'])
}

/// Whether a specification means a package: a glob of its name, `name`, `name@version`, `name:version`, or an URL with an
/// optional `#name@version` ("Package ID Specifications" in the cargo book). Versions may be cut short.
fn matches(spec: &str, package: &Package) -> bool {
    if is_glob(spec) && !spec.contains("://") {
        return Pattern::new(spec).is_ok_and(|pattern| pattern.matches(&package.name));
    }
    if spec.contains("://") {
        return matches_url(spec, package);
    }
    matches_name(spec, package)
}

fn matches_name(spec: &str, package: &Package) -> bool {
    match spec.split_once(['@', ':']) {
        None => package.name.as_str() == spec,
        Some((name, version)) => package.name.as_str() == name && matches_version(version, package),
    }
}

/// `1`, `1.2`, `1.2.3` and `1.2.3-beta.1` mean 1.2.3-beta.1's like; a build tag need not be given.
fn matches_version(version: &str, package: &Package) -> bool {
    let full = package.version.to_string();
    full == version
        || full
            .split_once('+')
            .is_some_and(|(plain, _)| plain == version)
        || (version.split('.').count() < 3
            && package.version.pre.is_empty()
            && full
                .strip_prefix(version)
                .is_some_and(|rest| rest.starts_with('.')))
}

fn matches_url(spec: &str, package: &Package) -> bool {
    let (url, fragment) = spec.split_once('#').unwrap_or((spec, ""));
    let (own, _) = package
        .id
        .repr
        .split_once('#')
        .unwrap_or((&package.id.repr, ""));
    let plain = |url: &str| {
        url.trim_start_matches("path+")
            .trim_end_matches('/')
            .to_owned()
    };
    let named = match fragment {
        "" => true,
        version if version.starts_with(|c: char| c.is_ascii_digit()) => {
            matches_version(version, package)
        }
        name => matches_name(name, package),
    };
    named && plain(url) == plain(own)
}
