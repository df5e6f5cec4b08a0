//! svc-rt under a real systemd, with a unit that the test writes itself.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::programs;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const UNIT: &str = "probe.service";
const PROGRAM: &str = "/usr/local/bin/svc-probe";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "runtime::ready_makes_the_unit_active",
                ready_makes_the_unit_active,
            ),
            Test::new(
                "runtime::a_slow_start_is_activating",
                a_slow_start_is_activating,
            ),
            Test::new(
                "runtime::hup_during_start_is_harmless",
                hup_during_start_is_harmless,
            ),
            Test::new("runtime::stop_ends_with_code_0", stop_ends_with_code_0),
            Test::new("runtime::a_kill_is_restarted", a_kill_is_restarted),
            Test::new(
                "runtime::an_error_is_restarted_and_told",
                an_error_is_restarted_and_told,
            ),
            Test::new(
                "runtime::a_panic_is_restarted_and_told",
                a_panic_is_restarted_and_told,
            ),
            Test::new(
                "runtime::fail_is_restarted_and_told",
                fail_is_restarted_and_told,
            ),
            Test::new(
                "runtime::an_error_at_the_start_fails_the_job",
                an_error_at_the_start_fails_the_job,
            ),
            Test::new("runtime::a_clean_exit_stays_down", a_clean_exit_stays_down),
            Test::new(
                "runtime::a_slow_stop_gets_its_time",
                a_slow_stop_gets_its_time,
            ),
            Test::new(
                "runtime::a_hanging_stop_is_ended_and_named",
                a_hanging_stop_is_ended_and_named,
            ),
            Test::new(
                "runtime::an_enabled_unit_runs_after_a_reboot",
                an_enabled_unit_runs_after_a_reboot,
            ),
        ],
    )
}

/// A machine with the probe and this in its `[Service]` section, not started.
fn machine(lines: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::probe_linux()?, PROGRAM, 0o755)?;
    let unit = format!(
        "[Service]\nType=notify\nExecStart={PROGRAM}\nRestart=on-failure\nRestartSec=100ms\n\
         Environment=PROBE_DIR=/srv/probe\n{lines}\n[Install]\nWantedBy=multi-user.target\n"
    );
    machine.put("/etc/systemd/system/probe.service", unit.as_bytes(), 0o644)?;
    // Enabled, because systemd forgets how a unit ended that nothing refers to.
    machine.ok("mkdir -p /srv/probe && systemctl --quiet enable probe.service")?;
    Ok(machine)
}

/// The same, started.
fn running(lines: &str) -> Result<Machine> {
    let machine = machine(lines)?;
    machine.ok("systemctl start probe.service")?;
    Ok(machine)
}

/// Tells the running probe to do this, and waits for its successor. What the journal said about it by then.
fn provoke(word: &str) -> Result<String> {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.put(
        "/srv/probe/trigger",
        format!("{pid} {word}\n").as_bytes(),
        0o644,
    )?;
    machine.wait_for_restart(UNIT, &pid)?;
    let restarts = machine.show(UNIT, "NRestarts")?;
    ensure!(
        restarts == "1",
        "restarted {restarts} times\n{}",
        machine.describe(UNIT)
    );
    machine.journal(UNIT)
}

fn ready_makes_the_unit_active() -> Outcome {
    let machine = running("")?;
    ensure!(machine.show(UNIT, "ActiveState")? == "active");
    ensure!(machine.show(UNIT, "SubState")? == "running");
    machine.wait_for_journal(UNIT, "svc-probe ready")
}

fn a_slow_start_is_activating() -> Outcome {
    let machine = machine("Environment=PROBE_DO=slow:3000")?;
    machine.ok("systemctl start --no-block probe.service")?;
    machine.wait_for_journal(UNIT, "svc-probe starting slowly")?;
    let state = machine.show(UNIT, "ActiveState")?;
    ensure!(state == "activating", "READY=1 came too early: {state}");
    machine.wait_for(UNIT, "ActiveState", "active")
}

fn hup_during_start_is_harmless() -> Outcome {
    let machine = machine("Environment=PROBE_DO=slow:3000")?;
    machine.ok("systemctl start --no-block probe.service")?;
    machine.wait_for_journal(UNIT, "svc-probe starting slowly")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -HUP {pid}"))?;
    let state = machine.show(UNIT, "ActiveState")?;
    ensure!(
        state == "activating",
        "SIGHUP announced readiness, or killed: {state}"
    );
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let now = machine.show(UNIT, "MainPID")?;
    ensure!(
        now == pid,
        "SIGHUP killed {pid}: {now} runs\n{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn stop_ends_with_code_0() -> Outcome {
    let machine = running("TimeoutStopSec=20")?;
    let begin = Instant::now();
    machine.ok("systemctl stop probe.service")?;
    ensure!(
        begin.elapsed() < Duration::from_secs(15),
        "stopping took {:?}",
        begin.elapsed()
    );
    let said = machine.describe(UNIT);
    ensure!(machine.show(UNIT, "Result")? == "success", "{said}");
    // 1 is CLD_EXITED: it ended by itself, not by a signal.
    ensure!(machine.show(UNIT, "ExecMainCode")? == "1", "{said}");
    ensure!(machine.show(UNIT, "ExecMainStatus")? == "0", "{said}");
    machine.wait_for_journal(UNIT, "svc-probe stopping: Terminate")
}

fn a_kill_is_restarted() -> Outcome {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    Ok(())
}

fn an_error_is_restarted_and_told() -> Outcome {
    let journal = provoke("err")?;
    ensure!(
        journal.contains("the probe was told to return an error"),
        "{journal}"
    );
    ensure!(journal.contains("status=1/FAILURE"), "{journal}");
    Ok(())
}

fn a_panic_is_restarted_and_told() -> Outcome {
    let journal = provoke("panic")?;
    ensure!(journal.contains("the probe was told to panic"), "{journal}");
    ensure!(journal.contains("code=exited, status=101"), "{journal}");
    Ok(())
}

fn fail_is_restarted_and_told() -> Outcome {
    let journal = provoke("fail")?;
    ensure!(
        journal.contains("the probe was told to call fail"),
        "{journal}"
    );
    ensure!(journal.contains("status=1/FAILURE"), "{journal}");
    Ok(())
}

fn an_error_at_the_start_fails_the_job() -> Outcome {
    let machine = machine("Environment=PROBE_DO=err\nRestart=no")?;
    let start = machine.sh("systemctl start probe.service")?;
    ensure!(
        start.code() != 0,
        "the start of a failing service succeeded"
    );
    ensure!(
        machine.show(UNIT, "Result")? == "exit-code",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ExecMainStatus")? == "1",
        "{}",
        machine.describe(UNIT)
    );
    machine.wait_for_journal(UNIT, "the probe was told to return an error")
}

fn a_clean_exit_stays_down() -> Outcome {
    let machine = running("")?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.put(
        "/srv/probe/trigger",
        format!("{pid} exit\n").as_bytes(),
        0o644,
    )?;
    machine.wait_for(UNIT, "ActiveState", "inactive")?;
    ensure!(
        machine.show(UNIT, "Result")? == "success",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "NRestarts")? == "0",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn a_slow_stop_gets_its_time() -> Outcome {
    // Longer than the unit allows: the extension that the probe asks for is what saves it.
    let machine = running("TimeoutStopSec=1\nEnvironment=PROBE_DO=slow-stop:3000")?;
    machine.ok("systemctl stop probe.service")?;
    ensure!(
        machine.show(UNIT, "Result")? == "success",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn a_hanging_stop_is_ended_and_named() -> Outcome {
    let lines = "TimeoutStopSec=60\nEnvironment=SVC_STOP_TIMEOUT_USEC=1000000 PROBE_DO=hang-stop";
    let machine = running(lines)?;
    let begin = Instant::now();
    machine.ok("systemctl stop probe.service")?;
    let took = begin.elapsed();
    let said = machine.describe(UNIT);
    ensure!(
        took > Duration::from_millis(900),
        "the stop was cut short after {took:?}\n{said}"
    );
    ensure!(
        took < Duration::from_secs(30),
        "the stop took {took:?}\n{said}"
    );
    ensure!(machine.show(UNIT, "Result")? == "exit-code", "{said}");
    ensure!(machine.show(UNIT, "ExecMainStatus")? == "124", "{said}");
    machine.wait_for_journal(UNIT, "flushing the probe")
}

fn an_enabled_unit_runs_after_a_reboot() -> Outcome {
    let mut machine = running("")?;
    machine.reboot()?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    machine.ok("systemctl disable probe.service")?;
    machine.power_cut()?;
    let state = machine.show(UNIT, "ActiveState")?;
    ensure!(
        state == "inactive",
        "a disabled unit is {state} after a reboot"
    );
    Ok(())
}
