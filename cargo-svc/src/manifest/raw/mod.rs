//! The tables as they are typed: serde types without defaults. Each key stands here once and is shared by the table itself
//! and by its overrides for each target.
//!
//! What the fields say of themselves is what an editor shows: `cargo svc schema` takes it from here.
//!
//! Nothing here uses serde's `untagged` or `flatten`: both lose the place of an error.

mod log;
mod schema;
mod spanned;
mod systemd;
mod things;
mod values;
mod windows;

use schemars::JsonSchema;
use serde::Deserialize;

pub use log::{Level, Log, LogFile, Rotation};
pub use spanned::Spanned;
pub use systemd::{Line, Lines, Scalar, Scope, Section, Systemd, UnitType, WHOLE};
pub use things::{Credential, Directories, Directory, File, OneOrMany, Socket};
pub use values::{
    Account, Environment, Event, Hardening, Policy, Profile, Restart, Start, StaticAccount, Time,
};
pub use windows::{
    FailureAction, FailureActions, FailureWord, Firewall, FirewallRule, Network, Protocol, SidType,
    Windows,
};

use super::switch::Switch;

/// A key that may be absent, or switched off with `false`.
pub type Key<T> = Option<Spanned<Switch<T>>>;

/// The portable keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Portable {
    /// The service's name: of its unit, of the Windows service, of its account and its folders.
    pub name: Key<String>,
    /// The program that is the service: a binary of this package.
    pub bin: Key<String>,
    /// The name that people read.
    pub display_name: Key<String>,
    /// What the service is for, on one line. Default: the package's description.
    pub description: Key<String>,
    /// Where to read about the service. Default: the package's documentation and homepage.
    pub documentation: Key<Vec<Spanned<String>>>,
    /// The arguments that the program is started with. Placeholders such as `{config-dir}` stand for folders; `{{` is a brace.
    pub args: Key<Vec<Spanned<String>>>,
    /// Variables of the program's environment. Placeholders such as `{state-dir}` stand for folders; `{{` is a brace.
    pub environment: Key<Environment>,
    /// The folder that the program runs in. Default: the state folder if there is one.
    pub working_dir: Key<String>,
    /// When the service starts. Default: with the machine.
    pub start: Key<Start>,
    /// What the service starts after, if it starts at all. Under `systemd` also units, such as `postgresql.service`.
    pub after: Key<Vec<Spanned<String>>>,
    /// Services of this package without which this one cannot run; they start before it.
    pub requires: Key<Vec<Spanned<String>>>,
    /// The account that the service runs under. Default: one of its own, without rights on the rest of the machine.
    pub account: Key<Account>,
    /// After which ends the service is started again, and how long after. Default: failures, 5 s.
    pub restart: Key<Restart>,
    /// How long a start may take. Default: 90 s.
    pub start_timeout: Key<Time>,
    /// How long a stop may take before the program is ended by force. Default: 30 s.
    pub stop_timeout: Key<Time>,
    /// How long the program may be silent before it is taken for stuck and restarted.
    pub watchdog: Key<Time>,
    /// What the program is told about besides a stop.
    pub events: Key<Vec<Spanned<Event>>>,
    /// Folders of the service's own, made before it starts.
    pub directories: Key<Directories>,
    /// Files that are installed with the program.
    pub files: Key<Vec<Spanned<File>>>,
    /// Secrets that the administrator puts on the machine and only the service can read.
    pub credentials: Key<Vec<Spanned<Credential>>>,
    /// Sockets that are open before the program starts.
    pub sockets: Key<Vec<Spanned<Socket>>>,
    /// How far the service is shut in. Default: `standard`.
    pub hardening: Key<Hardening>,
    /// What the program logs where, and how much. Default: to the system's log, from `info` up.
    pub log: Key<Log>,
}

/// `[package.metadata.service-package]`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PackageTable {
    /// Who makes the package, as installers show it.
    pub manufacturer: Option<Spanned<String>>,
    /// What tells Windows Installer that two packages are versions of one; it never changes. `cargo svc init` makes it.
    pub upgrade_code: Option<Spanned<String>>,
    /// The version of the Windows Installer package, where the package's own is none that it can hold.
    pub version: Option<Spanned<String>>,
    /// The licence that Windows Installer shows: a file of the package, in RTF or plain text.
    pub license: Option<Spanned<String>>,
    /// The icon in Add/Remove Programs: an `.ico` file of the package.
    pub icon: Option<Spanned<String>>,
    /// The folder of the files that `cargo svc generate` writes, below the package's. Default: `packaging`.
    pub output_dir: Option<Spanned<String>>,
}
