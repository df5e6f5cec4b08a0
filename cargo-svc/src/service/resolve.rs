//! Tables become services: the workspace's defaults, the package's keys and the overrides are laid over each other for each
//! target, and what nobody wrote gets its default.

use std::collections::BTreeMap;

use super::defaults::{self, Defaults};
use super::graph::{self, Wish};
use super::layer::{Checker, Kind, Layer, RESTART_DELAY, Slot, one_line};
use super::merge::Variables;
use super::{
    Account, EnvName, Folder, Package, PackageSettings, Part, Portable, Restart, RestartPolicy,
    Service, ServiceName, Setting, Start, Text, TimeSpan, settings,
};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::manifest::{Manifest, ServiceTable, ServiceTables, raw, uses_runtime};

/// A system that services are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Systemd,
    Windows,
}

impl Target {
    /// The table of its overrides.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Windows => "windows",
        }
    }
}

/// The checked layers of one service.
struct Layers {
    place: Place,
    portable: Layer,
    systemd: Layer,
    windows: Layer,
}

/// What is said of a service without `name` or `bin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// That there is no default for it.
    Default,
    /// That each of several services has its own.
    EachItsOwn,
    /// Nothing: other errors of the manifest come first.
    Silent,
}

impl Missing {
    /// Reports why a service that says nothing itself cannot take its package's default.
    fn complain<'a>(self, reasons: impl IntoIterator<Item = &'a Diagnostic>, report: &mut Report) {
        if self != Self::Silent {
            reasons
                .into_iter()
                .cloned()
                .for_each(|reason| report.add(reason));
        }
    }
}

/// Validates what a package declares and applies the defaults.
///
/// `None` only if there are errors in the report, of this package or of the reading before.
pub fn resolve(manifest: &Manifest, report: &mut Report) -> Option<Package> {
    let layers: Vec<_> = manifest
        .services
        .as_slice()
        .iter()
        .map(|table| layers(table, manifest.defaults.as_ref(), report))
        .collect();
    let defaults = Defaults::of(manifest);
    let several = matches!(manifest.services, ServiceTables::Several(_));
    // A key that was written and refused is not missing.
    let clean = !report.has_errors_in(&manifest.source);
    let missing = match (clean, several) {
        (false, _) => Missing::Silent,
        (true, true) => Missing::EachItsOwn,
        (true, false) => Missing::Default,
    };
    let mut drafts = Vec::new();
    for layers in &layers {
        if missing == Missing::EachItsOwn {
            require_name_and_bin(layers, report);
        }
        let mut of = |target| draft(target, layers, &defaults, manifest, missing, report);
        let (systemd, windows) = (of(Target::Systemd), of(Target::Windows));
        if let (Some(systemd), Some(windows)) = (systemd, windows) {
            drafts.push((systemd, windows));
        }
    }
    if layers.is_empty() && clean {
        report.add(
            Diagnostic::error("`package.metadata.service` is an empty array")
                .help("write one `[[package.metadata.service]]` table for each service"),
        );
    }
    let settings = settings::resolve(manifest, report);
    let services = services(manifest, drafts, &layers, report);
    if report.has_errors() {
        return None;
    }
    Some(package(manifest, settings?, services))
}

fn package(manifest: &Manifest, settings: PackageSettings, services: Vec<Service>) -> Package {
    let package = &manifest.package;
    let root = package.manifest_path.parent();
    Package {
        name: package.name.to_string(),
        version: package.version.clone(),
        root: root
            .map(|root| root.as_std_path().to_path_buf())
            .unwrap_or_default(),
        manifest: manifest.source.clone(),
        description: package
            .description
            .as_deref()
            .and_then(|text| one_line(text).ok()),
        repository: package.repository.clone(),
        homepage: package.homepage.clone(),
        settings,
        services,
    }
}

/// Checks each table of a service once, and lays the package's over the workspace's, key by key.
fn layers(table: &ServiceTable, defaults: Option<&ServiceTable>, report: &mut Report) -> Layers {
    let mut check = |table: &ServiceTable, keys: &raw::Portable, under: &str, kind| {
        let prefix = format!("{}{under}", table.prefix);
        Checker {
            source: &table.source,
            prefix: &prefix,
            kind,
            report,
        }
        .layer(keys)
    };
    let mut both = |keys: fn(&ServiceTable) -> &raw::Portable, under, kind| {
        let own = check(table, keys(table), under, kind);
        match defaults {
            Some(defaults) => own.over(check(defaults, keys(defaults), under, kind)),
            None => own,
        }
    };
    Layers {
        place: table.place(),
        portable: both(|table| &table.portable, "", Kind::Portable),
        systemd: both(|table| &table.systemd, ".systemd", Kind::Override),
        windows: both(|table| &table.windows, ".windows", Kind::Override),
    }
}

fn require_name_and_bin(layers: &Layers, report: &mut Report) {
    for (key, missing) in [
        ("name", layers.portable.name.is_none()),
        ("bin", layers.portable.bin.is_none()),
    ] {
        if missing {
            report.add(
                Diagnostic::error(format!("`{key}` is missing"))
                    .at(Some(&layers.place))
                    .label(format!("each of several services needs its own `{key}`")),
            );
        }
    }
}

/// A service on one target, its references to other services not yet resolved.
pub(super) struct Draft {
    pub(super) portable: Portable,
    pub(super) after: Vec<Declared<String>>,
    pub(super) requires: Vec<Declared<String>>,
    /// Its portable name, by which other services refer to it.
    pub(super) reference: ServiceName,
}

/// The setting of a key: what was written, or the default.
fn setting<T>(written: Slot<T>, default: Option<T>) -> Setting<T> {
    match written {
        Some(written) => given(written),
        None => default.map(Declared::default_of),
    }
}

/// A written value; none where it was switched off.
fn given<T>(Declared { value, origin }: Declared<Option<T>>) -> Setting<T> {
    value.map(|value| Declared { value, origin })
}

/// The elements of an array key, none of which are left where it was switched off.
fn elements<T>(written: Slot<Vec<T>>) -> Option<Vec<T>> {
    written.map(|written| written.value.unwrap_or_default())
}

fn draft(
    target: Target,
    layers: &Layers,
    defaults: &Defaults,
    manifest: &Manifest,
    missing: Missing,
    report: &mut Report,
) -> Option<Draft> {
    let own = match target {
        Target::Systemd => &layers.systemd,
        Target::Windows => &layers.windows,
    };
    let keys = own.clone().over(layers.portable.clone());
    let name = named(keys.name, &defaults.name, missing, report);
    let bin = named(keys.bin, &defaults.bin, missing, report);
    if let Some(bin) = &bin {
        defaults::check_bin(bin, manifest, report);
    }
    let description = match (keys.description, &defaults.description) {
        (Some(written), _) => given(written),
        (None, Ok(default)) => default.clone(),
        (None, Err(reason)) => {
            missing.complain([&**reason], report);
            None
        }
    };
    let documentation = match (elements(keys.documentation), &defaults.documentation) {
        (Some(written), _) => written,
        (None, Ok(default)) => default.clone(),
        (None, Err(reasons)) => {
            missing.complain(reasons, report);
            Vec::new()
        }
    };
    let environment = environment(target, keys.environment, report);
    // Everything that can be wrong has been said by now.
    let (name, bin) = (name?, bin?);
    let portable_name = match layers.portable.name.clone() {
        Some(written) => given(written),
        None => defaults.name.clone().ok(),
    };
    let restart = Restart {
        policy: RestartPolicy::OnFailure,
        delay: RESTART_DELAY,
    };
    Some(Draft {
        after: elements(keys.after).unwrap_or_default(),
        requires: elements(keys.requires).unwrap_or_default(),
        reference: portable_name.map_or_else(|| name.value.clone(), |name| name.value),
        portable: Portable {
            display_name: setting(keys.display_name, Some(name.value.to_string())),
            name,
            bin,
            description,
            documentation,
            args: elements(keys.args).unwrap_or_default(),
            environment,
            working_dir: setting(keys.working_dir, Some(working_dir(target))),
            start: setting(keys.start, Some(Start::Boot)),
            after: Vec::new(),
            requires: Vec::new(),
            account: setting(keys.account, Some(Account::Dynamic)),
            restart: setting(keys.restart, Some(restart)),
            start_timeout: setting(keys.start_timeout, Some(TimeSpan::from_secs(90))),
            stop_timeout: setting(keys.stop_timeout, Some(TimeSpan::from_secs(30))),
        },
    })
}

/// Where a service without a state folder works.
fn working_dir(target: Target) -> Text {
    let part = match target {
        Target::Systemd => Part::Literal("/".into()),
        Target::Windows => Part::Folder(Folder::Install),
    };
    Text { parts: vec![part] }
}

/// A key that every service has: what was written, or the package's default, whose absence is an error.
fn named<T: Clone>(
    written: Slot<T>,
    default: &Result<Declared<T>, Box<Diagnostic>>,
    missing: Missing,
    report: &mut Report,
) -> Option<Declared<T>> {
    if let Some(written) = written {
        return given(written);
    }
    match default {
        Ok(default) => Some(default.clone()),
        Err(reason) => {
            if missing == Missing::Default {
                missing.complain([&**reason], report);
            }
            None
        }
    }
}

/// The variables of a target.
fn environment(
    target: Target,
    written: Slot<Variables>,
    report: &mut Report,
) -> BTreeMap<EnvName, Declared<Text>> {
    let variables = written
        .and_then(|written| written.value)
        .unwrap_or_default();
    let mut environment: BTreeMap<EnvName, Declared<Text>> = BTreeMap::new();
    for (name, value) in variables {
        let Some(value) = given(value) else { continue };
        let twin = environment
            .keys()
            .find(|other| other.as_str().eq_ignore_ascii_case(name.as_str()));
        match twin {
            Some(twin) if target == Target::Windows => report.add(
                Diagnostic::error(format!("`{twin}` and `{name}` are one variable on Windows"))
                    .at(value.place())
                    .label("the names differ only by case")
                    .help(format!(
                        "switch one off there: `{name} = false` in `[package.metadata.service.windows.environment]`"
                    )),
            ),
            _ => {
                environment.insert(name, value);
            }
        }
    }
    environment
}

/// Resolves the references between the services and checks them as a whole.
fn services(
    manifest: &Manifest,
    drafts: Vec<(Draft, Draft)>,
    layers: &[Layers],
    report: &mut Report,
) -> Vec<Service> {
    let uses_runtime = uses_runtime(&manifest.package);
    let (systemd, windows): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
    // Where a service is missing because of its errors, a reference to it is not wrong.
    let wish = if systemd.len() == layers.len() {
        Wish::Complete
    } else {
        Wish::Partial
    };
    let systemd = graph::resolve(Target::Systemd, systemd, wish, report);
    let windows = graph::resolve(Target::Windows, windows, wish, report);
    systemd
        .into_iter()
        .zip(windows)
        .map(|(systemd, windows)| Service {
            uses_runtime,
            systemd,
            windows,
        })
        .collect()
}

#[cfg(test)]
mod tests;
