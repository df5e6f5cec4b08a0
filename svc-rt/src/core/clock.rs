//! The service's clock: the machine's own, or one that a test turns.

#[cfg(any(test, feature = "testing"))]
use std::sync::Arc;
#[cfg(any(test, feature = "testing"))]
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(any(test, feature = "testing"))]
use std::time::Duration;
use std::time::Instant;

use crate::lifecycle::Moment;

/// Tells the time since an origin. No clock that somebody can set has a part in it.
pub(crate) enum Clock {
    /// The time that passes.
    Real(Instant),
    /// The time that a test says it is, in microseconds.
    #[cfg(any(test, feature = "testing"))]
    Turned(Arc<AtomicU64>),
}

impl Clock {
    pub(crate) fn real() -> Self {
        Self::Real(Instant::now())
    }

    pub(super) fn now(&self) -> Moment {
        Moment(match self {
            Self::Real(origin) => origin.elapsed(),
            #[cfg(any(test, feature = "testing"))]
            Self::Turned(time) => Duration::from_micros(time.load(Ordering::SeqCst)),
        })
    }

    /// Whether time passes without anybody doing something for it.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Real(_))
    }
}
