//! Values that are made of words.

use super::{Outcome, Reading, mark};
use crate::directives::yes_or_no;
use crate::escape::unit::words::{Split, WordError, Words, has_specifier, literal_text, words};
use crate::escape::unit::{is_blank, is_noncharacter};
use crate::unit_file::name::is_unit_name;
use crate::unit_file::path::{Begins, checked};
use crate::unit_file::value::Value;

/// The beginnings of URLs that `Documentation=` takes (`documentation_url_is_valid()`).
const URLS: [&str; 5] = ["http://", "https://", "file:/", "info:", "man:"];

pub(super) fn urls(text: &str) -> Reading {
    Reading::words(words(text, Split::STRINGS), |reading, url| {
        let known = URLS
            .iter()
            .find_map(|start| url.strip_prefix(start))
            .is_some_and(|rest| !rest.is_empty() && rest.is_ascii());
        if known || has_specifier(&url) {
            reading.values.push(Value::Word(url));
        } else {
            let reason = format!(
                "`{url}` is no URL in ASCII that begins with one of {}",
                URLS.join(", ")
            );
            reading.complain(Outcome::WordIgnored, reason);
        }
    })
}

pub(super) fn units(text: &str, split: Split) -> Reading {
    Reading::words(words(text, split), |reading, word| {
        let known = literal_text(&word).is_none_or(|name| is_unit_name(&name));
        if known {
            reading.values.push(Value::Word(word));
        } else {
            let reason = format!("`{word}` is no name of a unit with its suffix");
            reading.complain(Outcome::WordIgnored, reason);
        }
    })
}

pub(super) fn paths(text: &str) -> Reading {
    Reading::words(words(text, Split::QUOTED), |reading, word| {
        let (minus, rest) = mark(&word);
        let (plus, rest) = match rest.strip_prefix('+') {
            Some(rest) => ("+", rest),
            None => ("", rest),
        };
        match checked(rest, Begins::AtRoot) {
            Ok(path) => reading
                .values
                .push(Value::Path(format!("{minus}{plus}{path}"))),
            Err(reason) => reading.complain(Outcome::WordIgnored, reason),
        }
    })
}

/// The parts of a word between colons; empty ones at its end mean nothing.
fn parts(word: &str, split: Split) -> Result<Vec<String>, WordError> {
    let mut parts: Vec<String> = words(word, split).collect::<Result<_, _>>()?;
    while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    Ok(parts)
}

pub(super) fn folders(text: &str) -> Reading {
    let mut reading = Reading::default();
    for word in words(text, Split::STRINGS) {
        match word.and_then(|word| parts(&word, Split::ESCAPED_COLONS)) {
            Ok(parts) => match folder(parts) {
                Ok(parts) => reading.values.push(Value::Fields(parts)),
                Err(reason) => reading.complain(Outcome::WordIgnored, reason),
            },
            // Unlike a wrong name it ends the line (`config_parse_exec_directories()`).
            Err(error) => {
                reading.complain(Outcome::Ignored, error.to_string());
                break;
            }
        }
    }
    reading
}

/// A folder and the link to it, simplified; what follows are words.
fn folder(mut parts: Vec<String>) -> Result<Vec<String>, String> {
    for part in parts.iter_mut().take(2).filter(|part| !part.is_empty()) {
        *part = checked(part, Begins::Below)?;
    }
    match parts.first().map(String::as_str) {
        None | Some("") => Err("a folder without a name".to_owned()),
        Some(path) if path == "private" || path.starts_with("private/") => {
            Err("a folder cannot lie at `private` or below".to_owned())
        }
        Some(_) => Ok(parts),
    }
}

pub(super) fn binds(text: &str) -> Reading {
    const PART: Split = Split {
        separators: ": \t\n\r",
        each: true,
        ..Split::QUOTED
    };
    let mut reading = Reading::default();
    let mut words = words(text, PART);
    // After a wrong part the next one begins anew: it is a source, whatever it was meant to be.
    while let Some(first) = words.next() {
        match first.map(|source| bind(text, &mut words, &source, PART)) {
            Ok(Ok(fields)) => reading.values.push(Value::Fields(fields)),
            Ok(Err(BindError::Word(reason))) => reading.complain(Outcome::WordIgnored, reason),
            Ok(Err(BindError::Syntax(error))) | Err(error) => {
                reading.complain(Outcome::Ignored, error.to_string());
                break;
            }
        }
    }
    reading
}

/// What is wrong with a bind mount.
enum BindError {
    /// One of its parts.
    Word(String),
    /// The quoting or the escapes of the line.
    Syntax(WordError),
}

/// Source, destination and option, whichever of them were left out.
fn bind(
    text: &str,
    words: &mut Words<'_>,
    source: &str,
    split: Split,
) -> Result<Vec<String>, BindError> {
    let (mark, source) = mark(source);
    let source = checked(source, Begins::AtRoot).map_err(BindError::Word)?;
    let mut fields = vec![format!("{mark}{source}"), source, "rbind".to_owned()];
    if !after_colon(text, words) {
        return Ok(fields);
    }
    let destination = words.next().unwrap_or_else(|| Ok(String::new()));
    let destination = destination.map_err(BindError::Syntax)?;
    fields[1] = checked(&destination, Begins::AtRoot).map_err(BindError::Word)?;
    if !after_colon(text, words) {
        return Ok(fields);
    }
    // The option ends at a blank only.
    words.change(Split::QUOTED);
    let option = words.next().unwrap_or_else(|| Ok(String::new()));
    words.change(split);
    match option.map_err(BindError::Syntax)?.as_str() {
        "" => {}
        option @ ("rbind" | "norbind") => option.clone_into(&mut fields[2]),
        option => {
            let reason = format!("`{option}` is neither rbind nor norbind");
            return Err(BindError::Word(reason));
        }
    }
    Ok(fields)
}

/// Whether the last word ended at a colon.
fn after_colon(text: &str, words: &Words<'_>) -> bool {
    words
        .rest()
        .is_some_and(|rest| text[..text.len() - rest.len()].ends_with(':'))
}

pub(super) fn paths_with_options(text: &str) -> Reading {
    Reading::words(words(text, Split::QUOTED), |reading, word| {
        let mut parts = words(&word, Split::COLONS);
        let path = parts.next().unwrap_or_else(|| Ok(String::new()));
        let options = parts.rest().unwrap_or_default().to_owned();
        let path = path
            .map_err(|error| error.to_string())
            .and_then(|path| checked(&path, Begins::AtRoot));
        match path {
            Ok(path) if options.is_empty() => reading.values.push(Value::Fields(vec![path])),
            Ok(path) => reading.values.push(Value::Fields(vec![path, options])),
            Err(reason) => reading.complain(Outcome::WordIgnored, reason),
        }
    })
}

pub(super) fn search_path(text: &str) -> Reading {
    let mut reading = Reading::default();
    for part in words(text, Split::COLONS) {
        let path = part
            .map_err(|error| error.to_string())
            .and_then(|part| checked(&part, Begins::AtRoot));
        match path {
            Ok(path) => reading.values.push(Value::Path(path)),
            Err(reason) => {
                reading.complain(Outcome::Ignored, reason);
                break;
            }
        }
    }
    reading
}

pub(super) fn variables(text: &str) -> Reading {
    Reading::words(
        words(text, Split::ESCAPED),
        |reading, word| match variable(&word) {
            Some((name, value)) => reading.values.push(Value::Variable {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            None => reading.complain(Outcome::WordIgnored, format!("{word:?} is not NAME=value")),
        },
    )
}

/// Names of variables, or besides, assignments.
pub(super) fn variable_names(text: &str, split: Split, assignments: bool) -> Reading {
    Reading::words(words(text, split), |reading, word| {
        if is_variable_name(&word) || assignments && variable(&word).is_some() {
            reading.values.push(Value::Word(word));
        } else {
            let reason = format!("{word:?} is no name of a variable");
            reading.complain(Outcome::WordIgnored, reason);
        }
    })
}

/// A variable's name and value.
fn variable(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    (is_variable_name(name) && !value.contains(is_noncharacter)).then_some((name, value))
}

/// What a specifier stands for in a name cannot be known here.
fn is_variable_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    has_specifier(name)
        || !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(fits)
}

/// The words of a list, and whether it takes them away.
pub(super) fn operations(text: &str, split: Split) -> Reading {
    let (remove, list) = match text.strip_prefix('~') {
        Some(list) => (true, list),
        None => (false, text),
    };
    let operation = |word| Value::Operation { remove, word };
    let mut reading = Reading::words(words(list, split), |reading, word| {
        reading.add_word(word, operation);
    });
    // A lone `~` says which of the two kinds of lists it is.
    if reading.values.is_empty() && reading.complaints.is_empty() {
        reading.values.push(operation(String::new()));
    }
    reading
}

/// `none` replaces what was before (`config_parse_address_families()`).
pub(super) fn families(text: &str) -> Reading {
    let mut reading = operations(text, Split::QUOTED);
    reading.resets = text == "none";
    reading
}

/// A list without words, with or without `~`, replaces what was before (`config_parse_capability_set()`).
pub(super) fn capabilities(text: &str) -> Reading {
    let mut reading = operations(text, Split::QUOTED);
    for value in &mut reading.values {
        if let Value::Operation { word, .. } = value {
            word.make_ascii_uppercase();
        }
    }
    reading.resets = matches!(&*reading.values, [Value::Operation { word, .. }] if word.is_empty());
    reading
}

/// A switch replaces what was before (`config_parse_restrict_namespaces()`).
pub(super) fn switch_or_operations(text: &str) -> Reading {
    match yes_or_no(text) {
        Some(yes) => Reading {
            resets: true,
            ..Reading::one(Value::Bool(yes))
        },
        None => operations(text, Split::QUOTED),
    }
}

/// A credential's name with its data or its source; without a source the one of the same name is passed on.
pub(super) fn credential(text: &str, source: bool) -> Reading {
    let mut parts = words(text, Split::COLONS);
    let name = match parts.next() {
        Some(Ok(name)) if is_credential_name(&name) => name,
        Some(Err(error)) => return Reading::wrong(Outcome::Ignored, error.to_string()),
        _ => {
            return Reading::wrong(
                Outcome::Ignored,
                "there is no name of a credential before the colon",
            );
        }
    };
    let rest = match parts.rest() {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ if source => name.clone(),
        _ => return Reading::wrong(Outcome::Ignored, "there is no data after the colon"),
    };
    let known = match rest.strip_prefix('/') {
        _ if !source => true,
        Some(path) => {
            let parts = path.split('/');
            path.is_empty()
                || parts
                    .into_iter()
                    .all(|part| !matches!(part, "" | "." | ".."))
        }
        None => is_credential_name(&rest),
    };
    if !known {
        let reason =
            format!("`{rest}` is neither a plain absolute path nor the name of a credential");
        return Reading::wrong(Outcome::Ignored, reason);
    }
    Reading::one(Value::Fields(vec![name, rest]))
}

/// Whether systemd takes a text for a credential's name (`credential_name_valid()`).
fn is_credential_name(text: &str) -> bool {
    let fits = |c: char| matches!(c, ' '..='~') && !":/".contains(c);
    has_specifier(text)
        || text.len() < 256 && !matches!(text, "" | "." | "..") && text.chars().all(fits)
}

pub(super) fn device_access(text: &str) -> Reading {
    let reading = device(text);
    let Some(Value::Fields(fields)) = reading.values.first() else {
        return reading;
    };
    let (path, access) = (&fields[0], &fields[1]);
    let known = ["block-", "char-", "/dev/", "/run/systemd/inaccessible/"];
    if !has_specifier(path) && !known.iter().any(|start| path.starts_with(start)) {
        return Reading::wrong(Outcome::Ignored, format!("`{path}` is no device"));
    }
    match access.as_str() {
        "" => Reading::one(Value::Fields(vec![path.clone(), "rwm".to_owned()])),
        access if access.chars().all(|c| "rwm".contains(c)) => reading,
        access => Reading::wrong(
            Outcome::Ignored,
            format!("`{access}` is more than r, w and m"),
        ),
    }
}

pub(super) fn device(text: &str) -> Reading {
    let mut parts = words(text, Split::QUOTED);
    let path = match parts.next() {
        Some(Ok(path)) => path,
        Some(Err(error)) => return Reading::wrong(Outcome::Ignored, error.to_string()),
        None => return Reading::default(),
    };
    let group = path.starts_with("block-") || path.starts_with("char-");
    let path = if group {
        path
    } else {
        crate::unit_file::path::simplified(&path)
    };
    let rest = parts.rest().unwrap_or_default().trim_matches(is_blank);
    Reading::one(Value::Fields(vec![path, rest.to_owned()]))
}

/// An empty one is a switch, too: all is delegated but no controller (`config_parse_delegate()`).
pub(super) fn delegate(text: &str) -> Reading {
    match yes_or_no(text) {
        Some(yes) => Reading {
            resets: true,
            ..Reading::one(Value::Bool(yes))
        },
        None if text.is_empty() => Reading {
            resets: true,
            ..Reading::one(Value::Word(String::new()))
        },
        None => Reading::words(words(text, Split::QUOTED), |reading, word| {
            reading.add_word(word, Value::Word);
        }),
    }
}
