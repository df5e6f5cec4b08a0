//! The life of a service as a pure state machine.
//!
//! Nothing in here reads a clock, starts a thread or knows an operating system: time comes in as a [`Moment`], what
//! happened comes in as an [`Input`], and what the host has to do comes out as a list of [`Action`]s in order. Both
//! systems' rules are kept here once (checkpoints, the latched stop, STOPPED sent once and last), so that a host only
//! translates. `table.rs` holds every transition as data; `table.md`, below, is that data printed, and a test keeps the
//! two equal.
//!
#![doc = include_str!("table.md")]

mod effects;
mod machine;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod watchdog;

pub(crate) use machine::Machine;
pub(crate) use types::EXIT_PANICKED;
pub(crate) use types::{
    Action, Answered, Config, Declared, Exit, Input, Moment, Order, Report, State,
};
#[cfg(windows)]
pub(crate) use types::{Controls, START_HINT, STOP_HINT};
pub(crate) use watchdog::{Life, Part};
