//! Logging: the program's own log records, where an administrator looks for them.
//!
//! With the feature `tracing`, [`layer`] is a layer for `tracing-subscriber`; with the feature `log`, [`logger`] is a logger for
//! the `log` facade; [`init`] sets up whichever of the two is there, or both. Take them inside of the service's function, where it
//! is known who runs the service. Without any set-up, errors and panics are logged all the same.
//!
//! # Channels
//!
//! The variable `SVC_LOG`, which the installation sets, says what is logged where: `CHANNEL=LEVEL` for each channel, separated by
//! white space. Without it, it is `system=info`.
//!
//! | channel | what it is |
//! | --- | --- |
//! | `system` | under systemd the journal, with the fields of each record ("systemd.journal-fields(7)"); as a Windows service the Event Log, with the service as the source and 1, 2 and 3 as the ids of errors, warnings and all else; in the foreground standard error |
//! | `stderr` | standard error, readable; nothing is written twice where `system` goes there already |
//! | `file` | a file in the service's folder for logs, with the feature `log-file`: `file=LEVEL[:ROTATION[:KEEP]]`, where the rotation is `hourly`, `daily` (the default) or `never`, and so many files are kept, 14 if nothing is said |
//!
//! In the Event Log a `%` before a digit or a brace gets a space after it: what shows records would put the text itself there.
//!
//! The levels are `off`, `error`, `warn`, `info`, `debug` and `trace`.
//!
//! ```
//! # #[cfg(feature = "tracing")] {
//! use svc_rt::Service;
//! use tracing_subscriber::layer::SubscriberExt;
//! use tracing_subscriber::util::SubscriberInitExt;
//!
//! fn run(svc: Service) -> Result<(), svc_rt::Error> {
//!     tracing_subscriber::registry().with(svc_rt::log::layer()?).init();
//!     tracing::info!(port = 8080, "listening");
//!     svc.ready();
//!     svc.wait_event();
//!     Ok(())
//! }
//! # let _ = run;
//! # }
//! ```

mod channels;
mod context;
#[cfg(feature = "log")]
mod facade;
#[cfg(feature = "log-file")]
mod file;
#[cfg(feature = "tracing")]
mod layer;
#[cfg(feature = "log")]
mod text;

pub(crate) use context::enter;
#[cfg(feature = "log")]
pub use facade::{Logger, logger};
#[cfg(feature = "tracing")]
pub use layer::layer;

use crate::error::Error;

/// Sets up logging for the whole process, once.
///
/// An error says what to do: [`AlreadyExists`](std::io::ErrorKind::AlreadyExists) if something else is set up already,
/// [`InvalidInput`](std::io::ErrorKind::InvalidInput) if `SVC_LOG` cannot be read, otherwise what the system said to the log file.
///
/// ```no_run
/// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
/// svc_rt::log::init()?;
/// # svc.ready();
/// # Ok(()) }
/// ```
pub fn init() -> Result<(), Error> {
    #[cfg(feature = "tracing")]
    layer::init()?;
    #[cfg(feature = "log")]
    facade::init()?;
    Ok(())
}
