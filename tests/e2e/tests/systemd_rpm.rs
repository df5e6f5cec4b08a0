//! Packages for rpm, made by cargo-generate-rpm: looked into, and their scriptlets run on a machine with a real systemd.

#[path = "distro/common.rs"]
mod common;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use common::{LATER, SOCKET, TIMER, UNIT, WORKER, machine, packages, states};
use svc_e2e::bed::systemd::Machine;
use svc_e2e::command;
use svc_e2e::installed::distribution::{self, ALIAS, EXTRA, FIRST, Packages, Version};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        distribution::needs,
        vec![
            Test::new("rpm::holds_files_and_scripts", rpm_holds_files_and_scripts),
            Test::new("rpm::scriptlets_live_a_life", rpm_scriptlets_live_a_life),
            Test::new("rpm::leaves_it_to_presets", rpm_leaves_it_to_presets),
        ],
    )
}

/// Asks rpm about the package.
fn rpm(packages: &Packages, args: &[&str]) -> Result<String> {
    let mut rpm = Command::new("rpm");
    rpm.args(["--query", "--package"])
        .args(args)
        .arg(&packages.rpm)
        .env("LC_ALL", "C.UTF-8");
    command::run(&mut rpm, b"", Duration::from_secs(60))?.success()
}

fn rpm_holds_files_and_scripts() -> Outcome {
    let packages = packages(FIRST)?;
    let list = rpm(&packages, &["--list"])?;
    let mut files: Vec<_> = list.lines().collect();
    files.sort_unstable();
    let expected = [
        "/etc/svc-probe/probe.toml",
        "/usr/bin/svc-probe",
        "/usr/lib/svc-probe/notes.dat",
        "/usr/lib/systemd/system/svc-later.service",
        "/usr/lib/systemd/system/svc-probe-http.socket",
        "/usr/lib/systemd/system/svc-probe.service",
        "/usr/lib/systemd/system/svc-sweeper.service",
        "/usr/lib/systemd/system/svc-sweeper.timer",
        "/usr/lib/systemd/system/svc-worker@.service",
        "/usr/lib/systemd/user/svc-tray.service",
        "/usr/lib/sysusers.d/svc-probe.conf",
        "/usr/lib/tmpfiles.d/svc-probe.conf",
    ];
    ensure!(files == expected, "{list}");
    let config = rpm(&packages, &["--configfiles"])?;
    ensure!(config == "/etc/svc-probe/probe.toml\n", "{config}");
    let requires = rpm(&packages, &["--requires"])?;
    ensure!(
        requires.lines().any(|line| line == "systemd >= 247"),
        "{requires}"
    );
    let scripts = rpm(&packages, &["--scripts"])?;
    for (head, file) in [
        ("preinstall scriptlet (using /bin/sh):", "pre.sh"),
        ("postinstall scriptlet (using /bin/sh):", "post.sh"),
        ("preuninstall scriptlet (using /bin/sh):", "preun.sh"),
        ("postuninstall scriptlet (using /bin/sh):", "postun.sh"),
    ] {
        let path = packages.folder().join("packaging/rpm").join(file);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(
            scripts.contains(&format!("{head}\n{}", text.trim_end())),
            "{file} is not in\n{scripts}"
        );
    }
    Ok(())
}

/// One of the package's scriptlets on the machine, with what rpm gives it.
fn scriptlet(machine: &Machine, packages: &Packages, tag: &str, count: u8) -> Result<()> {
    let script = rpm(packages, &["--queryformat", &format!("%{{{tag}}}")])?;
    machine.put("/srv/scriptlet", script.as_bytes(), 0o644)?;
    machine
        .run(&["/bin/sh", "/srv/scriptlet", &count.to_string()])?
        .success()
        .with_context(|| format!("{tag} {count}"))?;
    machine.ok("rm /srv/scriptlet")?;
    Ok(())
}

/// Puts the package's files in place.
fn unpack(machine: &Machine, packages: &Packages) -> Result<()> {
    let content = std::fs::read(&packages.rpm)?;
    let mut archive = Command::new("rpm2archive");
    archive.args(["-n", "-"]);
    let tar = command::run(&mut archive, &content, Duration::from_secs(60))?;
    ensure!(tar.code() == 0, "{}", tar.errors());
    machine.put("/srv/rpm.tar", &tar.stdout, 0o644)?;
    machine.ok("tar --extract --no-same-owner --keep-directory-symlink --directory / --file /srv/rpm.tar && rm /srv/rpm.tar")?;
    Ok(())
}

fn rpm_scriptlets_live_a_life() -> Outcome {
    let machine = machine()?;
    let (first, second) = (
        packages(FIRST)?,
        packages(Version {
            number: "1.2.0",
            more: EXTRA,
            ..FIRST
        })?,
    );
    scriptlet(&machine, &first, "PREIN", 1)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 1)?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "enabled"),
            (TIMER, "enabled"),
            ("svc-sweeper.service", "disabled"),
        ],
    )?;
    // An rpm starts nothing by itself.
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "inactive"), (SOCKET, "inactive")],
    )?;
    machine.ok("id svc-probe && test -d /etc/credstore/svc-later")?;
    machine.ok(&format!(
        "systemctl start {UNIT} {WORKER} && systemctl disable {TIMER}"
    ))?;

    let (pid, worker) = (
        machine.show(UNIT, "MainPID")?,
        machine.show(WORKER, "MainPID")?,
    );
    let socket = machine.show(SOCKET, "InvocationID")?;
    scriptlet(&machine, &second, "PREIN", 2)?;
    unpack(&machine, &second)?;
    scriptlet(&machine, &second, "POSTIN", 2)?;
    scriptlet(&machine, &first, "PREUN", 1)?;
    states(&machine, "MainPID", &[(UNIT, &pid)])?;
    scriptlet(&machine, &first, "POSTUN", 1)?;
    machine.wait_for_restart(UNIT, &pid)?;
    machine.wait_for_restart(WORKER, &worker)?;
    ensure!(
        machine.show(SOCKET, "InvocationID")? == socket,
        "the socket was closed"
    );
    states(
        &machine,
        "UnitFileState",
        &[(TIMER, "disabled"), ("svc-extra.service", "enabled")],
    )?;
    states(&machine, "ActiveState", &[(TIMER, "inactive")])?;
    machine.ok(&format!("test -L {ALIAS}"))?;

    // Back to the first one, which has no svc-extra.
    machine.ok("systemctl start svc-extra.service")?;
    scriptlet(&machine, &first, "PREIN", 2)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 2)?;
    scriptlet(&machine, &second, "PREUN", 1)?;
    machine.ok("rm /usr/lib/systemd/system/svc-extra.service")?;
    scriptlet(&machine, &second, "POSTUN", 1)?;
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), ("svc-extra.service", "inactive")],
    )?;
    ensure!(!machine.exists("/etc/systemd/system/multi-user.target.wants/svc-extra.service")?);
    machine.ok(&format!("test ! -L {ALIAS}"))?;

    machine.ok(&format!("systemctl enable {WORKER}"))?;
    scriptlet(&machine, &first, "PREUN", 0)?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (WORKER, "inactive"),
        ],
    )?;
    machine.ok("rm -r /usr/bin/svc-probe /usr/lib/svc-probe /usr/lib/systemd/*/svc-*")?;
    scriptlet(&machine, &first, "POSTUN", 0)?;
    let links = machine.ok("find /etc/systemd -name 'svc-*'")?;
    ensure!(links.is_empty(), "{links}");
    let units = machine.ok("systemctl list-unit-files --no-legend 'svc-*' || :")?;
    ensure!(units.is_empty(), "{units}");
    Ok(())
}

fn rpm_leaves_it_to_presets() -> Outcome {
    let machine = machine()?;
    let first = packages(FIRST)?;
    machine.put(
        "/etc/systemd/system-preset/10-own.preset",
        b"enable svc-probe.service\ndisable *\n",
        0o644,
    )?;
    machine.put(
        "/etc/systemd/user-preset/10-own.preset",
        b"disable *\n",
        0o644,
    )?;
    scriptlet(&machine, &first, "PREIN", 1)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 1)?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "disabled"),
            (TIMER, "disabled"),
            (LATER, "disabled"),
        ],
    )?;
    ensure!(!machine.exists("/etc/systemd/user/default.target.wants/svc-tray.service")?);
    Ok(())
}
