//! Where the folders are when nobody installed the program: where the system's other programs of a user keep such things.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Dir;
use crate::error::Error;

/// The folder's place, or the variable that is missing for it.
#[cfg(unix)]
pub(super) fn place(
    dir: Dir,
    name: &str,
    is_root: bool,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, &'static str> {
    if is_root {
        // What systemd gives a service of the system.
        let parent = match dir {
            Dir::State => "/var/lib",
            Dir::Cache => "/var/cache",
            Dir::Logs => "/var/log",
            Dir::Config => "/etc",
            Dir::Runtime => "/run",
        };
        return Ok(Path::new(parent).join(name));
    }
    // A relative path in these is to be ignored ("XDG Base Directory Specification").
    let path = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = |name: &str, below_home: &str| {
        path(name)
            .or_else(|| Some(path("HOME")?.join(below_home)))
            .ok_or("HOME")
    };
    let state = || base("XDG_STATE_HOME", ".local/state");
    Ok(match dir {
        Dir::State => state()?.join(name),
        Dir::Cache => base("XDG_CACHE_HOME", ".cache")?.join(name),
        Dir::Logs => state()?.join("log").join(name),
        Dir::Config => base("XDG_CONFIG_HOME", ".config")?.join(name),
        Dir::Runtime => match path("XDG_RUNTIME_DIR") {
            Some(runtime) => runtime.join(name),
            None => state()?.join(name).join("run"),
        },
    })
}

/// The folder's place, or the variable that is missing for it.
#[cfg(windows)]
pub(super) fn place(
    dir: Dir,
    name: &str,
    _is_root: bool,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, &'static str> {
    let local = variable("LOCALAPPDATA").ok_or("LOCALAPPDATA")?;
    // The names that the installed service's folders have below `%ProgramData%`.
    let folder = match dir {
        Dir::State => "state",
        Dir::Cache => "cache",
        Dir::Logs => "logs",
        Dir::Config => "config",
        Dir::Runtime => "run",
    };
    Ok(PathBuf::from(local).join(name).join(folder))
}

/// Makes the folder, for its owner alone, if it is not there; as the manager does it for a service. The configuration is what
/// the program reads: it is somebody else's to make.
pub(super) fn make(dir: Dir, folder: &Path) -> Result<PathBuf, Error> {
    let failed = |error: &std::io::Error| {
        Error::of_system(
            error,
            format_args!("cannot use {} for the {}", folder.display(), dir.key()),
        )
    };
    let folder = std::path::absolute(folder).map_err(|error| failed(&error))?;
    if dir != Dir::Config {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| failed(&error))?;
    }
    Ok(folder)
}
