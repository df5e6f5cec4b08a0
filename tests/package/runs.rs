//! Runs beside, after and instead of other runs; and what a run prints.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::project::{Project, Ran, host, sha256};

/// Whether the archive is the one that the index describes, and nothing unfinished lies about.
fn assert_complete(project: &Project) {
    let svc = project.root.join("target/svc").join(host());
    let index: Value =
        serde_json::from_slice(&fs::read(svc.join("artifacts.json")).unwrap()).unwrap();
    let archives = index["packages"][0]["artifacts"].as_array().unwrap();
    let archive = archives
        .iter()
        .find(|file| file["kind"] == "tar.gz")
        .unwrap();
    let bytes = fs::read(svc.join(archive["path"].as_str().unwrap())).unwrap();
    let hash = sha256(&bytes);
    assert_eq!(archive["sha256"], hash.as_str());
    assert!(!svc.join(".staging").exists() && !svc.join(".replaced").exists());
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let project = Project::beacon();
    project.run(&[]);
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let mut command = project.command(&["--no-build"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for run in runs {
        Ran::new(run.wait_with_output().unwrap()).succeeded();
    }
    assert_complete(&project);
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let project = Project::beacon();
    project.run(&[]);
    let svc = format!("target/svc/{}", host());
    // Killed while it was writing, and killed between two renames.
    project.write(&format!("{svc}/.staging/beacon-0.1.0/bin/beacon"), "half");
    project.run(&["--no-build"]);
    assert_complete(&project);
    fs::create_dir(project.root.join(&svc).join(".replaced")).unwrap();
    let index = project.root.join(&svc).join("artifacts.json");
    fs::rename(
        &index,
        project.root.join(&svc).join(".replaced/artifacts.json"),
    )
    .unwrap();
    project.run(&["--no-build"]);
    assert_complete(&project);
}

#[test]
fn a_build_that_fails_leaves_the_last_package() {
    let project = Project::beacon();
    project.run(&[]);
    let index = format!("target/svc/{}/artifacts.json", host());
    let before = project.read(&index);
    project.write("src/main.rs", "fn main() { missing() }\n");
    let ran = project.refused(&[]);
    // Cargo's own words, then ours.
    ran.says("cannot find function")
        .says("`cargo build` of package `beacon` failed");
    assert_eq!(project.read(&index), before);
    assert_complete(&project);
}

#[test]
fn a_second_run_replaces_the_first() {
    let project = Project::beacon();
    project.run(&[]);
    let index = format!("target/svc/{}/artifacts.json", host());
    let before = project.read(&index);
    project.write("src/main.rs", "fn main() { println!(\"changed\") }\n");
    project.run(&[]);
    assert_ne!(project.read(&index), before);
    assert_complete(&project);
}

#[test]
fn a_pipe_sees_status_lines_without_colour_and_quiet_says_nothing() {
    let project = Project::beacon();
    let ran = project.run(&[]);
    assert_eq!(ran.stdout, "");
    assert!(
        !ran.stderr.contains('\x1b') && !ran.stderr.contains('\r'),
        "{}",
        ran.stderr
    );
    ran.says("    Finished").says(&format!(
        "    Packaged target/svc/{0}/beacon-0.1.0-{0}.tar.gz (",
        host()
    ));
    let quiet = project.run(&["-q"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let coloured = project.run(&["--no-build", "--color", "always"]);
    coloured.says("\x1b[32m    Packaged\x1b[0m");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let project = Project::beacon();
    project.run(&["--profile", "dev"]);
    // A file where the folder should be: also root cannot write through it.
    fs::remove_dir_all(project.root.join("target/svc")).unwrap();
    project.write("target/svc", "in the way");
    project
        .refused(&["--profile", "dev", "--no-build"])
        .says("target/svc");
    assert_eq!(project.read("target/svc"), "in the way");
}
