//! What a service logs on Windows: the records in the Event Log. Wine keeps none, so there it is the calls that are looked at.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Event, Host, RUNNING, STOPPED, Severity};
use svc_e2e::installed::windows::{self as installed, Bed};
use svc_e2e::programs;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const MIRROR: &str = "svc-e2e-mirror";
const PROBE: &str = "svc-e2e-probe";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "log::records_have_their_levels_and_ids",
                records_have_their_levels_and_ids,
            ),
            Test::new(
                "log::channels_have_their_own_levels",
                channels_have_their_own_levels,
            ),
            Test::new("log::a_final_error_is_recorded", a_final_error_is_recorded),
            Test::new("log::a_failure_is_recorded", a_failure_is_recorded),
            Test::new(
                "log::a_panic_is_recorded_with_its_place",
                a_panic_is_recorded_with_its_place,
            ),
            Test::new(
                "log::what_hangs_is_recorded_by_its_name",
                what_hangs_is_recorded_by_its_name,
            ),
            Test::new(
                "log::what_cannot_be_read_is_recorded",
                what_cannot_be_read_is_recorded,
            ),
            Test::new(
                "log::the_installed_source_shows_the_text",
                the_installed_source_shows_the_text,
            )
            .not_here((!Host::is_windows()).then_some("Wine's Event Log keeps nothing")),
        ],
    )
}

/// The mirror, running, with these variables of the operator's.
fn mirror(variables: &[String]) -> Result<Registered> {
    let mirror = Registered::new(MIRROR, &programs::windows()?.mirror, "demand", "")?;
    if !variables.is_empty() {
        mirror.set_parameters(variables)?;
    }
    mirror.start()?;
    mirror.wait_for(RUNNING)?;
    Ok(mirror)
}

/// The only record that holds this.
fn only(service: &Registered, part: &str) -> Result<Event> {
    service.host.wait_for_event(service.name, part)?;
    let events = service.host.events(service.name)?;
    let mut found: Vec<Event> = events
        .into_iter()
        .filter(|event| event.text.contains(part))
        .collect();
    ensure!(found.len() == 1, "{part:?}: {found:#?}");
    found.pop().context("a record")
}

/// The only record that holds this is one of an error.
fn only_error(service: &Registered, part: &str) -> Result<Event> {
    let event = only(service, part)?;
    ensure!(
        (event.severity, event.id) == (Severity::Error, 1),
        "{event:#?}"
    );
    Ok(event)
}

fn records_have_their_levels_and_ids() -> Outcome {
    let mirror = mirror(&[])?;
    let told = only(&mirror, "tracing tells")?;
    ensure!(
        (told.severity, told.id) == (Severity::Information, 3),
        "{told:#?}"
    );
    ensure!(told.text.ends_with("\r\nanswer: 42"), "{told:#?}");
    let warned = only(&mirror, "the log facade warns\nof two lines")?;
    ensure!(
        (warned.severity, warned.id) == (Severity::Warning, 2),
        "{warned:#?}"
    );
    let events = mirror.host.events(MIRROR)?;
    ensure!(
        events.iter().all(|event| !event.text.contains("mutters")),
        "nobody asked for that much: {events:#?}"
    );
    mirror.stop_in_order()
}

fn channels_have_their_own_levels() -> Outcome {
    let mirror = mirror(&["SVC_LOG=system=warn".to_owned()])?;
    only(&mirror, "the log facade warns")?;
    let events = mirror.host.events(MIRROR)?;
    ensure!(events.len() == 1, "{events:#?}");
    mirror.stop_in_order()
}

/// The probe, told to do this while it starts or stops.
fn probe(what: &str) -> Result<Registered> {
    let what = format!("--probe-do={what}");
    Registered::new(PROBE, &programs::windows()?.probe, "demand", &what)
}

fn a_final_error_is_recorded() -> Outcome {
    let probe = probe("err")?;
    probe.start()?;
    probe.wait_for(STOPPED)?;
    let error = only_error(&probe, "the probe was told to return an error")?;
    ensure!(
        error.text == "\"the probe was told to return an error\"",
        "{error:#?}"
    );
    Ok(())
}

fn a_failure_is_recorded() -> Outcome {
    let probe = probe("fail")?;
    probe.start()?;
    probe.wait_for(STOPPED)?;
    only_error(&probe, "the probe was told to call fail")?;
    Ok(())
}

fn a_panic_is_recorded_with_its_place() -> Outcome {
    let probe = probe("panic")?;
    probe.start()?;
    let panic = only_error(&probe, "panicked at ")?;
    ensure!(
        panic.text.starts_with("thread '")
            && panic.text.contains("lib.rs:")
            && panic.text.ends_with("the probe was told to panic"),
        "{panic:#?}"
    );
    Ok(())
}

fn what_hangs_is_recorded_by_its_name() -> Outcome {
    let probe = Registered::new(
        PROBE,
        &programs::windows()?.probe,
        "demand",
        "--probe-do=hang-stop",
    )?;
    probe.set_parameters(&["SVC_STOP_TIMEOUT_USEC=1000000".to_owned()])?;
    probe.start()?;
    probe.wait_for(RUNNING)?;
    probe.stop()?;
    probe.wait_for(STOPPED)?;
    only_error(&probe, "the stop is stuck: no progress within 1 s")?;
    Ok(())
}

fn what_cannot_be_read_is_recorded() -> Outcome {
    let probe = probe("leave")?;
    probe.set_parameters(&["SVC_STOP_TIMEOUT_USEC=soon".to_owned()])?;
    probe.start()?;
    probe.wait_for(STOPPED)?;
    only_error(&probe, "SVC_STOP_TIMEOUT_USEC is \"soon\"")?;
    Ok(())
}

/// With the source that the installation registered, what an administrator reads is the text, and not that there is none for it.
fn the_installed_source_shows_the_text() -> Outcome {
    let bed = Bed::installed()?;
    let pid = bed.record()?.pid;
    std::fs::write(
        bed.host.local(installed::FOLDER).join("trigger"),
        format!("{pid} err\n"),
    )?;
    let text = "the probe was told to return an error";
    bed.host.wait_for_event(installed::NAME, text)?;
    let which = format!("/q:*[System[Provider[@Name='{}']]]", installed::NAME);
    let newest = ["qe", "Application", &which, "/f:text", "/rd:true", "/c:1"];
    let shown = bed.host.ok("wevtutil.exe", &newest)?;
    let description = shown.split_once("Description:").context(shown.clone())?.1;
    ensure!(
        description.trim() == format!("\"{text}\""),
        "shown as {shown}"
    );
    Ok(())
}
