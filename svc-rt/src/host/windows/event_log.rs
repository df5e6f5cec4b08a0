//! The Windows Event Log, with nothing set up: a source that nobody registered still gets its text recorded.
#![allow(unsafe_code)]

use std::ptr;

use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE,
    RegisterEventSourceW, ReportEventW,
};

use super::wide;

/// How grave a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    #[cfg_attr(not(any(feature = "log", feature = "tracing")), allow(dead_code))]
    Warning,
    #[cfg_attr(not(any(feature = "log", feature = "tracing")), allow(dead_code))]
    Information,
}

impl Severity {
    /// The event's type, and its id: `EventCreate.exe`, the message file that installers name, knows the ids 1 to 1000 and prints
    /// the text as it is.
    fn kind_and_id(self) -> (u16, u32) {
        match self {
            Self::Error => (EVENTLOG_ERROR_TYPE, 1),
            Self::Warning => (EVENTLOG_WARNING_TYPE, 2),
            Self::Information => (EVENTLOG_INFORMATION_TYPE, 3),
        }
    }
}

/// The longest string that an event takes ("`ReportEventW` function", Microsoft), in UTF-16 units.
const LONGEST: usize = 31_839;

/// Whoever shows a record puts its strings in again wherever they hold what looks like a place for one: `%1` in a text is the text,
/// over and over, and there is no way to write it otherwise ("Expanding Unexpanded Event Description Strings", Microsoft). So that
/// `fe80::1%2` can be read it becomes `fe80::1% 2`, as Microsoft advises ("Event Viewer incorrectly displays `IPv6` addresses").
fn without_places(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut after_percent = false;
    for character in text.chars() {
        if after_percent && (character.is_ascii_digit() || character == '{') {
            safe.push(' ');
        }
        after_percent = character == '%';
        safe.push(character);
    }
    safe
}

/// Records a text. A log that cannot be written is no reason to fail.
pub(crate) fn report(source: &str, severity: Severity, text: &str) {
    let (kind, id) = severity.kind_and_id();
    let source = wide(source);
    let mut text = wide(&without_places(text));
    if text.len() > LONGEST {
        text.truncate(LONGEST - 1);
        text.push(0);
    }
    // SAFETY: both strings end in a zero and outlive the calls; the handle is used only if it is one, and closed once.
    unsafe {
        let log = RegisterEventSourceW(ptr::null(), source.as_ptr());
        if log.is_null() {
            return;
        }
        let strings = [text.as_ptr()];
        ReportEventW(
            log,
            kind,
            0,
            id,
            ptr::null_mut(),
            1,
            0,
            strings.as_ptr(),
            ptr::null(),
        );
        DeregisterEventSource(log);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_looks_like_a_place_for_another() {
        assert_eq!(
            without_places("fe80::1%2 %%5 %{a} 100% of %s%"),
            "fe80::1% 2 %% 5 % {a} 100% of %s%"
        );
    }
}
