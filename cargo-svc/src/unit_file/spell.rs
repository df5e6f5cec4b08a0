//! Values as text again, by the grammar that their key is read with.

use super::effective::rule;
use super::grammar::Read;
use super::value::Value;
use super::{Command, Rights, Shell};
use crate::directives::Section;
use crate::escape::unit::words::{Split, spelled as word};

/// The text of an assignment that gives this value. What ends in a backslash wants a blank after it.
pub(crate) fn spelled(section: Section, key: &str, value: &Value) -> String {
    let read = rule(section, key).map_or(Read::Text, |rule| rule.read);
    line(read, value)
}

fn line(read: Read, value: &Value) -> String {
    match (read, value) {
        (Read::Paths, Value::Path(path)) => word(path, Split::QUOTED),
        (Read::SearchPath, Value::Path(path)) => format!("{}/", word(path, Split::COLONS)),
        // A blank at the end of the line would be taken off.
        (_, Value::Path(path)) if path.ends_with([' ', '\t']) => format!("{path}/"),
        (Read::PathCondition, value) => format!("{value}/"),
        (Read::VariableParts, Value::Word(text)) => word(text, Split::ESCAPED),
        (Read::Words(split) | Read::Units(split), Value::Word(text)) => word(text, split),
        (Read::Urls, Value::Word(text)) => word(text, Split::STRINGS),
        (Read::Delegate, Value::Word(text)) if text.is_empty() => String::new(),
        (Read::Delegate | Read::VariableNames, Value::Word(text)) => word(text, Split::QUOTED),
        (Read::Folders, Value::Fields(fields)) => {
            word(&joined(fields, Split::ESCAPED_COLONS), Split::STRINGS)
        }
        (Read::Binds, Value::Fields(fields)) => joined(fields, Split::QUOTED),
        (Read::PathsWithOptions, Value::Fields(fields)) => {
            let mut parts = vec![word(&fields[0], Split::COLONS)];
            parts.extend(fields.get(1).cloned());
            word(&parts.join(":"), Split::QUOTED)
        }
        (Read::Source, Value::Fields(fields)) if fields[0] == fields[1] => {
            format!("{}:", word(&fields[0], Split::COLONS))
        }
        (Read::Data | Read::Source, Value::Fields(fields)) => {
            format!("{}:{}", word(&fields[0], Split::COLONS), fields[1])
        }
        (Read::Device | Read::DeviceAccess, Value::Fields(fields)) => {
            format!("{} {}", word(&fields[0], Split::QUOTED), fields[1])
        }
        (_, Value::Command(command)) => written_command(command),
        (_, Value::Variable { name, value }) => word(&format!("{name}={value}"), Split::ESCAPED),
        (_, Value::Operation { remove, word: text }) => {
            let mark = if *remove { "~" } else { "" };
            let text = match (read, text.as_str()) {
                (_, "") => String::new(),
                (Read::Operations(split), text) => word(text, split),
                (_, text) => word(text, Split::QUOTED),
            };
            format!("{mark}{text}")
        }
        (_, value) => value.to_string(),
    }
}

fn joined(fields: &[String], split: Split) -> String {
    let parts: Vec<_> = fields.iter().map(|field| word(field, split)).collect();
    parts.join(":")
}

fn written_command(command: &Command) -> String {
    let prefix = command.prefix;
    let mut first = String::new();
    first += if prefix.ignore_failure { "-" } else { "" };
    first += if prefix.no_variables { ":" } else { "" };
    first += match prefix.rights {
        Rights::Unit => "",
        Rights::Full => "+",
        Rights::SameUser => "!",
        Rights::Ambient => "!!",
    };
    first += match prefix.shell {
        None if command.argv0.is_some() => "@",
        None => "",
        Some(Shell::Plain) => "|",
        Some(Shell::Login) => "|@",
    };
    first += &command.program;
    let words = [&first]
        .into_iter()
        .chain(&command.argv0)
        .chain(&command.args);
    let words: Vec<_> = words.map(|text| word(text, Split::ESCAPED)).collect();
    words.join(" ")
}
