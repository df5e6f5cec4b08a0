//! Which systemd a unit needs, and what becomes of lines that are newer than the oldest one that it is for.

use crate::diagnostics::{Diagnostic, Place};
use crate::directives::{self, Effect};
use crate::escape::unit::lay_out;
use crate::plan::systemd::Placement;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{Directive, SectionName, UnitFile};
use crate::service::Service;
use crate::service::systemd::{Lines, MIN_VERSION};

/// Fits a unit to the oldest systemd that it is for, and gives the oldest one that has all of what it uses.
///
/// A newer line that only hardens is left out with a note: without it the service does the same. One that carries meaning is
/// refused. What has an equivalent of the same meaning, such as `notify-reload`, was written as that before.
pub(super) fn fit(unit: &mut UnitFile, service: &Service, check: &mut Check) -> u32 {
    let oldest = service.own_systemd.min_version.value;
    let mut needed = MIN_VERSION;
    for section in &mut unit.sections {
        let name = section.name;
        section.directives.retain(|line| {
            let Some(known) = directives::find(name, &line.key) else {
                return true;
            };
            let value = || lay_out(&line.value, Placement::Distribution.prefix());
            let since = if known.has_newer_values() {
                known.since_of_value(&value())
            } else {
                known.since
            };
            if since <= oldest {
                needed = needed.max(since);
                return true;
            }
            let value = value();
            let place = place(service, name, line);
            let text = format!("{}={value}", line.key);
            if known.effect == Effect::Hardening {
                check.note(
                    Diagnostic::note(format!(
                        "`{text}` is left out of {}: it needs systemd {since}",
                        unit.file_name
                    ))
                    .at(place)
                    .label(format!("the oldest that this unit is for is {oldest}, and there is no harm but less protection"))
                    .help(format!("`min-version = {since}` under `systemd` keeps it")),
                );
                return false;
            }
            check.refuse(
                Diagnostic::error(format!("`{text}` needs systemd {since}"))
                    .at(place)
                    .label(format!("the oldest that {} is for is {oldest}", unit.file_name))
                    .help(format!("write `min-version = {since}` under `systemd`, or leave the line out"))
                    .rests_on(&["min-version"]),
            );
            true
        });
    }
    unit.sections
        .retain(|section| !section.directives.is_empty());
    needed
}

/// Where a line was typed, if it stands in a raw table.
fn place<'a>(service: &'a Service, section: SectionName, line: &Directive) -> Option<&'a Place> {
    let own = &service.own_systemd;
    let sockets = service
        .systemd
        .sockets
        .iter()
        .map(|socket| &socket.value.systemd);
    let units: Vec<_> = [Some(&own.socket), own.timer.as_ref(), own.path.as_ref()]
        .into_iter()
        .flatten()
        .chain(sockets)
        .collect();
    let tables: Vec<&Lines> = match section {
        SectionName::Unit => units
            .iter()
            .map(|unit| &unit.unit)
            .chain([&own.unit])
            .collect(),
        SectionName::Install => units
            .iter()
            .map(|unit| &unit.install)
            .chain([&own.install])
            .collect(),
        SectionName::Service => vec![&own.service],
        SectionName::Socket | SectionName::Timer | SectionName::Path => {
            units.iter().map(|unit| &unit.own).collect()
        }
    };
    let lines = tables.into_iter().flat_map(|lines| &lines.0);
    lines
        .filter(|raw| raw.key.value == line.key)
        .find_map(|raw| raw.key.place())
}
