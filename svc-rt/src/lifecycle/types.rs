//! What goes into the machine and what comes out of it.

use std::time::Duration;

use super::watchdog::Part;
use crate::event::{PowerChange, SessionChange, StopReason};

/// Exit code of a service that called `fail` and returned success all the same.
pub(crate) const EXIT_FAILED: u8 = 1;
/// Exit code of a panic, as std has it.
pub(crate) const EXIT_PANICKED: u8 = 101;
/// Exit code of a start or stop that took too long: what timeout(1) uses. 2 to 7 are LSB's and 200 up are systemd's.
pub(crate) const EXIT_TIMED_OUT: u8 = 124;

/// What a manager is told to wait for while no time-out is known: the documented defaults of the declaration.
pub(crate) const START_HINT: Duration = Duration::from_secs(90);
pub(crate) const STOP_HINT: Duration = Duration::from_secs(30);
/// The same for a pause and for its end, which nobody bounds.
pub(crate) const PAUSE_HINT: Duration = Duration::from_secs(30);

/// Where the service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// The program runs, the service is not ready.
    Starting,
    /// Ready.
    Running,
    /// The program was asked to read its configuration again, and has not answered yet.
    Reloading,
    /// The program was asked to pause, and has not answered yet.
    Pausing,
    /// Paused.
    Paused,
    /// The program was asked to go on after a pause, and has not answered yet.
    Continuing,
    /// A stop is latched; the program is finishing.
    Stopping,
    /// The end. Nothing leads out of here and nothing is reported any more.
    Stopped,
}

/// A point in time, as the time since an origin that the host chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moment(pub(crate) Duration);

impl Moment {
    pub(crate) fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time))
    }

    /// The time from `earlier` to here, zero if it is the other way round.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// The events that the program handles. What it does not handle is never asked of it.
#[allow(clippy::struct_excessive_bools)] // Four words of the manifest, each there or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Declared {
    pub(crate) reload: bool,
    pub(crate) pause: bool,
    pub(crate) session: bool,
    pub(crate) power: bool,
    /// One bit for each custom control code, from 128 on.
    custom: u128,
}

impl Declared {
    /// The events as the macro writes them, which has checked them.
    pub(crate) fn new(events: &[&str]) -> Self {
        let mut declared = Self::default();
        for event in events {
            match *event {
                "reload" => declared.reload = true,
                "pause" => declared.pause = true,
                "session" => declared.session = true,
                "power" => declared.power = true,
                code => declared.custom |= code.parse().map_or(0, Self::bit),
            }
        }
        declared
    }

    fn bit(code: u8) -> u128 {
        code.checked_sub(128).map_or(0, |index| 1 << index)
    }

    pub(crate) fn custom(self, code: u8) -> bool {
        self.custom & Self::bit(code) != 0
    }

    /// Whether the program handles this.
    pub(crate) fn has(self, order: &Order) -> bool {
        match order {
            Order::Reload => self.reload,
            Order::Pause | Order::Continue => self.pause,
            Order::Session(_) => self.session,
            Order::Power(_) => self.power,
            Order::Custom(code) => self.custom(*code),
        }
    }
}

/// What is asked of the program, or told to it, other than a stop.
#[cfg_attr(not(windows), allow(dead_code))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    Reload,
    Pause,
    Continue,
    Session(SessionChange),
    Power(PowerChange),
    Custom(u8),
}

/// Which order an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answered {
    Reload,
    Pause,
    Continue,
}

/// What does not change during a life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Config {
    pub(crate) declared: Declared,
    /// A start that takes longer is ended. `None`: somebody else watches over it (systemd), or nobody.
    pub(crate) start_timeout: Option<Duration>,
    /// A stop that takes longer is ended. `None` as above.
    pub(crate) stop_timeout: Option<Duration>,
    /// Every heart is to beat within this time.
    pub(crate) watchdog: Option<Duration>,
    /// A clean exit that nobody asked for counts as a failure, so that the manager restarts the service.
    pub(crate) restart_always: bool,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// The program is ready.
    Ready,
    /// The program says what it is doing.
    Status(String),
    /// The start goes on, and may take this much longer from now.
    Starting { text: String, granted: Duration },
    /// The stop goes on, and may take this much longer from now.
    Stopping { text: String, granted: Duration },
    /// What is under way goes on, and may take this much longer from now.
    Extend(Duration),
    /// Somebody wants the service to stop.
    Stop(StopReason),
    /// Somebody wants something else of it.
    Order(Order),
    /// The program did as it was asked, or could not.
    Answer(Answered, Result<(), String>),
    /// The program found that it cannot go on.
    Fail(String),
    /// The program's function returned.
    Returned { code: u8, error: Option<String> },
    /// The program's function panicked.
    Panicked(String),
    /// The program has something that beats.
    HeartBorn,
    /// Time passed: sent when an armed moment is reached, harmless at any other time. With it comes what is at work.
    Tick(Vec<Part>),
    /// The manager wants to know the state. (The SCM remembers the last report, so nothing has to be sent.)
    #[cfg_attr(not(windows), allow(dead_code))]
    Interrogate,
}

/// Controls that the service manager may send in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Controls {
    /// None: a service that starts or stops could not act on them.
    None,
    /// A stop, asked for or because of a shutdown.
    Stop,
    /// A stop, and all that the program declared.
    All,
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Exit {
    /// The process's exit code.
    pub(crate) code: u8,
    /// The manager is to see a failure, even though the code may be 0.
    pub(crate) failure: bool,
}

/// One report to the service manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Report {
    pub(crate) state: State,
    /// Rises with each sign of progress in a pending state; 0 in the others.
    pub(crate) checkpoint: u32,
    /// How long until the next sign of progress; zero outside pending states.
    pub(crate) wait_hint: Duration,
    pub(crate) accepts: Controls,
    /// Set in [`State::Stopped`] alone.
    pub(crate) exit: Option<Exit>,
}

/// Something the host has to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// Tell the manager the state.
    Report(Report),
    /// Tell the manager, in words, what the service is doing. Empty takes the last words back.
    Status(String),
    /// Tell the manager that the pending state may last this much longer from now.
    Extend(Duration),
    /// Put an error where an administrator will look.
    Log(String),
    /// A stop was latched: wake everybody. Orders not yet taken are void.
    Wake,
    /// Give this to whoever waits for events next.
    Deliver(Order),
    /// Send [`Input::Tick`] at this moment, or never; replaces what was armed before.
    Arm(Option<Moment>),
    /// Have everybody who waits for events show that he is there.
    Poke,
    /// Tell the manager that the service is alive.
    Ping,
    /// The service is not alive: have the manager end it, or end it.
    Missed,
    /// End the process as a crash, at once.
    Abort,
    /// End the process at once, with this code, whatever its threads are doing.
    Exit(u8),
    /// The program panicked: let the manager see a crash. No report follows.
    Crash,
}
