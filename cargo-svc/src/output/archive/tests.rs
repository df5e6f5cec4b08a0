//! What the archives hold, read back by the same crates; tests/package.rs reads them with the system's tools.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use super::*;

/// A folder of its own that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cargo-svc-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let file = self.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

const LONG: &str = "files/a-name-that-is-much-longer-than-the-hundred-bytes-that-the-oldest-tar-header-has-room-for/Grüße-日本.txt";

fn members() -> Vec<Member> {
    let file = |path: &str, executable| Member {
        path: path.to_owned(),
        executable,
    };
    // Out of order: the archive puts them right.
    vec![
        file("install.sh", true),
        file(LONG, false),
        file("bin/beacon", true),
        file("PACKAGE", false),
    ]
}

fn archive(format: Format, folder: &Folder, date: SourceDate) -> Vec<u8> {
    folder.write("bin/beacon", &vec![7; 300_000]);
    folder.write("install.sh", b"#!/bin/sh\n");
    folder.write("PACKAGE", b"package=beacon\n");
    folder.write(LONG, "ü".as_bytes());
    let members = members();
    let contents = Contents {
        folder: &folder.0,
        name: "beacon-1.0.0",
        members: &members,
        date,
    };
    let out = folder.0.join("out");
    let mut seen = 0;
    write(format, contents, &out, &mut |read| seen = read).unwrap();
    assert_eq!(seen, 300_000 + 10 + 15 + 2);
    fs::read(out).unwrap()
}

#[test]
fn a_tar_holds_sorted_entries_of_owner_0_with_two_modes() {
    let folder = Folder::new("tar");
    let bytes = archive(Format::TarGz, &folder, SourceDate::FIXED);
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
    let mut listing = Vec::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(
            (header.username(), header.groupname()),
            (Ok(Some("")), Ok(Some("")))
        );
        assert_eq!(header.mtime().unwrap(), SourceDate::FIXED.unix());
        let mode = header.mode().unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        listing.push(format!("{mode:o} {} {path}", contents.len()));
    }
    let long_folder = LONG.rsplit_once('/').unwrap().0;
    assert_eq!(
        listing,
        [
            "755 0 beacon-1.0.0/".to_owned(),
            "644 15 beacon-1.0.0/PACKAGE".to_owned(),
            "755 0 beacon-1.0.0/bin/".to_owned(),
            "755 300000 beacon-1.0.0/bin/beacon".to_owned(),
            "755 0 beacon-1.0.0/files/".to_owned(),
            format!("755 0 beacon-1.0.0/{long_folder}/"),
            format!("644 2 beacon-1.0.0/{LONG}"),
            "755 10 beacon-1.0.0/install.sh".to_owned(),
        ]
    );
}

#[test]
fn the_gzip_header_names_no_file_time_or_system() {
    let folder = Folder::new("gzip");
    let bytes = archive(Format::TarGz, &folder, SourceDate::FIXED);
    // RFC 1952: magic, deflate, no flags, time 0, slowest compression, unknown system.
    assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
}

#[test]
fn a_zip_holds_the_same_files_with_unix_modes() {
    let folder = Folder::new("zip");
    let bytes = archive(Format::Zip, &folder, SourceDate::FIXED);
    let mut zip = ::zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    let mut found = BTreeMap::new();
    for index in 0..zip.len() {
        let entry = zip.by_index(index).unwrap();
        assert_eq!(
            entry.last_modified().unwrap().to_string(),
            "1980-01-01 00:00:00"
        );
        found.insert(
            entry.name().unwrap().into_owned(),
            (entry.unix_mode().unwrap(), entry.size()),
        );
    }
    let expected = [
        ("beacon-1.0.0/PACKAGE".to_owned(), (0o100_644, 15)),
        ("beacon-1.0.0/bin/beacon".to_owned(), (0o100_755, 300_000)),
        (format!("beacon-1.0.0/{LONG}"), (0o100_644, 2)),
        ("beacon-1.0.0/install.sh".to_owned(), (0o100_755, 10)),
    ];
    assert_eq!(found, expected.into_iter().collect());
}

#[test]
fn the_same_files_give_the_same_bytes_and_another_date_gives_others() {
    for format in [Format::TarGz, Format::Zip] {
        let (here, there) = (Folder::new("here"), Folder::new("there"));
        let one = archive(format, &here, SourceDate::FIXED);
        assert_eq!(one, archive(format, &there, SourceDate::FIXED), "{format}");
        let later = SourceDate::parse(Some("1700000000".as_ref())).unwrap();
        assert_ne!(one, archive(format, &there, later), "{format}");
    }
}

#[test]
fn an_error_names_the_file_that_caused_it() {
    let folder = Folder::new("error");
    let members = [Member {
        path: "missing".to_owned(),
        executable: false,
    }];
    let contents = Contents {
        folder: &folder.0,
        name: "beacon-1.0.0",
        members: &members,
        date: SourceDate::FIXED,
    };
    for format in [Format::TarGz, Format::Zip] {
        let failure = write(format, contents, &folder.0.join("out"), &mut |_| {}).unwrap_err();
        assert_eq!(failure.path, folder.0.join("missing"));
        let failure = write(format, contents, &folder.0.join("no/out"), &mut |_| {}).unwrap_err();
        assert_eq!(failure.path, folder.0.join("no/out"));
    }
}
