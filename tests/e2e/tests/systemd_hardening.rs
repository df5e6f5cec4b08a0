//! The hardening profiles and their budgets, as `systemd-analyze security --threshold` of systemd 252 judges units that
//! `cargo svc generate` wrote.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Still};
use svc_e2e::command::Output;
use svc_e2e::fixture::{Fixture, NAME};
use svc_e2e::programs;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new("hardening::strict_keeps_its_budget", || keeps("strict", 12)),
            Test::new("hardening::standard_keeps_its_budget", || {
                keeps("standard", 20)
            }),
            Test::new("hardening::standard_keeps_it_with_a_low_port", a_low_port),
        ],
    )
}

/// Judges the unit of a service with these settings; the threshold is in tenths.
fn judge(settings: &str, tenths: u32) -> Result<Output> {
    let tables = format!("[package.metadata.service]\nwindows = false\n{settings}\n");
    let fixture = Fixture::new("1.0.0", &[(NAME, programs::probe_linux()?)], &tables)?;
    fixture
        .cargo_svc(&["generate", "--quiet"])?
        .success()
        .context("cargo svc generate")?;
    let script = format!(
        "mount -t tmpfs tmpfs /sys && mkdir -p /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup
         exec systemd-analyze security --offline=true --no-pager --threshold={tenths} {}",
        Still::shared(&format!("{NAME}.service"))
    );
    Still::new(systemd::SUITE)?.run_with(&fixture.path("packaging/systemd"), &["sh", "-c", &script])
}

fn within(settings: &str, tenths: u32) -> Outcome {
    let said = judge(settings, tenths)?;
    ensure!(said.code() == 0, "{}", said.describe());
    Ok(())
}

fn keeps(profile: &str, budget: u32) -> Outcome {
    let settings =
        format!("directories = {{ state = true, config = true }}\nhardening = \"{profile}\"");
    within(&settings, budget)?;
    // The same threshold is passed by far without the profile: it is a measure, and not always kept.
    let bare = judge("hardening = \"off\"", budget)?;
    ensure!(bare.code() != 0, "{}", bare.describe());
    Ok(())
}

fn a_low_port() -> Outcome {
    within(
        "hardening = \"standard\"\n[package.metadata.service.systemd]\ncapabilities = [\"CAP_NET_BIND_SERVICE\"]",
        20,
    )
}
