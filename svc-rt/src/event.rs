//! What a service is told: [`Event`] and [`StopReason`].

/// Something that the service manager, the terminal or the program itself asks of the service.
///
/// More kinds will come (reload, pause, session and power changes), so a `match` needs a `_` arm; ignoring an unknown
/// event is always right, because an event is only sent to a program that declared it.
///
/// ```
/// fn describe(event: svc_rt::Event) -> &'static str {
///     match event {
///         svc_rt::Event::Stop(_) => "stop",
///         _ => "something newer than this program",
///     }
/// }
/// # let _ = describe;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// End now. It is latched: every later wait returns it again, with the first reason.
    Stop(StopReason),
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
