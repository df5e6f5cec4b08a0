//! systemd's vocabulary: every directive that a unit of a service may hold, as a table of reviewed data.
//!
//! It stands beside the flow and knows nothing of it: planning, importing and checking ask it what a name means, what a value
//! of it may be, how that value is read, and which systemd it needs. The table covers systemd 247 to 262; how it is made
//! stands at its top.

mod check;
mod kind;
mod since;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

pub(crate) use check::number::{size, whole};
pub(crate) use check::yes_or_no;
pub use kind::Kind;

use crate::manifest::keys;

/// The sections that have directives of their own in units of services, sockets, timers and paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `[Unit]`, systemd.unit(5).
    Unit,
    /// `[Service]`, systemd.service(5), with systemd.exec(5), systemd.kill(5) and systemd.resource-control(5).
    Service,
    /// `[Socket]`, systemd.socket(5), with the same three.
    Socket,
    /// `[Timer]`, systemd.timer(5).
    Timer,
    /// `[Path]`, systemd.path(5).
    Path,
    /// `[Install]`, systemd.unit(5): what `systemctl enable` reads.
    Install,
}

impl Section {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unit,
        Self::Service,
        Self::Socket,
        Self::Timer,
        Self::Path,
        Self::Install,
    ];

    /// The word between the brackets.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unit => "Unit",
            Self::Service => "Service",
            Self::Socket => "Socket",
            Self::Timer => "Timer",
            Self::Path => "Path",
            Self::Install => "Install",
        }
    }

    /// The section with this word between its brackets; systemd tells upper from lower case.
    ///
    /// ```
    /// use cargo_svc::directives::Section;
    /// assert_eq!(Section::parse("Service"), Some(Section::Service));
    /// assert_eq!(Section::parse("service"), None);
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.word() == word)
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.word())
    }
}

/// What a directive means when it stands there more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// The last assignment counts.
    Last,
    /// The first assignment counts; systemd warns of the others.
    First,
    /// Assignments add up, in order; an empty one drops those before it.
    List,
    /// Assignments add up, in order, in one list with the other directives of this family: an empty one drops those of all of
    /// them.
    Shared(&'static str),
    /// Assignments add up, and nothing drops them.
    ListNoReset,
    /// Assignments are merged into one set, in order: with a `~` they take away; an empty one begins anew.
    Set,
}

/// How the text of a value falls into parts (systemd.syntax(7), "Quoting").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Not at all: it is the rest of the line, and quotes and backslashes mean themselves.
    Line,
    /// At spaces; quotes mean themselves.
    Bare,
    /// At spaces outside of quotes; there are no C escapes.
    Quoted,
    /// At spaces outside of quotes, with C escapes.
    Escaped,
}

/// What is lost where a systemd does not know the directive and leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Something that the unit is meant to do.
    Meaning,
    /// A restriction: everything works without it, with less protection.
    Hardening,
    /// A share or a limit of the machine's resources.
    Resource,
    /// Words for people.
    Cosmetic,
}

/// A word, or the beginning of one, that a directive takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The word.
    pub word: &'static str,
    /// The first version that takes it; [`OLDEST`] also stands for any version before.
    pub since: u32,
}

/// The oldest version that the table tells apart: what is called so may be older.
pub const OLDEST: u32 = 247;

/// The newest version that the table covers.
pub const NEWEST: u32 = 262;

/// A directive of one section.
#[allow(clippy::struct_excessive_bools)] // Each is a fact of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The section that it stands in.
    pub section: Section,
    /// Its name, without `=`.
    pub name: &'static str,
    /// What a value of it is.
    pub kind: Kind,
    /// The words that it takes, beside what its kind says.
    pub values: &'static [Accepted],
    /// The range of the numbers that it takes, both ends included.
    pub range: Option<(i64, i64)>,
    /// The first version that knows it. Exact where the manual says so; otherwise [`OLDEST`] for what is as old or older.
    pub since: u32,
    /// The last version that knows it, if newer ones have dropped it.
    pub until: Option<u32>,
    /// What more than one assignment means.
    pub repeat: Repeat,
    /// Whether an empty value takes back what was assigned before.
    pub resets: bool,
    /// How a value is split.
    pub split: Split,
    /// Whether a value is split into words with both quoting and C escapes: [`Split::Escaped`].
    pub words: bool,
    /// Whether `%` specifiers are expanded (systemd.unit(5), "Specifiers"). Where they are not, `%` means itself.
    pub specifiers: bool,
    /// Whether `$` variables are expanded (systemd.service(5), "Command lines"). Where they are not, `$` means itself.
    pub variables: bool,
    /// What is lost without it.
    pub effect: Effect,
    /// The name that it is an old one of: the same values, the same meaning.
    pub alias_of: Option<&'static str>,
    /// The section of `alias_of`; the directive's own one if it is no alias.
    pub alias_section: Section,
    /// What systemd does without it, where the manual states a value.
    pub default: Option<&'static str>,
}

impl Directive {
    /// Whether this version of systemd knows it.
    pub fn known_to(&self, version: u32) -> bool {
        self.since.max(OLDEST) <= version.max(OLDEST)
            && self.until.is_none_or(|until| version <= until)
    }

    /// The directive that it is an old name of.
    pub fn alias(&self) -> Option<&'static Self> {
        find(self.alias_section, self.alias_of?)
    }

    /// Whether systemd takes this value: the text after `=` as it stands in a unit, of one assignment. Specifiers and `$` are
    /// allowed where they are expanded; what they become is taken to be right.
    ///
    /// ```
    /// use cargo_svc::directives::{Section, find};
    /// let restart = find(Section::Service, "Restart").unwrap();
    /// assert!(restart.check("on-failure").is_ok());
    /// assert!(restart.check("sometimes").unwrap_err().contains("on-failure"));
    /// ```
    ///
    /// # Errors
    /// Says what is wrong with it and what is accepted.
    pub fn check(&self, value: &str) -> Result<(), String> {
        check::check(self, value)
    }

    /// The words for which alone [`check`](Self::check) refuses the value, if they may be right for a systemd or a kernel that is
    /// newer than the table. A systemd that does not know them leaves them out and takes the rest.
    ///
    /// ```
    /// use cargo_svc::directives::{Section, find};
    /// let filter = find(Section::Service, "SystemCallFilter").unwrap();
    /// assert_eq!(filter.unheard("@system-service @quantum"), Some(vec!["@quantum".to_owned()]));
    /// assert_eq!(filter.unheard("@system-servise"), None);
    /// ```
    pub fn unheard(&self, value: &str) -> Option<Vec<String>> {
        check::unheard::unheard(self, value)
    }

    /// What it takes, in words to stand after "expected".
    pub fn accepts(&self) -> String {
        kind::accepts(self)
    }

    /// Whether some of its values need a newer systemd than the directive itself does.
    pub fn has_newer_values(&self) -> bool {
        self.specifiers || self.values.iter().any(|value| value.since > OLDEST)
    }

    /// The oldest version that knows the directive and everything in this value: its words and its specifiers.
    ///
    /// ```
    /// use cargo_svc::directives::{Section, find};
    /// let kind = find(Section::Service, "Type").unwrap();
    /// assert!(kind.since_of_value("notify") <= 247);
    /// assert_eq!(kind.since_of_value("notify-reload"), 253);
    /// ```
    pub fn since_of_value(&self, value: &str) -> u32 {
        since::since_of_value(self, value)
    }
}

/// The directive with this name in this section. systemd tells upper from lower case.
pub fn find(section: Section, name: &str) -> Option<&'static Directive> {
    let all = table::of(section);
    all.binary_search_by(|directive| directive.name.cmp(name))
        .ok()
        .map(|at| &all[at])
}

/// All directives, ordered by section and name.
pub fn all() -> &'static [Directive] {
    table::all()
}

/// The name of this section that is nearest to one that it does not have, if one is near enough to be what was meant.
pub fn nearest(section: Section, name: &str) -> Option<&'static str> {
    keys::nearest(name, names(section))
}

fn names(section: Section) -> impl Iterator<Item = &'static str> {
    table::of(section).iter().map(|directive| directive.name)
}

/// The sections that have a directive of this name, for "belongs in `[Unit]`".
pub fn sections_of(name: &str) -> Vec<Section> {
    let has = |section: &Section| find(*section, name).is_some();
    Section::ALL.into_iter().filter(has).collect()
}

/// Whether systemd leaves a directive or a section of this name to others, without a word (systemd.unit(5)).
pub fn is_extension(name: &str) -> bool {
    name.starts_with("X-")
}
