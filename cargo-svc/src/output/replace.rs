//! Putting new contents in a file's place.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// How the name of a file begins that is not in its place yet.
pub(super) const UNFINISHED: &str = ".cargo-svc-";

/// Writes a file beside its place and renames it there, so that a reader, a second run or a power cut meets the old file or
/// the new one. An existing file's permissions are kept; an executable one may also be run.
///
/// # Errors
/// If the file cannot be written; what was there before is then unchanged, and nothing is left beside it.
pub fn replace(path: &Path, contents: &[u8], executable: bool) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED).suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(new_permissions(executable));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(contents)?;
    // What the umask took away from an existing file's permissions is given back.
    if let Ok(old) = fs::metadata(path) {
        file.as_file()
            .set_permissions(with_mode(&old.permissions(), executable))?;
    }
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The permissions of a new file; the umask is applied to them. Elsewhere a new file has what its folder gives it.
#[cfg(unix)]
fn new_permissions(executable: bool) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    Permissions::from_mode(if executable { 0o777 } else { 0o666 })
}

/// Permissions to which running is added for whoever may read.
#[cfg(unix)]
fn with_mode(permissions: &Permissions, executable: bool) -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    let mode = permissions.mode();
    Permissions::from_mode(if executable {
        mode | ((mode & 0o444) >> 2)
    } else {
        mode
    })
}

#[cfg(not(unix))]
fn with_mode(permissions: &Permissions, _executable: bool) -> Permissions {
    permissions.clone()
}
