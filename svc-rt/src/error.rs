//! [`Error`]: why something that the service manager should provide cannot be had.

use std::fmt;
use std::io;

/// Why a socket, a folder or a credential cannot be had, in words that say what to do.
///
/// `{:?}` prints the same words as `{}`, so that they read well where `main` returns the error. It becomes a
/// [`std::io::Error`] of the same kind by `?`.
///
/// ```no_run
/// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
/// let listener = match svc.tcp("http") {
///     Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
///         eprintln!("{error}");
///         std::net::TcpListener::bind("127.0.0.1:8080")?
///     }
///     found => found?,
/// };
/// # drop(listener); Ok(()) }
/// ```
pub struct Error {
    kind: io::ErrorKind,
    message: String,
}

impl Error {
    pub(crate) fn new(kind: io::ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// An error of the system's, with what was tried.
    pub(crate) fn of_system(error: &io::Error, what: impl fmt::Display) -> Self {
        Self::new(error.kind(), format!("{what}: {error}"))
    }

    /// What kind of error it is. The method that returns it says what the kinds mean.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// let absent = svc.tcp("http").is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    /// # let _ = absent; }
    /// ```
    pub fn kind(&self) -> io::ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind, error)
    }
}
