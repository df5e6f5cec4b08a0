//! What dpkg keeps of a package: configuration that somebody edited, data, and nothing after a purge.

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::installed::distribution::{FIRST, PLAIN, Version};
use svc_e2e::suite::Outcome;

use crate::common::{SOCKET, TIMER, UNIT, WORKER, machine, packages, states};
use crate::{dpkg, installed};

pub(crate) fn comes_back_after_removal() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!(
        "systemctl start {WORKER} && echo kept >/var/lib/svc-probe/data"
    ))?;
    machine.ok("dpkg --remove svc-probe")?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (TIMER, "inactive"),
            (WORKER, "inactive"),
        ],
    )?;
    for gone in [
        "/usr/bin/svc-probe",
        "/usr/lib/systemd/system/svc-probe.service",
        "/usr/lib/svc-probe",
    ] {
        ensure!(!machine.exists(gone)?, "{gone} stays");
    }
    for kept in ["/etc/svc-probe/probe.toml", "/var/lib/svc-probe/data"] {
        ensure!(machine.exists(kept)?, "{kept} is gone");
    }
    dpkg(&machine, FIRST)?;
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), (SOCKET, "active"), (TIMER, "active")],
    )?;
    ensure!(machine.get("/var/lib/svc-probe/data")? == b"kept\n");
    Ok(())
}

pub(crate) fn purges_everything() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    dpkg(&machine, FIRST)?;
    // What services, operators and the manager leave.
    machine.ok(
        "systemctl start svc-sweeper.service && systemctl enable --now svc-worker@one.service",
    )?;
    machine.ok("echo data >/var/lib/svc-probe/data; echo log >/var/log/svc-probe/log; echo more >/etc/svc-probe/more.toml")?;
    ensure!(machine.exists("/var/lib/private/svc-sweeper")?);
    machine.ok("dpkg --remove svc-probe")?;
    machine.ok("dpkg --purge svc-probe")?;
    let of_dpkg = [
        "/var/lib/dpkg",
        "/var/log/dpkg.log",
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/.pwd.lock",
    ];
    let left: Vec<_> = machine
        .changes(&before)?
        .into_iter()
        .filter(|change| !of_dpkg.iter().any(|path| change.path().starts_with(path)))
        // Folders that gained and lost something.
        .filter(|change| !matches!(change, systemd::Change::Altered(_, old, new) if old == new))
        .collect();
    ensure!(left.is_empty(), "{left:#?}");
    let units = machine.ok("systemctl list-unit-files --no-legend 'svc-*' || :; systemctl --global list-unit-files --no-legend 'svc-*' || :")?;
    ensure!(units.is_empty(), "{units}");
    machine.ok("id svc-probe")?;
    let state = machine.ok("find /var/lib/systemd -name '*svc-*'")?;
    ensure!(state.is_empty(), "{state}");
    Ok(())
}

/// A version of the package with a second file below /etc, which does not say `config = true`.
const fn version(number: &'static str) -> Version {
    Version {
        number,
        more: PLAIN,
        ..FIRST
    }
}

const FILES: [&str; 2] = ["/etc/svc-probe/probe.toml", "/etc/svc-plain/plain.toml"];

pub(crate) fn asks_about_edited_files() -> Outcome {
    let machine = machine()?;
    dpkg(&machine, version("1.0.0"))?;
    let conffiles = machine.ok("dpkg-query --show --showformat='${Conffiles}' svc-probe")?;
    for file in FILES {
        ensure!(conffiles.contains(&format!("{file} ")), "{conffiles}");
        machine.put(file, b"edited = true\n", 0o644)?;
    }

    // Nobody is there to answer: nothing is replaced, and the package waits for its configuration.
    let said = unpack(&machine, version("1.1.0"), "</dev/null")?;
    ensure!(
        said.contains("==> Modified (by you or by a script) since installation.")
            && said.contains("conffile prompt"),
        "{said}"
    );
    let state = machine.ok("dpkg-query --show --showformat='${db:Status-Status}' svc-probe")?;
    ensure!(state != "installed", "{state}\n{said}");
    contents(&machine, "", "edited = true\n")?;

    let said = machine.ok("yes N | dpkg --configure svc-probe 2>&1")?;
    for file in FILES {
        let asked = format!("Configuration file '{file}'");
        ensure!(said.contains(&asked), "{said}");
    }
    contents(&machine, "", "edited = true\n")?;
    contents(&machine, ".dpkg-dist", "made-for = \"1.1.0\"\n")?;

    unpack(&machine, version("1.2.0"), "<<<$(yes Y | head -n 9)")?;
    contents(&machine, "", "made-for = \"1.2.0\"\n")?;
    contents(&machine, ".dpkg-old", "edited = true\n")?;

    // What nobody edited is replaced without a question.
    let said = unpack(&machine, version("1.3.0"), "</dev/null")?;
    ensure!(!said.contains("Configuration file"), "{said}");
    contents(&machine, "", "made-for = \"1.3.0\"\n")?;

    machine.ok("dpkg --remove svc-probe")?;
    contents(&machine, "", "made-for = \"1.3.0\"\n")?;
    machine.ok("dpkg --purge svc-probe")?;
    for folder in ["/etc/svc-probe", "/etc/svc-plain"] {
        ensure!(!machine.exists(folder)?, "{folder} stays");
    }
    Ok(())
}

/// Installs as somebody does who has told dpkg nothing of such files; what it said, also if it gave up.
fn unpack(machine: &Machine, version: Version, input: &str) -> Result<String> {
    machine.copy(&packages(version)?.deb, "/srv/probe.deb", 0o644)?;
    let install = format!("bash -c 'dpkg --install /srv/probe.deb 2>&1 {input}'");
    Ok(machine.sh(&install)?.text())
}

/// Compares both files, or what stands beside them.
fn contents(machine: &Machine, suffix: &str, expected: &str) -> Result<()> {
    for file in FILES {
        let path = format!("{file}{suffix}");
        let found = machine.get(&path)?;
        let found = String::from_utf8_lossy(&found);
        ensure!(found == expected, "{path}: {found}");
    }
    Ok(())
}
