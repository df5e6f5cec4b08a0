//! How a service runs: its type, its restarts, its times.

use super::ask::Look;
use super::draft::{Key, Question, Way};
use crate::directives::Section::Service;
use crate::directives::Section::Unit as UnitSection;
use crate::manifest::document::Toml;
use crate::service::TimeSpan;
use crate::unit_file::Value;

/// The values of `type`.
const TYPES: [&str; 8] = [
    "simple",
    "exec",
    "forking",
    "oneshot",
    "dbus",
    "notify",
    "notify-reload",
    "idle",
];

/// `type` and `events`.
pub(super) fn kind(look: &Look) -> Question {
    let said = look.shown(Service, "Type");
    let has = |key| !look.unit.means.values(Service, key).is_empty();
    let kind = match said.as_deref() {
        Some(kind) if TYPES.contains(&kind) => kind,
        _ if has("BusName") => "dbus",
        _ if !has("ExecStart") => "oneshot",
        _ => "simple",
    };
    let reload = Key::portable("events", Toml::texts(["reload"]));
    let kind = Key::systemd("type", Toml::text(kind));
    let mut ways = Vec::new();
    // A program with svc-rt is `notify` by itself; of another one that is not known.
    if look.world.is_real || look.world.uses_runtime() {
        ways.push(Way::of([reload.clone()]));
        ways.push(Way::default());
    }
    // With this type systemd sends the signal itself, and no line says so.
    let by_type = said.as_deref() == Some("notify-reload");
    if has("ExecReload") || by_type {
        ways.push(Way {
            weight: if by_type { 1 } else { 2 },
            ..Way::of([kind.clone(), reload])
        });
    } else {
        ways.retain(|way| way.keys.is_empty());
    }
    let about = [(Service, "Type"), (Service, "ExecReload")];
    Question::new("type", about, ways, [kind])
}

/// `restart`
pub(super) fn restart(look: &Look) -> Question {
    let mut ways = vec![Way::default()];
    let delay = match look.unit.means.value(Service, "RestartSec") {
        Some(Value::Time(time)) => *time,
        // systemd.service(5): what it is if nobody says it.
        _ => TimeSpan::Finite(std::time::Duration::from_millis(100)),
    };
    match look.shown(Service, "Restart").as_deref() {
        None | Some("no") => ways.push(Way::of([Key::portable("restart", Toml::text("no"))])),
        Some(policy @ ("on-failure" | "always")) => {
            let policy = Toml::text(policy);
            ways.push(Way::of([Key::portable("restart", policy.clone())]));
            let table = Toml::Table(vec![
                ("policy".into(), policy),
                ("delay".into(), Toml::text(delay.to_string())),
            ]);
            ways.push(Way::of([Key::portable("restart", table)]));
        }
        Some(_) => {}
    }
    let about = [
        (Service, "Restart"),
        (Service, "RestartSec"),
        (UnitSection, "StartLimitIntervalSec"),
    ];
    Question::new("restart", about, ways, [Key::off("restart")])
}

/// `start-timeout`, `stop-timeout`
pub(super) fn times(look: &Look) -> [Question; 2] {
    [
        ("start-timeout", "TimeoutStartSec"),
        ("stop-timeout", "TimeoutStopSec"),
    ]
    .map(|(name, key)| {
        let mut ways = vec![Way::default()];
        if let Some(Value::Time(time)) = look.unit.means.value(Service, key) {
            ways.push(Way::of([Key::portable(name, Toml::text(time.to_string()))]));
        }
        Question::new(name, [(Service, key)], ways, [Key::off(name)])
    })
}

/// `watchdog`
pub(super) fn watchdog(look: &Look) -> Question {
    let way = match look.unit.means.value(Service, "WatchdogSec") {
        Some(Value::Time(time)) => {
            let time = Toml::text(time.to_string());
            Some(Way::of([Key::portable("watchdog", time)]))
        }
        _ => None,
    };
    Question::new("watchdog", [(Service, "WatchdogSec")], way, [])
}
