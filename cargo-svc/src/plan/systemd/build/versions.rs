//! Which systemd a unit needs, and what becomes of lines that are newer than the oldest one that it is for.

use std::borrow::Cow;

use crate::diagnostics::{Diagnostic, Place};
use crate::directives::{self, Effect, Repeat};
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
        let sinces: Vec<u32> = section
            .directives
            .iter()
            .map(|line| since(name, line))
            .collect();
        let old = sinces.iter().filter(|since| **since <= oldest);
        needed = needed.max(old.copied().max().unwrap_or_default());
        if sinces.iter().all(|since| *since <= oldest) {
            continue;
        }
        let stay = sinces.iter().zip(&section.directives);
        let stay = stay.filter(|(since, line)| **since <= oldest && allows(name, line));
        let allowing: Vec<_> = stay.map(|(_, line)| line.key.clone()).collect();
        let mut sinces = sinces.into_iter();
        section.directives.retain(|line| {
            let since = sinces.next().unwrap_or_default();
            if since <= oldest {
                return true;
            }
            let text = format!("{}={}", line.key, value(line));
            let place = place(service, name, line);
            // Beside others that allow something, one that is left out takes away what it allows.
            let takes_away = allowing.contains(&line.key) && allows(name, line);
            if is_hardening(name, line) && !takes_away {
                let lost = unit.replaced.iter().find(|replaced| {
                    let directive = &replaced.directive;
                    replaced.section == name
                        && directive.key == line.key
                        && directive.profile.is_some()
                });
                let label = format!("the oldest that this unit is for is {oldest}, and there is no harm but less protection");
                let help = format!("`min-version = {since}` under `systemd` keeps it");
                let (label, help) = match lost.map(|replaced| value(&replaced.directive)) {
                    Some(lost) => (
                        format!("{label}: it also stood in the place of the profile's `{}={lost}`", line.key),
                        format!("{help}; without it the profile's line stands"),
                    ),
                    None => (label, help),
                };
                check.note(
                    Diagnostic::note(format!(
                        "`{text}` is left out of {}: it needs systemd {since}",
                        unit.file_name
                    ))
                    .at(place)
                    .label(label)
                    .help(help),
                );
                return false;
            }
            // The typed key was refused before, at its place.
            if line.key == "Type" && place.is_none() {
                return true;
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

fn value(line: &Directive) -> Cow<'_, str> {
    lay_out(&line.value, Placement::Distribution.prefix())
}

/// The first version that takes a line; 0 for one that nothing is known of.
fn since(section: SectionName, line: &Directive) -> u32 {
    match directives::find(section, &line.key) {
        Some(known) if known.has_newer_values() => known.since_of_value(&value(line)),
        Some(known) => known.since,
        None => 0,
    }
}

fn is_hardening(section: SectionName, line: &Directive) -> bool {
    directives::find(section, &line.key).is_some_and(|known| known.effect == Effect::Hardening)
}

/// Whether a line adds to the set of what its key allows.
fn allows(section: SectionName, line: &Directive) -> bool {
    let is_set = |known: &directives::Directive| known.repeat == Repeat::Set;
    let value = value(line);
    directives::find(section, &line.key).is_some_and(is_set)
        && !value.is_empty()
        && !value.starts_with('~')
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
