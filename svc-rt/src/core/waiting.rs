//! Waiting for events and for the stop, on threads and in tasks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::{Core, Shared, lock};
use crate::event::StopReason;
use crate::lifecycle::{Moment, Order};

/// What a waiter gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Stop(StopReason),
    Order(Order),
}

impl Happening {
    /// The reason, for one who waits for nothing but the stop.
    pub(crate) fn into_stop(self) -> StopReason {
        match self {
            Self::Stop(reason) => reason,
            Self::Order(_) => unreachable!("an order is given to those alone who wait for events"),
        }
    }
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The stop and nothing else.
    ForStop,
    /// Whatever happens next.
    ForEvent,
}

/// The tasks that wait.
#[derive(Default)]
pub(super) struct Wakers {
    waiting: Vec<Entry>,
    /// Some of them are to be woken.
    called: bool,
    last: u64,
}

struct Entry {
    place: u64,
    waits: Waits,
    waker: Waker,
    called: bool,
}

impl Wakers {
    /// Those who wait for this are to be woken.
    pub(super) fn call(&mut self, waits: Waits) {
        for entry in self.waiting.iter_mut().filter(|entry| entry.waits == waits) {
            entry.called = true;
            self.called = true;
        }
    }

    pub(super) fn are_called(&self) -> bool {
        self.called
    }

    /// Takes out those who are to be woken.
    pub(super) fn take_called(&mut self) -> Vec<Waker> {
        if !std::mem::take(&mut self.called) {
            return Vec::new();
        }
        let all = std::mem::take(&mut self.waiting);
        let (called, waiting) = all.into_iter().partition(|entry| entry.called);
        self.waiting = waiting;
        let called: Vec<Entry> = called;
        called.into_iter().map(|entry| entry.waker).collect()
    }

    /// Puts a waker into the place, a new one if it is `None`, and gives back what was there.
    fn put(&mut self, place: &mut Option<u64>, waits: Waits, waker: Waker) -> Option<Waker> {
        let place = *place.get_or_insert_with(|| {
            self.last += 1;
            self.last
        });
        let old = self.remove(place);
        self.waiting.push(Entry {
            place,
            waits,
            waker,
            called: false,
        });
        old
    }

    fn remove(&mut self, place: u64) -> Option<Waker> {
        let index = self.waiting.iter().position(|entry| entry.place == place)?;
        Some(self.waiting.swap_remove(index).waker)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }
}

/// An executor that panics in a wake-up must not end the thread that bounds the stop.
pub(super) fn wake(wakers: Vec<Waker>) {
    for waker in wakers {
        let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
    }
}

impl Shared {
    /// What there is for somebody who waits for this. An order is taken by it.
    fn next(&mut self, waits: Waits) -> Option<Happening> {
        if let Some(reason) = self.machine.stop_reason() {
            return Some(Happening::Stop(reason));
        }
        match waits {
            Waits::ForStop => None,
            Waits::ForEvent => self.orders.pop_front().map(Happening::Order),
        }
    }
}

impl Core {
    /// Blocks until there is something.
    pub(crate) fn wait(&self, waits: Waits) -> Happening {
        self.is_there(waits);
        let mut shared = lock(&self.shared);
        loop {
            if let Some(happening) = shared.next(waits) {
                drop(shared);
                self.is_there(waits);
                return happening;
            }
            shared = self.pause(shared, None);
            // It may have been woken to show just this. The heart is there since the first line, so this takes no lock.
            self.is_there(waits);
        }
    }

    /// Who waits for events is alive.
    fn is_there(&self, waits: Waits) {
        if waits == Waits::ForEvent {
            self.beat_as_waiter();
        }
    }

    /// Blocks until there is something or the time is over.
    pub(crate) fn wait_timeout(&self, waits: Waits, time: Duration) -> Option<Happening> {
        let end = self.now().after(time);
        self.is_there(waits);
        let mut shared = lock(&self.shared);
        loop {
            let next = shared.next(waits);
            if next.is_some() || end <= self.now() {
                drop(shared);
                self.is_there(waits);
                return next;
            }
            shared = self.pause(shared, Some(end));
            self.is_there(waits);
        }
    }

    /// Waits for a change, at most until then.
    fn pause<'s>(
        &self,
        shared: MutexGuard<'s, Shared>,
        end: Option<Moment>,
    ) -> MutexGuard<'s, Shared> {
        /// Longer than any process runs, and still a time for every clock.
        const LONG: Duration = Duration::from_secs(100 * 365 * 86_400);
        #[cfg(any(test, feature = "testing"))]
        if !self.clock.passes() {
            return self.sleep(shared, end);
        }
        let Some(end) = end else {
            let changed = self.changed.wait(shared);
            return changed.unwrap_or_else(PoisonError::into_inner);
        };
        let left = end.since(self.now()).min(LONG);
        let changed = self.changed.wait_timeout(shared, left);
        let (shared, _) = changed.unwrap_or_else(PoisonError::into_inner);
        shared
    }

    /// What there is, or a promise to wake `waker`. `place` is the waiter's own among the wakers.
    pub(crate) fn poll(
        &self,
        waits: Waits,
        place: &mut Option<u64>,
        waker: &Waker,
    ) -> Option<Happening> {
        self.is_there(waits);
        // Cloning and dropping a waker is the executor's code: neither happens under the lock.
        let waker = waker.clone();
        let mut shared = lock(&self.shared);
        if let Some(happening) = shared.next(waits) {
            return Some(happening);
        }
        let old = shared.wakers.put(place, waits, waker);
        drop(shared);
        drop(old);
        None
    }

    /// Takes a waiter's place back.
    pub(crate) fn forget_waker(&self, place: u64) {
        let old = lock(&self.shared).wakers.remove(place);
        drop(old);
    }
}
