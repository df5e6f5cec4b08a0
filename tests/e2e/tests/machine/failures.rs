//! What is refused, and what fails on the way: the machine is as it was before.

use std::fs;

use anyhow::{Context, ensure};
use svc_e2e::bed::scm::{ABSENT, RUNNING};
use svc_e2e::installed::windows::{Bed, NAME, PROGRAMS, package, package_with, settings};
use svc_e2e::suite::Outcome;

use super::{CONFIG, DATA, everything, full, read};

pub(super) fn a_planted_folder_is_refused() -> Outcome {
    let bed = Bed::new()?;
    let package = full("1.0.0", "one")?;
    for planted in [DATA.to_owned(), format!("{DATA}\\state")] {
        fs::create_dir_all(bed.host.local(&planted))?;
        let ran = bed.try_install(&package)?;
        ensure!(
            ran.code == 6 && ran.text.contains("no installation"),
            "{ran:?}"
        );
        ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
        fs::remove_dir_all(bed.host.local(DATA))?;
    }
    // A file in its place, too.
    fs::write(bed.host.local(DATA), "")?;
    let ran = bed.try_install(&package)?;
    ensure!(ran.code == 6 && ran.text.contains("is a file"), "{ran:?}");
    fs::remove_file(bed.host.local(DATA))?;
    Ok(())
}

pub(super) fn a_failed_run_leaves_nothing() -> Outcome {
    let mut bed = Bed::new()?;
    let before = bed.disk();
    // Each way to fail after another step.
    for word in ["localport=53", r"credentials", "/setowner"] {
        bed.host.set_env("TOOL_SHIM_FAILS", word);
        let ran = bed.try_install(&full("1.0.0", "one")?)?;
        ensure!(
            ran.code == 1 && ran.text.contains("putting everything back"),
            "{word}: {ran:?}"
        );
        ensure!(
            bed.host.state(NAME)? == Err(ABSENT),
            "{word}: the service is left"
        );
        ensure!(
            bed.traces()? == [None, None, None],
            "{word}: {:#?}",
            bed.traces()?
        );
        bed.same_disk(&before).with_context(|| word.to_owned())?;
    }
    let calls = bed.host.tool_calls()?;
    let last = calls
        .iter()
        .rfind(|call| call[0] == "netsh")
        .context("no rule was added")?;
    ensure!(last.contains(&"delete".to_owned()), "{calls:#?}");
    Ok(())
}

pub(super) fn a_failed_upgrade_puts_files_back() -> Outcome {
    let bed = Bed::new()?;
    bed.install(&full("1.0.0", "one")?)?;
    let data = bed.host.local(DATA);
    let before = svc_e2e::installed::windows::files(&data);
    let failing = everything().replacen("]\n", ", \"--probe-do=err\"]\n", 1);
    let files = [
        ("probe.toml", "two"),
        ("fixed.txt", "other"),
        ("pages/a b.html", "<b>"),
    ];
    let failed = bed.try_install(&package_with("2.0.0", &failing, &files)?)?;
    ensure!(failed.code == 8, "{failed:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(read(&bed, CONFIG)? == "one");
    ensure!(read(&bed, &format!("{DATA}\\config\\fixed.txt"))? == "fixed");
    ensure!(read(&bed, &format!("{PROGRAMS}\\pages\\a b.html"))? == "<p>");
    // An edited file stays, and what was put beside it goes.
    fs::write(bed.host.local(CONFIG), "mine")?;
    let failed = bed.try_install(&package_with("2.0.0", &failing, &files)?)?;
    ensure!(failed.code == 8, "{failed:?}");
    ensure!(read(&bed, CONFIG)? == "mine");
    let names =
        |files: std::collections::BTreeMap<String, u64>| files.into_keys().collect::<Vec<_>>();
    let after = svc_e2e::installed::windows::files(&data);
    ensure!(
        names(before.clone()) == names(after.clone()),
        "{before:#?}\n{after:#?}"
    );
    // One that an earlier upgrade put there comes back.
    let aside = format!("{CONFIG}.new");
    fs::write(bed.host.local(&aside), "an older one")?;
    let failed = bed.try_install(&package_with("2.0.0", &failing, &files)?)?;
    ensure!(failed.code == 8, "{failed:?}");
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(
        read(&bed, &aside)? == "an older one",
        "{}",
        read(&bed, &aside)?
    );
    Ok(())
}

pub(super) fn an_account_is_for_install_ps1() -> Outcome {
    let bed = Bed::new()?;
    let before = bed.disk();
    let named = "[package.metadata.service.windows]\naccount = '.\\svc-e2e-nobody'\n";
    let ran = bed.try_install(&package_with("1.0.0", &settings(named), &[])?)?;
    ensure!(
        ran.code == 10 && ran.text.contains("use install.ps1"),
        "{ran:?}"
    );
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    bed.same_disk(&before)?;
    // An upgrade keeps the account that there is, whatever this version declares.
    bed.install(&package("1.0.0", &settings(""))?)?;
    let said = bed.install(&package_with("1.1.0", &settings(named), &[])?)?;
    ensure!(said.contains("which was kept"), "{said}");
    bed.host.wait_for(NAME, RUNNING)?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(
        config.account.eq_ignore_ascii_case("NT SERVICE\\svc-probe"),
        "{config:?}"
    );
    Ok(())
}
