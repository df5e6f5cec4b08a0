//! The package for Windows Installer, on a host with a service control manager: installed, upgraded, repaired, refused and
//! removed by msiexec.exe.
//!
//! Under Wine it is Wine's Windows Installer, which sets no access lists and writes the image path without quotes.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, ABSENT, Host, Key, RUNNING, STOPPED};
use svc_e2e::installed::msi::{entries, install, msiexec};
use svc_e2e::installed::windows::{Bed, FOLDER, NAME, PROGRAMS, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new("msi::it_installs_and_runs", it_installs_and_runs),
            Test::new(
                "msi::an_upgrade_keeps_what_was_tuned",
                an_upgrade_keeps_what_was_tuned,
            ),
            Test::new(
                "msi::variables_that_were_added_are_kept",
                variables_that_were_added_are_kept,
            ),
            Test::new(
                "msi::what_was_stopped_stays_stopped",
                what_was_stopped_stays_stopped,
            ),
            Test::new(
                "msi::the_same_version_built_again_replaces",
                the_same_version_built_again_replaces,
            ),
            Test::new("msi::a_reset_declares_anew", a_reset_declares_anew),
            Test::new("msi::a_repair_brings_back", a_repair_brings_back),
            Test::new("msi::a_downgrade_is_refused", a_downgrade_is_refused),
            Test::new(
                "msi::properties_choose_folder_account_and_start",
                properties_choose_folder_account_and_start,
            ),
            Test::new(
                "msi::a_service_of_the_scripts_is_refused",
                a_service_of_the_scripts_is_refused,
            ),
            Test::new(
                "msi::a_start_that_fails_takes_everything_back",
                a_start_that_fails_takes_everything_back,
            )
            .not_here(
                (!Host::is_windows())
                    .then_some("Wine's Windows Installer goes on when a start fails"),
            ),
            Test::new(
                "msi::a_step_that_fails_takes_everything_back",
                a_step_that_fails_takes_everything_back,
            )
            .not_here(Host::is_windows().then_some("only the bed's sc.exe can be replaced")),
            Test::new(
                "msi::uninstalled_nothing_is_left",
                uninstalled_nothing_is_left,
            ),
            Test::new(
                "msi::a_purge_takes_what_is_left",
                a_purge_takes_what_is_left,
            ),
        ],
    )
}

/// A host on which this version runs.
fn installed(version: &str) -> Result<Bed> {
    let bed = Bed::new()?;
    install(&bed, &package(version, &settings(""))?, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(bed)
}

fn service(bed: &Bed) -> Result<Key> {
    bed.host.service_key(NAME)?.context("no service")
}

fn one_entry(bed: &Bed, version: &str) -> Result<()> {
    let found = entries(bed)?;
    let versions: Vec<_> = found.iter().map(|key| key.text("DisplayVersion")).collect();
    ensure!(versions == [Some(version.to_owned())], "{versions:?}");
    Ok(())
}

fn it_installs_and_runs() -> Outcome {
    let bed = installed("1.0.0")?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 2, "{config:?}");
    ensure!(
        config.account.eq_ignore_ascii_case(r"NT SERVICE\svc-probe"),
        "{config:?}"
    );
    ensure!(
        config.image.trim_start_matches('"').starts_with(PROGRAMS) && config.image.contains(FOLDER),
        "{config:?}"
    );
    // Windows quotes the path; Wine does not.
    ensure!(
        !Host::is_windows() || config.image.starts_with('"'),
        "{config:?}"
    );
    let key = service(&bed)?;
    ensure!(
        key.number("FailureActionsOnNonCrashFailures") == Some(1)
            && key.number("ServiceSidType") == Some(1)
            && key.values.contains_key("FailureActions"),
        "{key:?}"
    );
    let environment = key.values.get("Environment").context("no environment")?;
    let text = String::from_utf16_lossy(
        &environment
            .data
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect::<Vec<_>>(),
    );
    let lines: Vec<&str> = text.split('\0').filter(|line| !line.is_empty()).collect();
    ensure!(
        lines.contains(&"SVC_RESTART=on-failure")
            && lines.contains(&"SVC_STOP_TIMEOUT_USEC=20000000"),
        "{lines:?}"
    );
    let source = bed.source(NAME)?.context("no event source")?;
    let messages = source.text("EventMessageFile").unwrap_or_default();
    ensure!(
        messages.to_lowercase().ends_with("eventcreate.exe"),
        "{source:?}"
    );
    one_entry(&bed, "1.0.0")
}

/// What an operator does to a service.
fn tune(bed: &Bed) -> Result<()> {
    for words in [
        &["config", NAME, "start=", "demand", "obj=", "LocalSystem"][..],
        &["failure", NAME, "reset=", "60", "actions=", "restart/77000"],
    ] {
        let ran = bed.host.sc(words)?;
        ensure!(ran.code == 0, "{ran:?}");
    }
    Ok(())
}

/// Whether all that [`tune`] did is still so.
fn tuned(bed: &Bed) -> Result<bool> {
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    let key = service(bed)?;
    let actions = key.values.get("FailureActions").context("no actions")?;
    let delay = actions.data.get(24..28).context("no delay")?;
    let own_delay = delay == 77_000_u32.to_le_bytes();
    let account = config.account.eq_ignore_ascii_case("LocalSystem");
    let all = [config.start == 3, account, own_delay];
    ensure!(
        all.iter().all(|kept| *kept == all[0]),
        "some kept, some not: {all:?} {config:?}"
    );
    Ok(all[0])
}

fn an_upgrade_keeps_what_was_tuned() -> Outcome {
    let bed = installed("1.0.0")?;
    tune(&bed)?;
    let data = bed.host.local(FOLDER).join("data");
    std::fs::write(&data, "kept")?;
    let next = package("1.1.0", &settings("description = \"Another text\""))?;
    install(&bed, &next, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    one_entry(&bed, "1.1.0")?;
    ensure!(tuned(&bed)?, "reset by the upgrade");
    ensure!(std::fs::read_to_string(data)? == "kept", "the data is gone");
    ensure!(
        service(&bed)?.text("Description").as_deref() == Some("Another text"),
        "the description is the old one"
    );
    Ok(())
}

/// The service's variables, sorted.
fn variables(bed: &Bed) -> Result<Vec<String>> {
    let mut all = service(bed)?
        .list("Environment")
        .context("no environment")?;
    all.sort();
    Ok(all)
}

/// How PowerShell was asked to merge variables, each time. Only Wine's stand-in writes that down.
fn merges(bed: &Bed) -> Result<Vec<String>> {
    let calls = bed.host.tool_calls()?.into_iter();
    let merges =
        calls.filter(|call| call[0] == "powershell" && call[1..].concat().contains("Environment"));
    Ok(merges.map(|call| call.join(" ")).collect())
}

/// Wine has no PowerShell: there it is looked at when it is called, and that it is asked for what was noted.
fn variables_that_were_added_are_kept() -> Outcome {
    let bed = Bed::new()?;
    let declared = |text: &str| {
        let more = format!("environment = {{ SAYS = \"{text}\", ZONE = \"here\" }}");
        settings(&more)
    };
    install(&bed, &package("1.0.0", &declared("zero"))?, &[])?;
    // Nobody added anything.
    install(&bed, &package("1.0.1", &declared("one"))?, &[])?;
    install(
        &bed,
        &package("1.0.1", &declared("one"))?,
        &["REINSTALL=ALL"],
    )?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(merges(&bed)?.is_empty(), "{:#?}", merges(&bed)?);
    let own = variables(&bed)?;
    // A value of ours that is nobody else's to change, and what an operator added, one of it by a name that ends as ours does.
    let added = [r"MINE=a & %c% ^ (d) | e!", "MY_SAYS=mine"];
    let changed = own
        .iter()
        .map(|line| line.replace("ZONE=here", "zone=there"));
    let edit = || -> Result<()> {
        let written: Vec<_> = changed.clone().chain(added.map(str::to_owned)).collect();
        let key = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{NAME}");
        bed.host.set_environment(&key, &written)
    };
    edit()?;
    for (number, (version, text, property)) in [
        ("1.1.0", "two", None),
        ("1.1.0", "two", Some("REINSTALL=ALL")),
        ("1.2.0", "three", None),
    ]
    .into_iter()
    .enumerate()
    {
        let properties: Vec<_> = property.into_iter().collect();
        install(&bed, &package(version, &declared(text))?, &properties)?;
        bed.host.wait_for(NAME, RUNNING)?;
        let ours = own
            .iter()
            .map(|line| line.replace("SAYS=one", &format!("SAYS={text}")));
        let mut expected: Vec<_> = ours.collect();
        if Host::is_windows() {
            expected.extend(added.map(str::to_owned));
        } else {
            let merges = merges(&bed)?;
            ensure!(
                merges.len() == number + 1 && merges[number].contains(r"Run\Before\svc-probe"),
                "{version}: {merges:#?}"
            );
        }
        expected.sort();
        let found = variables(&bed)?;
        ensure!(found == expected, "{version} {property:?}: {found:#?}");
        if !Host::is_windows() {
            edit()?;
        }
    }
    // Nothing of the run's own notes is left.
    let key = r"HKLM\SOFTWARE\cargo-svc\svc-probe\Run";
    ensure!(bed.host.registry(key)?.is_none(), "left behind");
    Ok(())
}

fn what_was_stopped_stays_stopped() -> Outcome {
    let bed = installed("1.0.0")?;
    let ran = bed.host.sc(&["stop", NAME])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, STOPPED)?;
    install(&bed, &package("1.1.0", &settings(""))?, &[])?;
    one_entry(&bed, "1.1.0")?;
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    // Nothing of the run's own notes is left.
    let key = r"HKLM\SOFTWARE\cargo-svc\svc-probe\Run";
    ensure!(bed.host.registry(key)?.is_none(), "left behind");
    Ok(())
}

fn the_same_version_built_again_replaces() -> Outcome {
    let bed = installed("1.0.0")?;
    let again = package("1.0.0", &settings("description = \"Built again\""))?;
    install(&bed, &again, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    one_entry(&bed, "1.0.0")?;
    ensure!(
        service(&bed)?.text("Description").as_deref() == Some("Built again"),
        "the old one is still there"
    );
    Ok(())
}

fn a_reset_declares_anew() -> Outcome {
    let bed = installed("1.0.0")?;
    tune(&bed)?;
    install(&bed, &package("1.1.0", &settings(""))?, &["RESET=1"])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(!tuned(&bed)?, "not reset");
    Ok(())
}

fn a_repair_brings_back() -> Outcome {
    let bed = installed("1.0.0")?;
    tune(&bed)?;
    let ran = bed.host.sc(&["stop", NAME])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for(NAME, STOPPED)?;
    let program = bed.host.local(&format!(r"{PROGRAMS}\svc-probe.exe"));
    std::fs::remove_file(&program)?;
    install(&bed, &package("1.0.0", &settings(""))?, &["REINSTALL=ALL"])?;
    ensure!(program.is_file(), "the program is not back");
    ensure!(tuned(&bed)?, "reset by the repair");
    Ok(())
}

fn a_downgrade_is_refused() -> Outcome {
    let bed = installed("1.1.0")?;
    let ran = msiexec(&bed.host, "/i", &package("1.0.0", &settings(""))?, &[])?;
    ensure!(ran.code == 1603, "{ran:?}");
    one_entry(&bed, "1.1.0")?;
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn properties_choose_folder_account_and_start() -> Outcome {
    let bed = Bed::new()?;
    let folder = r"C:\svc e2e folder";
    let properties = [
        "INSTALLDIR=C:\\svc e2e folder",
        "SERVICEACCOUNT=LocalSystem",
        "STARTSERVICE=0",
    ];
    install(&bed, &package("1.0.0", &settings(""))?, &properties)?;
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    let account = bed.host.config(NAME)?.ok().context("no service")?.account;
    ensure!(account.eq_ignore_ascii_case("LocalSystem"), "{account}");
    // An upgrade goes to the same folder.
    install(&bed, &package("1.1.0", &settings(""))?, &[])?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.image.contains(folder), "{config:?}");
    ensure!(
        bed.host.local(folder).join("svc-probe.exe").is_file()
            && !bed.host.local(PROGRAMS).exists(),
        "another folder"
    );
    Ok(())
}

fn a_service_of_the_scripts_is_refused() -> Outcome {
    let bed = Bed::installed()?;
    let ran = msiexec(&bed.host, "/i", &package("1.1.0", &settings(""))?, &[])?;
    ensure!(ran.code == 1603, "{ran:?}");
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn a_start_that_fails_takes_everything_back() -> Outcome {
    let bed = Bed::new()?;
    let broken = settings("environment = { PROBE_DO = \"err\" }");
    let ran = msiexec(&bed.host, "/i", &package("1.0.0", &broken)?, &[])?;
    ensure!(ran.code == 1603, "{ran:?}");
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    let program = bed.host.local(&format!(r"{PROGRAMS}\svc-probe.exe"));
    ensure!(!program.exists(), "the program is still there");
    if Host::is_windows() {
        ensure!(
            bed.host.state(NAME)?.err() == Some(ABSENT),
            "the service is still there"
        );
    }
    Ok(())
}

/// What Wine can show of it: its rollback leaves the service's registration.
fn a_step_that_fails_takes_everything_back() -> Outcome {
    let bed = Bed::new()?;
    let sc = bed.host.local(r"C:\windows\system32\sc.exe");
    let away = sc.with_extension("away");
    std::fs::rename(&sc, &away)?;
    // In its place a program that fails, whatever it is asked for.
    std::fs::copy(bed.host.local(r"C:\windows\winq.exe"), &sc)?;
    let ran = msiexec(&bed.host, "/i", &package("1.0.0", &settings(""))?, &[])?;
    std::fs::remove_file(&sc)?;
    std::fs::rename(&away, &sc)?;
    ensure!(ran.code != 0, "{ran:?}");
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    let program = bed.host.local(&format!(r"{PROGRAMS}\svc-probe.exe"));
    ensure!(!program.exists(), "the program is still there");
    ensure!(bed.source(NAME)?.is_none(), "an event source");
    Ok(())
}

fn uninstalled_nothing_is_left() -> Outcome {
    let bed = installed("1.0.0")?;
    let ran = msiexec(&bed.host, "/x", &package("1.0.0", &settings(""))?, &[])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)?;
    ensure!(entries(&bed)?.is_empty(), "{:?}", entries(&bed)?);
    ensure!(bed.source(NAME)?.is_none(), "an event source");
    ensure!(!bed.host.local(PROGRAMS).exists(), "the install folder");
    let key = r"HKLM\SOFTWARE\cargo-svc\svc-probe";
    ensure!(bed.host.registry(key)?.is_none(), "{key}");
    Ok(())
}

fn a_purge_takes_what_is_left() -> Outcome {
    let bed = installed("1.0.0")?;
    let left = bed.host.local(PROGRAMS).join("notes.txt");
    std::fs::write(&left, "notes")?;
    let package = package("1.0.0", &settings(""))?;
    let ran = msiexec(&bed.host, "/x", &package, &["PURGE=1"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)?;
    ensure!(!bed.host.local(PROGRAMS).exists(), "something is left");
    Ok(())
}
