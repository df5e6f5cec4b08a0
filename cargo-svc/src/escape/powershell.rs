//! PowerShell scripts: how PowerShell reads a text in single quotes, in which nothing is expanded.
//!
//! PowerShell takes four typographic quotes for the plain one, so that any of them ends a text (Microsoft,
//! "`about_Quoting_Rules`"; the PowerShell language specification, 2.3.5.2); each of the five stands for itself when it is
//! written twice.

use std::fmt;

use askama::filters::{Escaper, Safe};

use crate::plan::windows::{Piece, Value};

/// The escaper of `.ps1` templates: a value is a text in single quotes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PowerShell;

impl Escaper for PowerShell {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // PowerShell takes a NUL for the end of the file, and a line end would not stay as it is in a file whose line ends
        // are converted. Plans refuse both with a reason; this is the last line.
        if string
            .bytes()
            .any(|byte| matches!(byte, b'\0' | b'\r' | b'\n'))
        {
            return Err(fmt::Error);
        }
        dest.write_str("'")?;
        let mut written = 0;
        for (at, quote) in string.match_indices(is_quote) {
            // Once with what is before it, and once with what comes after it.
            dest.write_str(&string[written..at + quote.len()])?;
            written = at;
        }
        dest.write_str(&string[written..])?;
        dest.write_str("'")
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201B}')
}

/// An expression as it stands in a script.
pub(crate) type LaidOut = Safe<String>;

/// A text.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn literal(text: &str) -> Result<LaidOut, fmt::Error> {
    let mut out = String::with_capacity(text.len() + 2);
    PowerShell.write_escaped_str(&mut out, text)?;
    Ok(Safe(out))
}

/// A list of expressions. With one element it is a list, too.
pub(crate) fn list(elements: impl IntoIterator<Item = LaidOut>) -> LaidOut {
    let elements: Vec<String> = elements.into_iter().map(|element| element.0).collect();
    Safe(format!("@({})", elements.join(", ")))
}

/// A table of names that need no quotes.
pub(crate) fn table<'a>(fields: impl IntoIterator<Item = (&'a str, LaidOut)>) -> LaidOut {
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{name} = {}", value.0))
        .collect();
    Safe(format!("@{{ {} }}", fields.join("; ")))
}

/// A list of texts.
///
/// # Errors
/// If one of them holds what a script cannot.
pub(crate) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<LaidOut, fmt::Error> {
    let texts: Vec<LaidOut> = texts.into_iter().map(literal).collect::<Result<_, _>>()?;
    Ok(list(texts))
}

/// A text that may hold folders: its pieces, with `$null` for the install folder and 0 for the one for programs' data.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn pieces(value: &Value) -> Result<LaidOut, fmt::Error> {
    let pieces: Vec<LaidOut> = value
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => literal(text),
            Piece::InstallDir => Ok(verbatim("$null")),
            Piece::ProgramData => Ok(verbatim("0")),
        })
        .collect::<Result<_, _>>()?;
    Ok(list(pieces))
}

/// A piece of the script itself.
pub(crate) fn verbatim(code: &'static str) -> LaidOut {
    Safe(code.to_owned())
}

/// Truth.
pub(crate) fn boolean(value: bool) -> LaidOut {
    verbatim(if value { "$true" } else { "$false" })
}

/// A list of lists: the comma before each keeps one of them from becoming the list itself.
pub(crate) fn nested(lists: impl IntoIterator<Item = LaidOut>) -> LaidOut {
    let lists: Vec<String> = lists.into_iter().map(|list| list.0).collect();
    match lists.as_slice() {
        [] => verbatim("@()"),
        lists => Safe(format!("@(,{})", lists.join("; ,"))),
    }
}

/// A folder below the one for programs.
///
/// # Errors
/// If it holds what a script cannot.
pub(crate) fn below_programs(below: &str) -> Result<LaidOut, fmt::Error> {
    Ok(Safe(format!(
        "(Join-Path $env:ProgramFiles {})",
        literal(below)?.0
    )))
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
    Safe(value.to_string())
}

#[cfg(test)]
mod tests;
