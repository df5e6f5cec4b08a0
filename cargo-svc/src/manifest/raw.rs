//! The tables as they are typed: serde types without defaults. Each key stands here once and is shared by the table itself
//! and by its overrides for each target.
//!
//! Nothing here uses serde's `untagged` or `flatten`: both lose the place of an error.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor, value};

use super::switch::Switch;
pub use toml::Spanned;

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

/// Variables with the places of their names and values; `false` removes one for a target.
pub type Environment = BTreeMap<Spanned<String>, Spanned<Switch<String>>>;

/// `start`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// With the machine.
    Boot,
    /// By hand.
    Manual,
    /// By its socket or timer.
    OnDemand,
}

/// `account`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// An account of its own.
    Dynamic,
    /// The machine itself.
    System,
}

/// `restart.policy`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Never.
    No,
    /// After failures.
    OnFailure,
    /// After every end that nobody asked for.
    Always,
}

/// `restart`: a policy alone, or a table.
#[derive(Debug, Default)]
pub struct Restart {
    /// Which ends are followed by a start.
    pub policy: Option<Policy>,
    /// How long to wait before it.
    pub delay: Option<Spanned<Time>>,
}

/// The table form of [`Restart`].
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct RestartTable {
    policy: Option<Policy>,
    delay: Option<Spanned<Time>>,
}

impl<'de> Deserialize<'de> for Restart {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RestartVisitor)
    }
}

struct RestartVisitor;

impl<'de> Visitor<'de> for RestartVisitor {
    type Value = Restart;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a restart policy or a table")
    }

    fn visit_str<E: de::Error>(self, policy: &str) -> Result<Restart, E> {
        Ok(Restart {
            policy: Some(Policy::deserialize(policy.into_deserializer())?),
            delay: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Restart, A::Error> {
        let RestartTable { policy, delay } =
            RestartTable::deserialize(value::MapAccessDeserializer::new(map))?;
        Ok(Restart { policy, delay })
    }
}

/// A duration: text in systemd's grammar, or a whole number of seconds, as in systemd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Time {
    /// Text.
    Text(String),
    /// Seconds.
    Seconds(u64),
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration such as \"90s\", or whole seconds")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        Ok(Time::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Time, E> {
        u64::try_from(seconds)
            .map(Time::Seconds)
            .map_err(|_| E::custom("a duration cannot be negative"))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Time, E> {
        Ok(Time::Seconds(seconds))
    }
}
