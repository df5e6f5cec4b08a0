//! Signals: a handler that does no more than it may, and a socket pair that carries the news to a thread.
#![allow(unsafe_code)]

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use libc::{SIGHUP, SIGINT, SIGTERM, c_int, siginfo_t};

use super::Nudge;
use crate::event::StopReason;

/// How many stops were signalled, and the first of them until the thread took it.
static STOPS: AtomicUsize = AtomicUsize::new(0);
static FIRST: AtomicI32 = AtomicI32::new(0);

/// A reload was signalled and the thread has not taken it yet.
static RELOAD: AtomicBool = AtomicBool::new(false);

/// The writing end. It lives as long as the process, since a handler may write at any time.
static BELL: OnceLock<UnixStream> = OnceLock::new();

/// The reading end, for the manager thread.
pub(crate) struct Signals(UnixStream);

/// Installs the handlers. SIGTERM and SIGINT ask for a stop, and a second one ends the process at once. SIGPIPE stays as it
/// is.
///
/// SIGHUP asks for a reload, if the program handles that. If not, it is taken in under a manager, for its default is to kill.
/// In a terminal it keeps its other meaning, which is that the terminal went away.
pub(crate) fn install(managed: bool, reloads: bool) -> io::Result<Signals> {
    let (writer, reader) = UnixStream::pair()?;
    writer.set_nonblocking(true)?;
    let bell = BELL.get_or_init(|| writer).as_raw_fd();
    for signal in [SIGTERM, SIGINT] {
        // SAFETY: the action only touches atomics and calls write, signal and raise, all of which "signal-safety(7)"
        // lists; the registry keeps errno. The descriptor is never closed.
        unsafe { signal_hook_registry::register(signal, move || on_stop(signal, bell)) }?;
    }
    if reloads {
        let action = move |info: &siginfo_t| {
            if !managed && is_from_terminal(info) {
                default_action(SIGHUP);
            } else if !RELOAD.swap(true, Ordering::SeqCst) {
                ring(bell);
            }
        };
        // SAFETY: as above.
        unsafe { signal_hook_registry::register_sigaction(SIGHUP, action) }?;
    } else if managed {
        // SAFETY: the action does nothing.
        unsafe { signal_hook_registry::register(SIGHUP, || ()) }?;
    }
    Ok(Signals(reader))
}

/// Whether the terminal itself sent the signal, and not somebody with kill(1).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_from_terminal(info: &siginfo_t) -> bool {
    // "sigaction(2)": the kernel sent it. libc has no name for the value on Android.
    const SI_KERNEL: c_int = 0x80;
    info.si_code == SI_KERNEL
}

/// Elsewhere the kernel sends it in the name of no process.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_from_terminal(info: &siginfo_t) -> bool {
    // SAFETY: SIGHUP is a signal whose information has a process id.
    unsafe { info.si_pid() == 0 }
}

/// Runs inside the signal handler.
fn on_stop(signal: c_int, bell: c_int) {
    if STOPS.fetch_add(1, Ordering::SeqCst) == 0 {
        FIRST.store(signal, Ordering::SeqCst);
        ring(bell);
    } else {
        default_action(signal);
    }
}

/// Wakes the thread, from inside a signal handler.
fn ring(bell: c_int) {
    let byte = [0_u8];
    // SAFETY: the buffer is one byte long, and the descriptor is open and does not block. A full pipe is no loss: the
    // thread is about to wake anyway.
    unsafe { libc::write(bell, byte.as_ptr().cast(), 1) };
}

/// Lets the signal that is being handled do what it does by default, which here is to end the process.
fn default_action(signal: c_int) {
    // SAFETY: both may be called in a handler. The signal is blocked while its handler runs, and so ends the process when
    // the handler returns; the manager sees a death by that signal, as it expects.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// What was signalled since the last look.
pub(crate) struct Signalled {
    pub(crate) stop: Option<StopReason>,
    pub(crate) reload: bool,
}

impl Signals {
    /// Waits for a signal or a nudge, at most for `time`, and gives what was signalled, once.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Signalled {
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
        Signalled {
            stop: match FIRST.swap(0, Ordering::SeqCst) {
                SIGINT => Some(StopReason::Interrupt),
                SIGTERM => Some(StopReason::Terminate),
                _ => None,
            },
            reload: RELOAD.swap(false, Ordering::SeqCst),
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
