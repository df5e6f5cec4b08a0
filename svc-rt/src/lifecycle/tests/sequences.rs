//! Every sequence of inputs, seen as a manager sees it.

use std::collections::HashSet;
use std::time::Duration;

use super::TICK;
use super::manager::Manager;
use crate::event::StopReason;
use crate::lifecycle::{
    Answered, Config, Declared, Exit, Input, Life, Machine, Moment, Order, Part, State,
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
    if config.watchdog.is_some() {
        let silent = ORIGIN.0.saturating_sub(50 * TICK);
        all.extend([
            (TICK, Input::HeartBorn),
            (6 * TICK, beat(Some(Moment(silent)))),
            (6 * TICK, beat(None)),
            (6 * TICK, Input::Tick(Vec::new())),
        ]);
    }
    all
}

/// When each step begins. What was before is at an earlier moment.
const ORIGIN: Moment = Moment(Duration::from_secs(10_000));

/// A tick, and the last beat of the only heart.
fn beat(at: Option<Moment>) -> Input {
    Input::Tick(vec![Part {
        name: "text".into(),
        life: at.map_or(Life::Resting, Life::Beat),
    }])
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
        (TICK, Input::Extend(10 * TICK)),
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
        (Duration::ZERO, beat(Some(ORIGIN))),
        (6 * TICK, beat(Some(ORIGIN.after(6 * TICK)))),
        (100 * TICK, beat(Some(ORIGIN.after(100 * TICK)))),
        (TICK, Input::Interrogate),
    ]
}

/// The same machine and manager at the origin of time, with the checkpoint of a first report: two that differ in nothing
/// else go on alike.
fn at_the_origin(machine: &mut Machine, manager: &mut Manager, now: Moment) {
    let moments = [
        &mut machine.deadline,
        &mut machine.told_until,
        &mut machine.repeat_at,
        &mut machine.armed,
        &mut machine.watch.ready_held_until,
        &mut machine.watch.pulse_at,
        &mut machine.watch.abort_at,
        &mut manager.timer,
    ];
    let later = now.since(ORIGIN);
    let back = |moment: &mut Moment| *moment = Moment(moment.0.saturating_sub(later));
    moments.into_iter().flatten().for_each(back);
    back(&mut machine.watch.excused);
    machine.checkpoint = machine.checkpoint.min(1);
    manager.checkpoint = manager.checkpoint.min(1);
}

/// All sequences up to this length. Two that lead to the same machine and the same manager are followed once, which
/// leaves out none. Miri takes hours for what are seconds otherwise, and sees as much in the short ones.
const LENGTH: usize = if cfg!(miri) { 2 } else { 8 };

fn explore(config: Config) {
    let (mut machine, actions) = Machine::new(config, ORIGIN);
    let mut manager = Manager::default();
    manager.see(&actions, None, ORIGIN);
    at_the_origin(&mut machine, &mut manager, ORIGIN);
    let mut seen = HashSet::from([(machine, manager)]);
    let mut layer: Vec<_> = seen.iter().cloned().collect();
    let alphabet = alphabet(config);
    for _ in 0..LENGTH {
        let mut next = Vec::new();
        for (machine, manager) in &layer {
            for (later, input) in &alphabet {
                let (mut machine, mut manager) = (machine.clone(), manager.clone());
                let now = ORIGIN.after(*later);
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
fn every_sequence_with_a_watchdog_keeps_the_rules() {
    explore(Config {
        declared: Declared::new(&["reload"]),
        watchdog: Some(10 * TICK),
        stop_timeout: Some(20 * TICK),
        ..Config::default()
    });
}

#[test]
fn every_sequence_with_orders_keeps_the_rules() {
    for events in [&["reload"][..], &["pause"], &["reload", "pause", "200"]] {
        explore(Config {
            declared: Declared::new(events),
            stop_timeout: Some(20 * TICK),
            ..Config::default()
        });
    }
}
