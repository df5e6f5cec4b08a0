//! Hearts and the watchdog, action by action. The period is 30 seconds.

use std::time::Duration;

use super::{free, moment, running, tick};
use crate::event::StopReason;
use crate::lifecycle::types::EXIT_FAILED;
use crate::lifecycle::{Action, Config, Input, Life, Machine, Moment, Part};

fn watched() -> Config {
    Config {
        watchdog: Some(Duration::from_secs(30)),
        ..free()
    }
}

/// A tick with hearts whose last beats were at these seconds.
fn beats(hearts: &[(&str, u64)]) -> Input {
    let heart = |(name, second): &(&str, u64)| Part {
        name: (*name).into(),
        life: Life::Beat(moment(*second)),
    };
    Input::Tick(hearts.iter().map(heart).collect())
}

/// A service that is ready at second 0.
fn ready() -> Machine {
    let (mut machine, _) = Machine::new(watched(), moment(0));
    machine.step(&Input::HeartBorn, moment(0));
    assert_eq!(
        machine.step(&Input::Ready, moment(0)),
        [running(), Action::Poke, arm(15)]
    );
    machine
}

fn arm(second: u64) -> Action {
    Action::Arm(Some(moment(second)))
}

fn missed(actions: &[Action]) -> Option<&str> {
    match actions {
        [Action::Log(message), Action::Status(_), Action::Missed, ..] => Some(message),
        _ => None,
    }
}

#[test]
fn the_manager_is_told_twice_in_a_period() {
    let mut machine = ready();
    for turn in 1..=10 {
        let now = 15 * turn;
        assert_eq!(
            machine.step(&beats(&[("worker", now)]), moment(now)),
            [Action::Ping, Action::Poke, arm(now + 15)]
        );
    }
}

#[test]
fn a_silent_heart_is_named_once_the_period_is_over() {
    let mut machine = ready();
    let hearts = |other| beats(&[("worker", 2), ("waiting for events", other)]);
    // The next look is when the silence becomes too long, not half a period after that.
    let due = Moment(Duration::from_millis(32_001));
    machine.step(&hearts(15), moment(15));
    let actions = machine.step(&hearts(30), moment(30));
    assert_eq!(actions[..2], [Action::Ping, Action::Poke]);
    assert_eq!(actions[2], Action::Arm(Some(due)));
    let actions = machine.step(&hearts(32), due);
    assert_eq!(
        missed(&actions),
        Some("the watchdog missed a heart: \"worker\" has not beaten within 30 s")
    );
    // The manager has half a period to act, and hears of no other life sign.
    let end = due.after(Duration::from_secs(15));
    assert_eq!(actions[3], Action::Arm(Some(end)));
    assert_eq!(machine.step(&hearts(33), moment(33)), []);
    assert_eq!(
        machine.step(&hearts(40), end),
        [Action::Wake, Action::Abort, Action::Arm(None)]
    );
    assert_eq!(machine.stop_reason(), Some(StopReason::Failed));
}

#[test]
fn a_heart_that_beats_late_but_in_time_is_none_missed() {
    let mut machine = ready();
    machine.step(&beats(&[("worker", 2)]), moment(15));
    machine.step(&beats(&[("worker", 2)]), moment(30));
    let due = Moment(Duration::from_millis(32_001));
    let actions = machine.step(&beats(&[("worker", 31)]), due);
    assert_eq!(actions[0], Action::Ping);
}

#[test]
fn a_resting_heart_need_not_beat() {
    let mut machine = ready();
    let resting = Input::Tick(vec![Part {
        name: "worker".into(),
        life: Life::Resting,
    }]);
    for turn in 1..=10 {
        assert_eq!(machine.step(&resting, moment(15 * turn))[0], Action::Ping);
    }
}

#[test]
fn without_any_heart_left_there_is_no_life_sign() {
    let mut machine = ready();
    // A task is no heart.
    let task = Part {
        name: "sending".into(),
        life: Life::Task,
    };
    let actions = machine.step(&Input::Tick(vec![task]), moment(15));
    assert_eq!(
        missed(&actions),
        Some("the watchdog missed a heart: none is left to beat within 30 s")
    );
}

#[test]
fn a_process_that_stood_still_is_excused_once() {
    let mut machine = ready();
    machine.step(&beats(&[("worker", 15)]), moment(15));
    // Due at 30; nobody looked until 100.
    let actions = machine.step(&beats(&[("worker", 15)]), moment(100));
    assert_eq!(actions[..2], [Action::Ping, Action::Poke]);
    machine.step(&beats(&[("worker", 15)]), moment(115));
    let actions = machine.step(
        &beats(&[("worker", 15)]),
        Moment(Duration::from_millis(130_001)),
    );
    assert!(missed(&actions).is_some(), "{actions:?}");
}

#[test]
fn ready_waits_for_a_heart() {
    let (mut machine, _) = Machine::new(watched(), moment(0));
    assert_eq!(machine.step(&Input::Ready, moment(5)), [arm(35)]);
    // Said again, it does not begin anew.
    assert_eq!(machine.step(&Input::Ready, moment(20)), []);
    assert_eq!(
        machine.step(&Input::HeartBorn, moment(34)),
        [running(), Action::Poke, arm(49)]
    );
}

#[test]
fn without_a_heart_the_start_fails_and_says_so() {
    let (mut machine, _) = Machine::new(watched(), moment(0));
    machine.step(&Input::Ready, moment(5));
    let actions = machine.step(&tick(), moment(35));
    assert!(
        matches!(&actions[0], Action::Log(message) if message.contains("nothing that beats")),
        "{actions:?}"
    );
    assert!(!actions.contains(&running()));
    let returned = Input::Returned {
        code: 0,
        error: None,
    };
    machine.step(&returned, moment(36));
    assert_eq!(machine.exit().map(|exit| exit.code), Some(EXIT_FAILED));
}

#[test]
fn a_stop_ends_the_watch() {
    let mut machine = ready();
    let actions = machine.step(&Input::Stop(StopReason::Terminate), moment(5));
    assert_eq!(actions.last(), Some(&Action::Arm(None)));
    assert_eq!(machine.step(&beats(&[("worker", 0)]), moment(500)), []);
    // Also one that comes while the manager is to act.
    let mut machine = ready();
    machine.step(&tick(), moment(15));
    let actions = machine.step(&Input::Stop(StopReason::Terminate), moment(16));
    assert_eq!(actions.last(), Some(&Action::Arm(None)));
}

#[test]
fn without_a_watchdog_nobody_looks() {
    let (mut machine, _) = Machine::new(free(), moment(0));
    assert_eq!(machine.step(&Input::HeartBorn, moment(0)), []);
    assert_eq!(machine.step(&Input::Ready, moment(0)), [running()]);
    assert_eq!(machine.step(&tick(), moment(500)), []);
}
