//! What whoever turns a service's clock has to know of it.

use std::sync::{MutexGuard, PoisonError};

use super::{Core, Shared, lock};
use crate::lifecycle::Moment;

/// Threads that wait while the clock stands still.
#[derive(Debug, Default)]
pub(super) struct Sleepers {
    count: usize,
    /// When those wake that wait for a time.
    alarms: Vec<Moment>,
    /// When whoever waits for events was last woken to show that he is there.
    poked: Option<Moment>,
}

impl Sleepers {
    pub(super) fn poke(&mut self, now: Moment) {
        self.poked = Some(now);
    }
}

impl Core {
    /// Waits for a change, or for the clock to be turned.
    pub(super) fn sleep<'s>(
        &self,
        mut shared: MutexGuard<'s, Shared>,
        end: Option<Moment>,
    ) -> MutexGuard<'s, Shared> {
        shared.sleepers.count += 1;
        shared.sleepers.alarms.extend(end);
        let changed = self.changed.wait(shared);
        let mut shared = changed.unwrap_or_else(PoisonError::into_inner);
        shared.sleepers.count -= 1;
        let alarms = &mut shared.sleepers.alarms;
        if let Some(place) = alarms.iter().position(|alarm| Some(*alarm) == end) {
            alarms.swap_remove(place);
        }
        shared
    }

    /// The next moment at which something is due, or a waiting thread wants to be woken.
    pub(crate) fn next_moment(&self) -> Option<Moment> {
        let now = self.now();
        let shared = lock(&self.shared);
        let alarms = shared.sleepers.alarms.iter().copied();
        let moments = alarms.chain(shared.timer);
        moments.filter(|moment| *moment > now).min()
    }

    /// The clock was turned: threads that wait look at it.
    pub(crate) fn look_at_the_clock(&self) {
        // Under the lock, so that nobody is between a look and the wait.
        let shared = lock(&self.shared);
        self.changed.notify_all();
        drop(shared);
    }

    /// How many orders nobody has taken yet.
    pub(crate) fn orders(&self) -> usize {
        lock(&self.shared).orders.len()
    }

    /// How many threads and tasks wait for something.
    pub(crate) fn waiting(&self) -> usize {
        let shared = lock(&self.shared);
        shared.sleepers.count + shared.wakers.count()
    }

    /// Whether somebody waits whose time is over, or who has not shown yet that he is there.
    pub(crate) fn is_unsettled(&self) -> bool {
        let now = self.now();
        let shared = lock(&self.shared);
        let overslept = shared.sleepers.alarms.iter().any(|alarm| *alarm <= now);
        let poked = shared.sleepers.poked;
        drop(shared);
        overslept || poked.is_some_and(|poked| self.waiter_is_behind(poked))
    }
}
