//! What the service control manager asks of a running service, and what it hears of it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, PAUSED, RUNNING, STOPPED};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{programs, wait};

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

/// A registered service, removed again on drop where the host is the machine itself.
struct Mirror {
    host: Host,
}

impl Mirror {
    fn running() -> Result<Self> {
        let mirror = Self::registered(&programs::windows()?.mirror)?;
        mirror.start()?;
        Ok(mirror)
    }

    fn registered(program: &std::path::Path) -> Result<Self> {
        let host = Host::start()?;
        let copy = host.folder().join("mirror.exe");
        std::fs::copy(program, &copy)?;
        let image = format!(
            "\"{}\" \"--probe-dir={}\"",
            host.windows(&copy)?,
            host.windows(host.folder())?
        );
        let created = host.sc(&["create", NAME, "binPath=", &image, "start=", "demand"])?;
        ensure!(created.code == 0, "sc create: {created:?}");
        Ok(Self { host })
    }

    fn start(&self) -> Result<()> {
        let started = self.host.sc(&["start", NAME])?;
        ensure!(started.code == 0, "sc start: {started:?}");
        self.host.wait_for(NAME, RUNNING)?;
        Ok(())
    }

    fn control(&self, code: &str) -> Result<i32> {
        Ok(self.host.sc(&["control", NAME, code])?.code)
    }

    fn order(&self, code: &str) -> Result<()> {
        let ended = self.control(code)?;
        ensure!(ended == 0, "the control {code} was answered with {ended}");
        Ok(())
    }

    fn answer(&self, words: &str) -> Result<()> {
        Ok(std::fs::write(self.host.folder().join("answer"), words)?)
    }

    fn said(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(self.host.folder().join("said"));
        let text = text.context("what the mirror said")?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    fn wait_until_said(&self, line: &str, times: usize) -> Result<()> {
        let probe = || {
            let count = self.said()?.iter().filter(|said| *said == line).count();
            Ok((count >= times).then_some(()))
        };
        wait::until(
            &format!("{line:?}, {times} times"),
            Duration::from_secs(60),
            probe,
            || format!("{:?}", self.said()),
        )
    }

    fn stop(&self) -> Outcome {
        let stopped = self.host.sc(&["stop", NAME])?;
        ensure!(stopped.code == 0, "sc stop: {stopped:?}");
        let state = self.host.wait_for(NAME, STOPPED)?;
        ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
        Ok(())
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        if Host::is_windows() {
            let _ = self.host.sc(&["stop", NAME]);
            let _ = self.host.wait_for(NAME, STOPPED);
            let _ = self.host.sc(&["delete", NAME]);
            let _ = self.host.wait_for_absence(NAME);
        }
    }
}

fn all_that_is_declared_is_accepted() -> Outcome {
    let mirror = Mirror::running()?;
    let state = mirror.host.wait_for(NAME, RUNNING)?;
    ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
    mirror.order(INTERROGATE)?;
    mirror.stop()
}

fn paramchange_reloads() -> Outcome {
    let mirror = Mirror::running()?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 1)?;
    mirror.answer("fail the port is no number")?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 2)?;
    // A failed one ends nothing.
    mirror.answer("")?;
    mirror.order(PARAMCHANGE)?;
    mirror.wait_until_said("reload", 3)?;
    let state = mirror.host.wait_for(NAME, RUNNING)?;
    ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
    mirror.stop()
}

fn a_pause_and_its_end() -> Outcome {
    let mirror = Mirror::running()?;
    for times in 1..=2 {
        mirror.order(PAUSE)?;
        let state = mirror.host.wait_for(NAME, PAUSED)?;
        ensure!((state.checkpoint, state.hint) == (0, 0), "{state:?}");
        ensure!(state.accepted == ACCEPTS_ALL, "{state:?}");
        mirror.wait_until_said("pause", times)?;
        mirror.order(CONTINUE)?;
        mirror.host.wait_for(NAME, RUNNING)?;
        mirror.wait_until_said("continue", times)?;
    }
    mirror.stop()
}

fn a_pause_that_failed() -> Outcome {
    let mirror = Mirror::running()?;
    mirror.answer("fail a transfer is under way")?;
    mirror.order(PAUSE)?;
    mirror.wait_until_said("pause", 1)?;
    mirror.host.wait_for(NAME, RUNNING)?;
    mirror.answer("")?;
    mirror.order(PAUSE)?;
    mirror.host.wait_for(NAME, PAUSED)?;
    mirror.answer("fail the network is down")?;
    mirror.order(CONTINUE)?;
    mirror.wait_until_said("continue", 1)?;
    mirror.host.wait_for(NAME, PAUSED)?;
    mirror.stop()
}

fn a_paused_service_stops_in_order() -> Outcome {
    let mirror = Mirror::running()?;
    mirror.order(PAUSE)?;
    mirror.host.wait_for(NAME, PAUSED)?;
    mirror.stop()?;
    let said = mirror.said()?;
    ensure!(
        said.last().is_some_and(|last| last == "stop Asked"),
        "{said:?}"
    );
    Ok(())
}

fn declared_codes_arrive_and_others_do_not() -> Outcome {
    let mirror = Mirror::running()?;
    for times in 1..=3 {
        mirror.order("200")?;
        mirror.wait_until_said("Custom(200)", times)?;
        // Whoever sent one hears 120 on Windows; Wine's manager does not look at the answer.
        for code in ["128", "199", "255"] {
            mirror.control(code)?;
        }
    }
    mirror.stop()?;
    let said = mirror.said()?;
    let expected = [
        "starting",
        "ready",
        "Custom(200)",
        "Custom(200)",
        "Custom(200)",
        "stop Asked",
    ];
    ensure!(said == expected, "{said:?}");
    Ok(())
}

/// The probe declares nothing.
fn controls_that_are_not_declared_are_refused() -> Outcome {
    let mirror = Mirror::registered(&programs::windows()?.probe)?;
    mirror.start()?;
    let state = mirror.host.wait_for(NAME, RUNNING)?;
    ensure!(state.accepted == ACCEPTS_STOPS, "{state:?}");
    for code in [PAUSE, CONTINUE, PARAMCHANGE] {
        let answer = mirror.control(code)?;
        ensure!(answer != 0, "the control {code} was taken");
    }
    mirror.host.wait_for(NAME, RUNNING)?;
    mirror.stop()
}
