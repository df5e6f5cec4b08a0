//! The configuration: a file that is read at the start, and again at each reload.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use svc_rt::Service;

use crate::server::if_declared;

/// What stands in `beacon.toml`. What does not stand there keeps its default.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    /// How many names are kept; a reading of another one is then refused.
    pub(crate) max_names: usize,
    /// Whether new readings are refused, for the time of a migration.
    pub(crate) read_only: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_names: 10_000,
            read_only: false,
        }
    }
}

/// Where the configuration is.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Named on the command line, so it is to be there.
    Named(PathBuf),
    /// In the service's own folder, where it may be absent.
    Usual(PathBuf),
    /// The service has no such folder.
    None,
}

impl Source {
    pub(crate) fn new(svc: &Service, named: Option<PathBuf>) -> Result<Self, svc_rt::Error> {
        if let Some(path) = named {
            return Ok(Self::Named(path));
        }
        Ok(match if_declared(svc.dirs().config())? {
            Some(folder) => Self::Usual(folder.join("beacon.toml")),
            None => Self::None,
        })
    }

    /// Reads it. An error says what is wrong, and with which file.
    pub(crate) fn read(&self) -> Result<Config, String> {
        let (path, text) = match self {
            Self::None => return Ok(Config::default()),
            Self::Named(path) => (path, fs::read_to_string(path)),
            Self::Usual(path) => match fs::read_to_string(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Config::default()),
                text => (path, text),
            },
        };
        let text = text.map_err(|error| told(path, &error))?;
        toml::from_str(&text).map_err(|error| told(path, &error))
    }
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a file with this text.
    fn read(text: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("its text");
        Source::Named(file.path().to_owned()).read()
    }

    #[test]
    fn what_does_not_stand_there_keeps_its_default() {
        assert_eq!(read(""), Ok(Config::default()));
        let config = read("max-names = 3\n").expect("right");
        assert_eq!((config.max_names, config.read_only), (3, false));
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (text, part) in [
            ("max-name = 3\n", "max-name"),
            ("max-names = -1\n", "line 1"),
            ("read-only = true\nmax-names =\n", "line 2"),
        ] {
            let message = read(text).expect_err("wrong");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn only_a_file_that_was_named_is_to_be_there() {
        let absent = PathBuf::from("/no/such/beacon.toml");
        assert_eq!(Source::Usual(absent.clone()).read(), Ok(Config::default()));
        assert_eq!(Source::None.read(), Ok(Config::default()));
        let message = Source::Named(absent).read().expect_err("absent");
        assert!(message.starts_with("/no/such/beacon.toml: "), "{message}");
    }
}
