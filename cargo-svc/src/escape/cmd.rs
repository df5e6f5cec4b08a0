//! Batch files: how cmd.exe reads a line, and how the program that it starts reads its words.
//!
//! cmd.exe toggles between inside and outside at every quote, whether the program will take it for a quote or not, and reads
//! `& | < > ( )` as its own outside. A word that holds a quote is therefore never put inside: each of its quotes has a caret
//! before it, which keeps cmd.exe outside, and each of the other characters has one too. A percent sign is doubled, since
//! percent signs are read before carets and quotes are.
//!
//! The paths of folders come in as FOR variables: their text is put in after the line was parsed, so that no
//! character of it means anything to cmd.exe.

use std::fmt;

use askama::filters::{Escaper, Safe};

use super::argv;
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
        dest.write_str(&lay_out(&Value::literal(string), LETTER))
    }
}

/// A word as it stands in a batch file.
pub(crate) type LaidOut = Safe<String>;

/// Words that hold no folder.
pub(crate) fn words(words: &[&str]) -> LaidOut {
    let mut line = String::new();
    for word in words {
        gap(&mut line);
        if is_bare(word) && !word.is_empty() {
            line.push_str(word);
        } else {
            lay_out_into(&mut line, &Value::literal(word), LETTER);
        }
    }
    Safe(line)
}

/// A command: a program whose path a variable of the script holds, and its words. If one of them holds a folder, the command
/// stands in a FOR that puts it in.
pub(crate) fn command(program: &str, words: &[Value]) -> LaidOut {
    Safe(in_for(words, |letter| {
        let mut line = ["\"", program, "\""].concat();
        lay_out_words(&mut line, words, letter);
        line
    }))
}

/// `reg add` of a value below a key, in whose path variables of the script may stand.
pub(crate) fn reg_add(program: &str, key: &str, words: &[Value]) -> LaidOut {
    Safe(in_for(words, |letter| {
        let mut line = ["\"", program, "\" add \"", key, "\" /v"].concat();
        lay_out_words(&mut line, words, letter);
        line
    }))
}

/// A command with the variables in it that its words need, by the first one's letter. A path holds no `|`.
fn in_for(words: &[Value], command: impl Fn(char) -> String) -> String {
    if !words.iter().any(Value::has_folder) {
        return command(LETTER);
    }
    let mut all = Value::default();
    for word in words {
        all.append(word);
    }
    let letter = free_letter(&all).unwrap_or(LETTER);
    let command = command(letter);
    if all.holds(&Piece::ProgramData) {
        format!(
            "for /f \"eol=| tokens=1,2 delims=|\" %%{letter} in (\"%INSTALL_DIR%|%PROGRAM_DATA%\") do {command}"
        )
    } else if all.holds(&Piece::InstallDir) {
        format!("for %%{letter} in (\"%INSTALL_DIR%\") do {command}")
    } else {
        command
    }
}

/// The FOR variable that holds a folder: the first one the install folder, the second one the one for programs' data.
fn folder_variable(folder: &Piece, letter: char) -> String {
    match folder {
        Piece::ProgramData => format!("%%~{}", following(letter)),
        _ => format!("%%~{letter}"),
    }
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
) -> Vec<LaidOut> {
    let key = format!("\"%SERVICES%\\{service}\" /v");
    let add =
        |name| format!("\"{program}\" add {key} {name} /t REG_MULTI_SZ /s \"{separator}\" /d");
    let set = add("Environment");
    if data.pieces().is_empty() {
        // Nothing is declared: what somebody else added stays, without the separator after it.
        return vec![
            Safe(format!(
                "if not defined KEPT_{number} \"{program}\" delete {key} Environment /f >nul 2>&1 & ver"
            )),
            Safe(format!(
                "if defined KEPT_{number} for /f \"eol=| delims=\" %%D in (\"%KEPT_{number}:~0,-1%\") do {set} \"%%D\" /f"
            )),
        ];
    }
    let letter = free_letter(data).unwrap_or(LETTER);
    let word = lay_out_quoted(data, letter);
    let copy = add("SvcEnvironment");
    let (quote, rest) = match word.strip_prefix("^\"") {
        Some(rest) => ("^\"", rest),
        None => ("\"", word.strip_prefix('"').unwrap_or(&word)),
    };
    vec![
        Safe(format!(
            "for /f \"eol=| tokens=1,2,* delims=|\" %%{letter} in (\"%INSTALL_DIR%|%PROGRAM_DATA%|%KEPT_{number}%\") do {set} {quote}%%{}{rest} /f",
            following(following(letter)),
        )),
        Safe(in_for(std::slice::from_ref(data), |_| {
            format!("{copy} {word} /f")
        })),
    ]
}

/// Removes a value of a service's key, if it is there.
pub(crate) fn remove_value(program: &str, service: &str, name: &str) -> LaidOut {
    Safe(format!(
        "\"{program}\" delete \"%SERVICES%\\{service}\" /v {name} /f >nul 2>&1 & ver"
    ))
}

/// A path between quotes, with the variables that the script keeps folders in. Its own characters are a file's, without a percent
/// sign.
pub(crate) fn path(value: &Value) -> LaidOut {
    let text = value.pieces().iter().map(|piece| match piece {
        Piece::Literal(text) => inside_quotes(text).0,
        Piece::InstallDir => "%INSTALL_DIR%".to_owned(),
        Piece::ProgramData => "%PROGRAM_DATA%".to_owned(),
    });
    Safe(text.collect())
}

/// A folder below the one for programs, between quotes.
pub(crate) fn below_programs(below: &str) -> LaidOut {
    Safe(format!(r"%ProgramFiles%\{}", inside_quotes(below).0))
}

/// Text between quotes; it holds none itself.
pub(crate) fn inside_quotes(text: &str) -> LaidOut {
    Safe(text.replace('%', "%%"))
}

/// The text after `echo`, outside of quotes.
pub(crate) fn echoed(text: &str) -> LaidOut {
    Safe(carets(text))
}

/// Words, each behind a space.
fn lay_out_words(line: &mut String, words: &[Value], letter: char) {
    for word in words {
        line.push(' ');
        lay_out_into(line, word, letter);
    }
}

fn gap(line: &mut String) {
    if !line.is_empty() {
        line.push(' ');
    }
}

/// A value as one word of a line, whose folders are in the FOR variable of this letter and the next one.
pub(crate) fn lay_out(value: &Value, letter: char) -> String {
    let mut line = String::new();
    lay_out_into(&mut line, value, letter);
    line
}

fn lay_out_into(line: &mut String, value: &Value, letter: char) {
    match value.pieces() {
        [Piece::Literal(text)] if is_bare(text) => line.push_str(text),
        _ => line.push_str(&lay_out_quoted(value, letter)),
    }
}

/// Whether text means the same to everybody without quotes.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'\\' | b':' | b'=')
    })
}

fn lay_out_quoted(value: &Value, letter: char) -> String {
    let quoted = argv::quoted(value);
    let has_quote = value.literals().any(|text| text.contains('"'));
    quoted
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) if has_quote => carets(text),
            Piece::Literal(text) => text.replace('%', "%%"),
            folder => folder_variable(folder, letter),
        })
        .collect()
}

fn carets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '^' | '&' | '|' | '<' | '>' | '(' | ')') {
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
    let text: String = value.with_folders(" ");
    let free = |letter: char| {
        !MODIFIERS.contains(letter.to_ascii_lowercase()) && !text.contains(&format!("%{letter}"))
    };
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
