//! Descriptors that systemd handed over: "`sd_listen_fds(3)`".
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

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
