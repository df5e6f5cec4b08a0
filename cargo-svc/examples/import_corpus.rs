//! Imports real unit files and says how much of them became keys: `cargo run -p cargo-svc --example import_corpus -- DIR`.
//!
//! All units below the folder are imported, each service with the sockets, the timer and the path that lie beside it and have its
//! name; then each file once more alone. An import compares what `cargo svc generate` would write with what systemd makes of the
//! files, so that one that succeeds means the same. In a file's name `__` stands for a slash: collections of files from many
//! places are kept that way. Units of other kinds and sources with placeholders (`.in`) are skipped and named.
//!
//! Exit codes: 0 all mean the same; 1 some do not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cargo_svc::diagnostics::{Report, human};
use cargo_svc::import::{Imported, Input, Options, import};
use cargo_svc::unit_file::{UnitKind, UnitName};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), verbose) = (arguments.next(), arguments.next().is_some()) else {
        eprintln!("usage: import_corpus DIR [--tables]");
        return ExitCode::from(2);
    };
    let mut files = Vec::new();
    if let Err(error) = walk(Path::new(&folder), &mut files) {
        eprintln!("{}: {error}", Path::new(&folder).display());
        return ExitCode::from(2);
    }
    files.sort();
    let (mut units, mut skipped) = (Vec::new(), Vec::new());
    for file in files {
        match real(&file) {
            Some((place, name)) => units.push(File {
                source: file,
                place,
                name,
            }),
            None if is_unit(&file) => skipped.push(file),
            None => {}
        }
    }
    let mut all = Totals::default();
    for set in sets(&units) {
        all.add(&set, true, verbose);
    }
    let mut alone = Totals::default();
    for unit in &units {
        alone.add(&[unit], false, false);
    }
    for file in &skipped {
        println!("skipped  {}", file.display());
    }
    println!(
        "{} of {} files mean the same ({} of {} alone); {} of {} assignments became keys ({}%), {} stay lines, {} are ignored by systemd",
        all.same,
        units.len(),
        alone.same,
        units.len(),
        all.keys,
        all.assignments,
        percent(all.keys, all.assignments),
        all.assignments - all.keys - all.ignored,
        all.ignored,
    );
    for (key, count) in all.raw_by_count().into_iter().take(40) {
        println!("{count:5}  {key}");
    }
    if all.same == units.len() && alone.same == units.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

/// A unit's file, the folder that it comes from, and its name there.
struct File {
    source: PathBuf,
    place: PathBuf,
    name: UnitName,
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn real(file: &Path) -> Option<(PathBuf, UnitName)> {
    let name = file.file_name()?.to_str()?.replace("__", "/");
    let path = file.parent()?.join(name);
    let name = UnitName::parse(path.file_name()?.to_str()?).ok()?;
    Some((path.parent()?.to_path_buf(), name))
}

/// Whether it is a unit, or becomes one.
fn is_unit(file: &Path) -> bool {
    let name = file.to_string_lossy();
    let name = name.strip_suffix(".in").unwrap_or(&name);
    let known = [
        "service",
        "socket",
        "timer",
        "path",
        "mount",
        "automount",
        "target",
        "slice",
        "swap",
    ];
    name.rsplit_once('.')
        .is_some_and(|(_, suffix)| known.contains(&suffix))
}

/// Each service with its units; a unit without its service is a set of its own.
fn sets(units: &[File]) -> Vec<Vec<&File>> {
    let is_service = |file: &&File| file.name.kind == UnitKind::Service;
    let mut sets: Vec<Vec<&File>> = units
        .iter()
        .filter(is_service)
        .map(|file| vec![file])
        .collect();
    for unit in units.iter().filter(|file| !is_service(file)) {
        let near = |set: &Vec<&File>| {
            let service = set[0];
            service.name.stem == unit.name.stem && unit.place.starts_with(&service.place)
        };
        match sets.iter().position(near) {
            Some(index) => sets[index].push(unit),
            None => sets.push(vec![unit]),
        }
    }
    sets
}

#[derive(Default)]
struct Totals {
    same: usize,
    assignments: usize,
    keys: usize,
    ignored: usize,
    raw: BTreeMap<String, usize>,
}

impl Totals {
    fn add(&mut self, set: &[&File], tell: bool, verbose: bool) {
        let mut report = Report::default();
        let inputs = set.iter().filter_map(|unit| {
            let path = unit.place.join(unit.name.to_string());
            let bytes = fs::read(&unit.source).ok()?;
            Some(Input {
                path,
                name: unit.name.clone(),
                bytes,
            })
        });
        let found = import(inputs.collect(), &Options::default(), None, &mut report);
        let Some(found) = found else {
            for unit in set {
                println!("DIFFERS  {}", unit.source.display());
            }
            for said in report.diagnostics() {
                print!("{}", human::render(said));
            }
            return;
        };
        self.same += set.len();
        self.count(&found);
        if tell {
            for file in &found.files {
                let raw: Vec<_> = file.raw.iter().map(|raw| raw.key.as_str()).collect();
                println!(
                    "{:3}%  {:3} of {:3}  {}  [{}]",
                    percent(file.keys, file.assignments),
                    file.keys,
                    file.assignments,
                    file.path.display(),
                    raw.join(" ")
                );
            }
        }
        if verbose {
            println!("{}", found.text);
        }
    }

    fn count(&mut self, found: &Imported) {
        for file in &found.files {
            self.assignments += file.assignments;
            self.keys += file.keys;
            self.ignored += file.ignored;
            for raw in &file.raw {
                let name = format!("{} {}: {}", raw.section, raw.key, raw.why);
                *self.raw.entry(name).or_default() += 1;
            }
        }
    }

    fn raw_by_count(&self) -> Vec<(&str, usize)> {
        let mut raw: Vec<_> = self
            .raw
            .iter()
            .map(|(key, count)| (key.as_str(), *count))
            .collect();
        raw.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        raw
    }
}

fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(100)
}
