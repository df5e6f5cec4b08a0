//! What systemd gets: one unit per service, as sections of typed directives.
//!
//! A directive is a key and a typed value, not text: what a value needs to survive systemd's parser is decided in `escape`
//! by the value's type, and a later stage can look up, replace or leave out a line by its key. A value that systemd cannot
//! carry is reported here, at the key that declared it.

mod build;
mod check;
mod unit;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use crate::diagnostics::Report;
use crate::service::{Package, ServiceName, Start};

pub use unit::{Directive, Piece, Placed, Section, SectionName, UnitFile, Value};

/// Where the files of a package lie on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Below `/usr`, as distribution packages do (file-hierarchy(7), "Unpackaged software" says who owns what).
    Distribution,
    /// Below `/usr/local`, or wherever `install.sh --prefix` says.
    Archive,
}

impl Placement {
    /// The folder that `bin` and `lib` stand in.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Distribution => "/usr",
            Self::Archive => "/usr/local",
        }
    }
}

/// All services of a package, ready to be written as units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemdPlan {
    /// The package's name.
    pub package: String,
    /// Where its files lie.
    pub placement: Placement,
    /// The oldest systemd that has all of what its units use.
    pub min_version: u32,
    /// Its services, in the order of the manifest; never empty.
    pub services: Vec<ServiceUnit>,
}

/// The oldest supported systemd: the default of `min-version`, and newer than every directive that is written here.
const MIN_VERSION: u32 = 247;

impl SystemdPlan {
    /// The file names of the programs, each once, in the order of the manifest.
    pub fn programs(&self) -> Vec<&str> {
        let mut programs: Vec<&str> = Vec::new();
        for service in &self.services {
            if !programs.contains(&service.program.as_str()) {
                programs.push(&service.program);
            }
        }
        programs
    }
}

/// One service: its unit, and what an installer has to know besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUnit {
    /// The service's name, which is the unit's without `.service`.
    pub name: ServiceName,
    /// The program's file name below `<prefix>/bin`.
    pub program: String,
    /// When it starts; `None` where the key was switched off: then nothing enables it.
    pub start: Option<Start>,
    /// Its unit.
    pub unit: UnitFile,
}

/// Plans the units of a package. `None` only if at least one error was added to the report: all of them, not the first one.
pub fn plan(package: &Package, placement: Placement, report: &mut Report) -> Option<SystemdPlan> {
    let mut services = Vec::with_capacity(package.services.len());
    for service in &package.services {
        services.extend(build::service(package, service, placement, report));
    }
    (services.len() == package.services.len()).then(|| SystemdPlan {
        package: package.name.clone(),
        placement,
        min_version: MIN_VERSION,
        services,
    })
}
