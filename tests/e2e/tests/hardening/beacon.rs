//! The example daemon under the hardening profiles, on a real systemd: a sandbox in which it can do all that it is for.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::Machine;
use svc_e2e::fixture::Fixture;
use svc_e2e::suite::Outcome;
use svc_e2e::{programs, wait};

const UNIT: &str = "beacon.service";
const SOCKET: &str = "beacon-http.socket";
const CONFIG: &str = "/etc/beacon/beacon.toml";

/// Ends the start of a service that can write its configuration or its program, or cannot write its state or its logs. It runs
/// in the service's own sandbox, with the service's own rights.
const LIMITS: &str = r"[Service]
ExecStartPre=/bin/sh -c 'for f in /etc/beacon/beacon.toml /etc/beacon/new /usr/local/bin/beacon; do ! echo x >>$f || exit 1; done'
ExecStartPre=/bin/sh -c 'for f in $STATE_DIRECTORY $LOGS_DIRECTORY; do echo x >$f/tried && rm $f/tried || exit 1; done'
";

/// The daemon's whole life with a profile, on a release of Debian.
pub(crate) fn works(release: &str, profile: &str) -> Outcome {
    let machine = Machine::boot(release)?;
    install(&machine, profile)?;
    serves_over_its_socket(&machine)?;
    keeps_its_state(&machine)?;
    reloads_what_it_cannot_write(&machine)?;
    takes_a_low_port(&machine, profile)
}

fn install(machine: &Machine, profile: &str) -> Result<()> {
    let tables = format!("[package.metadata.service.systemd]\nhardening = \"{profile}\"\n");
    let fixture = Fixture::example("beacon", "1.0.0", &tables)?;
    let package = fixture.package(programs::LINUX, &[("beacon", programs::beacon_linux()?)])?;
    machine.put("/srv/beacon.tar.gz", &package.archive, 0o644)?;
    machine.put(
        "/etc/systemd/system/beacon.service.d/limits.conf",
        LIMITS.as_bytes(),
        0o644,
    )?;
    machine.ok(&format!(
        "cd /srv && tar -xzf beacon.tar.gz && {}/install.sh",
        package.name
    ))?;
    machine.wait_for(UNIT, "ActiveState", "active")
}

/// Sends a reading and asks for all of them, at the declared port or another.
fn answers(machine: &Machine, port: &str, readings: &str) -> Outcome {
    let said = machine.ok(&format!("beacon latest --from 127.0.0.1:{port}"))?;
    ensure!(
        said == readings,
        "{said:?}, not {readings:?}\n{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn serves_over_its_socket(machine: &Machine) -> Outcome {
    ensure!(machine.show(SOCKET, "ActiveState")? == "active");
    machine.ok("beacon send temperature 21.5 --to '[::1]:8380'")?;
    answers(machine, "8380", "temperature 21.5\n")?;
    // Only systemd listens: with its socket stopped nobody does.
    machine.ok(&format!("systemctl stop {UNIT} {SOCKET}"))?;
    let refused = machine.sh("beacon latest")?;
    ensure!(
        refused.errors().contains("refused"),
        "{}",
        refused.describe()
    );
    machine.ok(&format!("systemctl start {SOCKET}"))?;
    // Asked for, it is started.
    ensure!(machine.show(UNIT, "ActiveState")? == "inactive");
    answers(machine, "8380", "temperature 21.5\n")
}

fn keeps_its_state(machine: &Machine) -> Outcome {
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok("beacon send humidity 40")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    answers(machine, "8380", "humidity 40\ntemperature 21.5\n")?;
    let log = machine.ok("cat /var/log/beacon/requests.log")?;
    ensure!(log.contains(" PUT /readings/humidity 204\n"), "{log}");
    // What it keeps is nobody else's to read.
    let modes = machine.ok("stat -c %a /var/lib/beacon/. /var/log/beacon/.")?;
    ensure!(modes == "700\n700\n", "{modes}");
    Ok(())
}

fn reloads_what_it_cannot_write(machine: &Machine) -> Outcome {
    let written = machine.ok(&format!("cat {CONFIG}"))?;
    let send = || machine.sh("beacon send pressure 1013");
    reload(
        machine,
        &written.replace("read-only = false", "read-only = true"),
    )?;
    wait(machine, "readings to be refused", || {
        Ok(send()?.errors().contains("503"))
    })?;
    // A mistake is told, and what was before stays in force.
    reload(machine, "read-only = 1\n")?;
    machine.wait_for_journal(UNIT, &format!("{CONFIG}: "))?;
    let refused = send()?;
    ensure!(refused.errors().contains("503"), "{}", refused.describe());
    reload(machine, &written)?;
    wait(machine, "readings to be taken", || Ok(send()?.code() == 0))?;
    let restarts = machine.show(UNIT, "NRestarts")?;
    ensure!(
        restarts == "1",
        "a reload ended it: {}",
        machine.describe(UNIT)
    );
    Ok(())
}

/// Writes the configuration and has it read. systemd only sends the signal, and does not wait for what comes of it.
fn reload(machine: &Machine, config: &str) -> Result<()> {
    machine.put(CONFIG, config.as_bytes(), 0o644)?;
    machine.ok(&format!("systemctl reload {UNIT}")).map(drop)
}

fn wait(machine: &Machine, what: &str, is: impl Fn() -> Result<bool>) -> Result<()> {
    let probe = || Ok(is()?.then_some(()));
    wait::until(what, Duration::from_secs(60), probe, || {
        machine.describe(UNIT)
    })
}

/// Listens at port 80 itself, with the capability and without a socket of systemd's.
fn takes_a_low_port(machine: &Machine, profile: &str) -> Outcome {
    machine.ok(&format!("systemctl disable --quiet --now {SOCKET} {UNIT}"))?;
    for capabilities in ["false", "[\"CAP_NET_BIND_SERVICE\"]"] {
        let tables = format!(
            "[package.metadata.service.systemd]\nhardening = \"{profile}\"\nsockets = false\n\
             args = [\"serve\", \"--listen\", \"[::]:80\", \"--config\", \"{{config-dir}}/beacon.toml\"]\n\
             restart = \"no\"\nbin-dir = \"/usr/local/bin\"\n"
        );
        let tables = match capabilities {
            "false" => tables,
            list => format!("{tables}capabilities = {list}\n"),
        };
        let fixture = Fixture::example("beacon", "1.0.0", &tables)?;
        fixture.cargo_svc(&["generate", "--quiet"])?.success()?;
        let socket = fixture.path("packaging/systemd").join(SOCKET);
        ensure!(!socket.exists(), "{} is there", socket.display());
        let unit = std::fs::read(fixture.path("packaging/systemd/beacon.service"))?;
        machine.put("/etc/systemd/system/beacon.service", &unit, 0o644)?;
        machine.ok("systemctl daemon-reload")?;
        let started = machine.sh(&format!("systemctl start {UNIT}"))?;
        if capabilities == "false" {
            // It is the capability that does it.
            ensure!(started.code() != 0, "it started without");
            machine.wait_for_journal(UNIT, "cannot listen on [::]:80: Permission denied")?;
        } else {
            started.success().with_context(|| machine.describe(UNIT))?;
        }
    }
    ensure!(machine.show(SOCKET, "ActiveState")? == "inactive");
    answers(
        machine,
        "80",
        "humidity 40\npressure 1013\ntemperature 21.5\n",
    )
}
