//! The comparison of a built program with the manifest, in `package` and in `check`, with programs that hold a real note.

use std::fs;
use std::path::Path;

use crate::project::{Project, Ran};

/// A package whose program has `#[service]` on its `main`, stripped as services are shipped.
fn service() -> Project {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let project = Project::empty();
    let dependency = format!(
        "[dependencies]\nsvc-rt = {{ path = '{}' }}\n\n[profile.release]\nstrip = \"symbols\"\n\n\
         [package.metadata.service]\n",
        repository.join("svc-rt").display()
    );
    project.package("", "beacon", &dependency);
    project.write(
        "src/main.rs",
        "use svc_rt::{Service, service};\n\n#[service]\nfn main(svc: Service) {\n    svc.ready();\n}\n",
    );
    // The versions that the workspace has, so that nothing is downloaded.
    let lock = fs::read(repository.join("Cargo.lock")).unwrap();
    project.write("Cargo.lock", lock);
    project
}

fn check(project: &Project) -> Ran {
    Ran::new(project.svc(&["check"]).output().unwrap())
}

#[test]
fn a_program_is_compared_with_the_manifest_by_its_note() {
    let project = service();
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    let nothing_built = check(&project).succeeded();
    assert!(
        !nothing_built.stderr.contains("Checked"),
        "{}",
        nothing_built.stderr
    );

    project.run(&["--offline"]);
    check(&project)
        .succeeded()
        .says("Checked target/release/beacon");

    // The name is in the program: one that was built before it changed is found.
    project.write(
        "Cargo.toml",
        project.read("Cargo.toml") + "name = \"lighthouse\"\n",
    );
    let refused = project.refused(&["--no-build"]);
    refused
        .says("target/release/beacon was built for the service `beacon`, and the manifest says `lighthouse`")
        .says("Cargo.toml");
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    let found = check(&project);
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    found.says("the manifest says `lighthouse`");
    project.run(&["--offline"]);
    check(&project).succeeded();
}

#[test]
fn a_program_that_lost_its_service_is_refused() {
    let project = service();
    project.write("src/main.rs", "fn main() {}\n");
    project
        .refused(&["--offline"])
        .says("target/release/beacon has no `#[service]` in it")
        .says("build it again");
    assert!(!project.has("target/svc/artifacts.json"));
}

#[test]
fn a_check_without_a_program_needs_none() {
    let project = Project::beacon();
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    check(&project).succeeded();
    project.write("target/release/beacon", "no program");
    let found = check(&project);
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    found.says("target/release/beacon is no program for");
}

#[test]
fn only_the_chosen_program_is_looked_at() {
    let project = Project::empty();
    let services = ["beacon", "feed"].map(|name| {
        format!(
            "[[bin]]\nname = \"{name}\"\npath = \"src/main.rs\"\n\n\
             [[package.metadata.service]]\nname = \"{name}\"\nbin = \"{name}\"\n\n"
        )
    });
    project.package("", "beacon", &services.concat());
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    project.write("target/release/feed", "no program");
    let chosen = |bin: &str| Ran::new(project.svc(&["check", "--bin", bin]).output().unwrap());
    chosen("beacon").succeeded();
    let found = chosen("feed");
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    found.says("target/release/feed is no program for");
}
