use std::fs;
use std::path::Path;

use super::committed::{Committed, State};
use super::diff::{only_line_ends, unified};
use super::replace::replace;
use crate::render::{Artifact, Kind, MARK};

fn artifact(path: &str, contents: &str, executable: bool) -> Artifact {
    Artifact {
        kind: Kind::Unit,
        path: path.into(),
        contents: contents.into(),
        executable,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("it can be read")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn files_are_written_once_and_whole() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let folder = Committed::open(root.path(), "a/b").expect("it is below the root");
    let unit = artifact("systemd/x.service", "one\r\n", false);
    assert_eq!(folder.state(&unit).expect("it can be read"), State::Missing);
    assert_eq!(
        folder.write(&unit).expect("it can be written"),
        State::Missing
    );
    let path = root.path().join("a/b/systemd/x.service");
    assert_eq!(fs::read(&path).expect("it is there"), b"one\r\n");
    let before = fs::metadata(&path)
        .expect("it is there")
        .modified()
        .expect("it has a time");
    assert_eq!(
        folder.write(&unit).expect("it can be written"),
        State::Fresh
    );
    let after = fs::metadata(&path)
        .expect("it is there")
        .modified()
        .expect("it has a time");
    assert_eq!(before, after, "an unchanged file is not touched");
    let other = artifact("systemd/x.service", "two", false);
    assert_eq!(
        folder.write(&other).expect("it can be written"),
        State::Stale(b"one\r\n".to_vec())
    );
    assert_eq!(names(path.parent().expect("it has one")), ["x.service"]);
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let path = root.path().join("taken");
    fs::create_dir_all(path.join("by a folder")).expect("a folder can be made");
    replace(&path, b"x", false).expect_err("a folder is in the way");
    assert_eq!(names(root.path()), ["taken"]);
}

#[test]
fn what_a_killed_run_left_is_removed_and_what_another_writes_is_not() {
    let root = tempfile::tempdir().expect("a folder can be made");
    for name in [
        ".cargo-svc-old.tmp",
        ".cargo-svc-new.tmp",
        ".cargo-svc-x",
        "y.tmp",
    ] {
        fs::write(root.path().join(name), "half").expect("it can be written");
    }
    let running = fs::File::open(root.path().join(".cargo-svc-new.tmp")).expect("it is there");
    running.lock().expect("nobody holds it");
    replace(&root.path().join("file"), b"x", false).expect("it can be written");
    assert_eq!(
        names(root.path()),
        [".cargo-svc-new.tmp", ".cargo-svc-x", "file", "y.tmp"]
    );
}

#[test]
fn runs_at_once_leave_one_whole_file() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let path = root.path().join("file");
    let texts: Vec<_> = (0..8_u8).map(|n| vec![b'a' + n; 100_000]).collect();
    std::thread::scope(|scope| {
        for text in &texts {
            scope.spawn(|| {
                (0..5).for_each(|_| replace(&path, text, false).expect("it can be written"));
            });
        }
    });
    let left = fs::read(&path).expect("it is there");
    assert!(
        texts.contains(&left),
        "the file is one of those that were written"
    );
    assert_eq!(names(root.path()), ["file"]);
}

#[test]
fn only_our_own_files_are_surplus() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let folder = Committed::open(root.path(), "packaging").expect("it is below the root");
    let ours = format!("# {MARK} from Cargo.toml\n");
    for (path, text) in [
        ("systemd/kept.service", ours.as_str()),
        ("systemd/gone.service", &ours),
        ("systemd/theirs.service", "# by hand\n"),
        ("systemd/deep/copy.service", &ours),
        ("debian/copy.service", &ours),
        ("debian/prerm", &ours),
    ] {
        folder
            .write(&artifact(path, text, false))
            .expect("it can be written");
    }
    let kept = || ["systemd/kept.service"].into_iter();
    let listed = || folder.list().expect("it can be read");
    let surplus = folder.surplus(&listed(), &kept()).expect("it can be read");
    let gone = root
        .path()
        .join("packaging")
        .join("systemd")
        .join("gone.service");
    let script = root.path().join("packaging").join("debian").join("prerm");
    assert_eq!(surplus, [script.clone(), gone.clone()]);
    for path in [script, gone] {
        folder.remove(&path).expect("it can be removed");
    }
    assert!(
        folder
            .surplus(&listed(), &kept())
            .expect("it can be read")
            .is_empty()
    );
}

#[cfg(unix)]
#[test]
fn permissions_are_kept_and_scripts_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().expect("a folder can be made");
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    let folder = Committed::open(root.path(), "p").expect("it is below the root");
    let script = artifact("linux/install.sh", "#!/bin/sh\n", true);
    folder.write(&script).expect("it can be written");
    let path = folder.path(&script);
    assert_eq!(mode(&path) & 0o100, 0o100);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    folder.write(&script).expect("it can be written");
    assert_eq!(mode(&path), 0o750, "a lost bit is given back, and no other");
    let plain = artifact("plain", "1", false);
    folder.write(&plain).expect("it can be written");
    let path = folder.path(&plain);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("it is ours");
    folder
        .write(&artifact("plain", "2", false))
        .expect("it can be written");
    assert_eq!(mode(&path), 0o666);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_package_are_refused() {
    let root = tempfile::tempdir().expect("a folder can be made");
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("out"))
        .expect("links can be made");
    let failure = Committed::open(root.path(), "out/packaging").expect_err("it leads elsewhere");
    assert!(
        failure.error.to_string().contains("symbolic link"),
        "{failure:?}"
    );
    fs::create_dir(root.path().join("real")).expect("a folder can be made");
    std::os::unix::fs::symlink("real", root.path().join("in")).expect("links can be made");
    Committed::open(root.path(), "in").expect("it stays in the package");
    // A folder that artifacts go to may be a link too.
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join("real/systemd"))
        .expect("links can be made");
    let folder = Committed::open(root.path(), "real").expect("it is in the package");
    folder
        .write(&artifact("systemd/x.service", "x", false))
        .expect_err("it leads elsewhere");
    assert!(names(elsewhere.path()).is_empty());
}

#[test]
fn diffs_name_what_is_missing() {
    let text = unified("p/x", None, Some(b"a\nb"));
    assert!(text.starts_with("--- /dev/null\n+++ p/x\n"), "{text}");
    assert!(text.contains("No newline at end of file"), "{text}");
    assert_eq!(unified("p/x", Some(b"a\n"), Some(b"a\n")), "");
    assert!(only_line_ends(b"a\r\nb\r\n", b"a\nb\n"));
    assert!(!only_line_ends(b"a\n", b"a\n") && !only_line_ends(b"a\n", b"b\n"));
}
