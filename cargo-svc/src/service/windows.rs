//! The keys of `[package.metadata.service.windows]` that only Windows has.

pub use crate::manifest::raw::{FailureWord, Network, Protocol, SidType};

use super::{Text, TimeSpan};
use crate::diagnostics::Declared;

/// What only Windows takes; what nobody wrote is none.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    /// `delayed-start`
    pub delayed_start: Option<Declared<bool>>,
    /// `depends`
    pub depends: Vec<Declared<String>>,
    /// `sid-type`
    pub sid_type: Option<Declared<SidType>>,
    /// `privileges`; a value of none: all that the account has.
    pub privileges: Option<Declared<Option<Vec<Declared<String>>>>>,
    /// `failure-actions`
    pub failure_actions: Option<Declared<FailureActions>>,
    /// `preshutdown-timeout`
    pub preshutdown_timeout: Option<Declared<TimeSpan>>,
    /// `event-log`; a value of none: no source.
    pub event_log: Option<Declared<Option<Text>>>,
    /// `firewall`
    pub firewall: Option<Declared<Firewall>>,
    /// `install-dir`, with backslashes and none at its end.
    pub install_dir: Option<Declared<String>>,
}

/// `failure-actions`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureActions {
    /// After how long without a failure the count begins anew.
    pub reset: TimeSpan,
    /// What happens after each failure; never empty.
    pub actions: Vec<(FailureWord, TimeSpan)>,
    /// Whether an end with an error counts.
    pub on_error: bool,
}

/// `firewall`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firewall {
    /// The declared sockets.
    Sockets,
    /// Rules of its own; never empty.
    Rules(Vec<Declared<FirewallRule>>),
}

/// A port that others may connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirewallRule {
    /// What is spoken.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// The kinds of networks, each once; never empty.
    pub profiles: Vec<Network>,
}

impl FirewallRule {
    /// Where others may connect from if nothing is said: not from networks that nobody trusts.
    pub const PROFILES: [Network; 2] = [Network::Domain, Network::Private];
}
