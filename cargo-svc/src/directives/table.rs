//! Reads the table.

use std::sync::LazyLock;

use super::{Accepted, Directive, Effect, Kind, OLDEST, Repeat, Section, Split};

pub(super) const TEXT: &str = include_str!("table.tsv");

/// The columns of a row.
const COLUMNS: usize = 12;

static ALL: LazyLock<Vec<Directive>> = LazyLock::new(|| {
    // A row that does not parse is left out here, so that nothing panics; a unit test finds it.
    let mut all: Vec<_> = rows().filter_map(|row| parse(row).ok()).flatten().collect();
    all.sort_by_key(|directive| (directive.section, directive.name));
    all
});

pub(super) fn all() -> &'static [Directive] {
    &ALL
}

/// Where each section begins, and where it ends.
static SECTIONS: LazyLock<[(usize, usize); Section::ALL.len()]> = LazyLock::new(|| {
    Section::ALL.map(|section| {
        let end = |last: bool| {
            ALL.partition_point(|one| one.section < section || (last && one.section == section))
        };
        (end(false), end(true))
    })
});

/// Those of a section, ordered by name.
pub(super) fn of(section: Section) -> &'static [Directive] {
    let (begin, end) = SECTIONS[section as usize];
    &ALL[begin..end]
}

/// The lines that are neither comments nor the names of the columns.
pub(super) fn rows() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter(|line| !line.is_empty())
}

/// The directives of a row, one for each of its sections.
pub(super) fn parse(row: &'static str) -> Result<Vec<Directive>, String> {
    let cells: Vec<&'static str> = row.split('\t').collect();
    let cells: [&'static str; COLUMNS] = cells
        .try_into()
        .map_err(|cells: Vec<_>| format!("{} columns instead of {COLUMNS}: {row}", cells.len()))?;
    let [
        sections,
        name,
        _,
        since,
        until,
        kind,
        values,
        repeat,
        reading,
        effect,
        alias,
        default,
    ] = cells;
    let wrong = |what: &str, cell: &str| format!("{name}: `{cell}` is no {what}");
    let version = |cell: &str| cell.parse().map_err(|_| wrong("version", cell));

    let kind = Kind::parse(kind).ok_or_else(|| wrong("kind", kind))?;
    let (range, values) = accepted(values).map_err(|cell| wrong("range", cell))?;
    let (split, specifiers) = reading_of(reading).ok_or_else(|| wrong("reading", reading))?;
    let (rule, resets) = repeat_of(repeat).ok_or_else(|| wrong("rule of repetition", repeat))?;
    let target = match alias.split_once('.') {
        Some((section, alias)) => {
            let found = Section::parse(section).ok_or_else(|| wrong("section", section))?;
            Some((Some(found), alias))
        }
        None => present(alias).map(|alias| (None, alias)),
    };
    let of_section = |word: &str| {
        let section = Section::parse(word).ok_or_else(|| wrong("section", word))?;
        Ok(Directive {
            section,
            name,
            kind,
            values,
            range,
            since: version(since)?,
            until: present(until).map(version).transpose()?,
            repeat: rule,
            resets,
            split,
            words: split == Split::Escaped,
            specifiers,
            variables: kind == Kind::Command,
            effect: effect_of(effect).ok_or_else(|| wrong("effect", effect))?,
            alias_of: target.map(|(_, alias)| alias),
            alias_section: target.and_then(|(section, _)| section).unwrap_or(section),
            default: present(default),
        })
    };
    sections.split(',').map(of_section).collect()
}

fn present(cell: &'static str) -> Option<&'static str> {
    (!cell.is_empty()).then_some(cell)
}

/// A number range such as `0..255`, if there is one, and words, each with `:VERSION` if it is newer than the oldest version.
#[allow(clippy::type_complexity)]
fn accepted(cell: &'static str) -> Result<(Option<(i64, i64)>, &'static [Accepted]), &'static str> {
    let (mut range, mut words) = (None, Vec::new());
    for item in cell.split_ascii_whitespace() {
        if let Some((low, high)) = item.split_once("..") {
            let (low, high) = (
                low.parse().map_err(|_| item)?,
                high.parse().map_err(|_| item)?,
            );
            range = Some((low, high));
            continue;
        }
        let versioned = item
            .rsplit_once(':')
            .and_then(|(word, since)| Some((word, since.parse().ok()?)));
        let (word, since) = versioned.unwrap_or((item, OLDEST));
        words.push(Accepted { word, since });
    }
    // Parsed once for the life of the process.
    Ok((range, words.leak()))
}

/// What more than one assignment means, and whether an empty one takes back those before.
fn repeat_of(cell: &'static str) -> Option<(Repeat, bool)> {
    Some(match cell {
        "last" => (Repeat::Last, false),
        "last-reset" => (Repeat::Last, true),
        "first" => (Repeat::First, false),
        "list" => (Repeat::List, true),
        "list-no-reset" => (Repeat::ListNoReset, false),
        "set" => (Repeat::Set, true),
        _ => (Repeat::Shared(cell.strip_prefix("list:")?), true),
    })
}

/// How a value is split, and whether specifiers are expanded.
fn reading_of(cell: &str) -> Option<(Split, bool)> {
    let (split, specifiers) = match cell.strip_suffix('%') {
        Some(split) => (split.trim_end(), true),
        None => (cell, false),
    };
    let split = match split {
        "line" => Split::Line,
        "bare" => Split::Bare,
        "quoted" => Split::Quoted,
        "escaped" => Split::Escaped,
        _ => return None,
    };
    Some((split, specifiers))
}

fn effect_of(cell: &str) -> Option<Effect> {
    Some(match cell {
        "meaning" => Effect::Meaning,
        "hardening" => Effect::Hardening,
        "resource" => Effect::Resource,
        "cosmetic" => Effect::Cosmetic,
        _ => return None,
    })
}
