//! What a service finds around it on Windows.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::scm::{self, SPECIFIC, STOPPED};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NAME: &str = "svc-e2e-mirror";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "folders::the_operators_variables_are_laid_over",
                the_operators_variables_are_laid_over,
            ),
            Test::new(
                "folders::what_is_no_variable_fails_the_start",
                what_is_no_variable_fails_the_start,
            ),
            Test::new(
                "folders::a_log_file_is_where_logs_are",
                a_log_file_is_where_logs_are,
            ),
            Test::new(
                "folders::what_is_not_declared_is_said",
                what_is_not_declared_is_said,
            ),
        ],
    )
}

/// The mirror with these variables in the operator's place, not started.
fn mirror(variables: &[String]) -> Result<Registered> {
    let mirror = Registered::new(NAME, &programs::windows()?.mirror, "demand", "")?;
    mirror.put("look", "")?;
    mirror.set_parameters(variables)?;
    Ok(mirror)
}

fn the_operators_variables_are_laid_over() -> Outcome {
    let mut mirror = mirror(&[])?;
    let folder = mirror.host.folder().join("ü folders");
    for name in ["state", "run", "credentials"] {
        std::fs::create_dir_all(folder.join(name))?;
    }
    std::fs::write(folder.join("state/kept"), "")?;
    std::fs::write(folder.join("run/left over"), "")?;
    std::fs::write(folder.join("credentials/token"), "s3cret\r\n")?;
    let folder = mirror.host.windows(&folder)?;
    mirror.set_env("MIRROR_WORD", "installed")?;
    mirror.set_parameters(&[
        format!("STATE_DIRECTORY={folder}\\state"),
        format!("RUNTIME_DIRECTORY={folder}\\run"),
        format!("CREDENTIALS_DIRECTORY={folder}\\credentials"),
        format!("SVC_WORKING_DIRECTORY={folder}"),
        "SVC_START_TIMEOUT_USEC=60000000".to_owned(),
        "SVC_STOP_TIMEOUT_USEC=60000000".to_owned(),
        "SVC_RESTART=always".to_owned(),
        "SVC_LOG=system=info".to_owned(),
        "SVC_SOCKETS=dns=udp://127.0.0.1:0".to_owned(),
        "WATCHDOG_USEC=60000000".to_owned(),
        "MIRROR_WORD=a=b 100% \u{fc}".to_owned(),
    ])?;
    mirror.start()?;
    mirror.wait_for(scm::RUNNING)?;
    let said = mirror.said()?;
    for line in [
        format!("State {folder}\\state held 1 left true"),
        format!("Runtime {folder}\\run held 0 left true"),
        "token s3cret".to_owned(),
        format!("working in {folder}"),
        "word a=b 100% \u{fc}".to_owned(),
        "left of the manager's []".to_owned(),
    ] {
        ensure!(said.contains(&line), "no {line:?} in {said:#?}");
    }
    mirror.stop_in_order()
}

fn what_is_no_variable_fails_the_start() -> Outcome {
    let mirror = mirror(&["MIRROR_WORD".to_owned()])?;
    mirror.start()?;
    let state = mirror.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    ensure!(mirror.said().is_err(), "user code ran");
    Ok(())
}

fn what_is_not_declared_is_said() -> Outcome {
    let mirror = mirror(&[])?;
    mirror.start()?;
    mirror.wait_for(scm::RUNNING)?;
    mirror.wait_until_said("Cache CACHE_DIRECTORY is not set: ", 1)?;
    mirror.wait_until_said("token CREDENTIALS_DIRECTORY is not set: ", 1)?;
    // Without a working directory of its own it is in its program's folder, not in System32.
    let folder = mirror.host.windows(mirror.host.folder())?;
    mirror.wait_until_said(&format!("working in {folder}"), 1)?;
    mirror.stop_in_order()
}

fn a_log_file_is_where_logs_are() -> Outcome {
    let mirror = mirror(&[])?;
    let folder = mirror.host.folder().join("logs");
    std::fs::create_dir(&folder)?;
    mirror.set_parameters(&[
        format!("LOGS_DIRECTORY={}", mirror.host.windows(&folder)?),
        "SVC_LOG=system=warn file=debug:never".to_owned(),
    ])?;
    mirror.start()?;
    mirror.wait_for(scm::RUNNING)?;
    let file = std::fs::read_to_string(folder.join(format!("{NAME}.log")))?;
    for part in [
        "tracing tells answer=42",
        "tracing mutters",
        "the log facade mutters",
    ] {
        ensure!(file.contains(part), "no {part:?} in\n{file}");
    }
    mirror.stop_in_order()
}
