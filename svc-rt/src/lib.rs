//! The run-time half of a service: an ordinary Rust program speaks with systemd, with the Windows service manager, or with
//! nobody at all in a terminal, through the same few calls.
//!
//! ```no_run
//! use svc_rt::{Event, Service};
//!
//! fn run(svc: Service) -> std::io::Result<()> {
//!     let listener = std::net::TcpListener::bind("[::]:8080")?;
//!     svc.ready();
//!     loop {
//!         match svc.wait_event() {
//!             Event::Stop(_reason) => break,
//!             _ => {}
//!         }
//!     }
//!     drop(listener);
//!     Ok(())
//! }
//! # let _ = run;
//! ```
//!
//! # What holds on every system
//!
//! * A stop is latched: once asked for, every wait returns it, on every thread, for ever.
//! * A failure looks like one. An `Err`, a panic, [`Service::fail`], a start or stop that hangs: the process ends with a
//!   non-zero code that the manager acts on, and the reason is on standard error (the journal, under systemd) or in the
//!   Windows Event Log, with no logger set up.
//! * The stop is bounded by `SVC_STOP_TIMEOUT_USEC`, which the installation sets: when it passes, the log names what was
//!   stuck and the process ends with code 124.
//! * A second Ctrl-C or SIGTERM ends the process at once.
//!
//! # Exit codes
//!
//! | end | process | Windows service manager |
//! | --- | --- | --- |
//! | success | 0 | 0 |
//! | success, unasked, with restart policy `always` | 0 | 1066 with 0, so that recovery acts |
//! | `Err`, `fail` | 1 | 1066 with 1 |
//! | an `ExitCode` | its number | 1066 with its number |
//! | a panic | 101 | a crash, with no STOPPED: recovery always acts |
//! | a start or stop that hangs | 124 | 1066 with 124 |
//!
//! # The environment
//!
//! `NOTIFY_SOCKET` and the `SVC_…` variables are read once and then removed, so that a child process neither speaks for this
//! service nor takes its time-outs for its own. That happens before user code where `#[service]` stands on `main`; where it
//! stands on another function it happens only if the process has a single thread then, since another thread could be
//! reading the environment. `#[service(keep_env)]` leaves the environment alone. A malformed `SVC_…` value fails the start.
#![deny(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod core;
mod event;
mod host;
mod lifecycle;
mod outcome;
mod service;
mod settings;
mod stop;

pub use event::{Event, StopReason};
pub use service::{Host, Service};
pub use stop::{NextEvent, StopToken};
