//! The daemon in the foreground, spoken to by its own commands.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const BEACON: &str = env!("CARGO_BIN_EXE_beacon");

/// A server on a free port with folders of its own, ended when the test is over.
struct Server {
    child: Child,
    address: String,
    folders: TempDir,
}

impl Server {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(args: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), args)
    }

    fn start_in(folders: TempDir, args: &[&str]) -> Self {
        let mut child = serve(folders.path(), "127.0.0.1:0", args)
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
            folders,
        }
    }

    /// Ends it as a crash would; what it leaves.
    fn kill(mut self) -> TempDir {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        // The server's own end is this function's.
        std::mem::replace(&mut self.folders, tempfile::tempdir().expect("a folder"))
    }

    fn latest(&self) -> String {
        let latest = beacon(&["latest", "--from", &self.address]);
        String::from_utf8_lossy(&latest.stdout).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server, with its folders below this one.
fn serve(folders: &Path, address: &str, args: &[&str]) -> Command {
    let mut command = Command::new(BEACON);
    command
        .args(["serve", "--listen", address])
        .args(args)
        .env("STATE_DIRECTORY", folders.join("state"))
        .env("LOGS_DIRECTORY", folders.join("logs"))
        .env("CONFIGURATION_DIRECTORY", folders.join("config"));
    command
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
    assert_eq!(server.latest(), "humidity 40\ntemperature 21.5\n");
    let log = std::fs::read_to_string(server.folders.path().join("logs/requests.log"));
    let log = log.expect("a log");
    let noted: Vec<_> = log
        .lines()
        .map(|line| line.split_once(' ').expect("a time").1)
        .collect();
    assert_eq!(
        noted,
        [
            "PUT /readings/temperature 204",
            "PUT /readings/humidity 204",
            "GET /readings 200"
        ]
    );
}

#[test]
fn what_was_taken_outlives_a_crash() {
    let server = Server::start();
    let sent = beacon(&["send", "temperature", "21.5", "--to", &server.address]);
    assert!(sent.status.success(), "{sent:?}");
    let again = Server::start_in(server.kill(), &[]);
    assert_eq!(again.latest(), "temperature 21.5\n");
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
    let folders = tempfile::tempdir().expect("a folder");
    let second = serve(folders.path(), &server.address, &[]).output();
    let second = second.expect("beacon runs");
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
    let folders = tempfile::tempdir().expect("a folder");
    let ended = serve(folders.path(), "127.0.0.1:0", &["--config", &path]).output();
    let ended = ended.expect("beacon runs");
    assert_eq!(ended.status.code(), Some(1));
    let message = String::from_utf8_lossy(&ended.stderr);
    // The name alone: what stands before it is quoted on Windows, with two backslashes for each.
    let name = file.path().file_name().expect("a name").to_string_lossy();
    assert!(
        message.contains(&*name) && message.contains("max-names"),
        "{message}"
    );
}
