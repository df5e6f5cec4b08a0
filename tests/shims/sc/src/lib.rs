//! What the two programs of this package share: thin, checked calls into the service control manager and the registry.
//!
//! `sc` stands in for `sc.exe` under Wine, whose own one lacks half of the verbs; `winq` answers the test suites'
//! questions with exact values, under Wine and on a Windows machine alike.

#[cfg(windows)]
pub mod kept;
#[cfg(windows)]
pub mod leash;
#[cfg(windows)]
pub mod press;
#[cfg(windows)]
pub mod registry;
#[cfg(windows)]
pub mod scm;
#[cfg(windows)]
pub mod wide;

pub mod json;
