//! Durations in systemd's grammar.

use std::time::Duration;

/// A duration, or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSpan {
    /// A length of time; systemd counts whole microseconds.
    Finite(Duration),
    /// `infinity`: no limit.
    Infinite,
}
