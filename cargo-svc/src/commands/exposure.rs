//! What `cargo svc check` says of units: how exposed they are, and what raw tables replaced in them.

use serde::Serialize;

use crate::cli::session::Session;
use crate::diagnostics::Report;
use crate::escape::unit::lay_out;
use crate::exposure::Exposure;
use crate::plan::systemd::{self, Placement, ServicePlan, UnitFile, UnitKind, exposure};
use crate::service::Package;

/// As many of the findings are shown unless all are asked for.
const SHOWN: usize = 3;

/// Tells it of the units of a package, which were planned without an error before.
pub(super) fn tell(package: &Package, session: &Session) {
    // What the plan notes was said when the committed files were compared.
    let Some(plan) = systemd::plan(package, Placement::Distribution, &mut Report::default()) else {
        return;
    };
    for (service, unit) in plan.units() {
        if unit.kind == UnitKind::Service {
            exposed(service, unit, session);
        }
        replaced(unit, session);
    }
}

fn exposed(service: &ServicePlan, unit: &UnitFile, session: &Session) {
    let found = exposure::of(unit, service.scope);
    let profile = match &service.profile {
        Some(profile) => exposure::of(profile, service.scope),
        None => found.clone(),
    };
    let beside = if profile == found {
        String::new()
    } else {
        format!("; its profile alone would have {profile}")
    };
    session.shell.status(
        "Exposure",
        format_args!("{} {found}{beside}", unit.file_name),
    );
    for (index, finding) in found
        .findings
        .iter()
        .filter(|finding| !finding.advice.is_empty())
        .enumerate()
    {
        let line = format!(
            "{} would save {:.2}: {}",
            // A raw table replaces the whole list that a drop-in with `~` would shorten.
            finding.advice.join(" and ").replace("=~", "= without "),
            f64::from(finding.costs) / 1000.0,
            finding.description
        );
        if index < SHOWN {
            session.shell.status("", line);
        } else {
            session.shell.verbose("", line);
        }
    }
    let message = Message::of(unit, &found, &profile);
    // Strings and numbers always serialise.
    session
        .shell
        .object(&serde_json::to_string(&message).unwrap_or_default());
}

fn replaced(unit: &UnitFile, session: &Session) {
    for replaced in &unit.replaced {
        let line = &replaced.directive;
        let text = format!(
            "{}: {}={} of [{}], by a raw table",
            unit.file_name,
            line.key,
            lay_out(&line.value, Placement::Distribution.prefix()),
            replaced.section.word()
        );
        session.shell.status("Replaced", text);
    }
}

/// `{"reason":"exposure", …}`: exposures in points.
#[derive(Serialize)]
struct Message<'a> {
    reason: &'static str,
    unit: &'a str,
    exposure: f64,
    profile: f64,
    findings: Vec<FindingMessage>,
    replaced: Vec<String>,
}

#[derive(Serialize)]
struct FindingMessage {
    directive: &'static str,
    costs: f64,
    advice: &'static [&'static str],
    description: &'static str,
}

impl<'a> Message<'a> {
    fn of(unit: &'a UnitFile, found: &Exposure, profile: &Exposure) -> Self {
        let points = |tenths: u32| f64::from(tenths) / 10.0;
        Self {
            reason: "exposure",
            unit: &unit.file_name,
            exposure: points(found.tenths),
            profile: points(profile.tenths),
            findings: found
                .findings
                .iter()
                .map(|finding| FindingMessage {
                    directive: finding.directive,
                    costs: f64::from(finding.costs) / 1000.0,
                    advice: finding.advice,
                    description: finding.description,
                })
                .collect(),
            replaced: unit
                .replaced
                .iter()
                .map(|replaced| replaced.directive.key.to_string())
                .collect(),
        }
    }
}
