//! `-p` means what it means to cargo: each specification is given to `cargo pkgid` as well.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Folder, name and version of the members.
const MEMBERS: [(&str, &str, &str); 4] = [
    ("beacon", "beacon", "1.2.3"),
    ("la mp é", "lamp", "0.3.0-beta.1"),
    ("a%20b", "feed", "2.0.0+build.7"),
    ("store", "store-keeper", "1.0.0"),
];

/// What both are asked for; `[URL]` is the workspace's own URL.
const SPECS: [&str; 61] = [
    "beacon",
    "beacon@1",
    "beacon@1.2",
    "beacon@1.2.3",
    "beacon@1.2.4",
    "beacon@1.3",
    "beacon@2",
    "beacon:1.2.3",
    "beacon:1.2",
    "beacon@1.2.3-beta",
    "beacon@^1",
    "beacon@=1.2.3",
    "beacon@*",
    "beacon@1, 2",
    "beacon@",
    "beacon@x",
    "Beacon",
    "lamp",
    "lamp@0.3",
    "lamp@0.3.0",
    "lamp@0.3.0-beta.1",
    "lamp@0.3.0-beta.2",
    "feed",
    "feed@2",
    "feed@2.0.0",
    "feed@2.0.0+build.7",
    "feed@2.0.0+build.8",
    "store",
    "store-keeper",
    "store_keeper",
    "nobody",
    "b",
    "[URL]/beacon",
    "path+[URL]/beacon",
    "git+[URL]/beacon",
    "registry+[URL]/beacon",
    "svn+[URL]/beacon",
    "path+https://example.com/beacon",
    "https://example.com/beacon",
    "[URL]/beacon#1.2.3",
    "path+[URL]/beacon#1.2",
    "[URL]/beacon#1.3",
    "[URL]/beacon#beacon",
    "[URL]/beacon#beacon@1.2.3",
    "[URL]/beacon#beacon:1.2",
    "[URL]/beacon#lamp",
    "[URL]/beacon/",
    "[URL]/beacon/#beacon",
    "[URL]/./store/../beacon",
    "[URL]/nobody",
    "[URL]/store",
    "[URL]/store#store-keeper",
    "[URL]/store#store-keeper@1",
    "path+[URL]/store#store-keeper@1.0.0",
    "[URL]/la mp é#lamp",
    "[URL]/la%20mp%20%C3%A9#lamp",
    "[URL]/la%20mp%20%C3%A9#lamp@0.3.0-beta.1",
    "[URL]/la%20mp%20%C3%A9",
    "[URL]/a%2520b#feed",
    "[URL]/a%20b#feed",
    "[URL]/beacon?x=y",
];

#[test]
fn a_specification_means_what_it_means_to_cargo() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("spec {}", std::process::id()));
    let list: Vec<_> = MEMBERS
        .iter()
        .map(|(folder, ..)| format!("{folder:?}"))
        .collect();
    let list = list.join(", ");
    for (folder, name, version) in MEMBERS {
        let package = root.join(folder);
        fs::create_dir_all(package.join("src")).unwrap();
        fs::write(package.join("src/main.rs"), "fn main() {}\n").unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[package.metadata.service]\n"
        );
        fs::write(package.join("Cargo.toml"), manifest).unwrap();
    }
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{list}]\n");
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&root);
        cargo
    };
    let locked = cargo()
        .args(["generate-lockfile", "--offline"])
        .output()
        .unwrap();
    assert!(locked.status.success(), "{locked:?}");
    let asked = cargo()
        .args(["pkgid", "--offline", "beacon"])
        .output()
        .unwrap();
    let own = String::from_utf8(asked.stdout).unwrap();
    let (url, _) = own
        .trim_start_matches("path+")
        .split_once("/beacon#")
        .unwrap();

    let mut differing = Vec::new();
    let mut found = 0;
    for spec in SPECS {
        let spec = spec.replace("[URL]", url);
        let cargo = cargo()
            .args(["pkgid", "--offline", &spec])
            .output()
            .unwrap();
        let ours = Command::new(env!("CARGO_BIN_EXE_cargo-svc"))
            .args(["svc", "print", "unit", "-p", &spec])
            .current_dir(&root)
            .output()
            .unwrap();
        found += usize::from(cargo.status.success());
        if cargo.status.success() != ours.status.success() {
            let errors =
                [&cargo.stderr, &ours.stderr].map(|e| String::from_utf8_lossy(e).into_owned());
            differing.push((spec, errors));
        }
    }
    fs::remove_dir_all(&root).unwrap();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(found >= 25, "both found nothing: {found}");
}
