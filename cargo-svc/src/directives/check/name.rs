//! Names: of units, users, variables, credentials and what else has one.

use super::specifier::letters;
use super::words::{Rules, Words, unescape};
use super::{Found, leaf, path, stream};
use crate::directives::Directive;

/// The types of units.
const TYPES: [&str; 11] = [
    "service",
    "socket",
    "device",
    "mount",
    "automount",
    "swap",
    "target",
    "path",
    "timer",
    "slice",
    "scope",
];

/// Specifiers that the name of a unit may hold: what they stand for needs no escaping.
const IN_UNIT_NAMES: &str = "aAbBgGHijlmMnNopquUvwW%";

/// The name of a unit with its type.
fn unit(text: &str) -> Found {
    let wrong = |what: &str| Err(format!("`{text}` is no name of a unit: {what}"));
    let Some((stem, kind)) = text.rsplit_once('.') else {
        return wrong("it has no suffix such as .service");
    };
    if !TYPES.contains(&kind) {
        return wrong("there is no such type of units");
    }
    let right = |b: u8| b.is_ascii_alphanumeric() || b":-_.\\@".contains(&b);
    if stem.is_empty() || stem.starts_with('@') || text.len() > 255 || !stem.bytes().all(right) {
        return wrong("it has characters or a length that names cannot have");
    }
    Ok(())
}

fn unit_word(directive: &Directive, word: &str, test: &dyn Fn(&str) -> Found) -> Found {
    // A letter that is no specifier at all is found below.
    if let Some(letter) =
        letters(word).find(|c| c.is_ascii_alphabetic() && !IN_UNIT_NAMES.contains(*c))
    {
        return Err(format!("`%{letter}` cannot stand in the name of a unit"));
    }
    leaf(directive, word, test)
}

pub(super) fn units(directive: &Directive, value: &str) -> Found {
    for word in Words::new(value, Rules::VERBATIM) {
        let word = word?;
        unit_word(directive, &word, &|text| {
            unit(text)?;
            has_suffix(directive, text)
        })?;
    }
    Ok(())
}

pub(super) fn one_unit(directive: &Directive, value: &str) -> Found {
    unit_word(directive, value, &|text| {
        unit(text)?;
        has_suffix(directive, text)?;
        if !directive.values.is_empty() && text.contains("@.") {
            return Err(format!("`{text}` is a template"));
        }
        Ok(())
    })
}

/// Whether the name is of a type that the table lists, if it lists any.
fn has_suffix(directive: &Directive, text: &str) -> Found {
    let mut suffixes = directive
        .values
        .iter()
        .map(|accepted| accepted.word)
        .filter(|word| word.starts_with('.'))
        .peekable();
    if suffixes.peek().is_none() || suffixes.any(|suffix| text.ends_with(suffix)) {
        Ok(())
    } else {
        Err(format!("`{text}` is of another type"))
    }
}

pub(super) fn ascii(text: &str) -> Found {
    text.is_ascii()
        .then_some(())
        .ok_or_else(|| "it has other characters than those of ASCII".to_owned())
}

pub(super) fn instance(text: &str) -> Found {
    let right = |b: u8| b.is_ascii_alphanumeric() || b":-_.\\@".contains(&b);
    if !text.is_empty() && text.len() <= 255 && text.bytes().all(right) {
        Ok(())
    } else {
        Err(format!("`{text}` has characters that it cannot have"))
    }
}

pub(super) fn control_group(text: &str) -> Found {
    let kernel = matches!(text, "notify_on_release" | "release_agent" | "tasks");
    if text.contains('/') || text.starts_with(['.', '_']) || text.starts_with("cgroup.") || kernel {
        Err(format!("`{text}` is no name of a control group"))
    } else {
        Ok(())
    }
}

/// A word without what means something in a pattern.
pub(super) fn plain(text: &str) -> Found {
    let odd = |c: char| "*?[]\"'\\".contains(c) || c.is_control();
    match text.chars().find(|c| odd(*c)) {
        Some(c) => Err(format!("{c:?} stands in a name")),
        None => Ok(()),
    }
}

pub(super) fn variable(text: &str) -> Found {
    let right = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty();
    right
        .then_some(())
        .ok_or_else(|| format!("`{text}` is no name of a variable"))
}

pub(super) fn assignment(text: &str) -> Found {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` has no `=`"))?;
    variable(name)?;
    if value.contains(|c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n')) {
        return Err("a control character stands in it".into());
    }
    Ok(())
}

pub(super) fn log_field(text: &str) -> Found {
    let (name, _) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` has no `=`"))?;
    let right = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.len() <= 64;
    right
        .then_some(())
        .ok_or_else(|| format!("`{name}` is no name of a journal field"))
}

pub(super) fn url(text: &str) -> Found {
    const SCHEMES: [&str; 5] = ["https://", "http://", "file:/", "info:", "man:"];
    let rest = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_control) => Ok(()),
        _ => Err(format!("`{text}` is no such URL")),
    }
}

/// The loose rule that units are read by: what the system could have as a name.
pub(super) fn user(text: &str) -> Found {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!("{text} begins with a 0"));
        }
        let reserved = [u32::MAX, u32::from(u16::MAX)];
        return match text.parse::<u32>() {
            Ok(number) if !reserved.contains(&number) => Ok(()),
            _ => Err(format!("{text} is no number of a user or a group")),
        };
    }
    let wrong = text.is_empty()
        || matches!(text, "." | "..")
        || text
            .strip_prefix('-')
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        || text.contains([':', '/'])
        || text.contains(char::is_control)
        || text.trim() != text;
    if wrong {
        Err(format!("`{text}` is no name of a user or a group"))
    } else {
        Ok(())
    }
}

pub(super) fn fd(text: &str) -> Found {
    let right = text
        .bytes()
        .all(|b| (b' '..=b'~').contains(&b) && b != b':');
    if right && !text.is_empty() && text.len() <= 255 {
        Ok(())
    } else {
        Err(format!("`{text}` is no name of a file descriptor"))
    }
}

pub(super) fn bus(text: &str) -> Found {
    // A unique name begins with a colon, and its parts may begin with a digit.
    let (unique, name) = text
        .strip_prefix(':')
        .map_or((false, text), |name| (true, name));
    let part = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
            && (unique || !part.starts_with(|c: char| c.is_ascii_digit()))
            && !part.is_empty()
    };
    if name.contains('.') && text.len() <= 255 && name.split('.').all(part) {
        Ok(())
    } else {
        Err("it is no name on D-Bus".into())
    }
}

pub(super) fn label(directive: &Directive, value: &str) -> Found {
    leaf(directive, value.strip_prefix('-').unwrap_or(value), &|_| {
        Ok(())
    })
}

/// The ID of a credential: the name of a file.
fn credential(text: &str) -> Found {
    if text.contains('/') || matches!(text, "." | "..") {
        return Err(format!("`{text}` is no ID of a credential"));
    }
    fd(text).map_err(|_| format!("`{text}` is no ID of a credential"))
}

pub(super) fn credential_source(directive: &Directive, value: &str) -> Found {
    let (id, source) = value.split_once(':').unwrap_or((value, ""));
    leaf(directive, id, &credential)?;
    if source.is_empty() {
        return Ok(());
    }
    leaf(directive, source, &|source| {
        if source.starts_with('/') {
            // Unlike elsewhere, systemd does not tidy it up.
            if source.contains("//") || source.contains("/./") || source.ends_with("/.") {
                return Err(format!("`{source}` is no tidy path"));
            }
            path::absolute(source)
        } else {
            credential(source)
        }
    })
}

pub(super) fn credential_glob(directive: &Directive, value: &str) -> Found {
    let (glob, id) = value.split_once(':').unwrap_or((value, ""));
    leaf(directive, glob, &|glob| match glob.strip_suffix('*') {
        Some("") => Ok(()),
        Some(stem) if !stem.contains(['*', '?', '[']) => credential(stem),
        None if !glob.contains(['*', '?', '[']) => credential(glob),
        _ => Err("a * stands at the end only".into()),
    })?;
    if id.is_empty() {
        Ok(())
    } else {
        credential(id)
    }
}

fn id_and_data<'a>(directive: &Directive, value: &'a str) -> Result<&'a str, String> {
    let (id, data) = value
        .split_once(':')
        .ok_or("there is no colon after an ID")?;
    leaf(directive, id, &credential)?;
    if data.is_empty() {
        return Err("there is no data".into());
    }
    Ok(data)
}

pub(super) fn credential_data(directive: &Directive, value: &str) -> Found {
    // A NUL is allowed here alone.
    unescape(
        &id_and_data(directive, value)?
            .replace("\\0", "\\1")
            .replace("\\x00", ""),
    )
}

pub(super) fn credential_secret(directive: &Directive, value: &str) -> Found {
    stream::base64(id_and_data(directive, value)?)
}

pub(super) fn xattr(text: &str) -> Found {
    match text.split_once('=') {
        Some((name, _)) if name.starts_with("user.") => Ok(()),
        _ => Err("it is no extended attribute of the user's".into()),
    }
}

pub(super) fn pattern(value: &str) -> Found {
    let pattern = value.strip_prefix('~').unwrap_or(value);
    if pattern.is_empty() {
        return Err("there is no expression".into());
    }
    Ok(())
}
