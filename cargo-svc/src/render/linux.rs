//! What Linux gets: units, and the scripts that install them from an archive.

use askama::Template;

use super::{Artifact, Kind, text};
use crate::escape::unit::{LaidOut, laid_out};
use crate::plan::systemd::{SystemdPlan, UnitFile};

/// The units of a plan, below `systemd/`.
pub fn units(plan: &SystemdPlan) -> Vec<Artifact> {
    plan.services
        .iter()
        .map(|service| {
            let template = UnitTemplate::new(&service.unit, plan.placement.prefix());
            Artifact {
                kind: Kind::Unit,
                path: format!("systemd/{}", service.unit.file_name),
                contents: text(&template),
                executable: false,
            }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "systemd/file.unit")]
struct UnitTemplate<'a> {
    file_name: &'a str,
    sections: Vec<SectionLines<'a>>,
}

struct SectionLines<'a> {
    name: &'static str,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    key: &'a str,
    value: LaidOut,
}

impl<'a> UnitTemplate<'a> {
    fn new(unit: &'a UnitFile, prefix: &str) -> Self {
        let sections = unit
            .sections
            .iter()
            .map(|section| SectionLines {
                name: section.name.word(),
                lines: section
                    .directives
                    .iter()
                    .map(|directive| Line {
                        key: &directive.key,
                        value: laid_out(&directive.value, prefix),
                    })
                    .collect(),
            })
            .collect();
        Self {
            file_name: &unit.file_name,
            sections,
        }
    }
}
