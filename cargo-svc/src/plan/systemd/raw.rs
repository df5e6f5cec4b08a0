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
    for line in &lines.0 {
        let key = &line.key.value;
        let first = section
            .directives
            .iter()
            .position(|directive| directive.key == *key);
        let profile = first.and_then(|first| section.directives[first].profile);
        section.directives.retain(|directive| {
            let keep = directive.key != *key;
            if !keep {
                replaced.push(Replaced {
                    section: name,
                    directive: directive.clone(),
                });
            }
            keep
        });
        let at = first.unwrap_or(section.directives.len());
        for (index, value) in line.values.iter().enumerate() {
            section.directives.insert(
                at + index,
                Directive {
                    key: key.clone().into(),
                    value: Value::Raw(value.value.clone().into()),
                    profile,
                    remark: None,
                },
            );
        }
    }
    unit.replaced.extend(replaced);
    unit.sections
        .retain(|section| !section.directives.is_empty());
}
