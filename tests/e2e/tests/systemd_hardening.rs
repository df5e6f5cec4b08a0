//! The hardening profiles and their budgets, as `systemd-analyze security --threshold` of systemd 252 judges units that
//! `cargo svc generate` wrote.

#[path = "hardening/beacon.rs"]
mod beacon;

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine, Still};
use svc_e2e::command::Output;
use svc_e2e::fixture::{Fixture, NAME};
use svc_e2e::programs;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new("hardening::strict_keeps_its_budget", || keeps("strict", 12)),
            Test::new("hardening::standard_keeps_its_budget", || {
                keeps("standard", 20)
            }),
            Test::new(
                "hardening::a_low_port_costs_its_capability_alone",
                a_low_port,
            ),
            Test::new(
                "hardening::no_service_writes_its_configuration",
                no_service_writes_its_configuration,
            ),
            Test::new(
                "hardening::what_is_declared_is_not_hidden",
                what_is_declared_is_not_hidden,
            ),
            Test::new(
                "hardening::beacon_keeps_the_budgets",
                beacon_keeps_the_budgets,
            ),
            Test::new("hardening::beacon_works_with_strict", || {
                beacon::works(systemd::SUITE, "strict")
            }),
            Test::new("hardening::beacon_works_with_standard", || {
                beacon::works(systemd::SUITE, "standard")
            }),
            Test::new("hardening::beacon_works_on_bullseye", || {
                beacon::works("bullseye", "strict")
            }),
            Test::new("hardening::beacon_works_on_trixie", || {
                beacon::works("trixie", "strict")
            }),
            Test::new("hardening::beacon_works_on_forky", || {
                beacon::works("forky", "strict")
            }),
        ],
    )
}

/// Judges the unit of a service with these settings; the threshold is in tenths.
fn judge(settings: &str, tenths: u32) -> Result<Output> {
    let tables = format!("[package.metadata.service]\nwindows = false\n{settings}\n");
    let fixture = Fixture::new("1.0.0", &[(NAME, programs::probe_linux()?)], &tables)?;
    exposure(&fixture, NAME, tenths)
}

/// Judges the unit of this service of a package.
fn exposure(fixture: &Fixture, service: &str, tenths: u32) -> Result<Output> {
    fixture
        .cargo_svc(&["generate", "--quiet"])?
        .success()
        .context("cargo svc generate")?;
    let script = format!(
        "mount -t tmpfs tmpfs /sys && mkdir -p /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
         exec systemd-analyze security --offline=true --no-pager --threshold={tenths} {}",
        Still::shared(&format!("{service}.service"))
    );
    Still::new(systemd::SUITE)?.run_with(&fixture.path("packaging/systemd"), &["sh", "-c", &script])
}

fn within(settings: &str, tenths: u32) -> Outcome {
    let said = judge(settings, tenths)?;
    ensure!(said.code() == 0, "{}", said.describe());
    Ok(())
}

fn keeps(profile: &str, budget: u32) -> Outcome {
    let settings =
        format!("directories = {{ state = true, config = true }}\nhardening = \"{profile}\"");
    within(&settings, budget)?;
    // The same threshold is passed by far without the profile: it is a measure, and not always kept.
    let bare = judge("hardening = \"off\"", budget)?;
    ensure!(bare.code() != 0, "{}", bare.describe());
    Ok(())
}

/// The capability itself, and a user namespace in which it would be void: nothing else is given up for it.
fn a_low_port() -> Outcome {
    for (profile, tenths) in [("strict", 14), ("standard", 16)] {
        within(
            &format!(
                "hardening = \"{profile}\"\n[package.metadata.service.systemd]\ncapabilities = [\"CAP_NET_BIND_SERVICE\"]"
            ),
            tenths,
        )?;
    }
    Ok(())
}

/// The example as it is committed, which has `standard`, and with the other profile.
fn beacon_keeps_the_budgets() -> Outcome {
    let strict = "[package.metadata.service.systemd]\nhardening = \"strict\"\n";
    for (tables, tenths) in [("", 20), (strict, 12)] {
        let fixture = Fixture::example("beacon", "1.0.0", tables)?;
        let said = exposure(&fixture, "beacon", tenths)?;
        ensure!(said.code() == 0, "{}", said.describe());
    }
    Ok(())
}

/// A service is told to write to its configuration, and to its state, by a line of its own before it starts.
fn no_service_writes_its_configuration() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::probe_linux()?, "/usr/bin/svc-probe", 0o755)?;
    machine.ok("mkdir /etc/svc-probe && echo root >/etc/svc-probe/file")?;
    for account in ["dynamic", "system"] {
        for (folder, starts) in [("/var/lib/svc-probe", true), ("/etc/svc-probe", false)] {
            let settings = format!(
                "[package.metadata.service]\nwindows = false\naccount = \"{account}\"\nrestart = \"no\"\n\
                 directories = {{ state = true, config = true }}\n[package.metadata.service.systemd.service]\n\
                 ExecStartPre = \"/bin/sh -c 'echo changed >{folder}/file'\"\n"
            );
            let fixture = Fixture::new("1.0.0", &[(NAME, programs::probe_linux()?)], &settings)?;
            fixture.cargo_svc(&["generate", "--quiet"])?.success()?;
            let unit = format!("{NAME}.service");
            let text = std::fs::read(fixture.path(&format!("packaging/systemd/{unit}")))?;
            machine.put(&format!("/etc/systemd/system/{unit}"), &text, 0o644)?;
            machine.ok("systemctl daemon-reload")?;
            let started = machine.run(&["systemctl", "restart", &unit])?.code() == 0;
            ensure!(
                started == starts,
                "{account}, {folder}: started is {started}\n{}",
                machine.journal(&unit)?
            );
            machine.run(&["systemctl", "stop", &unit])?.success()?;
        }
    }
    let kept = machine.ok("cat /etc/svc-probe/file")?;
    ensure!(kept == "root\n", "the configuration holds {kept:?}");
    Ok(())
}

/// Folders that the profile would hide are there, and to be written, once they are declared.
fn what_is_declared_is_not_hidden() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::probe_linux()?, "/home/bin/svc-probe", 0o755)?;
    machine.ok("mkdir -m 777 /home/work /tmp/work /run/user/work && useradd probe")?;
    for (account, folders) in [
        ("\"dynamic\"", "\"/home/work\", \"/run/user/work\""),
        (
            "\"system\"",
            "\"/home/work\", \"/run/user/work\", \"/tmp/work\"",
        ),
        ("{ user = \"probe\" }", "\"/home/work\", \"/tmp/work\""),
    ] {
        let settings = format!(
            "[package.metadata.service]\nwindows = false\nrestart = \"no\"\n\
             working-dir = \"/home/work\"\nhardening = \"strict\"\n\
             [package.metadata.service.systemd]\naccount = {account}\nwritable = [{folders}]\nbin-dir = \"/home/bin\"\n\
             [package.metadata.service.systemd.service]\n\
             ExecStartPre = \"/bin/sh -c 'for folder in {}; do echo seen >$folder/file || exit; done'\"\n",
            folders.replace(['"', ','], "")
        );
        let fixture = Fixture::new("1.0.0", &[(NAME, programs::probe_linux()?)], &settings)?;
        fixture.cargo_svc(&["generate", "--quiet"])?.success()?;
        let unit = format!("{NAME}.service");
        let text = std::fs::read(fixture.path(&format!("packaging/systemd/{unit}")))?;
        machine.put(&format!("/etc/systemd/system/{unit}"), &text, 0o644)?;
        machine.ok("systemctl daemon-reload")?;
        let started = machine.run(&["systemctl", "restart", &unit])?;
        ensure!(
            started.code() == 0,
            "{account}: {}",
            machine.journal(&unit)?
        );
        for folder in folders.split(", ").map(|folder| folder.trim_matches('"')) {
            machine.ok(&format!("grep -qx seen {folder}/file && rm {folder}/file"))?;
        }
        machine.run(&["systemctl", "stop", &unit])?.success()?;
    }
    Ok(())
}
