//! On a machine with systemd, by install.sh.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::bed::systemd::{self, Machine};
use crate::command::Output;
use crate::fixture::{self, Fixture, Package};
use crate::programs;

/// The probe's unit.
pub const UNIT: &str = "svc-probe.service";
/// Where install.sh puts units.
pub const UNITS: &str = "/usr/local/lib/systemd/system";
/// The uninstaller that stays on the machine.
pub const UNINSTALL: &str = "/usr/local/lib/svc-probe/uninstall.sh";
/// The list of what is installed.
pub const RECEIPT: &str = "/usr/local/lib/svc-probe/receipt";
/// Settings of a probe that suits most tests.
pub const SETTINGS: &str = "environment = { PROBE_DIR = \"/srv/probe\" }\nrestart = { policy = \"on-failure\", delay = \"100ms\" }\nstop-timeout = \"20s\"";

/// The probe's package with these settings.
pub fn package(version: &str, settings: &str) -> Result<Package> {
    let programs = [(fixture::NAME, programs::probe_linux()?)];
    fixture::package(programs::LINUX, &programs, version, &fixture::one(settings))
}

/// A service that does nothing for long, run by what [`shell`] packages.
pub const IDLE: &str = "[package.metadata.service]\nargs = [\"-c\", \"exec sleep 100000\"]\n";

/// A package of these tables and files whose program is a shell: where the installer does not care what runs.
pub fn shell(version: &str, tables: &str, files: &[(&str, &[u8])]) -> Result<Package> {
    Fixture::plain(version, tables, files)?
        .package(programs::LINUX, &[(fixture::NAME, Path::new("/bin/dash"))])
}

/// Unpacks, installs with these arguments, and removes what was unpacked; all that install.sh said.
pub fn install_args(machine: &Machine, package: &Package, args: &[&str]) -> Result<String> {
    let folder = unpack(machine, package, "/srv/unpacked")?;
    let said = install_with(machine, &folder, args)?;
    machine.ok("rm -r /srv/unpacked")?;
    let errors = said.errors();
    Ok(said.success().context("install.sh")? + &errors)
}

/// A machine on which nothing is installed yet, with the folder that the probe looks into.
pub fn machine() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    Ok(machine)
}

/// A machine on which version 1.0.0 runs.
pub fn installed() -> Result<Machine> {
    let machine = machine()?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    Ok(machine)
}

/// Installs version 1.1.0 over it.
pub fn upgrade(machine: &Machine) -> Result<()> {
    install(machine, &package("1.1.0", SETTINGS)?)
}

/// Unpacks the archive below `folder`; where install.sh is then.
pub fn unpack(machine: &Machine, package: &Package, folder: &str) -> Result<String> {
    machine.put("/srv/package.tar.gz", &package.archive, 0o644)?;
    let unpack =
        r#"mkdir -p "$1" && tar -xzf /srv/package.tar.gz -C "$1" && rm /srv/package.tar.gz"#;
    machine
        .run(&["sh", "-c", unpack, "unpack", folder])?
        .success()
        .context("unpacking")?;
    Ok(format!("{folder}/{}", package.name))
}

/// Runs install.sh in the unpacked folder, with the working directory elsewhere.
pub fn install_with(machine: &Machine, folder: &str, args: &[&str]) -> Result<Output> {
    let script = format!("{folder}/install.sh");
    let mut all = vec![script.as_str()];
    all.extend(args);
    machine.run(&all)
}

/// Unpacks, installs, and removes what was unpacked; what install.sh said.
pub fn install_saying(machine: &Machine, package: &Package) -> Result<String> {
    install_args(machine, package, &[])
}

/// Unpacks, installs, and removes what was unpacked.
pub fn install(machine: &Machine, package: &Package) -> Result<()> {
    install_saying(machine, package).map(drop)
}

/// The units of the probe, wherever they are.
pub fn units(machine: &Machine) -> Result<Vec<String>> {
    let text = machine.ok("systemctl list-unit-files --no-legend 'svc-probe*'")?;
    Ok(text
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .map(str::to_owned)
        .collect())
}

/// Whether a unit is enabled, in systemd's word.
pub fn enabled(machine: &Machine, unit: &str) -> Result<String> {
    machine.show(unit, "UnitFileState")
}

/// `systemd-analyze verify` finds nothing to say about a unit file.
pub fn verify(machine: &Machine, path: &str) -> Result<()> {
    let verify = machine.run(&["systemd-analyze", "verify", path])?;
    ensure!(
        verify.code() == 0 && verify.stderr.is_empty(),
        "{}",
        verify.describe()
    );
    Ok(())
}

/// Nothing changed on the machine's disk since `before` was listed.
pub fn unchanged(
    machine: &Machine,
    before: &std::collections::BTreeMap<String, String>,
) -> Result<()> {
    let left = machine.changes(before)?;
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}
