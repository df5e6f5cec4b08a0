//! svc-rt under a real service control manager, with a service that the test registers itself.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, SPECIFIC, STOPPED};
use svc_e2e::programs;
use svc_e2e::record::Record;
use svc_e2e::registered::Registered;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NAME: &str = "svc-e2e-probe";
/// `SERVICE_ACCEPT_STOP`.
const ACCEPT_STOP: u32 = 1;

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "runtime::start_runs_and_stop_ends_with_0",
                start_runs_and_stop_ends_with_0,
            ),
            Test::new(
                "runtime::an_error_is_1066_with_its_code",
                an_error_is_1066_with_its_code,
            ),
            Test::new(
                "runtime::an_error_at_the_start_is_1066",
                an_error_at_the_start_is_1066,
            ),
            Test::new(
                "runtime::fail_is_1066_with_its_code",
                fail_is_1066_with_its_code,
            ),
            Test::new(
                "runtime::a_panic_is_no_clean_stop",
                a_panic_is_no_clean_stop,
            ),
            Test::new("runtime::recovery_restarts_after_an_error", || {
                recovery_restarts_after("err")
            })
            .not_here(Host::no_recovery()),
            Test::new("runtime::recovery_restarts_after_a_panic", || {
                recovery_restarts_after("panic")
            })
            .not_here(Host::no_recovery()),
            Test::new(
                "runtime::a_console_run_is_in_the_foreground",
                a_console_run_is_in_the_foreground,
            ),
            Test::new(
                "runtime::arguments_arrive_byte_for_byte",
                arguments_arrive_byte_for_byte,
            ),
            Test::new("runtime::a_hanging_stop_is_ended", a_hanging_stop_is_ended),
            Test::new(
                "runtime::a_hanging_start_is_ended",
                a_hanging_start_is_ended,
            ),
            Test::new(
                "runtime::an_automatic_service_runs_after_a_reboot",
                an_automatic_service_runs_after_a_reboot,
            )
            .not_here(Host::no_reboot()),
        ],
    )
}

/// A registered probe.
struct Probe(Registered);

impl std::ops::Deref for Probe {
    type Target = Registered;

    fn deref(&self) -> &Registered {
        &self.0
    }
}

impl Probe {
    /// Registers the probe with `start=` this and these further arguments.
    fn new(start: &str, args: &str) -> Result<Self> {
        let program = &programs::windows()?.probe;
        Registered::new(NAME, program, start, args).map(Self)
    }

    fn running(args: &str) -> Result<Self> {
        Registered::running(NAME, &programs::windows()?.probe, args).map(Self)
    }

    fn record(&self) -> Result<Record> {
        let path = self.host.folder().join("record.json");
        Record::parse(&std::fs::read_to_string(path).context("the probe's record")?)
    }

    /// Tells the running probe to do this. Its process.
    fn trigger(&self, word: &str) -> Result<u32> {
        let pid = self.record()?.pid;
        self.put("trigger", &format!("{pid} {word}\n"))?;
        Ok(pid)
    }

    /// Tells the running probe to do this, and waits until it has stopped.
    fn provoke(&self, word: &str) -> Result<scm::State> {
        self.trigger(word)?;
        self.wait_for(STOPPED)
    }
}

fn start_runs_and_stop_ends_with_0() -> Outcome {
    let probe = Probe::running("")?;
    let state = probe.wait_for(RUNNING)?;
    ensure!(
        state.accepted & ACCEPT_STOP != 0,
        "a running service that accepts no stop: {state:?}"
    );
    ensure!(
        state.checkpoint == 0 && state.hint == 0,
        "running, and still pending: {state:?}"
    );
    probe.stop()?;
    let state = probe.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (0, 0), "{state:?}");
    Ok(())
}

fn an_error_is_1066_with_its_code() -> Outcome {
    let state = Probe::running("")?.provoke("err")?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    Ok(())
}

fn fail_is_1066_with_its_code() -> Outcome {
    let state = Probe::running("")?.provoke("fail")?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    Ok(())
}

fn an_error_at_the_start_is_1066() -> Outcome {
    let probe = Probe::new("demand", "--probe-do=err")?;
    probe.start()?;
    let state = probe.wait_for(STOPPED)?;
    ensure!((state.win32, state.specific) == (SPECIFIC, 1), "{state:?}");
    Ok(())
}

fn a_panic_is_no_clean_stop() -> Outcome {
    let probe = Probe::running("")?;
    let pid = probe.trigger("panic")?;
    probe.host.wait_for_end(pid)?;
    // The process ends without STOPPED, which is what makes recovery act on Windows whatever its settings. Wine's manager
    // does not look after a process and goes on to report what it last heard, which must not be a clean stop.
    if Host::is_windows() {
        probe.wait_for(STOPPED)?;
    }
    let state = probe.host.state(NAME)?;
    let clean = state.is_ok_and(|s| s.state == STOPPED && s.win32 == 0);
    ensure!(!clean, "a panic looks like a clean stop: {state:?}");
    Ok(())
}

fn recovery_restarts_after(word: &str) -> Outcome {
    let probe = Probe::new("demand", "")?;
    probe.recover()?;
    probe.start()?;
    let first = probe.wait_for(RUNNING)?;
    probe.trigger(word)?;
    probe.wait_for_another(first.pid)?;
    probe.stop_in_order()
}

fn a_console_run_is_in_the_foreground() -> Outcome {
    let probe = Probe::new("demand", "")?;
    let ran = probe
        .host
        .run(&probe.program, &["--probe-do=leave", "a b", "ü%"])?;
    ensure!(ran.code == 0, "{ran:?}");
    let record = Record::last(&ran.text)?.context("no record on the console")?;
    let args: Vec<_> = record.args[1..]
        .iter()
        .map(|a| String::from_utf8_lossy(a))
        .collect();
    ensure!(args == ["--probe-do=leave", "a b", "ü%"], "{args:?}");
    let ran = probe.host.run(&probe.program, &["--probe-do=err"])?;
    ensure!(ran.code == 1, "{ran:?}");
    ensure!(
        ran.text.contains("the probe was told to return an error"),
        "{ran:?}"
    );
    Ok(())
}

fn arguments_arrive_byte_for_byte() -> Outcome {
    // Each pair: as CommandLineToArgvW wants it written, and what the program then gets.
    let args = [
        (r#""a b""#, "a b"),
        (r#"\"quoted\""#, "\"quoted\""),
        (r#""ends in a backslash\\""#, r"ends in a backslash\"),
        (r"plain\\path", r"plain\\path"),
        ("one%percent", "one%percent"),
        ("ünïcödé-日本", "ünïcödé-日本"),
        (r#""&|<>^()!""#, "&|<>^()!"),
        (r#""""#, ""),
    ];
    let line: Vec<_> = args.iter().map(|(written, _)| *written).collect();
    let probe = Probe::running(&line.join(" "))?;
    let received = probe.record()?.args;
    let expected: Vec<_> = args
        .iter()
        .map(|(_, meant)| meant.as_bytes().to_vec())
        .collect();
    ensure!(
        received[2..] == expected,
        "{:?}",
        received
            .iter()
            .map(|a| String::from_utf8_lossy(a))
            .collect::<Vec<_>>()
    );
    Ok(())
}

fn a_hanging_stop_is_ended() -> Outcome {
    let mut probe = Probe::new("demand", "--probe-do=hang-stop")?;
    probe.0.set_env("SVC_STOP_TIMEOUT_USEC", "1000000")?;
    probe.start()?;
    probe.wait_for(RUNNING)?;
    probe.stop()?;
    let state = probe.wait_for(STOPPED)?;
    ensure!(
        (state.win32, state.specific) == (SPECIFIC, 124),
        "{state:?}"
    );
    Ok(())
}

fn a_hanging_start_is_ended() -> Outcome {
    let mut probe = Probe::new("demand", "--probe-do=hang")?;
    probe.0.set_env("SVC_START_TIMEOUT_USEC", "1000000")?;
    probe.start()?;
    let state = probe.wait_for(STOPPED)?;
    ensure!(
        (state.win32, state.specific) == (SPECIFIC, 124),
        "{state:?}"
    );
    Ok(())
}

fn an_automatic_service_runs_after_a_reboot() -> Outcome {
    let mut probe = Probe::new("auto", "")?;
    probe.start()?;
    probe.wait_for(RUNNING)?;
    let first = probe.record()?.pid;
    std::fs::remove_file(probe.host.folder().join("record.json"))?;
    probe.0.host.reboot()?;
    probe.wait_for(RUNNING)?;
    ensure!(
        probe.record()?.pid != 0,
        "no new record; the first process was {first}"
    );
    Ok(())
}
