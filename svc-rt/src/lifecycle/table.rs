//! Every transition, as data: one row for each kind of input and the states in which it does the same.

use super::types::State;
use super::types::State::{
    Continuing, Paused, Pausing, Reloading, Running, Starting, Stopped, Stopping,
};

/// An input without what it carries, as far as transitions care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Ready,
    /// Ready, with a watchdog and nothing that beats.
    ReadyWithoutHeart,
    HeartBorn,
    Status,
    Starting,
    Stopping,
    Extend,
    /// A stop that came from outside.
    StopAsked,
    /// A stop that the program itself wants.
    StopSelf,
    Fail,
    Returned,
    Panicked,
    /// Somebody wants the configuration to be read again.
    ReloadAsked,
    ReloadDone,
    ReloadFailed,
    PauseAsked,
    PauseDone,
    PauseFailed,
    ContinueAsked,
    ContinueDone,
    ContinueFailed,
    /// Something that the program is only told of.
    Told,
    /// An order that the program did not declare.
    Undeclared,
    /// A tick with the deadline reached.
    DeadlinePassed,
    /// A tick with no heart in time.
    NoHeart,
    /// A tick with all hearts beating.
    PulseDue,
    /// A tick with a heart that does not beat.
    HeartMissed,
    /// A tick with a missed heart that the manager did nothing about.
    MissUnanswered,
    /// A tick with a granted extension due to be told again.
    ExtendDue,
    /// A tick with nothing due.
    NothingDue,
    Interrogate,
}

/// What follows by itself once a state is reached in which it can be done: only one order is carried out at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Due {
    /// The program is ready and has a heart.
    Ready,
    /// A reload was asked for.
    Reload,
    /// A pause is wanted.
    Pause,
    /// The end of the pause is wanted.
    Continue,
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
    /// Remember that a reload is wanted. Several wanted before it begins are one.
    WantReload,
    /// Remember that a pause is wanted.
    WantPause,
    /// Remember that no pause is wanted.
    WantRun,
    /// Give the order to the program.
    Deliver,
    /// Log and say that the program could not do as it was asked.
    SayProblem,
    /// If a failed reload was the last thing said, say again what the program had to say.
    TakeBackProblem,
    /// Remember that there is a heart.
    NoteHeart,
    /// Remember that the program is ready, until it has a heart.
    HoldReady,
    /// Log and say that the program has no heart, which is a failure.
    FailWithoutHeart,
    /// Look after the hearts from now on.
    StartPulse,
    /// Nothing is due any more: neither a look after the hearts nor a grant.
    StopClocks,
    /// Tell the manager that all is well.
    Ping,
    /// Log and say which heart was missed, and have the manager act.
    Miss,
    /// End the process as a crash, at once.
    Abort,
    /// Settle the exit code; log and say the error, if there is one.
    Conclude,
    /// Settle the exit code of a start or stop that took too long; log what was stuck.
    TimeOut,
    /// End the process at once.
    Exit,
    /// End the process as a crash.
    Crash,
}

/// A set of states. (A row is one word without a pointer: this table is in every program.)
#[derive(Clone, Copy)]
pub(crate) struct States(u8);

impl States {
    const fn of(states: &[State]) -> Self {
        let (mut set, mut index) = (0, 0);
        while index < states.len() {
            set |= 1 << states[index] as u8;
            index += 1;
        }
        Self(set)
    }

    pub(crate) fn contains(self, state: State) -> bool {
        self.0 & (1 << state as u8) != 0
    }
}

/// What a row does; no row does more.
pub(crate) type Effects = [Option<Effect>; 5];

const fn effects(list: &[Effect]) -> Effects {
    let (mut effects, mut index) = ([None; 5], 0);
    while index < list.len() {
        effects[index] = Some(list[index]);
        index += 1;
    }
    effects
}

pub(crate) struct Row {
    pub(crate) from: States,
    pub(crate) on: Kind,
    /// `None`: the state stays what it is.
    pub(crate) to: Option<State>,
    pub(crate) effects: Effects,
}

/// What follows by itself in this one state.
pub(crate) struct DueRow {
    pub(crate) from: State,
    pub(crate) on: Due,
    pub(crate) to: State,
    pub(crate) effects: Effects,
}

/// In these the state stays what it is.
const fn stay(from: &[State], on: Kind, list: &[Effect]) -> Row {
    Row {
        from: States::of(from),
        on,
        to: None,
        effects: effects(list),
    }
}

const fn go(from: &[State], on: Kind, to: State, list: &[Effect]) -> Row {
    Row {
        from: States::of(from),
        on,
        to: Some(to),
        effects: effects(list),
    }
}

const fn due(from: State, on: Due, to: State, list: &[Effect]) -> DueRow {
    DueRow {
        from,
        on,
        to,
        effects: effects(list),
    }
}

use Effect as E;
use Kind as K;

/// Ready, and no stop is latched.
const LIVE: &[State] = &[Running, Reloading, Pausing, Paused, Continuing];
const STARTING: &[State] = &[Starting];
const STOPPING: &[State] = &[Stopping];
const STOPPED: &[State] = &[Stopped];
const ENDING: &[State] = &[Stopping, Stopped];
const READY: &[State] = &[Running, Reloading, Pausing, Paused, Continuing, Stopping];
const UP: &[State] = &[Starting, Running, Reloading, Pausing, Paused, Continuing];
const ALIVE: &[State] = &[
    Starting, Running, Reloading, Pausing, Paused, Continuing, Stopping,
];
const ALL: &[State] = &[
    Starting, Running, Reloading, Pausing, Paused, Continuing, Stopping, Stopped,
];
const NOT_LIVE: &[State] = &[Starting, Stopping, Stopped];

#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    go(STARTING, K::Ready, Running, &[E::EndStartClock, E::Report, E::StartPulse]),
    stay(READY, K::Ready, &[]),
    stay(STOPPED, K::Ready, &[]),

    stay(STARTING, K::ReadyWithoutHeart, &[E::HoldReady]),
    stay(READY, K::ReadyWithoutHeart, &[]),
    stay(STOPPED, K::ReadyWithoutHeart, &[]),
    stay(ALIVE, K::HeartBorn, &[E::NoteHeart]),
    stay(STOPPED, K::HeartBorn, &[]),

    stay(ALIVE, K::Status, &[E::Say]),
    stay(STOPPED, K::Status, &[]),

    stay(STARTING, K::Starting, &[E::Say, E::Grant]),
    stay(READY, K::Starting, &[E::Say]),
    stay(STOPPED, K::Starting, &[]),

    go(UP, K::Stopping, Stopping, &[E::LatchStop, E::StartStopClock, E::Report, E::Say, E::Grant]),
    stay(STOPPING, K::Stopping, &[E::Say, E::Grant]),
    stay(STOPPED, K::Stopping, &[]),

    stay(&[Starting, Reloading, Pausing, Continuing, Stopping], K::Extend, &[E::Grant]),
    stay(&[Running, Paused, Stopped], K::Extend, &[]),

    go(UP, K::StopAsked, Stopping, &[E::LatchStop, E::NoteAsked, E::StartStopClock, E::Report]),
    stay(STOPPING, K::StopAsked, &[E::NoteAsked]),
    stay(STOPPED, K::StopAsked, &[]),

    go(UP, K::StopSelf, Stopping, &[E::LatchStop, E::StartStopClock, E::Report]),
    stay(ENDING, K::StopSelf, &[]),

    go(UP, K::Fail, Stopping, &[E::LatchFailure, E::LatchStop, E::StartStopClock, E::Report]),
    stay(STOPPING, K::Fail, &[E::LatchFailure]),
    stay(STOPPED, K::Fail, &[]),

    go(UP, K::Returned, Stopped, &[E::Conclude, E::LatchStop, E::ReportStopping, E::Report]),
    go(STOPPING, K::Returned, Stopped, &[E::Conclude, E::Report]),
    stay(STOPPED, K::Returned, &[]),

    go(UP, K::Panicked, Stopped, &[E::Conclude, E::LatchStop, E::Crash]),
    go(STOPPING, K::Panicked, Stopped, &[E::Conclude, E::Crash]),
    stay(STOPPED, K::Panicked, &[]),

    stay(UP, K::ReloadAsked, &[E::WantReload]),
    stay(ENDING, K::ReloadAsked, &[]),
    go(&[Reloading], K::ReloadDone, Running, &[E::TakeBackProblem, E::Report]),
    stay(&[Starting, Running, Pausing, Paused, Continuing, Stopping, Stopped], K::ReloadDone, &[]),
    go(&[Reloading], K::ReloadFailed, Running, &[E::SayProblem, E::Report]),
    stay(&[Starting, Running, Pausing, Paused, Continuing, Stopping], K::ReloadFailed, &[E::SayProblem]),
    stay(STOPPED, K::ReloadFailed, &[]),

    stay(LIVE, K::PauseAsked, &[E::WantPause]),
    stay(NOT_LIVE, K::PauseAsked, &[]),
    go(&[Pausing], K::PauseDone, Paused, &[E::Report]),
    stay(&[Starting, Running, Reloading, Paused, Continuing, Stopping, Stopped], K::PauseDone, &[]),
    go(&[Pausing], K::PauseFailed, Running, &[E::SayProblem, E::WantRun, E::Report]),
    stay(&[Starting, Running, Reloading, Paused, Continuing, Stopping], K::PauseFailed, &[E::SayProblem]),
    stay(STOPPED, K::PauseFailed, &[]),

    stay(LIVE, K::ContinueAsked, &[E::WantRun]),
    stay(NOT_LIVE, K::ContinueAsked, &[]),
    go(&[Continuing], K::ContinueDone, Running, &[E::Report]),
    stay(&[Starting, Running, Reloading, Pausing, Paused, Stopping, Stopped], K::ContinueDone, &[]),
    go(&[Continuing], K::ContinueFailed, Paused, &[E::SayProblem, E::WantPause, E::Report]),
    stay(&[Starting, Running, Reloading, Pausing, Paused, Stopping], K::ContinueFailed, &[E::SayProblem]),
    stay(STOPPED, K::ContinueFailed, &[]),

    stay(UP, K::Told, &[E::Deliver]),
    stay(ENDING, K::Told, &[]),
    stay(ALL, K::Undeclared, &[]),

    go(STARTING, K::DeadlinePassed, Stopped, &[E::TimeOut, E::LatchStop, E::ReportStopping, E::Report, E::Exit]),
    go(STOPPING, K::DeadlinePassed, Stopped, &[E::TimeOut, E::Report, E::Exit]),
    stay(LIVE, K::DeadlinePassed, &[]),
    stay(STOPPED, K::DeadlinePassed, &[]),

    go(STARTING, K::NoHeart, Stopping, &[E::FailWithoutHeart, E::LatchStop, E::StartStopClock, E::Report]),
    stay(READY, K::NoHeart, &[]),
    stay(STOPPED, K::NoHeart, &[]),
    stay(LIVE, K::PulseDue, &[E::Ping]),
    stay(NOT_LIVE, K::PulseDue, &[]),
    stay(LIVE, K::HeartMissed, &[E::Miss]),
    stay(NOT_LIVE, K::HeartMissed, &[]),
    go(LIVE, K::MissUnanswered, Stopped, &[E::StopClocks, E::LatchStop, E::Abort]),
    stay(NOT_LIVE, K::MissUnanswered, &[]),

    stay(&[Starting, Reloading, Pausing, Continuing, Stopping], K::ExtendDue, &[E::ExtendAgain]),
    stay(&[Running, Paused, Stopped], K::ExtendDue, &[]),

    stay(ALL, K::NothingDue, &[]),
    stay(ALL, K::Interrogate, &[]),
];

#[rustfmt::skip]
pub(crate) const DUE: &[DueRow] = &[
    due(Starting, Due::Ready, Running, &[E::EndStartClock, E::Report, E::StartPulse]),
    due(Running, Due::Reload, Reloading, &[E::Report, E::Deliver]),
    due(Running, Due::Pause, Pausing, &[E::Report, E::Deliver]),
    due(Paused, Due::Continue, Continuing, &[E::Report, E::Deliver]),
];

/// The row for a state and an input. `None` cannot happen: a test proves that the table is complete.
pub(crate) fn find(from: State, on: Kind) -> Option<&'static Row> {
    TABLE
        .iter()
        .find(|row| row.on == on && row.from.contains(from))
}

/// The row for what is due in a state, if it can be done there.
pub(crate) fn find_due(from: State, on: Due) -> Option<&'static DueRow> {
    DUE.iter().find(|row| row.from == from && row.on == on)
}
