//! What fails on the way, and that the files of operators are as they were.

use std::fs;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{ABSENT, Host, RUNNING};
use svc_e2e::fixture::Package;
use svc_e2e::installed::everything::{CONFIG, DATA, declared, files, read};
use svc_e2e::installed::msi::{entries, install, msiexec, remove_all};
use svc_e2e::installed::windows::{Bed, NAME, installer_with, settings};
use svc_e2e::suite::Outcome;

use super::{SECRET, exists, full, nothing_of_the_run_is_left};

/// Runs msiexec.exe with a program in sc.exe's place that fails, whatever it is asked for: what comes behind the files fails.
fn without_sc(bed: &Bed, package: &Package) -> Result<()> {
    let sc = bed.host.local(r"C:\windows\system32\sc.exe");
    let away = sc.with_extension("away");
    fs::rename(&sc, &away)?;
    fs::copy(bed.host.local(r"C:\windows\winq.exe"), &sc)?;
    let ran = msiexec(&bed.host, "/i", package, &[])?;
    fs::remove_file(&sc)?;
    fs::rename(&away, &sc)?;
    ensure!(ran.code != 0, "{ran:?}");
    Ok(())
}

pub(super) fn a_failed_run_puts_files_back() -> Outcome {
    let bed = Bed::new()?;
    without_sc(&bed, &full("1.0.0", "one")?)?;
    ensure!(bed.host.state(NAME)?.is_ok() || bed.host.state(NAME)? == Err(ABSENT));
    ensure!(!exists(&bed, CONFIG), "the file is left");
    nothing_of_the_run_is_left(&bed)
}

/// A version whose service never starts, after everything else of the upgrade was done.
fn failing(version: &str, config: &str) -> Result<Package> {
    let mut all = files(config).to_vec();
    all.push(("secret.toml", "another"));
    let args = settings(&declared(SECRET)).replacen("]\n", ", \"--probe-do=err\"]\n", 1);
    installer_with(version, &args, &all)
}

/// What an operator left, and what was put beside it.
fn left(bed: &Bed) -> Result<[Option<String>; 2]> {
    let aside = format!("{CONFIG}.new");
    let all = [CONFIG.to_owned(), aside]
        .map(|path| exists(bed, &path).then(|| read(bed, &path)).transpose());
    let [file, aside] = all;
    Ok([file?, aside?])
}

/// Wine removes the older version apart from what the new one does, and so does not bring it back; what the new one did to files
/// it takes back. There each case has a machine of its own.
pub(super) fn a_failed_upgrade_leaves_edits_alone() -> Outcome {
    let cases: [(&str, &str, Option<&str>); 4] = [
        ("nobody edited it", "one", None),
        ("it was edited", "mine", None),
        (
            "an older default is beside it",
            "mine",
            Some("an older one"),
        ),
        ("the operator has the new one already", "two", None),
    ];
    for (what, file, aside) in cases {
        let bed = Bed::new()?;
        install(&bed, &full("1.0.0", "one")?, &[])?;
        bed.host.wait_for(NAME, RUNNING)?;
        fs::write(bed.host.local(CONFIG), file)?;
        if let Some(aside) = aside {
            fs::write(bed.host.local(&format!("{CONFIG}.new")), aside)?;
        }
        let before = left(&bed)?;
        if Host::is_windows() {
            let ran = msiexec(&bed.host, "/i", &failing("2.0.0", "two")?, &[])?;
            ensure!(ran.code == 1603, "{what}: {ran:?}");
        } else {
            // Wine goes on when a start fails.
            without_sc(&bed, &full("2.0.0", "two")?).context(what)?;
        }
        ensure!(left(&bed)? == before, "{what}: {:#?}", left(&bed)?);
        if !Host::is_windows() {
            continue;
        }
        let found = entries(&bed)?;
        let version = found.first().and_then(|key| key.text("DisplayVersion"));
        ensure!(version.as_deref() == Some("1.0.0"), "{what}: {found:#?}");
        bed.host.wait_for(NAME, RUNNING)?;
        nothing_of_the_run_is_left(&bed)?;
        // A file that was edited counts as edited in the next run as well, and one that was not does not.
        install(&bed, &full("3.0.0", "three")?, &[])?;
        let wanted = if file == "one" { "three" } else { file };
        ensure!(read(&bed, CONFIG)? == wanted, "{what}: {:#?}", left(&bed)?);
        nothing_of_the_run_is_left(&bed).context(what)?;
        remove_all(&bed.host)?;
        ensure!(!exists(&bed, DATA), "{what}: {DATA} is left");
    }
    Ok(())
}
