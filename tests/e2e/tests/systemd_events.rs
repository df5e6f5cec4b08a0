//! What systemd asks of a running service, and what it hears of it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{programs, wait};

const UNIT: &str = "mirror.service";
const PROGRAM: &str = "/usr/local/bin/svc-mirror";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "events::a_reload_by_exec_reload_is_awaited",
                a_reload_by_exec_reload_is_awaited,
            ),
            Test::new(
                "events::a_failed_reload_keeps_the_service_and_is_told",
                a_failed_reload_keeps_the_service_and_is_told,
            ),
            Test::new(
                "events::hup_during_the_start_is_a_reload_after_it",
                hup_during_the_start_is_a_reload_after_it,
            ),
            Test::new(
                "events::a_flood_of_hups_leaves_the_service_active",
                a_flood_of_hups_leaves_the_service_active,
            ),
            Test::new(
                "events::a_stop_during_a_reload_ends_in_order",
                a_stop_during_a_reload_ends_in_order,
            ),
        ],
    )
}

/// A machine with the mirror and this in its `[Service]` section, not started.
fn machine(lines: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::mirror_linux()?, PROGRAM, 0o755)?;
    // The shell's own kill: a small Debian has no program of that name.
    let unit = format!(
        "[Service]\nType=notify\nExecStart={PROGRAM}\nExecReload=/bin/sh -c \"kill -HUP $MAINPID\"\n\
         Environment=PROBE_DIR=/srv/mirror\n{lines}\n[Install]\nWantedBy=multi-user.target\n"
    );
    machine.put("/etc/systemd/system/mirror.service", unit.as_bytes(), 0o644)?;
    machine.ok("mkdir -p /srv/mirror && systemctl --quiet enable mirror.service")?;
    Ok(machine)
}

fn running(lines: &str) -> Result<Machine> {
    let machine = machine(lines)?;
    machine.ok("systemctl start mirror.service")?;
    Ok(machine)
}

fn answer(machine: &Machine, words: &str) -> Result<()> {
    machine.put("/srv/mirror/answer", words.as_bytes(), 0o644)
}

/// The lines that the service said.
fn said(machine: &Machine) -> Result<Vec<String>> {
    let text = String::from_utf8(machine.get("/srv/mirror/said")?)?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn wait_until_said(machine: &Machine, line: &str, times: usize) -> Result<()> {
    let probe = || {
        let count = said(machine)?.iter().filter(|said| *said == line).count();
        Ok((count >= times).then_some(()))
    };
    wait::until(
        &format!("{line:?}, {times} times"),
        Duration::from_secs(60),
        probe,
        || machine.describe(UNIT),
    )
}

fn is_active(machine: &Machine, pid: &str) -> Outcome {
    let said = machine.describe(UNIT);
    ensure!(machine.show(UNIT, "ActiveState")? == "active", "{said}");
    ensure!(machine.show(UNIT, "SubState")? == "running", "{said}");
    ensure!(
        machine.show(UNIT, "MainPID")? == pid,
        "it was restarted: {said}"
    );
    ensure!(machine.show(UNIT, "NRestarts")? == "0", "{said}");
    Ok(())
}

fn a_reload_by_exec_reload_is_awaited() -> Outcome {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    answer(&machine, "slow 1500")?;
    machine.ok("systemctl reload mirror.service")?;
    wait_until_said(&machine, "reload", 1)?;
    // `ExecReload=` is over as soon as kill is; what shows that the service is at it is RELOADING=1.
    machine.wait_for(UNIT, "ActiveState", "active")?;
    answer(&machine, "")?;
    machine.ok("systemctl reload mirror.service")?;
    wait_until_said(&machine, "reload", 2)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    is_active(&machine, &pid)
}

fn a_failed_reload_keeps_the_service_and_is_told() -> Outcome {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    answer(&machine, "fail the port is no number")?;
    machine.ok("systemctl reload mirror.service")?;
    let words = "the reload failed: the port is no number";
    machine.wait_for(UNIT, "StatusText", words)?;
    machine.wait_for_journal(UNIT, words)?;
    is_active(&machine, &pid)?;
    answer(&machine, "")?;
    machine.ok("systemctl reload mirror.service")?;
    machine.wait_for(UNIT, "StatusText", "")?;
    is_active(&machine, &pid)
}

fn hup_during_the_start_is_a_reload_after_it() -> Outcome {
    let machine = machine("")?;
    machine.put("/srv/mirror/start", b"slow 3000", 0o644)?;
    machine.ok("systemctl start --no-block mirror.service")?;
    machine.wait_for_journal(UNIT, "svc-mirror starting")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -HUP {pid}"))?;
    let state = machine.show(UNIT, "ActiveState")?;
    ensure!(
        state == "activating",
        "SIGHUP announced readiness: {state}\n{}",
        machine.describe(UNIT)
    );
    wait_until_said(&machine, "reload", 1)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let said = said(&machine)?;
    ensure!(said[2..] == ["ready", "reload"], "{said:?}");
    is_active(&machine, &pid)
}

fn a_flood_of_hups_leaves_the_service_active() -> Outcome {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!(
        "n=0; while [ $n -lt 10000 ]; do kill -HUP {pid}; n=$((n + 1)); done"
    ))?;
    // The last one counts as much as the first.
    answer(&machine, "fail the last")?;
    machine.ok(&format!("kill -HUP {pid}"))?;
    machine.wait_for(UNIT, "StatusText", "the reload failed: the last")?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    is_active(&machine, &pid)
}

fn a_stop_during_a_reload_ends_in_order() -> Outcome {
    let machine = running("")?;
    answer(&machine, "slow 3000")?;
    machine.ok("systemctl reload --no-block mirror.service")?;
    wait_until_said(&machine, "reload", 1)?;
    machine.ok("systemctl stop mirror.service")?;
    let describe = machine.describe(UNIT);
    ensure!(machine.show(UNIT, "Result")? == "success", "{describe}");
    ensure!(machine.show(UNIT, "ExecMainStatus")? == "0", "{describe}");
    let said = said(&machine)?;
    let last = said.last().context("it said nothing")?;
    ensure!(last == "stop Terminate", "{said:?}");
    Ok(())
}
