//! How systemd takes words off a value (systemd.syntax(7), "Quoting").

/// What ends a word where nothing else is said.
pub(super) const BLANK: &str = " \t\n\r";

/// What a backslash means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// Itself.
    Verbatim,
    /// The next character means itself.
    Next,
    /// A C escape begins.
    Escape,
    /// A C escape begins; one that is unknown means itself.
    Lenient,
}

/// How words are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) backslash: Backslash,
    /// Quotes hold a word together.
    pub(super) quotes: bool,
    /// A separator after another one ends an empty word.
    pub(super) every: bool,
}

impl Rules {
    pub(super) const BARE: Self = Self {
        backslash: Backslash::Next,
        quotes: false,
        every: false,
    };
    /// Bare words in which a backslash means itself.
    pub(super) const VERBATIM: Self = Self {
        backslash: Backslash::Verbatim,
        ..Self::BARE
    };
    pub(super) const QUOTED: Self = Self {
        quotes: true,
        ..Self::BARE
    };
    /// Quoted words that are taken apart once more, so that backslashes stay.
    pub(super) const OUTER: Self = Self {
        backslash: Backslash::Verbatim,
        ..Self::QUOTED
    };
    pub(super) const ESCAPED: Self = Self {
        backslash: Backslash::Escape,
        ..Self::QUOTED
    };
    /// Words of a command line: systemd warns of an unknown escape, and keeps it.
    pub(super) const COMMAND: Self = Self {
        backslash: Backslash::Lenient,
        ..Self::QUOTED
    };
    /// Parts between colons, each of which may be empty.
    pub(super) const PARTS: Self = Self {
        every: true,
        ..Self::BARE
    };
    /// Such parts with C escapes.
    pub(super) const ESCAPED_PARTS: Self = Self {
        backslash: Backslash::Escape,
        ..Self::PARTS
    };
    /// Parts between colons with C escapes, none of them empty.
    pub(super) const ESCAPED_BARE: Self = Self {
        backslash: Backslash::Escape,
        ..Self::BARE
    };
}

/// Takes words off a text, one after the other.
pub(super) struct Words<'a> {
    rest: Option<&'a str>,
    separators: &'static str,
    rules: Rules,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, rules: Rules) -> Self {
        Self::between(text, BLANK, rules)
    }

    /// Words with one of these characters between them.
    pub(super) fn between(text: &'a str, separators: &'static str, rules: Rules) -> Self {
        Self {
            rest: Some(text),
            separators,
            rules,
        }
    }

    /// What was not taken yet; none after the last word.
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.rest
    }
}

impl Iterator for Words<'_> {
    type Item = Result<String, String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut text = self.rest?;
        if !self.rules.every {
            text = text.trim_start_matches(|c| self.separators.contains(c));
            if text.is_empty() {
                self.rest = None;
                return None;
            }
        }
        let taken = word(text, self.separators, self.rules);
        self.rest = taken.as_ref().ok().and_then(|(_, rest)| *rest);
        Some(taken.map(|(word, _)| word))
    }
}

/// One word, and what follows the separator that ended it, if one did.
fn word<'a>(
    text: &'a str,
    separators: &str,
    rules: Rules,
) -> Result<(String, Option<&'a str>), String> {
    let mut word = String::new();
    let mut quote = None;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        at += c.len_utf8();
        match (c, quote) {
            ('\\', _) if rules.backslash != Backslash::Verbatim => {
                at += escape(&text[at..], separators, rules, &mut word)?;
            }
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) if rules.quotes => quote = Some(c),
            (c, None) if separators.contains(c) => return Ok((word, Some(&text[at..]))),
            (c, _) => word.push(c),
        }
    }
    match quote {
        None => Ok((word, None)),
        Some(open) => Err(format!("the quote {open} is not closed")),
    }
}

/// Reads what follows a backslash; returns how long it is.
fn escape(after: &str, separators: &str, rules: Rules, word: &mut String) -> Result<usize, String> {
    let first = after
        .chars()
        .next()
        .ok_or("a backslash stands at its end")?;
    if rules.backslash == Backslash::Next || separators.contains(first) {
        word.push(first);
        return Ok(first.len_utf8());
    }
    match c_escape(after, first) {
        Some(('\0', _)) => Err("it holds a NUL".into()),
        Some((c, length)) => {
            word.push(c);
            Ok(length)
        }
        // systemd warns of it, and keeps both characters.
        None if rules.backslash == Backslash::Lenient => {
            word.extend(['\\', first]);
            Ok(first.len_utf8())
        }
        None => Err(format!("`\\{first}` is no C escape")),
    }
}

/// The character that a C escape stands for, and how long the escape is without its backslash. A byte that is no character of
/// its own stands for the one with its number, since nothing here looks at it.
fn c_escape(after: &str, first: char) -> Option<(char, usize)> {
    let (start, digits, radix) = match first {
        'a' => return Some(('\x07', 1)),
        'b' => return Some(('\x08', 1)),
        'f' => return Some(('\x0c', 1)),
        'n' => return Some(('\n', 1)),
        'r' => return Some(('\r', 1)),
        't' => return Some(('\t', 1)),
        'v' => return Some(('\x0b', 1)),
        's' => return Some((' ', 1)),
        '\\' | '"' | '\'' => return Some((first, 1)),
        'x' => (1, 2, 16),
        'u' => (1, 4, 16),
        'U' => (1, 8, 16),
        '0'..='7' => (0, 3, 8),
        _ => return None,
    };
    let end = start + digits;
    let code = u32::from_str_radix(after.get(start..end)?, radix).ok()?;
    Some((char::from_u32(code)?, end))
}

/// Whether each backslash of a text begins a C escape.
pub(super) fn unescape(text: &str) -> Result<(), String> {
    word(text, "", Rules::ESCAPED_BARE).map(|_| ())
}
