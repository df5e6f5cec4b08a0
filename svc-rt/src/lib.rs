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
//!             Event::Reload(reload) => reload.finish(std::fs::read_to_string("beacon.toml")),
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
//! * A reload that was asked for is answered, however it ends; asked for during the start, it is neither lost nor fatal.
//! * A watchdog is tied to life: the manager is told that all is well only while whoever waits for events, and every
//!   [`Heart`], shows that it is ([`Service::heart`]).
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
//! | a heart that the watchdog missed | SIGABRT, mostly systemd's | a crash, with no STOPPED: recovery always acts |
//!
//! # The environment
//!
//! What the installation and the service manager tell the program:
//!
//! | variable | meaning |
//! | --- | --- |
//! | `NOTIFY_SOCKET`, `LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES` | as systemd documents them |
//! | `WATCHDOG_USEC`, `WATCHDOG_PID` | the watchdog's period, in microseconds, on both systems |
//! | `SVC_LOG` | what is logged where, with the features `log` and `tracing` |
//! | `SVC_STOP_TIMEOUT_USEC` | the bound on a stop, in microseconds, or `infinity` |
//! | `SVC_SOCKETS` | sockets that nobody hands over: pairs `name=listen` separated by white space, such as `http=tcp://[::]:80 dns=udp://[::]:53 dns=tcp://[::]:53`; a path with white space in it cannot stand there |
//! | `SVC_START_TIMEOUT_USEC`, `SVC_RESTART`, `SVC_WORKING_DIRECTORY` | Windows: what systemd does itself and the SCM does not |
//! | `STATE_DIRECTORY`, `CACHE_DIRECTORY`, `LOGS_DIRECTORY`, `CONFIGURATION_DIRECTORY`, `RUNTIME_DIRECTORY`, `CREDENTIALS_DIRECTORY` | the service's folders, on both systems: [`Service::dirs`], [`Service::credential`]; they stay in the environment |
//!
//! All others are read once and then removed, so that a child process neither speaks for this service nor takes its time-outs for
//! its own. That happens before user code where `#[service]` stands on `main`; where it
//! stands on another function it happens only if the process has a single thread then, since another thread could be
//! reading the environment. `#[service(keep_env)]` leaves the environment alone. A malformed value fails the start.
//!
//! On Windows the operator's own variables, the `REG_MULTI_SZ` value `Environment` of `HKLM\SYSTEM\CurrentControlSet\Services\NAME\Parameters`,
//! are laid over the environment before all of this; the working directory is `SVC_WORKING_DIRECTORY`, or the program's folder;
//! and the runtime folder is emptied, as systemd does it. Then user code runs.
#![deny(unsafe_code)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod answer;
mod core;
mod error;
mod event;
mod folders;
mod heart;
mod host;
mod lifecycle;
#[cfg(any(feature = "log", feature = "tracing"))]
pub mod log;
mod outcome;
mod service;
mod settings;
mod sockets;
mod stop;
#[cfg(unix)]
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use answer::{Continue, Pause, Reload};
pub use error::Error;
pub use event::{Event, PowerChange, SessionChange, SessionKind, StopReason};
pub use folders::{Dir, Dirs};
pub use heart::{Heart, Task};
pub use service::{Host, Service};
pub use stop::{NextEvent, StopToken};
/// Makes a function a service.
///
/// # On `main`
///
/// The program is the service, and svc-rt is in charge before anything else runs. A `main` that takes no [`Service`] is
/// ready at once, and a stop ends the process with code 0.
///
/// ```no_run
/// use svc_rt::{Event, Service, service};
///
/// #[service]
/// fn main(svc: Service) -> Result<(), Box<dyn std::error::Error>> {
///     svc.ready();
///     while !matches!(svc.wait_event(), Event::Stop(_)) {}
///     Ok(())
/// }
/// ```
///
/// # On another function
///
/// Its first parameter is the [`Service`]. From outside it is `fn serve(rest…) -> ExitCode`, to be called once, from an
/// ordinary `main` and on the main thread, so that the program can have other commands too. It may be generic and may
/// borrow; what is passed must be `Send`, since on Windows the service manager gives the service a thread of its own.
///
/// ```no_run
/// use std::process::ExitCode;
/// use svc_rt::{Service, service};
///
/// fn main() -> ExitCode {
///     match std::env::args().nth(1).as_deref() {
///         Some("--version") => {
///             println!("1.0");
///             ExitCode::SUCCESS
///         }
///         config => serve(config.unwrap_or("beacon.toml")),
///     }
/// }
///
/// #[service]
/// fn serve(svc: Service, config: &str) -> std::io::Result<()> {
///     let config = std::fs::read_to_string(config)?;
///     svc.ready();
///     # drop(config);
///     svc.stop_token().wait();
///     Ok(())
/// }
/// ```
///
/// # On an async function
///
/// `#[service(tokio)]` builds a runtime of your own tokio (with its feature `rt-multi-thread`), `#[service(tokio(current_thread))]`
/// one without further threads (feature `rt`), in all the forms above. At the end the runtime gets a bounded time for its
/// blocking tasks, so that none of them holds the exit.
///
/// `#[service(block_on = smol::block_on)]` runs it with that function, of whatever executor.
///
/// # What it returns
///
/// Anything that a `main` may return: a value that implements [`Termination`](std::process::Termination).
///
/// # Arguments
///
/// | argument | meaning |
/// | --- | --- |
/// | `tokio`, `tokio(current_thread)` | run an async function on tokio |
/// | `block_on = path` | run an async function with what stands there: `smol::block_on`, `pollster::block_on`, your own |
/// | `name = "beacon"` | which service of the manifest this is, if the package has several; its name, if there is none |
/// | `events = ["reload", 200]`, `sockets = ["http=tcp://[::]:80"]` | what the manifest does not state |
/// | `keep_env` | leave the service manager's variables in the environment |
/// | `crate = path` | where svc-rt is found, if not at `::svc_rt` |
///
/// Name, events and sockets come from `[package.metadata.service]` in Cargo.toml: of several services the one whose `bin` is
/// the binary being compiled. A change of the manifest has cargo compile the crate again.
///
/// # Attributes
///
/// Documentation, `cfg`, lints, `deprecated` and `must_use` are for the function that others see. All others, such as
/// `#[tracing::instrument]`, are for the function as you wrote it.
pub use svc_macros::service;
