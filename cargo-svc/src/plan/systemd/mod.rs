//! What systemd gets: one unit per service, as sections of typed directives.
//!
//! A directive is a key and a typed value, not text: what a value needs to survive systemd's parser is decided in `escape`
//! by the value's type, and a later stage can look up, replace or leave out a line by its key. A value that systemd cannot
//! carry is reported here, at the key that declared it.

mod build;
mod check;
mod distribution;
pub mod exposure;
pub mod hardening;
mod raw;
mod unit;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use crate::build::System;
use crate::diagnostics::Report;
use crate::service::declared::Mode;
use crate::service::systemd::{MIN_VERSION, Scope};
use crate::service::{Package, ServiceName, Start};

pub use distribution::{Distribution, Group, Need, Pattern, distribution};
pub use unit::{
    Directive, Piece, Placed, Replaced, Section, SectionName, UnitFile, UnitKind, Value,
};

/// Where the files of a package lie on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placement {
    /// Below `/usr`, as distribution packages do (file-hierarchy(7), "Unpackaged software" says who owns what).
    Distribution,
    /// Below `/usr/local`, or wherever `install.sh --prefix` says.
    Archive,
}

impl Placement {
    /// The one with the longest prefix: what systemd can carry there, it can carry in any.
    pub(super) const WIDEST: Self = Self::Archive;

    /// The folder that `bin` and `lib` stand in.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Distribution => "/usr",
            Self::Archive => "/usr/local",
        }
    }
}

/// All services of a package that are for systemd.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SystemdPlan {
    /// The package's name.
    pub package: String,
    /// Where its files lie.
    pub placement: Placement,
    /// The oldest systemd that has all of what its units use.
    pub min_version: u32,
    /// Its services, in the order of the manifest.
    pub services: Vec<ServicePlan>,
    /// Users and groups that its services run as (sysusers.d(5)).
    pub users: Vec<SysUser>,
    /// Folders that have to be there before systemd would make them (tmpfiles.d(5)).
    pub folders: Vec<RootFolder>,
    /// Files besides programs and units.
    pub files: Vec<PlacedFile>,
}

impl SystemdPlan {
    /// The programs, each once, in the order of the manifest.
    pub fn programs(&self) -> Vec<&ProgramFile> {
        let mut programs: Vec<&ProgramFile> = Vec::new();
        for service in &self.services {
            if !programs.contains(&&service.program) {
                programs.push(&service.program);
            }
        }
        programs
    }

    /// All units with the service that they belong to: a service, then its sockets, its timer and its path.
    pub fn units(&self) -> impl Iterator<Item = (&ServicePlan, &UnitFile)> {
        self.services
            .iter()
            .flat_map(|service| service.units.iter().map(move |unit| (service, unit)))
    }
}

/// One service: its units, and what an installer has to know besides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServicePlan {
    /// The service's name, which is its unit's without `@` and `.service`.
    pub name: ServiceName,
    /// Whose manager runs it.
    pub scope: Scope,
    /// Whether it is a template: then it runs once an instance of it is started.
    pub template: bool,
    /// Its program.
    pub program: ProgramFile,
    /// When it starts; `None` where the key was switched off: then nothing enables it.
    pub start: Option<Start>,
    /// The service's unit, then those that start it.
    pub units: Vec<UnitFile>,
    /// The secrets that an operator puts on the machine.
    pub credentials: Vec<CredentialFile>,
    /// Files without which it does not start.
    pub required: Vec<Placed>,
    /// Its own unit as its profile alone would make it, with nothing left out or replaced by raw lines, if that is another one.
    pub profile: Option<UnitFile>,
}

impl ServicePlan {
    /// Whether an installation enables a unit of this service.
    pub fn enables(&self, unit: &UnitFile) -> bool {
        match (self.start, unit.kind) {
            (Some(Start::Boot), _) => !self.template,
            (Some(Start::OnDemand), kind) => kind != UnitKind::Service && !self.template,
            (Some(Start::Manual) | None, _) => false,
        }
    }
}

/// A program and the folder that it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProgramFile {
    /// Its file name.
    pub name: String,
    /// Its folder.
    pub dir: Placed,
}

/// A user or a group that has to exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SysUser {
    /// A group.
    Group(String),
    /// A user.
    User {
        /// Its name.
        name: String,
        /// Its main group, if that has another name.
        group: Option<String>,
        /// Whom it is for.
        description: String,
    },
    /// A further group of a user.
    Member {
        /// The user.
        user: String,
        /// The group.
        group: String,
    },
}

/// A folder that belongs to root.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RootFolder {
    /// Its path.
    pub path: String,
    /// Who may use it.
    pub mode: Mode,
}

/// A file that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlacedFile {
    /// Its path below the package's manifest.
    pub source: String,
    /// Where it goes.
    pub to: Placed,
    /// Whether an operator may edit it.
    pub config: bool,
    /// Its permissions.
    pub mode: Mode,
}

/// A secret's place on the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CredentialFile {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Whether the service cannot start without it.
    pub required: bool,
}

/// How much of its units a declaration is to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// All of it: systemd loads them.
    Whole,
    /// A part: lines are still missing.
    Sketch,
}

/// Plans the units of a package. Wherever they lie, the same values are refused. `None` only if at least one error was added to the
/// report: all of them, not the first one.
pub fn plan(package: &Package, placement: Placement, report: &mut Report) -> Option<SystemdPlan> {
    units(package, placement, Stage::Whole, report)
}

/// The same for tables that are still being made, of units that may be whatever they are: nothing is said of what systemd would
/// miss in them.
pub(crate) fn sketch(
    package: &Package,
    placement: Placement,
    report: &mut Report,
) -> Option<SystemdPlan> {
    units(package, placement, Stage::Sketch, report)
}

fn units(
    package: &Package,
    placement: Placement,
    stage: Stage,
    report: &mut Report,
) -> Option<SystemdPlan> {
    let declared: Vec<_> = package.services_for(System::Linux).collect();
    let mut plan = SystemdPlan {
        package: package.name.clone(),
        placement,
        min_version: MIN_VERSION,
        services: Vec::with_capacity(declared.len()),
        users: Vec::new(),
        folders: Vec::new(),
        files: Vec::new(),
    };
    let mut complete = true;
    for service in declared {
        complete &= build::service(package, service, &mut plan, stage, report).is_some();
    }
    complete.then_some(plan)
}
