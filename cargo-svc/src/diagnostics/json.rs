//! Diagnostics for programs: `--message-format json` writes each as one line on standard output.
//!
//! ```json
//! {"reason":"diagnostic","level":"error","message":"unknown key `nmae` in `[package.metadata.service]`",
//!  "label":"did you mean `name`?","help":[],"key":"package.metadata.service.nmae","path":"Cargo.toml",
//!  "span":{"start":{"byte":52,"line":5,"column":1},"end":{"byte":56,"line":5,"column":5}}}
//! ```
//!
//! `level` is `error`, `warning` or `note`. `key`, `path` and `span` are null where no file is at fault. `path` is relative
//! to the current folder where it is below that. Lines and columns count from 1, columns in characters; the end is
//! exclusive. New fields and new reasons may come; these stay.

use std::ops::Range;

use serde::Serialize;

use super::{Diagnostic, Level, Place};

#[derive(Serialize)]
struct Object<'a> {
    reason: &'static str,
    level: &'static str,
    message: &'a str,
    label: &'a str,
    help: &'a [String],
    key: Option<&'a str>,
    path: Option<String>,
    span: Option<Span>,
}

#[derive(Serialize)]
struct Span {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    byte: usize,
    line: usize,
    column: usize,
}

/// The line of a diagnostic, without its end.
pub fn render(found: &Diagnostic) -> String {
    let place = found.place.as_ref();
    let object = Object {
        reason: "diagnostic",
        level: match found.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: &found.message,
        label: &found.label,
        help: &found.help,
        key: place.map(|place| place.key.as_str()),
        path: place.map(|place| place.source.path.to_string_lossy().into_owned()),
        span: place.map(span),
    };
    // Strings, numbers and lists always serialise.
    serde_json::to_string(&object).unwrap_or_default()
}

fn span(place: &Place) -> Span {
    let Range { start, end } = place.span;
    Span {
        start: position(&place.source.text, start),
        end: position(&place.source.text, end),
    }
}

fn position(text: &str, byte: usize) -> Position {
    let before = &text.as_bytes()[..byte.min(text.len())];
    let line = before.split(|&byte| byte == b'\n').count();
    let begin = before
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&before[begin..]).chars().count() + 1;
    Position { byte, line, column }
}
