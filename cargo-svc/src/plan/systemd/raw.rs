//! Raw tables: their lines stand verbatim, and replace every line of their key.

use super::check::Check;
use super::unit::{Directive, Replaced, SectionName, UnitFile, Value};
use crate::diagnostics::Diagnostic;
use crate::directives;
use crate::service::systemd::{Lines, RawLine, RawUnit};

/// Lays a service's tables over its unit.
pub(super) fn service(unit: &mut UnitFile, tables: [(SectionName, &Lines); 3], check: &mut Check) {
    for (section, lines) in tables {
        lay_over(unit, section, lines, check);
    }
}

/// Lays a table for another unit over it.
pub(super) fn other(unit: &mut UnitFile, own: SectionName, raw: &RawUnit, check: &mut Check) {
    lay_over(unit, SectionName::Unit, &raw.unit, check);
    lay_over(unit, own, &raw.own, check);
    lay_over(unit, SectionName::Install, &raw.install, check);
}

fn lay_over(unit: &mut UnitFile, name: SectionName, lines: &Lines, check: &mut Check) {
    if lines.0.is_empty() {
        return;
    }
    for line in &lines.0 {
        known(line, name, check);
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
                    key: key.clone(),
                    value: Value::Raw(value.value.clone()),
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

/// Refuses a directive that systemd does not know there, and a value that it would not take: it only warns of either, and
/// goes on without the line.
fn known(line: &RawLine, section: SectionName, check: &mut Check) {
    let key = &line.key.value;
    let Some(known) = directives::find(section, key) else {
        if directives::is_extension(key) {
            return;
        }
        let found = Diagnostic::error(format!("systemd knows no `{key}` in {section}"))
            .at(line.key.place());
        let others: Vec<_> = directives::sections_of(key)
            .iter()
            .map(ToString::to_string)
            .collect();
        check.refuse(match directives::nearest(section, key) {
            _ if !others.is_empty() => {
                found.label(format!("it belongs in {}", others.join(" or ")))
            }
            Some(near) => found.label(format!("did you mean `{near}`?")),
            None => found
                .label("not a directive of this section")
                .help("what is somebody else's begins with `X-`"),
        });
        return;
    };
    for value in &line.values {
        if let Err(what) = known.check(&value.value) {
            check.refuse(
                Diagnostic::error(format!("invalid value for `{key}`"))
                    .at(value.place().or(line.key.place()))
                    .label(what),
            );
        }
    }
}
