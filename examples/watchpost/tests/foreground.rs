//! The watcher in the foreground.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

const WATCHPOST: &str = env!("CARGO_BIN_EXE_watchpost");

#[test]
fn it_says_what_is_up_and_what_goes_down() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address").to_string();
    let mut child = Command::new(WATCHPOST)
        .args(["--every", "1", &address])
        .stdout(Stdio::piped())
        .spawn()
        .expect("watchpost starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let up = lines.next().expect("a first line").expect("readable");
    drop(listener);
    let down = lines.next().expect("a second line").expect("readable");
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
    assert_eq!(up, format!("{address} is up"));
    assert_eq!(down, format!("{address} is down"));
}

#[test]
fn nothing_to_watch_is_an_error() {
    let output = Command::new(WATCHPOST).output().expect("watchpost runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to watch"));
}
