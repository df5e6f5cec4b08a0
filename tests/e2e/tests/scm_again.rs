//! install.cmd after uninstall.cmd: a folder that was kept, and one that somebody else owns.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, ABSENT, RUNNING};
use svc_e2e::installed::windows::{Bed, ENTRY, NAME, PROGRAMS, UNPACKED, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "again::a_kept_folder_is_taken_up_again",
                a_kept_folder_is_taken_up_again,
            ),
            Test::new(
                "again::a_kept_folder_is_purged_later",
                a_kept_folder_is_purged_later,
            ),
            Test::new(
                "again::a_failed_installation_keeps_it",
                a_failed_installation_keeps_it,
            ),
            Test::new(
                "again::another_folder_may_be_named",
                another_folder_may_be_named,
            ),
            Test::new(
                "again::somebody_elses_folder_is_refused",
                somebody_elses_folder_is_refused,
            ),
            Test::new(
                "again::somebody_elses_entry_is_refused",
                somebody_elses_entry_is_refused,
            ),
            Test::new(
                "again::an_entry_that_was_cut_short_is_nobodys",
                an_entry_that_was_cut_short_is_nobodys,
            ),
        ],
    )
}

/// A host on which the package was installed and removed, and the folder kept for the sake of this file.
fn kept() -> Result<(Bed, PathBuf)> {
    let bed = Bed::installed()?;
    let file = bed.host.local(PROGRAMS).join("notes.txt");
    std::fs::write(&file, "mine")?;
    bed.uninstall(&[])?;
    ensure!(file.is_file(), "the file is gone");
    let entry = bed.host.registry(ENTRY)?.context("no mark")?;
    // Add/Remove Programs shows what has a name.
    ensure!(
        entry.text("DisplayName").is_none() && entry.text("UninstallString").is_none(),
        "{entry:?}"
    );
    ensure!(bed.host.state(NAME)? == Err(ABSENT), "the service is left");
    ensure!(bed.source(NAME)?.is_none(), "the event source is left");
    Ok((bed, file))
}

fn a_kept_folder_is_taken_up_again() -> Outcome {
    let (bed, file) = kept()?;
    bed.install(&package("1.1.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(
        std::fs::read_to_string(&file)? == "mine",
        "the file was changed"
    );
    let entry = bed.host.registry(ENTRY)?.context("no entry")?;
    ensure!(
        entry.text("DisplayVersion").as_deref() == Some("1.1.0"),
        "{entry:?}"
    );
    ensure!(entry.number("SvcKept").is_none(), "{entry:?}");
    std::fs::remove_file(file)?;
    bed.uninstall_all(&[])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    Ok(())
}

fn a_kept_folder_is_purged_later() -> Outcome {
    let (bed, file) = kept()?;
    // The uninstaller went with the installation; the package has another.
    let unpacked = bed.unpack(&package("1.0.0", &settings(""))?, UNPACKED)?;
    let script = format!("{unpacked}\\uninstall.cmd");
    let ran = bed.host.run(&script, &[])?;
    ensure!(ran.code == 0 && ran.text.contains("/purge"), "{ran:?}");
    ensure!(file.is_file(), "the file is gone without /purge");
    let ran = bed.host.run(&script, &["/purge"])?;
    ensure!(ran.code == 0, "{ran:?}");
    svc_e2e::wait::until(
        "the folder to go",
        std::time::Duration::from_secs(60),
        || Ok((!bed.host.local(PROGRAMS).exists()).then_some(())),
        String::new,
    )?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    ensure!(
        bed.host.local(&script).is_file(),
        "the package's own script is gone"
    );
    Ok(())
}

fn a_failed_installation_keeps_it() -> Outcome {
    let (bed, file) = kept()?;
    let mark = bed.host.registry(ENTRY)?;
    let failed = bed.try_install(&package(
        "1.1.0",
        &settings("").replace("]\n", ", \"--probe-do=err\"]\n"),
    )?)?;
    ensure!(failed.code == 8, "{failed:?}");
    ensure!(
        bed.host.registry(ENTRY)? == mark,
        "{:#?}",
        bed.host.registry(ENTRY)?
    );
    ensure!(bed.host.state(NAME)? == Err(ABSENT), "the service is left");
    let left: Vec<_> = std::fs::read_dir(bed.host.local(PROGRAMS))?
        .flatten()
        .map(|e| e.path())
        .collect();
    ensure!(left == [file], "{left:?}");
    bed.install(&package("1.0.0", &settings(""))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn another_folder_may_be_named() -> Outcome {
    let (bed, file) = kept()?;
    let unpacked = bed.unpack(&package("1.0.0", &settings(""))?, UNPACKED)?;
    let script = format!("{unpacked}\\install.cmd");
    let ran = bed
        .host
        .run_in(&unpacked, &script, &["/install-dir", r"C:\svc-e2e other"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(
        config.image.starts_with("\"C:\\svc-e2e other\\"),
        "{config:?}"
    );
    ensure!(file.is_file(), "the file is gone");
    let ran = bed.host.run(r"C:\svc-e2e other\uninstall.cmd", &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)
}

fn somebody_elses_folder_is_refused() -> Outcome {
    let bed = Bed::new()?;
    let folder = bed.host.local(PROGRAMS);
    let refused = |bed: &Bed| -> Outcome {
        let ran = bed.try_install(&package("1.0.0", &settings(""))?)?;
        ensure!(ran.code == 6 && ran.text.contains(PROGRAMS), "{ran:?}");
        ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
        Ok(())
    };
    std::fs::create_dir(&folder)?;
    refused(&bed)?;
    std::fs::write(
        folder.join("receipt.txt"),
        "package=svc-probe\nversion=1.0.0\n",
    )?;
    refused(&bed)?;
    // A mark for another folder is none for this one.
    std::fs::remove_dir_all(&folder)?;
    let (bed, _) = kept()?;
    let other = r"C:\svc-e2e other";
    std::fs::create_dir_all(bed.host.local(other))?;
    let unpacked = bed.unpack(&package("1.0.0", &settings(""))?, UNPACKED)?;
    let ran = bed.host.run_in(
        &unpacked,
        &format!("{unpacked}\\install.cmd"),
        &["/install-dir", other],
    )?;
    ensure!(ran.code == 6, "{ran:?}");
    Ok(())
}

fn somebody_elses_entry_is_refused() -> Outcome {
    let bed = Bed::new()?;
    for data in ["Another's probe", "\"C:\\x y\\u.exe\" & \"%PATH%\" ^ (1)"] {
        bed.host.ok(
            "reg.exe",
            &["add", ENTRY, "/v", "UninstallString", "/d", data, "/f"],
        )?;
        let entry = bed.host.registry(ENTRY)?;
        let ran = bed.try_install(&package("1.0.0", &settings(""))?)?;
        ensure!(
            ran.code == 6 && ran.text.contains("another kind of installer"),
            "{ran:?}"
        );
        ensure!(
            bed.host.registry(ENTRY)? == entry,
            "{:#?}",
            bed.host.registry(ENTRY)?
        );
    }
    Ok(())
}

/// What a run leaves that is killed while it makes the entry.
fn an_entry_that_was_cut_short_is_nobodys() -> Outcome {
    let bed = Bed::new()?;
    let unpacked = bed.unpack(&package("1.0.0", &settings(""))?, UNPACKED)?;
    let begin = |marked: bool| -> Outcome {
        let value = ["/v", "SvcInstaller"];
        let add = [["add", ENTRY], value, ["/d", "script"], ["/f", "/reg:64"]].concat();
        bed.host.ok("reg.exe", &add)?;
        if !marked {
            bed.host.ok(
                "reg.exe",
                &[["delete", ENTRY], value, ["/f", "/reg:64"]].concat(),
            )?;
        }
        ensure!(bed.host.registry(ENTRY)?.is_some(), "no key");
        Ok(())
    };
    for marked in [false, true] {
        begin(marked)?;
        let ran = bed.host.run(&format!("{unpacked}\\uninstall.cmd"), &[])?;
        ensure!(
            ran.code == 0 && bed.host.registry(ENTRY)?.is_none(),
            "{ran:?}"
        );
        begin(marked)?;
        let ran = bed
            .host
            .run_in(&unpacked, &format!("{unpacked}\\install.cmd"), &[])?;
        ensure!(ran.code == 0, "{ran:?}");
        bed.host.wait_for(NAME, RUNNING)?;
        bed.uninstall_all(&[])?;
        ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    }
    Ok(())
}
