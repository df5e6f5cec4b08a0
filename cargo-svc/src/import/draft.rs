//! A service's tables as they are being found: what is certain, what is asked, and the lines that remain.

use super::group::Group;
use crate::directives::Section;
use crate::manifest::document::Toml;
use crate::unit_file::UnitKind;

/// The table that a key stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The service's own.
    Service,
    /// Its `systemd` table.
    Systemd,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: &'static str,
    /// For a part of a table: its key there.
    pub(super) part: Option<&'static str>,
    pub(super) value: Toml,
}

impl Key {
    pub(super) fn portable(name: &'static str, value: Toml) -> Self {
        Self {
            place: Place::Service,
            name,
            part: None,
            value,
        }
    }

    pub(super) fn systemd(name: &'static str, value: Toml) -> Self {
        Self {
            place: Place::Systemd,
            ..Self::portable(name, value)
        }
    }

    /// A key that is switched off for systemd.
    pub(super) fn off(name: &'static str) -> Self {
        Self::systemd(name, Toml::Bool(false))
    }
}

/// One answer to a question.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    pub(super) keys: Vec<Key>,
    /// Directives that it says although nothing is written for them, since they say nothing.
    pub(super) claims: Vec<(Section, &'static str)>,
    /// How much it takes to read.
    pub(super) weight: usize,
}

impl Way {
    /// These keys, each of which counts once.
    pub(super) fn of(keys: impl IntoIterator<Item = Key>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        Self {
            weight: keys.len(),
            keys,
            claims: Vec::new(),
        }
    }
}

/// How some directives of the service are said: the ways in the order in which they are preferred. The last one leaves the
/// directives to raw lines.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// What a report calls it: the key that answers it.
    pub(super) name: &'static str,
    pub(super) about: Vec<(Section, &'static str)>,
    pub(super) ways: Vec<Way>,
    pub(super) chosen: usize,
}

impl Question {
    pub(super) fn new(
        name: &'static str,
        about: impl IntoIterator<Item = (Section, &'static str)>,
        ways: impl IntoIterator<Item = Way>,
        off: impl IntoIterator<Item = Key>,
    ) -> Self {
        let mut ways: Vec<_> = ways.into_iter().collect();
        ways.push(Way::of(off));
        Self {
            name,
            about: about.into_iter().collect(),
            chosen: ways.len() - 1,
            ways,
        }
    }

    pub(super) fn way(&self) -> &Way {
        &self.ways[self.chosen]
    }

    pub(super) fn is_about(&self, section: Section, key: &str) -> bool {
        self.about.contains(&(section, key))
    }
}

/// One of `sockets`.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    /// Its unit's index in the group.
    pub(super) unit: usize,
    pub(super) name: String,
    /// The unit's name, where the service's and its own do not give it.
    pub(super) unit_name: Option<String>,
    /// Its addresses, if all can be said and are.
    pub(super) listen: Vec<String>,
    pub(super) mode: Option<String>,
    /// Whether they are said.
    pub(super) says: bool,
}

/// A directive in a raw table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    /// Its unit's index in the group.
    pub(super) unit: usize,
    pub(super) section: Section,
    pub(super) key: String,
    /// Its assignments, each with its line in the unit; none leaves out what would be written.
    pub(super) values: Vec<(usize, String)>,
    /// Whether they stand among those of other directives.
    pub(super) is_mixed: bool,
    /// The lines of the unit that it stands for.
    pub(super) entries: Vec<usize>,
}

/// The tables of one service.
#[derive(Clone)]
pub(super) struct Draft<'a> {
    pub(super) group: &'a Group,
    /// Its program.
    pub(super) bin: Option<String>,
    /// Keys that no directive decides.
    pub(super) fixed: Vec<Key>,
    pub(super) questions: Vec<Question>,
    pub(super) sockets: Vec<Socket>,
    pub(super) raw: Vec<Raw>,
}

impl Draft<'_> {
    /// All keys in the order in which they are written; parts of a table stand together.
    pub(super) fn keys(&self, place: Place) -> Vec<(Option<usize>, &Key)> {
        let answers = self.questions.iter().enumerate();
        let answers = answers.flat_map(|(index, question)| {
            question
                .way()
                .keys
                .iter()
                .map(move |key| (Some(index), key))
        });
        let mut keys: Vec<_> = self
            .fixed
            .iter()
            .map(|key| (None, key))
            .chain(answers)
            .filter(|(_, key)| key.place == place)
            .collect();
        let rank = |name: &str| ORDER.iter().position(|known| *known == name);
        keys.sort_by_key(|(_, key)| rank(key.name).unwrap_or(ORDER.len()));
        keys
    }

    /// The raw lines of a section of a unit.
    pub(super) fn lines(&self, unit: usize, section: Section) -> impl Iterator<Item = &Raw> {
        let of = move |raw: &&Raw| raw.unit == unit && raw.section == section;
        self.raw.iter().filter(of)
    }

    /// The index of the timer, or of the path.
    pub(super) fn single(&self, kind: UnitKind) -> Option<usize> {
        self.group.of(kind).map(|(index, _)| index).next()
    }

    /// How much a reader has to read: a raw line is worse than a key.
    pub(super) fn cost(&self) -> usize {
        let keys: usize = self
            .questions
            .iter()
            .map(|question| question.way().weight)
            .sum();
        let sockets = self.sockets.iter().filter(|socket| socket.says);
        let lines: usize = self
            .raw
            .iter()
            .map(|raw| match raw.values.len() {
                0 => 2,
                _ => 3 * raw.entries.len(),
            })
            .sum();
        keys + sockets.count() + lines
    }
}

/// Keys in the order of the README.
const ORDER: [&str; 35] = [
    "name",
    "bin",
    "description",
    "documentation",
    "args",
    "environment",
    "working-dir",
    "start",
    "after",
    "requires",
    "account",
    "restart",
    "start-timeout",
    "stop-timeout",
    "watchdog",
    "events",
    "directories",
    "files",
    "credentials",
    "hardening",
    "windows",
    "type",
    "scope",
    "min-version",
    "wants",
    "wanted-by",
    "capabilities",
    "writable",
    "template",
    "bin-dir",
    "unit",
    "service",
    "install",
    "timer",
    "path",
];
