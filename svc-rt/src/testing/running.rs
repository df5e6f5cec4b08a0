//! The fake manager while the service runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::report::{End, Record, Report, State};
use crate::core::Core;
use crate::event::{PowerChange, SessionChange, SessionKind, StopReason};
use crate::lifecycle::{Input, Order};

/// When a service that does nothing is taken for hung, by the real clock. No result depends on it.
const HUNG: Duration = Duration::from_secs(30);

/// How long, by the real clock, a waiting thread may take to look at the service's clock.
const SETTLES: Duration = Duration::from_millis(250);

/// A service under a fake manager.
///
/// The methods that wait do so for half a minute of real time at most, and panic then, saying what was reported. Dropping
/// the value asks the service to stop and does not wait for it.
pub struct Running {
    core: Arc<Core>,
    record: Record,
    time: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn new(
        core: Arc<Core>,
        record: Record,
        time: Arc<AtomicU64>,
        thread: JoinHandle<()>,
    ) -> Self {
        Self {
            core,
            record,
            time,
            thread: Some(thread),
        }
    }

    /// Everything that was reported, from the start on.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, Report, State};
    /// # let service = FakeManager::new("beacon").start(|svc| svc.ready());
    /// assert_eq!(service.reports()[0], Report::State(State::Starting));
    /// # service.end();
    /// ```
    pub fn reports(&self) -> Vec<Report> {
        self.record.heard().reports.clone()
    }

    /// What was reported since this was last called, or since the start.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, State};
    /// # let service = FakeManager::new("beacon").start(|svc| { svc.ready(); svc.wait_event(); });
    /// service.wait_for(State::Running);
    /// service.take_reports();
    /// service.stop();
    /// service.wait_for(State::Stopping);
    /// # service.end();
    /// ```
    pub fn take_reports(&self) -> Vec<Report> {
        std::mem::take(&mut self.record.heard().reports)
    }

    /// Waits until the service is in this state, or has come through it since what was last waited for: a service that stops
    /// at once is `Stopping` for less time than a test needs to look.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, State};
    /// # let service = FakeManager::new("beacon").start(|svc| { svc.ready(); svc.wait_event(); });
    /// service.wait_for(State::Running);
    /// # service.stop(); service.end();
    /// ```
    ///
    /// # Panics
    ///
    /// If that does not happen.
    #[track_caller]
    pub fn wait_for(&self, state: State) {
        let found = self
            .record
            .wait(HUNG, |heard| heard.find(state).then_some(()));
        assert!(
            found.is_some(),
            "the service did not become {state:?}: {:#?}",
            self.reports()
        );
    }

    /// Waits for a report like this, among those not yet taken.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, Report};
    /// # let service = FakeManager::new("beacon").start(|svc| svc.status("serving"));
    /// service.wait_for_report(|report| *report == Report::Status("serving".into()));
    /// # service.end();
    /// ```
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn wait_for_report(&self, is_it: impl Fn(&Report) -> bool) -> Report {
        let found = self.record.wait(HUNG, |heard| {
            heard.reports.iter().find(|report| is_it(report)).cloned()
        });
        found.unwrap_or_else(|| panic!("no such report among {:#?}", self.reports()))
    }

    /// Asks for a reload, as SIGHUP and `SERVICE_CONTROL_PARAMCHANGE` do.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, State};
    /// # let service = FakeManager::new("beacon").events(["reload"]).start(|svc| {
    /// #     svc.ready();
    /// #     while !matches!(svc.wait_event(), svc_rt::Event::Stop(_)) {}
    /// # });
    /// service.wait_for(State::Running);
    /// service.reload();
    /// service.wait_for(State::Running);
    /// # service.stop(); service.end();
    /// ```
    pub fn reload(&self) {
        self.order(Order::Reload);
    }

    /// Asks for a pause.
    ///
    /// ```
    /// # use svc_rt::testing::{FakeManager, State};
    /// # let service = FakeManager::new("beacon").events(["pause"]).start(|svc| {
    /// #     svc.ready();
    /// #     while !matches!(svc.wait_event(), svc_rt::Event::Stop(_)) {}
    /// # });
    /// service.wait_for(State::Running);
    /// service.pause();
    /// service.wait_for(State::Paused);
    /// service.resume();
    /// service.wait_for(State::Running);
    /// # service.stop(); service.end();
    /// ```
    pub fn pause(&self) {
        self.order(Order::Pause);
    }

    /// Asks for the end of a pause.
    ///
    /// ```
    /// # fn run(service: svc_rt::testing::Running) {
    /// service.resume();
    /// # }
    /// ```
    pub fn resume(&self) {
        self.order(Order::Continue);
    }

    /// Sends a control code of the program's own.
    ///
    /// ```
    /// # fn run(service: svc_rt::testing::Running) {
    /// service.custom(200);
    /// # }
    /// ```
    pub fn custom(&self, code: u8) {
        self.order(Order::Custom(code));
    }

    /// Tells of a session.
    ///
    /// ```
    /// # fn run(service: svc_rt::testing::Running) {
    /// service.session(svc_rt::SessionKind::Lock, 1);
    /// # }
    /// ```
    pub fn session(&self, kind: SessionKind, id: u32) {
        self.order(Order::Session(SessionChange { kind, id }));
    }

    /// Tells of the machine's power.
    ///
    /// ```
    /// # fn run(service: svc_rt::testing::Running) {
    /// service.power(svc_rt::PowerChange::Suspend);
    /// # }
    /// ```
    pub fn power(&self, change: PowerChange) {
        self.order(Order::Power(change));
    }

    /// Asks the service to stop, as systemd does.
    ///
    /// ```
    /// # use svc_rt::testing::{End, FakeManager};
    /// # let service = FakeManager::new("beacon").start(|svc| { svc.ready(); svc.wait_event(); });
    /// service.stop();
    /// assert_eq!(service.end(), End::Exited(0));
    /// ```
    pub fn stop(&self) {
        self.stop_because(StopReason::Terminate);
    }

    /// Asks the service to stop for this reason.
    ///
    /// ```
    /// # fn run(service: svc_rt::testing::Running) {
    /// service.stop_because(svc_rt::StopReason::Shutdown);
    /// # }
    /// ```
    pub fn stop_because(&self, reason: StopReason) {
        self.core.feed(&Input::Stop(reason));
    }

    /// Waits until the service has taken everything that it was asked for. A stop would void what it has not.
    ///
    /// ```
    /// # use svc_rt::testing::{End, FakeManager, State};
    /// # let service = FakeManager::new("beacon").events(["200"]).start(|svc| {
    /// #     svc.ready();
    /// #     while !matches!(svc.wait_event(), svc_rt::Event::Stop(_)) {}
    /// # });
    /// service.wait_for(State::Running);
    /// service.custom(200);
    /// service.wait_until_idle();
    /// service.stop();
    /// # service.end();
    /// ```
    ///
    /// # Panics
    ///
    /// If it does not.
    #[track_caller]
    pub fn wait_until_idle(&self) {
        let begin = Instant::now();
        while self.core.orders() > 0 {
            assert!(
                begin.elapsed() < HUNG,
                "the service does not take what it is asked: {:#?}",
                self.reports()
            );
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Turns the service's clock on. What is due on the way happens then, one after the other: time-outs, signs of life, threads
    /// whose wait is over. Between two of them the service's threads get a moment of real time.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use svc_rt::testing::{End, FakeManager, State};
    /// # let service = FakeManager::new("beacon").stop_timeout(Duration::from_secs(30)).start(|svc| {
    /// #     svc.ready();
    /// #     svc.wait_event();
    /// #     loop { std::thread::park(); }
    /// #     #[allow(unreachable_code)]
    /// #     ()
    /// # });
    /// service.wait_for(State::Running);
    /// service.stop();
    /// service.advance(Duration::from_secs(31));
    /// assert_eq!(service.end(), End::Stuck(124));
    /// ```
    pub fn advance(&self, time: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let now = self.time.load(Ordering::SeqCst);
        let target = now.saturating_add(micros(time));
        // What it was just told, it may be at still.
        self.settle(1);
        loop {
            // A little later rather than too early: the clock counts in microseconds.
            let next = self.core.next_moment();
            let next = next.map(|next| micros(next.0 + Duration::from_nanos(999)));
            let next = next.filter(|next| *next <= target).unwrap_or(target);
            let waiting = self.core.waiting();
            self.time.store(next, Ordering::SeqCst);
            self.core.look_at_the_clock();
            self.core.turn();
            self.settle(waiting);
            if next == target {
                return;
            }
        }
    }

    /// Lets those who waited do what they do, until they wait again or it takes too long.
    fn settle(&self, waiting: usize) {
        let begin = Instant::now();
        while self.core.waiting() < waiting || self.core.is_unsettled() {
            if begin.elapsed() > SETTLES || self.record.heard().end.is_some() {
                return;
            }
            std::thread::sleep(Duration::from_micros(100));
        }
    }

    /// Waits for the end.
    ///
    /// ```
    /// # use svc_rt::testing::{End, FakeManager};
    /// let service = FakeManager::new("beacon").start(|_svc| std::process::ExitCode::from(7));
    /// assert_eq!(service.end(), End::Exited(7));
    /// ```
    ///
    /// # Panics
    ///
    /// If it does not come.
    #[track_caller]
    pub fn end(mut self) -> End {
        let end = self.record.wait(HUNG, |heard| heard.end);
        let Some(end) = end else {
            panic!("the service did not end: {:#?}", self.reports())
        };
        if matches!(end, End::Exited(_) | End::Panicked)
            && self
                .thread
                .take()
                .is_some_and(|thread| thread.join().is_err())
        {
            // Its panic was caught; only one of svc-rt's own could come here.
            panic!("the service's thread panicked outside of its function")
        }
        end
    }

    fn order(&self, order: Order) {
        self.core.feed(&Input::Order(order));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("reports", &self.reports())
            .finish_non_exhaustive()
    }
}
