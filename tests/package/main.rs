//! `cargo svc package` as a user runs it: real projects without dependencies, a real cargo, the finished files read back.

mod archives;
mod builds;
#[cfg(unix)]
mod check;
mod contents;
mod project;
mod refusals;
mod runs;
mod windows;
