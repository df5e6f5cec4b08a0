//! What Linux gets: units, and the scripts that install them from an archive.

mod scripts;
#[cfg(test)]
mod tests;

pub use scripts::scripts;

use askama::Template;

use super::{Files, Kind, Text};
use crate::escape::unit::{LaidOut, laid_out};
use crate::plan::systemd::{Directive, RootFolder, SysUser, SystemdPlan, UnitFile};
use crate::service::Profile;

/// The units of a plan and what they need on the machine, below `systemd/`.
pub fn units(plan: &SystemdPlan, files: &mut dyn Files) {
    for (_, unit) in plan.units() {
        let template = UnitTemplate::new(unit, plan.placement.prefix());
        let mut write = |out: &mut Text| out.template(&template);
        files.file(Kind::Unit, unit_path(unit), false, &mut write);
    }
    if !plan.users.is_empty() {
        let template = SysusersTemplate { users: &plan.users };
        let path = format!("systemd/sysusers.d/{}.conf", plan.package);
        files.file(Kind::Sysusers, path, false, &mut |out| {
            out.template(&template);
        });
    }
    if !plan.folders.is_empty() {
        let template = TmpfilesTemplate {
            folders: &plan.folders,
        };
        let path = format!("systemd/tmpfiles.d/{}.conf", plan.package);
        files.file(Kind::Tmpfiles, path, false, &mut |out| {
            out.template(&template);
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
    /// Whether a block of lines that belong together begins or is over.
    apart: bool,
    profile: Option<&'static str>,
    remark: Option<&'static str>,
    key: &'a str,
    value: LaidOut,
}

impl<'a> UnitTemplate<'a> {
    fn new(unit: &'a UnitFile, prefix: &str) -> Self {
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
                        value: laid_out(&directive.value, prefix),
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
