//! The other way round: from unit files to the metadata that says the same.
//!
//! It stands beside the flow and drives it: for each service it asks which keys say what the unit says, generates the units of
//! each answer in memory through the ordinary stages, and keeps what [`compare`](crate::unit_file::compare()) calls the same. What
//! no key says goes into raw tables. At last all tables are generated once more: what does not compare equal is not returned.

mod ask;
mod ask_run;
mod ask_things;
mod draft;
mod group;
mod remarks;
mod said;
mod sockets;
mod solve;
mod tables;
#[cfg(test)]
mod tests;
mod unit;
mod weigh;
mod world;

use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, Report};
use crate::directives::Section;
use crate::manifest::document::write;
use crate::manifest::{guess, list};
use crate::render::Artifact;
use crate::unit_file::UnitName;
use draft::Draft;
use group::{Group, groups};
use remarks::Remarks;
use solve::{Circumstances, solve};
use tables::tables;
use unit::Unit;
use weigh::Generated;

pub use world::World;

/// A unit file.
#[derive(Debug, Clone)]
pub struct Input {
    /// The file as it is shown.
    pub path: PathBuf,
    /// Its unit's name.
    pub name: UnitName,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Input {
    /// A file with the name of its unit.
    ///
    /// # Errors
    /// Says why its name is not that of a unit that can be imported.
    pub fn new(path: &Path, bytes: Vec<u8>) -> Result<Self, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self {
            path: path.to_path_buf(),
            name: UnitName::parse(&name)?,
            bytes,
        })
    }
}

/// What the user says besides.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The program that is the service, if it is not the one that the unit runs.
    pub bin: Option<String>,
    /// Whether the units are for users' managers.
    pub user: bool,
}

/// What was made of some units.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The tables.
    pub text: String,
    /// Each file, in the order of the tables.
    pub files: Vec<Summary>,
    /// The units that are generated from the tables.
    pub units: Vec<Artifact>,
}

/// What was made of a file.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The file.
    pub path: PathBuf,
    /// The service that it is part of.
    pub service: String,
    /// How many assignments it has.
    pub assignments: usize,
    /// How many of them keys say.
    pub keys: usize,
    /// How many of them systemd ignores.
    pub ignored: usize,
    /// What raw lines say.
    pub raw: Vec<RawLine>,
}

/// A directive that stands in a raw table.
#[derive(Debug, Clone)]
pub struct RawLine {
    /// Its section.
    pub section: Section,
    /// Its name.
    pub key: String,
    /// Why no key says it, after the directive's name and a colon.
    pub why: String,
}

/// Imports units. Without a world they go to a package of which nothing is known.
///
/// `None` only if at least one error was added to the report.
///
/// ```
/// use cargo_svc::diagnostics::Report;
/// use cargo_svc::import::{Input, Options, import};
///
/// let text = b"[Unit]\nDescription=A test\n[Service]\nExecStart=/usr/bin/beacon serve\n";
/// let file = Input::new("beacon.service".as_ref(), text.to_vec()).unwrap();
/// let found = import(vec![file], &Options::default(), None, &mut Report::default()).unwrap();
/// assert!(found.text.contains("args = [\"serve\"]"));
/// assert_eq!(found.files[0].keys, 2);
/// ```
pub fn import(
    inputs: Vec<Input>,
    options: &Options,
    world: Option<World>,
    report: &mut Report,
) -> Option<Imported> {
    let count = inputs.len();
    let units: Vec<_> = inputs
        .into_iter()
        .filter_map(|input| unit::unit(&input.path, input.name, &input.bytes, report))
        .collect();
    if units.len() < count {
        return None;
    }
    let groups = groups(units, report)?;
    let world = match world.map_or_else(|| any_world(&groups, options), Ok) {
        Ok(world) => world,
        Err(error) => {
            report.add(Diagnostic::error(format!(
                "cannot imagine a package: {error}"
            )));
            return None;
        }
    };
    for group in &groups {
        about_users(group, options, report);
    }
    if !has_program(&groups, options, &world, report) {
        return None;
    }
    let names: Vec<_> = groups.iter().map(|group| group.name.clone()).collect();
    let mut refused = None;
    // Services that wait for each other in a circle are then told apart by raw lines.
    for together in [true, false] {
        let around = Circumstances {
            options,
            world: &world,
            names: &names,
            together,
        };
        match attempt(&groups, &around) {
            Ok(imported) => return Some(imported),
            Err(found) => refused = Some(found),
        }
        if names.len() == 1 {
            break;
        }
    }
    for found in refused.iter().flat_map(Report::diagnostics) {
        report.add(found.clone());
    }
    None
}

/// Whether each service has a program of the package.
fn has_program(groups: &[Group], options: &Options, world: &World, report: &mut Report) -> bool {
    let bins: Vec<_> = world.bins().into_iter().map(str::to_owned).collect();
    let package = &world.package.name;
    if let Some(bin) = options.bin.as_ref().filter(|bin| !bins.contains(bin)) {
        let found = Diagnostic::error(format!("package `{package}` has no binary `{bin}`"));
        report.add(match bins.as_slice() {
            [] => found,
            _ => found.help(guess(bin, &bins)),
        });
        return false;
    }
    for group in groups {
        if solve::bin(group, options, world).is_some() {
            continue;
        }
        report.add(match bins.as_slice() {
            [] => Diagnostic::error(format!(
                "package `{package}` has no binary that could be a service"
            ))
            .help("choose the Cargo.toml of the package that has the program"),
            _ => Diagnostic::error(format!(
                "package `{package}` has several binaries, and `{}` runs none of them",
                group.service_unit()
            ))
            .help(format!(
                "say which one is the service with `--bin`: {}",
                list(&bins)
            )),
        });
        return false;
    }
    true
}

/// What is wanted by `default.target` may be meant for users' managers: the file does not say it.
fn about_users(group: &Group, options: &Options, report: &mut Report) {
    let Some(unit) = group
        .service()
        .filter(|_| !solve::is_for_users(group, options))
    else {
        return;
    };
    let wanted =
        unit.means.assigned().iter().find(|one| {
            one.section == Section::Install && one.value.to_string() == "default.target"
        });
    let of_system = [
        "User",
        "Group",
        "DynamicUser",
        "CapabilityBoundingSet",
        "AmbientCapabilities",
    ];
    if let Some(wanted) = wanted
        && !of_system.iter().any(|key| unit.has(Section::Service, key))
    {
        let place = unit.text.entry_at(wanted.line).map(|entry| &entry.place);
        report.add(
            Diagnostic::note(format!(
                "`{}` is taken for a unit of the system's manager",
                unit.name
            ))
            .at(place)
            .label("units of users' managers are wanted by this, too")
            .help("`--user` imports it as one of those"),
        );
    }
}

/// A package with the programs of these services. One whose unit sets what only cargo-svc sets uses svc-rt.
fn any_world(groups: &[Group], options: &Options) -> Result<World, serde_json::Error> {
    let mut bins: Vec<String> = Vec::new();
    let mut uses_runtime = false;
    for group in groups {
        let own = group.service().and_then(|unit| said::program(&unit.means));
        let own = own.map_or(group.name.as_str(), |program| program.bin);
        let bin = options.bin.as_deref().unwrap_or(own);
        if !bins.iter().any(|other| other == bin) {
            bins.push(bin.to_owned());
        }
        let sets = group
            .service()
            .map(|unit| unit.means.values(Section::Service, "Environment"));
        let told = |value: &&crate::unit_file::Value| {
            value.to_string().starts_with("SVC_STOP_TIMEOUT_USEC=")
        };
        uses_runtime |= sets.into_iter().flatten().any(|value| told(&value));
    }
    World::any(&bins, uses_runtime)
}

fn attempt(groups: &[Group], around: &Circumstances) -> Result<Imported, Report> {
    let drafts = groups
        .iter()
        .map(|group| solve(group, around).map_err(|report| unsaid(group, &report)))
        .collect::<Result<Vec<_>, _>>()?;
    let several = drafts.len() > 1;
    let tables: Vec<_> = drafts
        .iter()
        .flat_map(|draft| tables(draft, several, Remarks::of(draft)))
        .collect();
    let text = write(&tables);
    let units = verify(&drafts, &text, around.world)?;
    let files = drafts.iter().flat_map(|draft| {
        let units = draft.group.units.iter().enumerate();
        units.map(|(index, unit)| summary(draft, index, unit))
    });
    Ok(Imported {
        files: files.collect(),
        text,
        units,
    })
}

/// Generates all tables, and refuses what does not mean the same as its file.
fn verify(drafts: &[Draft], text: &str, world: &World) -> Result<Vec<Artifact>, Report> {
    let artifacts = world.units(text)?;
    let mut report = Report::default();
    for unit in drafts.iter().flat_map(|draft| &draft.group.units) {
        let generated = Generated::of(unit, &artifacts).ok_or_else(|| weigh::missing(unit))?;
        for difference in generated.differences(unit) {
            let line = unit
                .lines
                .iter()
                .find(|line| line.section == difference.section && line.key == difference.key);
            let entry = line.and_then(|line| unit.text.entry_at(line.entry));
            report.add(
                Diagnostic::error(format!(
                    "{} cannot be imported: what would be generated differs",
                    unit.path.display()
                ))
                .at(entry.map(|entry| &entry.key_place))
                .label(difference.to_string())
                .help("this is a bug of cargo-svc; please report it with the unit file"),
            );
        }
    }
    if report.has_errors() {
        Err(report)
    } else {
        Ok(artifacts)
    }
}

/// A service of which not even raw lines are right.
fn unsaid(group: &Group, why: &Report) -> Report {
    let mut report = Report::default();
    for found in why.diagnostics() {
        if found.level != crate::diagnostics::Level::Error {
            continue;
        }
        let error = Diagnostic::error(format!(
            "the units of `{}` cannot be said in the metadata: {}",
            group.name, found.message
        ));
        let mut error = error.label(found.label.clone());
        error.help.clone_from(&found.help);
        report.add(error);
    }
    report
}

fn summary(draft: &Draft, index: usize, unit: &Unit) -> Summary {
    let raw: Vec<_> = draft
        .raw
        .iter()
        .filter(|raw| raw.unit == index && !raw.entries.is_empty())
        .collect();
    let mut entries: Vec<_> = raw.iter().flat_map(|raw| &raw.entries).collect();
    entries.sort_unstable();
    entries.dedup();
    let assignments = unit.assignments();
    let why = |section, key: &str| {
        let asked = draft.questions.iter();
        let mut asked = asked.filter(|question| index == 0 && question.is_about(section, key));
        let program = draft
            .group
            .service()
            .and_then(|unit| said::program(&unit.means));
        match asked.next() {
            _ if (section, key) == (Section::Service, "ExecStart")
                && program
                    .as_ref()
                    .is_some_and(|program| draft.bin != Some(program.bin.to_owned())) =>
            {
                "another program than the service's".to_owned()
            }
            // What systemd sends is an event.
            Some(_) if key == "ExecReload" => "`events` does not say the same".to_owned(),
            Some(question) if question.ways.len() > 1 => {
                format!("`{}` does not say the same", question.name)
            }
            _ => "no key says it".to_owned(),
        }
    };
    Summary {
        path: unit.path.clone(),
        service: draft.group.name.clone(),
        assignments,
        keys: assignments - entries.len() - unit.ignored.len(),
        ignored: unit.ignored.len(),
        raw: raw
            .iter()
            .map(|raw| RawLine {
                section: raw.section,
                key: raw.key.clone(),
                why: why(raw.section, &raw.key),
            })
            .collect(),
    }
}
