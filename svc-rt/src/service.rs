//! [`Service`]: what a program is given to speak with whoever runs it.

use std::ffi::OsString;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use crate::core::{Core, Waits};
use crate::event::{Event, StopReason};
use crate::folders::Folders;
use crate::lifecycle::Input;
use crate::sockets::Sockets;
use crate::stop::{NextEvent, StopToken};

/// Who runs the service.
///
/// ```
/// fn wants_colours(host: svc_rt::Host) -> bool {
///     host == svc_rt::Host::Foreground
/// }
/// # let _ = wants_colours;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host {
    /// systemd, or what speaks its notify protocol: `NOTIFY_SOCKET` was set, or `SYSTEMD_EXEC_PID` names this process
    /// ("systemd.exec(5)").
    Systemd,
    /// The Windows service manager.
    Scm,
    /// A terminal, a container's entry point, a test: nobody to report to.
    Foreground,
}

/// The running service.
///
/// A function under `#[service]` is given one. It is cheap to clone and may be used from every thread; all clones are the
/// same service. No method panics, and no report fails: where nobody listens (in the foreground) it goes nowhere. What the program asks
/// for (a socket, a folder, a credential) may be missing, which is an error that says what is.
///
/// ```no_run
/// use std::time::Duration;
/// use svc_rt::{Event, Service};
///
/// fn run(svc: Service) -> std::io::Result<()> {
///     svc.starting("reading the index", Duration::from_secs(60));
///     // …
///     svc.ready();
///     svc.status("serving 0 clients");
///     let Event::Stop(reason) = svc.wait_event() else { return Ok(()) };
///     svc.stopping(format!("writing the index ({reason:?})"), Duration::from_secs(20));
///     Ok(())
/// }
/// # let _ = run;
/// ```
#[derive(Clone)]
pub struct Service(Arc<Core>);

impl Service {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    pub(crate) fn core(&self) -> &Core {
        &self.0
    }

    pub(crate) fn core_arc(&self) -> Arc<Core> {
        Arc::clone(&self.0)
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.0.identity.sockets
    }

    pub(crate) fn folders(&self) -> &Folders {
        &self.0.identity.folders
    }

    /// The start is over: `READY=1` on systemd, `SERVICE_RUNNING` on Windows, whence stops are accepted.
    ///
    /// Until then the manager holds back what depends on this service. Words given to [`starting`](Self::starting) are
    /// taken back. A second call does nothing, nor does one after a stop.
    ///
    /// A function that returns success without having been ready counts as a service that had nothing to do: it ends
    /// in order, with exit code 0.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let listener = std::net::TcpListener::bind("[::]:8080")?;
    /// svc.ready();
    /// # drop(listener); Ok(()) }
    /// ```
    pub fn ready(&self) {
        self.0.feed(&Input::Ready);
    }

    /// Says in a few words what the service is doing. `systemctl status` shows them; Windows has no place for them. An
    /// empty text takes them back.
    ///
    /// Control characters become spaces and the text is cut at 1024 bytes for systemd. The last words given here, or to
    /// `starting` and `stopping`, are also what the log names if a start or stop gets stuck. They are no sign of
    /// progress: a bound is moved only by [`starting`](Self::starting) and [`stopping`](Self::stopping).
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service, clients: usize) {
    /// svc.status(format!("serving {clients} clients"));
    /// # }
    /// ```
    pub fn status(&self, text: impl Into<String>) {
        self.0.feed(&Input::Status(text.into()));
    }

    /// The start got somewhere, and may take `granted` from now.
    ///
    /// Call it from the code that does the work, each time it has really moved on; a timer that calls it hides a hang.
    /// On systemd the words become the status, and `EXTEND_TIMEOUT_USEC=` prolongs `TimeoutStartSec=` ("`sd_notify(3)`").
    /// On Windows the checkpoint advances, the wait hint is set ("`SERVICE_STATUS` structure", Microsoft), and the bound of
    /// `SVC_START_TIMEOUT_USEC` moves. A grant never shortens what is left. The manager is told a ninth more than
    /// `granted`, so that what was stuck can be logged before the manager kills. Outside the start only the words count.
    ///
    /// ```no_run
    /// # fn migrate(step: u32) {}
    /// # fn run(svc: svc_rt::Service) {
    /// for step in 1..=3 {
    ///     svc.starting(format!("migration {step} of 3"), std::time::Duration::from_secs(120));
    ///     migrate(step);
    /// }
    /// svc.ready();
    /// # }
    /// ```
    pub fn starting(&self, text: impl Into<String>, granted: Duration) {
        self.0.feed(&Input::Starting {
            text: text.into(),
            granted,
        });
    }

    /// The stop got somewhere, and may take `granted` from now. The counterpart of [`starting`](Self::starting), with
    /// `TimeoutStopSec=` and `SVC_STOP_TIMEOUT_USEC` as the bounds.
    ///
    /// When the bound passes, the log names these words and the process ends with exit code 124.
    /// If nobody has asked for a stop, this begins one, as [`stop`](Self::stop) would.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service, worker: std::thread::JoinHandle<()>) {
    /// svc.wait_event();
    /// svc.stopping("finishing requests", std::time::Duration::from_secs(10));
    /// let _ = worker.join();
    /// # }
    /// ```
    pub fn stopping(&self, text: impl Into<String>, granted: Duration) {
        self.0.feed(&Input::Stopping {
            text: text.into(),
            granted,
        });
    }

    /// What is under way got somewhere, and may take `granted` from now: the start, the stop, a reload, a pause or the end of one.
    /// At other times nothing is under way, and this does nothing.
    ///
    /// For code that does not know, or does not say, at what it is: [`starting`](Self::starting) and
    /// [`stopping`](Self::stopping) do the same with words. Call it as they are to be called, at real progress.
    ///
    /// ```no_run
    /// # fn copy(_block: u32) {}
    /// # fn run(svc: svc_rt::Service) {
    /// for block in 0..1000 {
    ///     copy(block);
    ///     svc.extend(std::time::Duration::from_secs(30));
    /// }
    /// # }
    /// ```
    pub fn extend(&self, granted: Duration) {
        self.0.feed(&Input::Extend(granted));
    }

    /// Asks the service to stop, from inside. Every waiter returns with [`StopReason::Internal`]; the process ends when
    /// the service's function returns.
    ///
    /// With restart policy `always` the manager starts the service again, for nobody outside asked for the stop.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// let quota = svc.clone();
    /// std::thread::spawn(move || {
    ///     // … when the work is done:
    ///     quota.stop();
    /// });
    /// svc.wait_event();
    /// # }
    /// ```
    pub fn stop(&self) {
        self.0.feed(&Input::Stop(StopReason::Internal));
    }

    /// Ends the service as failed: the error is logged (journal, Event Log or terminal), every waiter returns with
    /// [`StopReason::Failed`], and the exit code is non-zero (1) even if the service's function returns success.
    ///
    /// This is how a worker that cannot go on keeps the service from running on without it.
    ///
    /// ```no_run
    /// # fn serve() -> std::io::Result<()> { Ok(()) }
    /// # fn run(svc: svc_rt::Service) {
    /// let worker = svc.clone();
    /// std::thread::spawn(move || {
    ///     if let Err(error) = serve() {
    ///         worker.fail(format!("the accept loop ended: {error}"));
    ///     }
    /// });
    /// # }
    /// ```
    // By value, because an error is at hand when this is called and nobody needs it afterwards.
    #[allow(clippy::needless_pass_by_value)]
    pub fn fail(&self, error: impl Display) {
        self.0.feed(&Input::Fail(error.to_string()));
    }

    /// A token that learns of the stop: one for each worker.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// let stop = svc.stop_token();
    /// std::thread::spawn(move || while !stop.is_stopped() { /* work */ });
    /// # }
    /// ```
    #[must_use]
    pub fn stop_token(&self) -> StopToken {
        StopToken::new(Arc::clone(&self.0))
    }

    /// Blocks until something is asked of the service.
    ///
    /// Each event is given to one waiter, a stop to all of them. What was asked before anybody waited is not lost.
    ///
    /// ```no_run
    /// use svc_rt::Event;
    /// # fn read_config() -> std::io::Result<()> { Ok(()) }
    /// # fn run(svc: svc_rt::Service) {
    /// loop {
    ///     match svc.wait_event() {
    ///         Event::Stop(_reason) => break,
    ///         Event::Reload(reload) => reload.finish(read_config()),
    ///         _ => {}
    ///     }
    /// }
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn wait_event(&self) -> Event {
        Event::new(self.0.wait(Waits::ForEvent), &self.0)
    }

    /// The same as [`wait_event`](Self::wait_event), at most for `time`; `None` if nothing happened.
    ///
    /// ```no_run
    /// use svc_rt::Event;
    /// # fn look_at_the_clock() {}
    /// # fn run(svc: svc_rt::Service) {
    /// loop {
    ///     match svc.wait_event_timeout(std::time::Duration::from_secs(60)) {
    ///         Some(Event::Stop(_reason)) => break,
    ///         Some(_) => {}
    ///         None => look_at_the_clock(),
    ///     }
    /// }
    /// # }
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn wait_event_timeout(&self, time: Duration) -> Option<Event> {
        let happening = self.0.wait_timeout(Waits::ForEvent, time)?;
        Some(Event::new(happening, &self.0))
    }

    /// The same as [`wait_event`](Self::wait_event), for any async executor. Dropping the future loses no event, so that it
    /// may stand in a `select!`.
    ///
    /// ```no_run
    /// # async fn serve() {}
    /// # async fn run(svc: svc_rt::Service) {
    /// let svc_rt::Event::Stop(reason) = svc.event().await else { return };
    /// svc.stopping(format!("{reason:?}"), std::time::Duration::from_secs(10));
    /// # }
    /// ```
    pub fn event(&self) -> NextEvent {
        NextEvent::new(Arc::clone(&self.0))
    }

    /// The service's name: the one it was installed under on Windows, where one program may be installed under several;
    /// otherwise the declared one.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// eprintln!("this is {}", svc.name());
    /// # }
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.identity.name
    }

    /// Arguments given to this one start on Windows (`sc start NAME ARG…`, the fields of the services console), without
    /// the name. They are not the process's arguments, which `std::env::args_os` has. Always empty elsewhere.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// let verbose = svc.start_args().iter().any(|arg| arg == "--verbose");
    /// # let _ = verbose; }
    /// ```
    #[must_use]
    pub fn start_args(&self) -> &[OsString] {
        &self.0.identity.start_args
    }

    /// Who runs the service.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// if svc.host() == svc_rt::Host::Foreground {
    ///     eprintln!("press Ctrl-C to stop");
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn host(&self) -> Host {
        self.0.identity.host
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name())
            .field("host", &self.host())
            .field("stop", &self.0.stop_reason())
            .finish()
    }
}
