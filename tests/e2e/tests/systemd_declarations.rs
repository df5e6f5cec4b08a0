//! Declarations, through `cargo svc generate`, as systemd reads them: the committed goldens and random declarations on four
//! versions, and what a program receives because of random ones.
//!
//! `SVC_RANDOM_SEED` and `SVC_RANDOM_COUNT` make it look elsewhere, and for as long as one likes.

#[path = "declarations/arrival.rs"]
mod arrival;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use cargo_svc::directives::{self, Section};
use svc_e2e::bed::systemd::{self, Machine, RELEASES};
use svc_e2e::fixture::Fixture;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{checkout, command, programs};
use svc_random::{Declaration, Rng};

use arrival::{random_ones_are_installed_as_declared, random_ones_arrive_byte_for_byte};

/// Unpacks units, makes the programs that they name, and verifies all of them at once; says what systemd says.
const VERIFY: &str = r#"
set -eu
rm -rf /srv/units
mkdir /srv/units
cd /srv/units
tar -xf /srv/units.tar
sed -n -e 's/%%/%/g' -e 's/^Exec[A-Za-z]*=[-@+!:|]*\(\/[^" ]*\).*/\1/p' -e 's/^Exec[A-Za-z]*=[-@+!:|]*"\(\/[^"]*\)".*/\1/p' ./*.service |
    sort -u | while read -r program; do
    [ -e "$program" ] || { mkdir -p "${program%/*}" && cp /bin/true "$program"; }
done
for unit in $1; do
    [ -e "/etc/systemd/system/$unit" ] || case $unit in
    *.service) printf '[Service]\nExecStart=/bin/true\n' >"/etc/systemd/system/$unit" ;;
    *) printf '[Unit]\nDescription=Somebody else\n' >"/etc/systemd/system/$unit" ;;
    esac
done
export XDG_RUNTIME_DIR=/run/verify
mkdir -p "$XDG_RUNTIME_DIR"
manager=$2
set -- ./*.service
for kind in socket timer path; do
    for unit in ./*."$kind"; do
        [ ! -e "$unit" ] || set -- "$@" "$unit"
    done
done
exec systemd-analyze "--$manager" --man=no verify "$@"
"#;

/// Units of others that the goldens refer to.
const OTHERS: &str = "station.target nginx.service";

/// Wanted by what users' units are wanted by, and a unit of the system all the same.
const ALL_THE_SAME: &str = "beacon-store.service";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "declarations::goldens_are_right_on_all_versions",
                goldens_are_right_on_all_versions,
            ),
            Test::new(
                "declarations::random_ones_are_right_on_all_versions",
                random_ones_are_right_on_all_versions,
            ),
            Test::new(
                "declarations::random_ones_arrive_byte_for_byte",
                random_ones_arrive_byte_for_byte,
            ),
            Test::new(
                "declarations::random_ones_are_installed_as_declared",
                random_ones_are_installed_as_declared,
            ),
        ],
    )
}

fn rng() -> Result<Rng> {
    svc_random::rng().map_err(Error::msg)
}

fn count(default: usize) -> Result<usize> {
    svc_random::count(default).map_err(Error::msg)
}

/// The folders with committed units: of the cases and of the examples.
fn golden_folders() -> Result<Vec<PathBuf>> {
    fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if path.ends_with("systemd") {
                    found.push(path);
                } else {
                    search(&path, found)?;
                }
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    for case in fs::read_dir(checkout::root().join("tests/cases"))? {
        let after = case?.path().join("after");
        if after.is_dir() {
            search(&after, &mut found)?;
        }
    }
    for example in fs::read_dir(checkout::root().join("examples"))? {
        let committed = example?.path().join("packaging");
        if committed.is_dir() {
            search(&committed, &mut found)?;
        }
    }
    found.sort();
    Ok(found)
}

/// The oldest systemd that has all of what a unit uses: goldens for a newer one are not read by an older one.
fn needs(text: &str) -> u32 {
    let (mut section, mut needed) = (None, 0);
    for line in text.lines() {
        let name = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(name) = name {
            section = Section::parse(name);
        } else if let (Some(section), Some((key, value))) = (section, line.split_once('='))
            && let Some(known) = directives::find(section, key)
        {
            needed = needed.max(known.since_of_value(value));
        }
    }
    needed
}

/// The same of a unit and of the services that it starts or requires: without those it is not read either.
fn needs_with_services(path: &Path, text: &str) -> u32 {
    let values = text.lines().filter_map(|line| {
        let value = line.strip_prefix("Service=");
        value.or_else(|| line.strip_prefix("Requires="))
    });
    let names = values.flat_map(str::split_whitespace);
    let others = names.map(|name| path.with_file_name(name));
    let read = others.chain([path.with_extension("service")]);
    let texts = read.filter_map(|path| fs::read_to_string(path).ok());
    texts.map(|text| needs(&text)).fold(needs(text), u32::max)
}

fn is_unit(path: &Path) -> bool {
    path.extension().is_some_and(|end| {
        ["service", "socket", "timer", "path"]
            .iter()
            .any(|kind| end == *kind)
    })
}

/// Whose manager reads a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    System,
    User,
}

impl Manager {
    const ALL: [Self; 2] = [Self::System, Self::User];

    /// systemd-analyze's option.
    const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
        }
    }

    fn of(path: &Path, text: &str) -> Self {
        let for_users = text.contains("WantedBy=default.target");
        if for_users && !path.ends_with(ALL_THE_SAME) {
            Self::User
        } else {
            Self::System
        }
    }
}

/// Copies the units of a manager that a release is new enough for; how many there are.
fn copy(from: &Path, to: &Path, version: u32, manager: Manager) -> Result<usize> {
    let mut copied = 0;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if !is_unit(&path) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        if needs_with_services(&path, &text) > version || Manager::of(&path, &text) != manager {
            continue;
        }
        fs::write(to.join(path.file_name().unwrap_or_default()), text)?;
        copied += 1;
    }
    Ok(copied)
}

fn verify(machine: &Machine, folder: &Path, manager: Manager) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["-cf", "-", "-C"]).arg(folder).arg(".");
    let packed = command::run(&mut tar, b"", Duration::from_secs(60))?;
    ensure!(packed.code() == 0, "{}", packed.describe());
    machine.put("/srv/units.tar", &packed.stdout, 0o644)?;
    let said = machine.run(&["sh", "-c", VERIFY, "verify", OTHERS, manager.word()])?;
    ensure!(
        said.code() == 0 && said.stderr.is_empty(),
        "{}",
        said.describe()
    );
    Ok(())
}

fn goldens_are_right_on_all_versions() -> Outcome {
    let folders = golden_folders()?;
    ensure!(
        folders.len() > 5,
        "only {} folders of goldens",
        folders.len()
    );
    // Each golden is read by one that knows all of it, and by all that are newer.
    let mut read = BTreeSet::new();
    for release in RELEASES {
        let machine = Machine::boot(release.suite)?;
        for folder in &folders {
            for manager in Manager::ALL {
                let scratch = checkout::scratch()?;
                if copy(folder, scratch.path(), release.systemd, manager)? == 0 {
                    continue;
                }
                verify(&machine, scratch.path(), manager).with_context(|| {
                    let (version, place) = (release.systemd, folder.display());
                    format!("systemd {version}, {manager:?}, on {place}")
                })?;
                for unit in fs::read_dir(scratch.path())? {
                    read.insert(folder.join(unit?.file_name()));
                }
            }
        }
    }
    for folder in &folders {
        for unit in fs::read_dir(folder)? {
            let unit = unit?.path();
            ensure!(
                !is_unit(&unit) || read.contains(&unit),
                "nobody has read {}",
                unit.display()
            );
        }
    }
    Ok(())
}

/// The package of random declarations, with the files that they name.
fn fixture(declarations: &[Declaration]) -> Result<Fixture> {
    let tables: Vec<_> = declarations.iter().map(|one| one.toml.as_str()).collect();
    let probe = programs::probe_linux()?;
    let fixture = Fixture::new("1.0.0", &[("svc-probe", probe)], &tables.join("\n"))?;
    for file in declarations.iter().flat_map(|one| &one.files) {
        if let Some(source) = &file.source {
            fixture.put(&[(source, file.content())])?;
        }
    }
    Ok(fixture)
}

/// The units of random declarations.
fn generate(declarations: &[Declaration]) -> Result<Fixture> {
    let fixture = fixture(declarations)?;
    fixture
        .cargo_svc(&["generate", "--quiet"])?
        .success()
        .context("cargo svc generate")?;
    Ok(fixture)
}

fn random_ones_are_right_on_all_versions() -> Outcome {
    let mut rng = rng()?;
    let declarations: Vec<_> = (0..count(1000)?)
        .map(|number| Declaration::of_any_kind(&mut rng, number))
        .collect();
    let fixture = generate(&declarations)?;
    for release in RELEASES {
        let machine = Machine::boot(release.suite)?;
        let mut copied = 0;
        for manager in Manager::ALL {
            let scratch = checkout::scratch()?;
            let units = fixture.path("packaging/systemd");
            copied += copy(&units, scratch.path(), release.systemd, manager)?;
            verify(&machine, scratch.path(), manager)
                .with_context(|| format!("systemd {}, {manager:?}", release.systemd))?;
        }
        // The others may be read nevertheless, if they use nothing that is newer.
        let new_enough = declarations
            .iter()
            .filter(|one| one.min_version <= release.systemd);
        ensure!(copied >= new_enough.count(), "{copied} units");
    }
    Ok(())
}
