//! Whether two units mean the same to systemd, and if not, in what.

mod defaults;
mod mixed;
#[cfg(test)]
mod tests;

use std::fmt;

use super::effective::{Effective, rule};
use super::grammar::Keep;
use super::value::Value;
use crate::directives::Section;

/// One directive in which two units differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its section.
    pub section: Section,
    /// Its key, or the word for the directives whose values stand in one list, for example `listen`.
    pub key: String,
    /// Its values in the first unit, each with its key if it is one of several; none for the default.
    pub first: Vec<String>,
    /// Its values in the second unit.
    pub second: Vec<String>,
    /// Whether only the order differs, and systemd keeps it.
    pub order_only: bool,
}

/// What differs between two units. A directive that has systemd's default in one of them may be missing in the other.
///
/// ```
/// use cargo_svc::diagnostics::Report;
/// use cargo_svc::unit_file::{UnitName, compare, effective, read};
///
/// let mut report = Report::default();
/// let mut unit = |text: &str| {
///     let name = UnitName::parse("beacon.service").unwrap();
///     let unit = read("beacon.service".as_ref(), name, text.as_bytes(), &mut report).unwrap();
///     effective(&unit, &mut report)
/// };
/// let first = unit("[Service]\nRestart=no\nRestartSec=90\nUser=a\n");
/// let second = unit("[Service]\nRestartSec=1min 30s\nUser=b\n");
/// let found = compare(&first, &second);
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].to_string(), "[Service] User: `a` became `b`");
/// ```
pub fn compare(first: &Effective, second: &Effective) -> Vec<Difference> {
    let mut slots = Vec::new();
    for unit in [first, second] {
        for (section, key) in unit.keys() {
            let slot = Slot::of(section, key);
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
    }
    slots
        .iter()
        .filter_map(|slot| slot.compare(first, second))
        .collect()
}

/// A directive, or the directives that share a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slot {
    section: Section,
    key: String,
    shared: bool,
    ordered: bool,
}

impl Slot {
    fn of(section: Section, key: &str) -> Self {
        let rule = rule(section, key);
        let list = rule.and_then(|rule| rule.list);
        Self {
            section,
            key: list.unwrap_or(key).to_owned(),
            shared: list.is_some(),
            ordered: !matches!(rule.map(|rule| rule.keep), Some(Keep::Set { .. })),
        }
    }

    /// The values of a unit in this slot, with their keys.
    fn values<'a>(&self, unit: &'a Effective) -> Vec<(&'a str, &'a Value)> {
        let here = |key: &str| {
            !self.shared && key == self.key || self.shared && *self == Self::of(self.section, key)
        };
        unit.assigned()
            .iter()
            .filter(|one| one.section == self.section && here(&one.key))
            .map(|one| (one.key.as_str(), &one.value))
            .collect()
    }

    fn compare(&self, first: &Effective, second: &Effective) -> Option<Difference> {
        let (one, other) = (self.values(first), self.values(second));
        if one == other
            || self.is_default(first, &one, &other)
            || self.is_default(second, &other, &one)
        {
            return None;
        }
        let same = one.len() == other.len() && {
            let mut left = other.clone();
            one.iter().all(|value| {
                let found = left.iter().position(|one| one == value);
                found.map(|index| left.swap_remove(index)).is_some()
            })
        };
        if same && !self.ordered || self.is_same_by_key(&one, &other) {
            return None;
        }
        let shown = |values: &[(&str, &Value)]| {
            values
                .iter()
                .map(|(key, value)| {
                    if self.shared {
                        format!("{key}={value}")
                    } else {
                        value.to_string()
                    }
                })
                .collect()
        };
        Some(Difference {
            section: self.section,
            key: self.key.clone(),
            first: shown(&one),
            second: shown(&other),
            order_only: same,
        })
    }

    /// Whether each directive of a list has the same values, and how those of different ones stand to each other says nothing.
    fn is_same_by_key(&self, one: &[(&str, &Value)], other: &[(&str, &Value)]) -> bool {
        let of = |values: &[(&str, &Value)], key: &str| -> Vec<Value> {
            let of_it = values.iter().filter(|(own, _)| *own == key);
            of_it.map(|(_, value)| (*value).clone()).collect()
        };
        self.shared
            && one.len() == other.len()
            && one.iter().all(|(key, _)| of(one, key) == of(other, key))
            && !mixed::matters(&self.key, one)
    }

    /// Whether nothing is set in a unit, and the other one sets what it then has.
    fn is_default(
        &self,
        unit: &Effective,
        own: &[(&str, &Value)],
        other: &[(&str, &Value)],
    ) -> bool {
        own.is_empty()
            && !self.shared
            && defaults::default_of(unit, self.section, &self.key).is_some_and(|default| {
                default.len() == other.len()
                    && default
                        .iter()
                        .zip(other)
                        .all(|(default, (_, value))| default == *value)
            })
    }
}

/// `[Service] Restart: "no" became "always"`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}: ", self.section.word(), self.key)?;
        let list = |values: &[String]| {
            let quoted: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
            quoted.join(", ")
        };
        match (self.first.as_slice(), self.second.as_slice()) {
            _ if self.order_only => write!(
                f,
                "another order: {} became {}",
                list(&self.first),
                list(&self.second)
            ),
            ([], second) => write!(f, "{} is new", list(second)),
            (first, []) => write!(f, "{} is missing", list(first)),
            (first, second) => write!(f, "{} became {}", list(first), list(second)),
        }
    }
}
