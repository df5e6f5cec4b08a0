//! Which packages of a workspace are meant, by cargo's rules.

use std::collections::HashSet;

use cargo_metadata::{Metadata, Package, PackageId};
use glob::Pattern;

use super::keys::nearest;
use super::read::list;
use super::spec::{Spec, Wrong};
use crate::diagnostics::{Diagnostic, Report};

/// So many packages are named in a message.
const FEW: usize = 8;

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
        let members = members(metadata, &metadata.workspace_members);
        if self.workspace {
            return self.without_excluded(&members, report);
        }
        if !self.packages.is_empty() {
            return self.named(&members, report);
        }
        // cargo puts the package of the current folder here, if there is one.
        if metadata.workspace_default_members.is_available() {
            return self::members(metadata, &metadata.workspace_default_members);
        }
        metadata.root_package().map_or(members, |root| vec![root])
    }

    fn without_excluded<'a>(
        &self,
        members: &[&'a Package],
        report: &mut Report,
    ) -> Vec<&'a Package> {
        let mut kept = members.to_vec();
        for (text, wanted) in parsed(&self.exclude, members, report) {
            if !members.iter().any(|package| wanted.matches(package)) {
                report.add(not_found(text, members, Diagnostic::warning));
            }
            kept.retain(|package| !wanted.matches(package));
        }
        kept
    }

    fn named<'a>(&self, members: &[&'a Package], report: &mut Report) -> Vec<&'a Package> {
        let all = parsed(&self.packages, members, report);
        for (text, wanted) in &all {
            if !members.iter().any(|package| wanted.matches(package)) {
                report.add(not_found(text, members, Diagnostic::error));
            }
        }
        let chosen = |package: &&&Package| all.iter().any(|(_, wanted)| wanted.matches(package));
        members.iter().filter(chosen).copied().collect()
    }
}

/// The packages with these IDs, in the order of the metadata.
fn members<'a>(metadata: &'a Metadata, ids: &[PackageId]) -> Vec<&'a Package> {
    let ids: HashSet<_> = ids.iter().collect();
    let is_member = |package: &&Package| ids.contains(&package.id);
    metadata.packages.iter().filter(is_member).collect()
}

/// What could be read, each with its text; the rest was reported.
fn parsed<'a>(
    texts: &'a [String],
    members: &[&Package],
    report: &mut Report,
) -> Vec<(&'a str, Wanted)> {
    let mut all = Vec::new();
    for text in texts {
        match Wanted::parse(text) {
            Ok(wanted) => all.push((text.as_str(), wanted)),
            Err(error) => report.add(match in_folder(text, members) {
                Some(package) => error.help(format!(
                    "the package in that folder is `-p {}`",
                    package.name
                )),
                None => *error,
            }),
        }
    }
    all
}

/// The package in a folder whose path was given instead.
fn in_folder<'a>(path: &str, members: &[&'a Package]) -> Option<&'a Package> {
    let folder = std::fs::canonicalize(path).ok()?;
    let own = |package: &&&Package| {
        let manifest = package.manifest_path.as_std_path();
        let own = manifest.parent().and_then(|own| own.canonicalize().ok());
        own.as_ref() == Some(&folder)
    };
    members.iter().find(own).copied()
}

/// What `-p` and `--exclude` take.
enum Wanted {
    Spec(Spec),
    Glob(Pattern),
}

impl Wanted {
    fn parse(text: &str) -> Result<Self, Box<Diagnostic>> {
        // As cargo does: a glob is what is no specification.
        let found = match Spec::parse(text) {
            Ok(spec) => return Ok(Self::Spec(spec)),
            Err(_) if is_glob(text) => match Pattern::new(text) {
                Ok(pattern) => return Ok(Self::Glob(pattern)),
                Err(error) => Diagnostic::error(format!("`{text}` is no glob: {error}")),
            },
            Err(Wrong(why)) => {
                Diagnostic::error(format!("`{text}` is no package ID specification: {why}"))
                    .help("`cargo help pkgid` says what one is")
            }
        };
        Err(Box::new(found))
    }

    fn matches(&self, package: &Package) -> bool {
        match self {
            Self::Spec(spec) => spec.matches(package),
            Self::Glob(pattern) => pattern.matches(&package.name),
        }
    }
}

fn not_found(text: &str, members: &[&Package], level: impl Fn(String) -> Diagnostic) -> Diagnostic {
    let found = level(format!("no package of the workspace matches `{text}`"));
    match nearest(text, members.iter().map(|package| package.name.as_str())) {
        Some(name) => found.help(format!("did you mean `{name}`?")),
        None if members.len() <= FEW => {
            let names: Vec<_> = members
                .iter()
                .map(|package| package.name.to_string())
                .collect();
            found.help(format!("expected {}", list(&names)))
        }
        None => found.help("`cargo metadata --no-deps` lists them"),
    }
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', ']'])
}
