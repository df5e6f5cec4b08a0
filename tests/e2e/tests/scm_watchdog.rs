//! The watchdog on Windows, where svc-rt is all there is of it.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, SPECIFIC, STOPPED, Severity};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NAME: &str = "svc-e2e-mirror";
/// The control code that has the mirror hang.
const HANG: &str = "201";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "watchdog::a_living_service_is_left_alone",
                a_living_service_is_left_alone,
            ),
            Test::new(
                "watchdog::a_hanging_service_ends_as_a_crash",
                a_hanging_service_ends_as_a_crash,
            ),
            Test::new(
                "watchdog::recovery_restarts_what_hung",
                recovery_restarts_what_hung,
            )
            .not_here(Host::no_recovery()),
            Test::new(
                "watchdog::a_service_without_a_heart_fails_its_start",
                a_service_without_a_heart_fails_its_start,
            ),
        ],
    )
}

/// A service with this program and a watchdog of so many microseconds, not started.
fn watched(program: &std::path::Path, period: u32) -> Result<Registered> {
    let service = Registered::new(NAME, program, "demand", "")?;
    service.set_parameters(&[format!("WATCHDOG_USEC={period}")])?;
    Ok(service)
}

fn a_living_service_is_left_alone() -> Outcome {
    let mirror = watched(&programs::windows()?.mirror, 2_000_000)?;
    mirror.start()?;
    let before = mirror.wait_for(RUNNING)?;
    thread::sleep(Duration::from_secs(7));
    let now = mirror.wait_for(RUNNING)?;
    ensure!(now.pid == before.pid, "{before:?} became {now:?}");
    mirror.stop_in_order()
}

fn a_hanging_service_ends_as_a_crash() -> Outcome {
    let mirror = watched(&programs::windows()?.mirror, 1_000_000)?;
    mirror.start()?;
    let running = mirror.wait_for(RUNNING)?;
    mirror.order(HANG)?;
    mirror.wait_until_said("hanging", 1)?;
    mirror.host.wait_for_end(running.pid)?;
    // With the reason where an administrator looks.
    let miss = "the watchdog missed a heart: \"waiting for events\" has not beaten within 1 s";
    let record = mirror.host.wait_for_event(NAME, miss)?;
    ensure!(record.severity == Severity::Error, "{record:?}");
    // No STOPPED was reported, which is what makes recovery act on Windows whatever its settings. Wine's manager does not
    // look after a process and goes on to report what it last heard.
    if Host::is_windows() {
        mirror.wait_for(STOPPED)?;
    }
    let state = mirror.host.state(NAME)?;
    let clean = state.is_ok_and(|s| s.state == STOPPED && s.win32 == 0);
    ensure!(!clean, "a miss looks like a clean stop: {state:?}");
    Ok(())
}

fn recovery_restarts_what_hung() -> Outcome {
    let mirror = watched(&programs::windows()?.mirror, 1_000_000)?;
    mirror.recover()?;
    mirror.start()?;
    let first = mirror.wait_for(RUNNING)?;
    mirror.order(HANG)?;
    mirror.wait_for_another(first.pid)?;
    mirror.stop_in_order()
}

fn a_service_without_a_heart_fails_its_start() -> Outcome {
    let probe = Registered::new(NAME, &programs::windows()?.probe, "demand", "")?;
    let variables = ["WATCHDOG_USEC=1000000", "PROBE_DO=heartless"];
    probe.set_parameters(&variables.map(str::to_owned))?;
    probe.start()?;
    let state = probe.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    let told = "the service has a watchdog and nothing that beats";
    probe.host.wait_for_event(NAME, told)?;
    Ok(())
}
