//! The machine: finds the rows of the table and goes from state to state. `effects.rs` has what the rows do.

use std::time::Duration;

use super::table::{self, Due, Kind};
use super::types::{Action, Answered, Config, Exit, Input, Moment, Order, State};
use super::watchdog::{Part, Watch};
use crate::event::StopReason;

#[allow(clippy::struct_excessive_bools)] // Each is one fact about the life, and none implies another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Machine {
    pub(super) config: Config,
    pub(super) state: State,
    pub(super) checkpoint: u32,
    pub(super) wait_hint: Duration,
    /// The latched stop: the first reason.
    pub(super) stop: Option<StopReason>,
    pub(super) asked: bool,
    pub(super) failed: bool,
    /// The last words of the program, to name what was stuck.
    pub(super) phase: Option<String>,
    /// The words are about the start, so that being ready takes them back.
    pub(super) phase_of_start: bool,
    /// The manager shows that a reload failed, not the program's own words.
    pub(super) problem_shown: bool,
    /// Reload as soon as nothing else is under way.
    pub(super) reload_wanted: bool,
    /// Whether the service should be paused, as soon as nothing else is under way.
    pub(super) pause_wanted: bool,
    pub(super) deadline: Option<Moment>,
    /// How long the current deadline allowed, to say it when it passes.
    pub(super) allowed: Duration,
    /// Until when the manager was told to be patient, while that is worth repeating.
    pub(super) told_until: Option<Moment>,
    pub(super) repeat_at: Option<Moment>,
    pub(super) watch: Watch,
    pub(super) armed: Option<Moment>,
    pub(super) exit: Option<Exit>,
}

impl Machine {
    /// A service that has just begun to start, and what to tell the manager about it.
    pub(crate) fn new(config: Config, now: Moment) -> (Self, Vec<Action>) {
        let mut machine = Self {
            config,
            state: State::Starting,
            checkpoint: 0,
            wait_hint: Duration::ZERO,
            stop: None,
            asked: false,
            failed: false,
            phase: None,
            phase_of_start: false,
            problem_shown: false,
            reload_wanted: false,
            pause_wanted: false,
            deadline: config.start_timeout.map(|time| now.after(time)),
            allowed: config.start_timeout.unwrap_or_default(),
            told_until: None,
            repeat_at: None,
            watch: Watch::default(),
            armed: None,
            exit: None,
        };
        let mut out = Vec::new();
        machine.enter(&mut out);
        machine.arm(&mut out);
        (machine, out)
    }

    /// The reason of the latched stop.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        self.stop
    }

    /// How the service ended, once it has.
    pub(crate) fn exit(&self) -> Option<Exit> {
        self.exit
    }

    /// The time left for the current start or stop, if it is bounded.
    pub(crate) fn time_left(&self, now: Moment) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.since(now))
    }

    /// The bound on a stop, if there is one.
    pub(crate) fn stop_timeout(&self) -> Option<Duration> {
        self.config.stop_timeout
    }

    /// Takes one input in, and gives what the host has to do, in order.
    pub(crate) fn step(&mut self, input: &Input, now: Moment) -> Vec<Action> {
        let mut out = Vec::new();
        let mut before = None;
        loop {
            let kind = self.kind(input, now);
            self.apply(kind, input, now, &mut out);
            // Several things may be due at one tick, each once.
            if !matches!(input, Input::Tick(_)) || before.replace(kind) == Some(kind) {
                break;
            }
        }
        while self.carry_out_due(input, now, &mut out) {}
        self.arm(&mut out);
        out
    }

    fn apply(&mut self, kind: Kind, input: &Input, now: Moment, out: &mut Vec<Action>) {
        let Some(row) = table::find(self.state, kind) else {
            return;
        };
        let step = Step {
            from: self.state,
            input,
            order: match input {
                Input::Order(order) => Some(*order),
                _ => None,
            },
            now,
        };
        self.state = row.to.unwrap_or(self.state);
        for effect in row.effects.into_iter().flatten() {
            self.carry_out(effect, &step, out);
        }
    }

    /// Begins what was asked for and can be done now, and tells whether there was such a thing.
    fn carry_out_due(&mut self, input: &Input, now: Moment, out: &mut Vec<Action>) -> bool {
        let (due, order) = if self.state == State::Starting {
            if self.watch.ready_held_until.is_none() || self.lacks_heart() {
                return false;
            }
            (Due::Ready, None)
        } else if self.reload_wanted && self.state == State::Running {
            self.reload_wanted = false;
            (Due::Reload, Some(Order::Reload))
        } else if self.pause_wanted {
            (Due::Pause, Some(Order::Pause))
        } else {
            (Due::Continue, Some(Order::Continue))
        };
        let Some(row) = table::find_due(self.state, due) else {
            return false;
        };
        let step = Step {
            from: self.state,
            input,
            order,
            now,
        };
        self.state = row.to;
        for effect in row.effects.into_iter().flatten() {
            self.carry_out(effect, &step, out);
        }
        true
    }

    fn kind(&self, input: &Input, now: Moment) -> Kind {
        match input {
            Input::Ready if self.lacks_heart() => Kind::ReadyWithoutHeart,
            Input::Ready => Kind::Ready,
            Input::HeartBorn => Kind::HeartBorn,
            Input::Status(_) => Kind::Status,
            Input::Starting { .. } => Kind::Starting,
            Input::Stopping { .. } => Kind::Stopping,
            Input::Extend(_) => Kind::Extend,
            Input::Stop(reason) if reason.is_asked() => Kind::StopAsked,
            Input::Stop(_) => Kind::StopSelf,
            Input::Fail(_) => Kind::Fail,
            Input::Returned { .. } => Kind::Returned,
            Input::Panicked(_) => Kind::Panicked,
            Input::Order(order) if !self.config.declared.has(order) => Kind::Undeclared,
            Input::Order(Order::Reload) => Kind::ReloadAsked,
            Input::Order(Order::Pause) => Kind::PauseAsked,
            Input::Order(Order::Continue) => Kind::ContinueAsked,
            Input::Order(_) => Kind::Told,
            Input::Answer(answered, result) => match (answered, result) {
                (Answered::Reload, Ok(())) => Kind::ReloadDone,
                (Answered::Reload, Err(_)) => Kind::ReloadFailed,
                (Answered::Pause, Ok(())) => Kind::PauseDone,
                (Answered::Pause, Err(_)) => Kind::PauseFailed,
                (Answered::Continue, Ok(())) => Kind::ContinueDone,
                (Answered::Continue, Err(_)) => Kind::ContinueFailed,
            },
            Input::Tick(parts) => self.kind_of_tick(parts, now),
            Input::Interrogate => Kind::Interrogate,
        }
    }

    fn kind_of_tick(&self, parts: &[Part], now: Moment) -> Kind {
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        if is_due(self.deadline) {
            Kind::DeadlinePassed
        } else if is_due(self.watch.ready_held_until) {
            Kind::NoHeart
        } else if is_due(self.watch.abort_at) {
            Kind::MissUnanswered
        } else if is_due(self.watch.pulse_at) {
            match self.missed(parts, now) {
                Some(_) => Kind::HeartMissed,
                None => Kind::PulseDue,
            }
        } else if is_due(self.repeat_at) {
            Kind::ExtendDue
        } else {
            Kind::NothingDue
        }
    }

    fn arm(&mut self, out: &mut Vec<Action>) {
        let moments = [
            self.deadline,
            self.repeat_at,
            self.watch.ready_held_until,
            self.watch.pulse_at,
            self.watch.abort_at,
        ];
        let next = moments.into_iter().flatten().min();
        if next != self.armed {
            self.armed = next;
            out.push(Action::Arm(next));
        }
    }
}

/// What the effects of one step look at.
pub(super) struct Step<'i> {
    /// The state before the step.
    pub(super) from: State,
    pub(super) input: &'i Input,
    /// The order that the step is about.
    pub(super) order: Option<Order>,
    pub(super) now: Moment,
}

impl Step<'_> {
    /// What is at work, if the step is a tick.
    pub(super) fn parts(&self) -> &[Part] {
        match self.input {
            Input::Tick(parts) => parts,
            _ => &[],
        }
    }
}
