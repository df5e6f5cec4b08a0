//! Imports real unit files and says how much of them became keys: `cargo run -p cargo-svc --example import_corpus -- DIR`.
//!
//! All units below the folder are imported, each service with the sockets, the timer and the path that lie beside it and have its
//! name; then each file once more alone. An import compares what `cargo svc generate` would write with what systemd makes of the
//! files, so that one that succeeds means the same. In a file's name `__` stands for a slash: collections of files from many
//! places are kept that way. Units of other kinds and sources with placeholders (`.in`) are skipped and named.
//!
//! Exit codes: 0 all mean the same, and keys say two thirds of all assignments; 1 some do not, or keys say less; 2 there is nothing
//! to import.

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
    match run(Path::new(&folder), verbose) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            eprintln!("{}", faults.join("\n"));
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Imports all units below a folder, and prints what became of each. Returns what is not as it should be.
fn run(folder: &Path, verbose: bool) -> Result<Vec<String>, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    walk(folder, &mut files).map_err(failed)?;
    files.sort();
    let (mut units, mut skipped, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for source in files {
        match kind(&source) {
            Kind::Other => {}
            Kind::Skipped => skipped.push(source),
            Kind::Unit => match real(&source) {
                Some((place, name)) => units.push(File {
                    bytes: fs::read(&source)
                        .map_err(|error| format!("{}: {error}", source.display()))?,
                    source,
                    place,
                    name,
                }),
                None => faults.push(format!("{}: no unit has this name", source.display())),
            },
        }
    }
    if units.is_empty() && faults.is_empty() {
        return Err(format!("{}: there are no units in it", folder.display()));
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
    if all.same < units.len() || alone.same < units.len() {
        faults.push("some files do not mean the same: see DIFFERS above".into());
    }
    if all.keys * 3 < all.assignments * 2 {
        faults.push(format!(
            "keys say less than two thirds: {} of {} assignments",
            all.keys, all.assignments
        ));
    }
    Ok(faults)
}

/// A unit's file, the folder that it comes from, and its name there.
struct File {
    source: PathBuf,
    bytes: Vec<u8>,
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

/// What a file is, by its name.
#[derive(Debug, PartialEq)]
enum Kind {
    /// A unit that can be imported.
    Unit,
    /// A unit of another kind, or a source of one.
    Skipped,
    /// No unit.
    Other,
}

fn kind(file: &Path) -> Kind {
    let name = file.to_string_lossy();
    let suffix = |name: &str| {
        let (_, suffix) = name.rsplit_once('.')?;
        Some(suffix.to_owned())
    };
    let known = |suffix: Option<String>, words: &[&str]| {
        suffix.is_some_and(|suffix| words.contains(&suffix.as_str()))
    };
    let own = ["service", "socket", "timer", "path"];
    let others = ["mount", "automount", "target", "slice", "swap"];
    match name.strip_suffix(".in") {
        Some(name) if known(suffix(name), &own) || known(suffix(name), &others) => Kind::Skipped,
        _ if known(suffix(&name), &own) => Kind::Unit,
        _ if known(suffix(&name), &others) => Kind::Skipped,
        _ => Kind::Other,
    }
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
        let inputs = set.iter().map(|unit| Input {
            path: unit.place.join(unit.name.to_string()),
            name: unit.name.clone(),
            bytes: unit.bytes.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a folder with these files.
    fn judged(test: &str, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let name = format!("cargo-svc-corpus-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in files {
            fs::write(folder.join(name), text).expect("a file");
        }
        let found = run(&folder, false);
        fs::remove_dir_all(&folder).expect("it is ours");
        found
    }

    const RIGHT: &str = "[Unit]\nDescription=A\n[Service]\nExecStart=/usr/bin/a\nRestart=always\n";

    #[test]
    fn what_means_the_same_is_right() {
        let files = [
            ("a__b__a.service", RIGHT),
            ("a__data.mount", "[Mount]\n"),
            ("a.service.in", "[Service]\nExecStart=@BIN@\n"),
            ("INDEX.tsv", ""),
        ];
        assert_eq!(judged("right", &files), Ok(Vec::new()));
    }

    #[test]
    fn what_does_not_is_a_fault() {
        let wrong = "[Service]\nExecStart=a/b\n";
        let lines = "[Service]\nExecStart=/usr/bin/a\nLimitNOFILE=5\nLimitCORE=5\nIOWeight=5\n";
        for (test, name, text, part) in [
            ("refused", "b.service", wrong, "do not mean the same"),
            ("lines", "b.service", lines, "less than two thirds: 4 of 7"),
            ("name", "b c.service", RIGHT, "no unit has this name"),
        ] {
            let found = judged(test, &[("a.service", RIGHT), (name, text)]);
            let faults = found.expect("it can be read").join("\n");
            assert!(faults.contains(part), "{test}: {faults}");
        }
    }

    #[test]
    fn nothing_is_no_corpus() {
        let found = judged("nothing", &[("a.mount", ""), ("notes.txt", "")]);
        assert!(found.expect_err("it has no units").contains("no units"));
        assert!(run(Path::new("/nowhere/at/all"), false).is_err());
    }
}
