//! What systemd demands of a service, one test a rule, on the versions that no other suite boots. All tests of a version share one
//! machine, each with a unit of its own. tests/README.md says which rule is tested where.

#[path = "conformance/bed.rs"]
mod bed;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use serde_json::Value;
use svc_e2e::bed::systemd::{self, RELEASES};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

use bed::{Bed, MIRROR, PROBE};

/// A test: it may use the machine, and units of this name.
type Rule = fn(&Bed, &str) -> Outcome;

const RULES: [(&str, Rule); 18] = [
    (
        "a_hangup_during_the_start_neither_kills_nor_announces",
        hangup_during_the_start,
    ),
    ("a_reload_is_answered", a_reload_is_answered),
    (
        "a_failed_reload_is_answered_too",
        a_failed_reload_is_answered,
    ),
    (
        "the_managers_variables_are_gone",
        the_managers_variables_are_gone,
    ),
    (
        "without_a_manager_nothing_is_said",
        without_a_manager_nothing_is_said,
    ),
    ("words_inject_nothing", words_inject_nothing),
    ("the_watchdog_hears_of_life", the_watchdog_hears_of_life),
    ("the_watchdog_ends_what_hangs", the_watchdog_ends_what_hangs),
    (
        "an_extension_saves_a_slow_stop",
        an_extension_saves_a_slow_stop,
    ),
    ("descriptors_are_kept", descriptors_are_kept),
    ("sockets_have_their_names", sockets_have_their_names),
    ("folders_are_lists", folders_are_lists),
    (
        "the_journal_has_levels_and_fields",
        the_journal_has_levels_and_fields,
    ),
    ("a_stop_ends_with_0", a_stop_ends_with_0),
    ("a_second_signal_ends_at_once", a_second_signal_ends_at_once),
    ("a_hanging_stop_is_ended_and_named", a_hanging_stop_is_ended),
    ("failures_are_restarted_and_told", failures_are_restarted),
    ("a_start_during_a_stop_starts_again", a_start_during_a_stop),
];

fn main() -> ExitCode {
    let mut tests = Vec::new();
    let others = RELEASES
        .iter()
        .filter(|release| release.suite != systemd::SUITE);
    for release in others {
        let bed = Arc::new(Bed::new(*release));
        for (name, rule) in RULES {
            let bed = Arc::clone(&bed);
            let unit = name.replace('_', "-");
            let name = format!("conformance::systemd_{}::{name}", release.systemd);
            tests.push(Test::new(name, move || rule(&bed, &unit)));
        }
    }
    run_suite("systemd", systemd::needs, tests)
}

fn hangup_during_the_start(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.unit(name, PROBE, "Environment=PROBE_DO=slow:3000")?;
    unit.ctl("start --no-block")?;
    unit.says("svc-probe starting slowly")?;
    let pid = unit.pid()?;
    unit.kill("HUP")?;
    unit.is("ActiveState", "activating")?;
    unit.becomes("ActiveState", "active")?;
    unit.is("MainPID", &pid)
}

fn a_reload_is_answered(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, MIRROR, bed.reloads())?;
    let pid = unit.pid()?;
    for _ in 0..3 {
        unit.ctl("reload")?;
        unit.becomes("ActiveState", "active")?;
    }
    unit.is("MainPID", &pid)
}

fn a_failed_reload_is_answered(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, MIRROR, bed.reloads())?;
    let pid = unit.pid()?;
    unit.put("answer", "fail the port is no number")?;
    unit.ctl("reload")?;
    unit.becomes("StatusText", "the reload failed: the port is no number")?;
    unit.becomes("ActiveState", "active")?;
    unit.put("answer", "")?;
    unit.ctl("reload")?;
    unit.becomes("StatusText", "")?;
    unit.becomes("ActiveState", "active")?;
    unit.is("MainPID", &pid)
}

fn the_managers_variables_are_gone(bed: &Bed, name: &str) -> Outcome {
    // The watchdog is another process's, so that it only has to go.
    let lines =
        "Environment=SVC_STOP_TIMEOUT_USEC=9000000 WATCHDOG_USEC=9000000 WATCHDOG_PID=1 KEPT=1";
    let unit = bed.running(name, PROBE, lines)?;
    let record = unit.machine.get(&format!("{}/record.json", unit.folder))?;
    let record = Record::parse(&String::from_utf8(record)?)?;
    for gone in [
        "NOTIFY_SOCKET",
        "SVC_STOP_TIMEOUT_USEC",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
    ] {
        ensure!(record.var(gone).is_none(), "{gone} is still there");
    }
    ensure!(record.var("KEPT") == Some(b"1".as_slice()));
    Ok(())
}

fn without_a_manager_nothing_is_said(bed: &Bed, _name: &str) -> Outcome {
    let machine = bed.machine()?;
    machine.ok(&format!("env -u NOTIFY_SOCKET {PROBE} --probe-do=leave"))?;
    // A socket that nobody listens at is no reason to fail.
    machine.ok(&format!(
        "NOTIFY_SOCKET=/nobody/listens {PROBE} --probe-do=leave"
    ))?;
    machine.ok(&format!("NOTIFY_SOCKET=@nobody {PROBE} --probe-do=leave"))?;
    Ok(())
}

fn words_inject_nothing(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, MIRROR, bed.reloads())?;
    unit.put("answer", "fail one\nSTOPPING=1\nMAINPID=1")?;
    unit.ctl("reload")?;
    unit.becomes("StatusText", "the reload failed: one STOPPING=1 MAINPID=1")?;
    unit.becomes("ActiveState", "active")?;
    ensure!(unit.pid()? != "1");
    Ok(())
}

fn the_watchdog_hears_of_life(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, MIRROR, "WatchdogSec=2\nRestart=on-failure")?;
    let pid = unit.pid()?;
    std::thread::sleep(Duration::from_secs(5));
    unit.is("MainPID", &pid)?;
    unit.is("NRestarts", "0")
}

fn the_watchdog_ends_what_hangs(bed: &Bed, name: &str) -> Outcome {
    let lines = format!(
        "{}\nWatchdogSec=2\nRestart=on-failure\nTimeoutAbortSec=5",
        bed.reloads()
    );
    let unit = bed.running(name, MIRROR, &lines)?;
    let pid = unit.pid()?;
    unit.put("answer", "hang")?;
    unit.ctl("reload --no-block")?;
    unit.says("svc-mirror hanging")?;
    unit.put("answer", "")?;
    unit.machine.wait_for_restart(&unit.name, &pid)?;
    // The reason names what was missed.
    unit.says("waiting for events")
}

fn an_extension_saves_a_slow_stop(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(
        name,
        PROBE,
        "TimeoutStopSec=1\nEnvironment=PROBE_DO=slow-stop:3000",
    )?;
    let _calm = bed.calm();
    unit.ctl("stop")?;
    unit.ended_in_order()
}

fn descriptors_are_kept(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.unit(name, MIRROR, "Restart=on-failure\nFileDescriptorStoreMax=4")?;
    unit.put("keep", "one two")?;
    unit.ctl("start")?;
    unit.says("svc-mirror kept, heard true")?;
    unit.is("NFileDescriptorStore", "1")?;
    let pid = unit.pid()?;
    unit.kill("KILL")?;
    unit.machine.wait_for_restart(&unit.name, &pid)?;
    unit.says("svc-mirror remembered one two")
}

fn sockets_have_their_names(bed: &Bed, name: &str) -> Outcome {
    let socket = format!(
        "[Socket]\nListenStream=127.0.0.1:8391\nFileDescriptorName=echo\nService={name}.service\n"
    );
    let path = format!("/etc/systemd/system/{name}.socket");
    bed.machine()?.put(&path, socket.as_bytes(), 0o644)?;
    let unit = bed.unit(name, MIRROR, &format!("Sockets={name}.socket"))?;
    unit.machine.ok(&format!("systemctl start {name}.socket"))?;
    unit.ctl("start")?;
    unit.says("svc-mirror echoes at 127.0.0.1:8391")?;
    unit.ctl("stop")?;
    unit.ended_in_order()
}

fn folders_are_lists(bed: &Bed, name: &str) -> Outcome {
    let lines = format!(
        "StateDirectory={name} {name}/spool\nRuntimeDirectory={name}\nLogsDirectory={name}\nLoadCredential=token:/etc/token-{name}"
    );
    let unit = bed.unit(name, MIRROR, &lines)?;
    let token = format!("/etc/token-{name}");
    unit.machine.put(&token, b"s3cret\n", 0o600)?;
    unit.put("look", "")?;
    unit.ctl("start")?;
    for line in [
        format!("State /var/lib/{name} held"),
        format!("State /var/lib/{name}/spool held"),
        format!("Runtime /run/{name} held"),
        format!("Logs /var/log/{name} held"),
        "Cache CACHE_DIRECTORY is not set".to_owned(),
        "token s3cret".to_owned(),
    ] {
        unit.says(&format!("svc-mirror {line}"))?;
    }
    Ok(())
}

fn the_journal_has_levels_and_fields(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, MIRROR, "")?;
    unit.says("tracing tells")?;
    let lines = format!("journalctl --unit={} --output=json --all", unit.name);
    let records = unit.machine.ok(&lines)?;
    let records: Vec<Value> = records
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let find = |part: &str| {
        let has = |record: &&Value| {
            record["MESSAGE"]
                .as_str()
                .is_some_and(|text| text.contains(part))
        };
        records
            .iter()
            .find(has)
            .ok_or_else(|| anyhow!("no {part:?} in {records:#?}"))
    };
    ensure!(find("the log facade warns")?["PRIORITY"] == "4");
    let told = find("tracing tells")?;
    ensure!(told["F_ANSWER"] == "42", "{told:#}");
    Ok(())
}

fn a_stop_ends_with_0(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, PROBE, "")?;
    unit.ctl("stop")?;
    unit.ended_in_order()?;
    unit.says("svc-probe stopping: Terminate")
}

fn a_second_signal_ends_at_once(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, PROBE, "Environment=PROBE_DO=hang-stop")?;
    unit.kill("TERM")?;
    unit.says("svc-probe stopping: Terminate")?;
    unit.kill("TERM")?;
    // CLD_KILLED by SIGTERM.
    unit.becomes("ExecMainCode", "2")?;
    unit.is("ExecMainStatus", "15")
}

fn a_hanging_stop_is_ended(bed: &Bed, name: &str) -> Outcome {
    let lines = "TimeoutStopSec=60\nEnvironment=SVC_STOP_TIMEOUT_USEC=1000000 PROBE_DO=hang-stop";
    let unit = bed.running(name, PROBE, lines)?;
    unit.ctl("stop")?;
    unit.is("Result", "exit-code")?;
    unit.is("ExecMainStatus", "124")?;
    unit.says("flushing the probe")
}

fn failures_are_restarted(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, PROBE, "Restart=on-failure")?;
    for (word, told) in [
        ("err", "the probe was told to return an error"),
        ("panic", "the probe was told to panic"),
        ("fail", "the probe was told to call fail"),
    ] {
        let pid = unit.pid()?;
        unit.put("trigger", &format!("{pid} {word}\n"))?;
        unit.machine.wait_for_restart(&unit.name, &pid)?;
        unit.says(told)?;
    }
    let pid = unit.pid()?;
    unit.kill("KILL")?;
    // How many that makes is not asked: 247 counts one twice if units are loaded again while it is due.
    unit.machine.wait_for_restart(&unit.name, &pid)?;
    Ok(())
}

fn a_start_during_a_stop(bed: &Bed, name: &str) -> Outcome {
    let unit = bed.running(name, PROBE, "Environment=PROBE_DO=slow-stop:2000")?;
    let pid = unit.pid()?;
    unit.ctl("stop --no-block")?;
    unit.says("svc-probe stopping")?;
    let _calm = bed.calm();
    unit.ctl("start")?;
    unit.is("ActiveState", "active")?;
    ensure!(
        unit.pid()? != pid,
        "the process that stops was taken for the one that starts"
    );
    Ok(())
}
