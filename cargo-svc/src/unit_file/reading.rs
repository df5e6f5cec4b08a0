//! From the text of one assignment to values.

mod lists;
mod numbers;
#[cfg(test)]
mod tests;

use super::command::command_line;
use super::grammar::Read;
use super::path::{Begins, checked};
use super::value::Value;
use crate::directives::yes_or_no;
use crate::escape::unit::is_blank;
use crate::escape::unit::words::{Split, WordError, Words};
use crate::service::TimeSpan;

/// What an assignment gives.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Whether it takes back all that came before.
    pub(super) resets: bool,
    /// Its values.
    pub(super) values: Vec<Value>,
    /// What systemd ignores in it, or why it refuses the unit.
    pub(super) complaints: Vec<Complaint>,
}

/// What is wrong with an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// One sentence.
    pub(super) reason: String,
    /// What systemd does about it.
    pub(super) outcome: Outcome,
}

/// What systemd does about a wrong value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ignores the line, or the rest of it.
    Ignored,
    /// It ignores the word.
    WordIgnored,
    /// It takes it as it stands.
    TakenAsItStands,
    /// It does not start the unit.
    Refused,
}

impl Reading {
    fn one(value: Value) -> Self {
        Self {
            values: vec![value],
            ..Self::default()
        }
    }

    fn complain(&mut self, outcome: Outcome, reason: impl Into<String>) {
        self.complaints.push(Complaint {
            reason: reason.into(),
            outcome,
        });
    }

    fn wrong(outcome: Outcome, reason: impl Into<String>) -> Self {
        let mut reading = Self::default();
        reading.complain(outcome, reason);
        reading
    }

    /// Adds a word, unless it is empty: then it names nothing.
    fn add_word(&mut self, word: String, value: impl Fn(String) -> Value) {
        if word.is_empty() {
            self.complain(Outcome::WordIgnored, "a word is empty");
        } else {
            self.values.push(value(word));
        }
    }

    /// Each word, made into a value. systemd keeps the words before one that cannot be read, and ignores the rest.
    fn words(words: Words<'_>, mut value: impl FnMut(&mut Self, String)) -> Self {
        let mut reading = Self::default();
        for word in words {
            match word {
                Ok(word) => value(&mut reading, word),
                // What takes words takes UTF-8.
                Err(error @ WordError::NotText) => {
                    reading.complain(Outcome::WordIgnored, error.to_string());
                }
                Err(error) => reading.complain(Outcome::Ignored, error.to_string()),
            }
        }
        reading
    }
}

/// Reads an assignment that is not empty. No value is lost that this reader cannot hold: it is then its text.
pub(super) fn reading(read: Read, text: &str) -> Reading {
    match read {
        Read::Text => Reading::one(Value::Text(text.to_owned())),
        Read::Bool => {
            Reading::one(yes_or_no(text).map_or_else(|| Value::Text(text.to_owned()), Value::Bool))
        }
        Read::Time => time(text, false),
        Read::TimeNotZero => time(text, true),
        Read::Size => numbers::size_or_text(text),
        Read::Number => Reading::one(numbers::number(text)),
        Read::Mode => numbers::mode(text),
        Read::Limit(unit) => numbers::limit(unit, text),
        Read::Signal => Reading::one(Value::Text(signal(text))),
        Read::Path => path(text, "", Outcome::Ignored),
        Read::WorkingDirectory => working_directory(text),
        Read::OptionalPath => {
            let (mark, rest) = mark(text);
            path(rest, mark, Outcome::Ignored)
        }
        Read::PidFile => pid_file(text),
        Read::Words(split) => Reading::words(
            crate::escape::unit::words::words(text, split),
            |reading, word| {
                reading.values.push(Value::Word(word));
            },
        ),
        Read::Units(split) => lists::units(text, split),
        Read::VariableNames => lists::variable_names(text, Split::QUOTED, false),
        Read::VariableParts => lists::variable_names(text, Split::ESCAPED, true),
        Read::Urls => lists::urls(text),
        Read::Paths => lists::paths(text),
        Read::Folders => lists::folders(text),
        Read::Binds => lists::binds(text),
        Read::PathsWithOptions => lists::paths_with_options(text),
        Read::SearchPath => lists::search_path(text),
        Read::Commands => commands(text),
        Read::Variables => lists::variables(text),
        Read::Operations(split) => lists::operations(text, split),
        Read::Capabilities { .. } => lists::capabilities(text),
        Read::AddressFamilies => lists::families(text),
        Read::SwitchOrOperations => lists::switch_or_operations(text),
        Read::PathCondition => condition(text, true),
        Read::Condition => condition(text, false),
        Read::Address => Reading::one(Value::Text(below_run(text))),
        Read::Data => lists::credential(text, false),
        Read::Source => lists::credential(text, true),
        Read::Device => lists::device(text),
        Read::DeviceAccess => lists::device_access(text),
        Read::Stream => stream(text),
        Read::Delegate => lists::delegate(text),
    }
}

fn time(text: &str, zero_is_infinite: bool) -> Reading {
    match TimeSpan::parse(text) {
        Ok(time) if time.is_zero() && zero_is_infinite => {
            Reading::one(Value::Time(TimeSpan::Infinite))
        }
        Ok(time) => Reading::one(Value::Time(time)),
        Err(reason) => Reading::wrong(Outcome::Ignored, reason),
    }
}

/// Names go with or without `SIG`; numbers differ between machines and stay what they are.
fn signal(text: &str) -> String {
    match text.strip_prefix("SIG") {
        Some(_) => text.to_owned(),
        None if text.starts_with(|c: char| c.is_ascii_digit()) => text.to_owned(),
        None => format!("SIG{text}"),
    }
}

/// A `-` at the beginning, and what follows.
fn mark(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    }
}

fn path(text: &str, mark: &str, outcome: Outcome) -> Reading {
    match checked(text, Begins::AtRoot) {
        Ok(path) => Reading::one(Value::Path(format!("{mark}{path}"))),
        Err(reason) => Reading::wrong(outcome, reason),
    }
}

fn working_directory(text: &str) -> Reading {
    let (mark, rest) = mark(text);
    let outcome = if mark.is_empty() {
        Outcome::Refused
    } else {
        Outcome::Ignored
    };
    match rest {
        "~" => Reading::one(Value::Path(text.to_owned())),
        path_text => path(path_text, mark, outcome),
    }
}

fn pid_file(text: &str) -> Reading {
    let path =
        checked(text, Begins::AtRoot).or_else(|_| checked(&format!("/run/{text}"), Begins::AtRoot));
    match path {
        Ok(path) => Reading::one(Value::Path(below_run(&path))),
        Err(reason) => Reading::wrong(Outcome::Ignored, reason),
    }
}

/// systemd puts what is below `/var/run` below `/run`.
fn below_run(path: &str) -> String {
    match path.strip_prefix("/var/run/") {
        Some(rest) => format!("/run/{}", rest.trim_start_matches('/')),
        None => path.to_owned(),
    }
}

fn stream(text: &str) -> Reading {
    for kind in ["file:", "append:", "truncate:"] {
        let Some(rest) = text.strip_prefix(kind) else {
            continue;
        };
        return match checked(rest, Begins::AtRoot) {
            Ok(path) => Reading::one(Value::Text(format!("{kind}{path}"))),
            Err(reason) => Reading::wrong(Outcome::Ignored, reason),
        };
    }
    // What systemd itself makes of the old words.
    let text = match text {
        "syslog" => "journal",
        "syslog+console" => "journal+console",
        other => other,
    };
    Reading::one(Value::Text(text.to_owned()))
}

fn condition(text: &str, is_path: bool) -> Reading {
    let blanks = |text| {
        if is_path {
            text
        } else {
            str::trim_start_matches(text, is_blank)
        }
    };
    let marked = |text, mark| match str::strip_prefix(text, mark) {
        Some(rest) => (true, blanks(rest)),
        None => (false, text),
    };
    let (trigger, rest) = marked(text, '|');
    let (negate, rest) = marked(rest, '!');
    let rest = if is_path {
        match checked(rest, Begins::AtRoot) {
            Ok(path) => path,
            Err(reason) => return Reading::wrong(Outcome::Ignored, reason),
        }
    } else {
        rest.to_owned()
    };
    Reading::one(Value::Condition {
        trigger,
        negate,
        text: rest,
    })
}

fn commands(text: &str) -> Reading {
    let line = command_line(text);
    let mut reading = Reading {
        values: line.commands.into_iter().map(Value::Command).collect(),
        ..Reading::default()
    };
    if line.unknown_escapes {
        reading.complain(
            Outcome::TakenAsItStands,
            "a backslash begins no escape that systemd knows",
        );
    }
    match line.error {
        Some(error) if error.reason == WordError::NotText.to_string() => {
            // systemd carries such bytes; the line is then compared as a whole.
            reading.values = vec![Value::Text(text.to_owned())];
        }
        Some(error) => {
            let outcome = if error.fatal {
                Outcome::Refused
            } else {
                Outcome::Ignored
            };
            reading.complain(outcome, error.reason);
        }
        None => {}
    }
    reading
}
