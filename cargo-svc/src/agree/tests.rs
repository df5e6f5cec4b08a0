//! The rules, on programs that exist only as what is read from them; tests/package/ has real ones.

use super::*;
use crate::testing::package;

const RUNTIME: &str = "[dependencies]\nsvc-rt = \"0.1\"\n";
const TABLE: &str = "[package.metadata.service]\n";

fn note(name: &str) -> Note {
    Note {
        name: name.to_owned(),
        events: Vec::new(),
        sockets: Vec::new(),
        runtime: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn elf(notes: Vec<Note>) -> Inspection {
    Inspection {
        format: Format::Elf,
        architecture: Some("x86_64"),
        notes,
        calls_dispatcher: false,
    }
}

fn windows(notes: Vec<Note>, calls_dispatcher: bool) -> Inspection {
    Inspection {
        format: Format::Pe,
        calls_dispatcher,
        ..elf(notes)
    }
}

const LINUX: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// What is found, each as message, label and help in one line.
fn findings(tables: &str, triple: &str, found: Inspection) -> Vec<String> {
    let package = package(tables);
    let triple = Triple::parse(triple).unwrap();
    let services: Vec<&Service> = package.services.iter().collect();
    let program = Program {
        triple: &triple,
        path: PathBuf::from("target/release/beacon"),
        found,
    };
    let mut report = Report::default();
    program.check(&services, &mut report);
    let lines = report.diagnostics().iter().map(|found| {
        format!(
            "{:?}: {} | {} | {}",
            found.level,
            found.message,
            found.label,
            found.help.join("; ")
        )
    });
    lines.collect()
}

fn with_runtime(tables: &str) -> String {
    format!("{RUNTIME}{tables}")
}

/// One finding, which says all of these.
#[track_caller]
fn says(findings: &[String], texts: &[&str]) {
    assert_eq!(findings.len(), 1, "{findings:?}");
    for text in texts {
        assert!(findings[0].contains(text), "`{text}` in {findings:?}");
    }
}

#[test]
fn a_program_with_the_right_note_passes() {
    let tables = with_runtime(TABLE);
    assert!(findings(&tables, LINUX, elf(vec![note("beacon")])).is_empty());
    assert!(findings(&tables, WINDOWS, windows(vec![note("beacon")], true)).is_empty());
    // A program of one's own, without svc-rt.
    assert!(findings(TABLE, LINUX, elf(Vec::new())).is_empty());
    assert!(findings(TABLE, WINDOWS, windows(Vec::new(), true)).is_empty());
}

#[test]
fn another_name_is_refused_with_both_names() {
    let tables = with_runtime("[package.metadata.service]\nname = \"lighthouse\"\n");
    let found = findings(&tables, LINUX, elf(vec![note("beacon")]));
    says(
        &found,
        &["Error", "`beacon`", "`lighthouse`", "build it again"],
    );
}

#[test]
fn each_target_has_its_own_name() {
    let tables = with_runtime("[package.metadata.service]\nwindows = { name = \"Beacon\" }\n");
    assert!(findings(&tables, LINUX, elf(vec![note("beacon")])).is_empty());
    assert!(findings(&tables, WINDOWS, windows(vec![note("Beacon")], true)).is_empty());
    let found = findings(&tables, WINDOWS, windows(vec![note("beacon")], true));
    says(&found, &["`beacon`", "`Beacon`"]);
}

#[test]
fn several_services_of_one_program_each_need_their_note() {
    let tables = with_runtime(
        "[[package.metadata.service]]\nname = \"relay\"\nbin = \"beacon\"\n\
         [[package.metadata.service]]\nname = \"lamp\"\nbin = \"beacon\"\n",
    );
    let both = vec![note("lamp"), note("relay")];
    assert!(findings(&tables, LINUX, elf(both)).is_empty());
    let found = findings(&tables, LINUX, elf(vec![note("relay")]));
    says(&found, &["`relay`", "the manifest says `lamp`"]);
}

#[test]
fn a_package_with_svc_rt_needs_the_note() {
    for (triple, found) in [
        (LINUX, elf(Vec::new())),
        (WINDOWS, windows(Vec::new(), true)),
        (WINDOWS, windows(Vec::new(), false)),
    ] {
        let found = findings(&with_runtime(TABLE), triple, found);
        says(&found, &["Error", "no `#[service]`", "depends on svc-rt"]);
    }
}

#[test]
fn a_note_without_the_dependency_is_a_warning() {
    let found = findings(TABLE, LINUX, elf(vec![note("beacon")]));
    says(&found, &["Warning", "[dependencies]"]);
}

#[test]
fn events_and_sockets_must_agree() {
    let mut stated = note("beacon");
    stated.events = vec!["reload".to_owned(), "200".to_owned()];
    let found = findings(&with_runtime(TABLE), LINUX, elf(vec![stated.clone()]));
    says(&found, &["events `reload`, `200`", "declares none"]);
    stated.events.clear();
    stated.sockets = vec!["http".to_owned()];
    let found = findings(&with_runtime(TABLE), LINUX, elf(vec![stated]));
    says(&found, &["sockets `http`"]);
}

#[test]
fn another_series_of_svc_rt_is_refused_with_what_to_update() {
    let mut other = note("beacon");
    other.runtime = "999.0.0".to_owned();
    let found = findings(&with_runtime(TABLE), LINUX, elf(vec![other.clone()]));
    says(&found, &["999.0.0", "cargo install cargo-svc"]);
    other.runtime = "0.0.1".to_owned();
    let found = findings(&with_runtime(TABLE), LINUX, elf(vec![other]));
    says(&found, &["0.0.1", "update svc-rt"]);
}

#[test]
fn a_program_for_another_system_or_processor_is_refused() {
    let tables = with_runtime(TABLE);
    let right = || vec![note("beacon")];
    says(
        &findings(&tables, WINDOWS, elf(right())),
        &["an ELF file", WINDOWS],
    );
    says(
        &findings(&tables, LINUX, windows(right(), true)),
        &["a Windows program"],
    );
    let mac = Inspection {
        format: Format::MachO,
        ..elf(right())
    };
    says(&findings(&tables, LINUX, mac), &["a program for macOS"]);
    says(
        &findings(&tables, "aarch64-unknown-linux-gnu", elf(right())),
        &["for x86_64", "aarch64-unknown-linux-gnu"],
    );
    let unknown = Inspection {
        architecture: None,
        ..elf(right())
    };
    assert!(findings(&tables, LINUX, unknown).is_empty());
}

#[test]
fn a_windows_program_that_is_no_service_is_refused() {
    let found = findings(TABLE, WINDOWS, windows(Vec::new(), false));
    says(&found, &["StartServiceCtrlDispatcherW", "1053", "svc-rt"]);
}

#[test]
fn what_only_svc_rt_carries_out_needs_it_on_windows() {
    let tables = "[package.metadata.service]\nrestart = \"always\"\n";
    let found = findings(tables, WINDOWS, windows(Vec::new(), true));
    says(&found, &["restart", "always", "svc-rt"]);
    assert!(findings(tables, LINUX, elf(Vec::new())).is_empty());
    let windows_only = "[package.metadata.service]\nrestart = \"always\"\nwindows = { restart = \"on-failure\" }\n";
    assert!(findings(windows_only, WINDOWS, windows(Vec::new(), true)).is_empty());
}
