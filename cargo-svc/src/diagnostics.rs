//! What went wrong, where, and what to do about it.
//!
//! Every stage reports into a [`Report`] and goes on, so that one run shows all errors of a manifest. A [`Place`] travels
//! with each declared value through all stages: a plan that cannot carry a value points at the key that declared it.

mod consequence;
pub mod human;
pub mod json;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A text file that diagnostics quote from.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The file's path as it is shown to the user.
    pub path: PathBuf,
    /// Its whole text; spans are byte offsets into it.
    pub text: String,
}

/// A key in a source file and the bytes that hold its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<SourceFile>,
    /// The key as the user would write it, for example `package.metadata.service.restart`.
    pub key: String,
    /// The bytes to underline.
    pub span: Range<usize>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody wrote it: it is the documented default.
    Default,
    /// It stands in a file.
    Declared(Place),
}

/// A value together with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Declared<T> {
    /// A value that nobody wrote.
    pub const fn default_of(value: T) -> Self {
        Self {
            value,
            origin: Origin::Default,
        }
    }

    /// A value that stands in a file.
    pub const fn at(value: T, place: Place) -> Self {
        Self {
            value,
            origin: Origin::Declared(place),
        }
    }

    /// The place of a declared value; none for a default.
    pub fn place(&self) -> Option<&Place> {
        match &self.origin {
            Origin::Default => None,
            Origin::Declared(place) => Some(place),
        }
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The command cannot do what was asked (exit code 2), or a check found it (exit code 1).
    Error,
    /// The command goes on; the user should know.
    Warning,
    /// What was done instead, or what was left out.
    Note,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub level: Level,
    /// One line, lower case, without a full stop: what is wrong.
    pub message: String,
    /// The key that caused it.
    pub place: Option<Place>,
    /// What stands under the caret: what was expected here.
    pub label: String,
    /// What to do; each entry is one `help:` line.
    pub help: Vec<String>,
    /// The key that was probably meant, if the place's own is none: that one is not absent, it is misspelt.
    meant: Option<String>,
    /// Other keys of the service that it was found in the light of.
    rests_on: &'static [&'static str],
}

impl Diagnostic {
    /// An error without a place; add one with [`Diagnostic::at`].
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Level::Error, message)
    }

    /// A warning without a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Level::Warning, message)
    }

    /// A note without a place.
    pub fn note(message: impl Into<String>) -> Self {
        Self::new(Level::Note, message)
    }

    fn new(level: Level, message: impl Into<String>) -> Self {
        Self {
            level,
            message: message.into(),
            place: None,
            label: String::new(),
            help: Vec::new(),
            meant: None,
            rests_on: &[],
        }
    }

    /// Points at a place, if there is one.
    #[must_use]
    pub fn at(mut self, place: Option<&Place>) -> Self {
        self.place = place.cloned();
        self
    }

    /// Says what was expected at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says which key was probably meant by one that there is not.
    #[must_use]
    pub fn meant(mut self, key: impl Into<String>) -> Self {
        self.meant = Some(key.into());
        self
    }

    /// Names other keys of the service without which this would not have been found, or might not: where one of them was
    /// refused, nobody knows, and nothing is said.
    #[must_use]
    pub const fn rests_on(mut self, keys: &'static [&'static str]) -> Self {
        self.rests_on = keys;
        self
    }

    /// Adds a `help:` line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The same for equal ones. Words and place tell most others apart.
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.message.hash(&mut hasher);
        if let Some(place) = &self.place {
            place.source.path.hash(&mut hasher);
            place.span.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// All findings of a run, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// Where those stand among them that may be equal.
    alike: HashMap<u64, Vec<usize>>,
    errors: usize,
}

impl Report {
    /// Adds a finding. What both targets or several packages find in the same place is said once, and what may only follow
    /// from an error that was found before is not said.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        let doubtful = self.has_errors()
            && diagnostic.rests_on.iter().any(|key| {
                let mut known = self.diagnostics.iter();
                known.any(|error| consequence::leaves_open(error, diagnostic.place.as_ref(), key))
            });
        if doubtful {
            return;
        }
        let alike = self.alike.entry(diagnostic.hash()).or_default();
        if alike.iter().any(|&at| self.diagnostics[at] == diagnostic) {
            return;
        }
        alike.push(self.diagnostics.len());
        self.errors += usize::from(diagnostic.level == Level::Error);
        self.diagnostics.push(diagnostic);
    }

    /// Adds those errors of a later stage that hold although the stages before have found errors: a refused value counts as
    /// absent there, and what the later stage says of a key in its stead is nonsense.
    pub fn add_independent(&mut self, later: Self) {
        let before = self.diagnostics.len();
        for found in later.diagnostics {
            let follows = |error: &Diagnostic| consequence::follows(&found, error);
            if found.level == Level::Error && !self.diagnostics[..before].iter().any(follows) {
                self.add(found);
            }
        }
    }

    /// Adds the findings of another report, in their order.
    pub fn append(&mut self, other: Self) {
        for diagnostic in other.diagnostics {
            self.add(diagnostic);
        }
    }

    /// Whether there is an error in a file.
    pub fn has_errors_in(&self, source: &Arc<SourceFile>) -> bool {
        self.errors_in(source).next().is_some()
    }

    /// The errors in a file.
    pub fn errors_in(&self, source: &Arc<SourceFile>) -> impl Iterator<Item = &Diagnostic> {
        let found = if self.has_errors() {
            self.diagnostics.as_slice()
        } else {
            &[]
        };
        found.iter().filter(|found| {
            found.level == Level::Error
                && found
                    .place
                    .as_ref()
                    .is_some_and(|place| Arc::ptr_eq(&place.source, source))
        })
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors are among them.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// The findings.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

#[cfg(test)]
mod tests;
