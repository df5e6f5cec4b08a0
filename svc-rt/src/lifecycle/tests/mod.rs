//! The table is complete and printed, every sequence of inputs keeps the rules, and single lives go as they should.

mod lives;
mod sequences;
mod table;

use std::time::Duration;

use super::Moment;

/// A second, by the test's clock.
const TICK: Duration = Duration::from_secs(1);

fn moment(seconds: u64) -> Moment {
    Moment(Duration::from_secs(seconds))
}
