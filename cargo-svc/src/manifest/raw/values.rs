//! The values of keys that are more than a string, as they are typed.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor, value};

use super::Spanned;
use crate::manifest::switch::Switch;

/// Variables with the places of their names and values; `false` removes one for a target.
pub type Environment = BTreeMap<Spanned<String>, Spanned<Switch<String>>>;

/// `start`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// With the machine.
    Boot,
    /// By hand.
    Manual,
    /// By its socket or timer.
    OnDemand,
}

/// `account`: a word, or on systemd a static user.
#[derive(Debug)]
pub enum Account {
    /// An account of its own.
    Dynamic,
    /// The machine itself.
    System,
    /// Windows' account for services that need next to nothing.
    LocalService,
    /// The same, which is the machine to others in its network.
    NetworkService,
    /// An account of Windows by its name.
    Named(String),
    /// A user and groups that exist on the machine.
    Static(StaticAccount),
}

/// A kind of account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AccountWord {
    Dynamic,
    System,
    LocalService,
    NetworkService,
}

/// A user of the machine and its groups.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct StaticAccount {
    /// The user. It is made if it does not exist.
    pub user: Option<Spanned<String>>,
    /// The group. Default: the user's own.
    pub group: Option<Spanned<String>>,
    /// Further groups.
    pub groups: Vec<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AccountVisitor)
    }
}

struct AccountVisitor;

impl<'de> Visitor<'de> for AccountVisitor {
    type Value = Account;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind of account or a table")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Account, E> {
        // What has a domain, or stands in one, is nobody's misspelt word.
        if word.contains(['\\', '@']) {
            return Ok(Account::Named(word.to_owned()));
        }
        Ok(match AccountWord::deserialize(word.into_deserializer())? {
            AccountWord::Dynamic => Account::Dynamic,
            AccountWord::System => Account::System,
            AccountWord::LocalService => Account::LocalService,
            AccountWord::NetworkService => Account::NetworkService,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Account, A::Error> {
        StaticAccount::deserialize(value::MapAccessDeserializer::new(map)).map(Account::Static)
    }
}

/// After which ends the service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
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

/// A policy with its delay.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RestartTable {
    /// After which ends.
    policy: Option<Policy>,
    /// How long to wait before the start.
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

/// An element of `events`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A name.
    Name(String),
    /// A custom control code.
    Code(i64),
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventVisitor)
    }
}

struct EventVisitor;

impl Visitor<'_> for EventVisitor {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an event or a control code")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Event, E> {
        Ok(Event::Name(name.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, code: i64) -> Result<Event, E> {
        Ok(Event::Code(code))
    }
}

/// `hardening`: a profile, or on systemd a table.
#[derive(Debug, Default)]
pub struct Hardening {
    /// Which profile.
    pub profile: Option<Profile>,
    /// Directives that the profile shall not write.
    pub without: Vec<Spanned<String>>,
    /// Whether it was written as a table.
    pub is_table: bool,
}

/// A measured set of restrictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// All that a network service can do without.
    Strict,
    /// What breaks next to no program.
    Standard,
    /// Nothing.
    Off,
}

/// A profile without some of its directives.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct HardeningTable {
    /// Which profile.
    profile: Option<Profile>,
    /// Directives that the profile shall not write.
    without: Vec<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Hardening {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HardeningVisitor)
    }
}

struct HardeningVisitor;

impl<'de> Visitor<'de> for HardeningVisitor {
    type Value = Hardening;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hardening profile or a table")
    }

    fn visit_str<E: de::Error>(self, profile: &str) -> Result<Hardening, E> {
        Ok(Hardening {
            profile: Some(Profile::deserialize(profile.into_deserializer())?),
            ..Hardening::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Hardening, A::Error> {
        let HardeningTable { profile, without } =
            HardeningTable::deserialize(value::MapAccessDeserializer::new(map))?;
        Ok(Hardening {
            profile,
            without,
            is_table: true,
        })
    }
}
