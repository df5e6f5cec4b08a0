//! Single lives, action by action.

use std::time::Duration;

use super::{bound, free, moment, pending, returned, run, running, stopped, tick};
use crate::event::StopReason;
use crate::lifecycle::types::{EXIT_FAILED, EXIT_PANICKED, EXIT_TIMED_OUT, START_HINT, STOP_HINT};
use crate::lifecycle::{Action, Config, Exit, Input, Life, Machine, Moment, Part, State};

#[test]
fn an_ordinary_life() {
    let (machine, actions) = run(
        free(),
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
    let (machine, actions) = run(free(), &[Input::Ready, returned()]);
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
        ..free()
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
    let (machine, actions) = run(free(), &[Input::Ready, fail.clone(), returned()]);
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
    let (machine, _) = run(free(), &[Input::Ready, asked, fail.clone(), returned()]);
    assert_eq!(machine.exit().unwrap().code, EXIT_FAILED);
    let own = Input::Returned {
        code: 9,
        error: None,
    };
    let (machine, _) = run(free(), &[Input::Ready, fail, own]);
    assert_eq!(machine.exit().unwrap().code, 9);
}

#[test]
fn a_panic_crashes_without_a_last_report() {
    let (machine, actions) = run(free(), &[Input::Ready, Input::Panicked("oh".to_owned())]);
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
    let (mut machine, _) = Machine::new(bound(), moment(0));
    machine.step(&Input::Ready, moment(1));
    machine.step(&Input::Stop(StopReason::Asked), moment(10));
    let stopping = Input::Stopping {
        text: "closing the store".to_owned(),
        granted: Duration::from_secs(50),
    };
    machine.step(&stopping, moment(20));
    assert_eq!(logs(&mut machine, &tick(), 69), Vec::<String>::new());
    assert_eq!(
        logs(&mut machine, &tick(), 70),
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
fn what_still_works_in_a_stuck_stop_is_named() {
    let part = |name: &str, life| Part {
        name: name.into(),
        life,
    };
    let at_work = Input::Tick(vec![
        part("waiting for events", Life::Waiter(moment(1))),
        part("the worker", Life::Beat(moment(1))),
        part("the sleeper", Life::Resting),
        part("sending", Life::Task),
    ]);
    let (mut machine, _) = Machine::new(bound(), moment(0));
    machine.step(&Input::Ready, moment(1));
    machine.step(&Input::Stop(StopReason::Asked), moment(1));
    assert_eq!(
        logs(&mut machine, &at_work, 31),
        [
            "the stop is stuck: no progress within 30 s; it did not say at what; still at work: \"the worker\", \"the sleeper\", \
             \"sending\""
        ]
    );
}

#[test]
fn an_extension_moves_the_bound_and_says_nothing() {
    let (mut machine, _) = Machine::new(bound(), moment(0));
    let more = Input::Extend(Duration::from_secs(90));
    let told = Duration::from_secs(100);
    let actions = machine.step(&more, moment(60));
    assert_eq!(
        actions[..2],
        [pending(State::Starting, 2, told), Action::Extend(told)]
    );
    assert_eq!(logs(&mut machine, &tick(), 149), Vec::<String>::new());
    assert_eq!(machine.exit(), None);
    machine.step(&Input::Ready, moment(149));
    assert_eq!(machine.step(&more, moment(150)), [], "nothing is under way");
    machine.step(&Input::Stop(StopReason::Asked), moment(151));
    machine.step(&more, moment(152));
    assert_eq!(
        machine.time_left(moment(152)),
        Some(Duration::from_secs(90))
    );
}

#[test]
fn a_grant_never_shortens_what_is_left() {
    let (mut machine, _) = Machine::new(bound(), moment(0));
    let short = Input::Starting {
        text: String::new(),
        granted: Duration::from_secs(1),
    };
    machine.step(&short, moment(1));
    assert_eq!(machine.time_left(moment(1)), Some(Duration::from_secs(89)));
    assert_eq!(
        logs(&mut machine, &tick(), 90),
        ["the start is stuck: no progress within 90 s; it did not say at what"]
    );
}

#[test]
fn a_grant_is_told_again_while_it_lasts_and_no_longer() {
    let (mut machine, _) = Machine::new(free(), moment(0));
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
        actions = machine.step(&tick(), now);
    }
    assert_eq!(extensions[0], told);
    assert!(extensions.windows(2).all(|pair| pair[1] == pair[0] / 2));
    assert!(*extensions.last().unwrap() < Duration::from_secs(2));
}

#[test]
fn the_grants_of_the_start_end_with_it() {
    let (mut machine, _) = Machine::new(free(), moment(0));
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
    let (mut machine, _) = Machine::new(free(), moment(0));
    machine.step(&Input::Status("port 80".to_owned()), moment(0));
    assert_eq!(machine.step(&Input::Ready, moment(1)), [running()]);
}
