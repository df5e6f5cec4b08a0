//! What a program receives because of a random declaration, and what its installer leaves on the machine.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::installed::linux::{UNINSTALL, install_args, unchanged};
use svc_e2e::programs;
use svc_e2e::record::Record;
use svc_e2e::suite::Outcome;
use svc_random::{Declaration, DeclaredFile, PREFIX};

use super::{count, fixture, generate, rng};

/// A path of a declaration where programs are installed below `prefix`.
fn below(prefix: &str, path: &str) -> String {
    path.replace(PREFIX, prefix)
}

pub(super) fn random_ones_arrive_byte_for_byte() -> Outcome {
    let mut rng = rng()?;
    let count = count(60)?.min(500);
    let declarations: Vec<_> = (0..count)
        .map(|number| Declaration::random(&mut rng, number))
        .collect();
    let fixture = generate(&declarations)?;
    let machine = Machine::boot(systemd::SUITE)?;
    let probe = fs::read(programs::probe_linux()?)?;
    let programs: BTreeSet<_> = declarations.iter().map(|one| &one.program).collect();
    for program in programs {
        machine.put(&below("/usr", program), &probe, 0o755)?;
    }
    let units = fixture.path("packaging/systemd");
    let socket = |one: &Declaration| one.socket.then(|| format!("{}-probe.socket", one.name));
    let units_of = |one: &Declaration| [Some(format!("{}.service", one.name)), socket(one)];
    for file in declarations.iter().flat_map(units_of).flatten() {
        machine.put(
            &format!("/etc/systemd/system/{file}"),
            &fs::read(units.join(&file))?,
            0o644,
        )?;
    }
    for file in declarations.iter().flat_map(|one| &one.files) {
        if file.required {
            let mode = u32::from(file.mode);
            machine.put(&below("/usr", &file.to), file.content().as_bytes(), mode)?;
        }
    }
    machine.ok("systemctl daemon-reload")?;
    for some in declarations.chunks(10) {
        start_all(&machine, some)?;
        for one in some {
            arrived(&machine, one, "/usr").with_context(|| one.toml.clone())?;
        }
        let names = some.iter().map(|one| one.name.as_str());
        let stop: Vec<_> = ["systemctl", "stop"].into_iter().chain(names).collect();
        machine.run(&stop)?.success().context("systemctl stop")?;
    }
    Ok(())
}

/// Starts services. What does not start has no record, and its journal says why.
fn start_all(machine: &Machine, some: &[Declaration]) -> Result<()> {
    let names = some.iter().map(|one| one.name.as_str());
    let start: Vec<_> = ["systemctl", "start"].into_iter().chain(names).collect();
    machine.run(&start).map(drop)
}

/// Each in a package of its own, by its installer: installed, repaired and removed.
pub(super) fn random_ones_are_installed_as_declared() -> Outcome {
    let mut rng = rng()?;
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let prefix = "/usr/local";
    for _ in 0..count(12)?.min(100) {
        let one = Declaration::of_program(&mut rng, "svc-probe");
        let whole = || {
            let programs = [("svc-probe", programs::probe_linux()?)];
            let fixture = fixture(std::slice::from_ref(&one))?;
            let package = fixture.package(programs::LINUX, &programs)?;
            // The second time is a repair.
            for _ in 0..2 {
                install_args(&machine, &package, &[])?;
                is_installed(&machine, &one, prefix)?;
                operators(&machine, &one, prefix, |path, file| {
                    machine.put(path, file.content().as_bytes(), 0o644)
                })?;
                machine.run(&["systemctl", "start", &one.name])?;
                arrived(&machine, &one, prefix)?;
            }
            operators(&machine, &one, prefix, |path, _| {
                machine.run(&["rm", path])?.success()?;
                let folder = path.rsplit_once('/').context("a whole path")?.0;
                let clear = ["rmdir", "-p", "--ignore-fail-on-non-empty", folder];
                machine.run(&clear)?.success().map(drop)
            })?;
            machine.ok(&format!("{UNINSTALL} --purge"))?;
            // What systemd made on the way to a folder stays, with nothing in it.
            machine.ok("for root in lib cache log; do find /var/$root/private/svc-probe /var/$root/svc-probe -maxdepth 0 -exec rmdir {} + || :; done 2>/dev/null")?;
            unchanged(&machine, &before)
        };
        whole().with_context(|| one.toml.clone())?;
    }
    Ok(())
}

/// Does this with the paths of those files that only the operator has.
fn operators(
    machine: &Machine,
    one: &Declaration,
    prefix: &str,
    act: impl Fn(&str, &DeclaredFile) -> Result<()>,
) -> Result<()> {
    for file in one.files.iter().filter(|file| file.source.is_none()) {
        let path = below(prefix, &file.to);
        act(&path, file).with_context(|| machine.describe(&one.name))?;
    }
    Ok(())
}

/// Its files are where they are declared, and a boot starts it or does not.
fn is_installed(machine: &Machine, one: &Declaration, prefix: &str) -> Result<()> {
    for file in one.files.iter().filter(|file| file.source.is_some()) {
        let to = below(prefix, &file.to);
        let found = machine.get(&to).with_context(|| to.clone())?;
        ensure!(found == file.content().as_bytes(), "{to:?}: {found:?}");
        let mode = machine.run(&["stat", "-c", "%a %u %g", &to])?.success()?;
        ensure!(mode == format!("{:o} 0 0\n", file.mode), "{to:?}: {mode}");
    }
    let unit = format!("{}.service", one.name);
    let state = machine.show(&unit, "UnitFileState")?;
    ensure!((state == "enabled") == one.at_boot, "{unit} is {state}");
    Ok(())
}

fn arrived(machine: &Machine, one: &Declaration, prefix: &str) -> Result<()> {
    let unit = format!("{}.service", one.name);
    // systemd does not wait for it with every type.
    machine.wait_for_journal(&unit, "svc-probe ready")?;
    let journal = machine.journal(&unit)?;
    let record = Record::last(&journal)?.with_context(|| format!("no record: {journal}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let args: Vec<_> = record.args.iter().map(|arg| text(arg)).collect();
    let declared = [&one.program].into_iter().chain(&one.args);
    let declared: Vec<_> = declared.map(|arg| below(prefix, arg)).collect();
    ensure!(
        args == declared,
        "arguments: {args:#?} instead of {declared:#?}"
    );
    for (name, value) in &one.environment {
        let got = record.var(name).map(text);
        ensure!(
            got.as_ref() == Some(value),
            "{name}: {got:?} instead of {value:?}"
        );
    }
    // What it was started with, before svc-rt took away what is its own.
    let pid = record.pid;
    let environ = machine
        .get(&format!("/proc/{pid}/environ"))
        .with_context(|| machine.describe(&unit))?;
    for (name, value) in &one.contract {
        let wanted = format!("{name}={value}");
        let mut lines = environ.split(|byte| *byte == 0);
        ensure!(
            lines.any(|line| line == wanted.as_bytes()),
            "no {wanted}: {}",
            text(&environ)
        );
    }
    for (name, folder) in &one.folders {
        let got = record
            .var(name)
            .map(|got| text(got).replace("/private/", "/"));
        ensure!(
            got.as_ref() == Some(folder),
            "{name}: {got:?} instead of {folder:?}"
        );
        let there = machine.run(&["test", "-d", folder])?.code() == 0;
        ensure!(there, "{folder:?} is not there");
    }
    if let Some(folder) = &one.working_dir {
        // A dynamic user's folder is reached by a link.
        let cwd = text(&record.cwd).replace("/private/", "/");
        ensure!(cwd == *folder, "it works in {cwd:?} instead of {folder:?}");
    }
    Ok(())
}
