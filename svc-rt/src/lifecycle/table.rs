//! Every transition, as data: one row for each state and kind of input.

use super::types::State;
use super::types::State::{Running, Starting, Stopped, Stopping};

/// An input without what it carries, as far as transitions care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Ready,
    Status,
    Starting,
    Stopping,
    /// A stop that came from outside.
    StopAsked,
    /// A stop that the program itself wants.
    StopSelf,
    Fail,
    Returned,
    Panicked,
    /// A tick with the deadline reached.
    DeadlinePassed,
    /// A tick with a granted extension due to be told again.
    ExtendDue,
    /// A tick with nothing due.
    NothingDue,
    Interrogate,
}

/// What a row does, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Remember the first reason to stop, and wake the waiters if it is the first.
    LatchStop,
    /// Remember that somebody outside asked, which makes a clean exit the wanted one.
    NoteAsked,
    /// Remember the failure, log it and say it.
    LatchFailure,
    /// Start the clock of the stop; grants of the start are over.
    StartStopClock,
    /// The start is over: no deadline, no grants, and the words of a phase of the start are taken back.
    EndStartClock,
    /// Report the state entered, with the first checkpoint if it is a pending one.
    Report,
    /// Report a stop that begins and ends with this input.
    ReportStopping,
    /// Remember and say what the program is doing.
    Say,
    /// Real progress: next checkpoint, later deadline, and the manager is told how much longer.
    Grant,
    /// Tell the manager again what is left of the grant.
    ExtendAgain,
    /// Settle the exit code; log and say the error, if there is one.
    Conclude,
    /// Settle the exit code of a start or stop that took too long; log what was stuck.
    TimeOut,
    /// End the process at once.
    Exit,
    /// End the process as a crash.
    Crash,
}

pub(crate) struct Row {
    pub(crate) from: State,
    pub(crate) on: Kind,
    pub(crate) to: State,
    pub(crate) effects: &'static [Effect],
}

const fn row(from: State, on: Kind, to: State, effects: &'static [Effect]) -> Row {
    Row {
        from,
        on,
        to,
        effects,
    }
}

use Effect as E;
use Kind as K;

#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    row(Starting, K::Ready, Running, &[E::EndStartClock, E::Report]),
    row(Starting, K::Status, Starting, &[E::Say]),
    row(Starting, K::Starting, Starting, &[E::Say, E::Grant]),
    row(Starting, K::Stopping, Stopping, &[E::LatchStop, E::StartStopClock, E::Report, E::Say, E::Grant]),
    row(Starting, K::StopAsked, Stopping, &[E::LatchStop, E::NoteAsked, E::StartStopClock, E::Report]),
    row(Starting, K::StopSelf, Stopping, &[E::LatchStop, E::StartStopClock, E::Report]),
    row(Starting, K::Fail, Stopping, &[E::LatchFailure, E::LatchStop, E::StartStopClock, E::Report]),
    row(Starting, K::Returned, Stopped, &[E::Conclude, E::LatchStop, E::ReportStopping, E::Report]),
    row(Starting, K::Panicked, Stopped, &[E::Conclude, E::LatchStop, E::Crash]),
    row(Starting, K::DeadlinePassed, Stopped, &[E::TimeOut, E::LatchStop, E::ReportStopping, E::Report, E::Exit]),
    row(Starting, K::ExtendDue, Starting, &[E::ExtendAgain]),
    row(Starting, K::NothingDue, Starting, &[]),
    row(Starting, K::Interrogate, Starting, &[]),

    row(Running, K::Ready, Running, &[]),
    row(Running, K::Status, Running, &[E::Say]),
    row(Running, K::Starting, Running, &[E::Say]),
    row(Running, K::Stopping, Stopping, &[E::LatchStop, E::StartStopClock, E::Report, E::Say, E::Grant]),
    row(Running, K::StopAsked, Stopping, &[E::LatchStop, E::NoteAsked, E::StartStopClock, E::Report]),
    row(Running, K::StopSelf, Stopping, &[E::LatchStop, E::StartStopClock, E::Report]),
    row(Running, K::Fail, Stopping, &[E::LatchFailure, E::LatchStop, E::StartStopClock, E::Report]),
    row(Running, K::Returned, Stopped, &[E::Conclude, E::LatchStop, E::ReportStopping, E::Report]),
    row(Running, K::Panicked, Stopped, &[E::Conclude, E::LatchStop, E::Crash]),
    row(Running, K::DeadlinePassed, Running, &[]),
    row(Running, K::ExtendDue, Running, &[]),
    row(Running, K::NothingDue, Running, &[]),
    row(Running, K::Interrogate, Running, &[]),

    row(Stopping, K::Ready, Stopping, &[]),
    row(Stopping, K::Status, Stopping, &[E::Say]),
    row(Stopping, K::Starting, Stopping, &[E::Say]),
    row(Stopping, K::Stopping, Stopping, &[E::Say, E::Grant]),
    row(Stopping, K::StopAsked, Stopping, &[E::NoteAsked]),
    row(Stopping, K::StopSelf, Stopping, &[]),
    row(Stopping, K::Fail, Stopping, &[E::LatchFailure]),
    row(Stopping, K::Returned, Stopped, &[E::Conclude, E::Report]),
    row(Stopping, K::Panicked, Stopped, &[E::Conclude, E::Crash]),
    row(Stopping, K::DeadlinePassed, Stopped, &[E::TimeOut, E::Report, E::Exit]),
    row(Stopping, K::ExtendDue, Stopping, &[E::ExtendAgain]),
    row(Stopping, K::NothingDue, Stopping, &[]),
    row(Stopping, K::Interrogate, Stopping, &[]),

    row(Stopped, K::Ready, Stopped, &[]),
    row(Stopped, K::Status, Stopped, &[]),
    row(Stopped, K::Starting, Stopped, &[]),
    row(Stopped, K::Stopping, Stopped, &[]),
    row(Stopped, K::StopAsked, Stopped, &[]),
    row(Stopped, K::StopSelf, Stopped, &[]),
    row(Stopped, K::Fail, Stopped, &[]),
    row(Stopped, K::Returned, Stopped, &[]),
    row(Stopped, K::Panicked, Stopped, &[]),
    row(Stopped, K::DeadlinePassed, Stopped, &[]),
    row(Stopped, K::ExtendDue, Stopped, &[]),
    row(Stopped, K::NothingDue, Stopped, &[]),
    row(Stopped, K::Interrogate, Stopped, &[]),
];

/// The row for a state and an input. `None` cannot happen: a test proves that the table is complete.
pub(crate) fn find(from: State, on: Kind) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.from == from && row.on == on)
}
