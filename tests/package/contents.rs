//! What lies in the package folder, and what the lists beside it say.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::project::{Project, Ran, host, sha256};

/// Every file below a folder with its SHA-256, by its path with forward slashes.
fn hashes(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let hash = sha256(&fs::read(&path).unwrap());
            let path = path
                .strip_prefix(folder)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            found.insert(path, hash);
        }
    }
    found
}

#[test]
fn the_folder_holds_program_units_scripts_and_the_list_of_them() {
    let project = Project::beacon();
    project.run(&[]);
    let svc = project.root.join("target/svc").join(host());
    let files = hashes(&svc.join("beacon-0.1.0"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "PACKAGE",
            "bin/beacon",
            "install.sh",
            "systemd/beacon.service",
            "uninstall.sh"
        ]
    );
    // The scripts are those that are committed, at the top.
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    for script in ["install.sh", "uninstall.sh"] {
        let committed = project.read(&format!("packaging/linux/{script}"));
        assert_eq!(sha256(committed.as_bytes()), files[script], "{script}");
    }
    let list = fs::read_to_string(svc.join("beacon-0.1.0/PACKAGE")).unwrap();
    let expected = format!(
        "package=beacon\nversion=0.1.0\ntarget={}\nfile={} 0755 bin/beacon\nfile={} 0755 install.sh\n\
         file={} 0644 systemd/beacon.service\nfile={} 0755 uninstall.sh\n",
        host(),
        files["bin/beacon"],
        files["install.sh"],
        files["systemd/beacon.service"],
        files["uninstall.sh"],
    );
    assert_eq!(list, expected);
    let program = fs::read(svc.join("beacon-0.1.0/bin/beacon")).unwrap();
    assert_eq!(
        program,
        fs::read(project.root.join("target/release/beacon")).unwrap()
    );
}

#[test]
#[cfg(target_os = "linux")]
fn declared_files_are_packed_once_and_listed() {
    let project = Project::empty();
    let table = "[package.metadata.service]\ndirectories = { config = true }\nfiles = [\n\
        { source = \"conf/a b.toml\", to = \"{config-dir}/a.toml\", config = true },\n\
        { source = \"conf/a b.toml\", to = \"{install-dir}/default.toml\" },\n\
        { source = \"hook\", to = \"{install-dir}/hook\", mode = \"0755\" },\n]\n";
    project.package("", "beacon", table);
    project.write("conf/a b.toml", "a");
    project.write("hook", "#!/bin/sh\n");
    project.run(&[]);
    let folder = format!("target/svc/{}/beacon-0.1.0", host());
    assert_eq!(project.read(&format!("{folder}/files/conf/a b.toml")), "a");
    let list = project.read(&format!("{folder}/PACKAGE"));
    for line in [
        format!("file={} 0644 files/conf/a b.toml\n", sha256(b"a")),
        format!("file={} 0755 files/hook\n", sha256(b"#!/bin/sh\n")),
    ] {
        assert_eq!(list.matches(&line).count(), 1, "{line} in {list}");
    }
    assert!(list.contains(" systemd/tmpfiles.d/beacon.conf\n"), "{list}");
}

#[test]
fn the_index_lists_each_file_with_its_size_and_hash() {
    let project = Project::beacon();
    let ran = project.run(&["--message-format", "json"]);
    let svc = project.root.join("target/svc").join(host());
    let index: Value =
        serde_json::from_slice(&fs::read(svc.join("artifacts.json")).unwrap()).unwrap();
    assert_eq!(index["format"], 1);
    assert_eq!(index["target"], host().as_str());
    let package = &index["packages"][0];
    assert_eq!(
        (&package["name"], &package["version"]),
        (&"beacon".into(), &"0.1.0".into())
    );

    let artifacts = package["artifacts"].as_array().unwrap();
    let mut files = hashes(&svc);
    files.remove("artifacts.json");
    let listed: BTreeMap<String, String> = artifacts
        .iter()
        .map(|file| {
            let path = file["path"].as_str().unwrap();
            let size = fs::metadata(svc.join(path)).unwrap().len();
            assert_eq!(file["size"], size, "{path}");
            (path.to_owned(), file["sha256"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(listed, files);
    let kinds: Vec<&str> = artifacts
        .iter()
        .map(|file| file["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "tar.gz",
            "package-list",
            "program",
            "install.sh",
            "unit",
            "uninstall.sh"
        ],
        "in the order of the paths"
    );

    // The same, a line each, for the program that started this one.
    let messages: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|message: &Value| message["reason"] == "svc-artifact")
        .collect();
    assert_eq!(messages.len(), artifacts.len());
    for message in messages {
        assert_eq!(
            (&message["package"], &message["version"]),
            (&"beacon".into(), &"0.1.0".into())
        );
        assert_eq!(message["target"], host().as_str());
        let path = Path::new(message["path"].as_str().unwrap());
        let name = path.strip_prefix(&svc).unwrap().to_str().unwrap();
        assert_eq!(message["sha256"], files[name].as_str());
    }
}

#[test]
fn a_workspace_packages_each_package_and_several_services_share_a_folder() {
    let project = Project::empty();
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"2\"\n",
    );
    project.package("crates/beacon", "beacon", "[package.metadata.service]\n");
    project.package("crates/plain", "plain", "");
    let two = "[[bin]]\nname = \"relay\"\npath = \"src/main.rs\"\n\n[[bin]]\nname = \"lamp-d\"\npath = \"src/lamp.rs\"\n\n\
               [[package.metadata.service]]\nname = \"relay\"\nbin = \"relay\"\n\n\
               [[package.metadata.service]]\nname = \"lamp\"\nbin = \"lamp-d\"\n";
    project.package("crates/pair", "pair", two);
    project.write("crates/pair/src/lamp.rs", "fn main() {}\n");

    project.run(&["--workspace"]);
    let svc = project.root.join("target/svc").join(host());
    let beacon = hashes(&svc.join("beacon-0.1.0"));
    assert!(beacon.contains_key("bin/beacon"));
    let pair = hashes(&svc.join("pair-0.1.0"));
    for file in [
        "bin/relay",
        "bin/lamp-d",
        "systemd/relay.service",
        "systemd/lamp.service",
    ] {
        assert!(pair.contains_key(file), "{file} in {pair:?}");
    }
    assert!(!svc.join("plain-0.1.0").exists());
    let index: Value =
        serde_json::from_slice(&fs::read(svc.join("artifacts.json")).unwrap()).unwrap();
    let names: Vec<&Value> = index["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| &package["name"])
        .collect();
    assert_eq!(names, ["beacon", "pair"]);

    // Only what the last run has made is listed; what others made stays.
    project.run(&["-p", "pair"]);
    let index: Value =
        serde_json::from_slice(&fs::read(svc.join("artifacts.json")).unwrap()).unwrap();
    assert_eq!(index["packages"].as_array().unwrap().len(), 1);
    assert!(svc.join("beacon-0.1.0/bin/beacon").exists());
}

#[test]
fn the_program_is_the_binary_that_the_manifest_names() {
    let project = Project::empty();
    let metadata = "default-run = \"beacond\"\n\n[workspace]\n\n[[bin]]\nname = \"beacond\"\npath = \"src/main.rs\"\n\n\
                    [[bin]]\nname = \"beacon-cli\"\npath = \"src/main.rs\"\n\n[package.metadata.service]\n";
    project.package("", "beacon", "");
    let manifest = project
        .read("Cargo.toml")
        .replace("\n[workspace]\n", metadata);
    project.write("Cargo.toml", manifest);
    project.run(&[]);
    let files = hashes(
        &project
            .root
            .join("target/svc")
            .join(host())
            .join("beacon-0.1.0"),
    );
    assert!(files.contains_key("bin/beacond"), "{files:?}");
    assert!(!files.contains_key("bin/beacon-cli"), "{files:?}");
    // Nothing was built that is not packaged.
    assert!(!project.has("target/release/beacon-cli"));
}
