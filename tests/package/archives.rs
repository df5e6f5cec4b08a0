//! The archives, as the system's own tools see them.

use std::fs;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

#[cfg(target_os = "linux")]
use crate::project::has_tool;
use crate::project::{Project, Ran, host};

fn archive(project: &Project, extension: &str) -> PathBuf {
    let name = format!("target/svc/{0}/beacon-0.1.0-{0}.{extension}", host());
    project.root.join(name)
}

#[cfg(target_os = "linux")]
fn output(program: &str, arguments: &[&str], archive: &Path) -> String {
    let ran = Command::new(program)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .args(arguments)
        .arg(archive)
        .output();
    Ran::new(ran.unwrap()).succeeded().stdout
}

#[test]
fn the_same_program_gives_the_same_bytes_wherever_and_whenever() {
    let here = Project::beacon();
    here.run(&["--format", "tar.gz", "--format", "zip"]);
    let there = Project::beacon();
    let program = fs::read(here.root.join("target/release/beacon")).unwrap();
    there.write("target/release/beacon", program);
    let mut command = there.command(&[
        "--no-build",
        "--format",
        "zip",
        "--format",
        "tar.gz",
        "--format",
        "zip",
    ]);
    command.env("TZ", "Asia/Tokyo");
    under_umask(&mut command);
    Ran::new(command.output().unwrap()).succeeded();
    for extension in ["tar.gz", "zip"] {
        let one = fs::read(archive(&here, extension)).unwrap();
        assert!(
            one == fs::read(archive(&there, extension)).unwrap(),
            "{extension}"
        );
    }
    let index = format!("target/svc/{}/artifacts.json", host());
    assert_eq!(here.read(&index), there.read(&index));
}

/// Runs the command under a umask that takes everything from group and others.
#[cfg(unix)]
fn under_umask(command: &mut Command) {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 077; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    *command = shell;
}

#[cfg(not(unix))]
fn under_umask(_command: &mut Command) {}

#[cfg(target_os = "linux")]
#[test]
fn tar_lists_owner_0_and_the_date_of_the_source() {
    assert!(
        has_tool("tar"),
        "this test reads the archive with the system's tar"
    );
    let project = Project::beacon();
    let ran = project
        .command(&[])
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .output()
        .unwrap();
    Ran::new(ran).succeeded();
    let listing = output(
        "tar",
        &["--numeric-owner", "-tvzf"],
        &archive(&project, "tar.gz"),
    );
    let listing: Vec<String> = listing
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            // GNU tar: mode, owner, size, date, time, name.
            format!(
                "{} {} {} {} {}",
                words[0], words[1], words[3], words[4], words[5]
            )
        })
        .collect();
    let at = "0/0 2023-11-14 22:13";
    assert_eq!(
        listing,
        [
            format!("drwxr-xr-x {at} beacon-0.1.0/"),
            format!("-rw-r--r-- {at} beacon-0.1.0/PACKAGE"),
            format!("drwxr-xr-x {at} beacon-0.1.0/bin/"),
            format!("-rwxr-xr-x {at} beacon-0.1.0/bin/beacon"),
            format!("-rwxr-xr-x {at} beacon-0.1.0/install.sh"),
            format!("drwxr-xr-x {at} beacon-0.1.0/systemd/"),
            format!("-rw-r--r-- {at} beacon-0.1.0/systemd/beacon.service"),
            format!("-rwxr-xr-x {at} beacon-0.1.0/uninstall.sh"),
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn unzip_accepts_the_zip_and_sees_the_modes() {
    assert!(
        has_tool("unzip"),
        "this test reads the archive with the system's unzip"
    );
    let project = Project::beacon();
    project.run(&["--format", "zip"]);
    assert!(!archive(&project, "tar.gz").exists());
    let zip = archive(&project, "zip");
    let tested = output("unzip", &["-tq"], &zip);
    assert!(tested.contains("No errors detected"), "{tested}");
    let listing = output("unzip", &["-Z"], &zip);
    let modes: Vec<(&str, &str)> = listing
        .lines()
        .filter(|line| line.starts_with('-'))
        .map(|line| (&line[..10], line.rsplit_once(' ').unwrap().1))
        .collect();
    assert_eq!(
        modes,
        [
            ("-rw-r--r--", "beacon-0.1.0/PACKAGE"),
            ("-rwxr-xr-x", "beacon-0.1.0/bin/beacon"),
            ("-rwxr-xr-x", "beacon-0.1.0/install.sh"),
            ("-rw-r--r--", "beacon-0.1.0/systemd/beacon.service"),
            ("-rwxr-xr-x", "beacon-0.1.0/uninstall.sh"),
        ]
    );
    assert!(listing.contains("80-Jan-01 00:00"), "{listing}");
}
