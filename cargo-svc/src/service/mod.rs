//! The validated model: what a package's services are, with every default applied, once per target.
//!
//! Nothing here knows TOML or serde, and nothing here knows what a unit file or a registry looks like. A value that is
//! [`Setting`] `None` was switched off with `false`: nothing is written for it on that target.

pub mod declared;
mod defaults;
mod graph;
mod layer;
pub mod log;
mod merge;
pub mod name;
mod only_runtime;
mod placeholders;
mod resolve;
mod settings;
pub mod systemd;
pub mod text;
pub mod time;
pub mod version;
pub mod windows;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use declared::{Directories, Event, Hardening, Profile};
pub(crate) use graph::WORDS as AFTER_WORDS;
pub(crate) use layer::PRIVILEGES;
pub use log::Log;
pub use name::{EnvName, ServiceName};
pub use only_runtime::OnlyRuntime;
pub use resolve::{resolve, resolve_in_part};
pub use settings::OUTPUT_DIR;
pub use systemd::Systemd;
pub use text::{Folder, Part, Text, TextError};
pub use time::TimeSpan;
pub use windows::Windows;

use declared::{Credential, File, Socket};

use crate::build::System;
use crate::diagnostics::{Declared, SourceFile};
pub use crate::manifest::Packers;

/// A portable key's value on one target: `None` where the target writes nothing for it.
pub type Setting<T> = Option<Declared<T>>;

/// A package and the services it declares.
#[derive(Debug, Clone)]
pub struct Package {
    /// The package's name in Cargo.toml.
    pub name: String,
    /// Its version; never part of a committed file.
    pub version: cargo_metadata::semver::Version,
    /// The folder that holds its Cargo.toml.
    pub root: PathBuf,
    /// Its Cargo.toml.
    pub manifest: Arc<SourceFile>,
    /// One line on what the package is, from `package.description`.
    pub description: Option<String>,
    /// `package.repository`.
    pub repository: Option<String>,
    /// `package.homepage`.
    pub homepage: Option<String>,
    /// What belongs to the package as a whole.
    pub settings: PackageSettings,
    /// The tools for distribution packages that the manifest has a table for.
    pub packers: Packers,
    /// Its services, in the order of the manifest; never empty.
    pub services: Vec<Service>,
}

/// `[package.metadata.service-package]`.
#[derive(Debug, Clone)]
pub struct PackageSettings {
    /// Who makes it, as Add/Remove Programs shows it.
    pub manufacturer: Option<Declared<String>>,
    /// The identity of all its Windows installers, written once.
    pub upgrade_code: Option<Declared<String>>,
    /// The version of the Windows Installer package, where it is not the package's own: three or four numbers.
    pub version: Option<Declared<String>>,
    /// The licence that Windows Installer shows, below the package's folder, with forward slashes.
    pub license: Option<Declared<String>>,
    /// The icon in Add/Remove Programs, likewise.
    pub icon: Option<Declared<String>>,
    /// Where committed files go, relative to the package's root, with forward slashes.
    pub output_dir: Declared<String>,
}

/// One service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The systems on which the package depends on svc-rt, so that the program speaks to the service manager.
    pub uses_runtime: Vec<System>,
    /// What it is under systemd.
    pub systemd: Portable,
    /// What only systemd has.
    pub own_systemd: Systemd,
    /// What it is under the Windows SCM.
    pub windows: Portable,
    /// What only Windows has.
    pub own_windows: Windows,
    /// The systems that it is not for: `systemd = false`, `windows = false`.
    pub not_for: Vec<System>,
}

impl Service {
    /// What it is on a system.
    pub const fn on(&self, system: System) -> &Portable {
        match system {
            System::Linux => &self.systemd,
            System::Windows => &self.windows,
        }
    }

    /// Whether its program for a system has svc-rt in it.
    pub fn uses_runtime_on(&self, system: System) -> bool {
        self.uses_runtime.contains(&system)
    }

    /// Whether it is for a system.
    pub fn is_for(&self, system: System) -> bool {
        !self.not_for.contains(&system)
    }
}

impl Package {
    /// The services that are for a system, in the order of the manifest.
    pub fn services_for(&self, system: System) -> impl Iterator<Item = &Service> {
        self.services
            .iter()
            .filter(move |service| service.is_for(system))
    }
}

/// The portable keys with the defaults of one target applied.
#[derive(Debug, Clone)]
pub struct Portable {
    /// Unit name, service name.
    pub name: Declared<ServiceName>,
    /// Its binary target in cargo's terms, which is the program's file name without `.exe`.
    pub bin: Declared<String>,
    /// The name that people read.
    pub display_name: Setting<String>,
    /// One line on what the service does.
    pub description: Setting<String>,
    /// URLs.
    pub documentation: Vec<Declared<String>>,
    /// The program's arguments.
    pub args: Vec<Declared<Text>>,
    /// Environment variables, in the order of their names.
    pub environment: BTreeMap<EnvName, Declared<Text>>,
    /// The working folder; `None` (switched off) leaves the service manager's own.
    pub working_dir: Setting<Text>,
    /// When it starts.
    pub start: Setting<Start>,
    /// What must be up before it.
    pub after: Vec<Declared<After>>,
    /// Services of this package without which it does not run.
    pub requires: Vec<Declared<ServiceName>>,
    /// Whom it runs as.
    pub account: Setting<Account>,
    /// What happens when it ends.
    pub restart: Setting<Restart>,
    /// How long a start may take.
    pub start_timeout: Setting<TimeSpan>,
    /// How long a stop may take.
    pub stop_timeout: Setting<TimeSpan>,
    /// How often it must show that it is alive.
    pub watchdog: Setting<TimeSpan>,
    /// What it is told about besides a stop.
    pub events: Vec<Declared<Event>>,
    /// Its folders.
    pub directories: Directories,
    /// The files that are installed with it.
    pub files: Vec<Declared<File>>,
    /// Its secrets.
    pub credentials: Vec<Declared<Credential>>,
    /// What it listens on.
    pub sockets: Vec<Declared<Socket>>,
    /// How far it is shut in.
    pub hardening: Setting<Hardening>,
    /// What it logs where; `None`: what svc-rt does by itself.
    pub log: Setting<Log>,
}

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Start {
    /// With the machine.
    Boot,
    /// When an administrator says so.
    Manual,
    /// When its socket, timer or path says so.
    OnDemand,
}

/// What must be up before a service starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// The network stack.
    Network,
    /// A configured network.
    NetworkOnline,
    /// A synchronised clock.
    TimeSync,
    /// A service of this package.
    Service(ServiceName),
    /// Another unit of systemd; under that alone.
    Unit(String),
}

/// Whom a service runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// An account of its own that exists for this service only: `DynamicUser=`, `NT SERVICE\name`.
    Dynamic,
    /// The machine itself: root, `LocalSystem`.
    System,
    /// `NT AUTHORITY\\LocalService`; on Windows only.
    LocalService,
    /// `NT AUTHORITY\\NetworkService`; on Windows only.
    NetworkService,
    /// An account of Windows: `DOMAIN\\user`, `.\\user`, `user@domain`, or with a `$` at its end a managed one.
    Named(String),
    /// A user of the machine; under systemd only.
    Static(StaticAccount),
}

/// A user and groups of the machine, which the installation makes where they are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticAccount {
    /// The user; always there once it is checked.
    pub user: Option<Declared<String>>,
    /// Its main group; none: the one that has the user's name.
    pub group: Option<Declared<String>>,
    /// Its other groups.
    pub groups: Vec<Declared<String>>,
}

/// What happens when a service ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// Which ends are followed by a start.
    pub policy: RestartPolicy,
    /// How long to wait before it.
    pub delay: TimeSpan,
}

/// Which ends are followed by a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartPolicy {
    /// None.
    No,
    /// Every failure: a non-zero exit, a signal, a missed deadline.
    OnFailure,
    /// Every end that nobody asked for, clean ones included.
    Always,
}
