//! The Windows Event Log, with nothing set up: a source that nobody registered still gets its text recorded.
#![allow(unsafe_code)]

use std::ptr;

use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, RegisterEventSourceW, ReportEventW,
};

use super::wide;

/// `EventCreate.exe`, the message file that installers name, knows the ids 1 to 1000 and prints the text as it is.
const ERROR_ID: u32 = 1;

/// The longest string that an event takes ("`ReportEventW` function", Microsoft), in UTF-16 units.
const LONGEST: usize = 31_839;

/// Records an error. A log that cannot be written is no reason to fail.
pub(super) fn report(source: &str, text: &str) {
    let source = wide(source);
    let mut text = wide(text);
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
            EVENTLOG_ERROR_TYPE,
            0,
            ERROR_ID,
            ptr::null_mut(),
            1,
            0,
            strings.as_ptr(),
            ptr::null(),
        );
        DeregisterEventSource(log);
    }
}
