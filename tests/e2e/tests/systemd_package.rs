//! What `cargo svc package` makes for Linux, installed on a machine with a real systemd, run, and taken away.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::ensure;
use svc_e2e::bed::systemd;
use svc_e2e::installed::linux::{
    SETTINGS, UNINSTALL, UNIT, enabled, install, installed, machine, package, unchanged, units,
    upgrade, verify,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const INSTALLED: &str = "/usr/local/lib/systemd/system/svc-probe.service";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "package::install_enables_and_runs",
                install_enables_and_runs,
            ),
            Test::new(
                "package::the_unit_passes_verification",
                the_unit_passes_verification,
            ),
            Test::new("package::a_kill_is_restarted", a_kill_is_restarted),
            Test::new(
                "package::failures_are_restarted_and_told",
                failures_are_restarted_and_told,
            ),
            Test::new("package::stop_ends_with_code_0", stop_ends_with_code_0),
            Test::new("package::it_runs_after_a_reboot", it_runs_after_a_reboot),
            Test::new(
                "package::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
            Test::new(
                "package::purge_takes_the_operators_part_too",
                purge_takes_the_operators_part_too,
            ),
        ],
    )
}

fn install_enables_and_runs() -> Outcome {
    let machine = installed()?;
    ensure!(
        enabled(&machine, UNIT)? == "enabled",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "FragmentPath")? == INSTALLED,
        "{}",
        machine.describe(UNIT)
    );
    ensure!(units(&machine)? == [UNIT]);
    let owner = machine.ok(&format!(
        "stat -c '%u:%g %a' /usr/local/bin/svc-probe {INSTALLED}"
    ))?;
    ensure!(owner == "0:0 755\n0:0 644\n", "{owner}");
    let user = machine.ok("stat -c %u /proc/$(systemctl show -P MainPID svc-probe.service)")?;
    ensure!(user.trim() != "0", "the service runs as root");
    Ok(())
}

fn the_unit_passes_verification() -> Outcome {
    let machine = installed()?;
    verify(&machine, INSTALLED)
}

fn a_kill_is_restarted() -> Outcome {
    let machine = installed()?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    Ok(())
}

fn failures_are_restarted_and_told() -> Outcome {
    let machine = installed()?;
    for (word, reason) in [
        ("err", "the probe was told to return an error"),
        ("panic", "the probe was told to panic"),
    ] {
        let pid = machine.show(UNIT, "MainPID")?;
        machine.put(
            "/srv/probe/trigger",
            format!("{pid} {word}\n").as_bytes(),
            0o644,
        )?;
        machine.wait_for_restart(UNIT, &pid)?;
        machine.wait_for_journal(UNIT, reason)?;
    }
    Ok(())
}

fn stop_ends_with_code_0() -> Outcome {
    let machine = installed()?;
    let begin = std::time::Instant::now();
    machine.ok(&format!("systemctl stop {UNIT}"))?;
    ensure!(
        begin.elapsed() < Duration::from_secs(15),
        "stopping took {:?}",
        begin.elapsed()
    );
    ensure!(
        machine.show(UNIT, "Result")? == "success",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ExecMainCode")? == "1",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ExecMainStatus")? == "0",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn it_runs_after_a_reboot() -> Outcome {
    let mut machine = installed()?;
    machine.reboot()?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    machine.power_cut()?;
    machine.wait_for(UNIT, "ActiveState", "active")
}

fn uninstall_leaves_nothing() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    upgrade(&machine)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    ensure!(
        machine.exists(UNINSTALL)?,
        "no uninstaller stays on the machine"
    );
    machine.ok(UNINSTALL)?;
    unchanged(&machine, &before)?;
    ensure!(
        machine.show(UNIT, "LoadState")? == "not-found",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine
            .sh("pgrep -x svc-probe || ls -d /run/systemd/units/*svc-probe* 2>/dev/null")?
            .text()
            .is_empty()
    );
    Ok(())
}

fn purge_takes_the_operators_part_too() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    let drop_in = "/etc/systemd/system/svc-probe.service.d/mine.conf";
    machine.put(drop_in, b"[Service]\nEnvironment=MINE=kept\n", 0o644)?;
    machine.ok(&format!("{UNINSTALL} && [ -e {drop_in} ]"))?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.ok(&format!("{UNINSTALL} --purge"))?;
    unchanged(&machine, &before)
}
