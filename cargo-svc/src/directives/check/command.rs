//! Command lines: systemd.service(5).

use super::specifier::expand;
use super::words::{BLANK, Rules, Words};
use super::{Found, path};

/// What may stand before the program, each once.
const PREFIXES: &str = "-@:+!|";

pub(super) fn command(value: &str) -> Found {
    let mut rest = Some(value);
    while let Some(text) = rest {
        let mut words = Words::new(text, Rules::COMMAND);
        let Some(first) = words.next() else {
            return Ok(());
        };
        let first = first?;
        // A lone semicolon ends a command.
        if first == ";" {
            rest = words.rest();
            continue;
        }
        let own_name = program(&first)?;
        rest = arguments(words.rest(), own_name)?;
    }
    Ok(())
}

/// The prefixes of the program in a command line: each once, `!` also twice, and never `+` and `!` together.
pub(in super::super) fn prefixes(command: &str) -> &str {
    let mut seen = String::new();
    for (at, c) in command.char_indices() {
        let again = match c {
            '!' => seen.contains('+') || seen.matches('!').count() > 1,
            '+' => seen.contains(['+', '!']),
            _ => seen.contains(c),
        };
        if again || !PREFIXES.contains(c) {
            return &command[..at];
        }
        seen.push(c);
    }
    command
}

/// The program after its prefixes; whether its first argument is its name.
fn program(word: &str) -> Result<bool, String> {
    let prefixes = prefixes(word);
    let program = &word[prefixes.len()..];
    let expanded = expand(program)?;
    let (text, open) = (expanded.text.as_str(), expanded.open);
    let odd = |c: char| c.is_control() || "\"'\\*?[".contains(c);
    let found = if text.is_empty() && prefixes.contains('|') {
        // The user's shell.
        return Ok(false);
    } else if text.is_empty() {
        Err("there is no program".into())
    } else if let Some(c) = text.chars().find(|c| odd(*c)) {
        Err(format!("{c:?} stands in the program's name"))
    } else if text.ends_with('/') || text.ends_with("/.") {
        Err(format!("`{text}` is a folder"))
    } else if text.starts_with('/') {
        path::valid(text)
    } else if text.contains('/') {
        Err(format!("`{text}` has a slash and is no absolute path"))
    } else if matches!(text, "." | "..") || text.len() > 255 {
        Err(format!("`{text}` is no name of a program"))
    } else {
        Ok(())
    };
    match found {
        Err(_) if open => {}
        found => found?,
    }
    Ok(prefixes.contains('@'))
}

/// The arguments of a command; what follows it.
fn arguments(mut rest: Option<&str>, mut named: bool) -> Result<Option<&str>, String> {
    while let Some(text) = rest {
        let text = text.trim_start_matches(|c| BLANK.contains(c));
        if let Some(after) = alone(text, ";") {
            if named {
                return Err("there is no name after @".into());
            }
            return Ok(Some(after));
        }
        if let Some(after) = alone(text, "\\;") {
            (rest, named) = (Some(after), false);
            continue;
        }
        let mut words = Words::new(text, Rules::COMMAND);
        let Some(word) = words.next() else {
            break;
        };
        expand(&word?)?;
        named = false;
        rest = words.rest();
    }
    if named {
        return Err("there is no name after @".into());
    }
    Ok(None)
}

/// What follows a token that stands alone.
fn alone<'a>(text: &'a str, token: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(token)?;
    (rest.is_empty() || rest.starts_with(|c| BLANK.contains(c))).then_some(rest)
}
