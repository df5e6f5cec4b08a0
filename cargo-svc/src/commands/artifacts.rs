//! From a package to the files that are committed for it: all of it is planned first, so that all errors come at once.

use crate::assets::installer;
use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::manifest::Packer;
use crate::output::committed::{Committed, Failure};
use crate::plan::systemd::{self, Distribution, Placement, SystemdPlan};
use crate::plan::windows::installer::Installer;
use crate::plan::windows::{self, WindowsPlan};
use crate::render::distribution::{self, Refused, Rpm};
use crate::render::{self, Artifact, Files, Kind, gathered};
use crate::service::{Package, Service};

/// What is committed for a package, planned for every system: the text is made of it when it is needed.
#[derive(Hash)]
pub(super) struct Plans {
    units: SystemdPlan,
    debian: Option<Distribution>,
    rpm: Option<Distribution>,
    windows: Option<(WindowsPlan, Option<Installer>)>,
}

impl Plans {
    /// Plans all of it. `None` if a target cannot carry a value; all such values were reported.
    pub(super) fn of(package: &Package, report: &mut Report) -> Option<Self> {
        let linux = linux(package, report);
        let windows = is_for_windows(package).then(|| windows(package, report));
        let mut plans = linux?;
        if let Some(windows) = windows {
            plans.windows = Some(windows?);
        }
        Some(plans)
    }

    /// Renders all files that are committed for the package.
    pub(super) fn render(&self, files: &mut dyn Files) {
        render::git_attributes(files);
        render::linux::units(&self.units, files);
        render::linux::scripts(&self.units, files);
        if let Some(plan) = &self.debian {
            distribution::debian(plan, files);
        }
        if let Some(plan) = &self.rpm {
            distribution::rpm(plan, files);
        }
        if let Some((plan, installer)) = &self.windows {
            render::windows::scripts(plan, files);
            if let Some(installer) = installer {
                render::wix::sources(installer, files);
            }
        }
    }
}

fn linux(package: &Package, report: &mut Report) -> Option<Plans> {
    let units = systemd::plan(package, Placement::Distribution, report)?;
    // Nobody gets scripts for a tool that the package does not use.
    let output_dir = &package.settings.output_dir.value;
    let packed = |packer: &Option<Packer>| packer.is_some() && !units.services.is_empty();
    let mut distribution = || systemd::distribution(&units, report);
    let debian = packed(&package.packers.deb).then(&mut distribution);
    let rpm = packed(&package.packers.rpm).then(&mut distribution);
    if let Some(deb) = &package.packers.deb {
        let scripts = [distribution::debian_folder(output_dir)];
        compare(&units, deb, &scripts, Kind::DebMetadata, report);
    }
    if let Some(rpm) = &package.packers.rpm {
        let scripts = Rpm::ALL.map(|script| distribution::rpm_script(output_dir, script));
        compare(&units, rpm, &scripts, Kind::RpmMetadata, report);
    }
    Some(Plans {
        units,
        debian,
        rpm,
        windows: None,
    })
}

fn is_for_windows(package: &Package) -> bool {
    package.services_for(System::Windows).next().is_some()
}

/// Finds what is wrong with a package on any system.
pub(super) fn judge(package: &Package, report: &mut Report) {
    Plans::of(package, report);
}

/// Finds what is wrong with a package on one system.
pub(super) fn judge_for(system: System, package: &Package, report: &mut Report) {
    match system {
        System::Linux => drop(linux(package, report)),
        System::Windows if is_for_windows(package) => drop(windows(package, report)),
        System::Windows => {}
    }
}

/// The scripts that install the archive's services.
pub(super) fn scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Archive, report)?;
    Some(gathered(|files| render::linux::scripts(&plan, files)))
}

/// The units as distribution packages use them.
pub(super) fn units(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Distribution, report)?;
    Some(gathered(|files| render::linux::units(&plan, files)))
}

/// Where the units of these services of the package go: each service's own, and those that start it.
pub(super) fn unit_paths(package: &Package, services: &[Service]) -> Vec<String> {
    // What is wrong with the package was reported when its artifacts were made.
    let plan = systemd::plan(package, Placement::Distribution, &mut Report::default());
    let plans = plan.into_iter().flat_map(|plan| plan.services);
    plans
        .filter(|plan| {
            let named = |service: &Service| service.systemd.name.value == plan.name;
            services.iter().any(named)
        })
        .flat_map(|plan| plan.units)
        .map(|unit| render::linux::unit_path(&unit))
        .collect()
}

/// dpkg's scripts; none for a package without services for systemd.
pub(super) fn debian_scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    distribution_scripts(package, distribution::debian, report)
}

/// rpm's scriptlets, likewise.
pub(super) fn rpm_scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    distribution_scripts(package, distribution::rpm, report)
}

fn distribution_scripts(
    package: &Package,
    render: fn(&Distribution, &mut dyn Files),
    report: &mut Report,
) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Distribution, report)?;
    if plan.services.is_empty() {
        return Some(Vec::new());
    }
    let plan = systemd::distribution(&plan, report);
    Some(gathered(|files| render(&plan, files)))
}

/// Says what the table of a tool, which was pasted once, no longer holds of what the services need.
fn compare(
    plan: &SystemdPlan,
    packer: &Packer,
    scripts: &[String],
    table: Kind,
    report: &mut Report,
) {
    if plan.services.is_empty() {
        return;
    }
    let files = distribution::destinations(plan);
    let files = files.iter().filter(|path| !packer.packs(path));
    let scripts = scripts.iter().filter(|path| !packer.runs(path));
    let absent: Vec<_> = files
        .chain(scripts)
        .map(|path| format!("`{path}`"))
        .collect();
    if !absent.is_empty() {
        report.add(
            Diagnostic::warning(format!(
                "`[{}]` lacks what the services need: {}",
                packer.place.key,
                absent.join(", ")
            ))
            .at(Some(&packer.place))
            .help(format!(
                "`cargo svc print {}` prints a table that has it all",
                table.word()
            )),
        );
    }
}

/// How a table for a tool is made, or which files the tool cannot pack.
type Table = fn(&SystemdPlan, &str) -> Result<Artifact, Vec<Refused>>;

/// The table of Cargo.toml that a tool for distribution packages reads.
pub(super) fn metadata(
    package: &Package,
    table: Table,
    report: &mut Report,
) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Distribution, report)?;
    if plan.services.is_empty() {
        return Some(Vec::new());
    }
    match table(&plan, &package.settings.output_dir.value) {
        Ok(artifact) => Some(vec![artifact]),
        Err(refused) => {
            for file in refused {
                report.add(
                    Diagnostic::error(format!(
                        "`{}` cannot be packed: {}",
                        file.source, file.reason
                    ))
                    .help("rename the file, or let the program make it: `files` lists it"),
                );
            }
            None
        }
    }
}

/// What installs the services on Windows: the scripts' plan, and Windows Installer's, which is made of it.
fn windows(package: &Package, report: &mut Report) -> Option<(WindowsPlan, Option<Installer>)> {
    let plan = windows::plan(package, report)?;
    let installer = match installer(&plan, package, report)? {
        Ok(installer) => Some(installer),
        Err(lacks) => {
            let found = Diagnostic::warning(format!(
                "package `{}` gets no sources for WiX: Windows Installer cannot carry out {lacks}",
                package.name
            ));
            report.add(
                lacks
                    .show(found)
                    .help("the scripts for Windows carry out everything"),
            );
            None
        }
    };
    Some((plan, installer))
}

/// The sources for WiX; none for a package without services for Windows.
pub(super) fn wix_sources(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    if !is_for_windows(package) {
        return Some(Vec::new());
    }
    let plan = windows::plan(package, report)?;
    match installer(&plan, package, report)? {
        Ok(installer) => Some(gathered(|files| {
            render::wix::sources(&installer, files);
        })),
        Err(lacks) => {
            let found = Diagnostic::error(format!(
                "package `{}` has no sources for WiX: Windows Installer cannot carry out {lacks}",
                package.name
            ));
            report.add(
                lacks
                    .show(found)
                    .help("print `install-ps1` or `install-cmd`: the scripts carry out everything"),
            );
            None
        }
    }
}

/// The scripts that install the services on Windows and remove them.
pub(super) fn windows_scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    if !is_for_windows(package) {
        return Some(Vec::new());
    }
    let plan = windows::plan(package, report)?;
    Some(gathered(|files| render::windows::scripts(&plan, files)))
}

/// The folder that a package's files are committed in.
pub(super) fn folder(package: &Package) -> Result<Committed, Box<Diagnostic>> {
    let dir = &package.settings.output_dir;
    Committed::open(&package.root, &dir.value).map_err(|failure| {
        let mut found = failed("use", &failure);
        found.place = Declared::place(dir).cloned();
        found.into()
    })
}

/// A file that something could not be done with.
pub(super) fn failed(what: &str, failure: &Failure) -> Diagnostic {
    let path = crate::manifest::shown(&failure.path);
    Diagnostic::error(format!(
        "cannot {what} {}: {}",
        path.display(),
        failure.error
    ))
}
