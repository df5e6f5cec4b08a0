//! The keys of `[package.metadata.service.systemd]` that only systemd has.

pub use crate::manifest::raw::{Scope, UnitType};

use crate::diagnostics::{Declared, Place};

/// What only systemd takes, with the defaults applied that need no plan.
#[derive(Debug, Clone)]
pub struct Systemd {
    /// `type`; none: what the program calls for.
    pub kind: Option<Declared<UnitType>>,
    /// `scope`
    pub scope: Declared<Scope>,
    /// `min-version`
    pub min_version: Declared<u32>,
    /// `wanted-by`; none: the scope's default.
    pub wanted_by: Option<Vec<Declared<String>>>,
    /// `wants`
    pub wants: Vec<Declared<String>>,
    /// `capabilities`
    pub capabilities: Vec<Declared<String>>,
    /// `writable`
    pub writable: Vec<Declared<String>>,
    /// `template`
    pub template: bool,
    /// `bin-dir`
    pub bin_dir: Option<Declared<String>>,
    /// `unit`
    pub unit: Lines,
    /// `service`
    pub service: Lines,
    /// `install`
    pub install: Lines,
    /// `socket`: lines of every socket's unit.
    pub socket: RawUnit,
    /// `timer`; none: no timer.
    pub timer: Option<RawUnit>,
    /// `path`; none: no path unit.
    pub path: Option<RawUnit>,
}

/// The oldest supported systemd.
pub const MIN_VERSION: u32 = 247;

impl Default for Systemd {
    fn default() -> Self {
        Self {
            kind: None,
            scope: Declared::default_of(Scope::System),
            min_version: Declared::default_of(MIN_VERSION),
            wanted_by: None,
            wants: Vec::new(),
            capabilities: Vec::new(),
            writable: Vec::new(),
            template: false,
            bin_dir: None,
            unit: Lines::default(),
            service: Lines::default(),
            install: Lines::default(),
            socket: RawUnit::default(),
            timer: None,
            path: None,
        }
    }
}

/// Lines of one section, in the order in which they are typed; last those of `lines`, of which a directive may have several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(pub Vec<RawLine>);

/// A directive and its assignments, verbatim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// The directive.
    pub key: Declared<String>,
    /// One value for each assignment.
    pub values: Vec<Declared<String>>,
    /// Whether it stands in `lines`: these stay together, in their order.
    pub is_whole: bool,
}

/// Lines of a unit other than the service's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawUnit {
    /// Where its table stands, if that is one by itself.
    pub place: Option<Place>,
    /// Its name without the suffix; none: the one that the plan gives it.
    pub name: Option<Declared<String>>,
    /// Lines of `[Socket]`, `[Timer]` or `[Path]`.
    pub own: Lines,
    /// Lines of `[Unit]`.
    pub unit: Lines,
    /// Lines of `[Install]`.
    pub install: Lines,
}
