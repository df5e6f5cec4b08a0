//! Packages for dpkg, made by cargo-deb: installed, upgraded, removed and purged on a machine with a real systemd.

#[path = "distro/common.rs"]
mod common;
#[path = "distro/kept.rs"]
mod kept;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Result, ensure};
use common::{LATER, SOCKET, TIMER, UNIT, WORKER, machine, packages, states};
use svc_e2e::bed::systemd::Machine;
use svc_e2e::command;
use svc_e2e::installed::distribution::{self, ALIAS, EXTRA, FIRST, SECOND, Version};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        distribution::needs,
        vec![
            Test::new("deb::sets_up_the_services", deb_sets_up_the_services),
            Test::new("deb::waits_for_a_secret", deb_waits_for_a_secret),
            Test::new("deb::upgrades", deb_upgrades),
            Test::new(
                "deb::keeps_what_an_operator_did",
                deb_keeps_what_an_operator_did,
            ),
            Test::new(
                "deb::restarts_services_of_users",
                deb_restarts_services_of_users,
            ),
            Test::new("deb::exchanges_units", deb_exchanges_units),
            Test::new(
                "deb::comes_back_after_removal",
                kept::comes_back_after_removal,
            ),
            Test::new(
                "deb::asks_about_edited_files",
                kept::asks_about_edited_files,
            ),
            Test::new("deb::purges_everything", kept::purges_everything),
            Test::new(
                "deb::obeys_policy_and_presets",
                deb_obeys_policy_and_presets,
            ),
            Test::new("deb::lintian_finds_nothing", lintian_finds_nothing),
        ],
    )
}

/// Installs with dpkg; what it said.
fn dpkg(machine: &Machine, version: Version) -> Result<String> {
    machine.copy(&packages(version)?.deb, "/srv/probe.deb", 0o644)?;
    let said = machine
        .ok("DEBIAN_FRONTEND=noninteractive dpkg --force-confold --install /srv/probe.deb 2>&1")?;
    machine.ok("rm /srv/probe.deb")?;
    Ok(said)
}

fn installed() -> Result<Machine> {
    let machine = machine()?;
    dpkg(&machine, FIRST)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    Ok(machine)
}

fn deb_sets_up_the_services() -> Outcome {
    let machine = installed()?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "active"),
            (SOCKET, "active"),
            (TIMER, "active"),
            ("svc-sweeper.service", "inactive"),
            (LATER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "enabled"),
            (TIMER, "enabled"),
            ("svc-sweeper.service", "disabled"),
            (LATER, "enabled"),
        ],
    )?;
    let template = machine.sh("systemctl is-enabled svc-worker@.service")?;
    ensure!(template.text() == "disabled\n", "{}", template.describe());
    let global = machine.ok("systemctl --global is-enabled svc-tray.service")?;
    ensure!(global.trim() == "enabled", "{global}");
    let user = machine.ok(&format!(
        "stat -c %U /proc/$(systemctl show -P MainPID {UNIT})"
    ))?;
    ensure!(user.trim() == "svc-probe", "{user}");
    let owners = machine.ok("stat -c '%n %U:%G %a' /etc/svc-probe /etc/svc-probe/probe.toml /usr/bin/svc-probe \
        /usr/lib/svc-probe/notes.dat /usr/lib/systemd/system/svc-probe.service /etc/credstore/svc-later")?;
    ensure!(
        owners
            == "/etc/svc-probe root:root 755\n/etc/svc-probe/probe.toml root:root 644\n/usr/bin/svc-probe root:root 755\n\
                /usr/lib/svc-probe/notes.dat root:root 644\n/usr/lib/systemd/system/svc-probe.service root:root 644\n\
                /etc/credstore/svc-later root:root 700\n",
        "{owners}"
    );
    let conffiles = machine.ok("dpkg-query --show --showformat='${Conffiles}' svc-probe")?;
    ensure!(
        conffiles.trim().starts_with("/etc/svc-probe/probe.toml ")
            && conffiles.trim().lines().count() == 1,
        "{conffiles}"
    );
    let depends = machine.ok("dpkg-query --show --showformat='${Depends}' svc-probe")?;
    ensure!(depends.contains("systemd (>= 247)"), "{depends}");
    Ok(())
}

fn deb_waits_for_a_secret() -> Outcome {
    let machine = machine()?;
    let said = dpkg(&machine, FIRST)?;
    ensure!(
        said.contains(
            "svc-later.service is enabled but not started, it needs: /etc/credstore/svc-later/key"
        ) && said.contains("systemctl start svc-later.service"),
        "{said}"
    );
    machine.put("/etc/credstore/svc-later/key", b"secret", 0o600)?;
    machine.ok("systemctl start svc-later.service")?;
    // Purged with the rest: it is the service's own.
    machine.ok("dpkg --purge svc-probe")?;
    ensure!(
        !machine.exists("/etc/credstore/svc-later")?,
        "the secret stays"
    );
    Ok(())
}

fn deb_upgrades() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl start {WORKER}"))?;
    let (pid, worker) = (
        machine.show(UNIT, "MainPID")?,
        machine.show(WORKER, "MainPID")?,
    );
    let socket = machine.show(SOCKET, "InvocationID")?;
    machine.put(
        "/etc/systemd/system/svc-probe.service.d/own.conf",
        b"[Service]\nEnvironment=OWN=1\n",
        0o644,
    )?;
    machine.put("/etc/svc-probe/probe.toml", b"edited = true\n", 0o644)?;
    let said = dpkg(&machine, SECOND)?;
    machine.wait_for_restart(UNIT, &pid)?;
    machine.wait_for_restart(WORKER, &worker)?;
    ensure!(
        machine.show(SOCKET, "InvocationID")? == socket,
        "the socket was closed\n{said}"
    );
    ensure!(machine.get("/etc/svc-probe/probe.toml")? == b"edited = true\n");
    let default = machine.get("/etc/svc-probe/probe.toml.dpkg-dist")?;
    ensure!(default == b"made-for = \"1.1.0\"\n");
    let environment = machine.show(UNIT, "Environment")?;
    ensure!(environment.contains("OWN=1"), "{environment}");
    let drop_in = machine.show(UNIT, "DropInPaths")?;
    ensure!(
        drop_in == "/etc/systemd/system/svc-probe.service.d/own.conf",
        "{drop_in}"
    );
    states(
        &machine,
        "NeedDaemonReload",
        &[(UNIT, "no"), (SOCKET, "no"), (TIMER, "no")],
    )?;
    ensure!(
        !machine.exists("/run/svc-probe.units")?,
        "a note of preinst's is left"
    );
    Ok(())
}

fn deb_keeps_what_an_operator_did() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl disable --now {TIMER} && systemctl stop {UNIT} {SOCKET} && systemctl mask {LATER}"))?;
    machine.ok("systemctl enable svc-sweeper.service")?;
    dpkg(&machine, SECOND)?;
    states(
        &machine,
        "ActiveState",
        &[
            (TIMER, "inactive"),
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (LATER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[
            (TIMER, "disabled"),
            (UNIT, "enabled"),
            (LATER, "masked"),
            ("svc-sweeper.service", "enabled"),
        ],
    )?;
    // A removal and an installation later, too.
    machine.ok("dpkg --remove svc-probe")?;
    dpkg(&machine, SECOND)?;
    states(
        &machine,
        "UnitFileState",
        &[(TIMER, "disabled"), (LATER, "masked")],
    )?;
    states(
        &machine,
        "ActiveState",
        &[(TIMER, "inactive"), (UNIT, "active")],
    )
}

fn deb_restarts_services_of_users() -> Outcome {
    let machine = machine()?;
    dpkg(&machine, FIRST)?;
    machine.ok("useradd --create-home someone")?;
    let id = machine.ok("id -u someone")?;
    let id = id.trim();
    // What PAM does where there are sessions.
    let environment = b"[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n";
    machine.put(
        "/etc/systemd/system/user@.service.d/own.conf",
        environment,
        0o644,
    )?;
    machine.ok(&format!(
        "systemctl daemon-reload && systemctl start user@{id}.service"
    ))?;
    let pid = || -> Result<String> {
        let show = format!(
            "setpriv --reuid={id} --clear-groups env XDG_RUNTIME_DIR=/run/user/{id} \
             systemctl --user show --property=MainPID --value svc-tray.service"
        );
        Ok(machine.ok(&show)?.trim().to_owned())
    };
    let first = pid()?;
    ensure!(first != "0", "the user's manager has not started it");
    let said = dpkg(&machine, SECOND)?;
    let second = pid()?;
    ensure!(second != first && second != "0", "{first} {second}\n{said}");
    let said = machine.ok("dpkg --remove svc-probe")?;
    ensure!(pid()? == "0", "it runs after the removal\n{said}");
    Ok(())
}

/// Another address of a socket, a service more, and back again.
fn deb_exchanges_units() -> Outcome {
    const OTHER: Version = Version {
        number: "1.2.0",
        http: "tcp://127.0.0.1:8381",
        more: EXTRA,
    };
    const BACK: Version = Version {
        number: "1.3.0",
        ..FIRST
    };
    let machine = installed()?;
    let pid = machine.show(UNIT, "MainPID")?;
    dpkg(&machine, OTHER)?;
    machine.wait_for_restart(UNIT, &pid)?;
    let listening = || machine.ok("cat /proc/net/tcp");
    let port =
        |table: &str, port: u16| table.contains(&format!("0100007F:{port:04X} 00000000:0000 0A"));
    let table = listening()?;
    ensure!(port(&table, 8381) && !port(&table, 8380), "{table}");
    states(
        &machine,
        "ActiveState",
        &[(SOCKET, "active"), ("svc-extra.service", "active")],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[("svc-extra.service", "enabled")],
    )?;
    machine.ok(&format!("test -L {ALIAS}"))?;

    let said = dpkg(&machine, BACK)?;
    ensure!(
        said.contains("svc-extra.service is no longer part of this package"),
        "{said}"
    );
    let table = listening()?;
    ensure!(port(&table, 8380) && !port(&table, 8381), "{table}");
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), ("svc-extra.service", "inactive")],
    )?;
    ensure!(!machine.exists("/etc/systemd/system/multi-user.target.wants/svc-extra.service")?);
    machine.ok(&format!("test ! -L {ALIAS}"))?;
    Ok(())
}

fn deb_obeys_policy_and_presets() -> Outcome {
    let machine = machine()?;
    machine.put("/usr/sbin/policy-rc.d", b"#!/bin/sh\nexit 101\n", 0o755)?;
    machine.put(
        "/etc/systemd/system-preset/10-own.preset",
        b"disable svc-sweeper.timer\n",
        0o644,
    )?;
    dpkg(&machine, FIRST)?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (TIMER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[(UNIT, "enabled"), (TIMER, "disabled")],
    )
}

fn lintian_finds_nothing() -> Outcome {
    let packages = packages(FIRST)?;
    let mut lintian = Command::new("lintian");
    // "unstable" is a distribution for lintian only where its vendor is Debian.
    lintian
        .args([
            "--profile",
            "debian",
            "--allow-root",
            "--no-cfg",
            "--display-info",
            "--fail-on",
            "error,warning,info",
        ])
        .arg(&packages.deb)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(packages.folder());
    let said = command::run(&mut lintian, b"", Duration::from_secs(300))?;
    ensure!(
        said.code() == 0 && said.stdout.is_empty(),
        "{}",
        said.describe()
    );
    Ok(())
}
