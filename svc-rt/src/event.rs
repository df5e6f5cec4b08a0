//! What a service is told: [`Event`], [`StopReason`] and what else an event carries.

use crate::answer::{Continue, Pause, Reload};

/// Something that the service manager, the terminal or the program itself asks of the service.
///
/// Other than a stop, only what the program declares is ever asked of it: in `events` of `[package.metadata.service]`, or in
/// `#[service(events = […])]`. More kinds may come, so a `match` needs a `_` arm; ignoring an event is always right: one that
/// wants an answer is answered when it is dropped.
///
/// ```no_run
/// use svc_rt::{Event, Service};
///
/// # fn reload_config() -> std::io::Result<()> { Ok(()) }
/// fn run(svc: Service) {
///     svc.ready();
///     loop {
///         match svc.wait_event() {
///             Event::Stop(_reason) => break,
///             Event::Reload(reload) => reload.finish(reload_config()),
///             Event::Custom(200) => eprintln!("somebody ran: sc control NAME 200"),
///             _ => {}
///         }
///     }
/// }
/// # let _ = run;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// End now. It is latched: every later wait returns it again, with the first reason. What else was asked for and not yet
    /// taken is void then.
    Stop(StopReason),
    /// Read the configuration again (`"reload"`): SIGHUP on Unix, `SERVICE_CONTROL_PARAMCHANGE` on Windows.
    Reload(Reload),
    /// Pause (`"pause"`): `SERVICE_CONTROL_PAUSE`, on Windows alone.
    Pause(Pause),
    /// Go on after a pause (`"pause"`): `SERVICE_CONTROL_CONTINUE`, on Windows alone.
    Continue(Continue),
    /// A session of a user began, ended or changed (`"session"`): `SERVICE_CONTROL_SESSIONCHANGE`, on Windows alone.
    Session(SessionChange),
    /// The machine is about to sleep, woke up, or runs on another source of power (`"power"`): `SERVICE_CONTROL_POWEREVENT`,
    /// on Windows alone.
    Power(PowerChange),
    /// A control code of the program's own (its number, 128 to 255): `sc control NAME CODE`, on Windows alone
    /// ("`ControlService` function", Microsoft).
    Custom(u8),
}

/// Why the service is to stop.
///
/// ```
/// use std::time::Duration;
/// use svc_rt::StopReason;
///
/// // A machine that shuts down leaves less time than an administrator's stop.
/// fn patience(reason: StopReason) -> Duration {
///     match reason {
///         StopReason::Shutdown => Duration::from_secs(4),
///         _ => Duration::from_secs(20),
///     }
/// }
/// # let _ = patience;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// Windows: the service manager was asked to stop the service (`SERVICE_CONTROL_STOP`).
    Asked,
    /// Windows: the machine shuts down (`SERVICE_CONTROL_SHUTDOWN`). About 5 to 20 seconds are left ("Service Control
    /// Handler Function", Microsoft).
    Shutdown,
    /// Windows: the machine will shut down, and waits for this service first (`SERVICE_CONTROL_PRESHUTDOWN`), for as
    /// long as the installation set; 10 seconds by default ("`SERVICE_PRESHUTDOWN_INFO` structure", Microsoft).
    Preshutdown,
    /// Ctrl-C: SIGINT on Unix, Ctrl-C or Ctrl-Break in a Windows console.
    Interrupt,
    /// Unix: SIGTERM, which is how systemd stops a service ("systemd.kill(5)", `KillSignal=`).
    Terminate,
    /// The program itself: [`Service::stop`](crate::Service::stop), an unasked
    /// [`Service::stopping`](crate::Service::stopping), or the end of the service's function.
    Internal,
    /// The program itself: [`Service::fail`](crate::Service::fail).
    Failed,
}

impl StopReason {
    /// Whether somebody outside the program asked for it. Only then is a clean exit what was wanted.
    pub(crate) fn is_asked(self) -> bool {
        !matches!(self, Self::Internal | Self::Failed)
    }
}

/// What happened to a user's session: "`WTSSESSION_NOTIFICATION` structure", Microsoft.
///
/// ```
/// use svc_rt::{SessionChange, SessionKind};
///
/// fn greet(change: SessionChange) {
///     if change.kind == SessionKind::Logon {
///         println!("somebody logged on, in session {}", change.id);
///     }
/// }
/// # let _ = greet;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SessionChange {
    /// What happened.
    pub kind: SessionKind,
    /// The session that it happened to.
    pub id: u32,
}

/// The kinds of a [`SessionChange`]: the `WTS_…` values of "`WM_WTSSESSION_CHANGE` message", Microsoft.
///
/// ```
/// use svc_rt::SessionKind;
///
/// fn is_away(kind: SessionKind) -> bool {
///     matches!(kind, SessionKind::Lock | SessionKind::Logoff)
/// }
/// # let _ = is_away;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionKind {
    /// The session was connected to the console.
    ConsoleConnect,
    /// The session was disconnected from the console.
    ConsoleDisconnect,
    /// The session was connected to a remote terminal.
    RemoteConnect,
    /// The session was disconnected from a remote terminal.
    RemoteDisconnect,
    /// A user logged on.
    Logon,
    /// A user logged off.
    Logoff,
    /// The session was locked.
    Lock,
    /// The session was unlocked.
    Unlock,
    /// Whether the session is controlled remotely changed.
    RemoteControl,
    /// A kind that svc-rt has no name for.
    Other(u32),
}

/// What happened to the machine's power: "`WM_POWERBROADCAST` message", Microsoft.
///
/// ```
/// use svc_rt::PowerChange;
///
/// fn is_awake(change: PowerChange) -> bool {
///     matches!(change, PowerChange::ResumeAutomatic | PowerChange::ResumeByUser)
/// }
/// # let _ = is_awake;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PowerChange {
    /// The machine is about to sleep (`PBT_APMSUSPEND`). About two seconds are left.
    Suspend,
    /// The machine woke up (`PBT_APMRESUMEAUTOMATIC`).
    ResumeAutomatic,
    /// The machine woke up and a user is there (`PBT_APMRESUMESUSPEND`); it follows [`Self::ResumeAutomatic`].
    ResumeByUser,
    /// It runs on battery now, or no longer, or the battery is low (`PBT_APMPOWERSTATUSCHANGE`).
    Status,
    /// A kind that svc-rt has no name for.
    Other(u32),
}
