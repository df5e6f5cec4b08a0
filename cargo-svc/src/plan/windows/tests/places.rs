//! Places on the machine that cannot be: names that no archive gives back.

use super::machine::{file, to, with_folders};
use super::*;

#[test]
fn sources_that_windows_cannot_unpack_are_refused() {
    for (source, word) in [
        ("con.txt", "DOS device"),
        ("a/nul", "DOS device"),
        ("d:e.txt", "':'"),
        ("f?.txt", "'?'"),
        ("g.txt ", "ends in a dot or a space"),
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
