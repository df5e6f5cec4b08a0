//! What nobody but svc-rt carries out on Windows.

use super::{Portable, RestartPolicy};
use crate::diagnostics::Place;

/// A declared key that only svc-rt carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnlyRuntime<'a> {
    /// What was declared, as the user wrote it.
    pub what: &'static str,
    /// Where.
    pub place: &'a Place,
}

impl Portable {
    /// The keys that a program without svc-rt would break the promise of on Windows. A default promises nothing.
    pub fn only_runtime(&self) -> Vec<OnlyRuntime<'_>> {
        let always = self
            .restart
            .as_ref()
            .filter(|restart| restart.value.policy == RestartPolicy::Always);
        let places = [
            ("restart = \"always\"", always.and_then(|set| set.place())),
            (
                "working-dir",
                self.working_dir.as_ref().and_then(|set| set.place()),
            ),
            (
                "start-timeout",
                self.start_timeout.as_ref().and_then(|set| set.place()),
            ),
            (
                "stop-timeout",
                self.stop_timeout.as_ref().and_then(|set| set.place()),
            ),
            (
                "watchdog",
                self.watchdog.as_ref().and_then(|set| set.place()),
            ),
            ("events", self.events.first().and_then(|set| set.place())),
            (
                "directories.runtime",
                self.directories
                    .runtime
                    .as_ref()
                    .and_then(|set| set.place()),
            ),
            ("sockets", self.sockets.first().and_then(|set| set.place())),
        ];
        places
            .into_iter()
            .filter_map(|(what, place)| {
                Some(OnlyRuntime {
                    what,
                    place: place?,
                })
            })
            .collect()
    }
}
