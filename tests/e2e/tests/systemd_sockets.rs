//! Sockets that systemd listens at.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::{programs, wait};

const UNIT: &str = "mirror.service";
const PROGRAM: &str = "/usr/local/bin/svc-mirror";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "sockets::no_connection_is_lost_across_restarts",
                no_connection_is_lost_across_restarts,
            ),
            Test::new(
                "sockets::a_connection_starts_the_service",
                a_connection_starts_the_service,
            ),
            Test::new(
                "sockets::a_socket_of_another_kind_fails_the_start",
                a_socket_of_another_kind_fails_the_start,
            ),
        ],
    )
}

/// A machine with the mirror and its socket, which this in the `[Socket]` section is about; neither is started.
fn machine(socket: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::mirror_linux()?, PROGRAM, 0o755)?;
    let service = format!(
        "[Unit]\nRequires=mirror-echo.socket\nAfter=mirror-echo.socket\nStartLimitIntervalSec=0\n[Service]\nType=notify\nExecStart={PROGRAM}\n\
         Sockets=mirror-echo.socket\nEnvironment=PROBE_DIR=/srv/mirror\n[Install]\nWantedBy=multi-user.target\n"
    );
    machine.put(
        "/etc/systemd/system/mirror.service",
        service.as_bytes(),
        0o644,
    )?;
    let socket = format!(
        "[Socket]\n{socket}\nFileDescriptorName=echo\nService=mirror.service\n[Install]\nWantedBy=sockets.target\n"
    );
    machine.put(
        "/etc/systemd/system/mirror-echo.socket",
        socket.as_bytes(),
        0o644,
    )?;
    machine
        .ok("mkdir -p /srv/mirror && systemctl --quiet enable mirror.service mirror-echo.socket")?;
    Ok(machine)
}

fn no_connection_is_lost_across_restarts() -> Outcome {
    let machine = machine("ListenStream=[::]:8390\nBindIPv6Only=both")?;
    machine.ok("systemctl start mirror-echo.socket mirror.service")?;
    let talk = format!(
        "systemd-run --quiet --unit=talk --property=RemainAfterExit=yes {PROGRAM} talk 127.0.0.1:8390 /srv/over"
    );
    machine.ok(&talk)?;
    let mut pid = machine.show(UNIT, "MainPID")?;
    for _ in 0..10 {
        machine.ok("systemctl restart mirror.service")?;
        let now = machine.show(UNIT, "MainPID")?;
        ensure!(now != pid, "the restart kept the process {pid}");
        pid = now;
    }
    machine.ok("touch /srv/over")?;
    let probe = || Ok((machine.show("talk.service", "SubState")? != "running").then_some(()));
    wait::until("the client to end", Duration::from_secs(60), probe, || {
        machine.describe("talk.service")
    })?;
    let said = machine.journal("talk.service")?;
    ensure!(!said.contains("failed"), "{said}");
    let answered = said
        .lines()
        .find_map(|line| line.strip_prefix("svc-mirror talk answered: "))
        .with_context(|| said.clone())?;
    let answered: u32 = answered.trim().parse()?;
    ensure!(answered > 100, "that was no load: {said}");
    println!("{answered} connections across 10 restarts, none lost");
    let said = machine.describe(UNIT);
    ensure!(machine.show(UNIT, "Result")? == "success", "{said}");
    ensure!(machine.show(UNIT, "NRestarts")? == "0", "{said}");
    Ok(())
}

fn a_connection_starts_the_service() -> Outcome {
    let machine = machine("ListenStream=[::]:8390")?;
    machine.ok("systemctl start mirror-echo.socket")?;
    ensure!(machine.show(UNIT, "ActiveState")? == "inactive");
    let talk = format!("{PROGRAM} talk 127.0.0.1:8390 /srv/over");
    machine.ok(&format!("({talk}) & sleep 1; touch /srv/over; wait $!"))?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    machine.wait_for_journal(UNIT, "svc-mirror echoes at [::]:8390")
}

fn a_socket_of_another_kind_fails_the_start() -> Outcome {
    let machine = machine("ListenDatagram=/run/mirror")?;
    machine.ok("systemctl start mirror-echo.socket")?;
    let start = machine.sh("systemctl start mirror.service")?;
    let said = machine.describe(UNIT);
    ensure!(start.code() != 0, "it started: {said}");
    ensure!(machine.show(UNIT, "ExecMainStatus")? == "1", "{said}");
    machine.wait_for_journal(
        UNIT,
        "the socket `echo` is a Unix datagram socket, not a TCP listener: take it with `svc.unix_datagram(\"echo\")`",
    )
}
