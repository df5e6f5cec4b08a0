//! Sockets, handed over as systemd does it and otherwise.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use super::bed::{Running, foreground, program, spawn};

super::cases!(
    a_socket_is_handed_over,
    a_socket_is_bound_in_the_foreground,
    a_socket_is_bound_where_the_installation_says,
    descriptors_of_another_process_are_left_alone,
    names_that_do_not_match_fail_the_start,
    a_descriptor_that_is_not_there_fails_the_start,
    a_manager_that_hands_nothing_over_is_told_why,
);

/// A command that gets its standard input as descriptor 3, and these variables; `PID` stands for its own process id.
fn handed(variables: &str) -> Command {
    // The shell becomes the program, so its process id stays.
    let script = format!("exec 3<&0 </dev/null; {variables} exec \"$0\" \"$@\"");
    let script = script.replace("PID ", "$$ ");
    program(&["sh", "-c", &script])
}

fn greeted(address: &str) {
    let address: SocketAddr = address
        .strip_prefix("at ")
        .and_then(|address| address.parse().ok())
        .unwrap_or_else(|| panic!("no address: {address:?}"));
    let mut text = String::new();
    let mut connection = TcpStream::connect(address).expect("it listens");
    connection.read_to_string(&mut text).expect("an answer");
    assert_eq!(text, "hello");
}

/// The service answers, and leaves its children nothing of its sockets.
fn serves(mut service: Running) {
    greeted(&service.line());
    let end = service.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    #[cfg(target_os = "linux")]
    assert_eq!(end.output, "0\n", "a child process has a socket");
}

fn a_socket_is_handed_over() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("its address");
    for names in [
        "LISTEN_FDNAMES=http",
        "LISTEN_FDNAMES=http SVC_SOCKETS=http=tcp://[::]:1",
    ] {
        let mut command = handed(&format!("LISTEN_PID=PID LISTEN_FDS=1 {names}"));
        let copy = listener.try_clone().expect("a copy");
        command
            .arg("listening")
            .env("NOTIFY_SOCKET", "/nobody/listens");
        let mut service = spawn_with(&mut command, copy);
        let said = service.line();
        assert_eq!(
            said,
            format!("at {address}"),
            "it is the one that was handed over"
        );
        greeted(&said);
        let end = service.end();
        assert_eq!(end.code, Some(0), "{end:?}");
        #[cfg(target_os = "linux")]
        assert_eq!(end.output, "0\n", "a child process has the socket");
    }
}

fn spawn_with(command: &mut Command, listener: TcpListener) -> Running {
    super::bed::spawn_with(command, Stdio::from(OwnedFd::from(listener)))
}

fn a_socket_is_bound_in_the_foreground() {
    serves(foreground("listening"));
}

fn a_socket_is_bound_where_the_installation_says() {
    let mut service = spawn(
        program(&[])
            .arg("listening")
            .env("NOTIFY_SOCKET", "/nobody/listens")
            .env("SVC_SOCKETS", "http=tcp://[::1]:0"),
    );
    let said = service.line();
    assert!(said.starts_with("at [::1]:"), "{said}");
    greeted(&said);
    assert_eq!(service.end().code, Some(0));
}

fn descriptors_of_another_process_are_left_alone() {
    let mut command = handed("LISTEN_PID=1 LISTEN_FDS=1 LISTEN_FDNAMES=other:names");
    serves(spawn(command.arg("listening")));
}

/// The start fails with these words.
fn refused(variables: &str, words: &str) {
    let end = spawn(handed(variables).arg("listening")).end();
    assert_eq!((end.code, end.output.as_str()), (Some(1), ""), "{end:?}");
    assert!(end.errors.contains(words), "{end:?}");
}

fn names_that_do_not_match_fail_the_start() {
    refused(
        "LISTEN_PID=PID LISTEN_FDS=1 LISTEN_FDNAMES=http:admin",
        "LISTEN_FDNAMES has 2 names for the 1 descriptors of LISTEN_FDS",
    );
    refused(
        "LISTEN_PID=PID LISTEN_FDS=one LISTEN_FDNAMES=http",
        "LISTEN_FDS is \"one\"; it takes the number of descriptors",
    );
    refused("SVC_SOCKETS=8080", "SVC_SOCKETS is \"8080\": ");
}

fn a_descriptor_that_is_not_there_fails_the_start() {
    refused(
        "LISTEN_PID=PID LISTEN_FDS=9 LISTEN_FDNAMES=a:b:c:d:e:f:g:h:i",
        "which cannot be used: ",
    );
    // Descriptor 3 is a pipe.
    refused(
        "LISTEN_PID=PID LISTEN_FDS=1 LISTEN_FDNAMES=http",
        "the descriptor `http` that systemd handed over is no socket",
    );
}

fn a_manager_that_hands_nothing_over_is_told_why() {
    let mut command = program(&[]);
    command
        .arg("listening")
        .env("NOTIFY_SOCKET", "/nobody/listens");
    let end = spawn(&mut command).end();
    assert_eq!((end.code, end.output.as_str()), (Some(1), ""), "{end:?}");
    assert!(end.errors.contains("FileDescriptorName=http"), "{end:?}");
}
