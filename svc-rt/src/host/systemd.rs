//! systemd: the notify protocol of "`sd_notify(3)`".

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use super::{Sink, clock::monotonic_microseconds, foreground, process};
use crate::lifecycle::{Action, Report, State};

/// How long a READY, or what asks for one, may wait for a manager that is busy: it must not be lost because PID 1 is reloading.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long anything else may wait. Words can be lost, a grant is told again, and neither may hold the service up.
const IMPATIENCE: Duration = Duration::from_millis(100);

/// The manager reads messages of at most 4096 bytes (`NOTIFY_BUFFER_MAX`), assignments included.
const LONGEST_STATUS: usize = 1024;

pub(crate) struct Systemd {
    socket: Option<NotifySocket>,
    ready: bool,
    /// A reload was announced, and its end was not.
    reloading: bool,
    stopping: bool,
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
        }
    }

    fn send(&self, message: &str) {
        if let Some(socket) = &self.socket {
            socket.send(message.as_bytes(), IMPATIENCE);
        }
    }

    fn send_ready(&mut self) {
        self.ready = true;
        self.reloading = false;
        if let Some(socket) = &self.socket {
            socket.send(b"READY=1", PATIENCE);
        }
    }

    /// systemd pairs this with the reload that it asked for by the time in it, which is to be no earlier ("`sd_notify(3)`").
    fn send_reloading(&mut self) {
        self.reloading = true;
        if let Some(socket) = &self.socket {
            let now = monotonic_microseconds();
            let message = format!("RELOADING=1\nMONOTONIC_USEC={now}");
            socket.send(message.as_bytes(), PATIENCE);
        }
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
            Action::Missed => {
                if let Some(socket) = &self.socket {
                    socket.send(b"WATCHDOG=trigger", PATIENCE);
                }
            }
            Action::Abort => std::process::abort(),
            // Standard error is the journal.
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

struct NotifySocket {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl NotifySocket {
    fn new(address: &OsStr) -> io::Result<Self> {
        let address = parse(address)?;
        let socket = UnixDatagram::unbound()?;
        Ok(Self { socket, address })
    }

    /// An error is never fatal: a service that cannot reach its manager still serves.
    fn send(&self, message: &[u8], patience: Duration) {
        // Without a limit it could wait for ever.
        if self.socket.set_write_timeout(Some(patience)).is_err() {
            return;
        }
        while let Err(error) = self.socket.send_to_addr(message, &self.address) {
            if error.kind() != io::ErrorKind::Interrupted {
                break;
            }
        }
    }
}

fn parse(address: &OsStr) -> io::Result<SocketAddr> {
    match address.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(address),
        [b'@', name @ ..] => abstract_address(name),
        _ => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it is neither a path nor an abstract socket (\"@name\")",
        )),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_address(_name: &[u8]) -> io::Result<SocketAddr> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "abstract sockets exist on Linux alone",
    ))
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

    #[test]
    fn addresses() {
        let path = parse(OsStr::new("/run/x y")).unwrap();
        assert_eq!(path.as_pathname(), Some(std::path::Path::new("/run/x y")));
        assert!(parse(OsStr::new("vsock:2:1234")).is_err());
        assert!(parse(OsStr::new("relative")).is_err());
        assert!(parse(OsStr::new(&format!("/{}", "x".repeat(200)))).is_err());
        #[cfg(target_os = "linux")]
        {
            use std::os::linux::net::SocketAddrExt;
            let name = parse(OsStr::new("@a/b")).unwrap();
            assert_eq!(name.as_abstract_name(), Some(&b"a/b"[..]));
        }
    }
}
