//! Descriptors that systemd handed over ("`sd_listen_fds(3)`"), and that it takes ("`sd_notify(3)`", `FDSTORE=1`).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use socket2::{SockAddr, Socket};

/// The first one, after standard input, output and error.
const FIRST: RawFd = 3;

/// Takes the descriptors with these names. They do not reach child processes any more.
pub(crate) fn take(names: Vec<String>) -> Result<Vec<(String, OwnedFd)>, String> {
    names
        .into_iter()
        .zip(FIRST..)
        .map(|(name, descriptor)| match own(descriptor) {
            Ok(owned) => Ok((name, owned)),
            Err(error) => Err(format!(
                "LISTEN_FDS counts the descriptor {descriptor} (`{name}`), which cannot be used: {error}"
            )),
        })
        .collect()
}

fn own(descriptor: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: both commands take any number, and say so if no descriptor has it.
    let done = unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFD);
        flags >= 0 && libc::fcntl(descriptor, libc::F_SETFD, flags | libc::FD_CLOEXEC) >= 0
    };
    if !done {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is open, and systemd gave it to this process for this: LISTEN_PID names the process, and a process is a
    // service only once, so that nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Room for the header of one descriptor and the descriptor itself, aligned as the header is to be.
#[repr(align(8))]
struct Control([u8; 64]);

/// Sends a message with a descriptor beside it ("`unix(7)`", `SCM_RIGHTS`).
pub(crate) fn send(
    socket: &Socket,
    address: &SockAddr,
    message: &[u8],
    descriptor: BorrowedFd<'_>,
) -> io::Result<()> {
    // A descriptor is an int.
    const SIZE: libc::c_uint = libc::c_int::BITS / 8;
    let mut control = Control([0; 64]);
    let mut text = libc::iovec {
        iov_base: message.as_ptr().cast_mut().cast(),
        iov_len: message.len(),
    };
    // SAFETY: all its fields are numbers and pointers, for which zero is a value.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = address.as_ptr().cast_mut().cast();
    header.msg_namelen = address.len();
    header.msg_iov = &raw mut text;
    header.msg_iovlen = 1;
    header.msg_control = control.0.as_mut_ptr().cast();
    // SAFETY: the macro only counts. What it counts is far below the room that there is, on every system.
    header.msg_controllen = unsafe { libc::CMSG_SPACE(SIZE) } as _;
    // SAFETY: the header names a buffer that is large enough for one control message with one descriptor, so that the first one
    // is there and lies in it; `Control` is aligned for it. Its data is written with a copy, which needs no alignment.
    unsafe {
        let first = libc::CMSG_FIRSTHDR(&raw const header);
        (*first).cmsg_level = libc::SOL_SOCKET;
        (*first).cmsg_type = libc::SCM_RIGHTS;
        (*first).cmsg_len = libc::CMSG_LEN(SIZE) as _;
        libc::CMSG_DATA(first)
            .cast::<RawFd>()
            .write_unaligned(descriptor.as_raw_fd());
    }
    loop {
        // SAFETY: everything that the header points to outlives the call.
        let sent = unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const header, 0) };
        if sent >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
