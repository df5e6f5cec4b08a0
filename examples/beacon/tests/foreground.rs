//! The daemon in the foreground, spoken to by its own commands.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const BEACON: &str = env!("CARGO_BIN_EXE_beacon");

/// A server on a free port, ended when the test is over.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(args: &[&str]) -> Self {
        let mut child = Command::new(BEACON)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("beacon starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output is piped"))
            .read_line(&mut line)
            .expect("it prints a line");
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect("its address");
        Self {
            address: address.to_owned(),
            child,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn beacon(args: &[&str]) -> std::process::Output {
    Command::new(BEACON)
        .args(args)
        .output()
        .expect("beacon runs")
}

#[test]
fn what_is_sent_is_served() {
    let server = Server::start();
    for (name, value) in [("temperature", "21.5"), ("humidity", "40")] {
        let sent = beacon(&["send", name, value, "--to", &server.address]);
        assert!(sent.status.success(), "{sent:?}");
    }
    let latest = beacon(&["latest", "--from", &server.address]);
    assert_eq!(
        String::from_utf8_lossy(&latest.stdout),
        "humidity 40\ntemperature 21.5\n"
    );
}

#[cfg(unix)]
#[test]
fn a_sigterm_ends_it_in_order() {
    let mut server = Server::start();
    let kill = Command::new("kill")
        .args(["-TERM", &server.child.id().to_string()])
        .status();
    assert!(kill.expect("kill runs").success());
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let server = Server::start();
    let second = beacon(&["serve", "--listen", &server.address]);
    assert_eq!(second.status.code(), Some(1));
    let message = String::from_utf8_lossy(&second.stderr);
    assert!(
        message.contains("cannot listen on") && message.contains(&server.address),
        "{message}"
    );
}

/// A configuration file with this text.
fn config(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("its text");
    file
}

#[test]
fn the_configuration_is_obeyed() {
    let file = config("max-names = 1\n");
    let server = Server::start_with(&["--config", &file.path().to_string_lossy()]);
    let send = |name| beacon(&["send", name, "1", "--to", &server.address]).status;
    assert!(send("temperature").success());
    assert!(!send("humidity").success(), "there is room for one name");
    assert!(send("temperature").success());
}

#[test]
fn a_wrong_configuration_fails_the_start_and_is_told() {
    let file = config("max-names = \"many\"\n");
    let path = file.path().to_string_lossy();
    let ended = beacon(&["serve", "--listen", "127.0.0.1:0", "--config", &path]);
    assert_eq!(ended.status.code(), Some(1));
    let message = String::from_utf8_lossy(&ended.stderr);
    assert!(
        message.contains(&*path) && message.contains("max-names"),
        "{message}"
    );
}
