//! Two runs at once, and runs that are killed.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, Ran, START_PENDING, STOPPED};
use svc_e2e::installed::windows::{
    Bed, ENTRY, LOCK, NAME, PROGRAMS, UNPACKED, files, package, settings,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::wait;

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "lock::of_two_installations_one_works",
                of_two_installations_one_works,
            ),
            Test::new(
                "lock::a_removal_waits_for_its_turn",
                a_removal_waits_for_its_turn,
            ),
            Test::new(
                "lock::a_killed_run_leaves_no_lock",
                a_killed_run_leaves_no_lock,
            ),
            Test::new(
                "lock::a_killed_upgrade_is_finished_by_the_next",
                a_killed_upgrade_is_finished_by_the_next,
            ),
            Test::new("lock::looking_needs_no_lock", looking_needs_no_lock),
        ],
    )
}

/// A host with an unpacked package whose service takes these seconds to start; where install.cmd is, and its folder.
fn unpacked(seconds: u32) -> Result<(Bed, String, String)> {
    let bed = Bed::new()?;
    let slow = settings("").replace("]\n", &format!(", \"--probe-do=slow:{seconds}000\"]\n"));
    let folder = bed.unpack(&package("1.0.0", &slow)?, UNPACKED)?;
    let script = format!("{folder}\\install.cmd");
    Ok((bed, script, folder))
}

/// Waits until something is so.
fn until(what: &str, so: impl Fn() -> Result<bool>) -> Result<()> {
    wait::until(
        what,
        Duration::from_secs(120),
        || Ok(so()?.then_some(())),
        String::new,
    )
}

fn held(host: &Host) -> Result<()> {
    until("a run to hold the lock", || Ok(host.local(LOCK).exists()))
}

fn is_refused(ran: &Ran) -> Result<()> {
    ensure!(
        ran.code == 11 && ran.text.contains("another run for svc-probe is under way"),
        "{ran:?}"
    );
    Ok(())
}

fn of_two_installations_one_works() -> Outcome {
    let (bed, script, folder) = unpacked(8)?;
    let run = || bed.host.run_in(&folder, &script, &[]);
    let ran = std::thread::scope(|scope| {
        let runs = [scope.spawn(run), scope.spawn(run)];
        runs.map(|run| run.join().expect("no panic"))
    });
    let mut ran: Vec<Ran> = ran.into_iter().collect::<Result<_>>()?;
    ran.sort_by_key(|ran| ran.code);
    ensure!(ran[0].code == 0, "{ran:?}");
    is_refused(&ran[1])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(!bed.host.local(LOCK).exists(), "the lock is left");
    let again = run()?;
    ensure!(again.code == 0, "{again:?}");
    Ok(())
}

fn a_removal_waits_for_its_turn() -> Outcome {
    let (bed, script, folder) = unpacked(20)?;
    let uninstall = format!("{PROGRAMS}\\uninstall.cmd");
    std::thread::scope(|scope| -> Outcome {
        let run = scope.spawn(|| bed.host.run_in(&folder, &script, &[]));
        until("the uninstaller to be there", || {
            Ok(bed.host.local(&uninstall).exists())
        })?;
        is_refused(&bed.host.run(&uninstall, &[])?)?;
        let ran = run.join().expect("no panic")?;
        ensure!(ran.code == 0, "{ran:?}");
        Ok(())
    })?;
    bed.host.wait_for(NAME, RUNNING)?;
    bed.uninstall_all(&[])
}

/// Runs install.cmd after one that was killed. A command that the killed one was waiting for may end a moment later, and holds
/// the handle until then.
fn again(host: &Host, folder: &str, script: &str) -> Outcome {
    let mut ran = host.run_in(folder, script, &[])?;
    for _ in 0..20 {
        if ran.code != 11 {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
        ran = host.run_in(folder, script, &[])?;
    }
    ensure!(ran.code == 0, "{ran:?}");
    Ok(())
}

/// Where a run is killed: as soon as this is so.
type Point<'a> = (&'a str, &'a dyn Fn() -> Result<bool>);

/// Version 1.0.0 is installed anew for each point at which an upgrade is killed.
fn a_killed_upgrade_is_finished_by_the_next() -> Outcome {
    let bed = Bed::new()?;
    let host = &bed.host;
    let old = package("1.0.0", &settings(""))?;
    let slow = settings("").replace("]\n", ", \"--probe-do=slow:2000\", \"new in 1.1\"]\n");
    let folder = bed.unpack(&package("1.1.0", &slow)?, r"C:\svc-e2e-newer")?;
    let script = format!("{folder}\\install.cmd");
    let there = |name: &str| Ok(host.local(&format!("{PROGRAMS}\\{name}")).exists());
    let points: [Point<'_>; 5] = [
        ("its snapshots", &|| there("rollback")),
        ("the stop", &|| {
            Ok(host.state(NAME)?.is_ok_and(|s| s.state == STOPPED))
        }),
        ("the first file", &|| there("svc-probe.exe.old")),
        ("the last file", &|| there("uninstall.cmd.old")),
        ("the start", &|| {
            Ok(host.state(NAME)?.is_ok_and(|s| s.state == START_PENDING))
        }),
    ];
    for (what, reached) in points {
        bed.install(&old)?;
        host.wait_for(NAME, RUNNING)?;
        let mut run = host.leash(&folder, &script)?;
        until(what, reached)?;
        run.kill()?;
        run.wait()?;
        again(host, &folder, &script).with_context(|| format!("after a kill at {what}"))?;
        // It ran before the upgrade, and so it runs now, whoever stopped it.
        host.wait_for(NAME, RUNNING)?;
        let record = bed.record()?;
        ensure!(
            record.args.last().map(Vec::as_slice) == Some(b"new in 1.1"),
            "after a kill at {what}: {record:?}"
        );
        let left: Vec<_> = files(&host.local(PROGRAMS))
            .into_keys()
            .filter(|path| {
                let ending = path.rsplit(['.', '\\', '/']).next();
                matches!(ending, Some("old" | "new" | "rollback"))
            })
            .collect();
        ensure!(left.is_empty(), "after a kill at {what}: {left:?}");
        bed.uninstall_all(&[])?;
        ensure!(
            bed.traces()? == [None, None, None],
            "after a kill at {what}: {:#?}",
            bed.traces()?
        );
    }
    std::fs::remove_dir_all(host.local(r"C:\svc-e2e-newer"))?;
    Ok(())
}

fn a_killed_run_leaves_no_lock() -> Outcome {
    let (bed, script, folder) = unpacked(1)?;
    let host = &bed.host;
    let exists = |path: &str| host.local(path).exists();
    let program = format!("{PROGRAMS}\\svc-probe.exe");
    let points: [Point<'_>; 4] = [
        ("begun", &|| Ok(exists(LOCK))),
        ("its entry", &|| Ok(host.registry(ENTRY)?.is_some())),
        ("the program", &|| Ok(exists(&program))),
        ("the service", &|| Ok(host.state(NAME)?.is_ok())),
    ];
    for (what, reached) in points {
        let mut run = host.leash(&folder, &script)?;
        held(host)?;
        until(what, reached)?;
        run.kill()?;
        run.wait()?;
        again(host, &folder, &script).with_context(|| format!("after a kill at {what}"))?;
        host.wait_for(NAME, RUNNING)?;
        ensure!(!exists(LOCK), "after a kill at {what} the lock is left");
        bed.uninstall_all(&[])?;
        ensure!(
            bed.traces()? == [None, None, None],
            "after a kill at {what}: {:#?}",
            bed.traces()?
        );
    }
    Ok(())
}

fn looking_needs_no_lock() -> Outcome {
    let (bed, script, folder) = unpacked(8)?;
    std::thread::scope(|scope| -> Outcome {
        let run = scope.spawn(|| bed.host.run_in(&folder, &script, &[]));
        held(&bed.host)?;
        let looked = bed.host.run_in(&folder, &script, &["/dry-run"])?;
        let ran = run.join().expect("no panic")?;
        ensure!(ran.code == 0, "{ran:?}");
        ensure!(
            looked.code == 0 && looked.text.contains("would install svc-probe 1.0.0"),
            "{looked:?}"
        );
        Ok(())
    })
}
