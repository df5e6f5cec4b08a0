//! Values as systemd keeps them.

use std::fmt;

use super::command::{Command, Prefix, Rights, Shell};
use crate::service::TimeSpan;

/// One value of a directive. Two values are equal if they mean the same to systemd; specifiers and variables are compared as
/// they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The rest of the line as it stands, or what no other variant can hold.
    Text(String),
    /// A switch.
    Bool(bool),
    /// A time span.
    Time(TimeSpan),
    /// A whole number.
    Number(i64),
    /// Bytes.
    Size(u64),
    /// Permissions.
    Mode(u32),
    /// A resource limit in the resource's own unit; none is `infinity`.
    Limit {
        /// What a process may raise.
        soft: Option<u64>,
        /// What it may raise it to.
        hard: Option<u64>,
    },
    /// A simplified path, after the marks that its directive knows: `-`, `+`.
    Path(String),
    /// A word without its quotes and escapes.
    Word(String),
    /// The parts of a word that colons or blanks separate.
    Fields(Vec<String>),
    /// A command.
    Command(Command),
    /// A variable.
    Variable {
        /// Its name.
        name: String,
        /// What it is set to.
        value: String,
    },
    /// A step that adds to or takes from what earlier ones made; an empty word stands for a list without words.
    Operation {
        /// Whether the list began with `~`.
        remove: bool,
        /// One word of the list.
        word: String,
    },
    /// A condition or an assertion.
    Condition {
        /// `|`: one of those so marked is enough.
        trigger: bool,
        /// `!`.
        negate: bool,
        /// What is checked.
        text: String,
    },
}

/// For a message: words with blanks or quotes in them are quoted as in Rust.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Path(text) => f.write_str(text),
            Self::Bool(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Time(time) => write!(f, "{time}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Size(bytes) => write!(f, "{bytes}"),
            Self::Mode(mode) => write!(f, "{mode:04o}"),
            Self::Limit { soft, hard } if soft == hard => limit(f, *soft),
            Self::Limit { soft, hard } => {
                limit(f, *soft)?;
                f.write_str(":")?;
                limit(f, *hard)
            }
            Self::Word(word) => shown(f, word),
            Self::Fields(fields) => shown(f, &fields.join(":")),
            Self::Command(command) => write!(f, "{command}"),
            Self::Variable { name, value } => shown(f, &format!("{name}={value}")),
            Self::Operation { remove, word } => {
                write!(f, "{}{word}", if *remove { "~" } else { "" })
            }
            Self::Condition {
                trigger,
                negate,
                text,
            } => {
                let mark = |there: &bool, mark| if *there { mark } else { "" };
                write!(f, "{}{}{text}", mark(trigger, "|"), mark(negate, "!"))
            }
        }
    }
}

fn limit(f: &mut fmt::Formatter<'_>, limit: Option<u64>) -> fmt::Result {
    match limit {
        Some(limit) => write!(f, "{limit}"),
        None => f.write_str("infinity"),
    }
}

fn shown(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"'\\;".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        f.write_str(word)
    } else {
        write!(f, "{word:?}")
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.prefix)?;
        if self.argv0.is_some() {
            f.write_str("@")?;
        }
        shown(f, &self.program)?;
        for arg in self.argv0.iter().chain(&self.args) {
            f.write_str(" ")?;
            shown(f, arg)?;
        }
        Ok(())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ignore_failure {
            f.write_str("-")?;
        }
        if self.no_variables {
            f.write_str(":")?;
        }
        f.write_str(match self.rights {
            Rights::Unit => "",
            Rights::Full => "+",
            Rights::SameUser => "!",
            Rights::Ambient => "!!",
        })?;
        f.write_str(match self.shell {
            None => "",
            Some(Shell::Plain) => "|",
            Some(Shell::Login) => "@|",
        })
    }
}
