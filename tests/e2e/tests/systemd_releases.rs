//! One life of an installation on each of the other versions of systemd: installed, booted, upgraded, taken away; by install.sh
//! and by dpkg.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine, RELEASES, Release};
use svc_e2e::installed::distribution::{self, FIRST, SECOND};
use svc_e2e::installed::linux::{RECEIPT, SETTINGS, UNINSTALL, UNIT, install, package};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SOCKET: &str = "svc-probe-http.socket";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        distribution::needs,
        vec![
            Test::new("releases::install_sh_lives_a_life", install_sh_lives_a_life),
            Test::new("releases::deb_lives_a_life", deb_lives_a_life),
        ],
    )
}

/// On a machine of each release but that of the other suites.
fn each(live: impl Fn(Machine) -> Result<()>) -> Outcome {
    let is_other = |release: &&Release| release.suite != systemd::SUITE;
    for release in RELEASES.iter().filter(is_other) {
        let machine = Machine::boot(release.suite)?;
        machine.ok("mkdir -p /srv/probe")?;
        live(machine).with_context(|| format!("systemd {}", release.systemd))?;
    }
    Ok(())
}

/// The service runs after a boot, and what `upgrade` does replaces it.
fn boots_and_upgrades(
    machine: &mut Machine,
    upgrade: impl FnOnce(&Machine) -> Result<()>,
) -> Result<()> {
    machine.wait_for(UNIT, "ActiveState", "active")?;
    machine.reboot()?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let pid = machine.show(UNIT, "MainPID")?;
    upgrade(machine)?;
    machine.wait_for_restart(UNIT, &pid)?;
    machine.wait_for(UNIT, "ActiveState", "active")
}

fn is_gone(machine: &Machine, paths: &[&str]) -> Result<()> {
    // Finding none is a failure of the command.
    let left = machine.ok("systemctl list-unit-files --no-legend 'svc-*' || :")?;
    ensure!(left.is_empty(), "{left}");
    for path in paths {
        ensure!(!machine.exists(path)?, "{path} stays");
    }
    let links = machine.ok("find /etc/systemd -name 'svc-*'")?;
    ensure!(links.is_empty(), "{links}");
    Ok(())
}

fn install_sh_lives_a_life() -> Outcome {
    let (first, second) = (package("1.0.0", SETTINGS)?, package("1.1.0", SETTINGS)?);
    each(|mut machine| {
        install(&machine, &first)?;
        boots_and_upgrades(&mut machine, |machine| install(machine, &second))?;
        machine.ok(&format!("{UNINSTALL} --purge"))?;
        is_gone(&machine, &[RECEIPT, "/usr/local/bin/svc-probe"])
    })
}

fn deb_lives_a_life() -> Outcome {
    let (first, second) = (
        distribution::packages(FIRST)?,
        distribution::packages(SECOND)?,
    );
    let dpkg = |machine: &Machine, packages: &distribution::Packages| -> Result<()> {
        machine.copy(&packages.deb, "/srv/probe.deb", 0o644)?;
        machine.ok("DEBIAN_FRONTEND=noninteractive dpkg --install /srv/probe.deb 2>&1")?;
        Ok(())
    };
    each(|mut machine| {
        dpkg(&machine, &first)?;
        boots_and_upgrades(&mut machine, |machine| dpkg(machine, &second))?;
        machine.wait_for(SOCKET, "ActiveState", "active")?;
        machine.ok("dpkg --purge svc-probe")?;
        is_gone(
            &machine,
            &["/etc/svc-probe", "/var/lib/svc-probe", "/usr/bin/svc-probe"],
        )
    })
}
