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

/// The same for the journal, to which each line says that it is one of an error ("`sd-daemon(3)`").
#[cfg(unix)]
pub(crate) fn print_error_lines(text: &str) {
    let text = text.replace('\n', "\n<3>");
    let _ = writeln!(std::io::stderr(), "<3>Error: {text}");
}
