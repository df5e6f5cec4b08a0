//! Presses buttons of other processes' windows, as a person does.

use std::thread::sleep;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{HWND, LPARAM};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::IsWindowEnabled;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BM_CLICK, EnumChildWindows, EnumWindows, GetWindowTextW, IsWindowVisible, PostMessageW,
};
use windows_sys::core::BOOL;

use crate::wide;

/// Longest wait for a button.
const WAIT: Duration = Duration::from_secs(60);

/// What is looked for, what of it was found, and the texts of what was looked at.
struct Search<'a> {
    text: &'a str,
    found: Option<HWND>,
    seen: Vec<String>,
}

/// Waits for a button with this text that can be pressed, and presses it. Otherwise the texts of all that could be pressed.
pub fn press(text: &str) -> Result<(), Vec<String>> {
    let begun = Instant::now();
    loop {
        let mut search = Search {
            text,
            found: None,
            seen: Vec::new(),
        };
        // SAFETY: the function gets this very structure, which outlives the call.
        unsafe {
            EnumWindows(
                Some(top),
                (&raw mut search).expose_provenance().cast_signed(),
            )
        };
        if let Some(window) = search.found {
            // SAFETY: a message without pointers; a window that is gone by now is an error of the call.
            let posted = unsafe { PostMessageW(window, BM_CLICK, 0, 0) };
            return if posted == 0 {
                Err(vec!["it went before it was pressed".to_owned()])
            } else {
                Ok(())
            };
        }
        if begun.elapsed() > WAIT {
            return Err(search.seen);
        }
        sleep(Duration::from_millis(100));
    }
}

unsafe extern "system" fn top(window: HWND, search: LPARAM) -> BOOL {
    // SAFETY: the value is handed on as it came.
    unsafe { EnumChildWindows(window, Some(child), search) };
    1
}

unsafe extern "system" fn child(window: HWND, search: LPARAM) -> BOOL {
    // SAFETY: `press` hands over its own structure, and nothing else uses it meanwhile.
    let search = unsafe {
        &mut *std::ptr::with_exposed_provenance_mut::<Search<'_>>(search.cast_unsigned())
    };
    let mut text = [0_u16; 256];
    // SAFETY: the buffer is as long as is said, one unit of it for the NUL.
    let length = unsafe { GetWindowTextW(window, text.as_mut_ptr(), 256) };
    let text = &text[..usize::try_from(length).unwrap_or(0)];
    let text = wide::split_list(text);
    let Some(text) = text.first().map(|text| text.to_string_lossy()) else {
        return 1;
    };
    // SAFETY: both look at a window, and answer no for one that is gone.
    if unsafe { IsWindowVisible(window) == 0 || IsWindowEnabled(window) == 0 } {
        return 1;
    }
    if text == search.text {
        search.found = Some(window);
    }
    search.seen.push(text.into_owned());
    1
}
