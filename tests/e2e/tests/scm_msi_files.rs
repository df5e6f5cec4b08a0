//! What the package for Windows Installer brings to the machine besides the service: its folders, its files and an operator's edits of
//! them, its secrets, and where it goes.
//!
//! Under Wine it is Wine's Windows Installer, which sets no access lists and removes an older version before and apart from what
//! the new one does.

#[path = "msi_files/failures.rs"]
mod failures;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, STOPPED};
use svc_e2e::fixture::Package;
use svc_e2e::installed::everything::{CONFIG, DATA, declared, files, is_there, read};
use svc_e2e::installed::msi::{entries, install, msiexec, remove_all, uninstall};
use svc_e2e::installed::windows::{Bed, NAME, PROGRAMS, installer_with, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// What Windows Installer itself remembers of the package.
const OWN_KEY: &str = r"HKLM\SOFTWARE\cargo-svc\svc-probe";
const SHARED_KEY: &str = r"HKLM\SOFTWARE\cargo-svc\Shared Folders";

/// A file beside those of everything that a service can bring.
const SECRET: &str = r#"{ source = "secret.toml", to = "{install-dir}/secret.toml", config = true, mode = "0600" },"#;

fn main() -> ExitCode {
    let wine_alone = || Host::is_windows().then_some("Windows has the real programs");
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "msi_files::everything_declared_is_there_and_goes_again",
                everything_declared_is_there_and_goes_again,
            ),
            Test::new("msi_files::edits_are_kept", edits_are_kept),
            Test::new(
                "msi_files::what_is_kept_is_taken_up_again",
                what_is_kept_is_taken_up_again,
            ),
            Test::new(
                "msi_files::what_it_needs_is_waited_for",
                what_it_needs_is_waited_for,
            ),
            Test::new(
                "msi_files::a_planted_folder_is_refused",
                a_planted_folder_is_refused,
            ),
            Test::new(
                "msi_files::it_is_asked_whose_a_folder_is",
                it_is_asked_whose_a_folder_is,
            )
            .not_here(wine_alone()),
            Test::new(
                "msi_files::a_failed_run_puts_files_back",
                failures::a_failed_run_puts_files_back,
            )
            .not_here(wine_alone()),
            Test::new(
                "msi_files::a_failed_upgrade_leaves_edits_alone",
                failures::a_failed_upgrade_leaves_edits_alone,
            ),
            Test::new(
                "msi_files::it_goes_where_it_was_declared",
                it_goes_where_it_was_declared,
            ),
        ],
    )
}

/// The package with everything, whose file for operators says this.
fn full(version: &str, config: &str) -> Result<Package> {
    let mut all = files(config).to_vec();
    all.push(("secret.toml", "secret"));
    installer_with(version, &settings(&declared(SECRET)), &all)
}

fn exists(bed: &Bed, path: &str) -> bool {
    bed.host.local(path).exists()
}

/// What a run leaves beside a file that operators edit while it is under way.
fn nothing_of_the_run_is_left(bed: &Bed) -> Result<()> {
    for folder in [DATA, PROGRAMS] {
        let found = svc_e2e::installed::windows::files(&bed.host.local(folder));
        let left: Vec<_> = found.keys().filter(|path| path.contains(".svc-")).collect();
        ensure!(left.is_empty(), "{left:#?}");
    }
    let run = bed.host.registry(&format!("{OWN_KEY}\\Run"))?;
    ensure!(run.is_none(), "{run:#?}");
    Ok(())
}

fn everything_declared_is_there_and_goes_again() -> Outcome {
    let bed = Bed::new()?;
    let package = full("1.0.0", "one")?;
    install(&bed, &package, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    is_there(&bed, "one")?;
    ensure!(read(&bed, &format!("{PROGRAMS}\\secret.toml"))? == "secret");
    nothing_of_the_run_is_left(&bed)?;
    uninstall(&bed, &package, &["PURGE=1"])?;
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    for folder in [DATA, PROGRAMS] {
        ensure!(!exists(&bed, folder), "{folder} is left");
    }
    ensure!(bed.host.registry(OWN_KEY)?.is_none(), "{OWN_KEY}");
    let shared = bed.host.registry(SHARED_KEY)?;
    ensure!(
        shared.as_ref().is_none_or(|key| key.values.is_empty()),
        "{shared:#?}"
    );
    // And again, after all of it has gone.
    install(&bed, &package, &[])?;
    ensure!(read(&bed, CONFIG)? == "one");
    uninstall(&bed, &package, &["PURGE=1"])
}

fn edits_are_kept() -> Outcome {
    let bed = Bed::new()?;
    install(&bed, &full("1.0.0", "one")?, &[])?;
    let aside = format!("{CONFIG}.new");
    let state = format!("{DATA}\\state\\kept");
    fs::write(bed.host.local(&state), "data")?;
    // Nobody edited it: it follows the package.
    install(&bed, &full("1.1.0", "two")?, &[])?;
    ensure!(
        read(&bed, CONFIG)? == "two",
        "{} {:?}",
        read(&bed, CONFIG)?,
        svc_e2e::installed::windows::files(&bed.host.local(DATA))
    );
    ensure!(!exists(&bed, &aside), "put aside");
    fs::write(bed.host.local(CONFIG), "mine")?;
    // The same default once more: there is nothing to tell.
    install(&bed, &full("1.2.0", "two")?, &[])?;
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(!exists(&bed, &aside), "put aside");
    install(&bed, &full("1.3.0", "three")?, &[])?;
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(read(&bed, &aside)? == "three");
    // A newer default takes the older one's place there.
    install(&bed, &full("1.3.1", "three more")?, &[])?;
    ensure!(read(&bed, &aside)? == "three more");
    // A repair leaves it alone.
    fs::remove_file(bed.host.local(&aside))?;
    install(&bed, &full("1.3.1", "three more")?, &["REINSTALL=ALL"])?;
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(!exists(&bed, &aside), "put aside by a repair");
    // The operator takes the new one over: it follows the package again.
    fs::write(bed.host.local(CONFIG), "three more")?;
    install(&bed, &full("1.4.0", "four")?, &[])?;
    ensure!(read(&bed, CONFIG)? == "four");
    // Gone, it comes back, also by a repair.
    fs::remove_file(bed.host.local(CONFIG))?;
    install(&bed, &full("1.4.0", "four")?, &["REINSTALL=ALL"])?;
    ensure!(read(&bed, CONFIG)? == "four");
    fs::remove_file(bed.host.local(CONFIG))?;
    install(&bed, &full("1.5.0", "five")?, &[])?;
    ensure!(read(&bed, CONFIG)? == "five");
    // What nobody may edit is the package's.
    let fixed = format!("{DATA}\\config\\fixed.txt");
    fs::write(bed.host.local(&fixed), "mine")?;
    install(&bed, &full("1.6.0", "five")?, &[])?;
    ensure!(read(&bed, &fixed)? == "fixed");
    nothing_of_the_run_is_left(&bed)?;
    bed.host.wait_for(NAME, RUNNING)?;
    // A version that does not have it takes it away, and leaves what operators edit.
    let last = package("2.0.0", &settings(""))?;
    install(&bed, &last, &[])?;
    ensure!(!exists(&bed, &fixed), "{fixed}");
    ensure!(!exists(&bed, &format!("{PROGRAMS}\\pages")), "pages");
    ensure!(read(&bed, CONFIG)? == "five");
    ensure!(read(&bed, &state)? == "data", "the state is gone");
    nothing_of_the_run_is_left(&bed)
}

fn what_is_kept_is_taken_up_again() -> Outcome {
    let bed = Bed::new()?;
    let first = full("1.0.0", "one")?;
    install(&bed, &first, &[])?;
    let kept = format!("{DATA}\\state\\kept");
    fs::write(bed.host.local(&kept), "data")?;
    fs::write(bed.host.local(CONFIG), "mine")?;
    uninstall(&bed, &first, &[])?;
    ensure!(read(&bed, &kept)? == "data");
    ensure!(read(&bed, CONFIG)? == "mine");
    let fixed = format!("{DATA}\\config\\fixed.txt");
    ensure!(!exists(&bed, &fixed), "what no operator edits is left");
    let second = full("1.1.0", "two")?;
    install(&bed, &second, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(read(&bed, &kept)? == "data");
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(read(&bed, &format!("{CONFIG}.new"))? == "two");
    uninstall(&bed, &second, &["PURGE=1"])?;
    ensure!(!exists(&bed, DATA), "the folders are left");
    Ok(())
}

fn what_it_needs_is_waited_for() -> Outcome {
    let bed = Bed::new()?;
    let needs = "directories = { config = true }\nfiles = [{ to = \"{config-dir}/licence\", required = true }]\n\
                 credentials = [{ name = \"token\", required = true }]\n";
    let first = installer_with("1.0.0", &settings(needs), &[])?;
    install(&bed, &first, &[])?;
    let stopped = || -> Result<()> {
        let state = bed.host.state(NAME)?.ok().context("no service")?;
        ensure!(state.state == STOPPED, "{state:?}");
        Ok(())
    };
    stopped()?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 2, "{config:?}");
    let said = || -> Result<Vec<String>> {
        let calls = bed.host.tool_calls()?.into_iter();
        let calls = calls.filter(|call| call[0] == "eventcreate");
        Ok(calls.map(|call| call.join(" ")).collect())
    };
    if !Host::is_windows() {
        let said = said()?;
        ensure!(said.len() == 2, "{said:#?}");
        ensure!(
            said[0].contains(&format!("/so {NAME} "))
                && said[0].contains(&format!(
                    "{NAME} is installed and not started: the file {DATA}\\config\\licence is missing."
                )),
            "{said:#?}"
        );
        ensure!(
            said[1].contains(&format!("the credential token {DATA}\\credentials\\token")),
            "{said:#?}"
        );
    }
    let source = bed.source(NAME)?.context("no event source")?;
    ensure!(source.number("CustomSource") == Some(1), "{source:?}");
    fs::write(bed.host.local(&format!("{DATA}\\config\\licence")), "x")?;
    install(&bed, &first, &["REINSTALL=ALL"])?;
    stopped()?;
    let token = bed.host.local(&format!("{DATA}\\credentials\\token"));
    fs::write(&token, "x")?;
    bed.host.ok("net.exe", &["start", NAME])?;
    bed.host.wait_for(NAME, RUNNING)?;
    // An upgrade starts what ran.
    let second = installer_with("1.1.0", &settings(needs), &[])?;
    install(&bed, &second, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    // Installed where all is there already, it starts at once.
    uninstall(&bed, &second, &[])?;
    install(&bed, &second, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    // And an upgrade without it does not.
    fs::remove_file(&token)?;
    install(&bed, &installer_with("1.2.0", &settings(needs), &[])?, &[])?;
    stopped()
}

fn a_planted_folder_is_refused() -> Outcome {
    let bed = Bed::new()?;
    let package = full("1.0.0", "one")?;
    for planted in [DATA.to_owned(), format!("{DATA}\\state")] {
        fs::create_dir_all(bed.host.local(&planted))?;
        let ran = msiexec(&bed.host, "/i", &package, &[])?;
        ensure!(ran.code == 1603, "{planted}: {ran:?}");
        ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
        ensure!(!exists(&bed, PROGRAMS), "something was installed");
        fs::remove_dir_all(bed.host.local(DATA))?;
    }
    // Also by an upgrade to the first version that has it.
    install(
        &bed,
        &svc_e2e::installed::windows::package("0.9.0", &settings(""))?,
        &[],
    )?;
    fs::create_dir_all(bed.host.local(DATA))?;
    let ran = msiexec(&bed.host, "/i", &package, &[])?;
    ensure!(ran.code == 1603, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING)?;
    fs::remove_dir_all(bed.host.local(DATA))?;
    Ok(())
}

/// What Wine has no PowerShell for: the call is looked at, and what its answer does.
fn it_is_asked_whose_a_folder_is() -> Outcome {
    let mut bed = Bed::new()?;
    install(&bed, &full("1.0.0", "one")?, &[])?;
    let calls = bed.host.tool_calls()?;
    let call = calls
        .iter()
        .find(|call| call[0] == "powershell")
        .with_context(|| format!("{calls:#?}"))?;
    ensure!(
        call[1..5]
            == [
                "-NoProfile",
                "-NonInteractive",
                "-ExecutionPolicy",
                "Bypass"
            ]
            && call[6].contains("^O:(BA|SY|S-1-5-18|"),
        "{call:#?}"
    );
    bed.host.set_env("TOOL_SHIM_FAILS", "ReparsePoint");
    let ran = msiexec(&bed.host, "/i", &full("1.1.0", "two")?, &[])?;
    ensure!(ran.code != 0, "{ran:?}");
    ensure!(read(&bed, CONFIG)? == "one");
    bed.host.set_env("TOOL_SHIM_FAILS", "");
    remove_all(&bed.host)?;
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    Ok(())
}

fn it_goes_where_it_was_declared() -> Outcome {
    for (declared, folder) in [
        (
            r"The probe's makers\A probe",
            r"C:\Program Files\The probe's makers\A probe",
        ),
        (r"C:\svc-e2e-fixed", r"C:\svc-e2e-fixed"),
    ] {
        let bed = Bed::new()?;
        let more = format!(
            "environment = {{ HERE = \"{{install-dir}}\" }}\n[package.metadata.service.windows]\ninstall-dir = {}\n",
            svc_e2e::fixture::text(declared)
        );
        let package = installer_with("1.0.0", &settings(&more), &[])?;
        if declared == folder {
            // Everybody may make one there.
            fs::create_dir_all(bed.host.local(folder))?;
            let ran = msiexec(&bed.host, "/i", &package, &[])?;
            ensure!(ran.code == 1603, "{ran:?}");
            fs::remove_dir_all(bed.host.local(folder))?;
        }
        install(&bed, &package, &[])?;
        bed.host.wait_for(NAME, RUNNING)?;
        ensure!(
            exists(&bed, &format!("{folder}\\svc-probe.exe")),
            "{folder}"
        );
        ensure!(!exists(&bed, PROGRAMS), "{PROGRAMS}");
        let config = bed.host.config(NAME)?.ok().context("no service")?;
        ensure!(config.image.contains(folder), "{config:?}");
        install(&bed, &installer_with("1.1.0", &settings(&more), &[])?, &[])?;
        bed.host.wait_for(NAME, RUNNING)?;
        ensure!(
            exists(&bed, &format!("{folder}\\svc-probe.exe")),
            "{folder}"
        );
        uninstall(
            &bed,
            &installer_with("1.1.0", &settings(&more), &[])?,
            &["PURGE=1"],
        )?;
        ensure!(!exists(&bed, folder), "{folder} is left");
    }
    Ok(())
}
