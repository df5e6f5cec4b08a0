//! The sockets of a [`Service`], as std's types.

use std::net::{TcpListener, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{UnixDatagram, UnixListener};

use super::Kind;
use crate::error::Error;
use crate::service::Service;

/// # Sockets
///
/// A declared socket, `sockets = [{ name = "http", listen = "tcp://[::]:8080" }]` in `[package.metadata.service]`, is opened by
/// whoever runs the service, and given to the program once, by its name, in blocking mode.
///
/// * Under systemd its `.socket` unit listens, before the service starts and while it restarts, so that no connection is lost
///   ("`sd_listen_fds(3)`", "systemd.socket(5)").
/// * Elsewhere it is opened here: where `SVC_SOCKETS` says, or, in the foreground, where the declaration does. On Windows no
///   other program can take its address over (`SO_EXCLUSIVEADDRUSE`, "Using `SO_REUSEADDR` and `SO_EXCLUSIVEADDRUSE`",
///   Microsoft).
///
/// `tcp://` and `udp://` take an IP address and a port; `[::]` stands for all addresses of both families on every system.
/// `unix:` and `unixgram:`, on Unix alone, take a full path, which may begin with a folder of the service's as in
/// `unix:{runtime-dir}/control`, or `@` and an abstract name; a path at which nobody listens any more is taken over. `listen` may be a list.
///
/// The errors of these methods say what to do. [`NotFound`](std::io::ErrorKind::NotFound): there is no such socket;
/// [`AlreadyExists`](std::io::ErrorKind::AlreadyExists): it was taken; [`InvalidInput`](std::io::ErrorKind::InvalidInput): it is of
/// another kind, or there are several; otherwise what the system said when it was opened.
impl Service {
    /// The TCP listener of that name.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let listener = svc.tcp("http")?;
    /// for connection in listener.incoming() {
    ///     // …
    ///     # drop(connection);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// An async runtime wants it non-blocking:
    ///
    /// ```no_run
    /// # async fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let listener = svc.tcp("http")?;
    /// listener.set_nonblocking(true)?;
    /// let listener = tokio::net::TcpListener::from_std(listener)?;
    /// # drop(listener); Ok(()) }
    /// ```
    pub fn tcp(&self, name: &str) -> Result<TcpListener, Error> {
        self.sockets()
            .take_one(name, Kind::Tcp, self.folders())
            .map(Into::into)
    }

    /// All TCP listeners of that name, at least one.
    ///
    /// ```no_run
    /// # fn serve(listener: std::net::TcpListener) {}
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// for listener in svc.tcp_all("http")? {
    ///     std::thread::spawn(move || serve(listener));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn tcp_all(&self, name: &str) -> Result<Vec<TcpListener>, Error> {
        let sockets = self.sockets().take_all(name, Kind::Tcp, self.folders())?;
        Ok(sockets.into_iter().map(Into::into).collect())
    }

    /// The UDP socket of that name.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let socket = svc.udp("readings")?;
    /// let mut buffer = [0; 1500];
    /// let (length, from) = socket.recv_from(&mut buffer)?;
    /// # let _ = (length, from); Ok(()) }
    /// ```
    pub fn udp(&self, name: &str) -> Result<UdpSocket, Error> {
        self.sockets()
            .take_one(name, Kind::Udp, self.folders())
            .map(Into::into)
    }

    /// All UDP sockets of that name, at least one.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// // One name may stand for both: `listen = ["udp://[::]:53", "tcp://[::]:53"]`.
    /// let (datagrams, connections) = (svc.udp_all("dns")?, svc.tcp_all("dns")?);
    /// # let _ = (datagrams, connections); Ok(()) }
    /// ```
    pub fn udp_all(&self, name: &str) -> Result<Vec<UdpSocket>, Error> {
        let sockets = self.sockets().take_all(name, Kind::Udp, self.folders())?;
        Ok(sockets.into_iter().map(Into::into).collect())
    }

    /// The Unix stream listener of that name. On Unix alone.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let control = svc.unix("control")?;
    /// # drop(control); Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn unix(&self, name: &str) -> Result<UnixListener, Error> {
        self.sockets()
            .take_one(name, Kind::Unix, self.folders())
            .map(Into::into)
    }

    /// All Unix stream listeners of that name, at least one. On Unix alone.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// for control in svc.unix_all("control")? {
    ///     // …
    ///     # drop(control);
    /// }
    /// # Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn unix_all(&self, name: &str) -> Result<Vec<UnixListener>, Error> {
        let sockets = self.sockets().take_all(name, Kind::Unix, self.folders())?;
        Ok(sockets.into_iter().map(Into::into).collect())
    }

    /// The Unix datagram socket of that name. On Unix alone.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// let log = svc.unix_datagram("log")?;
    /// # drop(log); Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn unix_datagram(&self, name: &str) -> Result<UnixDatagram, Error> {
        self.sockets()
            .take_one(name, Kind::UnixDatagram, self.folders())
            .map(Into::into)
    }

    /// All Unix datagram sockets of that name, at least one. On Unix alone.
    ///
    /// ```no_run
    /// # fn run(svc: svc_rt::Service) -> std::io::Result<()> {
    /// for log in svc.unix_datagram_all("log")? {
    ///     // …
    ///     # drop(log);
    /// }
    /// # Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn unix_datagram_all(&self, name: &str) -> Result<Vec<UnixDatagram>, Error> {
        let sockets = self
            .sockets()
            .take_all(name, Kind::UnixDatagram, self.folders())?;
        Ok(sockets.into_iter().map(Into::into).collect())
    }
}
