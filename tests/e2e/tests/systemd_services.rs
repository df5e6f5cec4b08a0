//! A package with several services, on a machine with a real systemd.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::fixture::{self, Package};
use svc_e2e::installed::linux::{
    RECEIPT, UNINSTALL, UNITS, enabled, install, install_saying, install_with, machine, unchanged,
    units, unpack, verify,
};
use svc_e2e::installed::several::{ADMIN, CACHE, MAIN, SLOW, STORE, first, programs, second};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const FOLDER: &str = "/srv/probe";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new("services::all_are_installed", all_are_installed),
            Test::new(
                "services::the_needed_one_starts_first",
                the_needed_one_starts_first,
            ),
            Test::new(
                "services::a_stop_takes_who_needs_it_along",
                a_stop_takes_who_needs_it_along,
            ),
            Test::new(
                "services::a_killed_one_is_restarted_alone",
                a_killed_one_is_restarted_alone,
            ),
            Test::new("services::they_run_after_a_reboot", they_run_after_a_reboot),
            Test::new(
                "services::an_override_is_for_its_system_alone",
                an_override_is_for_its_system_alone,
            ),
            Test::new(
                "services::one_goes_and_another_comes",
                one_goes_and_another_comes,
            ),
            Test::new(
                "services::a_failed_exchange_is_undone",
                a_failed_exchange_is_undone,
            ),
            Test::new(
                "services::states_are_kept_each_by_itself",
                states_are_kept_each_by_itself,
            ),
            Test::new(
                "services::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
        ],
    )
}

fn package(version: &str, services: &str) -> Result<Package> {
    let many = svc_e2e::programs::probe_many_linux()?;
    let programs = programs(svc_e2e::programs::probe_linux()?, &many);
    fixture::package(svc_e2e::programs::LINUX, &programs, version, services)
}

fn version_1() -> Result<Package> {
    package("1.0.0", &first(FOLDER))
}

fn version_2() -> Result<Package> {
    package("2.0.0", &second(FOLDER))
}

/// A machine with version 1.
fn installed() -> Result<Machine> {
    let machine = machine()?;
    install(&machine, &version_1()?)?;
    Ok(machine)
}

fn unit(name: &str) -> String {
    format!("{name}.service")
}

fn state(machine: &Machine, name: &str) -> Result<String> {
    machine.show(&unit(name), "ActiveState")
}

fn pid(machine: &Machine, name: &str) -> Result<String> {
    machine.show(&unit(name), "MainPID")
}

fn is(machine: &Machine, name: &str, wanted: &str) -> Result<()> {
    let found = state(machine, name)?;
    ensure!(
        found == wanted,
        "{name} is {found}: {}",
        machine.describe(&unit(name))
    );
    Ok(())
}

/// When a unit came into a state, in microseconds since the boot.
fn moment(machine: &Machine, name: &str, property: &str) -> Result<u64> {
    let text = machine.show(&unit(name), property)?;
    text.parse()
        .with_context(|| format!("{property} of {name} is {text:?}"))
}

/// The needed service was ready before the process of the other one began.
fn in_order(machine: &Machine, needed: &str) -> Result<()> {
    let ready = moment(machine, needed, "ActiveEnterTimestampMonotonic")?;
    let begun = moment(machine, MAIN, "ExecMainStartTimestampMonotonic")?;
    ensure!(
        ready > 0 && begun >= ready,
        "{needed} was ready at {ready}, {MAIN} began at {begun}"
    );
    Ok(())
}

fn all_are_installed() -> Outcome {
    let machine = installed()?;
    ensure!(
        units(&machine)? == [unit(ADMIN), unit(STORE), unit(MAIN)],
        "{:?}",
        units(&machine)?
    );
    for (name, starts) in [(STORE, true), (MAIN, true), (ADMIN, false)] {
        let (wanted, active) = if starts {
            ("enabled", "active")
        } else {
            ("disabled", "inactive")
        };
        is(&machine, name, active)?;
        let found = enabled(&machine, &unit(name))?;
        ensure!(found == wanted, "{name} is {found}");
        verify(&machine, &format!("{UNITS}/{}", unit(name)))?;
    }
    // One program for two of them.
    machine.ok("test -x /usr/local/bin/svc-probe && test -x /usr/local/bin/svc-probe-many")?;
    machine.ok("systemctl start svc-probe-admin.service")?;
    let mut users = vec!["0".to_owned()];
    for name in [STORE, MAIN, ADMIN] {
        is(&machine, name, "active")?;
        users.push(machine.ok(&format!("stat -c %u /proc/{}", pid(&machine, name)?))?);
    }
    users.sort_unstable();
    users.dedup();
    ensure!(users.len() == 4, "root and three accounts: {users:?}");
    Ok(())
}

fn the_needed_one_starts_first() -> Outcome {
    let machine = installed()?;
    in_order(&machine, STORE)?;
    // Whoever is asked for.
    machine.ok("systemctl stop svc-probe.service svc-probe-store.service")?;
    machine.ok("systemctl start svc-probe.service")?;
    is(&machine, STORE, "active")?;
    in_order(&machine, STORE)
}

fn a_stop_takes_who_needs_it_along() -> Outcome {
    let machine = installed()?;
    machine
        .ok("systemctl start svc-probe-admin.service && systemctl stop svc-probe-store.service")?;
    is(&machine, STORE, "inactive")?;
    is(&machine, MAIN, "inactive")?;
    is(&machine, ADMIN, "active")?;
    for name in [STORE, MAIN] {
        ensure!(
            machine.show(&unit(name), "Result")? == "success",
            "{}",
            machine.describe(&unit(name))
        );
    }
    // It ended before what it needs did.
    let ended = moment(&machine, MAIN, "InactiveEnterTimestampMonotonic")?;
    let stopping = moment(&machine, STORE, "ActiveExitTimestampMonotonic")?;
    ensure!(
        ended <= stopping,
        "{MAIN} ended at {ended}, {STORE} was told at {stopping}"
    );
    Ok(())
}

fn a_killed_one_is_restarted_alone() -> Outcome {
    let machine = installed()?;
    machine.ok("systemctl start svc-probe-admin.service")?;
    let (store, main, admin) = (
        pid(&machine, STORE)?,
        pid(&machine, MAIN)?,
        pid(&machine, ADMIN)?,
    );
    machine.ok(&format!("kill -KILL {main} {admin}"))?;
    machine.wait_for_restart(&unit(MAIN), &main)?;
    machine.wait_for_restart(&unit(ADMIN), &admin)?;
    ensure!(
        pid(&machine, STORE)? == store,
        "{}",
        machine.describe(&unit(STORE))
    );
    // One that others need takes them along (systemd.unit(5), Requires=), and they come back.
    let (main, admin) = (pid(&machine, MAIN)?, pid(&machine, ADMIN)?);
    machine.ok(&format!("kill -KILL {store}"))?;
    machine.wait_for_restart(&unit(STORE), &store)?;
    machine.wait_for_restart(&unit(MAIN), &main)?;
    in_order(&machine, STORE)?;
    ensure!(
        pid(&machine, ADMIN)? == admin,
        "{}",
        machine.describe(&unit(ADMIN))
    );
    Ok(())
}

fn they_run_after_a_reboot() -> Outcome {
    let mut machine = installed()?;
    machine.reboot()?;
    machine.wait_for(&unit(MAIN), "ActiveState", "active")?;
    in_order(&machine, STORE)?;
    is(&machine, ADMIN, "inactive")
}

fn an_override_is_for_its_system_alone() -> Outcome {
    let machine = installed()?;
    machine.ok("systemctl start svc-probe-admin.service")?;
    let admin = unit(ADMIN);
    ensure!(
        machine.show(&admin, "Description")? == "Waits under systemd",
        "{}",
        machine.describe(&admin)
    );
    let record = Record::last(&machine.journal(&admin)?)?.context("no record")?;
    ensure!(record.var("WHERE") == Some(b"under systemd"), "{record:?}");
    let record = Record::last(&machine.journal(&unit(STORE))?)?.context("no record")?;
    ensure!(record.var("WHERE").is_none(), "{record:?}");
    Ok(())
}

fn one_goes_and_another_comes() -> Outcome {
    let machine = installed()?;
    let (store, main) = (pid(&machine, STORE)?, pid(&machine, MAIN)?);
    let said = install_saying(&machine, &version_2()?)?;
    ensure!(
        said.contains("svc-probe-store.service, which this version does not have"),
        "{said}"
    );
    ensure!(
        units(&machine)? == [unit(ADMIN), unit(CACHE), unit(MAIN)],
        "{:?}",
        units(&machine)?
    );
    is(&machine, CACHE, "active")?;
    ensure!(machine.wait_for_restart(&unit(MAIN), &main)? != main);
    in_order(&machine, CACHE)?;
    is(&machine, ADMIN, "inactive")?;
    ensure!(enabled(&machine, &unit(CACHE))? == "enabled");
    ensure!(enabled(&machine, &unit(ADMIN))? == "disabled");
    ensure!(
        machine.show(&unit(STORE), "LoadState")? == "not-found",
        "{}",
        machine.describe(&unit(STORE))
    );
    ensure!(
        machine.sh(&format!("kill -0 {store}"))?.code() != 0,
        "the dropped service runs"
    );
    let links = machine
        .sh("find /etc/systemd /run/systemd/system -name 'svc-probe-store*'")?
        .text();
    ensure!(links.is_empty(), "{links}");
    let receipt = String::from_utf8(machine.get(RECEIPT)?)?;
    ensure!(
        receipt.contains(CACHE) && !receipt.contains(STORE),
        "{receipt}"
    );
    Ok(())
}

fn a_failed_exchange_is_undone() -> Outcome {
    let machine = installed()?;
    let before = machine.listing()?;
    let services = second(FOLDER).replace(&format!("slow:{SLOW}"), "err");
    let folder = unpack(&machine, &package("2.0.0", &services)?, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    machine.ok("rm -r /srv/unpacked")?;
    for name in [STORE, MAIN] {
        machine.wait_for(&unit(name), "ActiveState", "active")?;
    }
    ensure!(
        units(&machine)? == [unit(ADMIN), unit(STORE), unit(MAIN)],
        "{:?}",
        units(&machine)?
    );
    for name in [STORE, MAIN] {
        ensure!(
            enabled(&machine, &unit(name))? == "enabled",
            "{}",
            machine.describe(&unit(name))
        );
    }
    ensure!(enabled(&machine, &unit(ADMIN))? == "disabled");
    let mut left = machine.changes(&before)?;
    // Each has a folder of its own for temporary files, which comes with each start.
    left.retain(|change| !change.path().starts_with("/var/tmp/systemd-private-"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn states_are_kept_each_by_itself() -> Outcome {
    let machine = installed()?;
    // The one that starts by hand runs, and the one that starts at boot does not any more.
    machine.ok("systemctl start svc-probe-admin.service && systemctl stop svc-probe.service")?;
    machine.ok("systemctl --quiet disable svc-probe.service")?;
    let admin = pid(&machine, ADMIN)?;
    install(&machine, &package("1.1.0", &first(FOLDER))?)?;
    is(&machine, STORE, "active")?;
    is(&machine, MAIN, "inactive")?;
    machine.wait_for_restart(&unit(ADMIN), &admin)?;
    ensure!(enabled(&machine, &unit(STORE))? == "enabled");
    ensure!(enabled(&machine, &unit(MAIN))? == "disabled");
    ensure!(enabled(&machine, &unit(ADMIN))? == "disabled");
    Ok(())
}

fn uninstall_leaves_nothing() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    install(&machine, &version_1()?)?;
    install(&machine, &version_2()?)?;
    machine.ok(&format!(
        "systemctl start svc-probe-admin.service && {UNINSTALL}"
    ))?;
    unchanged(&machine, &before)?;
    for name in [STORE, CACHE, MAIN, ADMIN] {
        ensure!(
            machine.show(&unit(name), "LoadState")? == "not-found",
            "{}",
            machine.describe(&unit(name))
        );
    }
    ensure!(machine.sh("pgrep svc-probe")?.text().is_empty());
    Ok(())
}
