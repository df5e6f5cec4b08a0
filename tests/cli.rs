//! What only a process shows: its streams, its environment, and what it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A package with a service in a folder of its own.
struct Package(tempfile::TempDir);

impl Package {
    fn new(service: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::create_dir(folder.path().join("src")).expect("a folder can be made");
        fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").expect("it can be written");
        let manifest = format!(
            "[package]\nname = \"beacon\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[package.metadata.service]\n{service}\n"
        );
        fs::write(folder.path().join("Cargo.toml"), manifest).expect("it can be written");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn svc(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-svc"));
        command
            .arg("svc")
            .args(arguments)
            .current_dir(self.path())
            .env("CARGO_NET_OFFLINE", "true")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .env_remove("CARGO_TERM_COLOR")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.svc(arguments).output().expect("it runs")
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_schema_needs_no_package_and_is_all_that_is_said() {
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    let package = Package::new("");
    let output = package
        .svc(&["schema"])
        .current_dir(nowhere.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(printed, cargo_svc::schema::document());
    assert!(output.stdout.ends_with(b"}\n"));
}

#[test]
fn colour_is_asked_for_or_left_out() {
    let package = Package::new("strat = 1");
    let coloured = |command: &mut Command| {
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        output.stderr.contains(&0x1b)
    };
    assert!(
        !coloured(&mut package.svc(&["check"])),
        "there is no terminal"
    );
    assert!(coloured(&mut package.svc(&["check", "--color", "always"])));
    assert!(coloured(
        package.svc(&["check"]).env("CARGO_TERM_COLOR", "always")
    ));
    assert!(!coloured(
        package
            .svc(&["check", "--color=never"])
            .env("CARGO_TERM_COLOR", "always")
    ));
    assert!(!coloured(
        package.svc(&["check"]).env("CARGO_TERM_COLOR", "auto")
    ));
    let output = package.run(&["--color", "sometimes", "check"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let package = Package::new("");
    for arguments in [
        &["print", "unit"][..],
        &["--help"],
        &["generate", "--check"],
        &["check", "--message-format", "json"],
    ] {
        let mut child = package
            .svc(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{arguments:?}: {output:?}"
        );
        assert!(
            !stderr(&output).contains("panicked"),
            "{arguments:?}: {output:?}"
        );
    }
}

#[test]
fn the_cargo_of_the_environment_is_run() {
    let package = Package::new("");
    let output = package
        .svc(&["generate"])
        .env("CARGO", "no-such-cargo")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot run `no-such-cargo metadata`"),
        "{}",
        stderr(&output)
    );
    assert!(!package.path().join("packaging").exists());
}

#[test]
fn a_folder_without_a_manifest_is_refused() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-svc"))
        .args(["svc", "generate"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("Cargo.toml"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_manifest_elsewhere_is_named_by_its_path() {
    let package = Package::new("strat = 1");
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let manifest = package.path().join("Cargo.toml");
    let output = package
        .svc(&["check", "--manifest-path"])
        .arg(&manifest)
        .current_dir(elsewhere.path())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let shown = fs::canonicalize(&manifest).expect("it is there");
    let text = stderr(&output);
    assert!(
        [&manifest, &shown]
            .iter()
            .any(|path| text.contains(&format!("{}:6:1", path.display()))),
        "{text}"
    );
}

#[test]
fn what_is_printed_is_what_is_generated() {
    let package = Package::new("args = [\"a b\", \"c%d\"]");
    assert!(package.run(&["generate"]).status.success());
    for (kind, path) in [
        ("unit", "systemd/beacon.service"),
        ("install.sh", "linux/install.sh"),
        ("uninstall.sh", "linux/uninstall.sh"),
        ("install.ps1", "windows/install.ps1"),
        ("uninstall.ps1", "windows/uninstall.ps1"),
        ("install.cmd", "windows/install.cmd"),
        ("uninstall.cmd", "windows/uninstall.cmd"),
        ("gitattributes", ".gitattributes"),
    ] {
        let output = package.run(&["print", kind]);
        let written = fs::read(package.path().join("packaging").join(path)).expect("it is written");
        assert_eq!(output.stdout, written, "{kind}");
        assert!(
            output.stderr.is_empty() && output.status.success(),
            "{kind}: {output:?}"
        );
    }
}

#[test]
fn runs_at_once_write_whole_files() {
    let package = Package::new("");
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = package.svc(&["generate", "-q"]);
            command.stderr(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert!(package.run(&["generate", "--check"]).status.success());
    let left: Vec<PathBuf> = fs::read_dir(package.path().join("packaging/systemd"))
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// What a run has seen of files is no reason to miss what became of them.
#[cfg(unix)]
#[test]
fn a_file_that_was_seen_and_then_changed_is_mended() {
    let package = Package::new("");
    fs::create_dir(package.path().join("target")).expect("a folder can be made");
    assert!(package.run(&["generate"]).status.success());
    let list = package.path().join("target/svc");
    // The list is the only file there.
    let seen = || {
        fs::read_dir(&list)
            .ok()?
            .next()?
            .ok()
            .map(|file| file.path())
    };
    // Files that were just written are looked at once more, and then no longer.
    for tries in 0.. {
        let found = seen().and_then(|seen| fs::metadata(seen).ok());
        if found.is_some_and(|seen| seen.len() == 12 * 32) {
            break;
        }
        assert!(tries < 120, "the file system's clock is far ahead");
        std::thread::sleep(std::time::Duration::from_millis(500));
        let output = package.run(&["generate"]);
        assert!(
            stderr(&output).contains("Fresh 12 committed files"),
            "{}",
            stderr(&output)
        );
    }
    let seen = seen().expect("it is there");
    let known = fs::read(&seen).expect("it is there");
    assert!(package.run(&["generate"]).status.success());
    assert_eq!(fs::read(&seen).expect("it is there"), known);

    let unit = package.path().join("packaging/systemd/beacon.service");
    let before = fs::metadata(&unit).and_then(|meta| meta.modified());
    let right = fs::read_to_string(&unit).expect("it is there");
    let wrong = right.replace("UMask=0077", "UMask=0022");
    assert_ne!(wrong, right);
    fs::write(&unit, wrong).expect("it can be written");
    // As old as it was, and as long.
    let file = fs::File::options().append(true).open(&unit);
    file.and_then(|file| file.set_modified(before?))
        .expect("the time can be set");
    let check = package.run(&["generate", "--check"]);
    assert_eq!(check.status.code(), Some(1), "{}", stderr(&check));
    let output = package.run(&["generate"]);
    assert!(
        stderr(&output).contains("Generated packaging/systemd/beacon.service"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fs::read_to_string(&unit).expect("it is there"), right);
}

/// The budget of `generate` is one `cargo metadata`, so it runs cargo once and asks for nothing that needs a resolution.
#[cfg(unix)]
#[test]
fn cargo_is_asked_once() {
    use std::os::unix::fs::PermissionsExt;
    let package = Package::new("");
    let tools = tempfile::tempdir().expect("a folder can be made");
    let (wrapper, log) = (tools.path().join("cargo"), tools.path().join("log"));
    let real = std::env::var("CARGO").expect("cargo runs the tests");
    let script = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\nexec '{real}' \"$@\"\n",
        log.display()
    );
    fs::write(&wrapper, script).expect("it can be written");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("it is ours");
    for command in [
        &["generate"][..],
        &["generate", "--check", "--offline"],
        &["print", "unit"],
    ] {
        let output = package
            .svc(command)
            .env("CARGO", &wrapper)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let log = fs::read_to_string(log).expect("cargo was run");
    assert_eq!(
        log,
        "metadata --format-version 1 --no-deps\nmetadata --format-version 1 --no-deps --offline\n\
         metadata --format-version 1 --no-deps\n"
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_package_is_not_written_through() {
    let package = Package::new("");
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    std::os::unix::fs::symlink(elsewhere.path(), package.path().join("packaging"))
        .expect("links can be made");
    let output = package.run(&["generate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("symbolic link out of the package"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        fs::read_dir(elsewhere.path()).expect("it is there").count(),
        0
    );
}

/// A pipe whose reader went away has seen enough; a full disk has lost what a program would read.
#[cfg(target_os = "linux")]
#[test]
fn lines_for_programs_are_written_or_missed() {
    let package = Package::new("");
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let json = ["generate", "--message-format", "json"];
    let output = package.svc(&json).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("cannot write to standard output: No space left on device"),
        "{}",
        stderr(&output)
    );
    for words in [&["--help"][..], &["--version"], &["package", "--help"]] {
        let full = fs::File::options().write(true).open("/dev/full");
        let full = full.expect("Linux has it");
        let output = package.svc(words).stdout(full).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(
            stderr(&output).contains("error: cannot write to standard output"),
            "{words:?}: {}",
            stderr(&output)
        );
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let output = package.svc(words).stdout(writer).output().expect("it runs");
        assert!(output.status.success(), "{words:?}: {}", stderr(&output));
    }
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    let output = package.svc(&json).stdout(writer).output().expect("it runs");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_manifest_that_is_read_only_is_left_alone() {
    let package = Package::new("");
    let manifest = package.path().join("Cargo.toml");
    let text = "[package]\nname = \"beacon\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    fs::write(&manifest, text).expect("it can be written");
    fs::write(
        package.path().join("beacon.service"),
        "[Service]\nExecStart=/usr/bin/beacon\n",
    )
    .expect("it can be written");
    let writable = fs::metadata(&manifest).expect("it is there").permissions();
    let mut locked = writable.clone();
    locked.set_readonly(true);
    fs::set_permissions(&manifest, locked).expect("it is ours");
    for arguments in [
        &["init"][..],
        &["import", "--into", "Cargo.toml", "beacon.service"],
    ] {
        let output = package.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("Cargo.toml is read-only"),
            "{}",
            stderr(&output)
        );
        let left = fs::read_to_string(&manifest).expect("it is there");
        assert_eq!(left, text, "{arguments:?}");
    }
    // Windows removes no file that is read-only.
    fs::set_permissions(&manifest, writable).expect("it is ours");
    let output = package.run(&["import", "--into", "Cargo.toml", "beacon.service"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
