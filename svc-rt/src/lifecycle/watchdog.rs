//! The watchdog: the manager is told that the service is alive only while everything in it that has a heart is.

use std::sync::Arc;
use std::time::Duration;

use super::machine::Machine;
use super::types::{Action, Moment};

/// Something at work in the service, as it was when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    pub(crate) name: Arc<str>,
    pub(crate) life: Life,
}

/// How a part shows that it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Life {
    /// Whoever waits for events, who beats too but is no work.
    Waiter(Moment),
    /// A heart, which beat last then.
    Beat(Moment),
    /// A heart that has nothing to do and need not beat.
    Resting,
    /// Work that has no heart.
    Task,
}

impl Part {
    fn has_heart(&self) -> bool {
        self.life != Life::Task
    }

    fn beat(&self) -> Option<Moment> {
        match self.life {
            Life::Waiter(beat) | Life::Beat(beat) => Some(beat),
            Life::Resting | Life::Task => None,
        }
    }

    /// Whether it is work that a stop waits for.
    pub(super) fn is_work(&self) -> bool {
        !matches!(self.life, Life::Waiter(_))
    }
}

/// What the machine knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Watch {
    /// There was a heart at some time.
    pub(super) has_heart: bool,
    /// The program is ready, and the manager is told once there is a heart: until then at the latest.
    pub(super) ready_held_until: Option<Moment>,
    /// When to look next. Set while the service is watched.
    pub(super) pulse_at: Option<Moment>,
    /// A beat before this moment counts as one at it: the service could not beat.
    pub(super) excused: Moment,
    /// A heart was missed and the manager told; if it does not act by then, the process ends itself.
    pub(super) abort_at: Option<Moment>,
}

/// What does not beat.
pub(super) enum Missed<'h> {
    /// This one was silent for the whole period.
    One(&'h Part),
    /// There is no heart left.
    All,
}

impl Machine {
    /// The period, if the service is watched at all.
    fn period(&self) -> Option<Duration> {
        self.config.watchdog
    }

    /// Whether being ready has to wait for a heart.
    pub(super) fn lacks_heart(&self) -> bool {
        self.period().is_some() && !self.watch.has_heart
    }

    pub(super) fn hold_ready(&mut self, now: Moment) {
        if self.watch.ready_held_until.is_none() {
            self.watch.ready_held_until = self.period().map(|period| now.after(period));
        }
    }

    /// The service is ready, and so watched from now on.
    pub(super) fn start_pulse(&mut self, now: Moment, out: &mut Vec<Action>) {
        self.watch.ready_held_until = None;
        let Some(period) = self.period() else { return };
        self.watch.excused = now;
        self.watch.pulse_at = Some(now.after(period / 2));
        out.push(Action::Poke);
    }

    pub(super) fn stop_pulse(&mut self) {
        self.watch.ready_held_until = None;
        self.watch.pulse_at = None;
        self.watch.abort_at = None;
    }

    /// Nobody has looked for so long that the process itself must have stood still: suspended, or stopped by a signal.
    fn stood_still(&self, period: Duration, now: Moment) -> bool {
        let looked = |at: Moment| now.since(at) > period / 2;
        self.watch.pulse_at.is_some_and(looked)
    }

    /// Since when a heart has to have beaten.
    fn since(&self, beat: Moment) -> Moment {
        beat.max(self.watch.excused)
    }

    /// What is wrong, if anything is.
    pub(super) fn missed<'h>(&self, parts: &'h [Part], now: Moment) -> Option<Missed<'h>> {
        let period = self.period()?;
        if self.stood_still(period, now) {
            return None;
        }
        if !parts.iter().any(Part::has_heart) {
            return Some(Missed::All);
        }
        let beating = parts.iter().filter_map(|part| Some((part, part.beat()?)));
        let silent = beating.filter(|(_, beat)| now.since(self.since(*beat)) > period);
        let oldest = silent.min_by_key(|(_, beat)| *beat);
        oldest.map(|(part, _)| Missed::One(part))
    }

    /// All is well: tell the manager, and look again soon enough to notice the next miss when it happens.
    pub(super) fn ping(&mut self, parts: &[Part], now: Moment, out: &mut Vec<Action>) {
        /// A miss is one only after the period.
        const JUST_AFTER: Duration = Duration::from_millis(1);
        let Some(period) = self.period() else { return };
        if self.stood_still(period, now) {
            self.watch.excused = now;
        }
        let oldest = parts.iter().filter_map(Part::beat).min();
        let due = oldest.map(|beat| self.since(beat).after(period).after(JUST_AFTER));
        let usual = now.after(period / 2);
        self.watch.pulse_at = Some(due.map_or(usual, |due| due.min(usual)));
        out.push(Action::Ping);
        out.push(Action::Poke);
    }

    pub(super) fn miss(&mut self, parts: &[Part], now: Moment, out: &mut Vec<Action>) {
        let Some(period) = self.period() else { return };
        let within = super::effects::in_words(period);
        let message = match self.missed(parts, now) {
            Some(Missed::One(part)) => {
                format!(
                    "the watchdog missed a heart: \"{}\" has not beaten within {within}",
                    part.name
                )
            }
            _ => format!("the watchdog missed a heart: none is left to beat within {within}"),
        };
        self.watch.pulse_at = None;
        self.watch.abort_at = Some(now.after(period / 2));
        out.push(Action::Log(message.clone()));
        out.push(Action::Status(message));
        out.push(Action::Missed);
    }
}
