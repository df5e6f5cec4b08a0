//! Deserialising a table with all of its errors: what is wrong is reported, taken out, and the rest is read again.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::keys::{self, Scope};
use super::message::{Message, parse};
use crate::diagnostics::{Diagnostic, Place, Report, SourceFile};

/// A step from a table to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// The smallest entry around a span.
struct Found {
    path: Vec<Step>,
    /// The type of the entry's value, in TOML's words.
    kind: &'static str,
    length: usize,
}

/// Where the table that is read stands.
pub(super) struct Context<'a> {
    /// The file.
    pub(super) source: &'a Arc<SourceFile>,
    /// Which keys it takes.
    pub(super) scope: Scope,
    /// Its path, for example `workspace.metadata.service`.
    pub(super) prefix: &'a str,
}

/// Reads a table. Each error is reported with its place, and the entry that caused it is left out.
pub(super) fn read<T: DeserializeOwned + Default>(
    mut table: Spanned<DeTable<'_>>,
    context: &Context<'_>,
    report: &mut Report,
) -> T {
    while let Some((path, span)) = datetime(table.get_ref()) {
        let expected = "a string".into();
        report.add(context.diagnostic(&Message::Type { expected }, &path, "datetime", span));
        remove(table.get_mut(), &path);
    }
    while let Some((path, span)) = list_for_table(table.get_ref()) {
        let expected = "a table".into();
        report.add(context.diagnostic(&Message::Type { expected }, &path, "array", span));
        remove(table.get_mut(), &path);
    }
    // Places are told by the table as it was typed: what is taken out moves the elements after it.
    let typed = table.clone();
    loop {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return value,
            Err(error) => error,
        };
        let span = error.span().unwrap_or_else(|| table.span());
        let Some(found) = smallest(table.get_ref(), &span) else {
            report.add(context.diagnostic(&Message::Other(error.message().into()), &[], "", span));
            return T::default();
        };
        let message = parse(error.message());
        let path = smallest(typed.get_ref(), &span).map_or_else(Vec::new, |found| found.path);
        report.add(context.diagnostic(&message, &path, found.kind, span));
        remove(table.get_mut(), &found.path);
    }
}

/// A date somewhere in the table. No key takes one, and serde would see it as a table with a key of toml's own.
fn datetime(table: &DeTable<'_>) -> Option<(Vec<Step>, Range<usize>)> {
    fn within(value: &Spanned<DeValue<'_>>) -> Option<(Vec<Step>, Range<usize>)> {
        match value.get_ref() {
            DeValue::Datetime(_) => Some((Vec::new(), value.span())),
            DeValue::Table(table) => datetime(table),
            DeValue::Array(array) => array.iter().enumerate().find_map(|(index, item)| {
                let (mut path, span) = within(item)?;
                path.insert(0, Step::Index(index));
                Some((path, span))
            }),
            _ => None,
        }
    }
    table.iter().find_map(|(key, value)| {
        let (mut path, span) = within(value)?;
        path.insert(0, Step::Key(key.get_ref().to_string()));
        Some((path, span))
    })
}

/// An array where a table belongs. serde would take its elements for the values of the table's keys, in their order.
fn list_for_table(table: &DeTable<'_>) -> Option<(Vec<Step>, Range<usize>)> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref().as_ref();
        let DeValue::Array(array) = value.get_ref() else {
            return None;
        };
        let own = Step::Key(name.to_owned());
        if keys::TABLES.contains(&name) {
            return Some((vec![own], value.span()));
        }
        if !keys::LISTS_OF_TABLES.contains(&name) {
            return None;
        }
        let index = array.iter().position(|item| item.get_ref().is_array())?;
        Some((vec![own, Step::Index(index)], array[index].span()))
    })
}

/// The path of the smallest entry whose key or value holds the span.
fn smallest(table: &DeTable<'_>, span: &Range<usize>) -> Option<Found> {
    let mut best = None;
    let mut path = Vec::new();
    search_table(table, span, &mut path, &mut best);
    best
}

fn search_table(
    table: &DeTable<'_>,
    span: &Range<usize>,
    path: &mut Vec<Step>,
    best: &mut Option<Found>,
) {
    for (key, value) in table {
        path.push(Step::Key(key.get_ref().to_string()));
        consider(&key.span(), value, span, path, best);
        search_value(value, span, path, best);
        path.pop();
    }
}

fn search_value(
    value: &Spanned<DeValue<'_>>,
    span: &Range<usize>,
    path: &mut Vec<Step>,
    best: &mut Option<Found>,
) {
    consider(&value.span(), value, span, path, best);
    match value.get_ref() {
        DeValue::Table(table) => search_table(table, span, path, best),
        DeValue::Array(array) => {
            for (index, item) in array.iter().enumerate() {
                path.push(Step::Index(index));
                search_value(item, span, path, best);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Keeps an entry if it holds the span and is no larger than the one before.
fn consider(
    outer: &Range<usize>,
    value: &Spanned<DeValue<'_>>,
    span: &Range<usize>,
    path: &[Step],
    best: &mut Option<Found>,
) {
    let holds = outer.start <= span.start && span.end <= outer.end;
    if holds && best.as_ref().is_none_or(|best| outer.len() <= best.length) {
        *best = Some(Found {
            path: path.to_vec(),
            kind: value.get_ref().type_str(),
            length: outer.len(),
        });
    }
}

/// Takes the entry at a path out.
fn remove(table: &mut DeTable<'_>, path: &[Step]) {
    let Some((Step::Key(key), rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.remove(key.as_str());
    } else if let Some(value) = table.get_mut(key.as_str()) {
        remove_within(value.get_mut(), rest);
    }
}

fn remove_within(value: &mut DeValue<'_>, path: &[Step]) {
    match (value, path) {
        (DeValue::Table(table), path) => remove(table, path),
        (DeValue::Array(array), [Step::Index(index)]) => {
            *array = std::mem::replace(array, DeArray::new())
                .into_iter()
                .enumerate()
                .filter(|(position, _)| position != index)
                .map(|(_, item)| item)
                .collect();
        }
        (DeValue::Array(array), [Step::Index(index), rest @ ..]) => {
            if let Some(item) = array.get_mut(*index) {
                remove_within(item.get_mut(), rest);
            }
        }
        _ => {}
    }
}

impl Context<'_> {
    /// The place of an entry of the table.
    fn place(&self, path: &[Step], span: Range<usize>) -> Place {
        let mut key = self.prefix.to_owned();
        // The caret tells the elements of an array apart.
        for step in path {
            if let Step::Key(name) = step {
                key.push('.');
                key.push_str(name);
            }
        }
        Place {
            source: Arc::clone(self.source),
            key,
            span,
        }
    }

    /// Puts an error into words that name the key, say what it takes and show a right line.
    fn diagnostic(
        &self,
        message: &Message,
        path: &[Step],
        kind: &str,
        span: Range<usize>,
    ) -> Diagnostic {
        let place = self.place(path, span);
        let short = place
            .key
            .strip_prefix(self.prefix)
            .and_then(|key| key.strip_prefix('.'))
            .unwrap_or(&place.key)
            .to_owned();
        let top = match path.first() {
            Some(Step::Key(name)) => keys::find(self.scope, name),
            _ => None,
        };
        let usage = top.and_then(|key| key.usage.as_ref());
        let diagnostic = match message {
            Message::UnknownKey { name, right } if path.len() == 1 => self.unknown(name, right),
            Message::UnknownKey { name, right } => {
                let table = short.rsplit_once('.').map_or("", |(table, _)| table);
                Diagnostic::error(format!("unknown key `{name}` in `{table}`"))
                    .label(guess(name, right))
            }
            Message::UnknownValue { name, right } => self.unknown_value(name, right, &short),
            Message::Type { expected } => {
                let expected = match usage {
                    Some(usage) if path.len() == 1 => usage.accepts,
                    _ => expected,
                };
                let found = Diagnostic::error(format!("wrong type for `{short}`"))
                    .label(format!("expected {expected}, found {}", article(kind)));
                let one = kind == "string" && expected.starts_with("an array");
                match self.source.text.get(place.span.clone()) {
                    Some(typed) if one => {
                        return found.at(Some(&place)).help(as_array(&short, typed));
                    }
                    _ => found,
                }
            }
            Message::Other(text) => {
                Diagnostic::error(format!("invalid value for `{short}`")).label(text)
            }
        };
        let shows_example = !matches!(message, Message::UnknownKey { .. });
        match usage {
            Some(usage) if shows_example => {
                diagnostic.help(format!("for example: {}", usage.example))
            }
            _ => diagnostic,
        }
        .at(Some(&place))
    }

    /// A key that the table itself does not take.
    fn unknown(&self, name: &str, right: &[String]) -> Diagnostic {
        if keys::find(self.scope, name).is_some() {
            return not_supported(name);
        }
        let elsewhere = keys::KEYS.iter().find(|key| key.name == name);
        let diagnostic = Diagnostic::error(format!("unknown key `{name}` in `[{}]`", self.prefix));
        if let Some(key) = elsewhere {
            return diagnostic
                .label(format!("this key belongs in `[{}]`", key.scope.table()))
                .meant(name);
        }
        let all = keys::KEYS
            .iter()
            .filter(|key| self.scope.takes(key.scope))
            .map(|key| key.name);
        // They are read apart from its keys.
        let tables: &[_] = match self.scope {
            Scope::Portable => &["systemd", "windows"],
            _ => &[],
        };
        if let Some(near) = keys::nearest(name, all.chain(tables.iter().copied())) {
            return diagnostic
                .label(format!("did you mean `{near}`?"))
                .meant(near);
        }
        let right = right.iter().map(String::as_str);
        let right: Vec<_> = right
            .chain(tables.iter().copied())
            .map(str::to_owned)
            .collect();
        diagnostic
            .label("not a key of this table")
            .help(format!("it takes {}", list(&right)))
    }

    /// A word that a key does not take.
    fn unknown_value(&self, name: &str, right: &[String], key: &str) -> Diagnostic {
        let right: Vec<String> = right
            .iter()
            .filter(|word| keys::takes_value(self.scope, key, word))
            .cloned()
            .collect();
        Diagnostic::error(format!("unknown value {name:?} for `{key}`")).label(guess(name, &right))
    }
}

/// What to write instead of a string, as it was typed: its words are probably what was meant.
fn as_array(key: &str, typed: &str) -> String {
    let inner = typed.trim_matches(['"', '\'']);
    let words: Vec<_> = inner.split_whitespace().collect();
    if words.len() < 2 || inner.contains(['"', '\'', '\\']) {
        return format!("write `{key} = [{typed}]` for one");
    }
    let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("write `{key} = [{}]`", words.join(", "))
}

/// A key of a later version.
pub(super) fn not_supported(name: &str) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is not supported yet"))
        .label("this version of cargo-svc refuses it rather than ignore it")
}

/// "did you mean", or all right words.
pub(crate) fn guess(name: &str, right: &[String]) -> String {
    match keys::nearest(name, right.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected {}", list(right)),
    }
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn list(words: &[String]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// A type's word with its article.
fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}
