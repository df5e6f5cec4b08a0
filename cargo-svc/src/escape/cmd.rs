//! Batch files: how cmd.exe reads a line, and how the program that it starts reads its words.
//!
//! cmd.exe toggles between inside and outside at every quote, whether the program will take it for a quote or not, and reads
//! `& | < > ( )` as its own outside. A word that holds a quote is therefore never put inside: each of its quotes has a caret
//! before it, which keeps cmd.exe outside, and each of the other characters has one too. A percent sign is doubled, since
//! percent signs are read before carets and quotes are.
//!
//! The install folder's path comes in as a FOR variable: its text is put in after the line was parsed, so that no
//! character of it means anything to cmd.exe.

#![cfg_attr(not(test), expect(dead_code, reason = "the cmd scripts are its users"))]

use std::fmt;

use askama::filters::{Escaper, Safe};

use super::argv;
use crate::plan::windows::{Piece, Value};

/// Characters of the longest install folder that a path may have (`MAX_PATH` without its NUL).
const INSTALL_DIR: usize = 259;

/// What may separate the variables of a `REG_MULTI_SZ` value for reg.exe, best first.
const SEPARATORS: [char; 6] = ['|', '~', '#', ';', '@', '+'];

/// The escaper of `.cmd` templates: a value is one word of a program's command line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cmd;

impl Escaper for Cmd {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // A line end would begin a command of its own. Plans refuse it with a reason; this is the last line.
        if string.contains(['\r', '\n', '\0', '\x1a']) {
            return Err(fmt::Error);
        }
        dest.write_str(&lay_out(&Value::literal(string), 'D'))
    }
}

/// A word as it stands in a batch file.
pub(crate) type LaidOut = Safe<String>;

/// A value as one word; the install folder is `%%~<letter>`.
pub(crate) fn word(value: &Value, letter: char) -> LaidOut {
    Safe(lay_out(value, letter))
}

/// The text after `echo`, outside of quotes.
pub(crate) fn echoed(text: &str) -> LaidOut {
    Safe(carets(text))
}

fn lay_out(value: &Value, letter: char) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./\\:".contains(c);
    let bare = !value.pieces().is_empty()
        && value.pieces().iter().all(|piece| match piece {
            Piece::Literal(text) => text.chars().all(plain),
            Piece::InstallDir => false,
        });
    let quoted = if bare {
        value.clone()
    } else {
        argv::quoted(value)
    };
    let has_quote = value.literals().any(|text| text.contains('"'));
    quoted
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) if has_quote => carets(text),
            Piece::Literal(text) => text.replace('%', "%%"),
            Piece::InstallDir => format!("%%~{letter}"),
        })
        .collect()
}

fn carets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\"^&|<>()".contains(c) {
            out.push('^');
        }
        if c == '%' {
            out.push('%');
        }
        out.push(c);
    }
    out
}

/// The most characters that a value takes on a line.
pub(crate) fn longest(value: &Value) -> usize {
    let folders = value
        .pieces()
        .iter()
        .filter(|piece| **piece == Piece::InstallDir)
        .count();
    lay_out(value, 'D').chars().count() + folders * INSTALL_DIR
}

/// A FOR variable that the value does not name by accident, and whose successor it does not name either: inside a FOR,
/// `%` and the variable's letter are the variable, however they came to stand there.
pub(crate) fn free_letter(value: &Value) -> Option<char> {
    let text: String = value.with_install_dir(" ");
    let named = |letter: char| text.contains(&format!("%{letter}"));
    ('D'..='Y')
        .chain('a'..='y')
        .find(|&letter| !named(letter) && !named(following(letter)))
}

/// The letter after this one; FOR gives it to the second token.
pub(crate) fn following(letter: char) -> char {
    char::from(u8::try_from(letter).unwrap_or(b'D') + 1)
}

/// A character that none of the variables holds.
pub(crate) fn separator(variables: &[(String, Value)]) -> Option<char> {
    SEPARATORS.into_iter().find(|separator| {
        !variables
            .iter()
            .flat_map(|(_, value)| value.literals())
            .any(|text| text.contains(*separator))
    })
}

#[cfg(test)]
mod tests;
