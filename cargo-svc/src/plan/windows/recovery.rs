//! What the manager does when a service fails.

use std::time::Duration;

use super::check::Check;
use crate::diagnostics::{Declared, Diagnostic};
use crate::service::windows::{FailureWord, Windows};
use crate::service::{Portable, RestartPolicy, TimeSpan};

/// Longest time in milliseconds that every tool takes: sc.exe reads a signed 32-bit number.
pub(super) const MAX_MILLISECONDS: u32 = i32::MAX.unsigned_abs();

/// What happens when a service fails.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recovery {
    /// After how many seconds without a failure the manager counts from anew.
    pub reset: u32,
    /// What it does after the first failure, the second, and so on, and after how many milliseconds; the last one repeats. None:
    /// nothing.
    pub actions: Vec<(FailureWord, u32)>,
    /// Whether an end with an error is a failure, too, not a crash alone.
    pub on_error: bool,
}

impl Recovery {
    /// A day. With one action for all failures the count does not matter; sc.exe wants a number.
    pub const RESET_SECONDS: u32 = 86_400;

    /// Nothing happens.
    pub const fn nothing() -> Self {
        Self {
            reset: 0,
            actions: Vec::new(),
            on_error: false,
        }
    }

    /// It is started again, each time, after so many milliseconds.
    pub fn restart(delay: u32) -> Self {
        Self {
            reset: Self::RESET_SECONDS,
            actions: vec![(FailureWord::Restart, delay)],
            on_error: true,
        }
    }

    /// The registry's `FailureActions` value: the 32-bit image of `SERVICE_FAILURE_ACTIONSW`, then the actions.
    pub fn registry_hex(&self) -> String {
        let count = u32::try_from(self.actions.len()).unwrap_or(u32::MAX);
        let mut numbers = vec![self.reset, 0, 0, count, 20];
        for (word, delay) in &self.actions {
            numbers.extend([number(*word), *delay]);
        }
        let digit = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
        let mut hex = String::with_capacity(8 * numbers.len());
        for byte in numbers.into_iter().flat_map(u32::to_le_bytes) {
            hex.push(digit(byte >> 4));
            hex.push(digit(byte & 0xF));
        }
        hex
    }

    /// sc.exe's word for the actions.
    pub fn words(&self) -> String {
        let words: Vec<String> = self
            .actions
            .iter()
            .map(|(word, delay)| {
                let word = match word {
                    FailureWord::Restart => "restart",
                    FailureWord::Reboot => "reboot",
                };
                format!("{word}/{delay}")
            })
            .collect();
        words.join("/")
    }
}

/// `SC_ACTION_TYPE`.
const fn number(word: FailureWord) -> u32 {
    match word {
        FailureWord::Restart => 1,
        FailureWord::Reboot => 2,
    }
}

/// What the two tables say together.
pub(super) fn plan(keys: &Portable, own: &Windows, check: &mut Check) -> Option<Recovery> {
    if let Some(declared) = &own.failure_actions {
        return failure_actions(declared, check);
    }
    let restart = keys.restart.as_ref()?;
    if restart.value.policy == RestartPolicy::No {
        return Some(Recovery::nothing());
    }
    let delay = match restart.value.delay {
        TimeSpan::Finite(delay) => whole_milliseconds(delay),
        TimeSpan::Infinite => None,
    };
    if delay.is_none() {
        check.refuse(
            Diagnostic::error("`restart` cannot wait this long on Windows")
                .at(restart.place())
                .label("a recovery action waits at most 24 days")
                .help("write `restart = \"no\"` in `[package.metadata.service.windows]` if it shall not come back"),
        );
    }
    delay.map(Recovery::restart)
}

fn failure_actions(
    declared: &Declared<crate::service::windows::FailureActions>,
    check: &mut Check,
) -> Option<Recovery> {
    let typed = &declared.value;
    let reset = match typed.reset {
        TimeSpan::Finite(time) => u32::try_from(time.as_micros().div_ceil(1_000_000)).ok(),
        TimeSpan::Infinite => None,
    };
    let reset = reset.filter(|seconds| *seconds <= MAX_MILLISECONDS);
    let actions: Option<Vec<_>> = typed
        .actions
        .iter()
        .map(|(word, delay)| match delay {
            TimeSpan::Finite(delay) => Some((*word, whole_milliseconds(*delay)?)),
            TimeSpan::Infinite => None,
        })
        .collect();
    let (Some(reset), Some(actions)) = (reset, actions) else {
        check.refuse(
            Diagnostic::error("`failure-actions` cannot wait this long")
                .at(declared.place())
                .label("an action waits at most 24 days, and the count begins anew after 68 years at most"),
        );
        return None;
    };
    Some(Recovery {
        reset,
        actions,
        on_error: typed.on_error,
    })
}

/// Rounded up: a shorter time than the declared one would be another promise.
pub(super) fn whole_milliseconds(time: Duration) -> Option<u32> {
    u32::try_from(time.as_micros().div_ceil(1000))
        .ok()
        .filter(|ms| *ms <= MAX_MILLISECONDS)
}

/// The time of a key in milliseconds. For ever is the longest that the manager takes, about 24 days.
pub(super) fn milliseconds(key: &str, time: &Declared<TimeSpan>, check: &mut Check) -> Option<u32> {
    let found = match time.value {
        TimeSpan::Infinite => Some(MAX_MILLISECONDS),
        TimeSpan::Finite(finite) => whole_milliseconds(finite),
    };
    if found.is_none() {
        check.refuse(
            Diagnostic::error(format!("`{key}` is too long for Windows"))
                .at(time.place())
                .label("the service manager takes at most 24 days")
                .help(format!("write `{key} = \"infinity\"` for no limit")),
        );
    }
    found
}
