//! Every sequence of inputs, seen as a manager sees it.

use std::collections::HashSet;
use std::time::Duration;

use super::{TICK, moment};
use crate::event::StopReason;
use crate::lifecycle::types::{Controls, EXIT_TIMED_OUT};
use crate::lifecycle::{
    Action, Answered, Config, Declared, Exit, Input, Machine, Moment, Order, Report, State,
};

/// What each step of a sequence may be: every kind of input, and time passing little and much.
fn alphabet(config: Config) -> Vec<(Duration, Input)> {
    let mut all = plain_alphabet();
    let orders = [
        Order::Reload,
        Order::Pause,
        Order::Continue,
        Order::Custom(200),
    ];
    all.extend(orders.map(|order| (TICK, Input::Order(order))));
    let answers = [
        (config.declared.reload, Answered::Reload),
        (config.declared.pause, Answered::Pause),
        (config.declared.pause, Answered::Continue),
    ];
    for (_, what) in answers.into_iter().filter(|(declared, _)| *declared) {
        all.push((TICK, Input::Answer(what, Ok(()))));
        all.push((TICK, Input::Answer(what, Err("text".to_owned()))));
    }
    all
}

fn plain_alphabet() -> Vec<(Duration, Input)> {
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
#[allow(clippy::struct_excessive_bools)] // Each is one thing that it saw.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Manager {
    state: Option<State>,
    checkpoint: u32,
    exit: Option<Exit>,
    woken: bool,
    ended: bool,
    failure_logged: bool,
    timer: Option<Moment>,
    /// A reload was asked for and has not begun since.
    reload_owed: bool,
    /// Paused, or to be.
    pause_wanted: bool,
    /// The order that the program is at.
    order: Option<Order>,
}

impl Manager {
    fn see(&mut self, actions: &[Action], input: Option<&Input>, now: Moment) {
        if let Some(Input::Order(order)) = input {
            self.asked(*order);
        }
        if let Some(Input::Answer(what, result)) = input {
            self.answered(*what, result.is_ok());
        }
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
                Action::Deliver(order) => self.delivered(*order),
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
            State::Starting | State::Pausing | State::Continuing | State::Stopping => {
                assert!(report.checkpoint > 0 && !report.wait_hint.is_zero());
                if before == Some(report.state) {
                    assert_eq!(report.checkpoint, self.checkpoint + 1);
                    let progress =
                        matches!(input, Some(Input::Starting { .. } | Input::Stopping { .. }));
                    assert!(progress, "{input:?} is no progress");
                }
            }
            State::Running | State::Reloading | State::Paused | State::Stopped => {
                assert_eq!((report.checkpoint, report.wait_hint), (0, Duration::ZERO));
            }
        }
        self.checkpoint = report.checkpoint;
        let accepts = match report.state {
            State::Running | State::Reloading | State::Paused => Controls::All,
            State::Pausing | State::Continuing => Controls::Stop,
            _ => Controls::None,
        };
        assert_eq!(report.accepts, accepts);
        assert_eq!(report.exit.is_some(), report.state == State::Stopped);
        let next: &[State] = match before {
            None => &[State::Starting],
            Some(State::Starting) => &[State::Starting, State::Running, State::Stopping],
            Some(State::Running) => &[State::Reloading, State::Pausing, State::Stopping],
            Some(State::Reloading) => &[State::Running, State::Stopping],
            Some(State::Pausing) => &[State::Running, State::Paused, State::Stopping],
            Some(State::Paused) => &[State::Continuing, State::Stopping],
            Some(State::Continuing) => &[State::Paused, State::Running, State::Stopping],
            Some(State::Stopping) => &[State::Stopping, State::Stopped],
            Some(State::Stopped) => &[],
        };
        assert!(
            next.contains(&report.state),
            "a manager never sees {before:?} become {:?}",
            report.state
        );
        self.exit = report.exit;
    }

    /// What is asked of a service that starts or stops is not about a pause.
    fn asked(&mut self, order: Order) {
        let live = !matches!(
            self.state,
            Some(State::Starting | State::Stopping | State::Stopped)
        );
        match order {
            Order::Reload => self.reload_owed = true,
            Order::Pause if live => self.pause_wanted = true,
            Order::Continue if live => self.pause_wanted = false,
            _ => {}
        }
    }

    /// A failure takes back what was wanted, if it is about what the program was at.
    fn answered(&mut self, what: Answered, success: bool) {
        match (what, self.order) {
            (Answered::Reload, Some(Order::Reload)) => {}
            (Answered::Pause, Some(Order::Pause)) => self.pause_wanted &= success,
            (Answered::Continue, Some(Order::Continue)) => self.pause_wanted |= !success,
            _ => return,
        }
        self.order = None;
    }

    fn delivered(&mut self, order: Order) {
        assert!(!self.woken, "{order:?} after the stop");
        let state = match order {
            Order::Reload => State::Reloading,
            Order::Pause => State::Pausing,
            Order::Continue => State::Continuing,
            _ => return,
        };
        assert_eq!(self.state, Some(state), "{order:?} is reported first");
        assert_eq!(
            self.order, None,
            "{order:?} while the program is at another"
        );
        self.order = Some(order);
        if order == Order::Reload {
            assert!(self.reload_owed, "nobody asked for a reload");
            self.reload_owed = false;
        }
    }

    /// Nothing that was asked for is left undone where it could be done.
    fn is_content(&self, config: Config) {
        if self.ended {
            return;
        }
        match self.state {
            Some(State::Running) => {
                assert!(!(self.reload_owed && config.declared.reload));
                assert!(!(self.pause_wanted && config.declared.pause));
            }
            Some(State::Paused) => assert!(self.pause_wanted),
            Some(State::Reloading | State::Pausing | State::Continuing) => {
                assert!(self.order.is_some(), "the program owes an answer");
            }
            _ => {}
        }
    }
}

/// The same machine and manager at the origin of time, with the checkpoint of a first report: two that differ in nothing
/// else go on alike.
fn at_the_origin(machine: &mut Machine, manager: &mut Manager, now: Moment) {
    let moments = [
        &mut machine.deadline,
        &mut machine.told_until,
        &mut machine.repeat_at,
        &mut machine.armed,
        &mut manager.timer,
    ];
    for moment in moments.into_iter().flatten() {
        *moment = Moment(moment.since(now));
    }
    machine.checkpoint = machine.checkpoint.min(1);
    manager.checkpoint = manager.checkpoint.min(1);
}

/// All sequences up to this length. Two that lead to the same machine and the same manager are followed once, which
/// leaves out none.
const LENGTH: usize = 8;

fn explore(config: Config) {
    let (mut machine, actions) = Machine::new(config, moment(0));
    let mut manager = Manager::default();
    manager.see(&actions, None, moment(0));
    at_the_origin(&mut machine, &mut manager, moment(0));
    let mut seen = HashSet::from([(machine, manager)]);
    let mut layer: Vec<_> = seen.iter().cloned().collect();
    let alphabet = alphabet(config);
    for _ in 0..LENGTH {
        let mut next = Vec::new();
        for (machine, manager) in &layer {
            for (later, input) in &alphabet {
                let (mut machine, mut manager) = (machine.clone(), manager.clone());
                let now = moment(0).after(*later);
                let before = (machine.stop_reason(), machine.exit());
                let actions = machine.step(input, now);
                manager.see(&actions, Some(input), now);
                manager.is_content(config);
                agree(&machine, &manager, before, input);
                at_the_origin(&mut machine, &mut manager, now);
                let pair = (machine, manager);
                if !seen.contains(&pair) {
                    seen.insert(pair.clone());
                    next.push(pair);
                }
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

const BOUNDS: [Option<Duration>; 2] = [None, Some(Duration::from_secs(20))];

#[test]
fn every_sequence_keeps_the_rules() {
    for start_timeout in BOUNDS {
        for stop_timeout in BOUNDS {
            explore(Config {
                start_timeout,
                stop_timeout,
                ..Config::default()
            });
        }
    }
    explore(Config {
        restart_always: true,
        ..Config::default()
    });
}

#[test]
fn every_sequence_with_orders_keeps_the_rules() {
    for events in [&["reload"][..], &["pause"], &["reload", "pause", "200"]] {
        for stop_timeout in BOUNDS {
            explore(Config {
                declared: Declared::new(events),
                stop_timeout,
                ..Config::default()
            });
        }
    }
}
