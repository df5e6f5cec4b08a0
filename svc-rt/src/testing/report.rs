//! What a fake manager hears.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::host::Sink;
use crate::lifecycle::{self, Action};

/// Where a service is in its life.
///
/// ```
/// use svc_rt::testing::State;
///
/// assert_ne!(State::Running, State::Paused);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It runs and is not ready.
    Starting,
    /// Ready.
    Running,
    /// It was asked to reload and has not answered.
    Reloading,
    /// It was asked to pause and has not answered.
    Pausing,
    /// Paused.
    Paused,
    /// It was asked to go on after a pause and has not answered.
    Continuing,
    /// It is to stop, and is finishing.
    Stopping,
    /// The end.
    Stopped,
}

impl From<lifecycle::State> for State {
    fn from(state: lifecycle::State) -> Self {
        match state {
            lifecycle::State::Starting => Self::Starting,
            lifecycle::State::Running => Self::Running,
            lifecycle::State::Reloading => Self::Reloading,
            lifecycle::State::Pausing => Self::Pausing,
            lifecycle::State::Paused => Self::Paused,
            lifecycle::State::Continuing => Self::Continuing,
            lifecycle::State::Stopping => Self::Stopping,
            lifecycle::State::Stopped => Self::Stopped,
        }
    }
}

/// Something that a manager is told.
///
/// ```
/// use svc_rt::testing::Report;
///
/// fn words(reports: &[Report]) -> Vec<&str> {
///     let words = reports.iter().filter_map(|report| match report {
///         Report::Status(text) => Some(text.as_str()),
///         _ => None,
///     });
///     words.collect()
/// }
/// # let _ = words;
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Report {
    /// It reached this state, or made progress in it.
    State(State),
    /// What it is doing, in its own words; empty if it takes the last ones back.
    Status(String),
    /// What is pending may take this much longer: a ninth more than the program was granted.
    Extended(Duration),
    /// An error for the log.
    Log(String),
    /// A sign of life for the watchdog.
    Alive,
    /// A heart was missed. A manager ends the service now.
    Missed,
}

/// How a service ended.
///
/// ```
/// use svc_rt::testing::End;
///
/// assert_ne!(End::Exited(0), End::Panicked);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// With this exit code.
    Exited(u8),
    /// Its function panicked: exit code 101, and no orderly end for the SCM.
    Panicked,
    /// Its start or stop got stuck, and the process would have ended itself with this code. The service's thread is still
    /// there.
    Stuck(u8),
    /// A heart was missed and the manager did nothing about it, so that the process would have aborted itself. The service's thread
    /// may still be there.
    Aborted,
}

/// Hears what is reported, and keeps it.
#[derive(Clone, Default)]
pub(super) struct Record(Arc<(Mutex<Heard>, Condvar)>);

#[derive(Default)]
pub(super) struct Heard {
    pub(super) reports: Vec<Report>,
    pub(super) end: Option<End>,
    /// The state it is in.
    state: Option<State>,
    /// The states it came to that no test has waited for yet: it may be in one for less time than a test takes to look.
    passed: Vec<State>,
}

impl Heard {
    /// Whether it is in this state, or came through it since the last one that was found.
    pub(super) fn find(&mut self, state: State) -> bool {
        match self.passed.iter().position(|passed| *passed == state) {
            Some(place) => drop(self.passed.drain(..=place)),
            None => return self.state == Some(state),
        }
        true
    }
}

impl Record {
    pub(super) fn heard(&self) -> MutexGuard<'_, Heard> {
        let (heard, _) = &*self.0;
        heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end_as(&self, end: End) {
        self.heard().end.get_or_insert(end);
        self.0.1.notify_all();
    }

    /// Waits until something is found in what was heard, at most for `limit`.
    pub(super) fn wait<T>(
        &self,
        limit: Duration,
        mut find: impl FnMut(&mut Heard) -> Option<T>,
    ) -> Option<T> {
        let (_, changed) = &*self.0;
        let mut found = None;
        let waited = changed.wait_timeout_while(self.heard(), limit, |heard| {
            found = find(heard);
            found.is_none()
        });
        drop(waited);
        found
    }
}

impl Sink for Record {
    fn carry_out(&mut self, action: &Action) {
        let report = match action {
            Action::Report(report) => Report::State(report.state.into()),
            Action::Status(text) => Report::Status(text.clone()),
            Action::Extend(time) => Report::Extended(*time),
            Action::Log(text) => Report::Log(text.clone()),
            Action::Ping => Report::Alive,
            Action::Missed => Report::Missed,
            Action::Exit(code) => return self.end_as(End::Stuck(*code)),
            Action::Crash => return self.end_as(End::Panicked),
            Action::Abort => return self.end_as(End::Aborted),
            Action::Wake | Action::Deliver(_) | Action::Poke | Action::Arm(_) => return,
        };
        let mut heard = self.heard();
        if let Report::State(state) = report {
            heard.state = Some(state);
            heard.passed.push(state);
        }
        heard.reports.push(report);
        drop(heard);
        self.0.1.notify_all();
    }
}
