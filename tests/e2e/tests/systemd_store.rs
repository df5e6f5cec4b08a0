//! systemd's descriptor store.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::programs;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const UNIT: &str = "mirror.service";
const PROGRAM: &str = "/usr/local/bin/svc-mirror";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "store::what_is_kept_outlives_a_crash",
                what_is_kept_outlives_a_crash,
            ),
            Test::new(
                "store::what_is_forgotten_is_gone",
                what_is_forgotten_is_gone,
            ),
        ],
    )
}

/// A machine with a running mirror that keeps this.
fn running(words: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::mirror_linux()?, PROGRAM, 0o755)?;
    let unit = format!(
        "[Service]\nType=notify\nExecStart={PROGRAM}\nRestart=on-failure\nRestartSec=100ms\nFileDescriptorStoreMax=8\n\
         Environment=PROBE_DIR=/srv/mirror\n[Install]\nWantedBy=multi-user.target\n"
    );
    machine.put("/etc/systemd/system/mirror.service", unit.as_bytes(), 0o644)?;
    machine.put("/srv/mirror/keep", words.as_bytes(), 0o644)?;
    machine.ok("systemctl --quiet enable --now mirror.service")?;
    machine.wait_for_journal(UNIT, "svc-mirror kept, heard true")?;
    let stored = machine.show(UNIT, "NFileDescriptorStore")?;
    ensure!(stored == "1", "systemd keeps {stored} descriptors");
    Ok(machine)
}

fn crash(machine: &Machine) -> Result<()> {
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    Ok(())
}

fn what_is_kept_outlives_a_crash() -> Outcome {
    let machine = running("one two")?;
    machine.put("/srv/mirror/keep", b"three", 0o644)?;
    crash(&machine)?;
    machine.wait_for_journal(UNIT, "svc-mirror remembered one two")?;
    crash(&machine)?;
    machine.wait_for_journal(UNIT, "svc-mirror remembered three")
}

fn what_is_forgotten_is_gone() -> Outcome {
    let machine = running("first")?;
    machine.put("/srv/mirror/keep", b"second", 0o644)?;
    crash(&machine)?;
    // The first one was given up for the second.
    let stored = machine.show(UNIT, "NFileDescriptorStore")?;
    ensure!(stored == "1", "systemd keeps {stored} descriptors");
    crash(&machine)?;
    let journal = machine.journal(UNIT)?;
    let firsts = journal.matches("svc-mirror remembered first").count();
    ensure!(firsts == 1, "{journal}");
    Ok(())
}
