//! What a service logs, as the journal keeps it.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
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
                "log::records_have_their_levels_and_fields",
                records_have_their_levels_and_fields,
            ),
            Test::new(
                "log::channels_have_their_own_levels",
                channels_have_their_own_levels,
            ),
            Test::new(
                "log::a_final_error_is_one_for_the_journal",
                a_final_error_is_one_for_the_journal,
            ),
        ],
    )
}

fn running(lines: &str) -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.copy(programs::mirror_linux()?, PROGRAM, 0o755)?;
    let unit = format!(
        "[Service]\nType=notify\nExecStart={PROGRAM}\nEnvironment=PROBE_DIR=/srv/mirror\n{lines}\n"
    );
    machine.put("/etc/systemd/system/mirror.service", unit.as_bytes(), 0o644)?;
    machine.ok("mkdir -p /srv/mirror && systemctl start mirror.service")?;
    machine.wait_for_journal(UNIT, "svc-mirror ready")?;
    Ok(machine)
}

/// The records of the journal whose message holds this.
fn records(machine: &Machine, part: &str) -> Result<Vec<Value>> {
    machine.ok("journalctl --sync")?;
    let lines = machine.ok(&format!("journalctl --unit={UNIT} --output=json --all"))?;
    let records = lines.lines().map(serde_json::from_str::<Value>);
    let records: Vec<Value> = records.collect::<Result<_, _>>()?;
    let holds = |record: &Value| {
        record["MESSAGE"]
            .as_str()
            .is_some_and(|text| text.contains(part))
    };
    Ok(records.into_iter().filter(holds).collect())
}

fn only(machine: &Machine, part: &str) -> Result<Value> {
    let mut all = records(machine, part)?;
    ensure!(all.len() == 1, "{part:?}: {all:#?}");
    all.pop().context("a record")
}

fn records_have_their_levels_and_fields() -> Outcome {
    let machine = running("")?;
    let told = only(&machine, "tracing tells")?;
    ensure!(
        told["PRIORITY"] == "5" || told["PRIORITY"] == "6",
        "{told:#}"
    );
    ensure!(told["F_ANSWER"] == "42", "{told:#}");
    ensure!(told["SYSLOG_IDENTIFIER"] == "svc-mirror", "{told:#}");
    for line in ["the log facade warns", "of two lines"] {
        let warned = only(&machine, line)?;
        ensure!(warned["PRIORITY"] == "4", "{warned:#}");
    }
    ensure!(
        records(&machine, "mutters")?.is_empty(),
        "nobody asked for that much"
    );
    Ok(())
}

fn channels_have_their_own_levels() -> Outcome {
    let machine =
        running("LogsDirectory=mirror\nEnvironment=\"SVC_LOG=system=warn file=debug:never\"")?;
    ensure!(records(&machine, "tracing tells")?.is_empty());
    only(&machine, "the log facade warns")?;
    let file = String::from_utf8(machine.get("/var/log/mirror/svc-mirror.log")?)?;
    for part in [
        "tracing tells answer=42",
        "tracing mutters",
        "the log facade mutters",
        "the log facade warns",
    ] {
        ensure!(file.contains(part), "no {part:?} in\n{file}");
    }
    Ok(())
}

fn a_final_error_is_one_for_the_journal() -> Outcome {
    let machine = running("")?;
    machine.ok("systemctl stop mirror.service")?;
    machine.copy(programs::probe_linux()?, PROGRAM, 0o755)?;
    machine.put("/srv/mirror/do", b"err", 0o644)?;
    let start = machine.sh("systemctl start mirror.service")?;
    ensure!(start.code() != 0, "it started");
    machine.wait_for_journal(UNIT, "the probe was told to return an error")?;
    let error = only(&machine, "the probe was told to return an error")?;
    ensure!(error["PRIORITY"] == "3", "{error:#}");
    ensure!(
        error["MESSAGE"] == "Error: \"the probe was told to return an error\"",
        "{error:#}"
    );
    Ok(())
}
