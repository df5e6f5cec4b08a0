//! Windows: what an installer does, as one typed list of steps from which every front end renders.
//!
//! The rules of the service control manager come from Microsoft's pages (`CreateServiceW`, `ChangeServiceConfig2W`,
//! "Virtual accounts") and from what was measured; what the manager or a command line cannot carry is refused here, with
//! the key and what to write instead.

mod check;
mod later;
mod service;
mod sid;
mod steps;
mod value;

#[cfg(test)]
mod tests;

pub use service::{Account, Recovery, Registration, StartType, WindowsService};
pub use sid::Sid;
pub use steps::{Action, Step, Undo, When};
pub use value::{Piece, Value};

use crate::build::System;
use crate::diagnostics::Report;
use crate::service::Package;

/// A package on Windows.
#[derive(Debug, Clone)]
pub struct WindowsPlan {
    /// The package's name: the folder below `%ProgramFiles%`, and the key in Add/Remove Programs.
    pub package: String,
    /// What Add/Remove Programs shows.
    pub add_remove: AddRemove,
    /// The file names of the programs, for example `beacon.exe`; each once.
    pub programs: Vec<String>,
    /// The services, each after those that it waits for.
    pub services: Vec<WindowsService>,
    /// Everything that an installation sets, in order. Stopping, starting and replacing files around it is the same for
    /// every package, and is each front end's own.
    pub steps: Vec<Step>,
}

/// The texts of an Add/Remove Programs entry. Its version comes from the package list when the installer runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddRemove {
    /// `DisplayName`.
    pub display_name: String,
    /// `Publisher`.
    pub publisher: Option<String>,
    /// `Comments`.
    pub comments: Option<String>,
    /// `HelpLink`.
    pub help_link: Option<String>,
    /// `URLInfoAbout`.
    pub about_link: Option<String>,
}

impl WindowsPlan {
    /// The variables of all services.
    pub fn variables(&self) -> impl Iterator<Item = &(String, Value)> {
        self.services
            .iter()
            .flat_map(|service| &service.environment)
    }
}

impl AddRemove {
    /// The texts with the names of their registry values.
    pub fn texts(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("DisplayName", Some(&self.display_name)),
            ("Publisher", self.publisher.as_deref()),
            ("Comments", self.comments.as_deref()),
            ("HelpLink", self.help_link.as_deref()),
            ("URLInfoAbout", self.about_link.as_deref()),
        ]
    }
}

/// Plans a package. `None` only if errors were reported.
///
/// A package may hold services that are not for Windows.
pub fn plan(package: &Package, report: &mut Report) -> Option<WindowsPlan> {
    let services = package.services_for(System::Windows).cloned().collect();
    let package = &Package {
        services,
        ..package.clone()
    };
    let mut check = check::Check::new(report);
    check.package(package);
    let services: Vec<WindowsService> = package
        .services
        .iter()
        .filter_map(|declared| service::service(declared, &mut check))
        .collect();
    check.display_names(package);
    check.separator(&services);
    let mut programs: Vec<String> = Vec::new();
    for service in &services {
        if !programs
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&service.program))
        {
            programs.push(service.program.clone());
        }
    }
    if !check.passed() {
        return None;
    }
    let services = in_start_order(services);
    let add_remove = add_remove(package);
    Some(WindowsPlan {
        steps: steps::steps(&services, &add_remove),
        package: package.name.clone(),
        add_remove,
        programs,
        services,
    })
}

/// Each service after those of the package that it depends on; otherwise in the order of the manifest. The resolved model
/// holds no cycle; if one got here, its services keep their order and the manager refuses them with error 1059.
fn in_start_order(mut rest: Vec<WindowsService>) -> Vec<WindowsService> {
    let mut ordered: Vec<WindowsService> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = rest
            .iter()
            .position(|service| {
                !rest
                    .iter()
                    .any(|other| service.registration.dependencies.contains(&other.name))
            })
            .unwrap_or(0);
        ordered.push(rest.remove(free));
    }
    ordered
}

fn add_remove(package: &Package) -> AddRemove {
    let display_name = match package.services.as_slice() {
        [only] => only.windows.display_name.as_ref(),
        _ => None,
    };
    AddRemove {
        display_name: display_name.map_or_else(|| package.name.clone(), |name| name.value.clone()),
        publisher: package
            .settings
            .manufacturer
            .as_ref()
            .map(|name| name.value.clone()),
        comments: match package.services.as_slice() {
            [only] => only
                .windows
                .description
                .as_ref()
                .map(|text| text.value.clone()),
            _ => package.description.clone(),
        },
        help_link: package
            .services
            .iter()
            .flat_map(|service| &service.windows.documentation)
            .map(|url| url.value.clone())
            .next(),
        about_link: package
            .homepage
            .clone()
            .or_else(|| package.repository.clone()),
    }
}
