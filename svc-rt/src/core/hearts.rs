//! What beats in a service: whoever waits for events, and what the program takes a heart for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Core, Shared, lock};
use crate::lifecycle::{Heart, Input, Moment};

/// The last beat of something, as microseconds of the service's clock.
#[derive(Debug)]
pub(crate) struct Cell {
    name: Arc<str>,
    beat: AtomicU64,
}

/// What stands in for a beat while there is nothing to do.
const RESTING: u64 = u64::MAX;

impl Cell {
    pub(crate) fn rest(&self) {
        self.beat.store(RESTING, Ordering::Relaxed);
    }

    fn look(&self) -> Heart {
        let beat = self.beat.load(Ordering::Relaxed);
        Heart {
            name: Arc::clone(&self.name),
            beat: (beat != RESTING).then(|| Moment(Duration::from_micros(beat))),
        }
    }
}

impl Shared {
    /// All hearts, as they are now.
    pub(super) fn hearts(&self) -> Vec<Heart> {
        self.hearts.iter().map(|cell| cell.look()).collect()
    }
}

impl Core {
    fn beat_now(&self) -> u64 {
        u64::try_from(self.now().0.as_micros()).unwrap_or(RESTING - 1)
    }

    /// Takes up something that is to beat from now on.
    pub(crate) fn take_heart(&self, name: Arc<str>) -> Arc<Cell> {
        let cell = Arc::new(Cell {
            name,
            beat: AtomicU64::new(self.beat_now()),
        });
        lock(&self.shared).hearts.push(Arc::clone(&cell));
        self.feed(&Input::HeartBorn);
        cell
    }

    pub(crate) fn drop_heart(&self, cell: &Arc<Cell>) {
        let mut shared = lock(&self.shared);
        let place = shared.hearts.iter().position(|own| Arc::ptr_eq(own, cell));
        let dropped = place.map(|place| shared.hearts.swap_remove(place));
        drop(shared);
        drop(dropped);
    }

    /// Without a watchdog nobody looks.
    pub(crate) fn beat(&self, cell: &Cell) {
        if self.watchdog.is_some() {
            cell.beat.store(self.beat_now(), Ordering::Relaxed);
        }
    }

    /// Somebody waits for events, or comes from there. The first time makes a heart of it.
    pub(super) fn beat_as_waiter(&self) {
        if self.watchdog.is_none() {
            return;
        }
        let mut born = false;
        let cell = self.waiter.get_or_init(|| {
            born = true;
            Arc::new(Cell {
                name: "waiting for events".into(),
                beat: AtomicU64::new(0),
            })
        });
        self.beat(cell);
        if born {
            lock(&self.shared).hearts.push(Arc::clone(cell));
            self.feed(&Input::HeartBorn);
        }
    }
}
