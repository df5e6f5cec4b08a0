//! install.sh over an installation: what is replaced, what an operator did, and runs that fail or meet.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use svc_e2e::bed::systemd;
use svc_e2e::installed::linux::{
    RECEIPT, SETTINGS, UNINSTALL, UNIT, enabled, install, install_with, installed, machine,
    package, unchanged, units, unpack, upgrade,
};
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "upgrade::installing_again_changes_nothing",
                installing_again_changes_nothing,
            ),
            Test::new(
                "upgrade::a_newer_version_replaces",
                a_newer_version_replaces,
            ),
            Test::new("upgrade::a_drop_in_is_kept", a_drop_in_is_kept),
            Test::new(
                "upgrade::a_disabled_service_stays_disabled",
                a_disabled_service_stays_disabled,
            ),
            Test::new(
                "upgrade::a_masked_service_stays_masked",
                a_masked_service_stays_masked,
            ),
            Test::new(
                "upgrade::a_stopped_service_stays_stopped",
                a_stopped_service_stays_stopped,
            ),
            Test::new(
                "upgrade::two_installs_at_once_end_well",
                two_installs_at_once_end_well,
            ),
            Test::new(
                "upgrade::a_killed_install_is_mended_by_the_next",
                a_killed_install_is_mended_by_the_next,
            ),
            Test::new(
                "upgrade::a_version_that_does_not_start_is_undone",
                a_version_that_does_not_start_is_undone,
            ),
        ],
    )
}

fn installing_again_changes_nothing() -> Outcome {
    let machine = installed()?;
    let before = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let after = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    ensure!(before == after, "before:\n{before}\nafter:\n{after}");
    ensure!(units(&machine)? == [UNIT]);
    ensure!(enabled(&machine, UNIT)? == "enabled");
    Ok(())
}

fn a_newer_version_replaces() -> Outcome {
    let machine = installed()?;
    let pid = machine.show(UNIT, "MainPID")?;
    let settings = SETTINGS.replace("PROBE_DIR", "NEW = \"in 1.1\", PROBE_DIR");
    install(&machine, &package("1.1.0", &settings)?)?;
    let now = machine.wait_for_restart(UNIT, &pid)?;
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    ensure!(record.var("NEW") == Some(b"in 1.1"), "{record:?}");
    ensure!(now == record.pid.to_string(), "{record:?}");
    ensure!(units(&machine)? == [UNIT]);
    let receipt = String::from_utf8(machine.get(RECEIPT)?)?;
    ensure!(
        receipt.contains("1.1.0") && !receipt.contains("1.0.0"),
        "{receipt}"
    );
    Ok(())
}

fn a_drop_in_is_kept() -> Outcome {
    let machine = installed()?;
    let path = "/etc/systemd/system/svc-probe.service.d/mine.conf";
    let mine = b"[Service]\nEnvironment=MINE=kept\n";
    machine.put(path, mine, 0o600)?;
    upgrade(&machine)?;
    ensure!(machine.get(path)? == mine);
    let mode = machine.ok(&format!("stat -c '%a %u' {path}"))?;
    ensure!(mode == "600 0\n", "{mode}");
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    ensure!(record.var("MINE") == Some(b"kept"), "{record:?}");
    Ok(())
}

fn a_disabled_service_stays_disabled() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl --quiet disable {UNIT}"))?;
    upgrade(&machine)?;
    ensure!(
        enabled(&machine, UNIT)? == "disabled",
        "{}",
        machine.describe(UNIT)
    );
    // It ran, and so it runs on, the new version of it.
    machine.wait_for(UNIT, "ActiveState", "active")
}

fn a_masked_service_stays_masked() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl --quiet mask --now {UNIT}"))?;
    upgrade(&machine)?;
    ensure!(
        machine.show(UNIT, "LoadState")? == "masked",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ActiveState")? == "inactive",
        "{}",
        machine.describe(UNIT)
    );
    machine.ok(&format!(
        "systemctl --quiet unmask {UNIT} && systemctl start {UNIT}"
    ))?;
    Ok(())
}

fn a_stopped_service_stays_stopped() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl stop {UNIT}"))?;
    upgrade(&machine)?;
    ensure!(
        machine.show(UNIT, "ActiveState")? == "inactive",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        enabled(&machine, UNIT)? == "enabled",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn two_installs_at_once_end_well() -> Outcome {
    let machine = machine()?;
    let folder = unpack(&machine, &package("1.0.0", SETTINGS)?, "/srv/unpacked")?;
    let script = format!("{folder}/install.sh");
    let mut runs = [machine.spawn(&[&script])?, machine.spawn(&[&script])?];
    let mut codes = Vec::new();
    for run in &mut runs {
        let status = svc_e2e::command::wait(run, Duration::from_secs(120))?;
        codes.push(status.context("an install.sh that does not end")?.code());
    }
    // 6: another run is not finished.
    ensure!(
        codes.iter().all(|c| matches!(c, Some(0 | 6))) && codes.contains(&Some(0)),
        "{codes:?}"
    );
    machine.wait_for(UNIT, "ActiveState", "active")?;
    ensure!(units(&machine)? == [UNIT]);
    install_with(&machine, &folder, &[])?
        .success()
        .context("install.sh afterwards")?;
    Ok(())
}

fn a_killed_install_is_mended_by_the_next() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    let old = unpack(&machine, &package("1.0.0", SETTINGS)?, "/srv/unpacked")?;
    let new = unpack(&machine, &package("1.1.0", SETTINGS)?, "/srv/unpacked")?;
    // From the first steps to past the last one, first as an installation and then as upgrades.
    for milliseconds in [5, 10, 20, 40, 60, 80, 120, 160, 240, 320, 480, 640] {
        let folder = if milliseconds % 3 == 0 { &old } else { &new };
        let seconds = format!("0.{milliseconds:03}");
        machine.run(&[
            "timeout",
            "--signal=KILL",
            &seconds,
            &format!("{folder}/install.sh"),
        ])?;
        let again = install_with(&machine, &new, &[])?;
        ensure!(
            again.code() == 0,
            "after a kill at {milliseconds} ms: {}",
            again.describe()
        );
        machine.wait_for(UNIT, "ActiveState", "active")?;
        ensure!(
            enabled(&machine, UNIT)? == "enabled",
            "after a kill at {milliseconds} ms"
        );
        ensure!(
            units(&machine)? == [UNIT],
            "after a kill at {milliseconds} ms"
        );
    }
    machine.ok(UNINSTALL)?;
    machine.ok("rm -r /srv/unpacked")?;
    unchanged(&machine, &before)
}

fn a_version_that_does_not_start_is_undone() -> Outcome {
    let machine = installed()?;
    let before = machine.listing()?;
    let settings = SETTINGS.replace("PROBE_DIR", "PROBE_DO = \"err\", PROBE_DIR");
    let folder = unpack(&machine, &package("1.1.0", &settings)?, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    machine.ok("rm -r /srv/unpacked")?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let receipt = String::from_utf8(machine.get(RECEIPT)?)?;
    ensure!(receipt.contains("1.0.0"), "{receipt}");
    let mut left = machine.changes(&before)?;
    // Its own folder for temporary files comes with each start.
    left.retain(|change| !change.path().starts_with("/var/tmp/systemd-private-"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}
