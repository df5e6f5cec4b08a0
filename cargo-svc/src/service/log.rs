//! What a service logs where.

use std::fmt::{self, Display};

use crate::diagnostics::{Diagnostic, Place, Report};
use crate::service::Portable;

/// The variable that tells the program, on both systems.
pub const VARIABLE: &str = "SVC_LOG";

/// The channels of a service's log. Shown, it is what svc-rt reads from [`VARIABLE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The system's own log.
    pub system: Level,
    /// Standard error.
    pub stderr: Level,
    /// Files; none if they are off.
    pub file: Option<LogFile>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Each hour.
    Hourly,
    /// Each day.
    Daily,
    /// Never.
    Never,
}

/// Log files in the service's folder for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// How much is logged there; never off.
    pub level: Level,
    /// When a new one begins.
    pub rotation: Rotation,
    /// How many are kept.
    pub keep: u32,
    /// Where they are declared.
    pub place: Place,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Rotation {
    const fn word(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Never => "never",
        }
    }
}

impl Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "system={}", self.system.word())?;
        if self.stderr != Level::Off {
            write!(f, " stderr={}", self.stderr.word())?;
        }
        if let Some(file) = &self.file {
            let (level, rotation) = (file.level.word(), file.rotation.word());
            write!(f, " file={level}:{rotation}:{}", file.keep)?;
        }
        Ok(())
    }
}

/// What of svc-rt a package builds into its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runtime {
    /// It is there.
    pub is_used: bool,
    /// It may be able to log: a feature for it is on, or one of the package's own could turn it on.
    pub logs: bool,
    /// The same of log files.
    pub logs_to_files: bool,
}

/// Whether the log goes with the rest of the service, and with what its program is made of.
pub(super) fn check(keys: &Portable, runtime: Runtime, report: &mut Report) {
    let Some(log) = &keys.log else { return };
    let at = log.place();
    if !runtime.is_used {
        report.add(
            Diagnostic::error("`log` is for programs with svc-rt")
                .at(at)
                .label("nothing else reads it")
                .help("add svc-rt to `[dependencies]`, with its feature `log` or `tracing`"),
        );
        return;
    }
    if !runtime.logs {
        report.add(
            Diagnostic::error("`log` does nothing in a program whose svc-rt does not log")
                .at(at)
                .label("svc-rt is built without its features `log` and `tracing`")
                .help("turn on the one that the program logs with: `svc-rt = { version = \"…\", features = [\"tracing\"] }`"),
        );
    }
    let Some(file) = &log.value.file else { return };
    if !runtime.logs_to_files {
        report.add(
            Diagnostic::error("`log.file` needs svc-rt's feature `log-file`")
                .at(Some(&file.place))
                .label("svc-rt is built without it, and `svc_rt::log` would fail")
                .help("add `log-file` to the features of svc-rt in `[dependencies]`"),
        );
    }
    if keys.directories.logs.is_none() {
        report.add(
            Diagnostic::error("`log.file` has no folder")
                .at(Some(&file.place))
                .label("log files go to the service's folder for logs")
                .rests_on(&["directories"])
                .help("declare it: `directories = { logs = true }`"),
        );
    }
}
