//! What the service control manager demands of a service and no other suite looks at: at the start, at the stop, and when
//! both come at once. tests/README.md says which rule is tested where.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, RUNNING, STOPPED, State};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::wait;

const NAME: &str = "svc-e2e-conforms";

/// `SERVICE_START_PENDING` and `SERVICE_STOP_PENDING`.
const START_PENDING: u32 = 2;
const STOP_PENDING: u32 = 3;

const INTERROGATE: &str = "4";

/// A test and its name.
type Named = (&'static str, fn() -> Outcome);

fn main() -> ExitCode {
    let tests: [Named; 7] = [
        (
            "a_pending_start_accepts_nothing",
            a_pending_start_accepts_nothing,
        ),
        (
            "a_pending_state_has_a_hint_and_no_false_progress",
            a_pending_state_has_a_hint_and_no_false_progress,
        ),
        ("further_stops_are_harmless", further_stops_are_harmless),
        (
            "controls_are_answered_while_user_code_is_busy",
            controls_are_answered_while_user_code_is_busy,
        ),
        (
            "a_start_during_a_stop_works_after_it",
            a_start_during_a_stop_works_after_it,
        ),
        ("the_name_is_the_managers", the_name_is_the_managers),
        (
            "a_flood_of_controls_is_heard_to_the_last",
            a_flood_of_controls_is_heard_to_the_last,
        ),
    ];
    let tests = tests
        .into_iter()
        .map(|(name, body)| Test::new(format!("conformance::{name}"), body));
    run_suite("scm", scm::needs, tests.collect())
}

fn probe(word: &str) -> Result<Registered> {
    let probe = &programs::windows()?.probe;
    Registered::new(NAME, probe, "demand", &format!("--probe-do={word}"))
}

fn now(service: &Registered) -> Result<State> {
    let state = service.host.state(NAME)?;
    state.map_err(|code| anyhow::anyhow!("the manager answers {code}"))
}

/// A control may come at any time, and one that comes too early is not the service's to take.
fn a_pending_start_accepts_nothing() -> Outcome {
    let probe = probe("slow:3000")?;
    probe.start()?;
    let state = probe.wait_for(START_PENDING)?;
    ensure!(state.accepted == 0, "{state:?}");
    let refused = probe.host.sc(&["stop", NAME])?;
    ensure!(refused.code != 0, "a starting service took a stop");
    probe.wait_for(RUNNING)?;
    probe.stop_in_order()
}

fn a_pending_state_has_a_hint_and_no_false_progress() -> Outcome {
    let probe = probe("slow:3000")?;
    probe.start()?;
    let first = probe.wait_for(START_PENDING)?;
    ensure!(first.hint > 0, "{first:?}");
    // It does one thing that takes long: nobody says that it gets on.
    std::thread::sleep(Duration::from_millis(1500));
    let later = now(&probe)?;
    ensure!(
        later.state != START_PENDING || later.checkpoint == first.checkpoint,
        "{first:?}, then {later:?}"
    );
    let state = probe.wait_for(RUNNING)?;
    ensure!((state.checkpoint, state.hint) == (0, 0), "{state:?}");
    probe.stop_in_order()
}

/// What frees its handler with the first stop does not outlive the second.
fn further_stops_are_harmless() -> Outcome {
    let probe = probe("slow-stop:2000")?;
    probe.start()?;
    probe.wait_for(RUNNING)?;
    probe.stop()?;
    let state = probe.wait_for(STOP_PENDING)?;
    ensure!(state.hint > 0 && state.checkpoint > 0, "{state:?}");
    for _ in 0..3 {
        // Refused or taken, as the manager likes: the service is there all the same.
        probe.host.sc(&["stop", NAME])?;
        probe.control(INTERROGATE)?;
    }
    let state = probe.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
    Ok(())
}

/// The program's own code is on another thread than the manager's controls.
fn controls_are_answered_while_user_code_is_busy() -> Outcome {
    let mirror = Registered::running(NAME, &programs::windows()?.mirror, "")?;
    mirror.put("answer", "slow 4000")?;
    mirror.order("6")?;
    mirror.wait_until_said("reload", 1)?;
    for _ in 0..5 {
        mirror.order(INTERROGATE)?;
    }
    mirror.stop()?;
    // It hears of the stop at once and says so, though the program is at something else.
    mirror.wait_for(STOP_PENDING)?;
    let state = mirror.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
    Ok(())
}

fn a_start_during_a_stop_works_after_it() -> Outcome {
    let probe = probe("slow-stop:1500")?;
    probe.start()?;
    probe.wait_for(RUNNING)?;
    probe.stop()?;
    probe.wait_for(STOP_PENDING)?;
    let refused = probe.host.sc(&["start", NAME])?;
    ensure!(refused.code != 0, "two processes of one service");
    probe.wait_for(STOPPED)?;
    let again = || Ok((probe.host.sc(&["start", NAME])?.code == 0).then_some(()));
    // The manager needs a moment for the process to be gone.
    wait::until(
        "the next start",
        Duration::from_secs(30),
        again,
        String::new,
    )?;
    probe.wait_for(RUNNING)?;
    probe.stop_in_order()
}

/// One program may be installed under any name: it logs under the one that the manager gave it.
fn the_name_is_the_managers() -> Outcome {
    let mirror = Registered::new(NAME, &programs::windows()?.mirror, "demand", "")?;
    let folder = mirror.host.folder().join("logs");
    std::fs::create_dir(&folder)?;
    mirror.set_parameters(&[
        format!("LOGS_DIRECTORY={}", mirror.host.windows(&folder)?),
        "SVC_LOG=file=info:never".to_owned(),
    ])?;
    mirror.start()?;
    mirror.wait_for(RUNNING)?;
    let log = std::fs::read_to_string(folder.join(format!("{NAME}.log")));
    ensure!(log.context("a log of that name")?.contains("tracing tells"));
    mirror.stop_in_order()
}

fn a_flood_of_controls_is_heard_to_the_last() -> Outcome {
    const FLOOD: u32 = 10_000;
    let mirror = Registered::running(NAME, &programs::windows()?.mirror, "")?;
    let taken = mirror.host.flood(NAME, "200", FLOOD)?;
    ensure!(
        taken == Ok(FLOOD),
        "of {FLOOD} controls {taken:?} were taken"
    );
    mirror.wait_until_said("Custom(200)", FLOOD as usize)?;
    mirror.stop_in_order()
}
