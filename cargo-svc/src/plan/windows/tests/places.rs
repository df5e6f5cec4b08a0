//! Places on the machine that cannot be: names that no archive gives back, a file as a folder, paths that are too long.

use super::machine::{file, folder, to, with_folders};
use super::*;
use crate::service::Account;
use crate::service::declared::Credential;

#[test]
fn sources_that_windows_cannot_unpack_are_refused() {
    for (source, word) in [
        ("con.txt", "DOS device"),
        ("a/nul", "DOS device"),
        ("d:e.txt", "':'"),
        ("f?.txt", "'?'"),
        ("g.txt ", "ends in a dot or a space"),
        (&"x".repeat(256), "256 characters"),
    ] {
        let (message, key, help) = refused(|service| {
            file(service, Some(source), to(Folder::Install, "/x"), false);
        });
        assert!(
            message.starts_with("`files` cannot bring `") && message.contains(word),
            "{message}"
        );
        assert_eq!(key, "package.metadata.service.files");
        assert!(help.contains("rename it"), "{help}");
    }
    // A file that only an operator has is in no archive.
    let mut service = with_folders();
    file(&mut service, None, to(Folder::Config, "/license"), false);
    planned(vec![service]);
}

#[test]
fn sources_that_windows_does_not_tell_apart_are_refused() {
    for (one, other) in [
        ("a.txt", "A.txt"),
        ("Ä", "ä"),
        ("Data", "data/x"),
        ("data/x", "DATA"),
    ] {
        let (message, ..) = refused(|service| {
            file(service, Some(one), to(Folder::Install, "/1"), false);
            file(service, Some(other), to(Folder::Install, "/2"), false);
        });
        assert_eq!(
            message,
            format!(
                "`files` cannot bring both `{one}` and `{other}` to Windows, which does not tell case apart"
            )
        );
    }
    // One source may go to several places.
    let mut service = beacon("beacon");
    file(&mut service, Some("a"), to(Folder::Install, "/1"), false);
    file(&mut service, Some("a"), to(Folder::Install, "/2"), false);
    planned(vec![service]);
}

#[test]
fn no_file_is_a_folder_as_well() {
    for (one, other) in [("/a", "/A/b"), ("/a/b", "/a"), ("/a", "/a/b/c")] {
        let (message, key, _) = refused(|service| {
            file(service, Some("1"), to(Folder::Install, one), false);
            file(service, Some("2"), to(Folder::Install, other), false);
        });
        assert!(
            message.contains("as if that were a folder, to `{install-dir}/"),
            "{message}"
        );
        assert_eq!(key, "package.metadata.service.files");
    }
    let (message, ..) = refused(|service| {
        service.windows.directories.config = folder(None, None);
        service.windows.directories.state = folder(Some("beacon/config/a"), None);
        file(service, Some("1"), to(Folder::Config, "/a"), false);
    });
    assert_eq!(
        message,
        "`files` go to `{config-dir}/a`, which is a folder on Windows"
    );
    // Names that only begin alike, and places below different roots.
    let mut service = with_folders();
    for (number, (folder, below)) in [
        (Folder::Install, "/a"),
        (Folder::Install, "/ab"),
        (Folder::Install, "/a.b/c"),
        (Folder::Config, "/a/b"),
        (Folder::Install, "/beacon/config/a/b"),
    ]
    .into_iter()
    .enumerate()
    {
        file(
            &mut service,
            Some(&number.to_string()),
            to(folder, below),
            false,
        );
    }
    planned(vec![service]);
}

#[test]
fn paths_that_are_too_long_are_refused_with_their_key() {
    let long = "x".repeat(120);
    let install_dir = |service: &mut Service, path: String| {
        service.own_windows.install_dir = Some(declared("install-dir", path));
    };
    let key = |(message, key, help): (String, String, String)| {
        assert!(message.contains("characters"), "{message}");
        assert!(!help.is_empty(), "{message}");
        key.trim_start_matches("package.metadata.service.")
            .to_owned()
    };
    let found = refused(|service| install_dir(service, "x".repeat(300)));
    assert_eq!(key(found), "install-dir");
    let found = refused(|service| {
        install_dir(service, [&*long; 3].join("\\"));
        // What is below it is not refused a second time.
        file(service, Some("a"), to(Folder::Install, "/a"), false);
    });
    assert_eq!(key(found), "install-dir");
    let found = refused(|service| install_dir(service, format!(r"D:\{}", "x".repeat(240))));
    assert_eq!(key(found), "install-dir");
    for below in [&"x".repeat(300), &format!("{long}/{long}")] {
        let found = refused(|service| {
            file(
                service,
                Some("a"),
                to(Folder::Install, &format!("/{below}")),
                false,
            );
        });
        assert_eq!(key(found), "files");
    }
    // The file itself has room, but not the default that stays for comparison.
    let found = refused(|service| {
        service.windows.directories.config = folder(None, None);
        let below = format!("/{}", "x".repeat(200));
        file(service, Some("a"), to(Folder::Config, &below), true);
    });
    assert_eq!(key(found), "files");
    let found = refused(|service| {
        service.windows.directories.cache = folder(Some(&format!("{long}/{long}")), None);
    });
    assert_eq!(key(found), "directories");
    let found = refused(|service| {
        let credential = Credential {
            name: "x".repeat(230),
            required: false,
        };
        service
            .windows
            .credentials
            .push(declared("credentials", credential));
    });
    assert_eq!(key(found), "credentials");
}

#[test]
fn the_longest_names_that_are_taken_fit_the_tables_of_windows_installer() {
    let name = |length: usize| "x".repeat(length);
    let mut service = with_folders();
    service.windows.directories.cache = folder(Some(&name(225)), None);
    file(&mut service, Some("a"), to(Folder::Install, "/a"), false);
    file(&mut service, Some("b"), to(Folder::Config, "/b"), true);
    let account = Account::Named(format!(r"DOMAIN\{}", name(100)));
    service.windows.account = Some(declared("account", account));
    let mut named = package(vec![service.clone()]);
    named.name = name(180);
    service.own_windows.install_dir = Some(declared("install-dir", format!(r"D:\{}", name(229))));
    service.windows.files.clear();
    for package in [named, package(vec![service])] {
        let mut report = Report::default();
        let told = crate::testing::windows::judged(&package, &mut report);
        assert_eq!(report.diagnostics(), []);
        assert_eq!(told.map(|all| all.len()), Some(1));
    }
}
