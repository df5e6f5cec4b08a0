//! The note of `#[service]` in real programs: there after every way to make a program small, whole, and nothing more than
//! the note.

#[path = "../svc-macros/tests/fixture/mod.rs"]
mod fixture;

use cargo_svc::binary::{Note, inspect};
use fixture::Package;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;

const MAIN: &str = r#"
#![forbid(unsafe_code)]
use svc_rt::{Service, service};

#[service(name = "sender", events = ["power"])]
fn sender(svc: Service) {
    svc.stop();
}

#[service]
fn serve(svc: Service) {
    svc.stop();
}

fn main() -> std::process::ExitCode {
    match std::env::args().nth(1) {
        Some(_) => sender(),
        None => serve(),
    }
}
"#;

const TABLES: &str = r#"
[package.metadata.service]
name = "beacon"
description = "a sentence that belongs into no program"
events = ["reload", 200]
sockets = [{ name = "http", listen = "tcp://[::]:8080" }]

[profile.small]
inherits = "release"
opt-level = "z"
lto = "fat"
codegen-units = 1
panic = "abort"
strip = "symbols"

[profile.thin]
inherits = "release"
lto = "thin"
"#;

fn program(name: &str, edition: u16, profile: &str, folder: &str) -> PathBuf {
    let package = Package::new(name, edition, TABLES, MAIN);
    let output = package.cargo(&["build", "--profile", profile]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Package::target()
        .join(folder)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn note(name: &str, events: &[&str], sockets: &[&str]) -> Note {
    let owned = |list: &[&str]| list.iter().map(|&element| element.to_owned()).collect();
    Note {
        name: name.to_owned(),
        events: owned(events),
        sockets: owned(sockets),
        runtime: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[track_caller]
fn has_both_notes(program: &Path) {
    let bytes = std::fs::read(program).expect("the program was built");
    let mut notes = inspect(&bytes).expect("a program").notes;
    notes.sort_by(|one, other| one.name.cmp(&other.name));
    let expected = [
        note("beacon", &["reload", "200"], &["http"]),
        note("sender", &["power"], &[]),
    ];
    assert_eq!(notes, expected, "{}", program.display());
    // The manifest is looked at, and is not part of the program.
    let sentence = b"belongs into no program";
    assert!(
        !bytes
            .windows(sentence.len())
            .any(|window| window == sentence)
    );
}

#[test]
fn it_is_there_in_a_debug_build() {
    has_both_notes(&program("note-debug", 2024, "dev", "debug"));
}

#[test]
fn it_is_there_after_everything_that_makes_a_program_small() {
    has_both_notes(&program("note-small", 2024, "small", "small"));
}

#[test]
fn it_is_there_in_edition_2021_after_thin_lto() {
    has_both_notes(&program("note-thin", 2021, "thin", "thin"));
}

/// `strip` comes with the linker that built the program, on every system but Windows with MSVC.
#[cfg(unix)]
#[test]
fn it_is_there_after_strip() {
    let program = program("note-strip", 2024, "release", "release");
    let status = Command::new("strip")
        .arg(&program)
        .status()
        .expect("strip runs");
    assert!(status.success());
    has_both_notes(&program);
}

/// What readelf says is what a distribution's tools will say.
#[cfg(target_os = "linux")]
#[test]
fn readelf_finds_nothing_wrong_with_it() {
    let program = program("note-readelf", 2024, "release", "release");
    let output = Command::new("readelf")
        .arg("-nW")
        .arg(&program)
        .output()
        .expect("readelf runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    assert!(!told.to_lowercase().contains("corrupt"), "{told}");
    let owners = told
        .lines()
        .filter(|line| line.trim_start().starts_with("svc "));
    assert_eq!(owners.count(), 2, "{told}");
}
