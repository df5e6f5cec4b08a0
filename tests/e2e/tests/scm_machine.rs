//! What install.cmd brings to the machine besides the service: its folders, its files and an operator's edits of them, its
//! secrets, its rules in the firewall, and what it does not touch.

#[path = "machine/failures.rs"]
mod failures;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, Key, RUNNING, STOPPED};
use svc_e2e::fixture::Package;
use svc_e2e::installed::everything::{CONFIG, DATA, declared, files, is_there, read};
use svc_e2e::installed::windows::{
    Bed, ENTRY, NAME, PROGRAMS, UNPACKED, package, package_with, settings,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// What only Windows has a word for.
const OF_WINDOWS: &str = r#"[package.metadata.service.windows]
firewall = [{ port = 8080 }, { port = 53, protocol = "udp", profiles = ["public"] }]
privileges = ["SeChangeNotifyPrivilege", "SeImpersonatePrivilege"]
depends = ["EventLog"]
preshutdown-timeout = "1min"
"#;

fn main() -> ExitCode {
    let wine_alone = || Host::is_windows().then_some("Windows has the real icacls and netsh");
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "machine::everything_declared_is_there_and_goes_again",
                everything_declared_is_there_and_goes_again,
            ),
            Test::new(
                "machine::access_lists_and_rules_were_asked_for",
                access_lists_and_rules_were_asked_for,
            )
            .not_here(wine_alone()),
            Test::new("machine::edits_are_kept", edits_are_kept),
            Test::new(
                "machine::what_is_kept_is_taken_up_again",
                what_is_kept_is_taken_up_again,
            ),
            Test::new(
                "machine::what_it_needs_is_waited_for",
                what_it_needs_is_waited_for,
            ),
            Test::new(
                "machine::a_planted_folder_is_refused",
                failures::a_planted_folder_is_refused,
            ),
            Test::new(
                "machine::a_failed_run_leaves_nothing",
                failures::a_failed_run_leaves_nothing,
            )
            .not_here(wine_alone()),
            Test::new(
                "machine::a_failed_upgrade_puts_files_back",
                failures::a_failed_upgrade_puts_files_back,
            ),
            Test::new(
                "machine::an_account_is_for_install_ps1",
                failures::an_account_is_for_install_ps1,
            ),
            Test::new(
                "machine::it_goes_where_it_was_declared",
                it_goes_where_it_was_declared,
            ),
        ],
    )
}

/// Everything that a service can bring, but sockets, which the probe has none of.
fn everything() -> String {
    settings(&(declared("") + OF_WINDOWS))
}

/// The package with everything, whose file for operators says this.
fn full(version: &str, config: &str) -> Result<Package> {
    package_with(version, &everything(), &files(config))
}

fn service_key(bed: &Bed) -> Result<Key> {
    bed.host.service_key(NAME)?.context("no service")
}

fn everything_declared_is_there_and_goes_again() -> Outcome {
    let bed = Bed::new()?;
    let before = bed.disk();
    bed.install(&full("1.0.0", "one")?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    is_there(&bed, "one")?;
    let key = service_key(&bed)?;
    ensure!(
        key.list("RequiredPrivileges").as_deref()
            == Some(&[
                "SeChangeNotifyPrivilege".into(),
                "SeImpersonatePrivilege".into()
            ]),
        "{key:#?}"
    );
    ensure!(
        key.list("DependOnService").as_deref() == Some(&["EventLog".to_owned()]),
        "{key:#?}"
    );
    bed.uninstall_all(&["/purge"])?;
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    bed.same_disk(&before)
}

fn access_lists_and_rules_were_asked_for() -> Outcome {
    let bed = Bed::new()?;
    bed.install(&full("1.0.0", "one")?)?;
    let calls = bed.host.tool_calls()?;
    let of = |folder: &str| -> Result<Vec<&str>> {
        let wanted = format!("{DATA}{folder}");
        let call = calls
            .iter()
            .find(|call| call[1] == wanted && call.iter().any(|word| word == "/grant:r"));
        let call = call.with_context(|| format!("no access list of {wanted} in {calls:#?}"))?;
        Ok(call[2..].iter().map(String::as_str).collect())
    };
    let sid = "*S-1-5-80-";
    for (folder, end) in [
        ("", ":RX"),
        (r"\state", ":(OI)(CI)M"),
        (r"\config", ":(OI)(CI)RX"),
        (r"\credentials", ":(OI)(CI)RX"),
        (r"\run", ":(OI)(CI)M"),
    ] {
        let words = of(folder)?;
        ensure!(
            words[..4]
                == [
                    "/inheritance:r",
                    "/grant:r",
                    "*S-1-5-18:(OI)(CI)F",
                    "*S-1-5-32-544:(OI)(CI)F"
                ],
            "{folder}: {words:?}"
        );
        let service = words
            .iter()
            .find(|word| word.starts_with(sid))
            .context("the service's SID")?;
        ensure!(service.ends_with(end), "{folder}: {service}");
        let owner = calls.iter().any(|call| {
            call[1] == format!("{DATA}{folder}") && call.contains(&"/setowner".to_owned())
        });
        ensure!(owner, "{folder}: {calls:#?}");
    }
    let rules: Vec<String> = calls
        .iter()
        .filter(|call| call[0] == "netsh" && call.contains(&"add".to_owned()))
        .map(|call| call[1..].join(" "))
        .collect();
    let program = format!("{PROGRAMS}\\svc-probe.exe");
    ensure!(
        rules
            == [
                format!(
                    "advfirewall firewall add rule name=svc-probe TCP 8080 dir=in action=allow program={program} \
                     service=svc-probe protocol=TCP localport=8080 profile=domain,private"
                ),
                format!(
                    "advfirewall firewall add rule name=svc-probe UDP 53 dir=in action=allow program={program} \
                     service=svc-probe protocol=UDP localport=53 profile=public"
                ),
            ],
        "{rules:#?}"
    );
    // An upgrade leaves rules and access lists alone, and takes the rules that are no longer declared.
    let before = calls.len();
    bed.install(&package("1.1.0", &settings(""))?)?;
    let since: Vec<_> = bed.host.tool_calls()?.split_off(before);
    let deleted: Vec<&str> = since
        .iter()
        .filter(|call| call[0] == "netsh")
        .filter_map(|call| call.last().map(String::as_str))
        .collect();
    ensure!(
        deleted == ["name=svc-probe TCP 8080", "name=svc-probe UDP 53"],
        "{since:#?}"
    );
    ensure!(since.len() == 2, "{since:#?}");
    let key = service_key(&bed)?;
    // The profile's own list is back.
    ensure!(
        key.list("RequiredPrivileges").as_deref() == Some(&["SeChangeNotifyPrivilege".to_owned()]),
        "{key:#?}"
    );
    Ok(())
}

fn edits_are_kept() -> Outcome {
    let bed = Bed::new()?;
    bed.install(&full("1.0.0", "one")?)?;
    let aside = format!("{CONFIG}.new");
    // Nobody edited it: it follows the package.
    let said = bed.install(&full("1.1.0", "two")?)?;
    ensure!(
        read(&bed, CONFIG)? == "two",
        "{said} {:?}",
        bed.host
            .run("certutil.exe", &["-hashfile", CONFIG, "SHA256"])?
    );
    fs::write(bed.host.local(CONFIG), "mine")?;
    // The same default once more: there is nothing to tell.
    let said = bed.install(&full("1.2.0", "two")?)?;
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(
        !bed.host.local(&aside).exists() && !said.contains("was edited"),
        "{said}"
    );
    let said = bed.install(&full("1.3.0", "three")?)?;
    ensure!(said.contains("was edited and is kept"), "{said}");
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(read(&bed, &aside)? == "three");
    // The operator takes the new one over: it follows the package again.
    fs::rename(bed.host.local(&aside), bed.host.local(CONFIG))?;
    bed.install(&full("1.4.0", "four")?)?;
    ensure!(read(&bed, CONFIG)? == "four");
    // Gone, it comes back.
    fs::remove_file(bed.host.local(CONFIG))?;
    let said = bed.install(&full("1.4.0", "four")?)?;
    ensure!(said.contains("was gone, and is put back"), "{said}");
    ensure!(read(&bed, CONFIG)? == "four");
    // What nobody may edit is the package's.
    let fixed = format!("{DATA}\\config\\fixed.txt");
    fs::write(bed.host.local(&fixed), "mine")?;
    bed.install(&full("1.4.0", "four")?)?;
    ensure!(read(&bed, &fixed)? == "fixed");
    // A version that does not have it takes it away, and leaves what operators edit.
    bed.install(&package("2.0.0", &settings(""))?)?;
    ensure!(!bed.host.local(&fixed).exists());
    ensure!(!bed.host.local(&format!("{PROGRAMS}\\pages")).exists());
    ensure!(read(&bed, CONFIG)? == "four");
    Ok(())
}

fn what_is_kept_is_taken_up_again() -> Outcome {
    let bed = Bed::new()?;
    bed.install(&full("1.0.0", "one")?)?;
    let kept = format!("{DATA}\\state\\kept");
    fs::write(bed.host.local(&kept), "data")?;
    fs::write(bed.host.local(CONFIG), "mine")?;
    bed.uninstall_all(&[])?;
    ensure!(read(&bed, &kept)? == "data");
    ensure!(read(&bed, CONFIG)? == "mine");
    let fixed = bed.host.local(&format!("{DATA}\\config\\fixed.txt"));
    ensure!(!fixed.exists(), "what no operator edits is left");
    let entry = bed.host.registry(ENTRY)?.context("no mark")?;
    ensure!(entry.number("SvcKept") == Some(1), "{entry:#?}");
    bed.install(&full("1.1.0", "two")?)?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(read(&bed, &kept)? == "data");
    ensure!(read(&bed, CONFIG)? == "mine");
    ensure!(read(&bed, &format!("{CONFIG}.new"))? == "two");
    // A failed run does not forget them.
    bed.uninstall_all(&[])?;
    let mark = bed.host.registry(ENTRY)?;
    let failing = everything().replacen("]\n", ", \"--probe-do=err\"]\n", 1);
    let failed = bed.try_install(&package_with("1.2.0", &failing, &files("3"))?)?;
    ensure!(failed.code == 8, "{failed:?}");
    ensure!(
        bed.host.registry(ENTRY)? == mark,
        "{:#?}",
        bed.host.registry(ENTRY)?
    );
    ensure!(read(&bed, &kept)? == "data");
    bed.install(&full("1.1.0", "two")?)?;
    bed.uninstall_all(&["/purge"])?;
    ensure!(!bed.host.local(DATA).exists(), "the folders are left");
    ensure!(bed.traces()? == [None, None, None], "{:#?}", bed.traces()?);
    Ok(())
}

fn what_it_needs_is_waited_for() -> Outcome {
    let bed = Bed::new()?;
    let needs = "directories = { config = true }\nfiles = [{ to = \"{config-dir}/licence\", required = true }]\n\
                 credentials = [{ name = \"token\", required = true }]\n";
    let package = package_with("1.0.0", &settings(needs), &[])?;
    let said = bed.install(&package)?;
    ensure!(
        said.contains("installed and not started: the file") && said.contains(r"config\licence"),
        "{said}"
    );
    let state = bed.host.state(NAME)?.ok().context("no service")?;
    ensure!(state.state == STOPPED, "{state:?}");
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    ensure!(config.start == 2, "{config:?}");
    fs::write(bed.host.local(&format!("{DATA}\\config\\licence")), "x")?;
    let said = bed.install(&package)?;
    ensure!(said.contains(r"credentials\token"), "{said}");
    fs::write(bed.host.local(&format!("{DATA}\\credentials\\token")), "x")?;
    bed.host.ok("net.exe", &["start", NAME])?;
    bed.host.wait_for(NAME, RUNNING)?;
    Ok(())
}

fn it_goes_where_it_was_declared() -> Outcome {
    let bed = Bed::new()?;
    let place = "[package.metadata.service.windows]\ninstall-dir = \"svc-e2e makers/Probe (x)\"\naccount = \"local-service\"\n\
                 delayed-start = true\nevent-log = false\n";
    bed.install(&package_with("1.0.0", &settings(place), &[])?)?;
    let config = bed.host.config(NAME)?.ok().context("no service")?;
    let folder = r"C:\Program Files\svc-e2e makers\Probe (x)";
    ensure!(
        config
            .image
            .starts_with(&format!("\"{folder}\\svc-probe.exe\"")),
        "{config:?}"
    );
    ensure!(
        config
            .account
            .eq_ignore_ascii_case("NT AUTHORITY\\LocalService"),
        "{config:?}"
    );
    let key = service_key(&bed)?;
    ensure!(key.number("DelayedAutostart") == Some(1), "{key:#?}");
    ensure!(bed.source(NAME)?.is_none(), "it has an event source");
    let uninstall = format!("{folder}\\uninstall.cmd");
    let ran = bed.host.run(&uninstall, &["/purge"])?;
    ensure!(ran.code == 0, "{ran:?}");
    bed.host.wait_for_absence(NAME)?;
    svc_e2e::wait::until(
        "the folder to go",
        std::time::Duration::from_secs(60),
        || Ok((!bed.host.local(folder).exists()).then_some(())),
        String::new,
    )?;
    let _ = fs::remove_dir(bed.host.local(r"C:\Program Files\svc-e2e makers"));
    let _ = fs::remove_dir_all(bed.host.local(UNPACKED));
    Ok(())
}
