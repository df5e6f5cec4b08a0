//! The tables as they are typed: serde types without defaults. Each key stands here once and is shared by the table itself
//! and by its overrides for each target.
//!
//! Nothing here uses serde's `untagged` or `flatten`: both lose the place of an error.

mod systemd;
mod values;

use serde::Deserialize;

pub use systemd::{Line, Lines, Scalar, Scope, Section, Systemd, UnitType};
pub use toml::Spanned;
pub use values::{
    Account, Credential, Directories, Directory, Environment, Event, File, Hardening, OneOrMany,
    Policy, Profile, Restart, Socket, Start, StaticAccount, Time,
};

use super::switch::Switch;

/// A key that may be absent, or switched off with `false`.
pub type Key<T> = Option<Spanned<Switch<T>>>;

/// The portable keys.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Portable {
    /// `name`
    pub name: Key<String>,
    /// `bin`
    pub bin: Key<String>,
    /// `display-name`
    pub display_name: Key<String>,
    /// `description`
    pub description: Key<String>,
    /// `documentation`
    pub documentation: Key<Vec<Spanned<String>>>,
    /// `args`
    pub args: Key<Vec<Spanned<String>>>,
    /// `environment`
    pub environment: Key<Environment>,
    /// `working-dir`
    pub working_dir: Key<String>,
    /// `start`
    pub start: Key<Start>,
    /// `after`
    pub after: Key<Vec<Spanned<String>>>,
    /// `requires`
    pub requires: Key<Vec<Spanned<String>>>,
    /// `account`
    pub account: Key<Account>,
    /// `restart`
    pub restart: Key<Restart>,
    /// `start-timeout`
    pub start_timeout: Key<Time>,
    /// `stop-timeout`
    pub stop_timeout: Key<Time>,
    /// `watchdog`
    pub watchdog: Key<Time>,
    /// `events`
    pub events: Key<Vec<Spanned<Event>>>,
    /// `directories`
    pub directories: Key<Directories>,
    /// `files`
    pub files: Key<Vec<Spanned<File>>>,
    /// `credentials`
    pub credentials: Key<Vec<Spanned<Credential>>>,
    /// `sockets`
    pub sockets: Key<Vec<Spanned<Socket>>>,
    /// `hardening`
    pub hardening: Key<Hardening>,
}

/// `[package.metadata.service-package]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PackageTable {
    /// `manufacturer`
    pub manufacturer: Option<Spanned<String>>,
    /// `upgrade-code`
    pub upgrade_code: Option<Spanned<String>>,
    /// `output-dir`
    pub output_dir: Option<Spanned<String>>,
}
