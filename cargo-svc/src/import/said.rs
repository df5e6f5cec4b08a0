//! Values of a unit as the metadata says them. Each is a guess: whether it means the same is found out by generating it.

use crate::directives::Section;
use crate::escape::unit::words::has_variable;
use crate::manifest::document::Toml;
use crate::unit_file::{Command, Effective, Prefix, Value};

/// A word of a unit as a text with placeholders; none if something else than an instance's name has to be put in.
pub(super) fn text(word: &str, template: bool) -> Option<String> {
    Some(joined(&parts(word, template)?, |part| {
        part.replace('{', "{{")
    }))
}

/// The same of a text in which braces mean something in a template alone.
pub(super) fn plain_text(word: &str, template: bool) -> Option<String> {
    Some(joined(&parts(word, template)?, |part| {
        if template {
            part.replace('{', "{{")
        } else {
            part.to_owned()
        }
    }))
}

/// The same of an argument of a command line.
pub(super) fn argument(word: &str, template: bool) -> Option<String> {
    let parts = parts(word, template)?;
    if has_variable(&parts.join("\u{0}")) {
        return None;
    }
    Some(joined(&parts, |part| {
        part.replace("$$", "$").replace('{', "{{")
    }))
}

fn joined(parts: &[String], escape: impl Fn(&str) -> String) -> String {
    let parts: Vec<_> = parts.iter().map(|part| escape(part)).collect();
    parts.join("{instance}")
}

/// What stands between the names of the instance.
fn parts(word: &str, template: bool) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('%', Some('%')) => {
                chars.next();
                part.push('%');
            }
            ('%', Some('i')) if template => {
                chars.next();
                parts.push(std::mem::take(&mut part));
            }
            ('%', Some(c)) if c.is_ascii_alphanumeric() => return None,
            _ => part.push(c),
        }
    }
    parts.push(part);
    Some(parts)
}

/// The program of a service, as far as its first command says it.
pub(super) struct Program<'a> {
    pub(super) command: &'a Command,
    /// Its folder; none if it is looked up.
    pub(super) dir: Option<&'a str>,
    /// Its file name.
    pub(super) bin: &'a str,
    /// Whether nothing but the program and its arguments is said.
    pub(super) is_plain: bool,
}

/// The program of a unit; none if it runs none, or if what it runs has no name that a program of cargo's could have.
pub(super) fn program(unit: &Effective) -> Option<Program<'_>> {
    let commands = unit.values(Section::Service, "ExecStart");
    let Some(Value::Command(command)) = commands.first() else {
        return None;
    };
    let (dir, bin) = match command.program.rsplit_once('/') {
        Some((dir, bin)) => (Some(dir), bin),
        None => (None, command.program.as_str()),
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if bin.is_empty() || !bin.chars().all(fits) || command.prefix.shell.is_some() {
        return None;
    }
    let only = commands.len() == 1 && command.prefix == Prefix::default();
    Some(Program {
        command,
        dir,
        bin,
        is_plain: only && command.argv0.is_none(),
    })
}

/// The words of a directive; none if one of them is something else.
pub(super) fn words(unit: &Effective, section: Section, key: &str) -> Option<Vec<String>> {
    let values = unit.values(section, key).into_iter();
    values
        .map(|value| match value {
            Value::Word(word)
            | Value::Path(word)
            | Value::Text(word)
            | Value::Operation {
                remove: false,
                word,
            } => Some(word.clone()),
            _ => None,
        })
        .collect()
}

/// A key's only value as text.
pub(super) fn shown(unit: &Effective, section: Section, key: &str) -> Option<String> {
    match unit.values(section, key).as_slice() {
        [one] => Some(one.to_string()),
        _ => None,
    }
}

/// What svc-rt reads from its variable, as the key `log` says it.
pub(super) fn log(value: &str) -> Option<Toml> {
    let mut channels = Vec::new();
    for word in value.split(' ') {
        let (channel, said) = word.split_once('=')?;
        let said = match (channel, said.split(':').collect::<Vec<_>>().as_slice()) {
            ("system" | "stderr", [level]) => Toml::text(*level),
            ("file", [level, rotation, keep]) => Toml::Table(vec![
                ("level".into(), Toml::text(*level)),
                ("rotation".into(), Toml::text(*rotation)),
                ("keep".into(), Toml::Integer(keep.parse().ok()?)),
            ]),
            _ => return None,
        };
        channels.push((channel.to_owned(), said));
    }
    Some(Toml::Table(channels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_taken_only_where_there_is_a_placeholder() {
        assert_eq!(text("100%% {a}", false).as_deref(), Some("100% {{a}"));
        assert_eq!(
            text("a%i-%i", true).as_deref(),
            Some("a{instance}-{instance}")
        );
        assert_eq!(text("a%i", false), None);
        assert_eq!(text("%h/a", true), None);
        assert_eq!(text("5%, %", true).as_deref(), Some("5%, %"));
        assert_eq!(plain_text("{%i}", true).as_deref(), Some("{{{instance}}"));
        assert_eq!(plain_text("{a}", false).as_deref(), Some("{a}"));
    }

    #[test]
    fn variables_are_not_taken() {
        assert_eq!(
            argument("$$HOME is 5%%", false).as_deref(),
            Some("$HOME is 5%")
        );
        assert_eq!(argument("${HOME}", false), None);
        assert_eq!(argument("$HOME", false), None);
        assert_eq!(argument("a%i${B}", true), None);
    }
}
