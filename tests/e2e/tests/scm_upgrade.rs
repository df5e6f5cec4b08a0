//! install.cmd over an installation: what is replaced, and what an operator did.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use svc_e2e::bed::scm::{self, RUNNING, STOPPED};
use svc_e2e::installed::windows::{Bed, ENTRY, NAME, PROGRAMS, files, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "upgrade::installing_again_keeps_one_service",
                installing_again_keeps_one_service,
            ),
            Test::new(
                "upgrade::a_newer_version_replaces",
                a_newer_version_replaces,
            ),
            Test::new(
                "upgrade::an_operators_start_type_is_kept",
                an_operators_start_type_is_kept,
            ),
            Test::new(
                "upgrade::a_stopped_service_stays_stopped",
                a_stopped_service_stays_stopped,
            ),
        ],
    )
}

fn installing_again_keeps_one_service() -> Outcome {
    let bed = Bed::installed()?;
    let (before, disk) = (bed.traces()?, files(&bed.host.local(PROGRAMS)));
    bed.install(&package("1.0.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let (after, disk_after) = (bed.traces()?, files(&bed.host.local(PROGRAMS)));
    ensure!(before == after, "before: {before:#?}\nafter: {after:#?}");
    ensure!(
        disk == disk_after,
        "before: {disk:#?}\nafter: {disk_after:#?}"
    );
    Ok(())
}

fn a_newer_version_replaces() -> Outcome {
    let bed = Bed::installed()?;
    let old = bed.record()?.pid;
    let newer = settings("").replace("]\n", ", \"new in 1.1\"]\n");
    bed.install(&package("1.1.0", &newer)?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let record = bed.record()?;
    ensure!(record.pid != old, "the old process {old} runs");
    ensure!(
        record.args.last().map(Vec::as_slice) == Some(b"new in 1.1"),
        "{record:?}"
    );
    let entry = bed.host.registry(ENTRY)?.context("no entry")?;
    ensure!(
        entry.text("DisplayVersion").as_deref() == Some("1.1.0"),
        "{entry:?}"
    );
    Ok(())
}

fn an_operators_start_type_is_kept() -> Outcome {
    let bed = Bed::installed()?;
    let changed = bed.host.sc(&["config", NAME, "start=", "demand"])?;
    ensure!(changed.code == 0, "{changed:?}");
    bed.install(&package("1.1.0", &settings(""))?)?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 3, "{config:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn a_stopped_service_stays_stopped() -> Outcome {
    let bed = Bed::installed()?;
    bed.host.sc(&["stop", NAME])?;
    bed.host.wait_for(NAME, STOPPED)?;
    bed.install(&package("1.1.0", &settings(""))?)?;
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    Ok(())
}
