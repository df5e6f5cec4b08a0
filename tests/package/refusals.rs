//! What is refused, with which words, and that nothing is written then.

use crate::project::{Project, Ran, host};

#[test]
fn other_systems_are_refused_by_name() {
    let project = Project::beacon();
    for target in [
        "aarch64-apple-darwin",
        "aarch64-linux-android",
        "wasm32-wasip1",
    ] {
        project.refused(&["--target", target]).says(&format!(
            "services can be packaged for Linux (systemd) and Windows, and `{target}` is neither"
        ));
    }
    assert!(!project.has("target"));
}

#[test]
fn a_date_that_is_none_is_refused() {
    let project = Project::beacon();
    for date in ["yesterday", "", "-1", "1.5"] {
        let output = project
            .command(&[])
            .env("SOURCE_DATE_EPOCH", date)
            .output()
            .unwrap();
        let ran = Ran::new(output).refused();
        ran.says("SOURCE_DATE_EPOCH must be the whole seconds since 1970-01-01");
    }
    assert!(!project.has("target"));
}

#[test]
fn formats_that_are_not_made_are_refused_by_name() {
    let project = Project::beacon();
    project
        .refused(&["--format", "msi"])
        .says("`msi` is for Windows, and");
    project.refused(&["--format", "rar"]).says("rar");
    assert!(!project.has("target"));
}

#[test]
fn a_name_that_no_file_system_takes_is_refused() {
    let project = Project::beacon();
    let version = format!("version = \"0.1.0+{}\"", "b".repeat(230));
    let manifest = project
        .read("Cargo.toml")
        .replace("version = \"0.1.0\"", &version);
    project.write("Cargo.toml", manifest);
    project.refused(&[]).says("file systems take at most 255");
    assert!(!project.has(&format!("target/svc/{}/.staging", host())));
}

#[test]
fn a_version_with_every_part_names_the_files() {
    let project = Project::beacon();
    let manifest = project
        .read("Cargo.toml")
        .replace("\"0.1.0\"", "\"1.2.3-rc.1+build.5\"");
    project.write("Cargo.toml", manifest);
    project.run(&[]);
    let name = format!(
        "target/svc/{0}/beacon-1.2.3-rc.1+build.5-{0}.tar.gz",
        host()
    );
    assert!(project.has(&name));
}

#[test]
fn files_that_are_not_there_are_refused_before_a_build() {
    let project = Project::empty();
    let table = "[package.metadata.service]\nfiles = [\n\
        { source = \"gone.toml\", to = \"{install-dir}/a\" },\n\
        { source = \"src\", to = \"{install-dir}/b\" },\n]\n";
    project.package("", "beacon", table);
    project.write("src/main.rs", "no program");
    let ran = project.refused(&["--target", "x86_64-unknown-linux-gnu"]);
    ran.says("`files` cannot take `gone.toml`");
    ran.says("`files` cannot take `src`");
    ran.says("name each file of a folder by itself");
    assert!(!project.has("target/svc"));
}

#[test]
#[cfg(unix)]
fn files_that_lead_out_of_the_package_are_refused() {
    let project = Project::empty();
    let table =
        "[package.metadata.service]\nfiles = [{ source = \"hosts\", to = \"{install-dir}/a\" }]\n";
    project.package("", "beacon", table);
    std::os::unix::fs::symlink("/etc/hosts", project.root.join("hosts")).unwrap();
    let ran = project.refused(&["--target", "x86_64-unknown-linux-gnu"]);
    ran.says("it leads to /etc/hosts, outside of the package");
}

#[test]
fn two_files_at_one_place_are_refused() {
    let project = Project::empty();
    let table = "[package.metadata.service]\nfiles = [\n\
        { source = \"a\", to = \"{install-dir}/x\" },\n\
        { source = \"b\", to = \"{install-dir}/x\" },\n]\n";
    project.package("", "beacon", table);
    project.write("a", "a");
    project.write("b", "b");
    let ran = project.refused(&["--target", "x86_64-unknown-linux-gnu"]);
    ran.says("two files go to `/usr/lib/beacon/x`");
    ran.says("`a` goes to `/usr/lib/beacon/x`");
}

#[cfg(target_os = "linux")]
mod programs {
    use std::fs;

    use super::*;

    /// The program with the number of another processor in its ELF header (`e_machine`).
    fn foreign(project: &Project) -> Vec<u8> {
        const AARCH64: u8 = 183;
        const S390: u8 = 22;
        let mut program = fs::read(project.root.join("target/release/beacon")).unwrap();
        program[18] = if program[18] == AARCH64 {
            S390
        } else {
            AARCH64
        };
        program
    }

    #[test]
    fn a_program_for_another_processor_is_refused() {
        let project = Project::beacon();
        project.run(&[]);
        let packaged = format!("target/svc/{}/artifacts.json", host());
        let before = project.read(&packaged);
        let program = foreign(&project);
        fs::remove_file(project.root.join("target/release/beacon")).unwrap();
        project.write("target/release/beacon", program);
        project
            .refused(&["--no-build"])
            .says("target/release/beacon")
            .says(&host());
        assert_eq!(project.read(&packaged), before);
    }

    #[test]
    fn a_file_that_is_no_program_is_refused() {
        let project = Project::beacon();
        project.write("target/release/beacon", "#!/bin/sh\n");
        project
            .refused(&["--no-build"])
            .says("target/release/beacon");
        project.write("target/x86_64-pc-windows-gnu/release/beacon.exe", "MZ");
        project
            .refused(&["--no-build", "--target", "x86_64-pc-windows-gnu"])
            .says("target/x86_64-pc-windows-gnu/release/beacon.exe");
        assert!(!project.has(&format!("target/svc/{}", host())));
    }

    #[test]
    fn a_linux_program_in_the_place_of_a_windows_one_is_refused() {
        let project = Project::beacon();
        project.run(&[]);
        let program = fs::read(project.root.join("target/release/beacon")).unwrap();
        project.write("target/x86_64-pc-windows-gnu/release/beacon.exe", program);
        project
            .refused(&["--no-build", "--target", "x86_64-pc-windows-gnu"])
            .says("x86_64-pc-windows-gnu");
    }
}

#[test]
fn what_is_wrong_with_the_metadata_is_said_before_the_build() {
    let project = Project::beacon();
    project.write(
        "Cargo.toml",
        project.read("Cargo.toml") + "restart = \"sometimes\"\n",
    );
    project.write("src/main.rs", "this does not compile");
    let ran = project.refused(&[]);
    ran.says("restart");
    assert!(!ran.stderr.contains("does not compile"), "{}", ran.stderr);
}
