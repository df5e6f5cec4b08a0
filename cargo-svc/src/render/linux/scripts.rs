//! The scripts that install a package from its archive: the plan as a header of data, before a body that is always the same.

use std::cell::{Cell, RefCell};
use std::fmt;

use askama::filters::Safe;
use askama::{FastWritable, Template, Values};

use super::UnitTemplate;
use crate::escape::unit::{Chunk, Rule, relocatable};
use crate::plan::systemd::{
    Directive, Piece, Placed, RootFolder, SysUser, SystemdPlan, UnitFile, UnitKind,
};
use crate::render::{Files, Kind};
use crate::service::systemd::Scope;

/// `linux/install.sh` and `linux/uninstall.sh`, whatever prefix the units are written with; none for a package without services for
/// systemd.
pub fn scripts(plan: &SystemdPlan, files: &mut dyn Files) {
    if plan.services.is_empty() {
        return;
    }
    let path = |kind: Kind| format!("linux/{}", kind.word());
    let kind = Kind::InstallSh;
    files.file(kind, path(kind), true, &mut |out| {
        out.template(&install(plan));
    });
    let kind = Kind::UninstallSh;
    files.file(kind, path(kind), true, &mut |out| {
        out.template(&uninstall(plan));
    });
}

fn install(plan: &SystemdPlan) -> InstallTemplate<'_> {
    InstallTemplate {
        package: &plan.package,
        min_systemd: plan.min_version,
        units: units(plan, |_| true),
        user_units: user_units(plan),
        boot_units: words(
            plan.units()
                .filter(|(service, unit)| service.enables(unit))
                .map(|(_, unit)| unit.file_name.as_str()),
        ),
        triggers: words(triggers(plan)),
        users: users(plan),
        confs: words(
            [
                ("sysusers.d", plan.users.is_empty()),
                ("tmpfiles.d", plan.folders.is_empty()),
            ]
            .into_iter()
            .filter_map(|(folder, empty)| (!empty).then_some(folder)),
        ),
        programs: programs(plan),
        files: extra_files(plan),
        folders: &plan.folders,
        credentials: credentials(plan),
        needs: needs(plan),
        relocations: plan
            .units()
            .flat_map(|(_, unit)| relocations(unit))
            .collect(),
    }
}

fn uninstall(plan: &SystemdPlan) -> UninstallTemplate<'_> {
    UninstallTemplate {
        package: &plan.package,
        units: units(plan, |_| true),
        user_units: user_units(plan),
        users: users(plan),
        files: extra_files(plan),
        folders: &plan.folders,
        credentials: credentials(plan),
    }
}

/// Names that hold no spaces, for a loop of the shell.
fn words(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(" ")
}

fn units(plan: &SystemdPlan, of: impl Fn(Scope) -> bool) -> String {
    words(
        plan.units()
            .filter(|(service, _)| of(service.scope))
            .map(|(_, unit)| unit.file_name.as_str()),
    )
}

fn user_units(plan: &SystemdPlan) -> String {
    units(plan, |scope| scope == Scope::User)
}

/// `beacon-http.socket:beacon.service`: what starts a service, with that service.
fn triggers(plan: &SystemdPlan) -> Vec<String> {
    plan.services
        .iter()
        .flat_map(|service| {
            let own = service
                .units
                .iter()
                .find(|unit| unit.kind == UnitKind::Service);
            own.into_iter().flat_map(|own| {
                service
                    .units
                    .iter()
                    .filter(|unit| unit.kind != UnitKind::Service)
                    .map(|unit| format!("{}:{}", unit.file_name, own.file_name))
            })
        })
        .collect()
}

fn users(plan: &SystemdPlan) -> String {
    words(plan.users.iter().filter_map(|user| match user {
        SysUser::User { name, .. } => Some(name.as_str()),
        SysUser::Group(_) | SysUser::Member { .. } => None,
    }))
}

fn programs(plan: &SystemdPlan) -> Vec<Program<'_>> {
    plan.programs()
        .into_iter()
        .filter_map(|program| {
            let mut place = program.dir.clone();
            place.push(&format!("/{}", program.name));
            Some(Program {
                name: &program.name,
                path: ScriptPath::of(&place)?,
            })
        })
        .collect()
}

/// Each file once, though several services may declare it.
fn extra_files(plan: &SystemdPlan) -> Vec<ExtraFile<'_>> {
    let mut once: Vec<_> = Vec::with_capacity(plan.files.len());
    for file in &plan.files {
        if !once.contains(&file) {
            once.push(file);
        }
    }
    once.into_iter()
        .filter_map(|file| {
            Some(ExtraFile {
                kind: if file.config { "config" } else { "file" },
                source: &file.source,
                path: ScriptPath::of(&file.to)?,
                mode: file.mode.to_string(),
            })
        })
        .collect()
}

fn credentials(plan: &SystemdPlan) -> Vec<Credential<'_>> {
    plan.services
        .iter()
        .flat_map(|service| {
            service.credentials.iter().map(|credential| Credential {
                service: service.name.as_str(),
                name: &credential.name,
                path: &credential.path,
            })
        })
        .collect()
}

/// What each service does not start without. A path that differs from instance to instance is not for an installer to check.
fn needs(plan: &SystemdPlan) -> Vec<Needed<'_>> {
    let mut needs = Vec::new();
    for service in &plan.services {
        let Some(unit) = service
            .units
            .iter()
            .find(|unit| unit.kind == UnitKind::Service)
        else {
            continue;
        };
        let unit = unit.file_name.as_str();
        let files = service.required.iter().filter_map(ScriptPath::of);
        needs.extend(files.map(|path| Needed {
            unit,
            kind: "file",
            path,
            name: None,
        }));
        let credentials = service.credentials.iter().filter(|one| one.required);
        needs.extend(credentials.map(|credential| Needed {
            unit,
            kind: "credential",
            path: ScriptPath {
                variable: "root",
                below: credential.path.clone(),
            },
            name: Some(&credential.name),
        }));
    }
    needs
}

#[derive(Template)]
#[template(path = "linux/install.sh")]
struct InstallTemplate<'a> {
    package: &'a str,
    min_systemd: u32,
    units: String,
    user_units: String,
    boot_units: String,
    triggers: String,
    users: String,
    confs: String,
    programs: Vec<Program<'a>>,
    files: Vec<ExtraFile<'a>>,
    folders: &'a [RootFolder],
    credentials: Vec<Credential<'a>>,
    needs: Vec<Needed<'a>>,
    relocations: Vec<Relocation<'a>>,
}

#[derive(Template)]
#[template(path = "linux/uninstall.sh")]
struct UninstallTemplate<'a> {
    package: &'a str,
    units: String,
    user_units: String,
    users: String,
    files: Vec<ExtraFile<'a>>,
    folders: &'a [RootFolder],
    credentials: Vec<Credential<'a>>,
}

/// A path as the scripts build it: a variable, then text.
struct ScriptPath {
    /// `base` for what moves with the prefix, else `root`, which is empty but for an image.
    variable: &'static str,
    below: String,
}

impl ScriptPath {
    /// None for a path in which a specifier stands.
    fn of(placed: &Placed) -> Option<Self> {
        let variable = match placed.pieces.first() {
            Some(Piece::Prefix) => "base",
            _ => "root",
        };
        let mut below = String::new();
        for (index, piece) in placed.pieces.iter().enumerate() {
            match piece {
                Piece::Literal(text) => below.push_str(text),
                Piece::Prefix if index == 0 => {}
                Piece::Prefix | Piece::Specifier(_) => return None,
            }
        }
        Some(Self { variable, below })
    }
}

struct Program<'a> {
    name: &'a str,
    path: ScriptPath,
}

struct ExtraFile<'a> {
    kind: &'static str,
    source: &'a str,
    path: ScriptPath,
    mode: String,
}

struct Credential<'a> {
    service: &'a str,
    name: &'a str,
    path: &'a str,
}

struct Needed<'a> {
    unit: &'a str,
    kind: &'static str,
    path: ScriptPath,
    /// The credential's.
    name: Option<&'a str>,
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

/// Finds the lines while the unit is written, so that the template alone decides how it is laid out.
fn relocations(unit: &UnitFile) -> Vec<Relocation<'_>> {
    let line = Cell::new(1);
    let found = RefCell::new(Vec::new());
    let template = UnitTemplate::new(unit, |directive| {
        Safe(Spot {
            unit,
            directive,
            line: &line,
            found: &found,
        })
    });
    template
        .render_into(&mut Lines(&line))
        .expect("the plan holds only what its escaper can carry");
    drop(template);
    found.into_inner()
}

/// Counts lines instead of keeping them.
struct Lines<'a>(&'a Cell<usize>);

impl fmt::Write for Lines<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let ends = text.bytes().filter(|byte| *byte == b'\n').count();
        self.0.set(self.0.get() + ends);
        Ok(())
    }
}

/// Where a value stands, which notes its line there if the prefix stands in it.
struct Spot<'a, 's> {
    unit: &'a UnitFile,
    directive: &'a Directive,
    line: &'s Cell<usize>,
    found: &'s RefCell<Vec<Relocation<'a>>>,
}

impl Spot<'_, '_> {
    fn note(&self) {
        if self.directive.value.is_placed() {
            self.found.borrow_mut().push(Relocation {
                unit: &self.unit.file_name,
                number: self.line.get(),
                chunks: script_chunks(self.directive),
            });
        }
    }
}

impl fmt::Display for Spot<'_, '_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note();
        Ok(())
    }
}

impl FastWritable for Spot<'_, '_> {
    fn write_into(&self, _: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        self.note();
        Ok(())
    }
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
