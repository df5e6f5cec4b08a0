//! A manager outside of the virtual machine: here the machine itself, where its kernel has a loopback for vsock.

use std::io::Read;
use std::net::Shutdown;
use std::time::Duration;

use libtest_mimic::{Completion, Trial};
use socket2::{Domain, SockAddr, Socket, Type};

use super::bed::{program, spawn};

/// `VMADDR_CID_LOCAL` and `VMADDR_CID_ANY` of "`vsock(7)`".
const LOCAL: u32 = 1;
const ANY: u32 = u32::MAX;

pub(crate) fn trials() -> Vec<Trial> {
    let kinds = [
        ("vsock", Type::SEQPACKET),
        ("vsock-stream", Type::STREAM),
        ("vsock-seqpacket", Type::SEQPACKET),
    ];
    let trials = kinds.into_iter().map(|(word, kind)| {
        let name = format!("a_manager_outside_hears_all_by_{word}");
        Trial::ignorable_test(name, move || match listen(kind) {
            Err(reason) => Ok(Completion::ignored_with(reason)),
            Ok((listener, port)) => {
                an_ordinary_life(&listener, &format!("{word}:{LOCAL}:{port}"));
                Ok(Completion::Completed)
            }
        })
    });
    trials.collect()
}

/// A listener that can be reached from here; the reason, if none can.
fn listen(kind: Type) -> Result<(Socket, u32), String> {
    let lacking =
        |error| format!("no vsock of this kind reaches this machine from itself: {error}");
    let listen = || {
        let listener = Socket::new(Domain::VSOCK, kind, None)?;
        // Any port.
        listener.bind(&SockAddr::vsock(ANY, u32::MAX))?;
        listener.listen(8)?;
        let address = listener.local_addr()?.as_vsock_address();
        let port = address.map_or(0, |(_, port)| port);
        let probe = Socket::new(Domain::VSOCK, kind, None)?;
        probe.connect_timeout(&SockAddr::vsock(LOCAL, port), Duration::from_millis(500))?;
        listener.accept()?;
        Ok((listener, port))
    };
    listen().map_err(|error: std::io::Error| lacking(error))
}

/// The next message: a connection until its end.
fn hear(listener: &Socket) -> String {
    let (mut connection, _) = listener.accept().expect("a connection");
    let mut message = Vec::new();
    // One record, or all of the stream: either way, the next thing is the end.
    connection.read_to_end(&mut message).expect("a message");
    let _ = connection.shutdown(Shutdown::Both);
    String::from_utf8(message).expect("UTF-8")
}

fn an_ordinary_life(listener: &Socket, address: &str) {
    let mut service = spawn(program(&[]).arg("ordinary").env("NOTIFY_SOCKET", address));
    assert_eq!(hear(listener), "READY=1");
    assert_eq!(service.line(), "ready probe Systemd 0");
    service.signal("TERM");
    assert_eq!(hear(listener), "STOPPING=1");
    assert_eq!(service.end().code, Some(0));
}
