//! `artifacts.json`: what a run has made for a target, for the tools that upload or install it.
//!
//! ```json
//! {
//!   "format": 1,
//!   "target": "x86_64-unknown-linux-gnu",
//!   "packages": [
//!     {
//!       "name": "beacon",
//!       "version": "0.1.0",
//!       "artifacts": [
//!         { "kind": "tar.gz", "path": "beacon-0.1.0-x86_64-unknown-linux-gnu.tar.gz", "size": 412345, "sha256": "9f86…" }
//!       ]
//!     }
//!   ]
//! }
//! ```
//!
//! `format` grows only if a reader of the old format would misread the new one; new keys and new kinds do not change it.
//! `path` is relative to the folder of the file, with forward slashes. Packages stand in the order of their names, a
//! package's artifacts in the order of their paths. The file lists what its last run has made, and is there only while all
//! of that is.

use serde::Serialize;

use crate::build::Triple;
use crate::output::folder::FileDigest;
use crate::render::Kind;
use crate::service::Package;

/// The name of the file.
pub const NAME: &str = "artifacts.json";

/// The version of its format.
const FORMAT: u32 = 1;

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What it is for.
    pub kind: Kind,
    /// Its path below the target's folder, with forward slashes.
    pub path: String,
    /// Its length and hash.
    pub digest: FileDigest,
}

#[derive(Serialize)]
struct Index<'a> {
    format: u32,
    target: &'a str,
    packages: Vec<PackageEntry<'a>>,
}

#[derive(Serialize)]
struct PackageEntry<'a> {
    name: &'a str,
    version: String,
    artifacts: Vec<FileEntry<'a>>,
}

#[derive(Serialize)]
struct FileEntry<'a> {
    kind: &'static str,
    path: &'a str,
    size: u64,
    sha256: &'a str,
}

impl<'a> FileEntry<'a> {
    fn of(finished: &'a Finished) -> Self {
        Self {
            kind: finished.kind.word(),
            path: &finished.path,
            size: finished.digest.size,
            sha256: &finished.digest.sha256,
        }
    }
}

/// The bytes of `artifacts.json`; each package's files are in the order of their paths already.
pub(super) fn index(triple: &Triple, packages: &[(&Package, Vec<Finished>)]) -> Vec<u8> {
    let mut entries: Vec<PackageEntry<'_>> = packages
        .iter()
        .map(|(package, finished)| PackageEntry {
            name: &package.name,
            version: package.version.to_string(),
            artifacts: finished.iter().map(FileEntry::of).collect(),
        })
        .collect();
    entries.sort_by(|one, other| (one.name, &one.version).cmp(&(other.name, &other.version)));
    let index = Index {
        format: FORMAT,
        target: triple.as_str(),
        packages: entries,
    };
    let mut bytes = serde_json::to_vec_pretty(&index).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// One line of `--message-format json` for a finished file: the fields of `artifacts.json`, with the whole path.
#[derive(Serialize)]
struct Message<'a> {
    reason: &'static str,
    package: &'a str,
    version: String,
    target: &'a str,
    kind: &'static str,
    path: &'a str,
    size: u64,
    sha256: &'a str,
}

/// The message for a finished file at `path`, without a line end.
pub fn message(package: &Package, triple: &Triple, finished: &Finished, path: &str) -> String {
    let message = Message {
        reason: "svc-artifact",
        package: &package.name,
        version: package.version.to_string(),
        target: triple.as_str(),
        kind: finished.kind.word(),
        path,
        size: finished.digest.size,
        sha256: &finished.digest.sha256,
    };
    serde_json::to_string(&message).unwrap_or_default()
}
