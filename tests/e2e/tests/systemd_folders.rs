//! What a service finds around it under systemd.

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
                "folders::they_are_those_that_systemd_made",
                they_are_those_that_systemd_made,
            ),
            Test::new(
                "folders::what_is_not_declared_is_said",
                what_is_not_declared_is_said,
            ),
        ],
    )
}

fn running(lines: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::mirror_linux()?, PROGRAM, 0o755)?;
    let unit = format!(
        "[Service]\nType=notify\nExecStart={PROGRAM}\nDynamicUser=yes\nEnvironment=PROBE_DIR=/srv/mirror\n{lines}\n"
    );
    machine.put("/etc/systemd/system/mirror.service", unit.as_bytes(), 0o644)?;
    machine.put("/srv/mirror/look", b"", 0o644)?;
    machine.put("/etc/credstore/token", b"s3cret\n", 0o600)?;
    machine.ok("systemctl start mirror.service")?;
    Ok(machine)
}

fn they_are_those_that_systemd_made() -> Outcome {
    let machine = running(
        "StateDirectory=mirror mirror/spool\nCacheDirectory=mirror\nLogsDirectory=mirror\n\
         ConfigurationDirectory=mirror\nRuntimeDirectory=mirror\nLoadCredential=token:/etc/credstore/token",
    )?;
    // `spool` is in the first one already.
    for line in [
        "State /var/lib/mirror held 1 left true",
        "State /var/lib/mirror/spool held 0 left true",
        "Cache /var/cache/mirror held 0 left true",
        "Logs /var/log/mirror held 0 left true",
        "Config /etc/mirror held 0 left",
        "Runtime /run/mirror held 0 left true",
        "token s3cret",
    ] {
        machine.wait_for_journal(UNIT, &format!("svc-mirror {line}"))?;
    }
    machine.ok("systemctl stop mirror.service")?;
    ensure!(machine.exists("/var/lib/mirror/spool/was-here")?);
    ensure!(
        !machine.exists("/run/mirror")?,
        "the runtime folder outlived a stop"
    );
    Ok(())
}

fn what_is_not_declared_is_said() -> Outcome {
    let machine = running("")?;
    for line in [
        "State STATE_DIRECTORY is not set: declare `directories = { state = true }`",
        "token CREDENTIALS_DIRECTORY is not set: declare `credentials = [{ name = \"token\" }]`",
    ] {
        machine.wait_for_journal(UNIT, line)?;
    }
    Ok(())
}
