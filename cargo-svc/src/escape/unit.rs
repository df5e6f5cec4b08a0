//! Unit files: how systemd reads a value back (systemd.syntax(7), "Quoting"; systemd.service(5), "Command lines";
//! systemd.unit(5), "Specifiers"). Each rule was measured on systemd 252.

pub mod words;

#[cfg(test)]
mod tests;

use std::fmt;

use askama::filters::{Escaper, Safe};

use crate::plan::systemd::{Piece, Placed, Value};

/// The escaper of `.unit` templates: for text that is read as it stands, in which only specifiers mean something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unit;

impl Escaper for Unit {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // A newline would begin a directive of its own. Plans refuse it with a reason; this is the last line.
        // Most values are of ASCII alone, where it is enough to look at bytes.
        let refused = if string.is_ascii() {
            string
                .bytes()
                .any(|byte| byte.is_ascii_control() && byte != b'\t')
        } else {
            string.contains(is_refused)
        };
        if refused {
            return Err(fmt::Error);
        }
        for (index, text) in string.split('%').enumerate() {
            if index > 0 {
                dest.write_str("%%")?;
            }
            dest.write_str(text)?;
        }
        Ok(())
    }
}

/// A value as it stands in a unit, laid out by the grammar of its type.
pub(crate) type LaidOut = Safe<String>;

/// Characters that no line can hold: control characters but the tab, and the code points that Unicode keeps free for ever
/// ("noncharacters"), for which systemd calls the text not UTF-8 clean and loads no line of the unit.
pub(crate) fn is_refused(c: char) -> bool {
    (c.is_ascii_control() && c != '\t') || is_noncharacter(c)
}

/// A code point that systemd does not take for a character.
pub(crate) fn is_noncharacter(c: char) -> bool {
    let point = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&point) || point & 0xFFFE == 0xFFFE
}

/// What systemd drops at both ends of a value, and splits words at.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// A value with the prefix put in.
pub(crate) fn laid_out(value: &Value, prefix: &str) -> LaidOut {
    Safe(lay_out(value, prefix))
}

/// The text behind [`laid_out`].
pub(crate) fn lay_out(value: &Value, prefix: &str) -> String {
    chunks(value, Quote::IfNeeded)
        .into_iter()
        .map(|chunk| match chunk {
            Chunk::Text(text) => text,
            Chunk::Prefix(rule) => escaped(prefix, rule),
        })
        .collect()
}

/// A value that is cut where the prefix stands, for a script that puts another one in.
///
/// Each item in which it stands is quoted if its grammar has quotes, since the other prefix may hold a space.
pub(crate) fn relocatable(value: &Value) -> Vec<Chunk> {
    chunks(value, Quote::AroundPrefix)
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// Ready text.
    Text(String),
    /// The prefix, to be escaped by this rule.
    Prefix(Rule),
}

/// What means something inside an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Specifiers only: a path setting.
    Raw,
    /// Specifiers and backslash escapes: the program of a command line, a variable's assignment.
    Item,
    /// Those and `$`: an argument of a command line.
    Argument,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    IfNeeded,
    AroundPrefix,
}

fn chunks(value: &Value, quote: Quote) -> Vec<Chunk> {
    let mut line = Line::default();
    match value {
        Value::Command { program, args } => {
            line.item("", program, Rule::Item, quote);
            for arg in args {
                line.text(" ");
                line.item("", arg, Rule::Argument, quote);
            }
        }
        Value::Assignment { name, value } => {
            line.item(&format!("{name}="), value, Rule::Item, quote);
        }
        Value::Path(path) | Value::Text(path) => line.pieces(path, Rule::Raw),
        Value::Words(words) => {
            for (index, word) in words.iter().enumerate() {
                line.text(if index == 0 { "" } else { " " });
                line.item("", word, Rule::Item, quote);
            }
        }
        Value::Raw(text) => line.text(text),
        Value::Url(text) => line.text(&escaped(text, Rule::Raw)),
        Value::Units(units) => line.text(&units.join(" ")),
        Value::Time(time) => line.text(&time.to_string()),
        Value::Bool(yes) => line.text(if *yes { "yes" } else { "no" }),
        Value::Number(number) => line.text(&number.to_string()),
        Value::Keyword(word) => line.text(word),
    }
    line.chunks
}

#[derive(Default)]
struct Line {
    chunks: Vec<Chunk>,
}

impl Line {
    fn text(&mut self, text: &str) {
        match self.chunks.last_mut() {
            Some(Chunk::Text(last)) => last.push_str(text),
            _ => self.chunks.push(Chunk::Text(text.to_owned())),
        }
    }

    fn pieces(&mut self, placed: &Placed, rule: Rule) {
        for piece in &placed.pieces {
            match piece {
                Piece::Literal(text) => self.text(&escaped(text, rule)),
                Piece::Prefix => self.chunks.push(Chunk::Prefix(rule)),
                Piece::Specifier(specifier) => self.text(specifier),
            }
        }
    }

    /// One word of a line that is split into words.
    fn item(&mut self, before: &str, placed: &Placed, rule: Rule, quote: Quote) {
        // The prefix that we write ourselves needs no quotes.
        let plain = placed.with_prefix("");
        // Between blanks it would end the command; escaped it is an argument (systemd.service(5)).
        if rule == Rule::Argument && plain == ";" && !placed.is_placed() {
            self.text("\\;");
            return;
        }
        let empty = before.is_empty() && plain.is_empty() && !placed.is_placed();
        let quoted = empty
            || (quote == Quote::AroundPrefix && placed.is_placed())
            || plain
                .chars()
                .any(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '\\'));
        if quoted {
            self.text("\"");
        }
        self.text(before);
        self.pieces(placed, rule);
        if quoted {
            self.text("\"");
        }
    }
}

fn escaped(text: &str, rule: Rule) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => escaped.push_str("%%"),
            '$' if rule == Rule::Argument => escaped.push_str("$$"),
            '\\' if rule != Rule::Raw => escaped.push_str("\\\\"),
            '"' if rule != Rule::Raw => escaped.push_str("\\\""),
            '\t' if rule != Rule::Raw => escaped.push_str("\\t"),
            c => escaped.push(c),
        }
    }
    escaped
}
