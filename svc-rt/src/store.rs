//! What systemd keeps for the next process, and whether it has heard everything.

use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::error::Error;
use crate::service::Service;

/// # systemd's descriptor store
///
/// What a service keeps there outlives it: a connection, an open file, a `memfd` with its state. The next process of the service
/// gets it back, after a crash too. The unit must allow it, with `FileDescriptorStoreMax=` ("systemd.service(5)"); without that,
/// systemd drops what it is given and says so in its own log. On Unix alone.
///
/// An error says what to do: [`Unsupported`](ErrorKind::Unsupported) where no manager runs the service that has such a store,
/// [`InvalidInput`](ErrorKind::InvalidInput) for a name that it would not take.
impl Service {
    /// Has systemd keep a copy of a descriptor under this name (`FDSTORE=1`, "`sd_notify(3)`"). A name may have several.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service, connection: std::net::TcpStream) -> Result<(), svc_rt::Error> {
    /// svc.keep("client", &connection)?;
    /// # Ok(()) }
    /// ```
    pub fn keep(&self, name: &str, descriptor: impl AsFd) -> Result<(), Error> {
        let name = stored_name(name)?;
        let message = format!("FDSTORE=1\nFDNAME={name}");
        match self.core().send_descriptor(&message, descriptor.as_fd()) {
            None => Err(no_store()),
            Some(Err(error)) => Err(Error::of_system(
                &error,
                format_args!("systemd cannot be given the descriptor `{name}`"),
            )),
            Some(Ok(())) => Ok(()),
        }
    }

    /// What an earlier process of this service had kept under this name. Given once.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) {
    /// for descriptor in svc.kept("client") {
    ///     let connection = std::net::TcpStream::from(descriptor);
    ///     // …
    ///     # drop(connection);
    /// }
    /// # }
    /// ```
    pub fn kept(&self, name: &str) -> Vec<OwnedFd> {
        self.sockets().take_stored(name)
    }

    /// Has systemd close what it keeps under this name (`FDSTOREREMOVE=1`).
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
    /// svc.forget("client")?;
    /// # Ok(()) }
    /// ```
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        let name = stored_name(name)?;
        match self.core().send(&format!("FDSTOREREMOVE=1\nFDNAME={name}")) {
            None => Err(no_store()),
            Some(Err(error)) => Err(Error::of_system(
                &error,
                format_args!("systemd cannot be told to forget `{name}`"),
            )),
            Some(Ok(())) => Ok(()),
        }
    }

    /// Waits until systemd has taken in everything that was reported so far, at most for `time` (`BARRIER=1`,
    /// "`sd_notify_barrier(3)`"). Whether it did; in the foreground there is nothing to wait for.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service, connection: std::net::TcpStream) -> Result<(), svc_rt::Error> {
    /// svc.keep("client", &connection)?;
    /// // What runs next may count on it.
    /// svc.wait_until_heard(std::time::Duration::from_secs(5));
    /// # Ok(()) }
    /// ```
    #[allow(clippy::must_use_candidate)]
    pub fn wait_until_heard(&self, time: Duration) -> bool {
        let Ok((mut ours, theirs)) = UnixStream::pair() else {
            return false;
        };
        // systemd closes its end when everything before it has been taken in. The message goes alone, with one descriptor.
        let sent = self.core().send_descriptor("BARRIER=1", theirs.as_fd());
        drop(theirs);
        match sent {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(())) => {
                // A time-out of nothing is none.
                let limited = ours.set_read_timeout(Some(time.max(Duration::from_millis(1))));
                limited.is_ok() && matches!(ours.read(&mut [0]), Ok(0))
            }
        }
    }
}

/// "`sd_notify(3)`", `FDNAME=`: at most 255 characters, no control characters and no colon.
fn stored_name(name: &str) -> Result<&str, Error> {
    let fits = !name.is_empty()
        && name.len() <= 255
        && name
            .bytes()
            .all(|byte| (b' '..0x7f).contains(&byte) && byte != b':');
    if fits {
        return Ok(name);
    }
    Err(Error::new(
        ErrorKind::InvalidInput,
        format!(
            "{name:?} is no name for a descriptor: it has 1 to 255 printable ASCII characters, and no colon"
        ),
    ))
}

fn no_store() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "nobody keeps descriptors for this process: that is what systemd does",
    )
}
