//! PowerShell scripts: how PowerShell reads a text in single quotes, in which nothing is expanded.
//!
//! PowerShell takes four typographic quotes for the plain one, so that any of them ends a text (Microsoft,
//! "`about_Quoting_Rules`"; the PowerShell language specification, 2.3.5.2); each of the five stands for itself when it is
//! written twice.

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Escaper, Safe};

use super::part::{Part, Word};
use crate::plan::windows::Value;

/// The escaper of `.ps1` templates: a value is a text in single quotes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PowerShell;

impl Escaper for PowerShell {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str("'")?;
        write_inside(&mut dest, string)?;
        dest.write_str("'")
    }
}

/// What stands between the quotes.
fn write_inside<W: fmt::Write>(dest: &mut W, text: &str) -> fmt::Result {
    let plain = |byte| matches!(byte, b' '..=b'~') && byte != b'\'';
    if text.bytes().all(plain) {
        return dest.write_str(text);
    }
    // PowerShell takes a NUL for the end of the file, and a line end would not stay as it is in a file whose line ends
    // are converted. Plans refuse both with a reason; this is the last line.
    if text.contains(['\0', '\r', '\n']) {
        return Err(fmt::Error);
    }
    let mut written = 0;
    for (at, quote) in text.match_indices(is_quote) {
        // Once with what is before it, and once with what comes after it.
        dest.write_str(&text[written..at + quote.len()])?;
        written = at;
    }
    dest.write_str(&text[written..])
}

fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201B}')
}

/// An expression as it stands in a script.
pub(crate) type LaidOut = Safe<Cow<'static, str>>;

/// A text.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn literal(text: &str) -> Result<LaidOut, fmt::Error> {
    let mut out = String::with_capacity(text.len() + 2);
    PowerShell.write_escaped_str(&mut out, text)?;
    Ok(Safe(out.into()))
}

/// A list of expressions. With one element it is a list, too.
pub(crate) fn list(elements: impl IntoIterator<Item = LaidOut>) -> LaidOut {
    let mut out = "@(".to_owned();
    for (index, element) in elements.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        out.push_str(&element.0);
    }
    out.push(')');
    Safe(out.into())
}

/// A table of names that need no quotes.
pub(crate) fn table<'a>(fields: impl IntoIterator<Item = (&'a str, LaidOut)>) -> LaidOut {
    let mut out = "@{ ".to_owned();
    for (index, (name, value)) in fields.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "; " });
        out.extend([name, " = ", &value.0]);
    }
    out.push_str(" }");
    Safe(out.into())
}

/// A list of texts.
///
/// # Errors
/// If one of them holds what a script cannot.
pub(crate) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<LaidOut, fmt::Error> {
    let mut out = "@(".to_owned();
    for (index, text) in texts.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        PowerShell.write_escaped_str(&mut out, text)?;
    }
    out.push(')');
    Ok(Safe(out.into()))
}

/// A text that may hold folders: its pieces, with `$null` for the install folder and 0 for the one for programs' data.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn pieces<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Result<LaidOut, fmt::Error> {
    let mut out = "@(".to_owned();
    let mut open = false;
    for (index, part) in parts.into_iter().enumerate() {
        let quoted = matches!(part, Part::Text(_));
        // Texts that follow each other are one.
        if open && !quoted {
            out.push('\'');
        }
        if index > 0 && !(open && quoted) {
            out.push_str(", ");
        }
        match part {
            Part::Text(text) => {
                out.push_str(if open { "" } else { "'" });
                write_inside(&mut out, text)?;
            }
            Part::InstallDir => out.push_str("$null"),
            Part::ProgramData => out.push('0'),
        }
        open = quoted;
    }
    out.push_str(if open { "')" } else { ")" });
    Ok(Safe(out.into()))
}

/// The same of a value.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn value(value: &Value) -> Result<LaidOut, fmt::Error> {
    pieces(Word::Value(value).parts())
}

/// A piece of the script itself.
pub(crate) const fn verbatim(code: &'static str) -> LaidOut {
    Safe(Cow::Borrowed(code))
}

/// Truth.
pub(crate) fn boolean(value: bool) -> LaidOut {
    verbatim(if value { "$true" } else { "$false" })
}

/// A list of lists: the comma before each keeps one of them from becoming the list itself.
pub(crate) fn nested(lists: impl IntoIterator<Item = LaidOut>) -> LaidOut {
    let mut out = "@(".to_owned();
    for (index, list) in lists.into_iter().enumerate() {
        out.push_str(if index == 0 { "," } else { "; ," });
        out.push_str(&list.0);
    }
    out.push(')');
    Safe(out.into())
}

/// A folder below the one for programs.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn below_programs(below: &str) -> Result<LaidOut, fmt::Error> {
    let below = literal(below)?.0;
    Ok(Safe(
        format!("(Join-Path $env:ProgramFiles {below})").into(),
    ))
}

/// A text, or nothing.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn optional(text: Option<&str>) -> Result<LaidOut, fmt::Error> {
    text.map_or_else(|| Ok(verbatim("$null")), literal)
}

/// A number.
pub(crate) fn number(value: u64) -> LaidOut {
    Safe(value.to_string().into())
}

#[cfg(test)]
mod tests;
