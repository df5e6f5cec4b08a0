//! What no portable crate sets on a socket.
#![allow(unsafe_code)]

use std::io;
use std::os::windows::io::AsRawSocket;

use socket2::Socket;
use windows_sys::Win32::Networking::WinSock::{
    SO_EXCLUSIVEADDRUSE, SOCKET_ERROR, SOL_SOCKET, setsockopt,
};

/// Keeps other programs from taking the socket's address over: "Using `SO_REUSEADDR` and `SO_EXCLUSIVEADDRUSE`", Microsoft.
/// Without it Windows lets every program of the same user do that.
pub(crate) fn own_address(socket: &Socket, _listens: bool) -> io::Result<()> {
    let on = 1_i32.to_ne_bytes();
    // SAFETY: the socket is open; the value is the four bytes of a BOOL, and the length says so.
    let failed = unsafe {
        setsockopt(
            usize::try_from(socket.as_raw_socket()).unwrap_or(usize::MAX),
            SOL_SOCKET,
            SO_EXCLUSIVEADDRUSE,
            on.as_ptr(),
            4,
        )
    };
    if failed == SOCKET_ERROR {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
