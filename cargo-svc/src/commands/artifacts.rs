//! From a package to the files that are committed for it.

use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::output::committed::{Committed, Failure};
use crate::plan::systemd::{self, Placement};
use crate::plan::windows;
use crate::render::{self, Artifact};
use crate::service::Package;

/// All files that are committed for a package, in the order of their paths. `None` if a target cannot carry a value; all
/// such values were reported.
pub(super) fn committed(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let parts = [linux(package, report), windows_scripts(package, report)];
    let mut artifacts = vec![render::git_attributes()];
    for part in parts {
        artifacts.extend(part?);
    }
    artifacts.sort_by(|one, other| one.path.cmp(&other.path));
    Some(artifacts)
}

fn linux(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    // One after the other: what the second plan would refuse, the first one has reported.
    let mut artifacts = units(package, report)?;
    artifacts.extend(scripts(package, report)?);
    Some(artifacts)
}

/// The scripts that install the archive's services.
pub(super) fn scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Archive, report)?;
    Some(render::linux::scripts(&plan))
}

/// The units as distribution packages use them.
pub(super) fn units(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    let plan = systemd::plan(package, Placement::Distribution, report)?;
    Some(render::linux::units(&plan))
}

/// The scripts that install the services on Windows and remove them.
pub(super) fn windows_scripts(package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    if package.services_for(System::Windows).next().is_none() {
        return Some(Vec::new());
    }
    let plan = windows::plan(package, report)?;
    Some(render::windows::scripts(&plan))
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
