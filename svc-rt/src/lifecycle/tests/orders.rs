//! What is asked of a program, and what it answers, action by action.

use std::time::Duration;

use super::{declaring, free, moment, pending, run, running, settled};
use crate::event::StopReason;
use crate::lifecycle::types::{Controls, PAUSE_HINT, STOP_HINT};
use crate::lifecycle::{Action, Answered, Input, Machine, Order, Report, State};

fn order(order: Order) -> Input {
    Input::Order(order)
}

fn done(what: Answered) -> Input {
    Input::Answer(what, Ok(()))
}

fn failed(what: Answered) -> Input {
    Input::Answer(what, Err("no such file".to_owned()))
}

const RELOAD: Input = Input::Order(Order::Reload);

#[test]
fn a_reload_is_announced_and_answered() {
    let config = declaring(&["reload"]);
    let (_, actions) = run(config, &[Input::Ready, RELOAD, done(Answered::Reload)]);
    assert_eq!(
        actions[1..],
        [
            running(),
            settled(State::Reloading),
            Action::Deliver(Order::Reload),
            running()
        ]
    );
}

#[test]
fn a_reload_that_nobody_handles_is_none() {
    let (_, actions) = run(free(), &[Input::Ready, RELOAD]);
    assert_eq!(actions[1..], [running()]);
}

#[test]
fn a_reload_during_the_start_waits_for_its_end() {
    let config = declaring(&["reload"]);
    let (mut machine, _) = Machine::new(config, moment(0));
    assert_eq!(machine.step(&RELOAD, moment(1)), []);
    assert_eq!(machine.step(&RELOAD, moment(2)), []);
    assert_eq!(
        machine.step(&Input::Ready, moment(3)),
        [
            running(),
            settled(State::Reloading),
            Action::Deliver(Order::Reload)
        ]
    );
    // Both were about what is read now.
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(4)),
        [running()]
    );
}

#[test]
fn a_reload_during_a_reload_is_one_more() {
    let config = declaring(&["reload"]);
    let (mut machine, _) = Machine::new(config, moment(0));
    machine.step(&Input::Ready, moment(1));
    machine.step(&RELOAD, moment(2));
    assert_eq!(machine.step(&RELOAD, moment(3)), []);
    assert_eq!(machine.step(&RELOAD, moment(3)), []);
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(4)),
        [
            running(),
            settled(State::Reloading),
            Action::Deliver(Order::Reload)
        ]
    );
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(5)),
        [running()]
    );
}

#[test]
fn a_failed_reload_is_said_until_one_succeeds() {
    let config = declaring(&["reload"]);
    let words = Input::Status("port 80".to_owned());
    let (mut machine, _) = run(config, &[Input::Ready, words, RELOAD]);
    let message = "the reload failed: no such file".to_owned();
    assert_eq!(
        machine.step(&failed(Answered::Reload), moment(9)),
        [
            Action::Log(message.clone()),
            Action::Status(message),
            running()
        ]
    );
    machine.step(&RELOAD, moment(10));
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(11)),
        [Action::Status("port 80".to_owned()), running()]
    );
    // Words that came meanwhile stay.
    machine.step(&RELOAD, moment(12));
    machine.step(&failed(Answered::Reload), moment(13));
    machine.step(&Input::Status("port 81".to_owned()), moment(14));
    machine.step(&RELOAD, moment(15));
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(16)),
        [running()]
    );
}

#[test]
fn a_reload_and_a_pause_can_be_given_more_time() {
    let config = declaring(&["reload", "pause"]);
    let more = Input::Extend(Duration::from_secs(90));
    let told = Duration::from_secs(100);
    let (mut machine, _) = run(config, &[Input::Ready, RELOAD]);
    // The reload is announced once.
    let again = Action::Arm(Some(moment(60)));
    assert_eq!(
        machine.step(&more, moment(10)),
        [Action::Extend(told), again]
    );
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(11)),
        [running(), Action::Arm(None)]
    );
    machine.step(&order(Order::Pause), moment(12));
    let actions = machine.step(&more, moment(13));
    let pending = Report {
        state: State::Pausing,
        checkpoint: 2,
        wait_hint: told,
        accepts: Controls::Stop,
        exit: None,
    };
    assert_eq!(
        actions[..2],
        [Action::Report(pending), Action::Extend(told)]
    );
}

#[test]
fn a_stop_during_a_reload_goes_first() {
    let config = declaring(&["reload"]);
    let stop = Input::Stop(StopReason::Terminate);
    let (mut machine, _) = run(config, &[Input::Ready, RELOAD, RELOAD]);
    assert_eq!(
        machine.step(&stop, moment(9)),
        [Action::Wake, pending(State::Stopping, 1, STOP_HINT)]
    );
    // A late answer is no READY any more, but a failure is not kept quiet.
    assert_eq!(machine.step(&done(Answered::Reload), moment(10)), []);
    assert_eq!(
        machine.step(&failed(Answered::Reload), moment(10))[0],
        Action::Log("the reload failed: no such file".to_owned())
    );
    assert_eq!(machine.exit(), None);
}

fn pausing(state: State) -> Action {
    Action::Report(Report {
        state,
        checkpoint: 1,
        wait_hint: PAUSE_HINT,
        accepts: Controls::Stop,
        exit: None,
    })
}

#[test]
fn a_pause_and_its_end() {
    let (_, actions) = run(
        declaring(&["pause"]),
        &[
            Input::Ready,
            order(Order::Pause),
            done(Answered::Pause),
            order(Order::Continue),
            done(Answered::Continue),
        ],
    );
    assert_eq!(
        actions[1..],
        [
            running(),
            pausing(State::Pausing),
            Action::Deliver(Order::Pause),
            settled(State::Paused),
            pausing(State::Continuing),
            Action::Deliver(Order::Continue),
            running(),
        ]
    );
}

#[test]
fn a_pause_that_failed_is_none() {
    let config = declaring(&["pause"]);
    let (mut machine, _) = run(config, &[Input::Ready, order(Order::Pause)]);
    assert_eq!(
        machine.step(&failed(Answered::Pause), moment(9)).last(),
        Some(&running())
    );
    machine.step(&order(Order::Pause), moment(10));
    machine.step(&done(Answered::Pause), moment(11));
    machine.step(&order(Order::Continue), moment(12));
    // Nor does a pause end that could not be ended.
    assert_eq!(
        machine.step(&failed(Answered::Continue), moment(13)).last(),
        Some(&settled(State::Paused))
    );
}

#[test]
fn the_last_word_about_a_pause_counts() {
    let config = declaring(&["pause", "reload"]);
    let (mut machine, _) = run(config, &[Input::Ready, RELOAD]);
    // Nothing else begins while a reload is under way, and what is taken back never does.
    assert_eq!(machine.step(&order(Order::Pause), moment(9)), []);
    assert_eq!(machine.step(&order(Order::Continue), moment(9)), []);
    assert_eq!(
        machine.step(&done(Answered::Reload), moment(10)),
        [running()]
    );
    machine.step(&order(Order::Pause), moment(11));
    machine.step(&order(Order::Continue), moment(12));
    // A reload waits until the service runs.
    machine.step(&RELOAD, moment(12));
    assert_eq!(
        machine.step(&done(Answered::Pause), moment(13)),
        [
            settled(State::Paused),
            pausing(State::Continuing),
            Action::Deliver(Order::Continue)
        ]
    );
    assert_eq!(
        machine.step(&done(Answered::Continue), moment(14)),
        [
            running(),
            settled(State::Reloading),
            Action::Deliver(Order::Reload)
        ]
    );
}

#[test]
fn only_declared_codes_arrive() {
    let config = declaring(&["128", "255"]);
    let codes = [127, 128, 129, 254, 255, 0].map(|code| order(Order::Custom(code)));
    let (_, actions) = run(config, &codes);
    assert_eq!(
        actions[1..],
        [128, 255].map(|code| Action::Deliver(Order::Custom(code)))
    );
}
