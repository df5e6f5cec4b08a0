//! The machine: carries out the rows of the table.

use std::time::Duration;

use super::table::{self, Effect, Kind};
use super::types::{
    Action, Config, Controls, EXIT_FAILED, EXIT_PANICKED, EXIT_TIMED_OUT, Exit, Input, Moment,
    Report, START_HINT, STOP_HINT, State,
};
use crate::event::StopReason;

/// Below this, a grant is not told again: it would be over before it helped.
const SHORTEST_REPEAT: Duration = Duration::from_secs(2);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Machine {
    config: Config,
    state: State,
    checkpoint: u32,
    wait_hint: Duration,
    /// The latched stop: the first reason.
    stop: Option<StopReason>,
    asked: bool,
    failed: bool,
    /// The last words of the program, to name what was stuck.
    phase: Option<String>,
    /// The words are about the start, so that being ready takes them back.
    phase_of_start: bool,
    deadline: Option<Moment>,
    /// How long the current deadline allowed, to say it when it passes.
    allowed: Duration,
    /// Until when the manager was told to be patient, while that is worth repeating.
    told_until: Option<Moment>,
    repeat_at: Option<Moment>,
    armed: Option<Moment>,
    exit: Option<Exit>,
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
            deadline: config.start_timeout.map(|time| now.after(time)),
            allowed: config.start_timeout.unwrap_or_default(),
            told_until: None,
            repeat_at: None,
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
        let kind = self.kind(input, now);
        if let Some(row) = table::find(self.state, kind) {
            let from = self.state;
            self.state = row.to;
            for effect in row.effects {
                self.carry_out(*effect, from, input, now, &mut out);
            }
        }
        self.arm(&mut out);
        out
    }

    fn kind(&self, input: &Input, now: Moment) -> Kind {
        match input {
            Input::Ready => Kind::Ready,
            Input::Status(_) => Kind::Status,
            Input::Starting { .. } => Kind::Starting,
            Input::Stopping { .. } => Kind::Stopping,
            Input::Stop(reason) if reason.is_asked() => Kind::StopAsked,
            Input::Stop(_) => Kind::StopSelf,
            Input::Fail(_) => Kind::Fail,
            Input::Returned { .. } => Kind::Returned,
            Input::Panicked(_) => Kind::Panicked,
            Input::Tick if self.deadline.is_some_and(|at| at <= now) => Kind::DeadlinePassed,
            Input::Tick if self.repeat_at.is_some_and(|at| at <= now) => Kind::ExtendDue,
            Input::Tick => Kind::NothingDue,
            Input::Interrogate => Kind::Interrogate,
        }
    }

    fn carry_out(
        &mut self,
        effect: Effect,
        from: State,
        input: &Input,
        now: Moment,
        out: &mut Vec<Action>,
    ) {
        match effect {
            Effect::LatchStop => self.latch_stop(input, out),
            Effect::NoteAsked => self.asked = true,
            Effect::LatchFailure => self.latch_failure(input, out),
            Effect::StartStopClock => {
                self.deadline = self.config.stop_timeout.map(|time| now.after(time));
                self.allowed = self.config.stop_timeout.unwrap_or_default();
                self.forget_grant();
            }
            Effect::EndStartClock => {
                self.deadline = None;
                self.forget_grant();
                if std::mem::take(&mut self.phase_of_start) {
                    self.phase = None;
                    out.push(Action::Status(String::new()));
                }
            }
            Effect::Report => self.enter(out),
            Effect::ReportStopping => out.push(Action::Report(Report {
                state: State::Stopping,
                checkpoint: 1,
                wait_hint: self.config.stop_timeout.unwrap_or(STOP_HINT),
                accepts: Controls::None,
                exit: None,
            })),
            Effect::Say => self.say(input, out),
            Effect::Grant => self.grant(input, now, out),
            Effect::ExtendAgain => self.extend(now, out),
            Effect::Conclude => self.conclude(input, out),
            Effect::TimeOut => self.time_out(from, out),
            Effect::Exit => out.push(Action::Exit(EXIT_TIMED_OUT)),
            Effect::Crash => out.push(Action::Crash),
        }
    }

    /// Reports the state just entered.
    fn enter(&mut self, out: &mut Vec<Action>) {
        (self.checkpoint, self.wait_hint) = match self.state {
            State::Starting => (1, self.config.start_timeout.unwrap_or(START_HINT)),
            State::Stopping => (1, self.config.stop_timeout.unwrap_or(STOP_HINT)),
            State::Running | State::Stopped => (0, Duration::ZERO),
        };
        if self.state == State::Stopped {
            self.deadline = None;
            self.forget_grant();
        }
        self.report(out);
    }

    fn report(&self, out: &mut Vec<Action>) {
        out.push(Action::Report(Report {
            state: self.state,
            checkpoint: self.checkpoint,
            wait_hint: self.wait_hint,
            accepts: if self.state == State::Running {
                Controls::Stop
            } else {
                Controls::None
            },
            exit: if self.state == State::Stopped {
                self.exit
            } else {
                None
            },
        }));
    }

    fn latch_stop(&mut self, input: &Input, out: &mut Vec<Action>) {
        if self.stop.is_none() {
            self.stop = Some(match input {
                Input::Stop(reason) => *reason,
                Input::Fail(_) | Input::Panicked(_) | Input::Tick => StopReason::Failed,
                _ => StopReason::Internal,
            });
            out.push(Action::Wake);
        }
    }

    fn latch_failure(&mut self, input: &Input, out: &mut Vec<Action>) {
        if let Input::Fail(message) = input {
            self.failed = true;
            out.push(Action::Log(message.clone()));
            out.push(Action::Status(message.clone()));
        }
    }

    fn say(&mut self, input: &Input, out: &mut Vec<Action>) {
        let (Input::Status(text) | Input::Starting { text, .. } | Input::Stopping { text, .. }) =
            input
        else {
            return;
        };
        self.phase_of_start =
            self.state == State::Starting && matches!(input, Input::Starting { .. });
        self.phase = if text.is_empty() {
            None
        } else {
            Some(text.clone())
        };
        out.push(Action::Status(text.clone()));
    }

    /// The program gets the whole time it asked for; the manager is told a little more, so that the log can say what
    /// was stuck before the manager kills. The same tenth that `SVC_STOP_TIMEOUT_USEC` leaves of `TimeoutStopSec=`.
    fn grant(&mut self, input: &Input, now: Moment, out: &mut Vec<Action>) {
        let (Input::Starting { granted, .. } | Input::Stopping { granted, .. }) = input else {
            return;
        };
        let told = granted.saturating_add(*granted / 9);
        self.checkpoint = self.checkpoint.saturating_add(1);
        self.wait_hint = told;
        self.report(out);
        let until = now.after(*granted);
        if self.deadline.is_some_and(|deadline| deadline < until) {
            self.deadline = Some(until);
            self.allowed = *granted;
        }
        self.told_until = self.told_until.max(Some(now.after(told)));
        self.extend(now, out);
    }

    /// systemd counts a grant from the datagram that carries it, and a datagram can be lost: so it is told again at half
    /// of what is left, always with the same end. A start or stop that hangs gains nothing by it.
    fn extend(&mut self, now: Moment, out: &mut Vec<Action>) {
        let left = self
            .told_until
            .map(|until| until.since(now))
            .unwrap_or_default();
        if left > Duration::ZERO {
            out.push(Action::Extend(left));
        }
        if left >= SHORTEST_REPEAT {
            self.repeat_at = Some(now.after(left / 2));
        } else {
            self.repeat_at = None;
        }
    }

    fn forget_grant(&mut self) {
        self.told_until = None;
        self.repeat_at = None;
    }

    fn conclude(&mut self, input: &Input, out: &mut Vec<Action>) {
        let (code, error) = match input {
            Input::Returned { code, error } => (*code, error.clone()),
            Input::Panicked(message) => (EXIT_PANICKED, Some(format!("panicked: {message}"))),
            _ => return,
        };
        let code = if code == 0 && self.failed {
            EXIT_FAILED
        } else {
            code
        };
        let unasked = self.config.restart_always && !self.asked;
        self.exit = Some(Exit {
            code,
            failure: code != 0 || unasked,
        });
        self.deadline = None;
        self.forget_grant();
        if let Some(error) = error {
            out.push(Action::Log(error.clone()));
            out.push(Action::Status(error));
        }
    }

    fn time_out(&mut self, from: State, out: &mut Vec<Action>) {
        let doing = if from == State::Starting {
            "start"
        } else {
            "stop"
        };
        let stuck = match &self.phase {
            Some(phase) => format!("it was at \"{phase}\""),
            None => "it did not say at what".to_owned(),
        };
        let message = format!(
            "the {doing} is stuck: no progress within {}; {stuck}",
            in_words(self.allowed)
        );
        self.exit = Some(Exit {
            code: EXIT_TIMED_OUT,
            failure: true,
        });
        out.push(Action::Log(message.clone()));
        out.push(Action::Status(message));
    }

    fn arm(&mut self, out: &mut Vec<Action>) {
        let next = match (self.deadline, self.repeat_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if next != self.armed {
            self.armed = next;
            out.push(Action::Arm(next));
        }
    }
}

/// A duration as people write it: `30 s`, `1500 ms`.
fn in_words(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", time.as_millis())
    }
}
