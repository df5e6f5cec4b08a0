//! The keys that only `[package.metadata.service.windows]` takes.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, SeqAccess, Visitor, value};

use super::{Key, Spanned, Time};

/// What `windows` takes besides the portable keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Windows {
    /// Whether a service that starts with the machine waits until those that do not are up.
    pub delayed_start: Option<Spanned<bool>>,
    /// Services of the machine without which this one cannot run, and groups of them, each with a `+` before it.
    pub depends: Option<Spanned<Vec<Spanned<String>>>>,
    /// Whether the process carries the SID of the service. Default: `unrestricted`, and `restricted` with strict hardening.
    pub sid_type: Option<Spanned<SidType>>,
    /// The privileges that the process keeps, by the names of their constants; `false`: all that its account has.
    pub privileges: Key<Vec<Spanned<String>>>,
    /// What the service manager does after failures, in place of what `restart` says.
    pub failure_actions: Option<Spanned<FailureActions>>,
    /// How long a shutdown of the machine waits for the service. Default: `stop-timeout`.
    pub preshutdown_timeout: Option<Spanned<Time>>,
    /// The file with the texts of the service's messages in the event log; `false`: no source is registered.
    pub event_log: Key<String>,
    /// What others may connect to: `true` for the declared sockets, or rules of its own.
    pub firewall: Key<Firewall>,
    /// Where the package is installed: a folder below the one for programs, or one on a drive.
    pub install_dir: Option<Spanned<String>>,
}

/// `sid-type`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum SidType {
    /// It does not.
    None,
    /// It does.
    Unrestricted,
    /// It does, and may write only where its SID may.
    Restricted,
}

/// `failure-actions`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FailureActions {
    /// After how long without a failure the first action is the next one again. Default: one day.
    pub reset: Option<Spanned<Time>>,
    /// What happens after the first failure, the second, and so on; the last one repeats.
    pub actions: Vec<Spanned<FailureAction>>,
    /// Whether an end with an error counts, not a crash alone. Default: yes.
    pub on_error: Option<bool>,
}

/// What happens after a failure.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FailureAction {
    /// What the service manager does.
    pub action: Option<FailureWord>,
    /// How long it waits before it does so. Default: 5 s.
    pub delay: Option<Spanned<Time>>,
}

/// What the service manager does after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum FailureWord {
    /// Starts the service again.
    Restart,
    /// Starts the machine again.
    Reboot,
}

/// `firewall`: `true`, or rules.
#[derive(Debug, Default)]
pub struct Firewall {
    /// The rules; none where it says `true`.
    pub rules: Option<Vec<Spanned<FirewallRule>>>,
}

impl<'de> Deserialize<'de> for Firewall {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FirewallVisitor)
    }
}

struct FirewallVisitor;

impl<'de> Visitor<'de> for FirewallVisitor {
    type Value = Firewall;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true` or an array of rules")
    }

    // `false` is the switch around it.
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Firewall, E> {
        Ok(Firewall::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Firewall, A::Error> {
        let rules = Vec::deserialize(value::SeqAccessDeserializer::new(items))?;
        Ok(Firewall { rules: Some(rules) })
    }
}

/// Ports that others may connect to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FirewallRule {
    /// `tcp` or `udp`. Default: `tcp`.
    pub protocol: Option<Protocol>,
    /// The port.
    pub port: Option<Spanned<i64>>,
    /// The kinds of networks from which others may connect. Default: `domain` and `private`.
    pub profiles: Option<Spanned<Vec<Network>>>,
}

/// What is spoken over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The kinds of networks that the firewall tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Where the machine's domain controller is.
    Domain,
    /// Where an administrator trusts the others.
    Private,
    /// Anywhere else.
    Public,
}
