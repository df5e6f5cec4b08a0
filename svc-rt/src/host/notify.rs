//! The notify socket: "`sd_notify(3)`".

use std::ffi::OsStr;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use super::descriptors;

/// Where messages go.
pub(crate) struct NotifySocket {
    address: SockAddr,
    way: Way,
}

enum Way {
    /// Each message is a datagram.
    Datagrams(Socket),
    /// Each message is a connection of one of these types, the first that there is.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), allow(dead_code))]
    Connections(&'static [Type]),
}

impl NotifySocket {
    pub(crate) fn new(address: &OsStr) -> io::Result<Self> {
        let bytes = address.as_bytes();
        match bytes {
            [b'/', ..] => Self::unix(SockAddr::unix(address)?),
            [b'@', name @ ..] if !name.is_empty() => {
                let name = [&[0], name].concat();
                Self::unix(SockAddr::unix(OsStr::from_bytes(&name))?)
            }
            _ if bytes.starts_with(b"vsock") => vsock::socket(address),
            _ => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "it is neither a path, nor an abstract socket (\"@name\"), nor \"vsock:CID:PORT\"",
            )),
        }
    }

    fn unix(address: SockAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::UNIX, Type::DGRAM, None)?;
        Ok(Self {
            address,
            way: Way::Datagrams(socket),
        })
    }

    /// Sends a message and waits no longer than this for a manager that is busy. An error is never fatal: a service that cannot
    /// reach its manager still serves.
    pub(crate) fn send(&self, message: &[u8], patience: Duration) -> io::Result<()> {
        loop {
            let sent = match &self.way {
                Way::Datagrams(socket) => {
                    // Without a limit it could wait for ever.
                    socket.set_write_timeout(Some(patience))?;
                    socket.send_to(message, &self.address).map(|_| ())
                }
                Way::Connections(types) => vsock::send(types, &self.address, message, patience),
            };
            match sent {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                sent => return sent,
            }
        }
    }

    /// Sends a message with descriptors, which only a socket of this machine takes.
    pub(crate) fn send_with(
        &self,
        message: &[u8],
        descriptor: BorrowedFd<'_>,
        patience: Duration,
    ) -> io::Result<()> {
        let Way::Datagrams(socket) = &self.way else {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "the manager is on another machine, which no descriptor reaches",
            ));
        };
        socket.set_write_timeout(Some(patience))?;
        descriptors::send(socket, &self.address, message, descriptor)
    }
}

/// A manager outside of the virtual machine: "`vsock(7)`".
#[cfg(any(target_os = "linux", target_os = "android"))]
mod vsock {
    use std::ffi::OsStr;
    use std::io::{self, Read};
    use std::net::Shutdown;
    use std::time::Duration;

    use socket2::{Domain, SockAddr, Socket, Type};

    use super::{NotifySocket, Way};

    /// Not a machine but all of them, which no message can go to.
    const ANY: u32 = u32::MAX;

    pub(super) fn socket(address: &OsStr) -> io::Result<NotifySocket> {
        let wrong = || {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "an address of another machine is \"vsock:CID:PORT\", or the same with \"vsock-stream\", \"vsock-dgram\" or \
                 \"vsock-seqpacket\"",
            )
        };
        let text = address.to_str().ok_or_else(wrong)?;
        let mut parts = text.split(':');
        let (kind, machine, port) = (parts.next(), parts.next(), parts.next());
        let number = |part: Option<&str>| part.and_then(|text| text.parse().ok());
        let (Some(machine), Some(port), None) = (number(machine), number(port), parts.next())
        else {
            return Err(wrong());
        };
        if machine == ANY {
            return Err(wrong());
        }
        let address = SockAddr::vsock(machine, port);
        let way = match kind {
            // Datagrams are what is meant, and what hardly any machine has.
            Some("vsock") => match Socket::new(Domain::VSOCK, Type::DGRAM, None) {
                Ok(socket) => Way::Datagrams(socket),
                Err(_) => Way::Connections(&[Type::SEQPACKET, Type::STREAM]),
            },
            Some("vsock-dgram") => Way::Datagrams(Socket::new(Domain::VSOCK, Type::DGRAM, None)?),
            Some("vsock-seqpacket") => Way::Connections(&[Type::SEQPACKET]),
            Some("vsock-stream") => Way::Connections(&[Type::STREAM]),
            _ => return Err(wrong()),
        };
        Ok(NotifySocket { address, way })
    }

    /// The end of the connection is the end of the message; the other side ends it once it has all of it.
    pub(super) fn send(
        types: &[Type],
        address: &SockAddr,
        message: &[u8],
        patience: Duration,
    ) -> io::Result<()> {
        let connect = |kind: &Type| {
            let socket = Socket::new(Domain::VSOCK, *kind, None)?;
            socket.connect_timeout(address, patience)?;
            Ok(socket)
        };
        let mut socket: Socket = match types {
            [first, second] => connect(first).or_else(|_: io::Error| connect(second))?,
            [only] => connect(only)?,
            _ => return Ok(()),
        };
        socket.set_write_timeout(Some(patience))?;
        socket.set_read_timeout(Some(patience))?;
        let mut rest = message;
        while !rest.is_empty() {
            let sent = socket.send_with_flags(rest, libc::MSG_NOSIGNAL)?;
            rest = &rest[sent..];
        }
        socket.shutdown(Shutdown::Write)?;
        socket.read(&mut [0]).map(|_| ())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod vsock {
    use std::ffi::OsStr;
    use std::io;
    use std::time::Duration;

    use socket2::{SockAddr, Type};

    use super::NotifySocket;

    fn absent() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "vsock exists on Linux alone")
    }

    pub(super) fn socket(_address: &OsStr) -> io::Result<NotifySocket> {
        Err(absent())
    }

    pub(super) fn send(
        _types: &[Type],
        _address: &SockAddr,
        _message: &[u8],
        _patience: Duration,
    ) -> io::Result<()> {
        Err(absent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> io::Result<NotifySocket> {
        NotifySocket::new(OsStr::new(address))
    }

    #[test]
    fn addresses_of_this_machine() {
        let path = parse("/run/x y").unwrap();
        let path = path.address.as_pathname();
        assert_eq!(path, Some(std::path::Path::new("/run/x y")));
        for wrong in ["relative", "", "@", &format!("/{}", "x".repeat(200))] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        #[cfg(target_os = "linux")]
        {
            let name = parse("@a/b").unwrap();
            assert_eq!(name.address.as_abstract_namespace(), Some(&b"a/b"[..]));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn addresses_of_another_machine() {
        let address = |text: &str| parse(text).map(|socket| socket.address.as_vsock_address());
        for text in [
            "vsock:2:1234",
            "vsock-stream:2:1234",
            "vsock-seqpacket:2:1234",
        ] {
            match address(text) {
                Ok(found) => assert_eq!(found, Some((2, 1234)), "{text}"),
                Err(error) => panic!("{text}: {error}"),
            }
        }
        for wrong in [
            "vsock:",
            "vsock:2",
            "vsock:2:",
            "vsock::1",
            "vsock:2:1:1",
            "vsock:x:1",
            "vsock:2:-1",
            "vsock:4294967295:1",
            "vsock-other:2:1",
            "vsocks:2:1",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
