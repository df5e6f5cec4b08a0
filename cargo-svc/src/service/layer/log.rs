//! Checks `log`.

use super::{Checker, Fault, Slot, Typed};
use crate::manifest::raw::{self, Spanned};
use crate::manifest::switch::Switch;
use crate::service::log::{Level, Log, LogFile, Rotation};

/// How many log files are kept where nothing is said.
const KEEP: u32 = 14;

impl Checker<'_> {
    pub(super) fn log(&mut self, typed: Typed<'_, raw::Log>) -> Slot<Log> {
        let mut file = None;
        if let Some(Switch::On(log)) = typed.map(Spanned::get_ref) {
            file = log.file.as_ref().and_then(|typed| self.log_file(typed));
        }
        self.slot("log", typed, |log| {
            Ok(Log {
                system: log.system.map_or(Level::Info, level),
                stderr: log.stderr.map_or(Level::Off, level),
                file,
            })
        })
    }

    fn log_file(&mut self, typed: &Spanned<raw::LogFile>) -> Option<LogFile> {
        let file = typed.get_ref();
        let keep = match &file.keep {
            None => KEEP,
            Some(keep) => self.check("log.file.keep", keep, |keep| count(*keep))?,
        };
        let level = file.level.map_or(Level::Info, level);
        let rotation = match file.rotation {
            Some(raw::Rotation::Hourly) => Rotation::Hourly,
            None | Some(raw::Rotation::Daily) => Rotation::Daily,
            Some(raw::Rotation::Never) => Rotation::Never,
        };
        (level != Level::Off).then(|| LogFile {
            level,
            rotation,
            keep,
            place: self.place("log.file", typed.span()),
        })
    }
}

const fn level(typed: raw::Level) -> Level {
    match typed {
        raw::Level::Off => Level::Off,
        raw::Level::Error => Level::Error,
        raw::Level::Warn => Level::Warn,
        raw::Level::Info => Level::Info,
        raw::Level::Debug => Level::Debug,
        raw::Level::Trace => Level::Trace,
    }
}

/// How many files may be kept.
fn count(typed: i64) -> Result<u32, Fault> {
    match u32::try_from(typed) {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(
            Fault::new("at least one file is kept, the one that is written")
                .help("to log to no file, leave `file` out"),
        ),
    }
}
