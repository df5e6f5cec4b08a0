//! The units and scripts of a package folder, planned once for each system.

use std::collections::BTreeMap;

use crate::build::System;
use crate::diagnostics::{Diagnostic, Report};
use crate::plan;
use crate::plan::systemd::Placement;
use crate::render::{self, Artifact};
use crate::service::Package;

/// Plans and renders on demand, so that what a plan warns about is said once, however many targets a system has.
pub(super) struct Scripts<'a> {
    packages: &'a [Package],
    rendered: BTreeMap<(usize, System), Option<Vec<Artifact>>>,
}

impl<'a> Scripts<'a> {
    pub(super) fn new(packages: &'a [Package]) -> Self {
        Self {
            packages,
            rendered: BTreeMap::new(),
        }
    }

    /// The files of a package's folder besides the programs; none if the plan reported an error.
    pub(super) fn for_system(
        &mut self,
        package: usize,
        system: System,
        report: &mut Report,
    ) -> Option<&[Artifact]> {
        self.rendered
            .entry((package, system))
            .or_insert_with(|| match system {
                system if self.packages[package].services_for(system).next().is_none() => {
                    report.add(for_none(&self.packages[package], system));
                    None
                }
                System::Linux => linux(&self.packages[package], report),
                System::Windows => windows(&self.packages[package], report),
            })
            .as_deref()
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

fn linux(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = plan::systemd::plan(package, Placement::Archive, report)?;
    let mut files = render::linux::units(&plan);
    files.extend(to_the_top(render::linux::scripts(&plan)));
    Some(files)
}

fn windows(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = plan::windows::plan(package, report)?;
    Some(to_the_top(render::windows::scripts(&plan)))
}

/// The committed scripts stand in a folder for their system; a package has only one system.
fn to_the_top(mut files: Vec<Artifact>) -> Vec<Artifact> {
    for file in &mut files {
        if let Some((_, name)) = file.path.rsplit_once('/') {
            file.path = name.to_owned();
        }
    }
    files
}
