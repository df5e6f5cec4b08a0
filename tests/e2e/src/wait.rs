//! Waits for a state, with a limit that only a broken run reaches.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Asks `probe` again and again until it answers `Some`. The message of the error holds `what` and what `last` says then.
pub fn until<T>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> Result<Option<T>>,
    last: impl FnOnce() -> String,
) -> Result<T> {
    let begin = Instant::now();
    loop {
        if let Some(answer) = probe()? {
            return Ok(answer);
        }
        if begin.elapsed() > limit {
            bail!("waited {limit:?} in vain: {what}\n{}", last());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
