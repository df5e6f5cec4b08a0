//! systemd: the notify protocol of "`sd_notify(3)`".

use std::ffi::OsStr;
use std::time::Duration;

use super::journal::stderr_is_journal;
use super::notify::NotifySocket;
use super::{Sink, clock::monotonic_microseconds, foreground, process};
use crate::lifecycle::{Action, Report, State};

/// How long a READY, or what asks for one, may wait for a manager that is busy: it must not be lost because PID 1 is reloading.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long anything else may wait. Words can be lost, a grant is told again, and neither may hold the service up.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// The manager reads messages of at most 4096 bytes (`NOTIFY_BUFFER_MAX`), assignments included.
const LONGEST_STATUS: usize = 1024;

#[allow(clippy::struct_excessive_bools)] // Each is one thing that was said, or is so.
pub(crate) struct Systemd {
    socket: Option<NotifySocket>,
    ready: bool,
    /// A reload was announced, and its end was not.
    reloading: bool,
    stopping: bool,
    /// Standard error is the journal.
    journal: bool,
}

impl Systemd {
    /// `address` is what `NOTIFY_SOCKET` held. Without one every message is a silent no-op; with one that cannot be used,
    /// that is said once and then the service runs all the same.
    pub(crate) fn new(address: Option<&OsStr>) -> Self {
        let socket = address.and_then(|address| match NotifySocket::new(address) {
            Ok(socket) => Some(socket),
            Err(error) => {
                foreground::print(&format!(
                    "NOTIFY_SOCKET {address:?} cannot be used: {error}"
                ));
                None
            }
        });
        Self {
            socket,
            ready: false,
            reloading: false,
            stopping: false,
            journal: stderr_is_journal(),
        }
    }

    fn send(&self, message: &str) {
        self.say(message.as_bytes(), IMPATIENCE);
    }

    /// What cannot be said is not: nobody else would hear it either.
    fn say(&self, message: &[u8], patience: Duration) {
        if let Some(socket) = &self.socket {
            let _ = socket.send(message, patience);
        }
    }

    fn send_ready(&mut self) {
        self.ready = true;
        self.reloading = false;
        self.say(b"READY=1", PATIENCE);
    }

    /// systemd pairs this with the reload that it asked for by the time in it, which is to be no earlier ("`sd_notify(3)`").
    fn send_reloading(&mut self) {
        self.reloading = true;
        let now = monotonic_microseconds();
        let message = format!("RELOADING=1\nMONOTONIC_USEC={now}");
        self.say(message.as_bytes(), PATIENCE);
    }

    fn report(&mut self, report: &Report) {
        match report.state {
            State::Running if !self.ready || self.reloading => self.send_ready(),
            State::Reloading => self.send_reloading(),
            State::Stopping if !self.stopping => {
                self.stopping = true;
                self.send("STOPPING=1");
            }
            // systemd has no word for a pause.
            State::Starting
            | State::Running
            | State::Pausing
            | State::Paused
            | State::Continuing
            | State::Stopping => {}
            // A service of Type=notify that exits with 0 before READY=1 has failed for systemd (result "protocol"), while
            // an orderly end is what the program said.
            State::Stopped => {
                if !self.ready && report.exit.is_some_and(|exit| !exit.failure) {
                    self.send_ready();
                }
            }
        }
    }
}

impl Sink for Systemd {
    fn notify_socket(&self) -> Option<&NotifySocket> {
        self.socket.as_ref()
    }

    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::Report(report) => self.report(report),
            Action::Status(text) => self.send(&format!("STATUS={}", one_line(text))),
            Action::Extend(time) => {
                let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
                self.send(&format!("EXTEND_TIMEOUT_USEC={time}"));
            }
            Action::Ping => self.send("WATCHDOG=1"),
            // systemd then does as if the time were over ("`sd_notify(3)`"), which it would notice half a period later.
            Action::Missed => self.say(b"WATCHDOG=trigger", PATIENCE),
            Action::Abort => std::process::abort(),
            Action::Log(text) if self.journal => foreground::print_error_lines(text),
            Action::Log(text) => foreground::print(text),
            Action::Exit(code) => process::end_now(*code),
            Action::Crash | Action::Wake | Action::Deliver(_) | Action::Poke | Action::Arm(_) => {}
        }
    }
}

/// A newline would begin another assignment, so every control character becomes a space; and the text is cut at a
/// character's end.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST_STATUS));
    for character in text.chars() {
        let character = if character.is_control() {
            ' '
        } else {
            character
        };
        if line.len() + character.len_utf8() > LONGEST_STATUS {
            break;
        }
        line.push(character);
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_stays_one_assignment() {
        assert_eq!(one_line("a\nREADY=1\r\n\u{1b}[31mb\0"), "a READY=1   [31mb");
        assert_eq!(one_line("  \n"), "");
    }

    #[test]
    fn a_long_status_is_cut_between_characters() {
        let line = one_line(&"ä".repeat(LONGEST_STATUS));
        assert_eq!(line.len(), LONGEST_STATUS);
        let line = one_line(&format!("x{}", "ä".repeat(LONGEST_STATUS)));
        assert_eq!(line.len(), LONGEST_STATUS - 1);
    }
}
