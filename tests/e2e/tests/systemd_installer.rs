//! Units beyond the service, and what a service waits for: install.sh on a real systemd.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::fixture::Package;
use svc_e2e::installed::linux::{
    IDLE, UNINSTALL, UNITS, enabled, install_args, install_with, shell, unchanged, unpack,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SERVICE: &str = "svc-probe.service";
const SOCKET: &str = "svc-probe-web.socket";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "installer::an_unchanged_socket_listens_on",
                an_unchanged_socket_listens_on,
            ),
            Test::new(
                "installer::a_changed_socket_listens_anew",
                a_changed_socket_listens_anew,
            ),
            Test::new(
                "installer::a_socket_comes_back_after_a_failed_start",
                a_socket_comes_back_after_a_failed_start,
            ),
            Test::new(
                "installer::on_demand_waits_for_demand",
                on_demand_waits_for_demand,
            ),
            Test::new(
                "installer::timers_and_paths_are_enabled_alone",
                timers_and_paths_are_enabled_alone,
            ),
            Test::new("installer::instances_go_on", instances_go_on),
            Test::new("installer::units_come_and_go", units_come_and_go),
            Test::new(
                "installer::programs_go_where_they_are_declared",
                programs_go_where_they_are_declared,
            ),
            Test::new(
                "installer::a_dry_run_changes_nothing",
                a_dry_run_changes_nothing,
            ),
        ],
    )
}

fn package(version: &str, tables: &str) -> Result<Package> {
    shell(version, tables, &[])
}

fn with_socket(port: u16, more: &str) -> String {
    format!("{IDLE}sockets = [{{ name = \"web\", listen = \"tcp://127.0.0.1:{port}\" }}]\n{more}")
}

fn connect(machine: &Machine, port: u16) -> Result<()> {
    machine.ok(&format!("bash -c 'exec 5<>/dev/tcp/127.0.0.1/{port}'"))?;
    Ok(())
}

fn states(machine: &Machine, expected: &[(&str, &str, &str)]) -> Result<()> {
    for (unit, file, active) in expected {
        let found = (enabled(machine, unit)?, machine.show(unit, "ActiveState")?);
        ensure!(
            found == ((*file).to_owned(), (*active).to_owned()),
            "{unit} is {found:?}: {}",
            machine.describe(unit)
        );
    }
    Ok(())
}

fn an_unchanged_socket_listens_on() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    install_args(&machine, &package("1.0.0", &with_socket(8080, ""))?, &[])?;
    states(
        &machine,
        &[
            (SOCKET, "enabled", "active"),
            (SERVICE, "enabled", "active"),
        ],
    )?;
    let since = machine.show(SOCKET, "InvocationID")?;
    let pid = machine.show(SERVICE, "MainPID")?;
    let said = install_args(
        &machine,
        &package(
            "1.1.0",
            &with_socket(8080, "environment = { NEW = \"1\" }\n"),
        )?,
        &[],
    )?;
    machine.wait_for_restart(SERVICE, &pid)?;
    ensure!(machine.show(SOCKET, "InvocationID")? == since, "{said}");
    connect(&machine, 8080)?;
    machine.ok(UNINSTALL)?;
    for unit in [SOCKET, SERVICE] {
        ensure!(machine.show(unit, "LoadState")? == "not-found", "{unit}");
    }
    unchanged(&machine, &before)
}

fn a_changed_socket_listens_anew() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install_args(&machine, &package("1.0.0", &with_socket(8080, ""))?, &[])?;
    let pid = machine.show(SERVICE, "MainPID")?;
    install_args(&machine, &package("1.1.0", &with_socket(8081, ""))?, &[])?;
    machine.wait_for_restart(SERVICE, &pid)?;
    connect(&machine, 8081)?;
    ensure!(
        connect(&machine, 8080).is_err(),
        "the old port still listens"
    );
    // One that is new to a running service listens, too.
    let two = with_socket(8081, "").replace(
        "}]",
        "}, { name = \"more\", listen = \"tcp://127.0.0.1:8082\" }]",
    );
    install_args(&machine, &package("1.2.0", &two)?, &[])?;
    connect(&machine, 8082)?;
    states(&machine, &[(SERVICE, "enabled", "active")])
}

fn a_socket_comes_back_after_a_failed_start() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install_args(&machine, &package("1.0.0", &with_socket(8080, ""))?, &[])?;
    let before = machine.listing()?;
    let bad = with_socket(8081, "").replace("exec sleep 100000", "exit 3");
    let folder = unpack(&machine, &package("1.1.0", &bad)?, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    machine.ok("rm -r /srv/unpacked")?;
    states(
        &machine,
        &[
            (SOCKET, "enabled", "active"),
            (SERVICE, "enabled", "active"),
        ],
    )?;
    connect(&machine, 8080)?;
    ensure!(connect(&machine, 8081).is_err(), "the new port listens");
    let mut left = machine.changes(&before)?;
    left.retain(|change| !change.path().starts_with("/var/tmp/systemd-private-"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn on_demand_waits_for_demand() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = with_socket(8080, "start = \"on-demand\"\n");
    install_args(&machine, &package("1.0.0", &tables)?, &[])?;
    states(
        &machine,
        &[
            (SOCKET, "enabled", "active"),
            (SERVICE, "disabled", "inactive"),
        ],
    )?;
    connect(&machine, 8080)?;
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    let pid = machine.show(SERVICE, "MainPID")?;
    install_args(&machine, &package("1.1.0", &tables)?, &[])?;
    machine.wait_for_restart(SERVICE, &pid)?;
    // What connected is still waiting: its socket goes with it.
    machine.ok(&format!(
        "systemctl stop {SOCKET} {SERVICE} && systemctl start {SOCKET}"
    ))?;
    install_args(&machine, &package("1.2.0", &tables)?, &[])?;
    states(
        &machine,
        &[
            (SOCKET, "enabled", "active"),
            (SERVICE, "disabled", "inactive"),
        ],
    )
}

fn timers_and_paths_are_enabled_alone() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let tables = "[package.metadata.service]\nargs = [\"-c\", \"true\"]\nstart = \"on-demand\"\n\
        [package.metadata.service.systemd]\ntype = \"oneshot\"\ntimer = { OnCalendar = \"2030-01-01\" }\n\
        path = { PathExists = \"/srv/never\" }\n";
    install_args(&machine, &package("1.0.0", tables)?, &[])?;
    let expected = [
        ("svc-probe.timer", "enabled", "active"),
        ("svc-probe.path", "enabled", "active"),
        (SERVICE, "disabled", "inactive"),
    ];
    states(&machine, &expected)?;
    let since = machine.show("svc-probe.timer", "InvocationID")?;
    let later = tables.replace("2030", "2031");
    let said = install_args(&machine, &package("1.1.0", &later)?, &[])?;
    states(&machine, &expected)?;
    ensure!(
        machine.show("svc-probe.timer", "InvocationID")? != since,
        "{said}"
    );
    machine.ok(UNINSTALL)?;
    unchanged(&machine, &before)
}

fn instances_go_on() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let tables = format!("{IDLE}[package.metadata.service.systemd]\ntemplate = true\n");
    let said = install_args(&machine, &package("1.0.0", &tables)?, &[])?;
    ensure!(
        machine
            .ok("systemctl list-units --no-legend 'svc-probe@*'")?
            .is_empty(),
        "{said}"
    );
    let (one, two) = ("svc-probe@one.service", "svc-probe@two.service");
    machine.ok(&format!(
        "systemctl --quiet enable --now {one}; systemctl start {two}"
    ))?;
    let pids = [machine.show(one, "MainPID")?, machine.show(two, "MainPID")?];
    install_args(&machine, &package("1.1.0", &tables)?, &[])?;
    machine.wait_for_restart(one, &pids[0])?;
    machine.wait_for_restart(two, &pids[1])?;
    ensure!(enabled(&machine, one)? == "enabled");
    // A version whose instances do not start: those of before go on.
    let bad = tables.replace("exec sleep 100000", "exit 3");
    let folder = unpack(&machine, &package("1.2.0", &bad)?, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    machine.ok("rm -r /srv/unpacked")?;
    machine.wait_for(one, "ActiveState", "active")?;
    machine.wait_for(two, "ActiveState", "active")?;
    machine.ok(UNINSTALL)?;
    ensure!(machine.show(one, "ActiveState")? == "inactive");
    unchanged(&machine, &before)
}

fn units_come_and_go() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install_args(&machine, &package("1.0.0", &with_socket(8080, ""))?, &[])?;
    let said = install_args(&machine, &package("1.1.0", IDLE)?, &[])?;
    ensure!(said.contains("removing svc-probe-web.socket"), "{said}");
    ensure!(!machine.exists(&format!("{UNITS}/{SOCKET}"))?);
    ensure!(
        machine
            .ok("find /etc/systemd/system -name 'svc-probe-web*'")?
            .is_empty(),
        "a link is left"
    );
    ensure!(connect(&machine, 8080).is_err(), "it still listens");
    states(&machine, &[(SERVICE, "enabled", "active")])
}

fn programs_go_where_they_are_declared() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    for (dir, place) in [
        (
            "/usr/libexec/odd dir",
            "/opt/here/libexec/odd dir/svc-probe",
        ),
        ("/opt/own/bin", "/opt/own/bin/svc-probe"),
    ] {
        let tables = format!("{IDLE}[package.metadata.service.systemd]\nbin-dir = \"{dir}\"\n");
        install_args(
            &machine,
            &package("1.0.0", &tables)?,
            &["--prefix", "/opt/here"],
        )?;
        ensure!(machine.exists(place)?, "{place}");
        states(&machine, &[(SERVICE, "enabled", "active")])?;
    }
    // The second version took the first one's place away.
    ensure!(!machine.exists("/opt/here/libexec")?);
    machine.ok("/opt/here/lib/svc-probe/uninstall.sh")?;
    unchanged(&machine, &before)
}

fn a_dry_run_changes_nothing() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = with_socket(
        8080,
        "directories = { config = true }\ncredentials = [{ name = \"token\", required = true }]\n\
         files = [{ source = \"a.conf\", to = \"{config-dir}/a.conf\", config = true }]\n",
    );
    let package = shell("1.0.0", &tables, &[("a.conf", b"a")])?;
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    let before = machine.listing()?;
    let said = install_with(&machine, &folder, &["--dry-run"])?.success()?;
    for line in [
        "  make    /etc/svc-probe",
        "  write   /etc/svc-probe/a.conf",
        "  enable  svc-probe-web.socket",
        "the credential 'token' is missing",
    ] {
        ensure!(said.contains(line), "{line:?} is not in {said}");
    }
    ensure!(!said.contains("  start   "), "{said}");
    unchanged(&machine, &before)?;
    install_with(&machine, &folder, &[])?.success()?;
    let before = machine.listing()?;
    let script = format!("{folder}/uninstall.sh");
    machine.run(&[&script, "--dry-run", "--purge"])?.success()?;
    install_with(&machine, &folder, &["--dry-run", "--reset"])?.success()?;
    unchanged(&machine, &before)
}
