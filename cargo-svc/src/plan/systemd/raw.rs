//! Raw tables: their lines stand verbatim, and replace every line of their key.

use super::unit::{Directive, Replaced, SectionName, UnitFile, Value};
use crate::service::systemd::{Lines, RawUnit};

/// Lays a service's tables over its unit.
pub(super) fn service(unit: &mut UnitFile, tables: [(SectionName, &Lines); 3]) {
    for (section, lines) in tables {
        lay_over(unit, section, lines);
    }
}

/// Lays a table for another unit over it.
pub(super) fn other(unit: &mut UnitFile, own: SectionName, raw: &RawUnit) {
    lay_over(unit, SectionName::Unit, &raw.unit);
    lay_over(unit, own, &raw.own);
    lay_over(unit, SectionName::Install, &raw.install);
}

fn lay_over(unit: &mut UnitFile, name: SectionName, lines: &Lines) {
    if lines.0.is_empty() {
        return;
    }
    let mut replaced = Vec::new();
    let section = unit.section_mut(name);
    // What stands in `lines` takes one place.
    for lines in lines.0.chunk_by(|one, next| one.is_whole && next.is_whole) {
        let is_one = |directive: &Directive| {
            let mut keys = lines.iter().map(|line| &line.key.value);
            keys.any(|key| *key == directive.key)
        };
        let first = section.directives.iter().position(is_one);
        let old: Vec<_> = section
            .directives
            .extract_if(.., |directive| is_one(directive))
            .collect();
        let at = first.unwrap_or(section.directives.len());
        let new = lines.iter().flat_map(|line| {
            let key = &line.key.value;
            let same = old.iter().find(|directive| directive.key == *key);
            let profile = same.and_then(|directive| directive.profile);
            line.values.iter().map(move |value| Directive {
                key: key.clone().into(),
                value: Value::Raw(value.value.clone().into()),
                profile,
                remark: None,
            })
        });
        section.directives.splice(at..at, new);
        replaced.extend(old.into_iter().map(|directive| Replaced {
            section: name,
            directive,
        }));
    }
    unit.replaced.extend(replaced);
    unit.sections
        .retain(|section| !section.directives.is_empty());
}
