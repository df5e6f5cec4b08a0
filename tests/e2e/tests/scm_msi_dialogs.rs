//! A package for Windows Installer with a licence and an icon: what a person sees and presses, and that a silent installation sees
//! nothing of it.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, ABSENT, Host, RUNNING, Ran, STOPPED};
use svc_e2e::fixture::Package;
use svc_e2e::installed::msi::{msiexec, msiexec_shown};
use svc_e2e::installed::windows::{Bed, ICON, NAME, PROGRAMS, dressed};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const NO_DESKTOP: &str = "whoever runs this may have no desktop";

fn main() -> ExitCode {
    let seen = Host::is_windows().then_some(NO_DESKTOP);
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "msi_dialogs::a_silent_installation_sees_none",
                a_silent_installation_sees_none,
            ),
            Test::new(
                "msi_dialogs::the_licence_is_accepted_and_the_service_runs",
                the_licence_is_accepted_and_the_service_runs,
            )
            .not_here(seen),
            Test::new(
                "msi_dialogs::who_stops_has_nothing_installed",
                who_stops_has_nothing_installed,
            )
            .not_here(seen),
            Test::new("msi_dialogs::a_failure_is_shown", a_failure_is_shown).not_here(seen),
            Test::new(
                "msi_dialogs::a_repair_brings_back_and_a_removal_takes",
                a_repair_brings_back_and_a_removal_takes,
            )
            .not_here(seen),
        ],
    )
}

/// A host whose windows nobody sees, but which are there.
fn bed() -> Result<Bed> {
    let bed = Bed::new()?;
    let key = r"HKCU\Software\Wine\Drivers";
    let words = [
        "add", key, "/v", "Graphics", "/t", "REG_SZ", "/d", "null", "/f",
    ];
    if !Host::is_windows() {
        bed.host.ok("reg.exe", &words)?;
    }
    Ok(bed)
}

/// Runs msiexec.exe, and presses these buttons meanwhile.
fn pressed(bed: &Bed, verb: &str, package: &Package, buttons: &[&str]) -> Result<Ran> {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| msiexec_shown(&bed.host, verb, package, &[]));
        let pressed = bed.host.press(buttons);
        let ran = run.join().map_err(|_| anyhow::anyhow!("a panic"))?;
        pressed.with_context(|| format!("{ran:?}"))?;
        ran
    })
}

const ACCEPT: &str = "I &accept the terms of the license";

fn a_silent_installation_sees_none() -> Outcome {
    let bed = bed()?;
    let package = dressed()?;
    let ran = msiexec(&bed.host, "/i", &package, &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    // The icon that Add/Remove Programs shows, as Windows Installer keeps it. Wine does not write it into the entry itself.
    let products = bed
        .host
        .registry(r"HKLM\SOFTWARE\Classes\Installer\Products")?;
    let products = products.context("no products")?;
    let mut products = products.keys.values();
    let product = products.find(|key| key.text("ProductName").as_deref() == Some(NAME));
    let icon = product.context("no product")?.text("ProductIcon");
    let icon = icon.context("no icon")?;
    let ending = icon.rsplit('.').next();
    ensure!(ending == Some("ico"), "{icon}");
    ensure!(
        std::fs::read(bed.host.local(&icon))? == ICON,
        "another icon"
    );
    let ran = msiexec(&bed.host, "/x", &package, &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)
}

fn the_licence_is_accepted_and_the_service_runs() -> Outcome {
    let bed = bed()?;
    let package = dressed()?;
    // Before it is accepted nothing can be installed: the button is not to be pressed.
    let ran = pressed(&bed, "/i", &package, &[ACCEPT, "&Install", "&Finish"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    // It asks what is to be done with what is installed.
    let ran = pressed(&bed, "/i", &package, &["&Remove", "&Finish"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)
}

fn nothing_is_installed(bed: &Bed) -> Result<()> {
    ensure!(
        bed.host.state(NAME)?.err() == Some(ABSENT) && !bed.host.local(PROGRAMS).exists(),
        "something is installed"
    );
    Ok(())
}

fn who_stops_has_nothing_installed() -> Outcome {
    let bed = bed()?;
    let package = dressed()?;
    let ran = pressed(&bed, "/i", &package, &["Cancel", "&Yes", "&Finish"])?;
    ensure!(ran.code == 1602, "{ran:?}");
    nothing_is_installed(&bed)?;
    // Who thinks better of it goes on.
    let buttons = ["Cancel", "&No", ACCEPT, "&Install", "&Finish"];
    let ran = pressed(&bed, "/i", &package, &buttons)?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn a_failure_is_shown() -> Outcome {
    let bed = bed()?;
    let sc = bed.host.local(r"C:\windows\system32\sc.exe");
    std::fs::remove_file(&sc)?;
    // In its place a program that fails, whatever it is asked for.
    std::fs::copy(bed.host.local(r"C:\windows\winq.exe"), &sc)?;
    let ran = pressed(&bed, "/i", &dressed()?, &[ACCEPT, "&Install", "&Finish"])?;
    ensure!(ran.code != 0, "{ran:?}");
    Ok(())
}

fn a_repair_brings_back_and_a_removal_takes() -> Outcome {
    let bed = bed()?;
    let package = dressed()?;
    let ran = msiexec(&bed.host, "/i", &package, &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    // What an operator set stays, and what broke comes back.
    let ran = bed.host.sc(&["config", NAME, "start=", "demand"])?;
    ensure!(ran.code == 0, "{ran:?}");
    let broken = || -> Result<()> {
        let ran = bed.host.sc(&["stop", NAME])?;
        ensure!(ran.code == 0, "{ran:?}");
        bed.host.wait_for(NAME, STOPPED)?;
        std::fs::write(bed.host.local(PROGRAMS).join("svc-probe.exe"), "broken")?;
        Ok(())
    };
    let size = || -> Result<u64> {
        let program = bed.host.local(PROGRAMS).join("svc-probe.exe");
        Ok(program.metadata()?.len())
    };
    let whole = size()?;
    broken()?;
    // Who changes their mind leaves it as it is.
    let ran = pressed(&bed, "/i", &package, &["Cancel", "&Yes", "&Finish"])?;
    ensure!(ran.code == 1602, "{ran:?}");
    ensure!(size()? != whole, "repaired, though it was stopped");
    let ran = pressed(&bed, "/i", &package, &["Re&pair", "&Finish"])?;
    ensure!(ran.code == 0, "{ran:?}");
    ensure!(size()? == whole, "the program is still broken");
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 3, "{config:?}");
    let ran = pressed(&bed, "/i", &package, &["&Remove", "&Finish"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)?;
    nothing_is_installed(&bed)
}
