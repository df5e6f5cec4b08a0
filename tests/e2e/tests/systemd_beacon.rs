//! A network daemon under a real systemd, restarted and upgraded while a client talks to it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::fixture::Fixture;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{programs, wait};

const UNIT: &str = "beacon.service";
const CLIENT: &str = "client.service";

/// Sends readings until it is told to stop, and writes down how each try ended.
const TALK: &str = r"#!/bin/sh
number=0
while [ ! -e /srv/stop ]; do
    number=$((number + 1))
    if said=$(/usr/local/bin/beacon send reading $number 2>&1); then
        echo sent $number
    else
        echo failed $number: $said
    fi
done
echo over
";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "beacon::a_client_survives_a_restart",
                a_client_survives_a_restart,
            ),
            Test::new(
                "beacon::a_client_survives_an_upgrade",
                a_client_survives_an_upgrade,
            ),
            Test::new(
                "beacon::a_client_survives_a_crash",
                a_client_survives_a_crash,
            ),
            Test::new(
                "beacon::subcommands_stay_plain_commands",
                subcommands_stay_plain_commands,
            ),
        ],
    )
}

fn install(machine: &Machine, version: &str) -> Result<()> {
    let fixture = Fixture::example("beacon", version, "")?;
    let package = fixture.package(programs::LINUX, &[("beacon", programs::beacon_linux()?)])?;
    machine.put("/srv/beacon.tar.gz", &package.archive, 0o644)?;
    machine.ok(&format!(
        "cd /srv && tar -xzf beacon.tar.gz && {}/install.sh && rm -r beacon.tar.gz {}",
        package.name, package.name
    ))?;
    machine.wait_for(UNIT, "ActiveState", "active")
}

/// A machine with a running beacon, and a client that does not stop talking to it.
fn busy() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    install(&machine, "0.1.0")?;
    machine.put("/srv/talk", TALK.as_bytes(), 0o755)?;
    machine.ok("systemd-run --quiet --unit=client /srv/talk")?;
    wait_for_progress(&machine)?;
    Ok(machine)
}

fn talk(machine: &Machine) -> Result<Vec<String>> {
    let journal = machine.journal(CLIENT)?;
    let lines = journal
        .lines()
        .filter(|l| l.starts_with("sent ") || l.starts_with("failed "));
    Ok(lines.map(str::to_owned).collect())
}

/// Waits until the client has got through again.
fn wait_for_progress(machine: &Machine) -> Result<()> {
    let before = talk(machine)?.len();
    let probe = || {
        Ok(talk(machine)?[before..]
            .iter()
            .any(|l| l.starts_with("sent "))
            .then_some(()))
    };
    wait::until(
        "the client to get through",
        Duration::from_secs(60),
        probe,
        || machine.describe(CLIENT),
    )
}

/// Ends the client and looks at what it met with while the server was `ended` so many times.
///
/// systemd keeps the socket between two processes, so that no connection is refused: it waits for the next process. One that
/// was accepted and on which nothing had come yet when the stop came is closed by axum; the client has one at a time, so that
/// there is at most one of those for each end. Anything else, such as half an answer, is a request that was cut off.
fn judge(machine: &Machine, ended: usize) -> Outcome {
    wait_for_progress(machine)?;
    machine.ok("touch /srv/stop")?;
    machine.wait_for_journal(CLIENT, "over")?;
    let lines = talk(machine)?;
    let sent = lines
        .iter()
        .rfind(|l| l.starts_with("sent "))
        .context("nothing was sent")?;
    let failed = lines.iter().filter(|l| l.starts_with("failed "));
    let (closed, broken): (Vec<_>, Vec<_>) =
        failed.partition(|l| l.contains("Connection reset") || l.contains("Broken pipe"));
    ensure!(
        closed.len() <= ended,
        "ended {ended} times, but connections were closed: {closed:#?}"
    );
    ensure!(broken.is_empty(), "requests were cut off: {broken:#?}");
    let latest = machine.ok("/usr/local/bin/beacon latest")?;
    let number = sent.trim_start_matches("sent ");
    ensure!(
        latest == format!("reading {number}\n"),
        "sent {number}, but the latest is {latest:?}"
    );
    Ok(())
}

fn a_client_survives_a_restart() -> Outcome {
    let machine = busy()?;
    for _ in 0..3 {
        let pid = machine.show(UNIT, "MainPID")?;
        machine.ok(&format!("systemctl restart {UNIT}"))?;
        let now = machine.show(UNIT, "MainPID")?;
        ensure!(now != pid, "the restart kept the process {pid}");
        wait_for_progress(&machine)?;
    }
    let said = machine.describe(UNIT);
    ensure!(
        !said.contains("status=") || said.contains("status=0"),
        "a stop failed: {said}"
    );
    judge(&machine, 3)
}

fn a_client_survives_an_upgrade() -> Outcome {
    let machine = busy()?;
    let pid = machine.show(UNIT, "MainPID")?;
    install(&machine, "0.2.0")?;
    let now = machine.show(UNIT, "MainPID")?;
    ensure!(now != pid, "the upgrade left the old process {pid} running");
    let receipt = String::from_utf8(machine.get("/usr/local/lib/beacon/receipt")?)?;
    ensure!(receipt.contains("0.2.0"), "{receipt}");
    judge(&machine, 1)
}

fn a_client_survives_a_crash() -> Outcome {
    let machine = busy()?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    // A request may have been cut off this time; the next ones get through by themselves.
    wait_for_progress(&machine)
}

fn subcommands_stay_plain_commands() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install(&machine, "0.1.0")?;
    let version = machine.ok("beacon --version")?;
    ensure!(version.starts_with("beacon "), "{version}");
    let wrong = machine.sh("beacon send")?;
    ensure!(wrong.code() == 2, "{}", wrong.describe());
    machine.ok("beacon send temperature 21.5")?;
    ensure!(machine.ok("beacon latest")? == "temperature 21.5\n");
    ensure!(
        machine.show(UNIT, "NRestarts")? == "0",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}
