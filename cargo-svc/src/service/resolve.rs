//! Tables become services: the workspace's defaults, the package's keys and the overrides are laid over each other for each
//! target, and what nobody wrote gets its default.

mod draft;

use super::defaults::Defaults;
use super::graph::{self, Reach, Wish};
use super::layer::{Checker, Kind, Layer, SystemdLayer, one_line};
use super::{Package, PackageSettings, Service, Windows, settings};
use crate::build::System;
use crate::diagnostics::{Diagnostic, Place, Report};
use crate::directives;
use crate::manifest::{Manifest, ServiceTable, ServiceTables, raw, uses_runtime};
pub(super) use draft::Draft;
use draft::{draft, own_systemd};

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
}

/// Validates what a package declares and applies the defaults.
///
/// `None` only if there are errors in the report, of this package or of the reading before.
pub fn resolve(manifest: &Manifest, report: &mut Report) -> Option<Package> {
    resolve_in_part(manifest, report).filter(|_| !report.has_errors())
}

/// The same, but where there are errors it gives what is left without the refused values, so that later stages can judge that:
/// [`Report::add_independent`] takes what they find. Nothing else is to be made of it.
pub fn resolve_in_part(manifest: &Manifest, report: &mut Report) -> Option<Package> {
    let layers: Vec<_> = manifest
        .services
        .as_slice()
        .iter()
        .map(|table| layers(table, manifest.defaults.as_deref(), report))
        .collect();
    let defaults = Defaults::of(manifest);
    let missing = match manifest.services {
        ServiceTables::Several(_) => Missing::EachItsOwn,
        ServiceTables::One(_) => Missing::Default,
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
            drafts.push((layers, systemd, windows));
        }
    }
    let settings = settings::resolve(manifest, report);
    let wish = if drafts.len() == manifest.services.as_slice().len() {
        Wish::Complete
    } else {
        Wish::Partial
    };
    let services = services(manifest, drafts, wish, report);
    Some(package(manifest, settings, services))
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
    let oldest = |table: &ServiceTable| {
        table
            .own_systemd
            .min_version
            .as_ref()
            .map(|typed| *typed.get_ref())
    };
    let oldest = oldest(table).or_else(|| defaults.and_then(oldest));
    let is_ahead = oldest.is_some_and(|oldest| oldest > directives::NEWEST.into());
    let mut check = |table: &ServiceTable, keys: &raw::Portable, under: &str, kind| {
        let prefix = [&table.prefix, under].concat();
        Checker {
            source: &table.source,
            prefix: &prefix,
            kind,
            is_ahead,
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
            is_ahead,
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
            is_ahead,
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
    let needed: [(_, _, &[_]); 2] = [
        ("name", layers.portable.name.is_none(), &["name"]),
        ("bin", layers.portable.bin.is_none(), &["bin"]),
    ];
    for (key, missing, itself) in needed {
        if missing {
            report.add(
                Diagnostic::error(format!("`{key}` is missing"))
                    .at(Some(&layers.place))
                    .label(format!("each of several services needs its own `{key}`"))
                    .rests_on(itself),
            );
        }
    }
}

/// Resolves the references between the services and checks them as a whole.
fn services(
    manifest: &Manifest,
    drafts: Vec<(&Layers, Draft, Draft)>,
    wish: Wish,
    report: &mut Report,
) -> Vec<Service> {
    let uses_runtime: Vec<_> = [System::Linux, System::Windows]
        .into_iter()
        .filter(|system| uses_runtime(&manifest.package, *system))
        .collect();
    let mut layers = Vec::with_capacity(drafts.len());
    let (mut systemd, mut windows) = (Vec::new(), Vec::new());
    for (own, on_systemd, on_windows) in drafts {
        layers.push(own);
        systemd.push(on_systemd);
        windows.push(on_windows);
    }
    let off = |target: Target| -> Vec<bool> {
        layers
            .iter()
            .map(|layers| layers.not_for.contains(&target.system()))
            .collect()
    };
    let of = |target, drafts, reaches: &[Reach], report: &mut Report| {
        graph::resolve(target, drafts, &off(target), reaches, wish, report)
    };
    let own: Vec<_> = layers
        .iter()
        .map(|layers| own_systemd(layers.own_systemd.clone()))
        .collect();
    let reaches: Vec<_> = own.iter().map(Reach::of).collect();
    let systemd = of(Target::Systemd, systemd, &reaches, report);
    let windows = of(Target::Windows, windows, &[], report);
    systemd
        .into_iter()
        .zip(windows)
        .zip(layers)
        .zip(own)
        .map(|(((systemd, windows), layers), own_systemd)| Service {
            uses_runtime: uses_runtime.clone(),
            systemd,
            own_systemd,
            windows,
            own_windows: layers.own_windows.clone(),
            not_for: layers.not_for.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
