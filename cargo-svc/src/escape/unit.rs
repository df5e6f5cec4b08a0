//! Unit files: how systemd reads a value back (systemd.syntax(7), "Quoting"; systemd.service(5), "Command lines";
//! systemd.unit(5), "Specifiers"). Each rule was measured on systemd 252.

pub mod words;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Escaper, Safe};
use askama::{FastWritable, Values};

use crate::plan::systemd::{Piece, Placed, Value};
use crate::service::EnvName;

/// The escaper of `.unit` templates: for text that is read as it stands, in which only specifiers mean something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Unit;

impl Escaper for Unit {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let plain = |byte| matches!(byte, b' '..=b'~') && byte != b'%';
        if string.bytes().all(plain) {
            return dest.write_str(string);
        }
        // A newline would begin a directive of its own. Plans refuse it with a reason; this is the last line.
        if string.contains(is_refused) {
            return Err(fmt::Error);
        }
        escaped(&mut dest, string, Rule::Raw)
    }
}

/// Whether systemd would read the next line as the rest of this one: an odd number of `\` at the end.
pub(crate) fn is_continued(line: &[u8]) -> bool {
    let backslashes = line.iter().rev().take_while(|byte| **byte == b'\\');
    backslashes.count() % 2 == 1
}

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

/// A value as it stands in a unit with this prefix, laid out by the grammar of its type.
pub(crate) type LaidOut<'a> = Safe<Laid<'a>>;

/// What is behind it: nothing is made of the value before it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Laid<'a> {
    value: &'a Value,
    prefix: &'a str,
}

impl Laid<'_> {
    fn put(self, dest: &mut dyn fmt::Write) -> fmt::Result {
        let prefix = self.prefix;
        write(self.value, Quote::IfNeeded, &mut Filled { dest, prefix })
    }
}

impl fmt::Display for Laid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.put(f)
    }
}

impl FastWritable for Laid<'_> {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(self.put(dest)?)
    }
}

/// A value with the prefix put in, for a template.
pub(crate) fn laid_out<'a>(value: &'a Value, prefix: &'a str) -> LaidOut<'a> {
    Safe(Laid { value, prefix })
}

/// The text of [`laid_out`].
pub(crate) fn lay_out<'a>(value: &'a Value, prefix: &str) -> Cow<'a, str> {
    match value {
        Value::Raw(text) => text.as_ref().into(),
        Value::Keyword(word) => (*word).into(),
        value => Laid { value, prefix }.to_string().into(),
    }
}

/// The bytes of that text.
pub(crate) fn length(value: &Value, prefix: &str) -> usize {
    let mut length = Length(0);
    // It takes all that is written.
    let _ = Laid { value, prefix }.put(&mut length);
    length.0
}

/// A value that is cut where the prefix stands, for a script that puts another one in.
///
/// Each item in which it stands is quoted if its grammar has quotes, since the other prefix may hold a space.
pub(crate) fn relocatable(value: &Value) -> Vec<Chunk> {
    let mut cut = Cut(Vec::new());
    // It takes all that is written.
    let _ = write(value, Quote::AroundPrefix, &mut cut);
    cut.0
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

/// Where a line goes, text by text.
trait Line: fmt::Write {
    /// Takes the prefix.
    fn prefix(&mut self, rule: Rule) -> fmt::Result;
}

/// Text with the prefix put in.
struct Filled<'a> {
    dest: &'a mut dyn fmt::Write,
    prefix: &'a str,
}

impl fmt::Write for Filled<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.dest.write_str(text)
    }
}

impl Line for Filled<'_> {
    fn prefix(&mut self, rule: Rule) -> fmt::Result {
        escaped(self.dest, self.prefix, rule)
    }
}

/// Chunks, of which two texts never follow each other.
struct Cut(Vec<Chunk>);

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match self.0.last_mut() {
            Some(Chunk::Text(last)) => last.push_str(text),
            _ => self.0.push(Chunk::Text(text.to_owned())),
        }
        Ok(())
    }
}

impl Line for Cut {
    fn prefix(&mut self, rule: Rule) -> fmt::Result {
        self.0.push(Chunk::Prefix(rule));
        Ok(())
    }
}

/// How much was written.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn write(value: &Value, quote: Quote, line: &mut impl Line) -> fmt::Result {
    match value {
        Value::Command { program, args } => {
            item(line, None, program, Rule::Item, quote)?;
            for arg in args {
                line.write_str(" ")?;
                item(line, None, arg, Rule::Argument, quote)?;
            }
            Ok(())
        }
        Value::Assignment { name, value } => item(line, Some(name), value, Rule::Item, quote),
        Value::Path(path) | Value::Text(path) => pieces(line, path, Rule::Raw),
        Value::Words(words) => {
            for (index, word) in words.iter().enumerate() {
                line.write_str(if index == 0 { "" } else { " " })?;
                item(line, None, word, Rule::Item, quote)?;
            }
            Ok(())
        }
        Value::Raw(text) => line.write_str(text),
        Value::Url(text) => escaped(line, text, Rule::Raw),
        Value::Units(units) => {
            for (index, unit) in units.iter().enumerate() {
                line.write_str(if index == 0 { "" } else { " " })?;
                line.write_str(unit)?;
            }
            Ok(())
        }
        Value::Time(time) => write!(line, "{time}"),
        Value::Bool(yes) => line.write_str(if *yes { "yes" } else { "no" }),
        Value::Number(number) => write!(line, "{number}"),
        Value::Keyword(word) => line.write_str(word),
    }
}

fn pieces(line: &mut impl Line, placed: &Placed, rule: Rule) -> fmt::Result {
    placed.pieces.iter().try_for_each(|piece| match piece {
        Piece::Literal(text) => escaped(line, text, rule),
        Piece::Prefix => line.prefix(rule),
        Piece::Specifier(specifier) => line.write_str(specifier),
    })
}

/// One word of a line that is split into words: a variable's name and its value, or a value alone.
fn item(
    line: &mut impl Line,
    name: Option<&EnvName>,
    placed: &Placed,
    rule: Rule,
    quote: Quote,
) -> fmt::Result {
    // The prefix that we write ourselves needs no quotes.
    let texts = placed.pieces.iter().filter_map(|piece| match piece {
        Piece::Literal(text) => Some(text.as_str()),
        Piece::Specifier(specifier) => Some(*specifier),
        Piece::Prefix => None,
    });
    let mut texts = texts.filter(|text| !text.is_empty());
    let is_placed = placed.is_placed();
    // Between blanks it would end the command; escaped it is an argument (systemd.service(5)).
    if rule == Rule::Argument && !is_placed && texts.clone().eq([";"]) {
        return line.write_str("\\;");
    }
    let empty = name.is_none() && !is_placed && texts.clone().next().is_none();
    let quoted = empty
        || (quote == Quote::AroundPrefix && is_placed)
        || texts.any(|text| {
            text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\'))
        });
    let mark = if quoted { "\"" } else { "" };
    line.write_str(mark)?;
    if let Some(name) = name {
        line.write_str(name.as_str())?;
        line.write_str("=")?;
    }
    pieces(line, placed, rule)?;
    line.write_str(mark)
}

fn escaped<W: fmt::Write + ?Sized>(dest: &mut W, text: &str, rule: Rule) -> fmt::Result {
    let mut rest = text;
    while let Some((at, escape)) = rest
        .bytes()
        .enumerate()
        .find_map(|(at, byte)| Some((at, escape(byte, rule)?)))
    {
        dest.write_str(&rest[..at])?;
        dest.write_str(escape)?;
        rest = &rest[at + 1..];
    }
    dest.write_str(rest)
}

/// What stands for a character that would mean something else.
fn escape(byte: u8, rule: Rule) -> Option<&'static str> {
    match byte {
        b'%' => Some("%%"),
        b'$' if rule == Rule::Argument => Some("$$"),
        b'\\' if rule != Rule::Raw => Some("\\\\"),
        b'"' if rule != Rule::Raw => Some("\\\""),
        b'\t' if rule != Rule::Raw => Some("\\t"),
        _ => None,
    }
}
