//! Every sequence of inputs, seen as a manager sees it.

use std::collections::HashSet;
use std::time::Duration;

use super::{TICK, moment};
use crate::event::StopReason;
use crate::lifecycle::types::{Controls, EXIT_TIMED_OUT};
use crate::lifecycle::{Action, Config, Exit, Input, Machine, Moment, Report, State};

/// What each step of a sequence may be: every kind of input, and time passing little and much.
fn alphabet() -> Vec<(Duration, Input)> {
    let text = || "text".to_owned();
    vec![
        (TICK, Input::Ready),
        (TICK, Input::Status(text())),
        (
            TICK,
            Input::Starting {
                text: text(),
                granted: 10 * TICK,
            },
        ),
        (
            TICK,
            Input::Stopping {
                text: text(),
                granted: 10 * TICK,
            },
        ),
        (TICK, Input::Stop(StopReason::Asked)),
        (TICK, Input::Stop(StopReason::Terminate)),
        (TICK, Input::Stop(StopReason::Internal)),
        (TICK, Input::Fail(text())),
        (
            TICK,
            Input::Returned {
                code: 0,
                error: None,
            },
        ),
        (
            TICK,
            Input::Returned {
                code: 3,
                error: Some(text()),
            },
        ),
        (TICK, Input::Panicked(text())),
        (Duration::ZERO, Input::Tick),
        (6 * TICK, Input::Tick),
        (100 * TICK, Input::Tick),
        (TICK, Input::Interrogate),
    ]
}

/// Looks at what comes out, as a manager would, and complains about whatever a manager would misunderstand.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Manager {
    state: Option<State>,
    checkpoint: u32,
    exit: Option<Exit>,
    woken: bool,
    ended: bool,
    failure_logged: bool,
    timer: Option<Moment>,
}

impl Manager {
    fn see(&mut self, actions: &[Action], input: Option<&Input>, now: Moment) {
        for action in actions {
            // What ends the process has nothing after it but the timer that is taken back.
            assert!(
                !self.ended || matches!(action, Action::Arm(None)),
                "{action:?} after the end"
            );
            match action {
                Action::Report(report) => self.reported(report, input),
                Action::Extend(time) => {
                    assert!(matches!(
                        self.state,
                        Some(State::Starting | State::Stopping)
                    ));
                    assert!(!time.is_zero());
                }
                Action::Log(_) => self.failure_logged = true,
                Action::Wake => {
                    assert!(!self.woken, "the waiters are woken once");
                    self.woken = true;
                }
                Action::Arm(at) => {
                    assert_ne!(*at, self.timer, "the timer is armed only when it moves");
                    assert!(at.is_none_or(|at| at > now), "a timer is in the future");
                    self.timer = *at;
                }
                Action::Exit(code) => {
                    assert_eq!(*code, EXIT_TIMED_OUT);
                    assert_eq!(self.state, Some(State::Stopped));
                    self.ended = true;
                }
                Action::Crash => {
                    assert_ne!(self.state, Some(State::Stopped), "a crash reports no end");
                    self.ended = true;
                }
                Action::Status(_) => {}
            }
        }
    }

    fn reported(&mut self, report: &Report, input: Option<&Input>) {
        let before = self.state.replace(report.state);
        assert_ne!(
            before,
            Some(State::Stopped),
            "STOPPED is sent once, and last"
        );
        match report.state {
            State::Starting | State::Stopping => {
                assert!(report.checkpoint > 0 && !report.wait_hint.is_zero());
                if before == Some(report.state) {
                    assert_eq!(report.checkpoint, self.checkpoint + 1);
                    let progress =
                        matches!(input, Some(Input::Starting { .. } | Input::Stopping { .. }));
                    assert!(progress, "{input:?} is no progress");
                }
            }
            State::Running | State::Stopped => {
                assert_eq!((report.checkpoint, report.wait_hint), (0, Duration::ZERO));
            }
        }
        self.checkpoint = report.checkpoint;
        assert_eq!(
            report.accepts == Controls::Stop,
            report.state == State::Running
        );
        assert_eq!(report.exit.is_some(), report.state == State::Stopped);
        match (before, report.state) {
            (None, State::Starting)
            | (Some(State::Starting), State::Starting | State::Running | State::Stopping)
            | (Some(State::Running), State::Stopping)
            | (Some(State::Stopping), State::Stopping | State::Stopped) => {}
            other => panic!("a manager never sees {other:?}"),
        }
        self.exit = report.exit;
    }
}

/// All sequences up to this length. Two that lead to the same machine and the same manager are followed once, which
/// leaves out none.
const LENGTH: usize = 6;

fn explore(config: Config) {
    let (machine, actions) = Machine::new(config, moment(0));
    let mut manager = Manager::default();
    manager.see(&actions, None, moment(0));
    let mut layer = HashSet::from([(machine, manager, moment(0))]);
    let alphabet = alphabet();
    for _ in 0..LENGTH {
        let mut next = HashSet::new();
        for (machine, manager, now) in &layer {
            for (later, input) in &alphabet {
                let (mut machine, mut manager) = (machine.clone(), manager.clone());
                let now = now.after(*later);
                let before = (machine.stop_reason(), machine.exit());
                let actions = machine.step(input, now);
                manager.see(&actions, Some(input), now);
                agree(&machine, &manager, before, input);
                next.insert((machine, manager, now));
            }
        }
        layer = next;
    }
}

fn agree(
    machine: &Machine,
    manager: &Manager,
    (stop, exit): (Option<StopReason>, Option<Exit>),
    input: &Input,
) {
    if stop.is_some() {
        assert_eq!(machine.stop_reason(), stop, "the first reason stays");
    }
    if exit.is_some() {
        assert_eq!(machine.exit(), exit, "the first end stays");
    }
    assert_eq!(
        machine.stop_reason().is_some(),
        manager.woken,
        "a stop wakes"
    );
    if matches!(
        input,
        Input::Stop(_) | Input::Stopping { .. } | Input::Fail(_)
    ) {
        assert!(machine.stop_reason().is_some(), "{input:?} is latched");
    }
    if let (Some(seen), Some(exit)) = (manager.exit, machine.exit()) {
        assert_eq!(seen, exit);
    }
    if let Some(exit) = machine.exit() {
        assert!(manager.ended || manager.state == Some(State::Stopped));
        assert!(
            exit.failure || exit.code == 0,
            "a code other than 0 is a failure"
        );
        assert!(manager.timer.is_none(), "nothing is due after the end");
    }
    // A failure without a word in the log would be a riddle.
    if machine.exit().is_some_and(|exit| exit.code != 0) {
        assert!(manager.failure_logged);
    }
}

#[test]
fn every_sequence_keeps_the_rules() {
    let bounds = [None, Some(20 * TICK)];
    for start_timeout in bounds {
        for stop_timeout in bounds {
            explore(Config {
                start_timeout,
                stop_timeout,
                restart_always: false,
            });
        }
    }
    explore(Config {
        start_timeout: None,
        stop_timeout: None,
        restart_always: true,
    });
}
