//! `PACKAGE`: the list that installers read the version, the target and the files' hashes from.

use std::fmt::Write;

use crate::build::{System, Triple};
use crate::output::folder::Written;
use crate::service::Package;

/// The list's name in the package folder.
pub(super) const NAME: &str = "PACKAGE";

/// The list of a package folder that holds `files`: `package=`, `version=`, `target=`, then for each file, in the order of
/// the paths, `file=<SHA-256> <mode> <path>`.
///
/// Lines end as the target's own tools end them, since `install.cmd` reads them with `for /f`.
pub(super) fn list(package: &Package, triple: &Triple, files: &[Written]) -> Vec<u8> {
    let end = match triple.system() {
        System::Linux => "\n",
        System::Windows => "\r\n",
    };
    let mut text = format!(
        "package={}{end}version={}{end}target={triple}{end}",
        package.name, package.version
    );
    let mut files: Vec<&Written> = files.iter().collect();
    files.sort_by(|one, other| one.member.path.as_bytes().cmp(other.member.path.as_bytes()));
    for file in files {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "file={} {:04o} {}{end}",
            file.digest.sha256,
            file.member.mode(),
            file.member.path
        );
    }
    text.into_bytes()
}
