//! [`Heart`] and [`Task`]: what is at work in the service.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::core::{Cell, Core};
use crate::service::Service;

/// Something in the service that must not get stuck: [`Service::heart`].
///
/// With a watchdog it must [`beat`](Self::beat) at least once within every period, or the service counts as hung. Without one
/// nobody looks, and beating costs nothing. Dropping it means that the work is over; if its thread panics it is not dropped but
/// missed.
///
/// ```no_run
/// # fn next_job() -> Option<u32> { None }
/// # fn work(_job: u32) {}
/// # fn run(svc: svc_rt::Service) {
/// let heart = svc.heart("the worker");
/// std::thread::spawn(move || {
///     while let Some(job) = next_job() {
///         work(job);
///         heart.beat();
///     }
/// });
/// # }
/// ```
pub struct Heart {
    core: Arc<Core>,
    cell: Arc<Cell>,
}

impl Heart {
    /// Shows that the work goes on. Call it where the work is done; a timer that calls it hides a hang.
    ///
    /// ```no_run
    /// # fn step() {}
    /// # fn run(heart: svc_rt::Heart) {
    /// loop {
    ///     step();
    ///     heart.beat();
    /// }
    /// # }
    /// ```
    pub fn beat(&self) {
        self.core.beat(&self.cell);
    }

    /// There is nothing to do: until the next beat none is expected. For a worker that waits for work which may not come
    /// for a long time.
    ///
    /// ```no_run
    /// # fn work(_job: u32) {}
    /// # fn run(heart: svc_rt::Heart, jobs: std::sync::mpsc::Receiver<u32>) {
    /// loop {
    ///     heart.rest();
    ///     let Ok(job) = jobs.recv() else { break };
    ///     heart.beat();
    ///     work(job);
    /// }
    /// # }
    /// ```
    pub fn rest(&self) {
        self.cell.rest();
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        // What panicked did not come to its end.
        if !std::thread::panicking() {
            self.core.drop_cell(&self.cell);
        }
    }
}

impl fmt::Debug for Heart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heart").finish_non_exhaustive()
    }
}

/// Something that the stop waits for: [`Service::task`]. Dropping it means that the work is over.
///
/// ```no_run
/// # fn serve(_stop: svc_rt::StopToken) {}
/// # fn run(svc: svc_rt::Service) {
/// let (task, stop) = (svc.task("the accept loop"), svc.stop_token());
/// let worker = std::thread::spawn(move || {
///     serve(stop);
///     drop(task);
/// });
/// svc.wait_event();
/// // If this takes too long, the log says: still at work: "the accept loop".
/// let _ = worker.join();
/// # }
/// ```
#[must_use = "the work counts as over when this is dropped"]
pub struct Task {
    core: Arc<Core>,
    cell: Arc<Cell>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.core.drop_cell(&self.cell);
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}

/// # The watchdog, and what a stop waits for
///
/// With `watchdog = "30s"` in `[package.metadata.service]` the service manager acts when the service hangs: systemd hears
/// `WATCHDOG=1` twice in each period ("`sd_watchdog_enabled(3)`"), but only while everything that has a heart is beating. When one
/// was silent for the whole period, the log names it, and systemd is told at once (`WATCHDOG=trigger`); on Windows, which has no
/// such thing, the process aborts, so that recovery acts.
///
/// The first heart is whoever waits for events: a thread in [`wait_event`](Self::wait_event), or a task that awaits
/// [`event`](Self::event), is woken now and then to show that it is there, and after it was given an event it must be back within
/// the period. [`heart`](Self::heart) adds others.
///
/// A service with a watchdog and no heart at all fails its start: it is ready once it has called
/// [`ready`](Self::ready) *and* waits for events or has a heart.
impl Service {
    /// Takes a heart for something that must not get stuck. The name is what the log says if it does.
    ///
    /// ```no_run
    /// # async fn flush() {}
    /// # async fn run(svc: svc_rt::Service) {
    /// let heart = svc.heart("the flusher");
    /// let period = svc.watchdog().unwrap_or(std::time::Duration::from_secs(60));
    /// loop {
    ///     flush().await;
    ///     heart.beat();
    ///     tokio::time::sleep(period / 4).await;
    /// }
    /// # }
    /// ```
    pub fn heart(&self, name: impl Into<String>) -> Heart {
        let core = self.core_arc();
        let cell = core.take_heart(name.into().into());
        Heart { core, cell }
    }

    /// Names something that the stop waits for: a worker, a transfer. If the stop gets stuck, the log names who still holds such a
    /// value, or a [`Heart`].
    ///
    /// ```no_run
    /// # async fn send() {}
    /// # async fn run(svc: svc_rt::Service) {
    /// let task = svc.task("sending the report");
    /// tokio::spawn(async move {
    ///     send().await;
    ///     drop(task);
    /// });
    /// # }
    /// ```
    pub fn task(&self, name: impl Into<String>) -> Task {
        let core = self.core_arc();
        let cell = core.take_task(name.into().into());
        Task { core, cell }
    }

    /// The watchdog's period: within it every heart must beat. `None` without a watchdog.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// if let Some(period) = svc.watchdog() {
    ///     println!("jobs must not take longer than {period:?}");
    /// }
    /// # }
    /// ```
    pub fn watchdog(&self) -> Option<Duration> {
        self.core().watchdog
    }
}
