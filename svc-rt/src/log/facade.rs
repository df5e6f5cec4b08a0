//! The `log` facade.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use log::{LevelFilter, Log, Metadata, Record};

use super::channels::{Channels, Level};
use super::context::{Context, stderr_is_journal};
use super::text::Time;
use crate::error::Error;
use crate::service::Host;

/// Writes records to the channels of `SVC_LOG`: [`logger`].
pub struct Logger {
    channels: Vec<Channel>,
    most: Level,
}

struct Channel {
    level: Level,
    place: Place,
}

enum Place {
    /// Standard error, for people.
    Stderr,
    /// Standard error that is the journal, which reads the level from the beginning of a line ("`sd-daemon(3)`").
    Journal,
    #[cfg(windows)]
    EventLog(String),
    #[cfg_attr(not(feature = "log-file"), allow(dead_code))]
    File(Mutex<Box<dyn Write + Send>>),
}

/// A logger for the `log` facade, for a program that sets one up itself: with a filter of its own around it, for one.
///
/// An error says what to do, as for [`init`](super::init).
///
/// ```no_run
/// # fn run(svc: svc_rt::Service) -> Result<(), Box<dyn std::error::Error>> {
/// let logger = svc_rt::log::logger()?;
/// log::set_max_level(logger.most());
/// log::set_boxed_logger(Box::new(logger))?;
/// # svc.ready();
/// # Ok(()) }
/// ```
pub fn logger() -> Result<Logger, Error> {
    let context = Context::now();
    let Channels {
        system,
        stderr,
        file,
    } = context.channels()?;
    let mut logger = Logger {
        channels: Vec::new(),
        most: Level::Off,
    };
    logger.add(system, system_place(&context));
    logger.add(stderr, Place::Stderr);
    #[cfg(feature = "log-file")]
    if let Some(file) = file {
        let appender = super::file::open(&context, file)?;
        logger.add(file.level, Place::File(Mutex::new(Box::new(appender))));
    }
    #[cfg(not(feature = "log-file"))]
    let _ = file;
    Ok(logger)
}

pub(super) fn init() -> Result<(), Error> {
    let logger = logger()?;
    let most = logger.most();
    log::set_boxed_logger(Box::new(logger)).map_err(|error| {
        Error::new(
            ErrorKind::AlreadyExists,
            format!("the `log` facade has a logger already: {error}"),
        )
    })?;
    log::set_max_level(most);
    Ok(())
}

fn system_place(context: &Context) -> Place {
    match context.host {
        #[cfg(windows)]
        Host::Scm => Place::EventLog(context.name.clone()),
        Host::Systemd if stderr_is_journal() => Place::Journal,
        _ => Place::Stderr,
    }
}

impl Logger {
    fn add(&mut self, level: Level, place: Place) {
        if level != Level::Off {
            self.most = self.most.max(level);
            self.channels.push(Channel { level, place });
        }
    }

    /// The level of the channel that takes the most.
    ///
    /// ```no_run
    /// # fn run(logger: svc_rt::log::Logger) {
    /// log::set_max_level(logger.most());
    /// # }
    /// ```
    #[must_use]
    pub fn most(&self) -> LevelFilter {
        match self.most {
            Level::Off => LevelFilter::Off,
            Level::Error => LevelFilter::Error,
            Level::Warn => LevelFilter::Warn,
            Level::Info => LevelFilter::Info,
            Level::Debug => LevelFilter::Debug,
            Level::Trace => LevelFilter::Trace,
        }
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

fn level_of(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::Error,
        log::Level::Warn => Level::Warn,
        log::Level::Info => Level::Info,
        log::Level::Debug => Level::Debug,
        log::Level::Trace => Level::Trace,
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        level_of(metadata.level()) <= self.most
    }

    fn log(&self, record: &Record<'_>) {
        let level = level_of(record.level());
        for channel in self
            .channels
            .iter()
            .filter(|channel| level <= channel.level)
        {
            // A log that cannot be written has nowhere to say so.
            let _ = channel.place.write(record);
        }
    }

    fn flush(&self) {
        for channel in &self.channels {
            if let Place::File(file) = &channel.place {
                let _ = file.lock().unwrap_or_else(PoisonError::into_inner).flush();
            }
        }
    }
}

impl Place {
    fn write(&self, record: &Record<'_>) -> io::Result<()> {
        match self {
            Self::Stderr => line(&mut io::stderr().lock(), record),
            Self::Journal => {
                let text = format!("{}: {}", record.target(), record.args());
                journal(&mut io::stderr().lock(), record.level(), &text)
            }
            #[cfg(windows)]
            Self::EventLog(source) => {
                let text = format!("{}: {}", record.target(), record.args());
                crate::host::report_event(source, severity(record.level()), &text);
                Ok(())
            }
            Self::File(file) => line(
                &mut *file.lock().unwrap_or_else(PoisonError::into_inner),
                record,
            ),
        }
    }
}

#[cfg(windows)]
fn severity(level: log::Level) -> crate::host::Severity {
    use crate::host::Severity;
    match level {
        log::Level::Error => Severity::Error,
        log::Level::Warn => Severity::Warning,
        _ => Severity::Information,
    }
}

/// A line for people. It is written at once, so that lines of several threads do not mix.
fn line(out: &mut dyn Write, record: &Record<'_>) -> io::Result<()> {
    let time = Time(SystemTime::now());
    let text = format!(
        "{time} {:>5} {}: {}\n",
        record.level(),
        record.target(),
        record.args()
    );
    out.write_all(text.as_bytes())
}

/// Lines for the journal, each with its level.
fn journal(out: &mut dyn Write, level: log::Level, text: &str) -> io::Result<()> {
    let number = match level {
        log::Level::Error => 3,
        log::Level::Warn => 4,
        log::Level::Info => 6,
        log::Level::Debug | log::Level::Trace => 7,
    };
    let lines = text.lines().map(|line| format!("<{number}>{line}\n"));
    let lines: String = lines.collect();
    out.write_all(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(level: log::Level, words: fmt::Arguments<'_>) -> Record<'_> {
        Record::builder()
            .level(level)
            .target("beacon")
            .args(words)
            .build()
    }

    #[test]
    fn a_line_for_people() {
        let mut out = Vec::new();
        line(&mut out, &record(log::Level::Warn, format_args!("full"))).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("Z  WARN beacon: full\n"), "{text}");
    }

    #[test]
    fn each_line_for_the_journal_has_its_level() {
        let mut out = Vec::new();
        journal(&mut out, log::Level::Error, "one\ntwo").unwrap();
        assert_eq!(out, b"<3>one\n<3>two\n");
    }

    #[test]
    fn a_channel_takes_what_its_level_says() {
        #[derive(Clone, Default)]
        struct Shared(std::sync::Arc<Mutex<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (much, little) = (Shared::default(), Shared::default());
        let mut logger = Logger {
            channels: Vec::new(),
            most: Level::Off,
        };
        logger.add(
            Level::Debug,
            Place::File(Mutex::new(Box::new(much.clone()))),
        );
        logger.add(
            Level::Warn,
            Place::File(Mutex::new(Box::new(little.clone()))),
        );
        logger.add(Level::Off, Place::Stderr);
        assert_eq!(logger.most(), LevelFilter::Debug);
        for level in [log::Level::Error, log::Level::Info, log::Level::Trace] {
            logger.log(&record(level, format_args!("words")));
        }
        let lines = |shared: &Shared| {
            let bytes = shared.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap().lines().count()
        };
        assert_eq!((lines(&much), lines(&little)), (2, 1));
    }
}
