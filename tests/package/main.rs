//! `cargo svc package` as a user runs it: real projects without dependencies, a real cargo, the finished files read back.

mod archives;
#[cfg(target_os = "linux")]
mod arm64;
mod builds;
#[cfg(unix)]
mod check;
mod contents;
#[cfg(target_os = "linux")]
mod installer;
#[cfg(unix)]
mod killed;
mod project;
mod refusals;
mod runs;
#[cfg(target_os = "linux")]
mod signing;
mod windows;
