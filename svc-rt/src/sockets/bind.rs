//! Binds sockets where no service manager did.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::listen::Listen;

/// How many connections may wait to be accepted. The system cuts it to what it allows.
const BACKLOG: i32 = 4096;

/// Opens what listens there.
pub(super) fn bind(listen: &Listen) -> io::Result<Socket> {
    match listen {
        Listen::Tcp(address) => ip(*address, Type::STREAM, Protocol::TCP),
        Listen::Udp(address) => ip(*address, Type::DGRAM, Protocol::UDP),
        Listen::Unix(place) => unix::bind(place, Type::STREAM),
        Listen::UnixDatagram(place) => unix::bind(place, Type::DGRAM),
    }
}

fn ip(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = match Socket::new(Domain::for_address(address), kind, Some(protocol)) {
        Ok(socket) => socket,
        // A machine that knows no IPv6 has all its addresses in the other family.
        Err(error) if is_any_v6(address) => {
            let any = SocketAddr::from((std::net::Ipv4Addr::UNSPECIFIED, address.port()));
            let socket = Socket::new(Domain::IPV4, kind, Some(protocol)).map_err(|_| error)?;
            return open(socket, any, kind);
        }
        Err(error) => return Err(error),
    };
    open(socket, address, kind)
}

fn is_any_v6(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

fn open(socket: Socket, address: SocketAddr, kind: Type) -> io::Result<Socket> {
    if is_any_v6(address) {
        // Windows, and a Linux with another default, would take IPv6 alone.
        socket.set_only_v6(false)?;
    }
    crate::host::own_address(&socket, kind == Type::STREAM)?;
    socket.bind(&SockAddr::from(address))?;
    if kind == Type::STREAM {
        socket.listen(BACKLOG)?;
    }
    Ok(socket)
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io;
    use std::os::unix::fs::FileTypeExt;

    use socket2::{Domain, SockAddr, Socket, Type};

    pub(super) fn bind(place: &str, kind: Type) -> io::Result<Socket> {
        let address = SockAddr::unix(abstract_or_path(place))?;
        let socket = Socket::new(Domain::UNIX, kind, None)?;
        if let Err(error) = socket.bind(&address) {
            if error.kind() != io::ErrorKind::AddrInUse || !is_left_over(place, &address, kind) {
                return Err(error);
            }
            fs::remove_file(place)?;
            socket.bind(&address)?;
        }
        if kind == Type::STREAM {
            socket.listen(super::BACKLOG)?;
        }
        Ok(socket)
    }

    /// An abstract name begins with a zero byte.
    fn abstract_or_path(place: &str) -> String {
        match place.strip_prefix('@') {
            Some(name) => format!("\0{name}"),
            None => place.to_owned(),
        }
    }

    /// A socket that nobody listens at any more: an earlier run, which could not remove it.
    fn is_left_over(place: &str, address: &SockAddr, kind: Type) -> bool {
        let is_socket =
            fs::symlink_metadata(place).is_ok_and(|found| found.file_type().is_socket());
        let refused = |socket: Socket| {
            let error = socket.connect(address).err();
            error.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        };
        is_socket && Socket::new(Domain::UNIX, kind, None).is_ok_and(refused)
    }
}

#[cfg(not(unix))]
mod unix {
    use std::io;

    use socket2::{Socket, Type};

    pub(super) fn bind(_place: &str, _kind: Type) -> io::Result<Socket> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a Unix socket can be had on Unix alone",
        ))
    }
}
