//! Putting new contents in a file's place.

use std::error::Error;
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

/// How the name of a file begins that is not in its place yet, and how it ends.
pub(super) const UNFINISHED: &str = ".cargo-svc-";
const SUFFIX: &str = ".tmp";

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
    sweep(folder);
    let mut file = unfinished(folder, executable)?;
    file.as_file_mut().write_all(contents)?;
    // What the umask took away from an existing file's permissions is given back.
    if let Ok(old) = fs::metadata(path) {
        file.as_file()
            .set_permissions(with_mode(&old.permissions(), executable))?;
    }
    file.as_file().sync_data()?;
    put(file, path)
}

/// Renames a file into its place. Windows refuses that while somebody has the old file open, be it for an instant: another run, or
/// what searches new files for viruses. So it is asked again there, for less than two seconds in all.
fn put(mut file: NamedTempFile, path: &Path) -> io::Result<()> {
    let mut waits = (1..=60).map(Duration::from_millis);
    loop {
        match file.persist(path) {
            Ok(_) => return Ok(()),
            Err(refused) => {
                let taken =
                    cfg!(windows) && refused.error.kind() == io::ErrorKind::PermissionDenied;
                let Some(wait) = waits.next().filter(|_| taken) else {
                    return Err(refused.error);
                };
                thread::sleep(wait);
                file = refused.file;
            }
        }
    }
}

/// A new file that its lock shows to be in use.
fn unfinished(folder: &Path, executable: bool) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(new_permissions(executable));
    #[cfg(not(unix))]
    let _ = executable;
    let new = || builder.tempfile_in(folder).map_err(without_path);
    let mut file = new()?;
    // Another run may take it for a killed one's before the lock is there.
    for _ in 0..10 {
        let taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !taken && file.path().exists() {
            break;
        }
        file = new()?;
    }
    Ok(file)
}

/// Removes what runs left that were killed: nobody holds a lock on it. What cannot be removed does no harm.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(UNFINISHED) && name.ends_with(SUFFIX)) {
            continue;
        }
        let Ok(file) = File::options().write(true).open(entry.path()) else {
            continue;
        };
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
        // Not before it is gone: whoever made it just now takes the lock next.
        drop(file);
    }
}

/// The error itself: the name of a file that is not in its place yet helps nobody.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(Error::source);
    let code = inner
        .and_then(|inner| inner.downcast_ref::<io::Error>())
        .and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
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
