//! What a package folder holds besides programs: units, scripts and declared files, planned once for each system.

use std::collections::BTreeMap;

use super::files;
use crate::assets::{icon, installer};
use crate::build::System;
use crate::diagnostics::{Diagnostic, Report};
use crate::output::archive::Member;
use crate::output::folder::{Content, Entry};
use crate::plan;
use crate::plan::systemd::Placement;
use crate::plan::windows::AddRemove;
use crate::plan::windows::installer::{Installer, Lacks};
use crate::render::gathered;
use crate::render::{self, Artifact, Kind};
use crate::service::Package;

impl Rendered {
    /// What Windows Installer cannot be told yet.
    pub(super) fn lacks(&self) -> Option<&Lacks> {
        self.installer.as_ref()?.as_ref().err()
    }
}

/// Plans and renders on demand, so that what a plan warns about is said once, however many targets a system has.
pub(super) struct Scripts<'a> {
    packages: &'a [Package],
    rendered: BTreeMap<(usize, System), Option<Rendered>>,
}

/// What is made of a plan.
pub(super) struct Rendered {
    /// The files of the package's folder besides the programs.
    pub(super) entries: Vec<Entry>,
    /// On Windows what Windows Installer is told, or what it cannot be told yet.
    pub(super) installer: Option<Result<Installer, Lacks>>,
}

impl<'a> Scripts<'a> {
    pub(super) fn new(packages: &'a [Package]) -> Self {
        Self {
            packages,
            rendered: BTreeMap::new(),
        }
    }

    /// What is made for a package besides the programs; none if the plan reported an error.
    pub(super) fn for_system(
        &mut self,
        package: usize,
        system: System,
        report: &mut Report,
    ) -> Option<&Rendered> {
        self.rendered
            .entry((package, system))
            .or_insert_with(|| match system {
                system if self.packages[package].services_for(system).next().is_none() => {
                    report.add(for_none(&self.packages[package], system));
                    None
                }
                system => folder(&self.packages[package], system, report),
            })
            .as_ref()
    }
}

fn for_none(package: &Package, system: System) -> Diagnostic {
    Diagnostic::error(format!(
        "no service of package `{}` is for {}",
        package.name,
        match system {
            System::Linux => "systemd",
            System::Windows => "Windows",
        }
    ))
    .help("choose a target of the other system with `--target`, or leave the package out with `--exclude`")
}

/// All is looked at, even if the plan reported an error.
fn folder(package: &Package, system: System, report: &mut Report) -> Option<Rendered> {
    let planned = match system {
        System::Linux => linux(package, report).map(|artifacts| (artifacts, None)),
        System::Windows => windows(package, report),
    };
    let files = files::find(package, system, report)?;
    let (artifacts, installer) = planned?;
    let artifacts = artifacts.into_iter().map(|artifact| Entry {
        kind: artifact.kind,
        member: Member {
            path: artifact.path,
            executable: artifact.executable,
        },
        content: Content::Bytes(artifact.contents),
    });
    Some(Rendered {
        entries: artifacts.chain(files).collect(),
        installer,
    })
}

fn linux(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = plan::systemd::plan(package, Placement::Archive, report)?;
    let mut files = gathered(|files| render::linux::units(&plan, files));
    files.extend(to_the_top(gathered(|files| {
        render::linux::scripts(&plan, files);
    })));
    Some(files)
}

fn windows(package: &Package, report: &mut Report) -> Option<Planned> {
    let plan = plan::windows::plan(package, report)?;
    let installer = installer(&plan, package, report)?;
    let mut files = to_the_top(gathered(|files| {
        render::windows::scripts(&plan, files);
    }));
    files.extend(icon(package, report)?.map(|(_, contents)| Artifact {
        kind: Kind::File,
        path: AddRemove::ICON.to_owned(),
        contents,
        executable: false,
    }));
    Some((files, Some(installer)))
}

/// The files, and what Windows Installer is told.
type Planned = (Vec<Artifact>, Option<Result<Installer, Lacks>>);

/// The committed scripts stand in a folder for their system; a package has only one system.
fn to_the_top(mut files: Vec<Artifact>) -> Vec<Artifact> {
    for file in &mut files {
        if let Some((_, name)) = file.path.rsplit_once('/') {
            file.path = name.to_owned();
        }
    }
    files
}
