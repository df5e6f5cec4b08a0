//! What runs scripts on Linux, for tests. `tests/run unit` installs it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs a program with text as its input.
pub(crate) fn fed(program: &str, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("needs {program}, which `tests/run unit` installs: {error}")
        });
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(input.as_bytes()).unwrap();
    drop(pipe);
    child.wait_with_output().unwrap()
}

/// All shells read a script, and shellcheck has nothing to say of it.
pub(crate) fn accept(path: &str, script: &str) {
    for (program, args) in [
        ("sh", &["-n"][..]),
        ("dash", &["-n"]),
        ("busybox", &["sh", "-n"]),
        ("shellcheck", &["--shell=sh", "--color=never", "-"]),
    ] {
        let output = fed(program, args, script);
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.is_empty(),
            "{program} on {path}: {said}\n{script}"
        );
    }
}
