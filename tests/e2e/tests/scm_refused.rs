//! What the batch files end with when they do not do what was asked: each exit code has its reason, and nothing is changed by
//! one that looked first.

#[path = "refused/removal.rs"]
mod removal;

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, Ran, STOPPED};
use svc_e2e::installed::windows::{
    Bed, ENTRY, FOLDER, NAME, PROGRAMS, UNPACKED, files, package, package_with, settings,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::wait;

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "refused::a_command_line_at_fault_is_2",
                a_command_line_at_fault_is_2,
            ),
            Test::new(
                "refused::without_an_administrators_rights_is_3",
                without_an_administrators_rights_is_3,
            )
            .not_here(
                Host::is_windows().then_some("the suite runs with an administrator's rights"),
            ),
            Test::new(
                "refused::a_package_that_was_changed_is_4",
                a_package_that_was_changed_is_4,
            ),
            Test::new(
                "refused::another_kind_of_machine_is_5",
                another_kind_of_machine_is_5,
            ),
            Test::new("refused::another_prompt_is_5", another_prompt_is_5),
            Test::new(
                "refused::a_service_that_does_not_stop_is_7_and_runs_again",
                a_service_that_does_not_stop_is_7_and_runs_again,
            ),
            Test::new(
                "refused::what_cannot_be_put_back_is_9_and_the_next_run_goes_on",
                what_cannot_be_put_back_is_9_and_the_next_run_goes_on,
            ),
            Test::new(
                "removal::a_file_that_stays_is_1",
                removal::a_file_that_stays_is_1,
            ),
            Test::new("removal::another_prompt_is_5", removal::another_prompt_is_5),
            Test::new(
                "removal::somebody_elses_entry_is_6",
                removal::somebody_elses_entry_is_6,
            ),
            Test::new(
                "removal::a_service_that_is_looked_at_is_9",
                removal::a_service_that_is_looked_at_is_9,
            ),
            Test::new(
                "removal::what_cmd_cannot_read_is_10",
                removal::what_cmd_cannot_read_is_10,
            )
            .not_here(Host::is_windows().then_some("Windows' cmd.exe reads UTF-8")),
        ],
    )
}

/// A package with a file of its own, unpacked.
fn unpacked(bed: &Bed) -> Result<String> {
    let files = "files = [{ source = \"page.html\", to = \"{install-dir}/page.html\" }]\n";
    let package = package_with("1.0.0", &settings(files), &[("page.html", "<p>")])?;
    bed.unpack(&package, UNPACKED)
}

fn install(host: &Host, folder: &str, options: &[&str]) -> Result<Ran> {
    host.run_in(folder, &format!("{folder}\\install.cmd"), options)
}

/// The script ends with this code and says this, and nothing of the package is on the machine.
fn is_refused(bed: &Bed, folder: &str, options: &[&str], code: i32, says: &str) -> Outcome {
    for dry in [&[][..], &["/dry-run"]] {
        let options = [options, dry].concat();
        let ran = install(&bed.host, folder, &options)?;
        ensure!(
            ran.code == code && ran.text.contains(says),
            "{options:?}: {code} and {says:?} were expected: {ran:?}"
        );
        ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
        ensure!(!bed.host.local(PROGRAMS).exists(), "{PROGRAMS} is there");
    }
    Ok(())
}

/// In the end the package was not at fault.
fn installs(bed: &Bed, folder: &str) -> Outcome {
    let ran = install(&bed.host, folder, &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, RUNNING).map(drop)
}

fn a_command_line_at_fault_is_2() -> Outcome {
    let bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    for (options, says) in [
        (&["/purge"][..], "\"/purge\" is no option"),
        (&["/quiet", "-reset"], "\"-reset\" is no option"),
        (&["C:\\x"], "\"C:\\x\" is no option"),
        (&["/install-dir", r"C:\"], "cannot be the install folder"),
    ] {
        is_refused(&bed, &folder, options, 2, says)?;
    }
    // The value is missing where the line ends.
    let ran = install(&bed.host, &folder, &["/install-dir"])?;
    ensure!(
        ran.code == 2 && ran.text.contains("lacks its value"),
        "{ran:?}"
    );
    installs(&bed, &folder)?;
    let uninstall = format!("{PROGRAMS}\\uninstall.cmd");
    for option in ["/reset", "-purge"] {
        let ran = bed.host.run(&uninstall, &[option])?;
        ensure!(
            ran.code == 2 && ran.text.contains("is no option"),
            "{option}: {ran:?}"
        );
    }
    bed.host.wait_for(NAME, RUNNING)?;
    bed.uninstall_all(&[])
}

/// What the label of a process says of one that is no administrator's, whatever language Windows speaks.
fn without_an_administrators_rights_is_3() -> Outcome {
    let mut bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    let label = "WHOAMI_SHIM_LABEL";
    // Low, medium, and what stands between medium and high.
    for unprivileged in ["S-1-16-4096", "S-1-16-8192", "S-1-16-8448"] {
        bed.host.set_env(label, unprivileged);
        is_refused(&bed, &folder, &[], 3, "run it as administrator")?;
    }
    // The machine's own account, as a scheduled task has it; an administrator's is everywhere else.
    bed.host.set_env(label, "S-1-16-16384");
    installs(&bed, &folder)?;
    bed.host.set_env(label, "S-1-16-8192");
    let before = bed.traces()?;
    for options in [&["/dry-run"][..], &[], &["/purge"]] {
        let ran = removal::uninstall(&bed, options)?;
        ensure!(
            ran.code == 3 && ran.text.contains("run it as administrator"),
            "{options:?}: {ran:?}"
        );
        ensure!(bed.traces()? == before, "{:#?}", bed.traces()?);
    }
    bed.host.wait_for(NAME, RUNNING)?;
    bed.host.set_env(label, "S-1-16-12288");
    bed.uninstall_all(&[])
}

/// Changes a file of the package while something is looked at.
fn with(bed: &Bed, path: &str, changed: Option<&[u8]>, look: impl Fn() -> Outcome) -> Outcome {
    let path = bed.host.local(path);
    let before = fs::read(&path).with_context(|| path.display().to_string())?;
    match changed {
        Some(bytes) => fs::write(&path, bytes)?,
        None => fs::remove_file(&path)?,
    }
    look()?;
    fs::write(&path, before)?;
    Ok(())
}

fn a_package_that_was_changed_is_4() -> Outcome {
    let bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    let list = format!("{folder}\\PACKAGE");
    let text = fs::read_to_string(bed.host.local(&list))?;
    let refused = |says: &str| is_refused(&bed, &folder, &[], 4, says);
    with(&bed, &list, None, || refused("the file PACKAGE is missing"))?;
    let others = text.replace("package=svc-probe", "package=another");
    ensure!(others != text, "{text}");
    with(&bed, &list, Some(others.as_bytes()), || {
        refused("is not that of svc-probe")
    })?;
    for (name, shown) in [
        ("bin\\svc-probe.exe", "\"bin\\svc-probe.exe\""),
        ("files\\page.html", "\"files\\page.html\""),
        ("uninstall.cmd", "\"uninstall.cmd\""),
    ] {
        let path = format!("{folder}\\{name}");
        with(&bed, &path, None, || {
            refused(&format!("{shown} is missing in this package"))
        })?;
        let mut bytes = fs::read(bed.host.local(&path))?;
        bytes.push(b'\n');
        with(&bed, &path, Some(&bytes), || {
            refused(&format!("{shown} is not the file that was packaged"))
        })?;
    }
    // What the list does not name is missed nevertheless.
    let page = format!("{folder}\\files\\page.html");
    let shorter: String = text
        .split_inclusive('\n')
        .filter(|line| !line.contains("page.html"))
        .collect();
    ensure!(shorter != text, "{text}");
    with(&bed, &list, Some(shorter.as_bytes()), || {
        with(&bed, &page, None, || refused("is missing in this package"))
    })?;
    installs(&bed, &folder)?;
    bed.uninstall_all(&[])
}

fn another_kind_of_machine_is_5() -> Outcome {
    let bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    let list = format!("{folder}\\PACKAGE");
    let text = fs::read_to_string(bed.host.local(&list))?;
    let target = text
        .lines()
        .find_map(|line| line.strip_prefix("target="))
        .context("no target")?;
    let foreign = target.replace("x86_64", "riscv64");
    ensure!(foreign != target, "{target}");
    let others = text.replace(target, &foreign);
    with(&bed, &list, Some(others.as_bytes()), || {
        is_refused(
            &bed,
            &folder,
            &[],
            5,
            &format!("this package is for {foreign}; this machine is AMD64"),
        )
    })?;
    installs(&bed, &folder)?;
    bed.uninstall_all(&[])
}

/// Runs a script in its own folder, with this variable.
fn with_variable(bed: &Bed, variable: &str, script: &str) -> Result<Ran> {
    let (folder, _) = script.rsplit_once('\\').context("a whole path")?;
    let wrapper = format!("{FOLDER}\\with.cmd");
    fs::write(
        bed.host.local(&wrapper),
        format!("@set \"{variable}\"\r\n@\"{script}\"\r\n"),
    )?;
    bed.host.run_in(folder, &wrapper, &[])
}

/// A 32-bit interpreter on a 64-bit machine has this variable.
fn another_prompt_is_5() -> Outcome {
    let bed = Bed::new()?;
    let folder = unpacked(&bed)?;
    let script = format!("{folder}\\install.cmd");
    let ran = with_variable(&bed, "PROCESSOR_ARCHITEW6432=AMD64", &script)?;
    ensure!(
        ran.code == 5 && ran.text.contains("64-bit command prompt"),
        "{ran:?}"
    );
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    ensure!(!bed.host.local(PROGRAMS).exists(), "{PROGRAMS} is there");
    installs(&bed, &folder)?;
    bed.uninstall_all(&[])
}

/// How long the service stops, in seconds: longer than the scripts wait, which is 16 looks a second or more apart, and not so
/// long that they do not see it run again.
const STOPS: u64 = 60;

fn a_service_that_does_not_stop_is_7_and_runs_again() -> Outcome {
    let bed = Bed::new()?;
    let impatient = settings("").replace("\"20s\"", "\"1s\"");
    let slow = format!(", \"--probe-do=slow-stop:{STOPS}000\"]\n");
    bed.install(&package("1.0.0", &impatient.replace("]\n", &slow))?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let (service, entry) = (bed.host.service_key(NAME)?, bed.host.registry(ENTRY)?);
    let process = bed.host.state(NAME)?.ok().context("no service")?.pid;

    let ran = bed.try_install(&package("2.0.0", &impatient)?)?;
    ensure!(
        ran.code == 7 && ran.text.contains("did not end within 16 s"),
        "{ran:?}"
    );
    // It stopped in the end, and was started again, as it was.
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(
        state.state == RUNNING && state.pid != process,
        "{state:?}, {ran:?}"
    );
    ensure!(bed.host.service_key(NAME)? == service, "{ran:?}");
    ensure!(bed.host.registry(ENTRY)? == entry, "{ran:?}");

    // Nor does an uninstallation take away what still runs.
    let uninstall = format!("{PROGRAMS}\\uninstall.cmd");
    let ran = bed.host.run(&uninstall, &[])?;
    ensure!(
        ran.code == 7 && ran.text.contains("did not end within 16 s"),
        "{ran:?}"
    );
    ensure!(bed.host.service_key(NAME)? == service, "{ran:?}");
    ensure!(bed.host.registry(ENTRY)? == entry, "{ran:?}");
    wait::until(
        "the service to stop in the end",
        Duration::from_secs(2 * STOPS),
        || {
            let state = bed.host.state(NAME)?.ok().context("no service")?;
            Ok((state.state == STOPPED).then_some(()))
        },
        String::new,
    )?;
    bed.uninstall_all(&[])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    Ok(())
}

fn what_cannot_be_put_back_is_9_and_the_next_run_goes_on() -> Outcome {
    let bed = Bed::installed()?;
    let (service, entry) = (bed.host.service_key(NAME)?, bed.host.registry(ENTRY)?);
    let programs = files(&bed.host.local(PROGRAMS));
    // No version can start any more, so that the old one does not run again.
    let cause = bed.host.local(FOLDER).join("do");
    fs::write(&cause, "err")?;
    let newer = package("1.1.0", &settings("description = \"Another text\""))?;
    let ran = bed.try_install(&newer)?;
    ensure!(
        ran.code == 9
            && ran.text.contains("failed: starting svc-probe")
            && ran
                .text
                .contains("not everything could be put back; run install.cmd again"),
        "{ran:?}"
    );
    // All the rest is as it was.
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    ensure!(bed.host.service_key(NAME)? == service, "{ran:?}");
    ensure!(bed.host.registry(ENTRY)? == entry, "{ran:?}");
    let left = files(&bed.host.local(PROGRAMS));
    ensure!(left == programs, "{left:#?}");
    // It did not end because somebody stopped it: the next run has it running.
    fs::remove_file(&cause)?;
    bed.install(&newer)?;
    bed.host.wait_for(NAME, RUNNING)?;
    let key = bed.host.service_key(NAME)?.context("no service")?;
    ensure!(
        key.text("Description").as_deref() == Some("Another text"),
        "{key:#?}"
    );
    bed.uninstall_all(&[])
}
