//! The exposure that cargo-svc reckons, beside the one that `systemd-analyze security` of systemd 252 prints: the figure of
//! each unit, and what each finding costs.

#[path = "exposure/judges.rs"]
mod judges;
#[path = "exposure/pool.rs"]
mod pool;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use judges::{Kind, Lines, compare, owned};
use pool::{POOL, random};
use svc_e2e::bed::systemd::{self, Still};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// The lines that hardening is made of.
const HARDENED: &[(&str, &str)] = &[
    ("DynamicUser", "yes"),
    ("StateDirectory", "beacon"),
    ("CapabilityBoundingSet", ""),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("NoNewPrivileges", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateMounts", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateUsers", "yes"),
    ("ProcSubset", "pid"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHome", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("ProtectSystem", "strict"),
    ("RemoveIPC", "yes"),
    ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("SystemCallArchitectures", "native"),
    ("SystemCallFilter", "@system-service"),
    ("SystemCallFilter", "~@privileged @resources"),
    ("UMask", "0077"),
];

/// A test and its name.
type Named = (&'static str, fn() -> Outcome);

fn main() -> ExitCode {
    let elsewhere =
        (!cfg!(target_arch = "x86_64")).then_some("the figures are those of systemd on x86-64");
    let tests: [Named; 8] = [
        ("exposure::of_a_bare_unit", of_a_bare_unit),
        (
            "exposure::of_hardening_and_without_each_line_of_it",
            of_hardening_and_without_each_line_of_it,
        ),
        ("exposure::of_random_units", of_random_units),
        ("exposure::of_every_value_alone", of_every_value_alone),
        (
            "exposure::of_services_of_early_boot",
            of_services_of_early_boot,
        ),
        (
            "exposure::of_a_user_managers_units",
            of_a_user_managers_units,
        ),
        ("exposure::of_every_capability", of_every_capability),
        (
            "exposure::of_every_group_without_every_call",
            of_every_group_without_every_call,
        ),
    ];
    let tests = tests.map(|(name, body)| Test::new(name, body).not_here(elsewhere));
    run_suite("systemd", systemd::needs, tests.into())
}

fn of_a_bare_unit() -> Outcome {
    let judged = compare(Kind::System, &[Lines::new()])?;
    ensure!(judged[0].tenths == 96, "{}", judged[0]);
    Ok(())
}

fn of_hardening_and_without_each_line_of_it() -> Outcome {
    let all: Lines = owned(HARDENED);
    let without = (0..all.len()).map(|left_out| {
        let mut lines = all.clone();
        lines.remove(left_out);
        lines
    });
    let units: Vec<_> = std::iter::once(all.clone()).chain(without).collect();
    let judged = compare(Kind::System, &units)?;
    ensure!(judged[0].tenths == 11, "{}", judged[0]);
    Ok(())
}

fn of_random_units() -> Outcome {
    compare(Kind::System, &random(252, 400)).map(drop)
}

fn of_every_value_alone() -> Outcome {
    let alone = POOL
        .iter()
        .flat_map(|(key, values)| values.iter().map(|value| owned(&[(key, value)])));
    // Some of the values matter only in a closed unit.
    let last = alone.clone().map(|lines| {
        let mut unit = owned(HARDENED);
        unit.extend(owned(&[("IPAddressDeny", "any")]));
        unit.extend(lines);
        unit
    });
    compare(Kind::System, &alone.chain(last).collect::<Vec<_>>()).map(drop)
}

fn of_services_of_early_boot() -> Outcome {
    compare(Kind::EarlyBoot, &random(31, 50)).map(drop)
}

fn of_a_user_managers_units() -> Outcome {
    compare(Kind::User, &random(7, 50)).map(drop)
}

fn of_every_capability() -> Outcome {
    // "cap_chown   0" and so on, below a heading.
    let text = Still::new(systemd::SUITE)?
        .run(&["systemd-analyze", "capability", "--no-pager"])?
        .success()?;
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .find(|word| word.starts_with("cap_"))
        })
        .collect();
    ensure!(names.len() > 40, "{text}");
    let alone = |name: &&str| owned(&[("CapabilityBoundingSet", name)]);
    let denied = |name: &&str| owned(&[("CapabilityBoundingSet", &format!("~{name}"))]);
    let units = names.iter().map(alone).chain(names.iter().map(denied));
    compare(Kind::System, &units.collect::<Vec<_>>()).map(drop)
}

/// Which calls the groups hold: an allow list of one call, and then a group taken away from it.
fn of_every_group_without_every_call() -> Outcome {
    let text = Still::new(systemd::SUITE)?
        .run(&["systemd-analyze", "syscall-filter", "--no-pager"])?
        .success()?;
    let groups: Vec<&str> = text.lines().filter(|line| line.starts_with('@')).collect();
    let calls: BTreeSet<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['@', '#']))
        .collect();
    ensure!(groups.len() > 20 && calls.len() > 400, "{text}");

    // What costs nothing when it is allowed holds nothing that a check asks for, and needs no second look.
    let groups = asked_for(&groups)?;
    let calls = asked_for(&calls.into_iter().collect::<Vec<_>>())?;
    ensure!(
        groups.len() > 10 && calls.len() > 50,
        "{groups:?} {calls:?}"
    );
    let mut units: Vec<Lines> = Vec::new();
    for group in groups {
        let away = format!("~{group}");
        units.push(owned(&[("SystemCallFilter", &away)]));
        let lines = |call: &&str| owned(&[("SystemCallFilter", call), ("SystemCallFilter", &away)]);
        units.extend(calls.iter().map(lines));
    }
    compare(Kind::System, &units).map(drop)
}

/// Those of the groups or calls for which it counts that a service may make them.
fn asked_for<'a>(names: &[&'a str]) -> Result<Vec<&'a str>> {
    let allowed = |name: &&str| owned(&[("SystemCallFilter", name)]);
    let units: Vec<Lines> = names.iter().map(allowed).collect();
    let judged = compare(Kind::System, &units)?;
    let asked_for = names.iter().zip(judged).filter(|(_, exposure)| {
        let mut findings = exposure.findings.iter();
        findings.any(|finding| finding.directive.starts_with("SystemCallFilter="))
    });
    Ok(asked_for.map(|(name, _)| *name).collect())
}
