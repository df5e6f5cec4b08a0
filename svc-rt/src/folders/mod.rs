//! The service's folders and its credentials.

mod foreground;
mod service;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::service::Host;
pub use service::Dirs;

/// One of the folders that a service can have.
///
/// ```no_run
/// use svc_rt::Dir;
///
/// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
/// for folder in svc.dirs().all(Dir::State)? {
///     println!("keeping state in {}", folder.display());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dir {
    /// What must outlive a restart.
    State,
    /// What can be made again.
    Cache,
    /// Log files.
    Logs,
    /// The configuration, which the service only reads.
    Config,
    /// What is gone after a stop: sockets, lock files.
    Runtime,
}

impl Dir {
    const ALL: [Self; 5] = [
        Self::State,
        Self::Cache,
        Self::Logs,
        Self::Config,
        Self::Runtime,
    ];

    /// The variable that names it ("systemd.exec(5)", `RuntimeDirectory=` and its kin).
    fn variable(self) -> &'static str {
        match self {
            Self::State => "STATE_DIRECTORY",
            Self::Cache => "CACHE_DIRECTORY",
            Self::Logs => "LOGS_DIRECTORY",
            Self::Config => "CONFIGURATION_DIRECTORY",
            Self::Runtime => "RUNTIME_DIRECTORY",
        }
    }

    /// The key in `directories` that declares it.
    fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Cache => "cache",
            Self::Logs => "logs",
            Self::Config => "config",
            Self::Runtime => "runtime",
        }
    }
}

/// Where the folders are.
pub(crate) struct Folders {
    name: String,
    host: Host,
    variable: Variable,
}

/// Where a variable's value comes from.
type Variable = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

impl Folders {
    pub(crate) fn new(name: &str, host: Host) -> Self {
        Self::with(name, host, |name| std::env::var_os(name))
    }

    /// With variables from elsewhere.
    pub(crate) fn with(
        name: &str,
        host: Host,
        variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            host,
            variable: Box::new(variable),
        }
    }

    fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// All folders of that kind, at least one.
    fn all(&self, dir: Dir) -> Result<Vec<PathBuf>, Error> {
        let foreground = self.host == Host::Foreground;
        let folders = match self.get(dir.variable()) {
            Some(list) => split(&list),
            None if foreground => vec![self.default(dir)?],
            None => {
                return Err(Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "{} is not set: declare `directories = {{ {} = true }}` and install the service again",
                        dir.variable(),
                        dir.key()
                    ),
                ));
            }
        };
        if !foreground {
            return Ok(folders);
        }
        folders
            .iter()
            .map(|folder| foreground::make(dir, folder))
            .collect()
    }

    /// The text with the folders' paths in the place of `{state-dir}` and its kin, and `{` for `{{`, as the declaration means
    /// it.
    pub(crate) fn fill_in(&self, text: &str) -> Result<String, Error> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            if let Some(after) = after.strip_prefix('{') {
                filled.push('{');
                rest = after;
                continue;
            }
            let (word, after) = after.split_once('}').ok_or_else(|| no_folder(after))?;
            filled.push_str(&self.placeholder(word)?.to_string_lossy());
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn placeholder(&self, word: &str) -> Result<PathBuf, Error> {
        if word == "install-dir" {
            let program = std::env::current_exe();
            let program =
                program.map_err(|error| Error::of_system(&error, "the program's own folder"))?;
            return Ok(program.parent().unwrap_or(Path::new("")).to_owned());
        }
        let named = |dir: &Dir| word.strip_suffix("-dir") == Some(dir.key());
        match Dir::ALL.into_iter().find(named) {
            Some(dir) => self.first(dir),
            None => Err(no_folder(word)),
        }
    }

    /// The first folder of that kind.
    pub(crate) fn first(&self, dir: Dir) -> Result<PathBuf, Error> {
        self.all(dir).map(|mut all| all.swap_remove(0))
    }

    /// Where a credential is.
    fn credential(&self, name: &str) -> Result<PathBuf, Error> {
        let is_file_name = !matches!(name, "" | "." | "..")
            && !name.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control());
        if !is_file_name {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "{name:?} is no name for a credential: it is the name of a file, without a folder"
                ),
            ));
        }
        match self.get("CREDENTIALS_DIRECTORY") {
            Some(folder) => Ok(PathBuf::from(folder).join(name)),
            None if self.host == Host::Foreground => {
                Ok(self.default(Dir::Config)?.join("credentials").join(name))
            }
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "CREDENTIALS_DIRECTORY is not set: declare `credentials = [{{ name = \"{name}\" }}]` and install the \
                     service again"
                ),
            )),
        }
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.credential(name)?;
        let secret = std::fs::read(&path).map_err(|error| {
            Error::of_system(
                &error,
                format_args!(
                    "cannot read the credential `{name}` from {}",
                    path.display()
                ),
            )
        })?;
        // What the unit says in place of an optional one that nobody has put on the machine.
        if matches!(secret.as_slice(), b"" | b"\n") {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("nobody has put the credential `{name}` on this machine"),
            ));
        }
        Ok(secret)
    }

    fn default(&self, dir: Dir) -> Result<PathBuf, Error> {
        let is_root = crate::host::is_root();
        let place = foreground::place(dir, &self.name, is_root, |name| self.get(name));
        place.map_err(|missing| {
            Error::new(
                ErrorKind::NotFound,
                format!(
                    "neither {} nor {missing} is set, so there is no place for the {} of `{}`",
                    dir.variable(),
                    dir.key(),
                    self.name
                ),
            )
        })
    }
}

fn no_folder(word: &str) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "`{{{word}` begins no folder: there are {{state-dir}}, {{cache-dir}}, {{logs-dir}}, {{config-dir}}, {{runtime-dir}} and \
             {{install-dir}}; `{{{{` is a brace"
        ),
    )
}

/// A list, separated by colons as systemd writes it.
#[cfg(unix)]
fn split(list: &std::ffi::OsStr) -> Vec<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let parts = list.as_bytes().split(|byte| *byte == b':');
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .map(|part| PathBuf::from(std::ffi::OsStr::from_bytes(part)))
        .collect()
}

/// Elsewhere a colon is part of a path, and there is one folder of a kind.
#[cfg(not(unix))]
fn split(list: &std::ffi::OsStr) -> Vec<PathBuf> {
    vec![PathBuf::from(list)]
}

/// Makes the runtime folder empty, as systemd does and the SCM does not.
#[cfg(windows)]
pub(crate) fn empty_runtime() -> Result<(), String> {
    let Some(folder) = std::env::var_os(Dir::Runtime.variable()).filter(|value| !value.is_empty())
    else {
        return Ok(());
    };
    let folder = PathBuf::from(folder);
    empty(&folder).map_err(|error| {
        format!(
            "cannot empty {}, which {} names: {error}",
            folder.display(),
            Dir::Runtime.variable()
        )
    })
}

/// Removes what is in a folder of the service's own, following no link. A folder that is not there is made.
#[cfg_attr(not(any(windows, test)), allow(dead_code))]
fn empty(folder: &Path) -> std::io::Result<()> {
    use std::path::Component;
    let depth = folder.components();
    let depth = depth.filter(|part| matches!(part, Component::Normal(_)));
    // `C:\ProgramData\NAME\run` has three.
    if !folder.is_absolute() || depth.count() < 3 {
        return Err(std::io::Error::new(
            ErrorKind::InvalidInput,
            "it is no folder that could belong to one service alone",
        ));
    }
    match std::fs::symlink_metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return std::fs::create_dir(folder),
        Err(error) => return Err(error),
        Ok(found) if !found.is_dir() => {
            return Err(std::io::Error::new(
                ErrorKind::InvalidInput,
                "it is a link or a file",
            ));
        }
        Ok(_) => {}
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            std::fs::remove_dir_all(entry.path())?;
        } else if std::fs::remove_file(entry.path()).is_err() {
            // On Windows a link to a folder is removed as one.
            std::fs::remove_dir(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
