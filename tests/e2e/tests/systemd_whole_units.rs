//! What a unit needs as a whole, as systemd says it: the rules by which cargo-svc refuses a declaration whose lines are right one
//! by one, and values of its keys that are not for systemd (`tests/cases/systemd-whole-units`, `systemd-unit-values`).

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, RELEASES, Still};
use svc_e2e::checkout;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// Older ones want a control group of their own, even to verify.
const VERIFIES: u32 = 252;

/// What systemd says of a unit that it does not load, or of a line that it ignores.
const REFUSALS: [&str; 4] = [
    "Refusing.",
    "bad unit file setting",
    "ignoring",
    "is missing",
];

/// The lines of a service, and whether systemd loads it with all of them.
const SERVICES: [(&str, bool); 18] = [
    ("Type=exec\nExecStart=/bin/true", true),
    ("Type=dbus\nExecStart=/bin/true", false),
    (
        "Type=dbus\nBusName=org.example.Beacon\nExecStart=/bin/true",
        true,
    ),
    ("Type=exec\nExecStart=", false),
    ("Type=oneshot\nExecStop=/bin/true", false),
    (
        "Type=oneshot\nRemainAfterExit=yes\nExecStop=/bin/true",
        true,
    ),
    ("RemainAfterExit=yes\nExecStop=/bin/true", true),
    (
        "Type=exec\nExecStart=/bin/true\nExecStart=/bin/false",
        false,
    ),
    ("Type=exec\nExecStart=/bin/true ; /bin/false", false),
    ("Type=oneshot\nExecStart=/bin/true ; /bin/false", true),
    ("Type=oneshot\nExecStart=/bin/true\nRestart=always", false),
    (
        "Type=oneshot\nExecStart=/bin/true\nRestart=on-success",
        false,
    ),
    (
        "Type=oneshot\nExecStart=/bin/true\nRestart=on-failure",
        true,
    ),
    ("Type=oneshot\nExecStart=/bin/true\nExitType=cgroup", false),
    (
        "ExecStart=/bin/true\nPAMName=login\nKillMode=process",
        false,
    ),
    ("ExecStart=/bin/true\nStateDirectory=private", false),
    (
        "ExecStart=/bin/true\nConfigurationDirectory=private/x",
        false,
    ),
    ("ExecStart=\"/usr/bin/it's\"", false),
];

/// The same of sockets; `#` stands for 100 letters.
const SOCKETS: [(&str, bool); 10] = [
    ("ListenStream=127.0.0.1:80", true),
    ("ListenStream=127.0.0.1:0", false),
    ("ListenStream=80\nListenStream=", false),
    ("ListenStream=/#abcdef", true),
    ("ListenStream=/#abcdefg", false),
    ("ListenStream=@#abcdef", true),
    ("ListenStream=@#abcdefg", false),
    ("ListenStream=80\nAccept=yes\nService=whole@.service", false),
    ("ListenDatagram=80\nAccept=yes", false),
    ("ListenFIFO=/run/fifo\nAccept=yes", false),
];

/// The same of timers.
const TIMERS: [(&str, bool); 5] = [
    ("Persistent=yes", false),
    ("OnCalendar=daily\nOnBootSec=", false),
    ("OnClockChange=no", false),
    ("OnClockChange=yes", true),
    ("OnUnitActiveSec=15min", true),
];

/// The same of paths.
const PATHS: [(&str, bool); 3] = [
    ("MakeDirectory=yes", false),
    ("PathExists=/srv\nPathChanged=", false),
    ("PathChanged=/srv", true),
];

/// The one rule that a newer systemd does not have.
const FORCED: &str = "[Service]\nType=oneshot\nExecStart=/bin/true\nRestartForceExitStatus=3\n";

/// The first systemd without it.
const FORCES: u32 = 256;

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![Test::new(
            "whole_units::what_is_refused_here_is_refused_by_systemd",
            what_is_refused_here_is_refused_by_systemd,
        )],
    )
}

fn what_is_refused_here_is_refused_by_systemd() -> Outcome {
    for release in RELEASES.iter().filter(|one| one.systemd >= VERIFIES) {
        let root = Still::new(release.suite)?;
        let forced = refusal(&root, "service", FORCED)?;
        ensure!(
            forced.is_none() == (release.systemd >= FORCES),
            "systemd {} on {FORCED:?} says {forced:?}",
            release.systemd
        );
        for (kind, section, units) in [
            ("service", "Service", &SERVICES[..]),
            ("socket", "Socket", &SOCKETS),
            ("timer", "Timer", &TIMERS),
            ("path", "Path", &PATHS),
        ] {
            for (lines, is_taken) in units {
                let lines = lines.replace('#', &"a".repeat(100));
                let found = refusal(&root, kind, &format!("[{section}]\n{lines}\n"))
                    .with_context(|| format!("{}: {lines}", release.suite))?;
                ensure!(
                    found.is_none() == *is_taken,
                    "systemd {} on a {kind} with {lines:?} says {found:?}",
                    release.systemd
                );
            }
        }
    }
    Ok(())
}

/// What a systemd says against a unit.
fn refusal(root: &Still, kind: &str, text: &str) -> Result<Option<String>> {
    let shared = checkout::scratch()?;
    let name = format!("whole.{kind}");
    fs::write(shared.path().join(&name), text)?;
    if kind != "service" {
        // Both that it may start are there.
        for service in ["whole.service", "whole@.service"] {
            fs::write(
                shared.path().join(service),
                "[Service]\nExecStart=/bin/true\n",
            )?;
        }
    }
    let unit = Still::shared(&name);
    let said = root.run_with(
        shared.path(),
        &["systemd-analyze", "--man=no", "verify", &unit],
    )?;
    let lines = String::from_utf8_lossy(&said.stderr).into_owned();
    let mut lines = lines.lines().filter(|line| line.contains("whole"));
    Ok(lines
        .find(|line| REFUSALS.iter().any(|refusal| line.contains(refusal)))
        .map(str::to_owned))
}
