//! The table is complete and printed, and every sequence of inputs keeps the rules.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::table::{Kind, TABLE};
use super::types::{Controls, EXIT_FAILED, EXIT_PANICKED, EXIT_TIMED_OUT, START_HINT, STOP_HINT};
use super::{Action, Config, Exit, Input, Machine, Moment, Report, State};
use crate::event::StopReason;

const STATES: [State; 4] = [
    State::Starting,
    State::Running,
    State::Stopping,
    State::Stopped,
];
const KINDS: [Kind; 13] = [
    Kind::Ready,
    Kind::Status,
    Kind::Starting,
    Kind::Stopping,
    Kind::StopAsked,
    Kind::StopSelf,
    Kind::Fail,
    Kind::Returned,
    Kind::Panicked,
    Kind::DeadlinePassed,
    Kind::ExtendDue,
    Kind::NothingDue,
    Kind::Interrogate,
];

#[test]
fn the_table_has_one_row_for_each_state_and_input() {
    let mut seen = HashMap::new();
    for row in TABLE {
        *seen.entry((row.from, row.on)).or_insert(0) += 1;
    }
    for state in STATES {
        for kind in KINDS {
            assert_eq!(seen.get(&(state, kind)), Some(&1), "{state:?} on {kind:?}");
        }
    }
    assert_eq!(TABLE.len(), STATES.len() * KINDS.len());
}

#[test]
fn the_table_only_goes_forward() {
    for row in TABLE {
        let (from, to) = (row.from as u8, row.to as u8);
        assert!(
            from <= to,
            "{:?} on {:?} goes back to {:?}",
            row.from,
            row.on,
            row.to
        );
        if row.from == State::Stopped {
            assert!(
                row.effects.is_empty(),
                "{:?} does something after the end",
                row.on
            );
        }
    }
}

#[test]
fn the_page_prints_the_table() {
    let mut page = String::from("| in | on | to | doing |\n| --- | --- | --- | --- |\n");
    for row in TABLE {
        let effects: Vec<String> = row
            .effects
            .iter()
            .map(|effect| format!("{effect:?}"))
            .collect();
        let to = if row.to == row.from {
            "·".to_owned()
        } else {
            format!("{:?}", row.to)
        };
        writeln!(
            page,
            "| {:?} | {:?} | {to} | {} |",
            row.from,
            row.on,
            effects.join(", ")
        )
        .unwrap();
    }
    assert_eq!(
        include_str!("table.md"),
        page,
        "write this into lifecycle/table.md:\n{page}"
    );
}

/// A second, by the test's clock.
const TICK: Duration = Duration::from_secs(1);

fn moment(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}

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

/// Runs inputs a second apart, and gives everything that came out.
fn run(config: Config, inputs: &[Input]) -> (Machine, Vec<Action>) {
    let (mut machine, mut all) = Machine::new(config, moment(0));
    for (second, input) in inputs.iter().enumerate() {
        all.extend(machine.step(input, moment(second as u64 + 1)));
    }
    (machine, all)
}

const FREE: Config = Config {
    start_timeout: None,
    stop_timeout: None,
    restart_always: false,
};
const BOUND: Config = Config {
    start_timeout: Some(Duration::from_secs(90)),
    stop_timeout: Some(Duration::from_secs(30)),
    restart_always: false,
};

fn pending(state: State, checkpoint: u32, wait_hint: Duration) -> Action {
    Action::Report(Report {
        state,
        checkpoint,
        wait_hint,
        accepts: Controls::None,
        exit: None,
    })
}

fn running() -> Action {
    Action::Report(Report {
        state: State::Running,
        checkpoint: 0,
        wait_hint: Duration::ZERO,
        accepts: Controls::Stop,
        exit: None,
    })
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

#[test]
fn an_ordinary_life() {
    let (machine, actions) = run(
        FREE,
        &[Input::Ready, Input::Stop(StopReason::Terminate), returned()],
    );
    assert_eq!(
        actions,
        [
            pending(State::Starting, 1, START_HINT),
            running(),
            Action::Wake,
            pending(State::Stopping, 1, STOP_HINT),
            stopped(0, false),
        ]
    );
    assert_eq!(machine.stop_reason(), Some(StopReason::Terminate));
}

#[test]
fn a_stop_that_nobody_asked_for_is_announced_too() {
    let (machine, actions) = run(FREE, &[Input::Ready, returned()]);
    assert_eq!(
        actions[2..],
        [
            Action::Wake,
            pending(State::Stopping, 1, STOP_HINT),
            stopped(0, false)
        ]
    );
    assert_eq!(machine.stop_reason(), Some(StopReason::Internal));
}

#[test]
fn with_always_only_an_asked_end_is_clean() {
    let always = Config {
        restart_always: true,
        ..FREE
    };
    let exit = |inputs: &[Input]| run(always, inputs).0.exit().unwrap();
    let asked = Input::Stop(StopReason::Asked);
    let inside = Input::Stop(StopReason::Internal);
    assert_eq!(
        exit(&[Input::Ready, returned()]),
        Exit {
            code: 0,
            failure: true
        }
    );
    assert_eq!(
        exit(&[Input::Ready, inside.clone(), returned()]),
        Exit {
            code: 0,
            failure: true
        }
    );
    assert_eq!(
        exit(&[Input::Ready, asked.clone(), returned()]),
        Exit {
            code: 0,
            failure: false
        }
    );
    assert_eq!(
        exit(&[Input::Ready, inside, asked, returned()]),
        Exit {
            code: 0,
            failure: false
        }
    );
}

#[test]
fn a_failure_outlives_a_successful_return() {
    let fail = Input::Fail("the disk is gone".to_owned());
    let (machine, actions) = run(FREE, &[Input::Ready, fail.clone(), returned()]);
    assert_eq!(
        machine.exit(),
        Some(Exit {
            code: EXIT_FAILED,
            failure: true
        })
    );
    assert_eq!(actions[2], Action::Log("the disk is gone".to_owned()));
    // Also when the stop came first, and a code of the program's own is kept.
    let asked = Input::Stop(StopReason::Asked);
    let (machine, _) = run(FREE, &[Input::Ready, asked, fail.clone(), returned()]);
    assert_eq!(machine.exit().unwrap().code, EXIT_FAILED);
    let own = Input::Returned {
        code: 9,
        error: None,
    };
    let (machine, _) = run(FREE, &[Input::Ready, fail, own]);
    assert_eq!(machine.exit().unwrap().code, 9);
}

#[test]
fn a_panic_crashes_without_a_last_report() {
    let (machine, actions) = run(FREE, &[Input::Ready, Input::Panicked("oh".to_owned())]);
    assert_eq!(machine.exit().unwrap().code, EXIT_PANICKED);
    assert_eq!(
        actions[2..],
        [
            Action::Log("panicked: oh".to_owned()),
            Action::Status("panicked: oh".to_owned()),
            Action::Wake,
            Action::Crash
        ]
    );
}

/// Steps a machine and gives the log lines.
fn logs(machine: &mut Machine, input: &Input, second: u64) -> Vec<String> {
    machine
        .step(input, moment(second))
        .into_iter()
        .filter_map(|action| match action {
            Action::Log(text) => Some(text),
            _ => None,
        })
        .collect()
}

#[test]
fn a_stuck_stop_is_named() {
    let (mut machine, _) = Machine::new(BOUND, moment(0));
    machine.step(&Input::Ready, moment(1));
    machine.step(&Input::Stop(StopReason::Asked), moment(10));
    let stopping = Input::Stopping {
        text: "closing the store".to_owned(),
        granted: Duration::from_secs(50),
    };
    machine.step(&stopping, moment(20));
    assert_eq!(logs(&mut machine, &Input::Tick, 69), Vec::<String>::new());
    assert_eq!(
        logs(&mut machine, &Input::Tick, 70),
        ["the stop is stuck: no progress within 50 s; it was at \"closing the store\""]
    );
    assert_eq!(
        machine.exit(),
        Some(Exit {
            code: EXIT_TIMED_OUT,
            failure: true
        })
    );
}

#[test]
fn a_grant_never_shortens_what_is_left() {
    let (mut machine, _) = Machine::new(BOUND, moment(0));
    let short = Input::Starting {
        text: String::new(),
        granted: Duration::from_secs(1),
    };
    machine.step(&short, moment(1));
    assert_eq!(machine.time_left(moment(1)), Some(Duration::from_secs(89)));
    assert_eq!(
        logs(&mut machine, &Input::Tick, 90),
        ["the start is stuck: no progress within 90 s; it did not say at what"]
    );
}

#[test]
fn a_grant_is_told_again_while_it_lasts_and_no_longer() {
    let (mut machine, _) = Machine::new(FREE, moment(0));
    let granted = Duration::from_secs(90);
    let told = Duration::from_secs(100);
    let mut actions = machine.step(
        &Input::Starting {
            text: String::new(),
            granted,
        },
        moment(0),
    );
    assert!(actions.contains(&pending(State::Starting, 2, told)));
    let mut extensions = Vec::new();
    let mut now = moment(0);
    loop {
        for action in &actions {
            if let Action::Extend(time) = action {
                assert_eq!(now.after(*time), Moment(told), "always the same end");
                extensions.push(*time);
            }
        }
        let Some(Action::Arm(at)) = actions.last() else {
            panic!("no timer in {actions:?}")
        };
        let Some(at) = *at else { break };
        now = at;
        actions = machine.step(&Input::Tick, now);
    }
    assert_eq!(extensions[0], told);
    assert!(extensions.windows(2).all(|pair| pair[1] == pair[0] / 2));
    assert!(*extensions.last().unwrap() < Duration::from_secs(2));
}

#[test]
fn the_grants_of_the_start_end_with_it() {
    let (mut machine, _) = Machine::new(FREE, moment(0));
    let text = "loading".to_owned();
    machine.step(
        &Input::Starting {
            text,
            granted: Duration::from_secs(90),
        },
        moment(0),
    );
    let actions = machine.step(&Input::Ready, moment(1));
    // The words about the start go with it, and no timer is left.
    assert_eq!(
        actions,
        [Action::Status(String::new()), running(), Action::Arm(None)]
    );
    let (mut machine, _) = Machine::new(FREE, moment(0));
    machine.step(&Input::Status("port 80".to_owned()), moment(0));
    assert_eq!(machine.step(&Input::Ready, moment(1)), [running()]);
}
