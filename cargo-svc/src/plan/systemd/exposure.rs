//! How exposed a planned unit leaves its service.

use std::borrow::Cow;

use super::unit::{SectionName, UnitFile};
use crate::escape::unit::lay_out;
use crate::exposure::{Exposure, Unit, assess};
use crate::service::systemd::Scope;

/// Judges a service's unit. Where the program lies does not count.
pub fn of(unit: &UnitFile, scope: Scope) -> Exposure {
    let lines: Vec<_> = unit
        .directives()
        .filter(|(section, _)| *section == SectionName::Service)
        .map(|(_, line)| (&line.key, lay_out(&line.value, "/usr")))
        .collect();
    let service: Vec<(&str, &str)> = lines
        .iter()
        .map(|(key, value): &(&Cow<str>, Cow<str>)| (key.as_ref(), value.as_ref()))
        .collect();
    let shut = |value: &str| matches!(value, "no" | "false" | "off" | "0");
    let default_dependencies = !unit.directives().any(|(section, line)| {
        section == SectionName::Unit
            && line.key == "DefaultDependencies"
            && shut(&lay_out(&line.value, "/usr"))
    });
    assess(&Unit {
        service: &service,
        default_dependencies,
        user_manager: scope == Scope::User,
    })
}
