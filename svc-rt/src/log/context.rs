//! Who runs the service, for what logs.

use std::ffi::OsString;
use std::sync::OnceLock;

use super::channels::{Channels, Level};
use crate::error::Error;
use crate::service::Host;

static CONTEXT: OnceLock<Context> = OnceLock::new();

/// What is known of the service.
#[derive(Clone, Debug)]
pub(super) struct Context {
    #[cfg_attr(
        not(any(feature = "tracing", feature = "log-file", windows)),
        allow(dead_code)
    )]
    pub(super) name: String,
    pub(super) host: Host,
    setting: Option<OsString>,
}

/// The service runs from here on.
pub(crate) fn enter(name: &str, host: Host, setting: Option<OsString>) {
    // A process is a service only once; tests may be several.
    let _ = CONTEXT.set(Context {
        name: name.to_owned(),
        host,
        setting,
    });
}

impl Context {
    /// What is known now. Before the service runs that is not much: its program logs as one in the foreground does, unless its
    /// standard error is the journal.
    pub(super) fn now() -> Self {
        if let Some(context) = CONTEXT.get() {
            return context.clone();
        }
        let program = std::env::current_exe().ok();
        let name = program.as_deref().and_then(std::path::Path::file_stem);
        Self {
            name: name.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            host: if stderr_is_journal() {
                Host::Systemd
            } else {
                Host::Foreground
            },
            setting: std::env::var_os(crate::settings::LOG),
        }
    }

    /// Where the records go. Two channels that end in the same place are one.
    pub(super) fn channels(&self) -> Result<Channels, Error> {
        let Some(setting) = self.setting.as_ref().filter(|text| !text.is_empty()) else {
            return Ok(Channels::default());
        };
        let mut channels = Channels::parse(&setting.to_string_lossy())?;
        let is_same = match self.host {
            Host::Foreground => true,
            Host::Systemd => stderr_is_journal(),
            Host::Scm => false,
        };
        if is_same {
            channels.system = channels.system.max(channels.stderr);
            channels.stderr = Level::Off;
        }
        Ok(channels)
    }
}

#[cfg(unix)]
pub(super) fn stderr_is_journal() -> bool {
    crate::host::stderr_is_journal()
}

#[cfg(not(unix))]
pub(super) fn stderr_is_journal() -> bool {
    false
}
