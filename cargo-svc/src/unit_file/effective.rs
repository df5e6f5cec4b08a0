//! What systemd makes of a unit: the assignments that count, with their values.

mod resolve;
#[cfg(test)]
pub(super) mod tests;

use super::grammar::{Keep, Read, Rule};
use super::reading::{Complaint, Outcome, Reading, reading};
use super::text::Entry;
use super::value::Value;
use super::{UnitName, UnitText};
use crate::diagnostics::{Diagnostic, Level, Report};
use crate::directives::{self, NEWEST, Section};

pub(super) use resolve::rule;
pub(crate) use resolve::{Resolved, resolve, slot};

/// What a unit means to systemd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    name: UnitName,
    assigned: Vec<Assigned>,
}

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The section that the key belongs to; not always the one that it was written in.
    pub section: Section,
    /// The key that systemd uses today.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The line that set it.
    pub line: usize,
}

impl Effective {
    /// The unit's name, from which some defaults follow.
    pub fn name(&self) -> &UnitName {
        &self.name
    }

    /// All values in their order.
    pub fn assigned(&self) -> &[Assigned] {
        &self.assigned
    }

    /// The values of a directive in their order; none if it has its default.
    pub fn values(&self, section: Section, key: &str) -> Vec<&Value> {
        let of = |assigned: &&Assigned| assigned.section == section && assigned.key == key;
        self.assigned
            .iter()
            .filter(of)
            .map(|one| &one.value)
            .collect()
    }

    /// The one value of a directive that has no list.
    pub fn value(&self, section: Section, key: &str) -> Option<&Value> {
        self.values(section, key).pop()
    }

    /// The same as a table of directives holds it: the values of each one together, in the order of these.
    pub(crate) fn by_key(&self, keys: &[(Section, &str)]) -> Self {
        let place = |one: &Assigned| {
            let key = (one.section, one.key.as_str());
            keys.iter().position(|known| *known == key)
        };
        let mut assigned = self.assigned.clone();
        assigned.sort_by_key(place);
        Self {
            name: self.name.clone(),
            assigned,
        }
    }

    /// Each directive that has a value, once, in the order in which they got one.
    pub fn keys(&self) -> Vec<(Section, &str)> {
        let mut keys = Vec::new();
        for one in &self.assigned {
            let key = (one.section, one.key.as_str());
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// What systemd makes of a unit. What it ignores is a warning, and an error is what keeps it from starting the unit: then
/// what is returned is only what was read besides.
///
/// Keys that this reader does not know are kept as they stand.
///
/// ```
/// use cargo_svc::diagnostics::Report;
/// use cargo_svc::directives::Section;
/// use cargo_svc::unit_file::{UnitName, Value, effective, read};
///
/// let text = b"[Service]\nPrivateTmp=true\nUser=beacon\nUser=\nStartLimitInterval=10\n";
/// let name = UnitName::parse("beacon.service").unwrap();
/// let mut report = Report::default();
/// let unit = read("beacon.service".as_ref(), name, text, &mut report).unwrap();
/// let unit = effective(&unit, &mut report);
/// assert_eq!(unit.value(Section::Service, "PrivateTmp"), Some(&Value::Bool(true)));
/// assert_eq!(unit.value(Section::Service, "User"), None);
/// assert!(unit.value(Section::Unit, "StartLimitIntervalSec").is_some());
/// ```
pub fn effective(unit: &UnitText, report: &mut Report) -> Effective {
    let mut builder = Builder {
        effective: Effective {
            name: unit.name.clone(),
            assigned: Vec::new(),
        },
        report,
    };
    for (section, entry) in unit.assignments() {
        match resolve(section, &entry.key, &entry.value) {
            Resolved::Extension => builder.verbatim(section, entry),
            Resolved::Unknown(help) => {
                builder.warn_unknown(section, entry, help);
                builder.verbatim(section, entry);
            }
            Resolved::Known { targets, value } => {
                let found = builder.read(entry, &targets[0], &value);
                for target in targets {
                    builder.assign(entry, &target, &found, value.is_empty());
                }
            }
        }
    }
    builder.effective
}

/// Where an assignment goes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Its section.
    pub(crate) section: Section,
    /// Its key.
    pub(crate) key: String,
    pub(super) rule: Rule,
}

struct Builder<'a> {
    effective: Effective,
    report: &'a mut Report,
}

const IGNORED: (Level, &str) = (Level::Warning, "systemd ignores the line");
const REFUSED: (Level, &str) = (Level::Error, "systemd does not start a unit with this line");

impl Builder<'_> {
    /// A line that systemd gives no meaning to is kept as it stands.
    fn verbatim(&mut self, section: Section, entry: &Entry) {
        self.effective.assigned.push(Assigned {
            section,
            key: entry.key.clone(),
            value: Value::Text(entry.value.clone()),
            line: entry.line,
        });
    }

    /// Reads a value, and says what is wrong with it.
    fn read(&mut self, entry: &Entry, target: &Target, value: &str) -> Reading {
        let rule = target.rule;
        if value.is_empty() && !rule.read.has_empty() {
            self.check_empty(entry, rule.keep);
            return Reading::default();
        }
        let found = reading(rule.read, value);
        if found.complaints.is_empty() && rule.read.is_unchecked() {
            let directive = directives::find(target.section, &target.key);
            if let Some(Err(reason)) = directive.map(|directive| directive.check(value)) {
                let (level, label) = if rule.fatal { REFUSED } else { IGNORED };
                self.say(entry, level, reason, label);
                return Reading::default();
            }
        }
        for complaint in &found.complaints {
            self.complain(entry, complaint, rule.fatal);
        }
        found
    }

    fn assign(&mut self, entry: &Entry, target: &Target, found: &Reading, empty: bool) {
        let reset = match target.rule.keep {
            _ if found.resets => true,
            _ if empty && target.rule.read.has_empty() => false,
            Keep::Last { empty_resets } if empty => empty_resets,
            Keep::Set { empty_resets } => empty && empty_resets,
            Keep::Last { .. } => !found.values.is_empty(),
            Keep::First => false,
            Keep::List | Keep::Named => empty,
        };
        if reset {
            self.effective
                .assigned
                .retain(|old| !target.shares_with(old));
        }
        for value in &found.values {
            let new = Assigned {
                section: target.section,
                key: target.key.clone(),
                value: value.clone(),
                line: entry.line,
            };
            self.add(entry, target, new);
        }
    }

    fn add(&mut self, entry: &Entry, target: &Target, new: Assigned) {
        let all = &mut self.effective.assigned;
        match target.rule.keep {
            Keep::First if all.iter().any(|old| target.shares_with(old)) => {
                self.say(
                    entry,
                    Level::Warning,
                    format!("`{}` is set a second time", new.key),
                    "systemd ignores it, the first one counts",
                );
            }
            Keep::Set { .. } => {
                let same = |old: &Assigned| {
                    (old.section, &old.key, &old.value) == (new.section, &new.key, &new.value)
                };
                if !all.iter().any(same) {
                    all.push(new);
                }
            }
            Keep::Named => {
                let named = |old: &&mut Assigned| {
                    target.shares_with(old) && name(&old.value) == name(&new.value)
                };
                match all.iter_mut().find(named) {
                    Some(old) => *old = new,
                    None => all.push(new),
                }
            }
            Keep::First | Keep::Last { .. } => all.push(new),
            Keep::List => {
                // Added to nothing, it is the same as without the empty list before it.
                if matches!(&new.value, Value::Operation { remove: false, .. }) {
                    all.retain(|old| !(target.shares_with(old) && is_empty_list(&old.value)));
                }
                all.push(new);
            }
        }
    }

    fn check_empty(&mut self, entry: &Entry, keep: Keep) {
        let label = match keep {
            Keep::Last { empty_resets: true }
            | Keep::Set { empty_resets: true }
            | Keep::List
            | Keep::Named => return,
            Keep::Last { .. } | Keep::First => {
                "systemd ignores it: an empty value is a wrong one here"
            }
            Keep::Set { .. } => "systemd ignores it: dependencies cannot be taken back",
        };
        let message = format!("`{}` has no value", entry.key);
        self.say(entry, Level::Warning, message, label);
    }

    fn complain(&mut self, entry: &Entry, complaint: &Complaint, fatal: bool) {
        let (level, label) = match complaint.outcome {
            Outcome::Ignored | Outcome::WordIgnored if fatal => REFUSED,
            Outcome::Ignored => (Level::Warning, "systemd ignores the line from there on"),
            Outcome::WordIgnored => (Level::Warning, "systemd ignores this word"),
            Outcome::TakenAsItStands => (Level::Warning, "systemd takes it as it stands"),
            Outcome::Refused => REFUSED,
        };
        let message = format!("wrong value for `{}`: {}", entry.key, complaint.reason);
        self.say(entry, level, message, label);
    }

    fn warn_unknown(&mut self, section: Section, entry: &Entry, help: Option<String>) {
        let message = format!("unknown key `{}` in [{}]", entry.key, section.word());
        let found = Diagnostic::warning(message)
            .at(Some(&entry.key_place))
            .label(format!("systemd {NEWEST} does not know it, and ignores it"));
        self.report.add(match help {
            Some(help) => found.help(help),
            None => found,
        });
    }

    fn say(&mut self, entry: &Entry, level: Level, message: String, label: &str) {
        let found = match level {
            Level::Error => Diagnostic::error(message),
            Level::Warning => Diagnostic::warning(message),
            Level::Note => Diagnostic::note(message),
        };
        self.report.add(found.at(Some(&entry.place)).label(label));
    }
}

impl Target {
    /// Whether a value stands in the list that this target's assignments go to.
    fn shares_with(&self, other: &Assigned) -> bool {
        self.section == other.section
            && match self.rule.list {
                None => self.key == other.key,
                Some(list) => {
                    rule(other.section, &other.key).and_then(|rule| rule.list) == Some(list)
                }
            }
    }
}

/// Whether a value is the list without words that a value added to it replaces.
fn is_empty_list(value: &Value) -> bool {
    matches!(value, Value::Operation { remove: false, word } if word.is_empty())
}

/// The name by which a later assignment finds an earlier one.
fn name(value: &Value) -> &str {
    match value {
        Value::Variable { name, .. } => name,
        Value::Fields(fields) => fields.first().map_or("", String::as_str),
        _ => "",
    }
}

impl Read {
    /// Whether it is taken as it stands, so that what the directive takes is still to be asked.
    const fn is_unchecked(self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::Signal | Self::Text)
    }

    /// Whether an empty value is one like others.
    const fn has_empty(self) -> bool {
        matches!(
            self,
            Self::Delegate
                | Self::Capabilities {
                    empty_is_none: true
                }
        )
    }
}
