//! The layer for `tracing-subscriber`.

use std::io::{self, ErrorKind, IsTerminal};

use tracing_core::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::channels::{Channels, Level};
use super::context::Context;
use crate::error::Error;
use crate::service::Host;

/// A layer that may stand on this subscriber.
type Boxed<S> = Box<dyn Layer<S> + Send + Sync>;

/// A layer that writes to the channels of `SVC_LOG`: the journal, with all fields, the Windows Event Log, a readable text on
/// standard error, a file.
///
/// It filters by the channels' levels alone; other filters can be put around it.
///
/// An error says what to do, as for [`init`](super::init).
///
/// ```no_run
/// use tracing_subscriber::layer::SubscriberExt;
/// use tracing_subscriber::util::SubscriberInitExt;
///
/// # fn run(svc: svc_rt::Service) -> Result<(), svc_rt::Error> {
/// tracing_subscriber::registry().with(svc_rt::log::layer()?).init();
/// # svc.ready();
/// # Ok(()) }
/// ```
pub fn layer<S>() -> Result<Boxed<S>, Error>
where
    S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
{
    let context = Context::now();
    let Channels {
        system,
        stderr,
        file,
    } = context.channels()?;
    let mut layers: Vec<Boxed<S>> = Vec::new();
    if system != Level::Off {
        layers.push(system_layer(&context).with_filter(filter(system)).boxed());
    }
    if stderr != Level::Off {
        layers.push(readable().with_filter(filter(stderr)).boxed());
    }
    #[cfg(feature = "log-file")]
    if let Some(file) = file {
        let appender = super::file::open(&context, file)?;
        let text = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(appender);
        layers.push(text.with_filter(filter(file.level)).boxed());
    }
    #[cfg(not(feature = "log-file"))]
    let _ = file;
    Ok(Box::new(layers))
}

pub(super) fn init() -> Result<(), Error> {
    let set = tracing_subscriber::registry().with(layer()?).try_init();
    set.map_err(|error| {
        Error::new(
            ErrorKind::AlreadyExists,
            format!("tracing has a subscriber already: {error}"),
        )
    })
}

fn filter(level: Level) -> LevelFilter {
    match level {
        Level::Off => LevelFilter::OFF,
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    }
}

/// Standard error, for people: with colours where there is a terminal.
fn readable<S>() -> Boxed<S>
where
    S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
{
    tracing_subscriber::fmt::layer()
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .boxed()
}

#[cfg(unix)]
fn system_layer<S>(context: &Context) -> Boxed<S>
where
    S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
{
    if context.host == Host::Systemd {
        // Without a journal, as in a container, the text is all there can be.
        if let Ok(journal) = tracing_journald::layer() {
            return journal.with_syslog_identifier(context.name.clone()).boxed();
        }
    }
    readable()
}

#[cfg(windows)]
fn system_layer<S>(context: &Context) -> Boxed<S>
where
    S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
{
    if context.host == Host::Scm {
        return event_log::EventLog(context.name.clone()).boxed();
    }
    readable()
}

#[cfg(windows)]
mod event_log {
    use std::fmt::{self, Write};

    use tracing_core::field::{Field, Visit};
    use tracing_core::{Event, Level, Subscriber};
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::Context;
    use tracing_subscriber::registry::LookupSpan;

    use crate::host::{Severity, report_event};

    /// Writes to the Windows Event Log, with the service as the source.
    pub(super) struct EventLog(pub(super) String);

    impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for EventLog {
        fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
            let mut text = Text::default();
            event.record(&mut text);
            let metadata = event.metadata();
            let mut spans = String::new();
            for span in context.event_scope(event).into_iter().flatten() {
                // A string takes everything.
                let _ = write!(spans, "\r\nin {}", span.name());
            }
            let severity = match *metadata.level() {
                Level::ERROR => Severity::Error,
                Level::WARN => Severity::Warning,
                _ => Severity::Information,
            };
            let text = format!(
                "{}: {}{}{spans}",
                metadata.target(),
                text.message,
                text.fields
            );
            report_event(&self.0, severity, &text);
        }
    }

    #[derive(Default)]
    struct Text {
        message: String,
        fields: String,
    }

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            // A string takes everything.
            let _ = if field.name() == "message" {
                write!(self.message, "{value:?}")
            } else {
                write!(self.fields, "\r\n{}: {value:?}", field.name())
            };
        }
    }
}
