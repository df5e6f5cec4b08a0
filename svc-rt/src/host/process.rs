//! The process itself: whose it is, and its end without asking its threads.
#![allow(unsafe_code)]

/// Ends the process at once. No destructor and no exit handler runs: what is stuck could hold those up as well.
#[cfg(unix)]
pub(crate) fn end_now(code: u8) -> ! {
    // SAFETY: _exit takes any number and may be called at any time.
    unsafe { libc::_exit(libc::c_int::from(code)) }
}

/// Ends the process at once. `TerminateProcess` and not `ExitProcess`, which waits for the loader's lock: what is stuck may
/// hold it ("`ExitProcess` function", Microsoft).
#[cfg(windows)]
pub(crate) fn end_now(code: u8) -> ! {
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};
    // SAFETY: the pseudo handle of the own process is always valid and has the right to end it.
    unsafe { TerminateProcess(GetCurrentProcess(), u32::from(code)) };
    // Not reached. If it were, a crash is the next best end.
    std::process::abort()
}

/// Whether this is root, who has the system's own folders.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    // SAFETY: it takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Windows has no such user, and no folders for one.
#[cfg(windows)]
pub(crate) fn is_root() -> bool {
    false
}
