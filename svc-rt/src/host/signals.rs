//! Signals: a handler that does no more than it may, and a socket pair that carries the news to a thread.
#![allow(unsafe_code)]

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use libc::{SIGHUP, SIGINT, SIGTERM, c_int};

use super::Nudge;
use crate::event::StopReason;

/// How many stops were signalled, and the first of them until the thread took it.
static STOPS: AtomicUsize = AtomicUsize::new(0);
static FIRST: AtomicI32 = AtomicI32::new(0);

/// The writing end. It lives as long as the process, since a handler may write at any time.
static BELL: OnceLock<UnixStream> = OnceLock::new();

/// The reading end, for the manager thread.
pub(crate) struct Signals(UnixStream);

/// Installs the handlers. SIGTERM and SIGINT ask for a stop, and a second one ends the process at once. Under a manager
/// SIGHUP is taken in, for its default is to kill; in a terminal it keeps its meaning, which is that the terminal went
/// away. SIGPIPE stays as it is.
pub(crate) fn install(managed: bool) -> io::Result<Signals> {
    let (writer, reader) = UnixStream::pair()?;
    writer.set_nonblocking(true)?;
    let bell = BELL.get_or_init(|| writer).as_raw_fd();
    for signal in [SIGTERM, SIGINT] {
        // SAFETY: the action only touches atomics and calls write, signal and raise, all of which "signal-safety(7)"
        // lists; the registry keeps errno. The descriptor is never closed.
        unsafe { signal_hook_registry::register(signal, move || on_stop(signal, bell)) }?;
    }
    if managed {
        // SAFETY: the action does nothing.
        unsafe { signal_hook_registry::register(SIGHUP, || ()) }?;
    }
    Ok(Signals(reader))
}

/// Runs inside the signal handler.
fn on_stop(signal: c_int, bell: c_int) {
    if STOPS.fetch_add(1, Ordering::SeqCst) == 0 {
        FIRST.store(signal, Ordering::SeqCst);
        let byte = [0_u8];
        // SAFETY: the buffer is one byte long, and the descriptor is open and does not block. A full pipe is no loss: the
        // thread is about to wake anyway.
        unsafe { libc::write(bell, byte.as_ptr().cast(), 1) };
    } else {
        // SAFETY: both may be called in a handler. The signal is blocked while its handler runs, and so ends the
        // process when the handler returns; the manager sees a death by that signal, as it expects.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
    }
}

impl Signals {
    /// Waits for a signal or a nudge, at most for `time`, and gives the stop that was signalled, once.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Option<StopReason> {
        /// What to sleep instead of reading, should the socket be gone.
        const PAUSE: Duration = Duration::from_millis(100);
        let mut buffer = [0; 64];
        let read = match self.0.set_read_timeout(time.filter(|time| !time.is_zero())) {
            Ok(()) => self.0.read(&mut buffer),
            Err(error) => Err(error),
        };
        let broken = match read {
            Ok(count) => count == 0,
            Err(error) => !matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
            ),
        };
        if broken {
            std::thread::sleep(PAUSE);
        }
        match FIRST.swap(0, Ordering::SeqCst) {
            SIGINT => Some(StopReason::Interrupt),
            SIGTERM => Some(StopReason::Terminate),
            _ => None,
        }
    }
}

/// Wakes the thread that waits in [`Signals::wait`].
pub(crate) struct Bell;

impl Nudge for Bell {
    fn nudge(&self) {
        if let Some(mut bell) = BELL.get() {
            let _ = bell.write(&[0]);
        }
    }
}
