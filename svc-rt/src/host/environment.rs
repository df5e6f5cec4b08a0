//! Takes the manager's variables out of the environment once they are read.
#![allow(unsafe_code)]

use crate::__private::{Declaration, Shape};
use crate::settings::VARIABLES;

/// Removes them, unless the declaration says otherwise or another thread could be reading the environment.
pub(crate) fn clean(declaration: &Declaration, shape: Shape) {
    if declaration.keep_env || !may_write(shape) {
        return;
    }
    for name in VARIABLES {
        // SAFETY: no other thread of this process exists (or none can be hurt by it): see `may_write`.
        unsafe { std::env::remove_var(name) };
    }
}

/// Windows guards its environment with a lock of its own, so it may be written at any time ("`SetEnvironmentVariable`
/// function", Microsoft; `std::env::set_var`, "Safety").
#[cfg(windows)]
fn may_write(_shape: Shape) -> bool {
    true
}

/// Elsewhere only a process with one thread may. The kernel is asked; where it cannot say, the generated `main` is
/// trusted to come first, and a function that is called from some `main` is not.
#[cfg(not(windows))]
fn may_write(shape: Shape) -> bool {
    thread_count().map_or(shape == Shape::Main, |count| count == 1)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn thread_count() -> Option<usize> {
    std::fs::read_dir("/proc/self/task")
        .ok()
        .map(Iterator::count)
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn thread_count() -> Option<usize> {
    None
}
