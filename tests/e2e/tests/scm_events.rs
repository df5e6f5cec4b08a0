//! What the service control manager asks of a running service, and what it hears of it.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::scm::{self, PAUSED, RUNNING};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NAME: &str = "svc-e2e-mirror";

/// `SERVICE_CONTROL_PAUSE` and what follows it.
const PAUSE: &str = "2";
const CONTINUE: &str = "3";
const INTERROGATE: &str = "4";
const PARAMCHANGE: &str = "6";

/// `SERVICE_ACCEPT_STOP`, `…_SHUTDOWN` and `…_PRESHUTDOWN`: what every running service accepts.
const ACCEPTS_STOPS: u32 = 0x1 | 0x4 | 0x100;
/// Those and `…_PAUSE_CONTINUE`, `…_PARAMCHANGE`, `…_POWEREVENT` and `…_SESSIONCHANGE`.
const ACCEPTS_ALL: u32 = ACCEPTS_STOPS | 0x2 | 0x8 | 0x40 | 0x80;

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "events::all_that_is_declared_is_accepted",
                all_that_is_declared_is_accepted,
            ),
            Test::new("events::paramchange_reloads", paramchange_reloads),
            Test::new("events::a_pause_and_its_end", a_pause_and_its_end),
            Test::new("events::a_pause_that_failed", a_pause_that_failed),
            Test::new(
                "events::a_paused_service_stops_in_order",
                a_paused_service_stops_in_order,
            ),
            Test::new(
                "events::declared_codes_arrive_and_others_do_not",
                declared_codes_arrive_and_others_do_not,
            ),
            Test::new(
                "events::controls_that_are_not_declared_are_refused",
                controls_that_are_not_declared_are_refused,
            ),
        ],
    )
}

fn mirror() -> Result<Registered> {
    Registered::running(NAME, &programs::windows()?.mirror, "")
}

fn answer(mirror: &Registered, words: &str) -> Result<()> {
    mirror.put("answer", words)
}

fn all_that_is_declared_is_accepted() -> Outcome {
    let mirror = mirror()?;
    let state = mirror.wait_for(RUNNING)?;
    ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
    mirror.order(INTERROGATE)?;
    mirror.stop_in_order()
}

fn paramchange_reloads() -> Outcome {
    let mirror = mirror()?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 1)?;
    answer(&mirror, "fail the port is no number")?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 2)?;
    // A failed one ends nothing.
    answer(&mirror, "")?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 3)?;
    let state = mirror.wait_for(RUNNING)?;
    ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
    mirror.stop_in_order()
}

fn a_pause_and_its_end() -> Outcome {
    let mirror = mirror()?;
    for times in 1..=2 {
        mirror.order(PAUSE)?;
        let state = mirror.wait_for(PAUSED)?;
        ensure!((state.checkpoint, state.hint) == (0, 0), "{state:?}");
        ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
        mirror.wait_until_said("pause", times)?;
        mirror.order(CONTINUE)?;
        mirror.wait_for(RUNNING)?;
        mirror.wait_until_said("continue", times)?;
    }
    mirror.stop_in_order()
}

fn a_pause_that_failed() -> Outcome {
    let mirror = mirror()?;
    answer(&mirror, "fail a transfer is under way")?;
    mirror.order(PAUSE)?;
    mirror.wait_until_said("pause", 1)?;
    mirror.wait_for(RUNNING)?;
    answer(&mirror, "")?;
    mirror.order(PAUSE)?;
    mirror.wait_for(PAUSED)?;
    answer(&mirror, "fail the network is down")?;
    mirror.order(CONTINUE)?;
    mirror.wait_until_said("continue", 1)?;
    mirror.wait_for(PAUSED)?;
    mirror.stop_in_order()
}

fn a_paused_service_stops_in_order() -> Outcome {
    let mirror = mirror()?;
    mirror.order(PAUSE)?;
    mirror.wait_for(PAUSED)?;
    mirror.stop_in_order()?;
    let said = mirror.said()?;
    ensure!(
        said.last().is_some_and(|last| last == "stop Asked"),
        "{said:?}"
    );
    Ok(())
}

fn declared_codes_arrive_and_others_do_not() -> Outcome {
    let mirror = mirror()?;
    for times in 1..=3 {
        mirror.order("200")?;
        mirror.wait_until_said("Custom(200)", times)?;
        // Whoever sent one hears 120 on Windows; Wine's manager does not look at the answer.
        for code in ["128", "199", "255"] {
            mirror.control(code)?;
        }
    }
    mirror.stop_in_order()?;
    let said = mirror.said()?;
    let expected = [
        "ready",
        "Custom(200)",
        "Custom(200)",
        "Custom(200)",
        "stop Asked",
    ];
    ensure!(said[2..] == expected, "{said:?}");
    Ok(())
}

/// The probe declares nothing.
fn controls_that_are_not_declared_are_refused() -> Outcome {
    let mirror = Registered::running(NAME, &programs::windows()?.probe, "")?;
    let state = mirror.wait_for(RUNNING)?;
    ensure!(state.accepted == ACCEPTS_STOPS, "{state:?}");
    for code in [PAUSE, CONTINUE, PARAMCHANGE] {
        let answer = mirror.control(code)?;
        ensure!(answer != 0, "the control {code} was taken");
    }
    mirror.wait_for(RUNNING)?;
    mirror.stop_in_order()
}
