//! One file: its assignments by the names of today, and what they mean.

use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, Report};
use crate::directives::{self, NEWEST, Section};
use crate::escape::unit::is_continued;
use crate::manifest::list;
use crate::render::MARK;
use crate::unit_file::{
    Effective, Entry, Resolved, UnitKind, UnitName, UnitText, compare, effective, read, resolve,
    slot, spelled,
};

/// A unit file that is imported.
pub(super) struct Unit {
    /// The file as it is shown.
    pub(super) path: PathBuf,
    pub(super) name: UnitName,
    pub(super) text: UnitText,
    /// What systemd makes of it, without what systemd does not know.
    pub(super) means: Effective,
    /// Its assignments in order. One for two keys is two.
    pub(super) lines: Vec<Line>,
    /// The lines of the assignments that systemd ignores.
    pub(super) ignored: Vec<usize>,
    /// The lists that several directives share, and whose order no table of directives holds: each by [`slot`]'s word.
    mixed: Vec<(Section, String)>,
}

/// An assignment that the metadata has to say.
#[derive(Debug)]
pub(super) struct Line {
    /// The line that it begins in.
    pub(super) entry: usize,
    pub(super) section: Section,
    pub(super) key: String,
    /// As raw tables write it: the text that stands there, or what systemd keeps of it.
    pub(super) values: Vec<String>,
}

/// Reads a file. `None` only if an error was added to the report.
pub(super) fn unit(path: &Path, name: UnitName, bytes: &[u8], report: &mut Report) -> Option<Unit> {
    let mut text = read(path, name.clone(), bytes, report)?;
    let before = report.errors();
    let means = effective(&text, report);
    if report.errors() > before {
        return None;
    }
    drop_remarks(&mut text);
    let (mut lines, mut ignored) = (Vec::new(), Vec::new());
    for (section, entry) in text.assignments() {
        match resolve(section, &entry.key, &entry.value) {
            Resolved::Unknown(_) => ignored.push(entry.line),
            Resolved::Extension => lines.push(Line {
                entry: entry.line,
                section,
                key: entry.key.clone(),
                values: vec![entry.value.clone()],
            }),
            Resolved::Known { targets, value } => {
                let before = lines.len();
                for target in targets {
                    let values = said(entry, target.section, &target.key, &value, &means);
                    lines.extend(values.map(|values| Line {
                        entry: entry.line,
                        section: target.section,
                        key: target.key,
                        values,
                    }));
                }
                if lines.len() == before {
                    ignored.push(entry.line);
                }
            }
        }
    }
    carried(&text, &lines, report)?;
    let mut known = text.clone();
    for section in &mut known.sections {
        section
            .entries
            .retain(|entry| !ignored.contains(&entry.line));
    }
    // What is wrong in it was said before.
    let means = effective(&known, &mut Report::default());
    let keys: Vec<_> = lines
        .iter()
        .map(|line| (line.section, line.key.as_str()))
        .collect();
    let mixed = compare(&means, &means.by_key(&keys)).into_iter();
    Some(Unit {
        path: path.to_path_buf(),
        mixed: mixed.map(|list| (list.section, list.key)).collect(),
        means,
        name,
        text,
        lines,
        ignored,
    })
}

impl Unit {
    /// Its values of a key in the order of the file.
    pub(super) fn has(&self, section: Section, key: &str) -> bool {
        self.lines
            .iter()
            .any(|line| line.section == section && line.key == key)
    }

    /// Whether the order of a directive's values among those of others counts, and is not that of the directives.
    pub(super) fn mixes(&self, section: Section, key: &str) -> bool {
        let list = slot(section, key);
        let mut mixed = self.mixed.iter();
        mixed.any(|(other, name)| *other == section && name == list)
    }

    /// How many assignments it has, those that systemd ignores included.
    pub(super) fn assignments(&self) -> usize {
        self.text.assignments().len()
    }

    pub(super) fn kind(&self) -> UnitKind {
        self.name.kind
    }

    /// The unit that it starts, if it is not a service itself.
    pub(super) fn starts(&self) -> Option<String> {
        let value = |key| {
            let value = self.means.value(self.name.kind.own_section(), key)?;
            Some(value.to_string())
        };
        match self.name.kind {
            UnitKind::Service => None,
            UnitKind::Socket if value("Accept").as_deref() == Some("yes") => {
                Some(format!("{}@.service", self.name.stem))
            }
            UnitKind::Socket => value("Service").or_else(|| self.sibling()),
            UnitKind::Timer | UnitKind::Path => value("Unit").or_else(|| self.sibling()),
        }
    }

    /// The service of the same name.
    pub(super) fn sibling(&self) -> Option<String> {
        let name = UnitName {
            kind: UnitKind::Service,
            ..self.name.clone()
        };
        (self.name.kind != UnitKind::Service).then(|| name.to_string())
    }
}

/// The values of an assignment for a raw table: it takes only what systemd takes as a whole. None if systemd ignores it all.
fn said(
    entry: &Entry,
    section: Section,
    key: &str,
    value: &str,
    means: &Effective,
) -> Option<Vec<String>> {
    let known = directives::find(section, key)?;
    let taken = known.check(value).is_ok() || known.unheard(value).is_some();
    if taken && !is_continued(value.as_bytes()) {
        return Some(vec![value.to_owned()]);
    }
    let kept = means
        .assigned()
        .iter()
        .filter(|one| (one.line, one.section, one.key.as_str()) == (entry.line, section, key));
    let values: Vec<_> = kept.map(|one| spelled(section, key, &one.value)).collect();
    (!values.is_empty()).then_some(values)
}

/// Why a raw table does not take a value.
fn refusal(line: &Line, value: &str) -> Option<String> {
    if let Some(bad) = value.chars().find(|c| c.is_control() && *c != '\t') {
        return Some(format!(
            "it has the control character U+{:04X}, which the metadata does not carry",
            u32::from(bad)
        ));
    }
    if is_continued(value.as_bytes()) {
        return Some("the metadata does not carry a backslash at its end; write two".into());
    }
    let known = directives::find(line.section, &line.key)?;
    let refused = known.check(value).err()?;
    known.unheard(value).is_none().then_some(refused)
}

/// The words of a value that may be those of a newer systemd.
fn unheard(line: &Line, value: &str) -> Option<Vec<String>> {
    let known = directives::find(line.section, &line.key)?;
    known.check(value).err()?;
    known.unheard(value)
}

/// Refuses what no line of the metadata can carry, though systemd would.
fn carried(text: &UnitText, lines: &[Line], report: &mut Report) -> Option<()> {
    let mut all = Some(());
    for line in lines {
        let place = text.entry_at(line.entry).map(|entry| &entry.place);
        let Some(label) = line.values.iter().find_map(|value| refusal(line, value)) else {
            for words in line.values.iter().filter_map(|value| unheard(line, value)) {
                report.add(
                    Diagnostic::warning(format!(
                        "`{}` holds what systemd {NEWEST} does not know: {}",
                        line.key,
                        list(&words)
                    ))
                    .at(place)
                    .label("it is kept as it stands"),
                );
            }
            continue;
        };
        report.add(
            Diagnostic::error(format!("the value of `{}` cannot be imported", line.key))
                .at(place)
                .label(label)
                .help("correct it in the file, or take out what systemd does not know either"),
        );
        all = None;
    }
    all
}

/// What `cargo svc generate` says in its files is not the user's.
fn drop_remarks(text: &mut UnitText) {
    let head = text
        .sections
        .first()
        .and_then(|section| section.comments.first());
    if !head.is_some_and(|comment| comment.text.contains(MARK)) {
        return;
    }
    for section in &mut text.sections {
        section.comments.clear();
        section.trailing.clear();
        for entry in &mut section.entries {
            entry.comments.clear();
        }
    }
}
