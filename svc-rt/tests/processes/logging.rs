//! What a service logs, and where it arrives. (What the journal and the Event Log make of it, real ones show.)

use std::path::PathBuf;

use super::bed::{Ended, program, spawn};

super::cases!(
    without_a_setting_standard_error_has_what_matters,
    levels_are_obeyed,
    a_line_that_would_go_to_one_place_twice_goes_once,
    a_file_has_its_own_level,
    a_wrong_setting_fails_the_start,
    a_journal_is_told_the_level,
);

fn logged(setting: &str) -> Ended {
    let end = spawn(program(&[]).arg("logging").env("SVC_LOG", setting)).end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(end.output, "true\n", "it is set up once");
    end
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

fn without_a_setting_standard_error_has_what_matters() {
    let errors = logged("").errors;
    for part in [
        "ERROR processes::programs: the disk is full",
        " WARN processes::programs: the disk is nearly full",
        " INFO processes::programs: the disk is fine",
        "ERROR processes::programs: out of luck port=8080",
        " INFO processes::programs: listening port=8080",
    ] {
        assert_eq!(count(&errors, part), 1, "{part:?} in {errors}");
    }
    assert_eq!(count(&errors, "DEBUG"), 0, "{errors}");
}

fn levels_are_obeyed() {
    let errors = logged("system=error").errors;
    assert_eq!(
        (count(&errors, "ERROR"), errors.lines().count()),
        (2, 2),
        "{errors}"
    );
    let errors = logged("system=debug").errors;
    assert_eq!(errors.lines().count(), 7, "{errors}");
    assert_eq!(logged("system=off").errors, "");
}

fn a_line_that_would_go_to_one_place_twice_goes_once() {
    let errors = logged("system=error stderr=info").errors;
    assert_eq!(errors.lines().count(), 5, "{errors}");
}

/// A folder for log files, removed with the value.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn a_file_has_its_own_level() {
    let folder = std::env::temp_dir().join(format!("svc-rt-logs-{}", std::process::id()));
    let folder = Folder(folder);
    let mut command = program(&[]);
    command
        .arg("logging")
        .env("LOGS_DIRECTORY", &folder.0)
        .env("SVC_LOG", "system=error file=debug:never");
    let end = spawn(&mut command).end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert_eq!(end.errors.lines().count(), 2, "{end:?}");
    let files = std::fs::read_dir(&folder.0).expect("the folder");
    let files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files, [folder.0.join("probe.log")]);
    let text = std::fs::read_to_string(&files[0]).expect("a log");
    assert_eq!(text.lines().count(), 7, "{text}");
    assert!(!text.contains('\u{1b}'), "no colours in a file: {text}");
}

fn a_wrong_setting_fails_the_start() {
    let end = spawn(program(&[]).arg("logging").env("SVC_LOG", "loud")).end();
    assert_eq!((end.code, end.output.as_str()), (Some(1), ""), "{end:?}");
    assert!(end.errors.contains("SVC_LOG holds `loud`"), "{end:?}");
}

/// systemd says which pipe the journal reads: here it is the shell that does.
#[cfg(target_os = "linux")]
fn a_journal_is_told_the_level() {
    let script = [
        "sh",
        "-c",
        "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$0\" \"$@\"",
    ];
    let run = |name: &str| {
        let mut command = program(&script);
        command.arg(name).env("NOTIFY_SOCKET", "/nobody/listens");
        spawn(&mut command).end().errors
    };
    let errors = run("logging");
    assert!(
        errors.contains("<3>processes::programs: the disk is full\n"),
        "{errors}"
    );
    assert!(
        errors.contains("<6>processes::programs: the disk is fine\n"),
        "{errors}"
    );
    assert_eq!(run("early error"), "<3>Error: \"no such port\"\n");
    // The variable is inherited also by what has its output elsewhere.
    let mut command = program(&[]);
    command
        .arg("early error")
        .env("NOTIFY_SOCKET", "/nobody/listens");
    let elsewhere = spawn(command.env("JOURNAL_STREAM", "1:1")).end().errors;
    assert_eq!(elsewhere, "Error: \"no such port\"\n");
}

#[cfg(not(target_os = "linux"))]
fn a_journal_is_told_the_level() {}
