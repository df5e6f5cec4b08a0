//! What Linux gets: units, and the scripts that install them from an archive.

#[cfg(test)]
mod tests;

use askama::Template;

use super::{Artifact, Kind, text};
use crate::escape::unit::{Chunk, LaidOut, Rule, laid_out, relocatable};
use crate::plan::systemd::{Directive, RootFolder, SysUser, SystemdPlan, UnitFile};

/// The units of a plan and what they need on the machine, below `systemd/`.
pub fn units(plan: &SystemdPlan) -> Vec<Artifact> {
    let mut artifacts: Vec<_> = plan
        .units()
        .map(|(_, unit)| {
            let template = UnitTemplate::new(unit, plan.placement.prefix());
            artifact(
                Kind::Unit,
                format!("systemd/{}", unit.file_name),
                text(&template),
            )
        })
        .collect();
    if !plan.users.is_empty() {
        let template = SysusersTemplate { users: &plan.users };
        let path = format!("systemd/sysusers.d/{}.conf", plan.package);
        artifacts.push(artifact(Kind::Sysusers, path, text(&template)));
    }
    if !plan.folders.is_empty() {
        let template = TmpfilesTemplate {
            folders: &plan.folders,
        };
        let path = format!("systemd/tmpfiles.d/{}.conf", plan.package);
        artifacts.push(artifact(Kind::Tmpfiles, path, text(&template)));
    }
    artifacts
}

fn artifact(kind: Kind, path: String, contents: Vec<u8>) -> Artifact {
    Artifact {
        kind,
        path,
        contents,
        executable: false,
    }
}

/// `linux/install.sh` and `linux/uninstall.sh` for a plan of [`Placement::Archive`](crate::plan::systemd::Placement::Archive); none
/// for a package without services for systemd.
pub fn scripts(plan: &SystemdPlan) -> Vec<Artifact> {
    if plan.services.is_empty() {
        return Vec::new();
    }
    let services = || {
        plan.units()
            .map(|(_, unit)| ServiceLine {
                unit: &unit.file_name,
            })
            .collect()
    };
    let install = InstallTemplate {
        package: &plan.package,
        min_systemd: plan.min_version,
        services: services(),
        boot_units: plan
            .units()
            .filter(|(service, unit)| service.enables(unit))
            .map(|(_, unit)| unit.file_name.as_str())
            .collect(),
        programs: plan
            .programs()
            .into_iter()
            .map(|program| program.name.as_str())
            .collect(),
        relocations: plan
            .units()
            .flat_map(|(_, unit)| relocations(unit, plan.placement.prefix()))
            .collect(),
    };
    let uninstall = UninstallTemplate {
        package: &plan.package,
        services: services(),
    };
    [
        (Kind::InstallSh, text(&install)),
        (Kind::UninstallSh, text(&uninstall)),
    ]
    .into_iter()
    .map(|(kind, contents)| Artifact {
        executable: true,
        ..artifact(kind, format!("linux/{}", kind.word()), contents)
    })
    .collect()
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
#[template(path = "linux/install.sh")]
struct InstallTemplate<'a> {
    package: &'a str,
    min_systemd: u32,
    services: Vec<ServiceLine<'a>>,
    boot_units: Vec<&'a str>,
    programs: Vec<&'a str>,
    relocations: Vec<Relocation<'a>>,
}

#[derive(Template)]
#[template(path = "linux/uninstall.sh")]
struct UninstallTemplate<'a> {
    package: &'a str,
    services: Vec<ServiceLine<'a>>,
}

struct ServiceLine<'a> {
    unit: &'a str,
}

/// A line of a unit that `--prefix` rewrites.
struct Relocation<'a> {
    unit: &'a str,
    /// Counted from 1.
    number: usize,
    chunks: Vec<ScriptChunk>,
}

/// A part of that line: text, or one of the function's parameters, which hold the prefix escaped for its place.
struct ScriptChunk {
    text: String,
    parameter: Option<u8>,
}

impl ScriptChunk {
    fn is_prefix(&self) -> bool {
        self.parameter.is_some()
    }

    fn parameter(&self) -> u8 {
        self.parameter.unwrap_or_default()
    }
}

/// Finds the lines by what was written, so that the template alone decides how a unit is laid out.
fn relocations<'a>(unit: &'a UnitFile, prefix: &str) -> Vec<Relocation<'a>> {
    let written = text(&UnitTemplate::new(unit, prefix));
    let written = String::from_utf8_lossy(&written);
    let mut lines = (1..).zip(written.lines());
    unit.sections
        .iter()
        .flat_map(|section| &section.directives)
        .filter_map(|directive| {
            let line = format!("{}={}", directive.key, laid_out(&directive.value, prefix).0);
            let (number, _) = lines.find(|(_, written)| *written == line)?;
            directive.value.is_placed().then(|| Relocation {
                unit: &unit.file_name,
                number,
                chunks: script_chunks(directive),
            })
        })
        .collect()
}

fn script_chunks(directive: &Directive) -> Vec<ScriptChunk> {
    let key = Chunk::Text(format!("{}=", directive.key));
    std::iter::once(key)
        .chain(relocatable(&directive.value))
        .map(|chunk| match chunk {
            Chunk::Text(text) => ScriptChunk {
                text,
                parameter: None,
            },
            Chunk::Prefix(rule) => ScriptChunk {
                text: String::new(),
                parameter: Some(match rule {
                    Rule::Raw | Rule::Item => 2,
                    Rule::Argument => 3,
                }),
            },
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
