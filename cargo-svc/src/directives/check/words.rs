//! How systemd takes words off a value: the reader of unit files, with what a check wants of it.

use crate::escape::unit::words::{self, Backslash, Split, WordError};

/// What ends a word where nothing else is said.
pub(super) const BLANK: &str = Split::UNQUOTED.separators;

/// How words are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules(Split);

impl Rules {
    pub(super) const BARE: Self = Self(Split::UNQUOTED);
    /// Bare words in which a backslash means itself.
    pub(super) const VERBATIM: Self = Self(Split::UNITS);
    pub(super) const QUOTED: Self = Self(Split::QUOTED);
    /// Quoted words that are taken apart once more, so that backslashes stay.
    pub(super) const OUTER: Self = Self(Split::STRINGS);
    pub(super) const ESCAPED: Self = Self(Split::ESCAPED);
    /// Words of a command line: systemd warns of an unknown escape, and keeps it.
    pub(super) const COMMAND: Self = Self(Split::ESCAPED.relaxed());
    /// Parts between colons, each of which may be empty.
    pub(super) const PARTS: Self = Self(Split::COLONS);
    /// Such parts with C escapes.
    pub(super) const ESCAPED_PARTS: Self = Self(Split::ESCAPED_COLONS);
    /// Parts between colons with C escapes, none of them empty.
    pub(super) const ESCAPED_BARE: Self = Self(Split {
        each: false,
        ..Split::ESCAPED_COLONS
    });
}

/// Takes words off a text, one after the other.
pub(super) struct Words<'a>(words::Words<'a>);

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, rules: Rules) -> Self {
        Self(words::words(text, rules.0))
    }

    /// Words with one of these characters between them.
    pub(super) fn between(text: &'a str, separators: &'static str, rules: Rules) -> Self {
        let split = Split {
            separators,
            ..rules.0
        };
        Self(words::words(text, split))
    }

    /// What was not taken yet; none after the last word.
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.0.rest()
    }
}

impl Iterator for Words<'_> {
    type Item = Result<String, String>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.0.next()? {
            // It is no name and no path; but an argument may be such a word.
            Err(WordError::NotText) => Ok(char::REPLACEMENT_CHARACTER.to_string()),
            word => word.map_err(|error| error.to_string()),
        })
    }
}

/// Whether each backslash of a text begins a C escape.
pub(super) fn unescape(text: &str) -> Result<(), String> {
    let whole = Rules(Split {
        separators: "",
        each: false,
        quotes: false,
        backslash: Backslash::Escapes,
    });
    Words::new(text, whole).try_for_each(|word| word.map(|_| ()))
}
