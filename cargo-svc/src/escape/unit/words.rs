//! Splitting a value into words: systemd.syntax(7), "Quoting", and `extract_first_word()` of systemd 252 and 257, whose
//! flags differ from one directive to the next.

mod escapes;
mod specifiers;
mod spell;
#[cfg(test)]
mod tests;

use std::fmt;

pub use specifiers::{has_specifier, has_variable, literal_argument, literal_text};
pub(crate) use spell::spelled;

use crate::escape::unit::is_blank;

/// What a backslash means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backslash {
    /// Itself.
    Plain,
    /// The next character stands for itself, whichever it is.
    Protects,
    /// It begins an escape as in C; one that does not exist is an error.
    Escapes,
    /// The same, but an escape that does not exist stands for itself.
    EscapesRelaxed,
    /// The same as [`Backslash::Escapes`]; besides, a separator and a backslash can be escaped.
    EscapesSeparators,
}

/// How a directive splits its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// What separates words.
    pub separators: &'static str,
    /// Whether each separator ends a word, so that words can be empty.
    pub each: bool,
    /// Whether quotes group a word and are taken away.
    pub quotes: bool,
    /// What a backslash means.
    pub backslash: Backslash,
}

/// What systemd calls white space.
const BLANKS: &str = " \t\n\r";

impl Split {
    const fn at_blanks(quotes: bool, backslash: Backslash) -> Self {
        Self {
            separators: BLANKS,
            each: false,
            quotes,
            backslash,
        }
    }

    /// Quotes are characters like others, a backslash protects the next one (`SystemCallFilter=`).
    pub const UNQUOTED: Self = Self::at_blanks(false, Backslash::Protects);
    /// Quotes and backslashes are characters like others: names of units (`After=`).
    pub const UNITS: Self = Self::at_blanks(false, Backslash::Plain);
    /// Quotes group, a backslash protects the next character (`ReadWritePaths=`).
    pub const QUOTED: Self = Self::at_blanks(true, Backslash::Protects);
    /// Quotes group, a backslash is a character like others (`WantedBy=`).
    pub const STRINGS: Self = Self::at_blanks(true, Backslash::Plain);
    /// Quotes group, and there are the escapes of C (`Environment=`).
    pub const ESCAPED: Self = Self::at_blanks(true, Backslash::Escapes);
    /// Numbers and ranges of processors or memory nodes, which commas separate, too (`CPUAffinity=`).
    pub const PROCESSORS: Self = Self {
        separators: " \t\n\r,",
        ..Self::QUOTED
    };
    /// The parts of a word between colons, each of which may be empty (`LoadCredential=`).
    pub const COLONS: Self = Self {
        separators: ":",
        each: true,
        quotes: false,
        backslash: Backslash::Protects,
    };
    /// The parts of a word between colons, with escapes (`StateDirectory=`).
    pub const ESCAPED_COLONS: Self = Self {
        separators: ":",
        each: true,
        quotes: false,
        backslash: Backslash::EscapesSeparators,
    };

    /// The same with escapes that do not exist left as they are.
    #[must_use]
    pub const fn relaxed(self) -> Self {
        Self {
            backslash: Backslash::EscapesRelaxed,
            ..self
        }
    }
}

/// Why a word cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordError {
    /// A quote is not closed.
    Quote,
    /// A backslash with nothing that it could begin: no escape of C, or nothing at all.
    Escape,
    /// Its escapes give bytes that are not UTF-8. systemd carries them, this reader does not.
    NotText,
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quote => "a quote is not closed",
            Self::Escape => "a backslash begins no escape that systemd knows",
            Self::NotText => "its escapes give bytes that are not UTF-8",
        })
    }
}

/// The words of a value. Nothing comes after an error, as systemd reads nothing after one.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    rest: Option<&'a str>,
    split: Split,
}

/// Splits a value.
///
/// ```
/// use cargo_svc::unit_file::words::{Split, words};
/// let split = |how| words(r#""a b" c\x20d"#, how).map(Result::unwrap).collect::<Vec<_>>();
/// assert_eq!(split(Split::ESCAPED), ["a b", "c d"]);
/// assert_eq!(split(Split::STRINGS), ["a b", r"c\x20d"]);
/// assert_eq!(split(Split::UNITS), [r#""a"#, r#"b""#, r"c\x20d"]);
/// ```
pub const fn words(value: &str, split: Split) -> Words<'_> {
    Words {
        rest: Some(value),
        split,
    }
}

impl<'a> Words<'a> {
    /// What is not split yet; none at the end.
    pub const fn rest(&self) -> Option<&'a str> {
        self.rest
    }

    /// Splits what follows in another way.
    pub(crate) const fn change(&mut self, split: Split) {
        self.split = split;
    }
}

impl Iterator for Words<'_> {
    type Item = Result<String, WordError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        match first_word(rest, self.split) {
            Ok(Some((word, after))) => {
                self.rest = after;
                Some(String::from_utf8(word).map_err(|_| WordError::NotText))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// A word's bytes, and what follows it: nothing once the value is at its end.
type First<'a> = Option<(Vec<u8>, Option<&'a str>)>;

fn first_word(value: &str, split: Split) -> Result<First<'_>, WordError> {
    let separates = |c: char| split.separators.contains(c);
    let start = if split.each {
        value
    } else {
        value.trim_start_matches(separates)
    };
    if start.is_empty() {
        // Where each separator ends a word, what is behind the last one is a word, too.
        return Ok(split.each.then(|| (Vec::new(), None)));
    }
    let (mut word, mut quote) = (Vec::new(), None);
    let mut rest = start;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if quote == Some(c) {
            quote = None;
        } else if c == '\\' && split.backslash != Backslash::Plain {
            rest = escapes::escape(after, split, quote.is_some(), &mut word)?;
            continue;
        } else if quote.is_none() && split.quotes && matches!(c, '"' | '\'') {
            quote = Some(c);
        } else if quote.is_none() && separates(c) {
            if split.each {
                return Ok(Some((word, Some(after))));
            }
            let after = after.trim_start_matches(separates);
            return Ok(Some((word, Some(after).filter(|rest| !rest.is_empty()))));
        } else {
            word.extend(c.encode_utf8(&mut [0; 4]).bytes());
        }
        rest = after;
    }
    match quote {
        Some(_) => Err(WordError::Quote),
        None => Ok(Some((word, None))),
    }
}

/// Whether a text is empty or begins with a blank: what stands before it stands alone.
pub(crate) fn ends_word(rest: &str) -> bool {
    rest.chars().next().is_none_or(is_blank)
}
