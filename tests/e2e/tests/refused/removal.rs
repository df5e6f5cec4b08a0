//! What uninstall.cmd ends with when it does not remove everything, and that the next run does.

use std::fs;

use anyhow::{Result, ensure};
use svc_e2e::bed::scm::{RUNNING, Ran};
use svc_e2e::fixture::{Fixture, one};
use svc_e2e::installed::windows::{Bed, ENTRY, NAME, PROGRAMS, UNPACKED, settings, target};
use svc_e2e::programs;
use svc_e2e::suite::Outcome;

use super::{unpacked, with_variable};

/// Runs the uninstaller that was installed.
pub(super) fn uninstall(bed: &Bed, options: &[&str]) -> Result<Ran> {
    bed.host.run(&format!("{PROGRAMS}\\uninstall.cmd"), options)
}

/// Then the next run takes everything.
fn goes_in_the_end(bed: &Bed) -> Outcome {
    bed.uninstall_all(&[])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    Ok(())
}

pub(super) fn a_file_that_stays_is_1() -> Outcome {
    let bed = Bed::installed()?;
    // A folder in a file's place cannot be deleted as one.
    let file = bed.host.local(PROGRAMS).join("uninstall.ps1");
    fs::remove_file(&file)?;
    fs::create_dir_all(file.join("inner"))?;
    let ran = uninstall(&bed, &[])?;
    ensure!(
        ran.code == 1 && ran.text.contains("removing the file uninstall.ps1"),
        "{ran:?}"
    );
    // It is still known, and so can be run again.
    bed.host.wait_for_absence(NAME)?;
    ensure!(bed.host.registry(ENTRY)?.is_some(), "{ran:?}");
    fs::remove_dir_all(&file)?;
    goes_in_the_end(&bed)
}

pub(super) fn another_prompt_is_5() -> Outcome {
    let bed = Bed::installed()?;
    let before = bed.traces()?;
    let ran = with_variable(
        &bed,
        "PROCESSOR_ARCHITEW6432=AMD64",
        &format!("{PROGRAMS}\\uninstall.cmd"),
    )?;
    ensure!(
        ran.code == 5 && ran.text.contains("64-bit command prompt"),
        "{ran:?}"
    );
    ensure!(bed.traces()? == before, "{:#?}", bed.traces()?);
    bed.host.wait_for(NAME, RUNNING)?;
    goes_in_the_end(&bed)
}

pub(super) fn somebody_elses_entry_is_6() -> Outcome {
    let bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    let add = [
        "add",
        ENTRY,
        "/v",
        "UninstallString",
        "/d",
        "another's",
        "/f",
    ];
    bed.host.ok("reg.exe", &add)?;
    let entry = bed.host.registry(ENTRY)?;
    for options in [&["/dry-run"][..], &[], &["/purge"]] {
        let ran = bed.host.run(&format!("{folder}\\uninstall.cmd"), options)?;
        ensure!(
            ran.code == 6 && ran.text.contains("another kind of installer"),
            "{options:?}: {ran:?}"
        );
        ensure!(bed.host.registry(ENTRY)? == entry, "{ran:?}");
    }
    bed.host.ok("reg.exe", &["delete", ENTRY, "/f"])?;
    Ok(())
}

pub(super) fn a_service_that_is_looked_at_is_9() -> Outcome {
    let bed = Bed::installed()?;
    let looker = bed.host.look_at(NAME)?;
    let ran = uninstall(&bed, &[])?;
    ensure!(
        ran.code == 9
            && ran
                .text
                .contains("marked for deletion: close what looks at it"),
        "{ran:?}"
    );
    ensure!(bed.host.registry(ENTRY)?.is_some(), "{ran:?}");
    let program = bed.host.local(PROGRAMS).join("svc-probe.exe");
    ensure!(program.is_file(), "the program is gone");
    drop(looker);
    bed.host.wait_for_absence(NAME)?;
    goes_in_the_end(&bed)
}

/// Its own text is UTF-8 where a program's name is more than ASCII.
pub(super) fn what_cmd_cannot_read_is_10() -> Outcome {
    let bed = Bed::new()?;
    let programs = [("svc-größe", programs::windows()?.probe.as_path())];
    let tables = one(&format!("name = \"{NAME}\"\n{}", settings("")));
    let fixture = Fixture::new("1.0.0", &programs, &tables)?;
    let package = fixture.package_as(target(), &programs, &["zip"])?;
    let folder = bed.unpack(&package, UNPACKED)?;
    for options in [&["/dry-run"][..], &[]] {
        let ran = bed.host.run(&format!("{folder}\\uninstall.cmd"), options)?;
        ensure!(
            ran.code == 10 && ran.text.contains("does not read UTF-8"),
            "{options:?}: {ran:?}"
        );
    }
    Ok(())
}
