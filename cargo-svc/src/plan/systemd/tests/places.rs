//! What wants a place that something else has.

use super::*;
use crate::service::declared::{Directory, File, Mode};

/// Adds a file that goes to a place below a folder; `source` is also what tells it from others.
fn file(service: &mut Service, source: &str, folder: Folder, below: &str, config: bool) {
    let to = Text {
        parts: vec![Part::Folder(folder), Part::Literal(below.into())],
    };
    let file = File {
        source: Some(declared("files", source.to_owned())),
        to: declared("files", to),
        config,
        required: false,
        mode: Some(Mode(0o644)),
    };
    service.systemd.files.push(declared("files", file));
}

fn with_files(files: &[(&str, &str)]) -> Service {
    let mut one = service("beacon");
    for (source, below) in files {
        file(&mut one, source, Folder::Install, below, false);
    }
    one
}

fn configured(service: &mut Service, path: Option<&str>) {
    let directory = Directory {
        path: path.map(text),
        mode: None,
    };
    service.systemd.directories.config = Some(declared("directories", directory));
}

/// The only error about these services, at one of their keys.
fn contested(services: Vec<Service>, key: &str) -> String {
    let mut report = Report::default();
    let plan = plan(&package(services), Placement::Archive, &mut report);
    assert_eq!(plan, None);
    let found = report.diagnostics();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(!found[0].label.is_empty() && !found[0].help.is_empty());
    let place = found[0].place.as_ref().map(|place| place.key.clone());
    assert_eq!(place, Some(format!("package.metadata.service.{key}")));
    format!("{}: {}", found[0].message, found[0].label)
}

#[test]
fn the_installers_own_names_are_refused() {
    for below in [
        "/receipt",
        "/receipt/x",
        "/uninstall.sh",
        "/transaction",
        "/transaction.new",
        "/transaction.done",
    ] {
        let said = contested(vec![with_files(&[("a", below)])], "files");
        assert!(
            said.starts_with("nothing can go to `/usr/lib/beacon/")
                && said.ends_with("install.sh has a file of this name there"),
            "{said}"
        );
    }
    for below in ["/.a.svc-new", "/x/.a.svc-old", "/.a.svc-old/x"] {
        let said = contested(vec![with_files(&[("a", below)])], "files");
        assert!(said.contains("while it runs"), "{said}");
    }
    // Elsewhere, and spelt otherwise, they are names like others.
    let mut one = with_files(&[("a", "/x/receipt"), ("b", "/Receipt"), ("c", "/a.svc-old")]);
    configured(&mut one, None);
    file(&mut one, "d", Folder::Config, "/receipt", true);
    planned(vec![one], Placement::Archive);

    let mut one = service("beacon");
    one.systemd.bin.value = "receipt".into();
    one.own_systemd.bin_dir = Some(declared("systemd.bin-dir", "/usr/lib/beacon".to_owned()));
    let said = contested(vec![one], "systemd.bin-dir");
    assert!(said.contains("`/usr/lib/beacon/receipt`"), "{said}");
}

#[test]
fn a_place_takes_one_file() {
    assert_eq!(
        contested(vec![with_files(&[("x", "/a"), ("y", "/a")])], "files"),
        "two files go to `/usr/lib/beacon/a`: `x` goes to `/usr/lib/beacon/a`"
    );
    // Both would also be put beside what an operator edited: one finding is enough.
    let mut one = service("beacon");
    configured(&mut one, None);
    file(&mut one, "x", Folder::Config, "/a", true);
    let mut two = one.clone();
    two.systemd.name = Declared::default_of(ServiceName::parse("two").unwrap());
    configured(&mut two, Some("beacon"));
    planned(vec![one.clone(), two.clone()], Placement::Archive);
    two.systemd.files.clear();
    file(&mut two, "y", Folder::Config, "/a", true);
    let said = contested(vec![one.clone(), two], "files");
    assert!(
        said.starts_with("two files go to `/etc/beacon/a`"),
        "{said}"
    );

    file(&mut one, "z", Folder::Config, "/a.new", false);
    let said = contested(vec![one], "files");
    assert!(
        said.contains("where `x` was edited, its next version is put to `/etc/beacon/a.new`"),
        "{said}"
    );

    let mut one = with_files(&[("x", "/beacon")]);
    one.own_systemd.bin_dir = Some(declared("systemd.bin-dir", "/usr/lib/beacon".to_owned()));
    let said = contested(vec![one], "files");
    assert!(said.contains("the program `beacon` goes to"), "{said}");
}

#[test]
fn no_file_is_a_folder_of_another() {
    for files in [[("x", "/a"), ("y", "/a/b")], [("y", "/a/b/c"), ("x", "/a")]] {
        let said = contested(vec![with_files(&files)], "files");
        assert!(
            said.starts_with("`/usr/lib/beacon/a` cannot be both a file and a folder"),
            "{said}"
        );
    }
    // The services of a package share its install folder.
    let two = |files: &[(&str, &str)]| {
        let mut two = with_files(files);
        two.systemd.name = Declared::default_of(ServiceName::parse("two").unwrap());
        two
    };
    let said = contested(
        vec![with_files(&[("x", "/a")]), two(&[("y", "/a/b")])],
        "files",
    );
    assert!(said.contains("`x` goes to `/usr/lib/beacon/a`"), "{said}");
    planned(
        vec![
            with_files(&[("x", "/a/b")]),
            two(&[("y", "/a/bc"), ("z", "/ab")]),
        ],
        Placement::Archive,
    );

    let mut other = two(&[]);
    other.own_systemd.bin_dir = Some(declared("systemd.bin-dir", "/usr/bin/beacon".to_owned()));
    other.systemd.bin.value = "two".into();
    let said = contested(vec![service("beacon"), other], "systemd.bin-dir");
    assert!(
        said.contains("the program `beacon` goes to `/usr/bin/beacon`"),
        "{said}"
    );

    let mut one = service("beacon");
    configured(&mut one, None);
    file(&mut one, "x", Folder::Config, "/sub", false);
    let mut other = two(&[]);
    configured(&mut other, Some("beacon/sub"));
    let said = contested(vec![one.clone(), other], "directories");
    assert!(said.contains("`x` goes to `/etc/beacon/sub`"), "{said}");
    let mut other = two(&[]);
    configured(&mut other, Some("beacon/other"));
    planned(vec![one, other], Placement::Archive);
}

#[test]
fn names_leave_room_for_those_that_are_made_of_them() {
    let long = |bytes: usize| format!("/{}", "n".repeat(bytes));
    planned(vec![with_files(&[("x", &long(246))])], Placement::Archive);
    let said = contested(vec![with_files(&[("x", &long(247))])], "files");
    assert!(said.contains("has 247 bytes, and at most 246"), "{said}");
    let config = |bytes| {
        let mut one = service("beacon");
        configured(&mut one, None);
        file(&mut one, "x", Folder::Config, &long(bytes), true);
        one
    };
    planned(vec![config(242)], Placement::Archive);
    let said = contested(vec![config(243)], "files");
    assert!(said.contains("has 247 bytes, and at most 246"), "{said}");
}
