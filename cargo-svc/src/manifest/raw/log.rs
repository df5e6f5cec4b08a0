//! `log`: what is logged where, as it is typed.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor, value};

use super::Spanned;

/// `log`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Log {
    /// The system's own log: the journal, or the Windows Event Log. Default: `info`.
    pub system: Option<Level>,
    /// Standard error, as readable text. Default: `off`.
    pub stderr: Option<Level>,
    /// Files in the service's folder for logs. Default: `off`.
    pub file: Option<Spanned<LogFile>>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing.
    Off,
    /// Errors.
    Error,
    /// Warnings, too.
    Warn,
    /// What is worth knowing, too.
    Info,
    /// What helps to find a mistake, too.
    Debug,
    /// Everything.
    Trace,
}

/// When a new log file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rotation {
    /// Each hour.
    Hourly,
    /// Each day.
    Daily,
    /// Never.
    Never,
}

/// Log files: a level alone, or a table.
#[derive(Debug, Default)]
pub struct LogFile {
    /// How much is logged there.
    pub level: Option<Level>,
    /// When a new one begins.
    pub rotation: Option<Rotation>,
    /// How many are kept.
    pub keep: Option<Spanned<i64>>,
}

/// Log files with what differs from the default.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct LogFileTable {
    /// How much is logged there. Default: `info`.
    level: Option<Level>,
    /// When a new file begins. Default: `daily`.
    rotation: Option<Rotation>,
    /// How many files are kept. Default: 14.
    keep: Option<Spanned<i64>>,
}

impl<'de> Deserialize<'de> for LogFile {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LogFileVisitor)
    }
}

struct LogFileVisitor;

impl<'de> Visitor<'de> for LogFileVisitor {
    type Value = LogFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a level or a table")
    }

    fn visit_str<E: de::Error>(self, level: &str) -> Result<LogFile, E> {
        Ok(LogFile {
            level: Some(Level::deserialize(level.into_deserializer())?),
            ..LogFile::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LogFile, A::Error> {
        let table = LogFileTable::deserialize(value::MapAccessDeserializer::new(map))?;
        Ok(LogFile {
            level: table.level,
            rotation: table.rotation,
            keep: table.keep,
        })
    }
}
