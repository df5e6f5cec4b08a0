//! The other way round: a word as text.

use super::{Backslash, Split};

/// One word that is read back as this text.
pub(crate) fn spelled(text: &str, split: Split) -> String {
    if split.backslash == Backslash::Plain {
        // No quote can stand in its own kind of quotes.
        let parts: Vec<_> = text.split('"').map(|part| format!("\"{part}\"")).collect();
        return if split.quotes {
            parts.join("'\"'")
        } else {
            text.to_owned()
        };
    }
    let escapes = split.backslash != Backslash::Protects;
    let mut inner = String::new();
    for c in text.chars() {
        match c {
            c if escapes && c.is_ascii_control() => inner.push_str(&hexadecimal(c)),
            '\\' | '"' | '\'' => inner.extend(['\\', c]),
            ' ' | '\t' | '~' if !split.quotes && !escapes => inner.extend(['\\', c]),
            c if !split.quotes && split.separators.contains(c) => inner.extend(['\\', c]),
            c => inner.push(c),
        }
    }
    if split.quotes {
        format!("\"{inner}\"")
    } else {
        inner
    }
}

fn hexadecimal(c: char) -> String {
    format!("\\x{:02x}", u32::from(c))
}
