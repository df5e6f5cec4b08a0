//! What is at work in a service: whoever waits for events, and what the program names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Core, Shared, lock};
use crate::lifecycle::{Input, Life, Moment, Part};

/// The last beat of something, as microseconds of the service's clock.
#[derive(Debug)]
pub(crate) struct Cell {
    name: Arc<str>,
    kind: CellKind,
    beat: AtomicU64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CellKind {
    Waiter,
    Heart,
    Task,
}

/// What stands in for a beat while there is nothing to do.
const RESTING: u64 = u64::MAX;

impl Cell {
    pub(crate) fn rest(&self) {
        self.beat.store(RESTING, Ordering::Relaxed);
    }

    fn look(&self) -> Part {
        let beat = self.beat.load(Ordering::Relaxed);
        let at = Moment(Duration::from_micros(beat));
        Part {
            name: Arc::clone(&self.name),
            life: match self.kind {
                CellKind::Waiter => Life::Waiter(at),
                CellKind::Heart if beat == RESTING => Life::Resting,
                CellKind::Heart => Life::Beat(at),
                CellKind::Task => Life::Task,
            },
        }
    }
}

impl Shared {
    /// All that is at work, as it is now.
    pub(super) fn parts(&self) -> Vec<Part> {
        self.cells.iter().map(|cell| cell.look()).collect()
    }
}

impl Core {
    fn beat_now(&self) -> u64 {
        u64::try_from(self.now().0.as_micros()).unwrap_or(RESTING - 1)
    }

    /// Takes up something that is to beat from now on.
    pub(crate) fn take_heart(&self, name: Arc<str>) -> Arc<Cell> {
        let cell = self.add(name, CellKind::Heart);
        self.feed(&Input::HeartBorn);
        cell
    }

    /// Takes up something that a stop waits for.
    pub(crate) fn take_task(&self, name: Arc<str>) -> Arc<Cell> {
        self.add(name, CellKind::Task)
    }

    fn add(&self, name: Arc<str>, kind: CellKind) -> Arc<Cell> {
        let cell = Arc::new(Cell {
            name,
            kind,
            beat: AtomicU64::new(self.beat_now()),
        });
        lock(&self.shared).cells.push(Arc::clone(&cell));
        cell
    }

    pub(crate) fn drop_cell(&self, cell: &Arc<Cell>) {
        let mut shared = lock(&self.shared);
        let place = shared.cells.iter().position(|own| Arc::ptr_eq(own, cell));
        let dropped = place.map(|place| shared.cells.swap_remove(place));
        drop(shared);
        drop(dropped);
    }

    /// Without a watchdog nobody looks.
    pub(crate) fn beat(&self, cell: &Cell) {
        if self.watchdog.is_some() {
            cell.beat.store(self.beat_now(), Ordering::Relaxed);
        }
    }

    /// Whether whoever waits for events has not beaten since then.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn waiter_is_behind(&self, then: Moment) -> bool {
        let waiter = self.waiter.get();
        let beat = waiter.map(|cell| Duration::from_micros(cell.beat.load(Ordering::Relaxed)));
        beat.is_some_and(|beat| Moment(beat) < then)
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
                kind: CellKind::Waiter,
                beat: AtomicU64::new(0),
            })
        });
        self.beat(cell);
        if born {
            lock(&self.shared).cells.push(Arc::clone(cell));
            self.feed(&Input::HeartBorn);
        }
    }
}
