//! What `cargo svc package` makes for Linux, installed on a machine with a real systemd.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::command::Output;
use svc_e2e::fixture::{self, Package, literal, literals};
use svc_e2e::programs;
use svc_e2e::record::Record;
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const UNIT: &str = "svc-probe.service";
const INSTALLED: &str = "/usr/local/lib/systemd/system/svc-probe.service";
const UNINSTALL: &str = "/usr/local/lib/svc-probe/uninstall.sh";
const SETTINGS: &str = "environment = { PROBE_DIR = \"/srv/probe\" }\nrestart = { policy = \"on-failure\", delay = \"100ms\" }\nstop-timeout = \"20s\"";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "package::install_enables_and_runs",
                install_enables_and_runs,
            ),
            Test::new(
                "package::the_unit_passes_verification",
                the_unit_passes_verification,
            ),
            Test::new("package::a_kill_is_restarted", a_kill_is_restarted),
            Test::new(
                "package::failures_are_restarted_and_told",
                failures_are_restarted_and_told,
            ),
            Test::new("package::stop_ends_with_code_0", stop_ends_with_code_0),
            Test::new("package::it_runs_after_a_reboot", it_runs_after_a_reboot),
            Test::new(
                "package::installing_again_changes_nothing",
                installing_again_changes_nothing,
            ),
            Test::new(
                "package::a_newer_version_replaces",
                a_newer_version_replaces,
            ),
            Test::new("package::a_drop_in_is_kept", a_drop_in_is_kept),
            Test::new(
                "package::a_disabled_service_stays_disabled",
                a_disabled_service_stays_disabled,
            ),
            Test::new(
                "package::a_masked_service_stays_masked",
                a_masked_service_stays_masked,
            ),
            Test::new(
                "package::a_stopped_service_stays_stopped",
                a_stopped_service_stays_stopped,
            ),
            Test::new(
                "package::uninstall_leaves_nothing",
                uninstall_leaves_nothing,
            ),
            Test::new(
                "package::purge_takes_the_operators_part_too",
                purge_takes_the_operators_part_too,
            ),
            Test::new("package::odd_paths_work", odd_paths_work),
            Test::new(
                "package::values_arrive_byte_for_byte",
                values_arrive_byte_for_byte,
            ),
            Test::new(
                "package::two_installs_at_once_end_well",
                two_installs_at_once_end_well,
            ),
            Test::new(
                "package::a_killed_install_is_mended_by_the_next",
                a_killed_install_is_mended_by_the_next,
            ),
            Test::new(
                "package::a_version_that_does_not_start_is_undone",
                a_version_that_does_not_start_is_undone,
            ),
        ],
    )
}

fn package(version: &str, settings: &str) -> Result<Package> {
    fixture::package(programs::LINUX, programs::probe_linux()?, version, settings)
}

/// Unpacks the archive below `folder`; where install.sh is then.
fn unpack(machine: &Machine, package: &Package, folder: &str) -> Result<String> {
    machine.put("/srv/package.tar.gz", &package.archive, 0o644)?;
    let unpack =
        r#"mkdir -p "$1" && tar -xzf /srv/package.tar.gz -C "$1" && rm /srv/package.tar.gz"#;
    machine
        .run(&["sh", "-c", unpack, "unpack", folder])?
        .success()
        .context("unpacking")?;
    Ok(format!("{folder}/{}", package.name))
}

/// Runs install.sh in the unpacked folder, with the working directory elsewhere.
fn install_with(machine: &Machine, folder: &str, args: &[&str]) -> Result<Output> {
    let script = format!("{folder}/install.sh");
    let mut all = vec![script.as_str()];
    all.extend(args);
    machine.run(&all)
}

fn install(machine: &Machine, package: &Package) -> Result<()> {
    let folder = unpack(machine, package, "/srv/unpacked")?;
    install_with(machine, &folder, &[])?
        .success()
        .context("install.sh")?;
    machine.ok("rm -r /srv/unpacked")?;
    Ok(())
}

/// A machine on which version 1.0.0 is installed.
fn installed() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    Ok(machine)
}

fn upgrade(machine: &Machine) -> Result<()> {
    install(machine, &package("1.1.0", SETTINGS)?)
}

/// The units of the probe, wherever they are.
fn units(machine: &Machine) -> Result<Vec<String>> {
    let text = machine.ok("systemctl list-unit-files --no-legend 'svc-probe*'")?;
    Ok(text
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .map(str::to_owned)
        .collect())
}

fn enabled(machine: &Machine) -> Result<String> {
    machine.show(UNIT, "UnitFileState")
}

fn install_enables_and_runs() -> Outcome {
    let machine = installed()?;
    ensure!(
        enabled(&machine)? == "enabled",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "FragmentPath")? == INSTALLED,
        "{}",
        machine.describe(UNIT)
    );
    ensure!(units(&machine)? == [UNIT]);
    let owner = machine.ok(&format!(
        "stat -c '%u:%g %a' /usr/local/bin/svc-probe {INSTALLED}"
    ))?;
    ensure!(owner == "0:0 755\n0:0 644\n", "{owner}");
    let user = machine.ok("stat -c %u /proc/$(systemctl show -P MainPID svc-probe.service)")?;
    ensure!(user.trim() != "0", "the service runs as root");
    Ok(())
}

fn the_unit_passes_verification() -> Outcome {
    let machine = installed()?;
    let verify = machine.run(&["systemd-analyze", "verify", INSTALLED])?;
    ensure!(
        verify.code() == 0 && verify.stderr.is_empty(),
        "{}",
        verify.describe()
    );
    Ok(())
}

fn a_kill_is_restarted() -> Outcome {
    let machine = installed()?;
    let pid = machine.show(UNIT, "MainPID")?;
    machine.ok(&format!("kill -KILL {pid}"))?;
    machine.wait_for_restart(UNIT, &pid)?;
    Ok(())
}

fn failures_are_restarted_and_told() -> Outcome {
    let machine = installed()?;
    for (word, reason) in [
        ("err", "the probe was told to return an error"),
        ("panic", "the probe was told to panic"),
    ] {
        let pid = machine.show(UNIT, "MainPID")?;
        machine.put(
            "/srv/probe/trigger",
            format!("{pid} {word}\n").as_bytes(),
            0o644,
        )?;
        machine.wait_for_restart(UNIT, &pid)?;
        machine.wait_for_journal(UNIT, reason)?;
    }
    Ok(())
}

fn stop_ends_with_code_0() -> Outcome {
    let machine = installed()?;
    let begin = std::time::Instant::now();
    machine.ok(&format!("systemctl stop {UNIT}"))?;
    ensure!(
        begin.elapsed() < Duration::from_secs(15),
        "stopping took {:?}",
        begin.elapsed()
    );
    ensure!(
        machine.show(UNIT, "Result")? == "success",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ExecMainCode")? == "1",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine.show(UNIT, "ExecMainStatus")? == "0",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn it_runs_after_a_reboot() -> Outcome {
    let mut machine = installed()?;
    machine.reboot()?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    machine.power_cut()?;
    machine.wait_for(UNIT, "ActiveState", "active")
}

fn installing_again_changes_nothing() -> Outcome {
    let machine = installed()?;
    let before = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let after = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    ensure!(before == after, "before:\n{before}\nafter:\n{after}");
    ensure!(units(&machine)? == [UNIT]);
    ensure!(enabled(&machine)? == "enabled");
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
    let receipt = String::from_utf8(machine.get("/usr/local/lib/svc-probe/receipt")?)?;
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
        enabled(&machine)? == "disabled",
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
        enabled(&machine)? == "enabled",
        "{}",
        machine.describe(UNIT)
    );
    Ok(())
}

fn uninstall_leaves_nothing() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    let before = machine.listing()?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    upgrade(&machine)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    ensure!(
        machine.exists(UNINSTALL)?,
        "no uninstaller stays on the machine"
    );
    machine.ok(UNINSTALL)?;
    let left = machine.changes(&before)?;
    ensure!(left.is_empty(), "{left:#?}");
    ensure!(
        machine.show(UNIT, "LoadState")? == "not-found",
        "{}",
        machine.describe(UNIT)
    );
    ensure!(
        machine
            .sh("pgrep -x svc-probe || ls -d /run/systemd/units/*svc-probe* 2>/dev/null")?
            .text()
            .is_empty()
    );
    Ok(())
}

fn purge_takes_the_operators_part_too() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    let before = machine.listing()?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    let drop_in = "/etc/systemd/system/svc-probe.service.d/mine.conf";
    machine.put(drop_in, b"[Service]\nEnvironment=MINE=kept\n", 0o644)?;
    machine.ok(&format!("{UNINSTALL} && [ -e {drop_in} ]"))?;
    install(&machine, &package("1.0.0", SETTINGS)?)?;
    machine.ok(&format!("{UNINSTALL} --purge"))?;
    let left = machine.changes(&before)?;
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn odd_paths_work() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    let before = machine.listing()?;
    let package = package("1.0.0", SETTINGS)?;
    let folder = unpack(&machine, &package, "/srv/a b%c & d;é'\"$x")?;
    let prefix = "/opt/ä b%n&$x";
    install_with(&machine, &folder, &["--prefix", prefix])?
        .success()
        .context("install.sh")?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    let program = String::from_utf8_lossy(&record.args[0]).into_owned();
    ensure!(
        program == format!("{prefix}/bin/svc-probe"),
        "the program is {program}"
    );
    let unit = machine.show(UNIT, "FragmentPath")?;
    let verify = machine.run(&["systemd-analyze", "verify", &unit])?;
    ensure!(
        verify.code() == 0 && verify.stderr.is_empty(),
        "{}",
        verify.describe()
    );
    machine
        .run(&[&format!("{prefix}/lib/svc-probe/uninstall.sh")])?
        .success()
        .context("uninstall.sh")?;
    machine
        .run(&["rm", "-r", "/srv/a b%c & d;é'\"$x"])?
        .success()?;
    let left = machine.changes(&before)?;
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

/// Everything that a unit can carry.
const VALUES: [&str; 22] = [
    "plain",
    "",
    "two words",
    " leading and trailing ",
    "\"double\"",
    "'single'",
    "it's \"both\"",
    "back\\slash",
    "ends in a backslash\\",
    "C:\\new\\table\\x41",
    "%n %% %i 100%",
    "$HOME ${HOME} $$ $1",
    "{state-dir} {{}}",
    ";",
    "#comment",
    "a;b|c&d>e<f(g)`h`!",
    "*?[a-z]~",
    "-x",
    "key=value",
    "ünïcödé 日本語 🦀",
    "\\",
    "@+!-:",
];

fn values_arrive_byte_for_byte() -> Outcome {
    let variables: Vec<_> = VALUES
        .iter()
        .enumerate()
        .map(|(number, value)| format!("VALUE_{number} = {}", literal(value)))
        .collect();
    let settings = format!(
        "args = {}\nenvironment = {{ {} }}",
        literals(&VALUES),
        variables.join(", ")
    );
    let machine = Machine::boot(systemd::SUITE)?;
    install(&machine, &package("1.0.0", &settings)?)?;
    let record = Record::last(&machine.journal(UNIT)?)?.context("no record")?;
    let received: Vec<_> = record.args[1..]
        .iter()
        .map(|a| String::from_utf8_lossy(a))
        .collect();
    ensure!(received == VALUES, "arguments: {received:#?}");
    for (number, value) in VALUES.iter().enumerate() {
        let got = record
            .var(&format!("VALUE_{number}"))
            .map(String::from_utf8_lossy);
        ensure!(
            got.as_deref() == Some(*value),
            "variable {number}: {value:?} arrived as {got:?}"
        );
    }
    let verify = machine.run(&["systemd-analyze", "verify", INSTALLED])?;
    ensure!(
        verify.code() == 0 && verify.stderr.is_empty(),
        "{}",
        verify.describe()
    );
    Ok(())
}

fn two_installs_at_once_end_well() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
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
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
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
            enabled(&machine)? == "enabled",
            "after a kill at {milliseconds} ms"
        );
        ensure!(
            units(&machine)? == [UNIT],
            "after a kill at {milliseconds} ms"
        );
    }
    machine.ok(UNINSTALL)?;
    machine.ok("rm -r /srv/unpacked")?;
    let left = machine.changes(&before)?;
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
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
    let receipt = String::from_utf8(machine.get("/usr/local/lib/svc-probe/receipt")?)?;
    ensure!(receipt.contains("1.0.0"), "{receipt}");
    let mut left = machine.changes(&before)?;
    // Its own folder for temporary files comes with each start.
    left.retain(|change| !change.path().starts_with("/var/tmp/systemd-private-"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}
