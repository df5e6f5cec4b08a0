//! What the rows of the table do.

use std::time::Duration;

use super::machine::{Machine, Step};
use super::table::Effect;
use super::types::{
    Action, Answered, Controls, EXIT_FAILED, EXIT_PANICKED, EXIT_TIMED_OUT, Exit, Input, Moment,
    PAUSE_HINT, Report, START_HINT, STOP_HINT, State,
};
use crate::event::StopReason;

/// Below this, a grant is not told again: it would be over before it helped.
const SHORTEST_REPEAT: Duration = Duration::from_secs(2);

impl Machine {
    pub(super) fn carry_out(&mut self, effect: Effect, step: &Step<'_>, out: &mut Vec<Action>) {
        let (input, now) = (step.input, step.now);
        match effect {
            Effect::LatchStop => self.latch_stop(input, out),
            Effect::NoteAsked => self.asked = true,
            Effect::LatchFailure => self.latch_failure(input, out),
            Effect::StartStopClock => {
                self.stop_pulse();
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
            Effect::WantReload => self.reload_wanted = true,
            Effect::WantPause => self.pause_wanted = true,
            Effect::WantRun => self.pause_wanted = false,
            Effect::Deliver => out.extend(step.order.map(Action::Deliver)),
            Effect::SayProblem => self.say_problem(input, out),
            Effect::TakeBackProblem => {
                if std::mem::take(&mut self.problem_shown) {
                    out.push(Action::Status(self.phase.clone().unwrap_or_default()));
                }
            }
            Effect::NoteHeart => self.watch.has_heart = true,
            Effect::HoldReady => self.hold_ready(now),
            Effect::FailWithoutHeart => self.fail_without_heart(out),
            Effect::StartPulse => self.start_pulse(now, out),
            Effect::StopClocks => {
                self.stop_pulse();
                self.forget_grant();
            }
            Effect::Ping => self.ping(step.parts(), now, out),
            Effect::Miss => self.miss(step.parts(), now, out),
            Effect::Abort => out.push(Action::Abort),
            Effect::Conclude => self.conclude(input, out),
            Effect::TimeOut => self.time_out(step, out),
            Effect::Exit => out.push(Action::Exit(EXIT_TIMED_OUT)),
            Effect::Crash => out.push(Action::Crash),
        }
    }

    /// Reports the state just entered.
    pub(super) fn enter(&mut self, out: &mut Vec<Action>) {
        (self.checkpoint, self.wait_hint) = match self.state {
            State::Starting => (1, self.config.start_timeout.unwrap_or(START_HINT)),
            State::Stopping => (1, self.config.stop_timeout.unwrap_or(STOP_HINT)),
            State::Pausing | State::Continuing => (1, PAUSE_HINT),
            State::Running | State::Reloading | State::Paused | State::Stopped => {
                (0, Duration::ZERO)
            }
        };
        self.forget_grant();
        if self.state == State::Stopped {
            self.deadline = None;
            self.stop_pulse();
        }
        self.report(out);
    }

    fn report(&self, out: &mut Vec<Action>) {
        out.push(Action::Report(Report {
            state: self.state,
            checkpoint: self.checkpoint,
            wait_hint: self.wait_hint,
            accepts: match self.state {
                State::Running | State::Reloading | State::Paused => Controls::All,
                State::Pausing | State::Continuing => Controls::Stop,
                State::Starting | State::Stopping | State::Stopped => Controls::None,
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
                Input::Fail(_) | Input::Panicked(_) | Input::Tick(_) => StopReason::Failed,
                _ => StopReason::Internal,
            });
            out.push(Action::Wake);
        }
    }

    fn latch_failure(&mut self, input: &Input, out: &mut Vec<Action>) {
        if let Input::Fail(message) = input {
            self.fail(message.clone(), out);
        }
    }

    fn fail(&mut self, message: String, out: &mut Vec<Action>) {
        self.failed = true;
        out.push(Action::Log(message.clone()));
        out.push(Action::Status(message));
    }

    fn fail_without_heart(&mut self, out: &mut Vec<Action>) {
        let message = "the service has a watchdog and nothing that beats: wait for events \
                       (`svc.wait_event()`, `svc.event()`), or take a heart (`svc.heart(\"…\")`), before it is ready";
        self.fail(message.to_owned(), out);
    }

    fn say(&mut self, input: &Input, out: &mut Vec<Action>) {
        let (Input::Status(text) | Input::Starting { text, .. } | Input::Stopping { text, .. }) =
            input
        else {
            return;
        };
        self.problem_shown = false;
        self.phase_of_start =
            self.state == State::Starting && matches!(input, Input::Starting { .. });
        self.phase = if text.is_empty() {
            None
        } else {
            Some(text.clone())
        };
        out.push(Action::Status(text.clone()));
    }

    /// The program's own words come back when the next reload succeeds; a pause has no such second time.
    fn say_problem(&mut self, input: &Input, out: &mut Vec<Action>) {
        let Input::Answer(answered, Err(error)) = input else {
            return;
        };
        let what = match answered {
            Answered::Reload => "reload",
            Answered::Pause => "pause",
            Answered::Continue => "end of the pause",
        };
        let message = format!("the {what} failed: {error}");
        self.problem_shown = *answered == Answered::Reload;
        out.push(Action::Log(message.clone()));
        out.push(Action::Status(message));
    }

    /// The program gets the whole time it asked for; the manager is told a little more, so that the log can say what
    /// was stuck before the manager kills. The same tenth that `SVC_STOP_TIMEOUT_USEC` leaves of `TimeoutStopSec=`.
    fn grant(&mut self, input: &Input, now: Moment, out: &mut Vec<Action>) {
        let (Input::Starting { granted, .. }
        | Input::Stopping { granted, .. }
        | Input::Extend(granted)) = input
        else {
            return;
        };
        let told = granted.saturating_add(*granted / 9);
        // A reload is nothing pending for the SCM, and has no checkpoint there.
        if self.state != State::Reloading {
            self.checkpoint = self.checkpoint.saturating_add(1);
            self.wait_hint = told;
            self.report(out);
        }
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
        self.stop_pulse();
        if let Some(error) = error {
            out.push(Action::Log(error.clone()));
            out.push(Action::Status(error));
        }
    }

    fn time_out(&mut self, step: &Step<'_>, out: &mut Vec<Action>) {
        let doing = if step.from == State::Starting {
            "start"
        } else {
            "stop"
        };
        let stuck = match &self.phase {
            Some(phase) => format!("it was at \"{phase}\""),
            None => "it did not say at what".to_owned(),
        };
        let mut message = format!(
            "the {doing} is stuck: no progress within {}; {stuck}",
            in_words(self.allowed)
        );
        let mut still = "; still at work: ";
        for part in step.parts().iter().filter(|part| part.is_work()) {
            message.push_str(still);
            message.push('"');
            message.push_str(&part.name);
            message.push('"');
            still = ", ";
        }
        self.exit = Some(Exit {
            code: EXIT_TIMED_OUT,
            failure: true,
        });
        out.push(Action::Log(message.clone()));
        out.push(Action::Status(message));
    }
}

/// A duration as people write it: `30 s`, `1500 ms`.
pub(super) fn in_words(time: Duration) -> String {
    if time.subsec_nanos() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }
}
