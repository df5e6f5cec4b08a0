//! A progress bar, where somebody watches.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};

use super::shell::Shell;

/// Work that is shorter than this shows no bar, and a bar changes no more often.
const PATIENCE: Duration = Duration::from_millis(200);

/// A bar on standard error that may be on the screen; it is taken off when it is dropped.
pub struct Progress {
    color: ColorChoice,
    visible: bool,
    since: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// A bar for one piece of work that begins now: on a terminal only, and never with `--quiet`.
    pub fn new(shell: &Shell) -> Self {
        Self {
            color: shell.color(),
            visible: !shell.is_quiet() && io::stderr().is_terminal(),
            since: Instant::now(),
            drawn: None,
        }
    }

    /// Shows how much of the work is done, if it takes long enough to be seen.
    pub fn at(&mut self, word: &str, text: &str, done: u64, total: u64) {
        if !self.visible {
            return;
        }
        let now = Instant::now();
        if now.duration_since(self.drawn.unwrap_or(self.since)) < PATIENCE {
            return;
        }
        self.drawn = Some(now);
        let bar = bar(text, done, total);
        self.write(&format!("\r\x1b[1m\x1b[36m{word:>12}\x1b[0m {bar}\x1b[K"));
    }

    fn write(&self, text: &str) {
        // A bar that cannot be shown is no reason to stop.
        let mut err = AutoStream::new(io::stderr(), self.color).lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            self.write("\r\x1b[K");
        }
    }
}

/// `[=====>    ]  52% text`, short enough for a line of 80 columns: a line that wraps cannot be drawn over.
fn bar(text: &str, done: u64, total: u64) -> String {
    const WIDTH: u64 = 20;
    const ROOM: usize = 79 - 13 - 22 - 6;
    let done = done.min(total);
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH);
    let percent = (done * 100).checked_div(total).unwrap_or(100);
    let bar: String = (0..WIDTH)
        .map(|cell| match cell.cmp(&filled) {
            std::cmp::Ordering::Less => '=',
            std::cmp::Ordering::Equal => '>',
            std::cmp::Ordering::Greater => ' ',
        })
        .collect();
    let text: String = text.chars().take(ROOM).collect();
    format!("[{bar}] {percent:3}% {text}")
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_fills_and_fits_a_line() {
        assert_eq!(bar("x", 0, 10), "[>                   ]   0% x");
        assert_eq!(bar("x", 5, 10), "[==========>         ]  50% x");
        assert_eq!(bar("x", 10, 10), "[====================] 100% x");
        assert_eq!(bar("x", 0, 0), "[====================] 100% x");
        assert!(bar(&"long".repeat(50), 1, 3).len() + 13 < 80);
    }
}
