//! What Linux gets: units, and the scripts that install them from an archive.

mod scripts;
#[cfg(test)]
mod tests;

pub use scripts::scripts;

use std::fmt;

use askama::filters::Safe;
use askama::{FastWritable, Template};

use super::{Files, Kind, Text};
use crate::escape::unit::laid_out;
use crate::plan::systemd::{Directive, RootFolder, SysUser, SystemdPlan, UnitFile};
use crate::service::Profile;

/// The units of a plan and what they need on the machine, below `systemd/`.
pub fn units(plan: &SystemdPlan, files: &mut dyn Files) {
    let prefix = plan.placement.prefix();
    for (_, unit) in plan.units() {
        let mut write = |out: &mut Text| {
            out.template(&UnitTemplate::new(unit, |line| {
                laid_out(&line.value, prefix)
            }));
        };
        files.file(Kind::Unit, unit_path(unit), false, &mut write);
    }
    if !plan.users.is_empty() {
        let path = format!("systemd/sysusers.d/{}.conf", plan.package);
        files.file(Kind::Sysusers, path, false, &mut |out| {
            out.template(&SysusersTemplate { users: &plan.users });
        });
    }
    if !plan.folders.is_empty() {
        let path = format!("systemd/tmpfiles.d/{}.conf", plan.package);
        files.file(Kind::Tmpfiles, path, false, &mut |out| {
            out.template(&TmpfilesTemplate {
                folders: &plan.folders,
            });
        });
    }
}

/// Where a unit goes below the folder that artifacts are written to.
pub fn unit_path(unit: &UnitFile) -> String {
    format!("systemd/{}", unit.file_name)
}

#[derive(Template)]
#[template(path = "systemd/sysusers.conf")]
struct SysusersTemplate<'a> {
    users: &'a [SysUser],
}

#[derive(Template)]
#[template(path = "systemd/tmpfiles.conf")]
struct TmpfilesTemplate<'a> {
    folders: &'a [RootFolder],
}

/// A unit, with `V` for what stands for the values of its lines.
#[derive(Template)]
#[template(path = "systemd/file.unit")]
struct UnitTemplate<'a, V: fmt::Display + FastWritable> {
    file_name: &'a str,
    sections: Vec<SectionLines<'a, V>>,
}

struct SectionLines<'a, V> {
    name: &'static str,
    lines: Vec<Line<'a, V>>,
}

struct Line<'a, V> {
    /// Whether a block of lines that belong together begins or is over.
    apart: bool,
    profile: Option<&'static str>,
    remark: Option<&'static str>,
    key: &'a str,
    value: Safe<V>,
}

impl<'a, V: fmt::Display + FastWritable> UnitTemplate<'a, V> {
    fn new(unit: &'a UnitFile, value: impl Fn(&'a Directive) -> Safe<V>) -> Self {
        let sections = unit
            .sections
            .iter()
            .map(|section| {
                let mut before = None;
                let line = |directive: &'a Directive| {
                    let profile = directive.profile.map(Profile::word);
                    let apart = std::mem::replace(&mut before, profile) != profile;
                    Line {
                        apart,
                        profile: profile.filter(|_| apart),
                        remark: directive.remark,
                        key: &directive.key,
                        value: value(directive),
                    }
                };
                SectionLines {
                    name: section.name.word(),
                    lines: section.directives.iter().map(line).collect(),
                }
            })
            .collect();
        Self {
            file_name: &unit.file_name,
            sections,
        }
    }
}
