//! Batch files: how cmd.exe reads a line, and how the program that it starts reads its words.
//!
//! cmd.exe toggles between inside and outside at every quote, whether the program will take it for a quote or not, and reads
//! `& | < > ( )` as its own outside. A word that holds a quote is therefore never put inside: each of its quotes has a caret
//! before it, which keeps cmd.exe outside, and each of the other characters has one too. A percent sign is doubled, since
//! percent signs are read before carets and quotes are.
//!
//! The paths of folders come in as FOR variables: their text is put in after the line was parsed, so that no
//! character of it means anything to cmd.exe.

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Escaper, Safe};

use super::argv;
use super::part::{Part, Word};
use crate::plan::windows::{Piece, Value};

/// Characters of the longest folder that a path may have (`MAX_PATH` without its NUL).
const FOLDER: usize = 259;

/// What may separate the variables of a `REG_MULTI_SZ` value for reg.exe, best first.
const SEPARATORS: [char; 6] = ['|', '#', ';', '@', '+', '$'];

/// The escaper of `.cmd` templates: a value is one word of a program's command line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cmd;

impl Escaper for Cmd {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        if is_bare(string) && !string.is_empty() {
            return dest.write_str(string);
        }
        // A line end would begin a command of its own. Plans refuse it with a reason; this is the last line.
        if string.contains(['\r', '\n', '\0', '\x1a']) {
            return Err(fmt::Error);
        }
        dest.write_str(&word(string).0)
    }
}

/// A part of a line as it stands in a batch file.
pub(crate) type LaidOut<'a> = Safe<Cow<'a, str>>;

/// A word that holds no folder.
pub(crate) fn word<'a>(text: impl Into<Cow<'a, str>>) -> LaidOut<'a> {
    let text = text.into();
    if is_bare(&text) && !text.is_empty() {
        return Safe(text);
    }
    let mut line = String::with_capacity(text.len() + 2);
    lay_out_into(&mut line, Word::Text(&text), LETTER);
    Safe(line.into())
}

/// Words that hold no folder.
pub(crate) fn words<'w>(words: impl IntoIterator<Item = impl Into<Cow<'w, str>>>) -> LaidOut<'w> {
    let mut line = String::new();
    for text in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word(text).0);
    }
    Safe(line.into())
}

/// A command: a program whose path a variable of the script holds, and its words. If one of them holds a folder, the command
/// stands in a FOR that puts it in.
pub(crate) fn command(program: &str, words: &[Word]) -> LaidOut<'static> {
    let mut line = String::with_capacity(LINE);
    let letter = begin(&mut line, words);
    push_all(&mut line, &["\"", program, "\""]);
    lay_out_words(&mut line, words, letter);
    Safe(line.into())
}

/// `reg add` of a value below a key, in whose path variables of the script may stand.
pub(crate) fn reg_add(program: &str, key: &str, words: &[Word]) -> LaidOut<'static> {
    let mut line = String::with_capacity(LINE);
    let letter = begin(&mut line, words);
    push_all(&mut line, &["\"", program, "\" add \"", key, "\" /v"]);
    lay_out_words(&mut line, words, letter);
    Safe(line.into())
}

/// As many bytes as most commands have at most.
const LINE: usize = 256;

/// Begins a command with the variables that its words need, and gives the first one's letter. A path holds no `|`.
fn begin(line: &mut String, words: &[Word]) -> char {
    let has = |folder| words.iter().any(|word| word.holds(folder));
    let data = has(&Piece::ProgramData);
    if !data && !has(&Piece::InstallDir) {
        return LETTER;
    }
    let letter = free(words.iter().flat_map(|word| word.parts())).unwrap_or(LETTER);
    let (before, after) = if data {
        (
            "for /f \"eol=| tokens=1,2 delims=|\" %%",
            " in (\"%INSTALL_DIR%|%PROGRAM_DATA%\") do ",
        )
    } else {
        ("for %%", " in (\"%INSTALL_DIR%\") do ")
    };
    line.push_str(before);
    line.push(letter);
    line.push_str(after);
    letter
}

/// Sets a service's `Environment` value to what the script keeps in `KEPT_<number>`, and the data; a copy of the data alone
/// tells a later run what is the installer's. The folders and what is kept come in through one FOR: no path holds `|`, and what
/// follows the second one is the third variable as it stands.
pub(crate) fn environment(
    program: &str,
    service: &str,
    number: usize,
    data: &Value,
    separator: char,
) -> Vec<LaidOut<'static>> {
    let key = format!("\"%SERVICES%\\{service}\" /v");
    let add =
        |name| format!("\"{program}\" add {key} {name} /t REG_MULTI_SZ /s \"{separator}\" /d");
    let set = add("Environment");
    if data.pieces().is_empty() {
        // Nothing is declared: what somebody else added stays, without the separator after it.
        let lines = [
            format!(
                "if not defined KEPT_{number} \"{program}\" delete {key} Environment /f >nul 2>&1 & ver"
            ),
            format!(
                "if defined KEPT_{number} for /f \"eol=| delims=\" %%D in (\"%KEPT_{number}:~0,-1%\") do {set} \"%%D\" /f"
            ),
        ];
        return lines.map(|line| Safe(line.into())).into();
    }
    let letter = free_letter(data).unwrap_or(LETTER);
    let mut word = String::new();
    lay_out_quoted(&mut word, Word::Value(data), letter);
    let (quote, rest) = match word.strip_prefix("^\"") {
        Some(rest) => ("^\"", rest),
        None => ("\"", word.strip_prefix('"').unwrap_or(&word)),
    };
    let merged = format!(
        "for /f \"eol=| tokens=1,2,* delims=|\" %%{letter} in (\"%INSTALL_DIR%|%PROGRAM_DATA%|%KEPT_{number}%\") do {set} {quote}%%{}{rest} /f",
        following(following(letter)),
    );
    let mut copy = String::with_capacity(merged.len());
    begin(&mut copy, &[Word::Value(data)]);
    push_all(&mut copy, &[&add("SvcEnvironment"), " ", &word, " /f"]);
    [merged, copy].map(|line| Safe(line.into())).into()
}

/// Removes a value of a service's key, if it is there.
pub(crate) fn remove_value(program: &str, service: &str, name: &str) -> LaidOut<'static> {
    Safe(
        format!("\"{program}\" delete \"%SERVICES%\\{service}\" /v {name} /f >nul 2>&1 & ver")
            .into(),
    )
}

/// A path between quotes, with the variables that the script keeps folders in. Its own characters are a file's, without a percent
/// sign.
pub(crate) fn path<'a>(parts: impl Iterator<Item = Part<'a>>) -> LaidOut<'static> {
    let mut path = String::new();
    for part in parts {
        match part {
            Part::Text(text) => path.push_str(&inside_quotes(text).0),
            Part::InstallDir => path.push_str("%INSTALL_DIR%"),
            Part::ProgramData => path.push_str("%PROGRAM_DATA%"),
        }
    }
    Safe(path.into())
}

/// A folder below the one for programs, between quotes.
pub(crate) fn below_programs(below: &str) -> LaidOut<'static> {
    Safe(format!(r"%ProgramFiles%\{}", inside_quotes(below).0).into())
}

/// Text between quotes; it holds none itself.
pub(crate) fn inside_quotes<'a>(text: impl Into<Cow<'a, str>>) -> LaidOut<'a> {
    let text = text.into();
    if text.contains('%') {
        Safe(text.replace('%', "%%").into())
    } else {
        Safe(text)
    }
}

/// The text after `echo`, outside of quotes.
pub(crate) fn echoed<'a>(text: impl Into<Cow<'a, str>>) -> LaidOut<'a> {
    let text = text.into();
    if !text.bytes().any(needs_caret) && !text.contains('%') {
        return Safe(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    carets(&mut line, &text);
    Safe(line.into())
}

fn push_all(line: &mut String, texts: &[&str]) {
    line.extend(texts.iter().copied());
}

/// Words, each behind a space.
fn lay_out_words(line: &mut String, words: &[Word], letter: char) {
    for word in words {
        line.push(' ');
        lay_out_into(line, *word, letter);
    }
}

/// A value as one word of a line, whose folders are in the FOR variable of this letter and the next one.
pub(crate) fn lay_out(value: &Value, letter: char) -> String {
    let mut line = String::new();
    lay_out_into(&mut line, Word::Value(value), letter);
    line
}

fn lay_out_into(line: &mut String, word: Word, letter: char) {
    let mut parts = word.parts();
    match (parts.next(), parts.next()) {
        (Some(Part::Text(text)), None) if is_bare(text) => line.push_str(text),
        _ => lay_out_quoted(line, word, letter),
    }
}

/// Whether text means the same to everybody without quotes.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'\\' | b':' | b'=')
    })
}

fn lay_out_quoted(line: &mut String, word: Word, letter: char) {
    let is_quoted = |part| matches!(part, Part::Text(text) if text.contains('"'));
    let has_quote = word.parts().any(is_quoted);
    argv::quote(word.parts(), |part| match part {
        Part::Text(text) if has_quote => carets(line, text),
        Part::Text(text) => line.push_str(&inside_quotes(text).0),
        Part::InstallDir => line.extend(['%', '%', '~', letter]),
        Part::ProgramData => line.extend(['%', '%', '~', following(letter)]),
    });
}

/// Puts a caret before what cmd.exe would read as its own, and doubles percent signs.
fn carets(line: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest
        .bytes()
        .position(|byte| needs_caret(byte) || byte == b'%')
    {
        line.push_str(&rest[..at]);
        line.push(if rest.as_bytes()[at] == b'%' {
            '%'
        } else {
            '^'
        });
        line.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    line.push_str(rest);
}

fn needs_caret(byte: u8) -> bool {
    matches!(byte, b'"' | b'^' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// The most characters that a value takes on a line.
pub(crate) fn longest(value: &Value) -> usize {
    let folders = value
        .pieces()
        .iter()
        .filter(|piece| !matches!(piece, Piece::Literal(_)))
        .count();
    lay_out(value, LETTER).chars().count() + folders * FOLDER
}

/// The letters that are modifiers after `%~`, in either case ("for", Microsoft). As a variable's name one of them would make
/// `%~DD` the drive of `%D`, not its text and a D.
const MODIFIERS: &str = "adfnpstxz";

/// The first letter that, as its two successors, is no modifier.
const LETTER: char = 'G';

/// A FOR variable that the value does not name by accident, and whose two successors it does not name either: inside a FOR,
/// `%` and the variable's letter are the variable, however they came to stand there.
pub(crate) fn free_letter(value: &Value) -> Option<char> {
    free(value.pieces().iter().map(Part::from))
}

/// The same for the parts of one line.
fn free<'a>(parts: impl Iterator<Item = Part<'a>>) -> Option<char> {
    let mut named = Vec::new();
    let mut follows = false;
    for part in parts {
        let text = match part {
            Part::Text(text) => text,
            Part::InstallDir | Part::ProgramData => " ",
        };
        for byte in text.bytes() {
            if follows {
                named.push(char::from(byte));
            }
            follows = byte == b'%';
        }
    }
    let free =
        |letter: char| !MODIFIERS.contains(letter.to_ascii_lowercase()) && !named.contains(&letter);
    (LETTER..='X').chain('b'..='w').find(|&letter| {
        let second = following(letter);
        free(letter) && free(second) && free(following(second))
    })
}

/// The letter after this one; FOR gives it to the next token.
fn following(letter: char) -> char {
    char::from(u8::try_from(letter).unwrap_or(b'G') + 1)
}

/// A character that none of the variables holds.
pub(crate) fn separator<'a>(variables: impl Iterator<Item = &'a (String, Value)>) -> Option<char> {
    let mut candidates = SEPARATORS.to_vec();
    for text in variables.flat_map(|(_, value)| value.literals()) {
        candidates.retain(|separator| !text.contains(*separator));
    }
    candidates.first().copied()
}

#[cfg(test)]
mod tests;
