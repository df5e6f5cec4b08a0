//! What a directive has that nobody sets.

use crate::directives::{self, Section};
use crate::service::TimeSpan;
use crate::unit_file::UnitKind;
use crate::unit_file::effective::{Effective, rule};
use crate::unit_file::reading::reading;
use crate::unit_file::value::Value;

/// With one of them, newer versions take `exec` for the type that is not stated.
const CREDENTIALS: [&str; 5] = [
    "ImportCredential",
    "LoadCredential",
    "LoadCredentialEncrypted",
    "SetCredential",
    "SetCredentialEncrypted",
];

/// The values that a directive has in a unit that does not set it; none if that cannot be said.
pub(super) fn default_of(unit: &Effective, section: Section, key: &str) -> Option<Vec<Value>> {
    let service = |key| unit.value(Section::Service, key);
    match (section, key) {
        // What these are follows from other directives (`service_add_extras()`).
        (Section::Service, "Type") => match (service("BusName"), service("ExecStart")) {
            (Some(_), _) => Some(word("dbus")),
            // Versions differ.
            (None, _) if CREDENTIALS.iter().any(|key| service(key).is_some()) => None,
            (None, None) => Some(word("oneshot")),
            (None, Some(_)) => Some(word("simple")),
        },
        (Section::Service, "TimeoutStartSec") if is(service("Type"), "oneshot") => {
            Some(vec![Value::Time(TimeSpan::Infinite)])
        }
        (Section::Service, "NotifyAccess") if notifies(unit) => Some(word("main")),
        // systemd.timer(5), systemd.path(5), systemd.socket(5).
        (Section::Timer | Section::Path, "Unit") => {
            Some(word(&unit.name().sibling(UnitKind::Service)))
        }
        (Section::Socket, "Service") => match unit.value(section, "Accept") {
            Some(Value::Bool(true)) => None,
            _ => Some(word(&unit.name().sibling(UnitKind::Service))),
        },
        (Section::Socket, "FileDescriptorName") => match unit.value(section, "Accept") {
            Some(Value::Bool(true)) => Some(word("connection")),
            _ => Some(word(&unit.name().to_string())),
        },
        _ => {
            let default = directives::find(section, key)?.default?;
            Some(reading(rule(section, key)?.read, default).values)
        }
    }
}

fn word(word: &str) -> Vec<Value> {
    vec![Value::Text(word.to_owned())]
}

fn is(value: Option<&Value>, word: &str) -> bool {
    matches!(value, Some(Value::Text(text)) if text == word)
}

/// Whether systemd opens the socket for notifications by itself.
fn notifies(unit: &Effective) -> bool {
    let service = |key| unit.value(Section::Service, key);
    let kind = service("Type");
    let watched = matches!(service("WatchdogSec"), Some(Value::Time(time)) if !time.is_zero());
    let stores = matches!(service("FileDescriptorStoreMax"), Some(Value::Number(1..)));
    watched || stores || is(kind, "notify") || is(kind, "notify-reload")
}
