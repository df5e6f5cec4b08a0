//! How systemd learns that a service is ready, and how it asks it to reload.

use crate::build::System;
use crate::plan::systemd::unit::{Placed, Section, Value};
use crate::service::systemd::UnitType;
use crate::service::{Event, Service};

/// The first systemd with `Type=notify-reload` (systemd.service(5)).
pub(super) const NOTIFY_RELOAD: u32 = 253;

impl UnitType {
    /// The value of `Type=`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Exec => "exec",
            Self::Forking => "forking",
            Self::Oneshot => "oneshot",
            Self::Dbus => "dbus",
            Self::Notify => "notify",
            Self::NotifyReload => "notify-reload",
            Self::Idle => "idle",
        }
    }

    /// Whether the service tells systemd how it is.
    pub const fn notifies(self) -> bool {
        matches!(self, Self::Notify | Self::NotifyReload)
    }
}

fn reloads(service: &Service) -> bool {
    service
        .systemd
        .events
        .iter()
        .any(|event| event.value == Event::Reload)
}

/// What is written, or what the program calls for.
pub(super) fn kind(service: &Service) -> UnitType {
    let own = &service.own_systemd;
    match &own.kind {
        Some(kind) => kind.value,
        None if !service.uses_runtime_on(System::Linux) => UnitType::Exec,
        None if reloads(service) && own.min_version.value >= NOTIFY_RELOAD => {
            UnitType::NotifyReload
        }
        None => UnitType::Notify,
    }
}

/// Without `notify-reload` systemd has to be told how. A shell sends the signal: not every machine has kill(1) as a program.
pub(super) fn reload(service: &Service, kind: UnitType, section: &mut Section) {
    if !reloads(service) || kind == UnitType::NotifyReload {
        return;
    }
    section.push(
        "ExecReload",
        Value::Command {
            program: Placed::from("/bin/sh"),
            args: vec![
                Placed::from("-c"),
                Placed {
                    pieces: vec![
                        crate::plan::systemd::Piece::Literal("kill -HUP ".into()),
                        crate::plan::systemd::Piece::Specifier("$MAINPID"),
                    ],
                },
            ],
        },
    );
}
