//! Windows: what an installer does, as one typed list of steps from which every front end renders.
//!
//! The rules of the service control manager come from Microsoft's pages (`CreateServiceW`, `ChangeServiceConfig2W`,
//! "Virtual accounts") and from what was measured; what the manager or a command line cannot carry is refused here, with
//! the key and what to write instead.

mod access;
mod account;
mod check;
mod environment;
mod files;
mod firewall;
mod folders;
mod hardening;
pub mod installer;
mod later;
mod recovery;
mod service;
mod sid;
mod steps;
mod value;

#[cfg(test)]
mod tests;

pub use access::{Access, Grant, Rights};
pub use account::Account;
pub use files::{InstalledFile, Need};
pub use firewall::FirewallRule;
pub use folders::{DataFolder, OwnFolder, Purpose};
pub use hardening::Token;
pub use recovery::Recovery;
pub use service::{Registration, StartType, WindowsService};
pub use sid::Sid;
pub use steps::{Action, Step, Undo, When};
pub use value::{Piece, Value};

use std::borrow::Cow;

use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::service::Package;

/// A package on Windows.
#[derive(Debug, Clone, Hash)]
pub struct WindowsPlan {
    /// The package's name: the folder below `%ProgramFiles%`, and the key in Add/Remove Programs.
    pub package: String,
    /// Where it is installed.
    pub install_dir: InstallDir,
    /// What Add/Remove Programs shows.
    pub add_remove: AddRemove,
    /// The file names of the programs, for example `beacon.exe`; each once.
    pub programs: Vec<String>,
    /// The folders of its services, each after the one that it is in.
    pub folders: Vec<DataFolder>,
    /// The files that are installed with the programs, each once.
    pub files: Vec<InstalledFile>,
    /// The services, each after those that it waits for.
    pub services: Vec<WindowsService>,
    /// Everything that an installation sets, in order. Stopping, starting and replacing files around it is the same for
    /// every package, and is each front end's own.
    pub steps: Vec<Step>,
}

/// Where a package is installed unless its installer is told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InstallDir {
    /// Below `%ProgramFiles%`, with backslashes.
    BelowPrograms(String),
    /// On a drive, with backslashes.
    Fixed(String),
}

impl InstallDir {
    /// Its path, where the folder for programs is where it usually is.
    fn usual(&self) -> String {
        match self {
            Self::BelowPrograms(below) => format!(r"C:\Program Files\{below}"),
            Self::Fixed(path) => path.clone(),
        }
    }
}

/// The texts of an Add/Remove Programs entry. Its version comes from the package list when the installer runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// Whether the package has an icon of its own; else that of its first program is shown.
    pub has_icon: bool,
}

impl WindowsPlan {
    /// The file in the install folder whose icon Add/Remove Programs shows for the scripts.
    pub fn icon(&self) -> Option<&str> {
        if self.add_remove.has_icon {
            return Some(AddRemove::ICON);
        }
        self.programs.first().map(String::as_str)
    }

    /// The variables of all services.
    pub fn variables(&self) -> impl Iterator<Item = &(String, Value)> {
        self.services
            .iter()
            .flat_map(|service| &service.environment)
    }
}

impl AddRemove {
    /// The icon's file name, in the package and in the install folder.
    pub const ICON: &'static str = "product.ico";

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
    let package = &*of_windows(package);
    let mut check = check::Check::new(report);
    check.package(package);
    let install_dir = install_dir(package, &mut check);
    let (mut services, mut folders, mut files) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = Vec::new();
    for declared in &package.services {
        let Some(parts) = service::service(declared, &mut check) else {
            continue;
        };
        services.push(parts.service);
        for folder in parts.folders {
            folders::merge(&mut folders, folder);
        }
        found.extend(parts.files);
    }
    check.display_names(package);
    check.separator(package, &services);
    let mut programs: Vec<String> = Vec::new();
    for service in &services {
        if !programs
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&service.program))
        {
            programs.push(service.program.clone());
        }
    }
    files::sources(package, &mut check);
    let place = install_dir.usual();
    let taken = files::Taken {
        install_dir: names_fit(package, &place, &programs, &mut check).then_some(&*place),
        programs: &programs,
        folders: &folders,
    };
    files::merge(&mut files, found, &taken, &mut check);
    if !check.passed() {
        return None;
    }
    let services = in_start_order(services);
    let add_remove = add_remove(package);
    Some(WindowsPlan {
        steps: steps::steps(&services, &folders, &files, &add_remove),
        package: package.name.clone(),
        install_dir,
        add_remove,
        programs,
        folders,
        files,
        services,
    })
}

/// The package with those of its services that are for Windows: most often all.
fn of_windows(package: &Package) -> Cow<'_, Package> {
    let mut services = package.services.iter();
    if services.all(|service| service.is_for(System::Windows)) {
        return Cow::Borrowed(package);
    }
    let services = package.services_for(System::Windows);
    Cow::Owned(Package {
        services: services.cloned().collect(),
        ..package.clone()
    })
}

/// Where the package goes. Its services go there together.
fn install_dir(package: &Package, check: &mut check::Check) -> InstallDir {
    let mut declared = package
        .services
        .iter()
        .filter_map(|service| service.own_windows.install_dir.as_ref());
    let Some(first) = declared.next() else {
        return InstallDir::BelowPrograms(package.name.clone());
    };
    for other in declared {
        if !other.value.eq_ignore_ascii_case(&first.value) {
            check.refuse(
                Diagnostic::error("the services of a package have one `install-dir`")
                    .at(other.place())
                    .label(format!("another one goes to `{}`", first.value))
                    .help("write the same for all of them"),
            );
        }
    }
    check.word("install-dir", first.place(), &first.value);
    if first.value.contains(':') {
        InstallDir::Fixed(first.value.clone())
    } else {
        InstallDir::BelowPrograms(first.value.clone())
    }
}

/// Whether the paths of the programs, and of what an installer puts beside them, can be named.
fn names_fit(
    package: &Package,
    install_dir: &str,
    programs: &[String],
    check: &mut check::Check,
) -> bool {
    let declared = package
        .services
        .iter()
        .find_map(|service| service.own_windows.install_dir.as_ref());
    let names = programs.iter().map(String::as_str);
    let longest = names
        .chain(["uninstall.ps1"])
        .max_by_key(|name| name.encode_utf16().count())
        .unwrap_or_default();
    let place = declared.and_then(Declared::place);
    check.path("install-dir", place, &format!(r"{install_dir}\{longest}"))
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
            // A manual page is no page that Windows could open.
            .find(|url| url.starts_with("https://") || url.starts_with("http://")),
        about_link: package
            .homepage
            .clone()
            .or_else(|| package.repository.clone()),
        has_icon: package.settings.icon.is_some(),
    }
}
