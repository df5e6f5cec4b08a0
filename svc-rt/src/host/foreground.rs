//! The foreground: nobody to report to, and a person who reads standard error.

use std::io::Write;

use super::{Sink, process};
use crate::lifecycle::Action;

pub(crate) struct Foreground;

impl Sink for Foreground {
    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::Log(text) => print(text),
            Action::Exit(code) => process::end_now(*code),
            _ => {}
        }
    }
}

/// Writes an error as std writes the `Err` of a `main`. A closed standard error is no reason to fail.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stderr(), "Error: {text}");
}
