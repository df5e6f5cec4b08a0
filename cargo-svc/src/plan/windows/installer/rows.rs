//! Rows that follow from one step.

use super::actions::{self, Service};
use super::identity::key;
use super::{Data, Formatted, RegistryValue, ServiceRow};
use crate::plan::windows::{Piece, Value, WindowsService};

/// What follows the program on a service's command line.
pub(super) fn arguments(image_path: &Value) -> Value {
    let mut out = Value::default();
    let mut pieces = image_path.pieces().iter().skip(2);
    // `"`, the folder, and `\program.exe" …`: the program's name holds no quote.
    if let Some(Piece::Literal(text)) = pieces.next() {
        let rest = text.split_once('"').map_or("", |(_, rest)| rest);
        out.push(rest.strip_prefix(' ').unwrap_or(rest));
    }
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push(text),
            folder => out.push_piece(folder),
        }
    }
    out
}

/// A service's row.
pub(super) fn row(
    planned: &WindowsService,
    service: &Service,
    arguments: Formatted,
    waits: bool,
) -> ServiceRow {
    ServiceRow {
        id: service.keys.key("Service"),
        // One that may have to wait is started by an action, which looks.
        start_id: (planned.start.is_automatic() && service.needs.is_empty())
            .then(|| service.keys.key("StartControl")),
        stop_id: service.keys.key("StopControl"),
        name: planned.name.clone(),
        display_name: Formatted::literal(service.display_name),
        start: planned.start,
        dependencies: service.dependencies.to_vec(),
        account: Formatted::property(&service.account_property),
        password: Formatted::default(),
        arguments,
        description: planned.description.as_deref().map(Formatted::literal),
        waits,
    }
}

pub(super) fn event_source(source: &str, messages: Formatted) -> [RegistryValue; 2] {
    let key_path = format!(r"{}\EventLog\Application\{source}", actions::SERVICES);
    [
        RegistryValue {
            id: key("EventMessages", source),
            key: key_path.clone(),
            name: "EventMessageFile".to_owned(),
            data: Data::Expandable(messages),
        },
        RegistryValue {
            id: key("EventTypes", source),
            key: key_path,
            name: "TypesSupported".to_owned(),
            data: Data::Number(7),
        },
    ]
}
