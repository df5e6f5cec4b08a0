//! Adding the tables to a Cargo.toml. What is there stays as it is, byte for byte: text is only put in between.

use std::fmt::Write;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Scope};
use crate::escape::toml::quoted;

/// What the new tables say.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The binaries to declare as services: none writes no `bin`, several write one table each.
    pub bins: Vec<String>,
    /// Who makes the package, if it says.
    pub manufacturer: Option<String>,
    /// A new GUID, in upper case.
    pub upgrade_code: String,
    /// Whether `package.description` is there to be taken.
    pub has_description: bool,
}

/// Keys that a new service table shows as comments.
const HINTS: [&str; 5] = ["args", "environment", "after", "restart", "stop-timeout"];

const SERVICE: &str = "package.metadata.service";
const PACKAGE: &str = "package.metadata.service-package";

/// The text with the tables that it lacks; `None` if it lacks nothing.
///
/// # Errors
/// With the lines to add by hand, if the tables that they belong in are written inline.
pub fn add_tables(text: &str, facts: &Facts) -> Result<Option<String>, String> {
    let root = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let root = root.get_ref();
    let mut appended = String::new();
    if find(root, SERVICE).is_none() {
        appended.push_str(&services(facts));
    }
    let mut inserted = None;
    match find(root, PACKAGE) {
        None => {
            let _ = write!(appended, "\n[{PACKAGE}]\n{}", package_keys(facts, |_| true));
        }
        Some(table) => {
            let there = |key: &str| table.get_ref().get(key).is_some();
            let keys = package_keys(facts, |key| !there(key));
            if !there("upgrade-code") || (!there("manufacturer") && facts.manufacturer.is_some()) {
                inserted = Some((table.span(), keys));
            }
        }
    }
    if appended.is_empty() && inserted.is_none() {
        return Ok(None);
    }
    let by_hand = match &inserted {
        Some((_, keys)) => format!("{appended}\n[{PACKAGE}]\n{keys}"),
        None => appended.clone(),
    };
    edit(text, &appended, inserted.as_ref())
        .map(Some)
        .ok_or_else(|| by_hand.trim_start().to_owned())
}

/// The value at a dotted path.
pub(super) fn find<'a, 'i>(root: &'a DeTable<'i>, path: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let value = root.get(first)?;
    match (rest, value.get_ref()) {
        (None, _) => Some(value),
        (Some(rest), DeValue::Table(table)) => find(table, rest),
        _ => None,
    }
}

/// Puts the new text in; `None` if the result would not be what was meant, which is so where a table is written inline.
fn edit(text: &str, appended: &str, inserted: Option<&(Range<usize>, String)>) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = |new: &str| new.replace('\n', end);
    let mut edited = text.to_owned();
    if !appended.is_empty() {
        if !edited.is_empty() && !edited.ends_with('\n') {
            edited.push_str(end);
        }
        edited.push_str(&lines(appended));
    }
    if let Some((header, keys)) = inserted {
        if !text.get(header.clone())?.starts_with('[') {
            return None;
        }
        match text[header.end..].find('\n') {
            Some(newline) => edited.insert_str(header.end + newline + 1, &lines(keys)),
            None => edited.insert_str(text.len(), &format!("{end}{}", lines(keys))),
        }
    }
    let root = DeTable::parse(&edited).ok()?;
    let complete = find(root.get_ref(), SERVICE).is_some()
        && find(root.get_ref(), &format!("{PACKAGE}.upgrade-code")).is_some();
    complete.then_some(edited)
}

/// The service tables.
fn services(facts: &Facts) -> String {
    match facts.bins.as_slice() {
        [] => format!("\n[{SERVICE}]\n{}", hints(facts)),
        [bin] => format!("\n[{SERVICE}]\nbin = {}\n{}", quoted(bin), hints(facts)),
        bins => bins.iter().fold(String::new(), |mut text, bin| {
            let (bin, hints) = (quoted(bin), hints(facts));
            let _ = write!(text, "\n[[{SERVICE}]]\nname = {bin}\nbin = {bin}\n{hints}");
            text
        }),
    }
}

/// The most common keys, as comments to be taken up.
fn hints(facts: &Facts) -> String {
    let description = if facts.has_description && facts.bins.len() < 2 {
        "# description = \"…\"  # package.description, unless it says something else here\n"
    } else {
        "# description = \"…\"\n"
    };
    let mut text = description.to_owned();
    for name in HINTS {
        let usage = KEYS
            .iter()
            .find(|key| key.scope == Scope::Portable && key.name == name)
            .and_then(|key| key.usage.as_ref());
        if let Some(usage) = usage {
            let _ = writeln!(text, "# {}", usage.example);
        }
    }
    text
}

/// The keys of the package's table that are wanted.
fn package_keys(facts: &Facts, wanted: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    if wanted("manufacturer") {
        match &facts.manufacturer {
            Some(manufacturer) => {
                let _ = writeln!(text, "manufacturer = {}", quoted(manufacturer));
            }
            None => text.push_str("# manufacturer = \"…\"  # who makes it, as Windows shows it\n"),
        }
    }
    if wanted("upgrade-code") {
        let _ = writeln!(
            text,
            "# What Windows knows all versions of this package by; never change it.\nupgrade-code = {}",
            quoted(&facts.upgrade_code)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::resolve;

    fn facts() -> Facts {
        Facts {
            bins: Vec::new(),
            manufacturer: Some("A \"quoted\" \\ name".into()),
            upgrade_code: "6C2C1B56-0F0B-4D2B-9E0C-3F1A5B7D9E24".into(),
            has_description: true,
        }
    }

    const HEAD: &str = "# kept\n[package] # too\nname   = \"beacon\"\n";

    fn add(text: &str) -> Option<String> {
        add_tables(text, &facts()).expect("the tables can be added")
    }

    #[test]
    fn new_tables_follow_what_is_there_and_are_right() {
        let text = add(HEAD).expect("there was nothing");
        assert!(text.starts_with(HEAD), "{text}");
        let package = resolve(&text).expect("the tables are right");
        let manufacturer = package.settings.manufacturer.expect("it was known");
        assert_eq!(manufacturer.value, "A \"quoted\" \\ name");
        assert_eq!(add(&text), None, "a second run changes nothing");
        // Each hint is right as soon as its comment sign is gone.
        let hints = text
            .replace("# args", "args")
            .replace("# env", "env")
            .replace("# res", "res")
            .replace("# stop", "stop")
            .replace("# after", "after");
        resolve(&hints).expect("the hints are right");
    }

    #[test]
    fn line_ends_are_kept() {
        let text = add(&HEAD.replace('\n', "\r\n")).expect("there was nothing");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        let open = add("[package]\nname = \"beacon\"").expect("there was nothing");
        assert!(
            open.starts_with("[package]\nname = \"beacon\"\n\n["),
            "{open}"
        );
    }

    #[test]
    fn what_exists_is_completed_in_place() {
        let text = format!(
            "{HEAD}[package.metadata.service-package]   # mine\noutput-dir = \"dist\"\n\n[package.metadata.service]\n"
        );
        let done = add(&text).expect("the code was missing");
        let (before, after) = text.split_at(text.find("output-dir").expect("it is there"));
        assert!(done.starts_with(before) && done.ends_with(after), "{done}");
        let package = resolve(&done).expect("the tables are right");
        assert!(package.settings.upgrade_code.is_some());
        assert_eq!(package.settings.output_dir.value, "dist");
        assert_eq!(add(&done), None);
        let at_end =
            format!("{HEAD}[package.metadata.service]\n[package.metadata.service-package]");
        assert!(resolve(&add(&at_end).expect("the code was missing")).is_ok());
    }

    #[test]
    fn several_binaries_become_several_services() {
        let facts = Facts {
            bins: vec!["one".into(), "two".into()],
            ..facts()
        };
        let text = format!("{HEAD}[[bin]]\nname = \"one\"\n[[bin]]\nname = \"two\"\n");
        let done = add_tables(&text, &facts)
            .expect("they can be added")
            .expect("there was nothing");
        assert_eq!(
            resolve(&done).expect("the tables are right").services.len(),
            2
        );
    }

    #[test]
    fn inline_tables_are_left_to_the_user() {
        for text in [
            "package = { name = \"beacon\" }\n",
            "[package]\nname = \"beacon\"\nmetadata = { service = {} }\n",
            "[package]\nname = \"beacon\"\nmetadata.service-package = { icon = \"x\" }\n",
        ] {
            let lines = add_tables(text, &facts()).expect_err(text);
            assert!(lines.contains("upgrade-code = \"6C2C"), "{lines}");
        }
    }
}
