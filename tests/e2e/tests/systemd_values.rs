//! Odd paths and values, through install.sh and systemd to the program.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::fixture::{literal, literals};
use svc_e2e::installed::linux::{
    SETTINGS, UNINSTALL, UNIT, install, install_with, machine, package, unchanged, unpack, verify,
};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const INSTALLED: &str = "/usr/local/lib/systemd/system/svc-probe.service";

/// Everything that a unit can carry.
const VALUES: [&str; 22] = [
    "plain",
    "",
    "two words",
    " leading and trailing ",
    "\"double\"",
    "'single'",
    "it's \"both\"",
    "back\\slash",
    "ends in a backslash\\",
    "C:\\new\\table\\x41",
    "%n %% %i 100%",
    "$HOME ${HOME} $$ $1",
    "{state-dir} {{}}",
    ";",
    "#comment",
    "a;b|c&d>e<f(g)`h`!",
    "*?[a-z]~",
    "-x",
    "key=value",
    "ünïcödé 日本語 🦀",
    "\\",
    "@+!-:",
];

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new("values::odd_paths_work", odd_paths_work),
            Test::new(
                "values::an_odd_environment_does_no_harm",
                an_odd_environment_does_no_harm,
            ),
            Test::new(
                "values::values_arrive_byte_for_byte",
                values_arrive_byte_for_byte,
            ),
        ],
    )
}

fn odd_paths_work() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    let package = package("1.0.0", SETTINGS)?;
    let folder = unpack(&machine, &package, "/srv/a b%c & d;é'\"$x")?;
    let prefix = "/opt/ä b%n&$x";
    install_with(&machine, &folder, &["--prefix", prefix])?
        .success()
        .context("install.sh")?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    let program = String::from_utf8_lossy(&record.args[0]).into_owned();
    ensure!(
        program == format!("{prefix}/bin/svc-probe"),
        "the program is {program}"
    );
    let unit = machine.show(UNIT, "FragmentPath")?;
    verify(&machine, &unit)?;
    machine
        .run(&[&format!("{prefix}/lib/svc-probe/uninstall.sh")])?
        .success()
        .context("uninstall.sh")?;
    machine
        .run(&["rm", "-r", "/srv/a b%c & d;é'\"$x"])?
        .success()?;
    unchanged(&machine, &before)
}

fn values_arrive_byte_for_byte() -> Outcome {
    let variables: Vec<_> = VALUES
        .iter()
        .enumerate()
        .map(|(number, value)| format!("VALUE_{number} = {}", literal(value)))
        .collect();
    let settings = format!(
        "args = {}\nenvironment = {{ {} }}",
        literals(&VALUES),
        variables.join(", ")
    );
    let machine = Machine::boot(systemd::SUITE)?;
    install(&machine, &package("1.0.0", &settings)?)?;
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    let received: Vec<_> = record.args[1..]
        .iter()
        .map(|a| String::from_utf8_lossy(a))
        .collect();
    ensure!(received == VALUES, "arguments: {received:#?}");
    for (number, value) in VALUES.iter().enumerate() {
        let got = record
            .var(&format!("VALUE_{number}"))
            .map(String::from_utf8_lossy);
        ensure!(
            got.as_deref() == Some(*value),
            "variable {number}: {value:?} arrived as {got:?}"
        );
    }
    verify(&machine, INSTALLED)
}

/// What an administrator's shell may hand down: a narrow umask, variables that change how a shell or its tools work.
fn an_odd_environment_does_no_harm() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    let folder = unpack(&machine, &package("1.0.0", SETTINGS)?, "/srv/unpacked")?;
    let environments = [
        "umask 077; exec env -i",
        "umask 000; exec env -i PATH=/bin:/usr/bin HOME=/nowhere TMPDIR=/nowhere CDPATH=/usr:/etc IFS=/ ENV=/nowhere POSIXLY_CORRECT=1",
        "exec env LC_ALL=tr_TR.UTF-8 LANG=nowhere LS_COLORS=x SYSTEMD_COLORS=1 SYSTEMD_PAGER=nowhere SYSTEMD_LOG_LEVEL=debug COLUMNS=10",
    ];
    for environment in environments {
        let script = format!("cd /proc; {environment} {folder}/install.sh");
        machine.ok(&script)?;
        machine.wait_for(UNIT, "ActiveState", "active")?;
        let modes = machine.ok(&format!(
            "stat -c '%a %n' /usr/local/bin/svc-probe {INSTALLED} /usr/local/lib/svc-probe /usr/local/lib/systemd /usr/local/lib/svc-probe/uninstall.sh"
        ))?;
        let modes: Vec<_> = modes
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        ensure!(
            modes == ["755", "644", "755", "755", "755"],
            "with {environment}: {modes:?}"
        );
        machine.ok(&format!("cd /proc; {environment} {UNINSTALL}"))?;
    }
    machine.ok("rm -r /srv/unpacked")?;
    unchanged(&machine, &before)
}
