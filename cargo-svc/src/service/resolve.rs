//! Tables become services: the workspace's defaults, the package's keys and the overrides are laid over each other for each
//! target, and what nobody wrote gets its default.

use std::collections::BTreeMap;

use super::defaults::{self, Defaults};
use super::graph::{self, Wish};
use super::layer::{Checker, Kind, Layer, RESTART_DELAY, Slot, SystemdLayer, one_line};
use super::log;
use super::merge::Variables;
use super::{
    Account, EnvName, Folder, Hardening, Package, PackageSettings, Part, Portable, Profile,
    Restart, RestartPolicy, Service, ServiceName, Setting, Start, Systemd, Text, TimeSpan, Windows,
    placeholders, settings,
};
use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::manifest::{
    Manifest, ServiceTable, ServiceTables, may_have_runtime_feature, raw, uses_runtime,
};

/// A system that services are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Systemd,
    Windows,
}

impl Target {
    const fn system(self) -> System {
        match self {
            Self::Systemd => System::Linux,
            Self::Windows => System::Windows,
        }
    }

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
    own_systemd: SystemdLayer,
    own_windows: Windows,
    not_for: Vec<System>,
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
        .map(|table| layers(table, manifest.defaults.as_deref(), report))
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
        let mut of = |target: Target| {
            // What is wrong only where the service is not for is not wrong.
            let mut unheard = Report::default();
            let off = layers.not_for.contains(&target.system());
            let report = if off { &mut unheard } else { &mut *report };
            draft(target, layers, &defaults, manifest, missing, report)
        };
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
        packers: manifest.packers.clone(),
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
    let (portable, systemd, windows) = (
        both(|table| &table.portable, "", Kind::Portable),
        both(|table| &table.systemd, ".systemd", Kind::Override),
        both(|table| &table.windows, ".windows", Kind::Override),
    );
    let mut own = |table: &ServiceTable| {
        let prefix = format!("{}.systemd", table.prefix);
        Checker {
            source: &table.source,
            prefix: &prefix,
            kind: Kind::Override,
            report,
        }
        .systemd(&table.own_systemd)
    };
    let own_systemd = match defaults {
        Some(defaults) => own(table).over(own(defaults)),
        None => own(table),
    };
    let mut own = |table: &ServiceTable| {
        let prefix = format!("{}.windows", table.prefix);
        Checker {
            source: &table.source,
            prefix: &prefix,
            kind: Kind::Override,
            report,
        }
        .windows(&table.own_windows)
    };
    let own_windows = match defaults {
        Some(defaults) => own(table).over(own(defaults)),
        None => own(table),
    };
    Layers {
        place: table.place(),
        portable,
        systemd,
        windows,
        own_systemd,
        own_windows,
        not_for: not_for(table, defaults, report),
    }
}

/// The systems that are switched off; one is left.
fn not_for(
    table: &ServiceTable,
    defaults: Option<&ServiceTable>,
    report: &mut Report,
) -> Vec<System> {
    let off = |own: fn(&ServiceTable) -> bool| own(table) || defaults.is_some_and(own);
    let mut systems = Vec::new();
    if off(|table| table.no_systemd.is_some()) {
        systems.push(System::Linux);
    }
    if off(|table| table.no_windows.is_some()) {
        systems.push(System::Windows);
    }
    if systems.len() > 1 {
        report.add(
            Diagnostic::error("the service is for no system")
                .at(Some(&table.place()))
                .label("both `systemd` and `windows` are switched off")
                .help("leave one of the two `false` out"),
        );
    }
    systems
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
    let directories = keys
        .directories
        .and_then(|directories| directories.value)
        .unwrap_or_default();
    // Everything that can be wrong has been said by now, but for what the values mean together.
    let (name, bin) = (name?, bin?);
    let portable_name = match layers.portable.name.clone() {
        Some(written) => given(written),
        None => defaults.name.clone().ok(),
    };
    let restart = Restart {
        policy: RestartPolicy::OnFailure,
        delay: RESTART_DELAY,
    };
    let default_dir = working_dir(target, directories.state.is_some(), &layers.own_systemd);
    let hardening = Hardening {
        profile: Profile::Standard,
        without: Vec::new(),
    };
    let draft = Draft {
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
            working_dir: setting(keys.working_dir, Some(default_dir)),
            start: setting(keys.start, Some(Start::Boot)),
            after: Vec::new(),
            requires: Vec::new(),
            account: setting(keys.account, Some(Account::Dynamic)),
            restart: setting(keys.restart, Some(restart)),
            start_timeout: setting(keys.start_timeout, Some(TimeSpan::from_secs(90))),
            stop_timeout: setting(keys.stop_timeout, Some(TimeSpan::from_secs(30))),
            watchdog: setting(keys.watchdog, None),
            events: elements(keys.events).unwrap_or_default(),
            directories,
            files: elements(keys.files).unwrap_or_default(),
            credentials: elements(keys.credentials).unwrap_or_default(),
            sockets: elements(keys.sockets).unwrap_or_default(),
            hardening: setting(keys.hardening, Some(hardening)),
            log: setting(keys.log, None),
        },
    };
    let template = target == Target::Systemd && layers.own_systemd.template == Some(true);
    placeholders::check(&draft.portable, template, report);
    log::check(&draft.portable, runtime(manifest), report);
    Some(draft)
}

/// What of svc-rt the package's program has.
fn runtime(manifest: &Manifest) -> log::Runtime {
    let has = |feature| may_have_runtime_feature(&manifest.package, feature);
    log::Runtime {
        is_used: uses_runtime(&manifest.package),
        logs: has("log") || has("tracing"),
        logs_to_files: has("log-file"),
    }
}

/// Where a service works that does not say: in its state folder if it has one.
fn working_dir(target: Target, has_state: bool, own: &SystemdLayer) -> Text {
    let user = own
        .scope
        .as_ref()
        .is_some_and(|scope| scope.value == raw::Scope::User);
    let part = match target {
        _ if has_state => Part::Folder(Folder::State),
        // systemd.exec(5): the user's home.
        Target::Systemd if user => Part::Literal("~".into()),
        Target::Systemd => Part::Literal("/".into()),
        Target::Windows => Part::Folder(Folder::Install),
    };
    Text { parts: vec![part] }
}

fn own_systemd(layer: SystemdLayer) -> Systemd {
    let default = Systemd::default();
    Systemd {
        kind: layer.kind,
        scope: layer.scope.unwrap_or(default.scope),
        min_version: layer.min_version.unwrap_or(default.min_version),
        wanted_by: layer.wanted_by,
        wants: layer.wants.unwrap_or_default(),
        capabilities: layer.capabilities.unwrap_or_default(),
        writable: layer.writable.unwrap_or_default(),
        template: layer.template.unwrap_or_default(),
        bin_dir: layer.bin_dir,
        unit: layer.unit.unwrap_or_default(),
        service: layer.service.unwrap_or_default(),
        install: layer.install.unwrap_or_default(),
        socket: layer.socket.unwrap_or_default(),
        timer: layer.timer,
        path: layer.path,
    }
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
    let off = |target: Target| -> Vec<bool> {
        layers
            .iter()
            .map(|layers| layers.not_for.contains(&target.system()))
            .collect()
    };
    let of = |target, drafts, report: &mut Report| {
        graph::resolve(target, drafts, wish, &off(target), report)
    };
    let systemd = of(Target::Systemd, systemd, report);
    let windows = of(Target::Windows, windows, report);
    systemd
        .into_iter()
        .zip(windows)
        .zip(layers)
        .map(|((systemd, windows), layers)| Service {
            uses_runtime,
            systemd,
            own_systemd: own_systemd(layers.own_systemd.clone()),
            windows,
            own_windows: layers.own_windows.clone(),
            not_for: layers.not_for.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
