//! What a draft says already, and what has to stand as raw lines.

use std::collections::BTreeSet;

use super::draft::{Draft, Raw};
use super::remarks::Remarks;
use super::tables::tables;
use super::unit::Unit;
use super::world::World;
use crate::diagnostics::{Diagnostic, Report};
use crate::directives::Section;
use crate::manifest::document::{Table, write};
use crate::render::Artifact;
use crate::unit_file::{Difference, Effective, Resolved, compare, effective, read, resolve, slot};

/// A generated unit as systemd reads it.
pub(super) struct Generated {
    means: Effective,
    /// The directives that stand in it, by the names of today.
    keys: Vec<(Section, String)>,
}

impl Generated {
    /// The unit of the same name, if it was generated.
    pub(super) fn of(unit: &Unit, artifacts: &[Artifact]) -> Option<Self> {
        let path = format!("systemd/{}", unit.name);
        let artifact = artifacts.iter().find(|artifact| artifact.path == path)?;
        let mut unheard = Report::default();
        let text = read(
            path.as_ref(),
            unit.name.clone(),
            &artifact.contents,
            &mut unheard,
        )?;
        let mut keys = Vec::new();
        for (section, entry) in text.assignments() {
            match resolve(section, &entry.key, &entry.value) {
                Resolved::Known { targets, .. } => {
                    keys.extend(
                        targets
                            .into_iter()
                            .map(|target| (target.section, target.key)),
                    );
                }
                _ => keys.push((section, entry.key.clone())),
            }
        }
        Some(Self {
            means: effective(&text, &mut unheard),
            keys,
        })
    }

    /// How it differs from the unit that it was made after.
    pub(super) fn differences(&self, unit: &Unit) -> Vec<Difference> {
        compare(&unit.means, &self.means)
    }
}

/// Finds the raw lines that a draft needs beside its keys.
///
/// # Errors
/// With what is wrong with the draft's keys.
pub(super) fn weigh(draft: &mut Draft, stubs: &[Table], world: &World) -> Result<(), Report> {
    let forced = forced(draft);
    draft.raw.clone_from(&forced);
    let mut all = tables(draft, !stubs.is_empty(), Remarks::default());
    all.extend_from_slice(stubs);
    let artifacts = world.units(&write(&all))?;
    let mut found = Vec::new();
    for (index, unit) in draft.group.units.iter().enumerate() {
        let generated = Generated::of(unit, &artifacts).ok_or_else(|| missing(unit))?;
        let forced = forced.iter().filter(|raw| raw.unit == index).cloned();
        found.extend(lines(draft, index, &generated, forced.collect()));
    }
    draft.raw = found;
    Ok(())
}

/// Lines without which the sockets are none: their addresses where no key says them, and what shares one out to a template.
fn forced(draft: &Draft) -> Vec<Raw> {
    let mut all = Vec::new();
    for socket in &draft.sockets {
        let unit = &draft.group.units[socket.unit];
        let is_forced = |key: &str| {
            !socket.says && key.starts_with("Listen") || draft.group.template && key == "Accept"
        };
        let keys = unit.lines.iter().map(|line| line.key.as_str());
        // In the order of the unit: it is that in which the program gets them.
        let mut known = BTreeSet::new();
        let keys = keys.filter(|key| is_forced(key) && known.insert(*key));
        all.extend(keys.map(|key| raw(socket.unit, unit, Section::Socket, key)));
    }
    all
}

/// A unit that was not generated.
pub(super) fn missing(unit: &Unit) -> Report {
    let mut report = Report::default();
    report.add(Diagnostic::error(format!(
        "`{}` is not generated",
        unit.name
    )));
    report
}

/// The raw lines of one unit.
fn lines(draft: &Draft, index: usize, generated: &Generated, mut raw: Vec<Raw>) -> Vec<Raw> {
    let unit = &draft.group.units[index];
    let different: Vec<_> = generated
        .differences(unit)
        .into_iter()
        .map(|difference| (difference.section, difference.key))
        .collect();
    let differs = |section: Section, key: &str| {
        let slot = slot(section, key);
        different
            .iter()
            .any(|(other, name)| *other == section && name == slot)
    };
    let written = |section: Section, key: &str| {
        let slot = self::slot(section, key);
        let mut keys = generated.keys.iter();
        keys.any(|(other, name)| *other == section && self::slot(section, name) == slot)
    };
    let claimed = |section: Section, key: &str| {
        let service = draft.group.service().is_some() && index == 0;
        let claims = |(other, name): &(Section, &str)| *other == section && *name == key;
        let mut ways = draft.questions.iter().map(super::draft::Question::way);
        service && ways.any(|way| way.claims.iter().any(claims))
    };
    for line in &unit.lines {
        let (section, key) = (line.section, line.key.as_str());
        let known = raw
            .iter()
            .any(|raw| raw.section == section && raw.key == key);
        let said = !differs(section, key) && (written(section, key) || claimed(section, key));
        if !known && !said {
            raw.push(self::raw(index, unit, section, key));
        }
    }
    for (section, key) in &generated.keys {
        let known = raw
            .iter()
            .any(|raw| raw.section == *section && raw.key == *key);
        if !known && differs(*section, key) {
            raw.push(Raw {
                unit: index,
                section: *section,
                key: key.clone(),
                values: Vec::new(),
                is_mixed: false,
                entries: Vec::new(),
            });
        }
    }
    raw
}

/// All assignments of a key as they stand. Of directives that share a list, what comes before the last reset is left out: a
/// table cannot say that one of them resets the others.
fn raw(index: usize, unit: &Unit, section: Section, key: &str) -> Raw {
    let same = slot(section, key);
    let shared = same != key;
    let family = unit
        .lines
        .iter()
        .filter(|line| line.section == section && slot(section, &line.key) == same);
    let reset = family
        .filter(|line| shared && line.values.iter().all(String::is_empty))
        .map(|line| line.entry)
        .next_back();
    let lines: Vec<_> = unit
        .lines
        .iter()
        .filter(|line| line.section == section && line.key == key)
        .collect();
    let values = lines
        .iter()
        .filter(|line| reset.is_none_or(|reset| line.entry > reset))
        .flat_map(|line| line.values.iter().map(|value| (line.entry, value.clone())));
    Raw {
        unit: index,
        section,
        key: key.to_owned(),
        values: values.collect(),
        is_mixed: unit.mixes(section, key),
        entries: lines.iter().map(|line| line.entry).collect(),
    }
}
