//! Waiting for the stop: [`StopToken`] and [`NextEvent`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::core::{Core, Happening, Waits};
use crate::event::{Event, StopReason};

/// One waiter's place among the wakers, given back when the waiter goes.
struct Waiter {
    core: Arc<Core>,
    waits: Waits,
    place: Option<u64>,
}

impl Waiter {
    fn new(core: Arc<Core>, waits: Waits) -> Self {
        Self {
            core,
            waits,
            place: None,
        }
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Happening> {
        let Self { core, waits, place } = self;
        match core.poll(*waits, place, context.waker()) {
            Some(happening) => Poll::Ready(happening),
            None => Poll::Pending,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.core.forget_waker(place);
        }
    }
}

/// Learns of the stop: give a clone to each worker.
///
/// It can be waited for on a thread, asked, and awaited on any executor. The stop is latched: once it is there, every wait
/// returns at once, in every clone, for ever. It also comes when the service's function returned by itself, so workers
/// that outlive it notice.
///
/// As a `Future` it yields the reason, is woken once for each clone that was polled, and may be dropped at any time without
/// losing a stop: `select!` on `&mut token` is fine, and so is polling it again after it was ready.
///
/// ```no_run
/// # fn work() {}
/// fn worker(stop: svc_rt::StopToken) {
///     while !stop.wait_timeout(std::time::Duration::from_secs(60)) {
///         work();
///     }
/// }
/// # let _ = worker;
/// ```
pub struct StopToken(Waiter);

impl StopToken {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self(Waiter::new(core, Waits::ForStop))
    }

    /// Blocks the thread until the service is to stop.
    ///
    /// ```no_run
    /// fn watcher(stop: svc_rt::StopToken) {
    ///     let reason = stop.wait();
    ///     eprintln!("stopping: {reason:?}");
    /// }
    /// # let _ = watcher;
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn wait(&self) -> StopReason {
        self.0.core.wait(Waits::ForStop).into_stop()
    }

    /// Blocks the thread until the service is to stop, at most for `time`. Returns whether it is to stop.
    ///
    /// ```no_run
    /// # fn tick() {}
    /// fn every_second(stop: svc_rt::StopToken) {
    ///     while !stop.wait_timeout(std::time::Duration::from_secs(1)) {
    ///         tick();
    ///     }
    /// }
    /// # let _ = every_second;
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn wait_timeout(&self, time: Duration) -> bool {
        self.0.core.wait_timeout(Waits::ForStop, time).is_some()
    }

    /// Whether the service is to stop. Never blocks.
    ///
    /// ```no_run
    /// # fn step() -> bool { true }
    /// fn crunch(stop: &svc_rt::StopToken) {
    ///     while step() && !stop.is_stopped() {}
    /// }
    /// # let _ = crunch;
    /// ```
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.reason().is_some()
    }

    /// Why the service is to stop; `None` while it is not. Never blocks.
    ///
    /// ```no_run
    /// fn hurry(stop: &svc_rt::StopToken) -> bool {
    ///     stop.reason() == Some(svc_rt::StopReason::Shutdown)
    /// }
    /// # let _ = hurry;
    /// ```
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        self.0.core.stop_reason()
    }
}

impl Clone for StopToken {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.0.core))
    }
}

impl std::fmt::Debug for StopToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StopToken")
            .field("reason", &self.reason())
            .finish()
    }
}

impl Future for StopToken {
    type Output = StopReason;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<StopReason> {
        self.0.poll(context).map(Happening::into_stop)
    }
}

/// The future of [`Service::event`](crate::Service::event).
#[must_use = "a future does nothing until it is awaited"]
pub struct NextEvent(Waiter);

impl NextEvent {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self(Waiter::new(core, Waits::ForEvent))
    }
}

impl std::fmt::Debug for NextEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NextEvent").finish_non_exhaustive()
    }
}

impl Future for NextEvent {
    type Output = Event;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Event> {
        let happening = self.0.poll(context);
        happening.map(|happening| Event::new(happening, &self.0.core))
    }
}
