//! Has systemd and cargo-svc judge the same units.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use cargo_svc::exposure::{Exposure, Unit, assess};
use serde::Deserialize;
use svc_e2e::bed::systemd::{self, Still};
use svc_e2e::checkout;

/// The lines of a service, keys and values.
pub(crate) type Lines = Vec<(&'static str, String)>;

/// What is judged beside the lines of the service.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    System,
    EarlyBoot,
    User,
}

/// A check, as `systemd-analyze` prints it when it is asked for its figures.
#[derive(Deserialize)]
struct Row {
    name: String,
    weight: u64,
    badness: u64,
    range: u64,
}

/// Lines that a unit owns.
pub(crate) fn owned(lines: &[(&'static str, &str)]) -> Lines {
    let own = |(key, value): &(&'static str, &str)| (*key, (*value).to_owned());
    lines.iter().map(own).collect()
}

/// Has systemd judge the units, all at once, and fails where cargo-svc sees one of them differently.
pub(crate) fn compare(kind: Kind, units: &[Lines]) -> Result<Vec<Exposure>> {
    let folder = checkout::scratch()?;
    for (number, lines) in units.iter().enumerate() {
        let path = folder.path().join(name(number));
        fs::write(path, unit_file(kind, lines))?;
    }
    let root = Still::new(systemd::SUITE)?;
    // A user manager wants a place for its sockets; whether filters for packets are supported is read from control groups.
    let analyze = |options: &str| -> Result<String> {
        let script = format!(
            "mount -t tmpfs tmpfs /sys && mkdir -p /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
             export XDG_RUNTIME_DIR=/tmp SYSTEMD_ANALYZE_DEBUG=1
             exec systemd-analyze {} security --offline=true --no-pager {options} {}",
            if kind == Kind::User { "--user" } else { "" },
            Still::shared("*.service")
        );
        root.run_with(folder.path(), &["sh", "-c", &script])?
            .success()
    };
    let figures = analyze("")?;
    let figures: Vec<_> = figures.lines().filter_map(figure).collect();
    let tables = analyze("--json=short")?;
    let tables: Vec<Vec<Row>> = tables
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    ensure!(figures.len() == units.len() && tables.len() == units.len());

    let mut judged = Vec::new();
    let mut differences = Vec::new();
    for (number, lines) in units.iter().enumerate() {
        let service: Vec<(&str, &str)> = lines.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let exposure = assess(&Unit {
            default_dependencies: kind != Kind::EarlyBoot,
            user_manager: kind == Kind::User,
            ..Unit::new(&service)
        });
        let (unit, tenths) = &figures[number];
        ensure!(*unit == name(number), "{unit} stands at place {number}");
        let expected = costs(&tables[number]).context(name(number))?;
        let ours: BTreeSet<_> = exposure
            .findings
            .iter()
            .map(|finding| (finding.directive.to_owned(), u64::from(finding.costs)))
            .collect();
        if exposure.tenths != *tenths || ours != expected {
            let theirs: Vec<_> = expected.difference(&ours).collect();
            let ours: Vec<_> = ours.difference(&expected).collect();
            differences.push(format!(
                "systemd says {tenths} tenths and {theirs:?}, cargo-svc {} and {ours:?}, of\n{}",
                exposure.tenths,
                unit_file(kind, lines)
            ));
        }
        judged.push(exposure);
    }
    if let Some(first) = differences.first() {
        bail!("{} of {} differ: {first}", differences.len(), units.len());
    }
    Ok(judged)
}

fn name(number: usize) -> String {
    format!("unit-{number:05}.service")
}

fn unit_file(kind: Kind, lines: &Lines) -> String {
    let mut text = String::new();
    if kind == Kind::EarlyBoot {
        text.push_str("[Unit]\nDefaultDependencies=no\n");
    }
    text.push_str("[Service]\nExecStart=/usr/bin/true\n");
    let lines = lines.iter().map(|(key, value)| format!("{key}={value}\n"));
    text + &lines.collect::<String>()
}

/// The unit and the tenths of a line `→ Overall exposure level for beacon.service: 1.3 OK :-)`.
fn figure(line: &str) -> Option<(String, u32)> {
    let (_, rest) = line.split_once("Overall exposure level for ")?;
    let (unit, rest) = rest.split_once(": ")?;
    let (points, tenths) = rest.split_whitespace().next()?.split_once('.')?;
    let tenths = points.parse::<u32>().ok()? * 10 + tenths.parse::<u32>().ok()?;
    Some((unit.to_owned(), tenths))
}

/// What each finding costs, in thousandths of a point.
fn costs(table: &[Row]) -> Result<BTreeSet<(String, u64)>> {
    let applied = || table.iter().filter(|row| row.badness != u64::MAX);
    let total: u64 = applied().map(|row| row.weight).sum();
    ensure!(total > 0, "nothing was judged");
    let costs = applied().filter(|row| row.badness > 0).map(|row| {
        let cost = (row.badness * row.weight).div_ceil(row.range);
        (row.name.clone(), (cost * 10_000).div_ceil(total))
    });
    Ok(costs.collect())
}
