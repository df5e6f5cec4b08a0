//! The table is complete and printed, every sequence of inputs keeps the rules, and single lives go as they should.

mod lives;
mod manager;
mod orders;
mod sequences;
mod table;
mod watchdog;

use std::time::Duration;

use super::types::Controls;
use super::{Action, Config, Declared, Exit, Input, Machine, Moment, Report, State};

/// A second, by the test's clock.
const TICK: Duration = Duration::from_secs(1);

fn moment(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

/// Runs inputs a second apart, and gives everything that came out.
fn run(config: Config, inputs: &[Input]) -> (Machine, Vec<Action>) {
    let (mut machine, mut all) = Machine::new(config, moment(0));
    for (second, input) in inputs.iter().enumerate() {
        all.extend(machine.step(input, moment(second as u64 + 1)));
    }
    (machine, all)
}

fn free() -> Config {
    Config::default()
}

fn bound() -> Config {
    Config {
        start_timeout: Some(Duration::from_secs(90)),
        stop_timeout: Some(Duration::from_secs(30)),
        ..Config::default()
    }
}

fn declaring(events: &[&str]) -> Config {
    Config {
        declared: Declared::new(events),
        ..Config::default()
    }
}

fn pending(state: State, checkpoint: u32, wait_hint: Duration) -> Action {
    Action::Report(Report {
        state,
        checkpoint,
        wait_hint,
        accepts: Controls::None,
        exit: None,
    })
}

/// A report of a state in which all controls are accepted.
fn settled(state: State) -> Action {
    Action::Report(Report {
        state,
        checkpoint: 0,
        wait_hint: Duration::ZERO,
        accepts: Controls::All,
        exit: None,
    })
}

fn running() -> Action {
    settled(State::Running)
}

fn stopped(code: u8, failure: bool) -> Action {
    Action::Report(Report {
        state: State::Stopped,
        checkpoint: 0,
        wait_hint: Duration::ZERO,
        accepts: Controls::None,
        exit: Some(Exit { code, failure }),
    })
}

fn returned() -> Input {
    Input::Returned {
        code: 0,
        error: None,
    }
}

/// Time passed, and nothing beats.
fn tick() -> Input {
    Input::Tick(Vec::new())
}
