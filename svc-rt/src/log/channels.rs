//! `SVC_LOG`: what is logged where.

use std::io::ErrorKind;

use crate::error::Error;

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    #[default]
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// How often a new file begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotation {
    Hourly,
    Daily,
    Never,
}

/// A log file's setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "log-file"), allow(dead_code))]
pub(super) struct File {
    pub(super) level: Level,
    pub(super) rotation: Rotation,
    pub(super) keep: usize,
}

/// All channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channels {
    pub(super) system: Level,
    pub(super) stderr: Level,
    pub(super) file: Option<File>,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            system: Level::Info,
            stderr: Level::Off,
            file: None,
        }
    }
}

const KEEP: usize = 14;

impl Channels {
    /// Reads what the variable holds.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut channels = Self {
            system: Level::Off,
            ..Self::default()
        };
        for part in text.split_whitespace() {
            let wrong = || {
                Error::new(
                    ErrorKind::InvalidInput,
                    format!(
                        "SVC_LOG holds `{part}`; it takes `system=LEVEL`, `stderr=LEVEL` and `file=LEVEL[:ROTATION[:KEEP]]`, with \
                         the levels off, error, warn, info, debug and trace, and the rotations hourly, daily and never"
                    ),
                )
            };
            let (channel, value) = part.split_once('=').ok_or_else(wrong)?;
            match channel {
                "system" => channels.system = level(value).ok_or_else(wrong)?,
                "stderr" => channels.stderr = level(value).ok_or_else(wrong)?,
                "file" => channels.file = Some(file(value).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            }
        }
        channels.file = channels.file.filter(|file| file.level != Level::Off);
        #[cfg(not(feature = "log-file"))]
        if channels.file.is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "SVC_LOG asks for a log file, and this program cannot write one: it was built without svc-rt's feature `log-file`",
            ));
        }
        Ok(channels)
    }
}

fn level(text: &str) -> Option<Level> {
    Some(match text {
        "off" => Level::Off,
        "error" => Level::Error,
        "warn" => Level::Warn,
        "info" => Level::Info,
        "debug" => Level::Debug,
        "trace" => Level::Trace,
        _ => return None,
    })
}

fn file(text: &str) -> Option<File> {
    let mut parts = text.split(':');
    let level = level(parts.next()?)?;
    let rotation = match parts.next() {
        None | Some("daily") => Rotation::Daily,
        Some("hourly") => Rotation::Hourly,
        Some("never") => Rotation::Never,
        Some(_) => return None,
    };
    let keep = match parts.next() {
        None => KEEP,
        Some(count) => count.parse().ok().filter(|count| *count > 0)?,
    };
    parts.next().is_none().then_some(File {
        level,
        rotation,
        keep,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_read() {
        let channels = Channels::parse("system=warn  stderr=trace").unwrap();
        assert_eq!(
            (channels.system, channels.stderr),
            (Level::Warn, Level::Trace)
        );
        // What is not named is off.
        assert_eq!(Channels::parse("stderr=info").unwrap().system, Level::Off);
        assert_eq!(Channels::parse("file=off").unwrap().file, None);
    }

    #[cfg(feature = "log-file")]
    #[test]
    fn files_are_read() {
        let file = |text: &str| Channels::parse(text).unwrap().file.unwrap();
        let set = |rotation, keep| File {
            level: Level::Debug,
            rotation,
            keep,
        };
        assert_eq!(file("file=debug"), set(Rotation::Daily, 14));
        assert_eq!(file("file=debug:hourly"), set(Rotation::Hourly, 14));
        assert_eq!(file("file=debug:never:3"), set(Rotation::Never, 3));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for wrong in [
            "info",
            "system",
            "system=",
            "system=loud",
            "journal=info",
            "file=info:weekly",
            "file=info:daily:0",
            "file=info:daily:3:4",
        ] {
            let error = Channels::parse(wrong).unwrap_err();
            assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[cfg(not(feature = "log-file"))]
    #[test]
    fn a_file_needs_its_feature() {
        let error = Channels::parse("file=info").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
