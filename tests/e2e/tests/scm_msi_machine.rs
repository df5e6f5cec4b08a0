//! What a package for Windows Installer brings to the machine besides the service: rules of the firewall, accounts.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, Host, RUNNING, Ran};
use svc_e2e::fixture::Package;
use svc_e2e::installed::msi::{MSI_LOG, msiexec};
use svc_e2e::installed::windows::{Bed, NAME, PROGRAMS, package, settings};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const ONLY_WINE: &str = "only the bed records what the system's programs are asked for";

fn main() -> ExitCode {
    let recorded = Host::is_windows().then_some(ONLY_WINE);
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new(
                "msi_machine::rules_come_stay_and_go",
                rules_come_stay_and_go,
            ),
            Test::new(
                "msi_machine::an_upgrade_leaves_an_operators_rule_alone",
                an_upgrade_leaves_an_operators_rule_alone,
            )
            .not_here(recorded),
            Test::new(
                "msi_machine::a_rule_that_fails_takes_everything_back",
                a_rule_that_fails_takes_everything_back,
            )
            .not_here(recorded),
            Test::new(
                "msi_machine::an_account_with_a_name_gets_its_right_and_keeps_its_password",
                an_account_with_a_name_gets_its_right_and_keeps_its_password,
            ),
            Test::new(
                "msi_machine::an_account_without_its_password_is_refused",
                an_account_without_its_password_is_refused,
            ),
            Test::new(
                "msi_machine::a_given_account_gets_the_right_too",
                a_given_account_gets_the_right_too,
            )
            .not_here(recorded),
        ],
    )
}

fn with_rules(version: &str, rules: &str) -> Result<Package> {
    let rules = format!("windows = {{ firewall = [{rules}] }}");
    package(version, &settings(&rules))
}

fn run(bed: &Bed, verb: &str, package: &Package, properties: &[&str]) -> Result<()> {
    let ran = msiexec(&bed.host, verb, package, properties)?;
    ensure!(ran.code == 0, "msiexec {verb}: {ran:?}");
    Ok(())
}

/// The ports that this service's rules open, as Windows has them, or as the calls of netsh.exe have left them.
fn open(bed: &Bed, ports: &[u16]) -> Result<Vec<u16>> {
    if !Host::is_windows() {
        let mut rules: Vec<String> = Vec::new();
        for call in bed.host.tool_calls()?.iter().filter(|c| c[0] == "netsh") {
            let name = &call[5];
            rules.retain(|known| known != name);
            if call[3] == "add" {
                rules.push(name.clone());
            }
        }
        return ports_of(&rules);
    }
    let mut found = Vec::new();
    for port in ports {
        let name = format!("name={NAME} TCP {port}");
        let words = ["advfirewall", "firewall", "show", "rule", &name];
        if bed.host.run("netsh.exe", &words)?.code == 0 {
            found.push(*port);
        }
    }
    Ok(found)
}

fn ports_of(rules: &[String]) -> Result<Vec<u16>> {
    let port = |rule: &String| rule.rsplit(' ').next()?.parse().ok();
    rules
        .iter()
        .map(|rule| port(rule).with_context(|| rule.clone()))
        .collect()
}

fn rules_come_stay_and_go() -> Outcome {
    let bed = Bed::new()?;
    let all = [8480, 8481, 8482];
    run(
        &bed,
        "/i",
        &with_rules("1.0.0", "{ port = 8480 }, { port = 8481 }")?,
        &[],
    )?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(open(&bed, &all)? == [8480, 8481], "{:?}", open(&bed, &all)?);
    if !Host::is_windows() {
        let calls = bed.host.tool_calls()?;
        let added = calls
            .iter()
            .find(|call| call.contains(&"add".to_owned()))
            .context("no rule")?;
        let words = format!(
            "netsh advfirewall firewall add rule name={NAME} TCP 8480 dir=in action=allow program={PROGRAMS}\\{NAME}.exe \
             service={NAME} protocol=TCP localport=8480 profile=domain,private"
        );
        ensure!(added.join(" ") == words, "{added:?}");
    }
    // One that is dropped is closed, one that is new is opened.
    let next = with_rules("1.1.0", "{ port = 8481 }, { port = 8482 }")?;
    run(&bed, "/i", &next, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(open(&bed, &all)? == [8481, 8482], "{:?}", open(&bed, &all)?);
    run(&bed, "/x", &next, &[])?;
    bed.host.wait_for_absence(NAME)?;
    ensure!(open(&bed, &all)?.is_empty(), "{:?}", open(&bed, &all)?);
    // A version without any closes what an older one opened.
    run(&bed, "/i", &with_rules("1.0.0", "{ port = 8480 }")?, &[])?;
    let without = package("1.2.0", &settings(""))?;
    run(&bed, "/i", &without, &[])?;
    ensure!(open(&bed, &all)?.is_empty(), "{:?}", open(&bed, &all)?);
    let key = r"HKLM\SOFTWARE\cargo-svc\svc-probe\Firewall";
    ensure!(bed.host.registry(key)?.is_none(), "{key}");
    run(&bed, "/x", &without, &[])
}

fn an_upgrade_leaves_an_operators_rule_alone() -> Outcome {
    let bed = Bed::new()?;
    run(&bed, "/i", &with_rules("1.0.0", "{ port = 8480 }")?, &[])?;
    let before = bed.host.tool_calls()?.len();
    let next = with_rules("1.1.0", "{ port = 8480 }")?;
    run(&bed, "/i", &next, &[])?;
    run(&bed, "/i", &next, &["REINSTALL=ALL"])?;
    let since = bed.host.tool_calls()?.split_off(before);
    ensure!(since.is_empty(), "{since:#?}");
    // A reset makes it anew.
    run(
        &bed,
        "/i",
        &with_rules("1.2.0", "{ port = 8480 }")?,
        &["RESET=1"],
    )?;
    let since = bed.host.tool_calls()?.split_off(before);
    let verbs: Vec<&str> = since.iter().map(|call| call[3].as_str()).collect();
    ensure!(verbs == ["delete", "add"], "{since:#?}");
    Ok(())
}

fn a_rule_that_fails_takes_everything_back() -> Outcome {
    let mut bed = Bed::new()?;
    bed.host.set_env("TOOL_SHIM_FAILS", "localport=8481");
    bed.host.reboot()?;
    let package = with_rules("1.0.0", "{ port = 8480 }, { port = 8481 }")?;
    let ran = msiexec(&bed.host, "/i", &package, &[])?;
    // Windows says 1603, Wine something else.
    ensure!(ran.code != 0, "{ran:?}");
    let calls = bed.host.tool_calls()?;
    let last = calls
        .iter()
        .rfind(|call| call[0] == "netsh" && call.contains(&format!("name={NAME} TCP 8480")))
        .context("no call")?;
    ensure!(last[3] == "delete", "{calls:#?}");
    let program = bed.host.local(&format!(r"{PROGRAMS}\svc-probe.exe"));
    ensure!(!program.exists(), "the program is still there");
    Ok(())
}

/// A user of the machine, gone with this value.
struct User<'a>(&'a Host);

const USER: &str = "svc-e2e-user";
const SECRET: &str = "Sesam, 0effne-Dich!";

impl<'a> User<'a> {
    /// On Windows it has to be there. Wine's manager asks nobody.
    fn new(host: &'a Host) -> Result<Self> {
        if Host::is_windows() {
            host.ok("net.exe", &["user", USER, SECRET, "/add"])?;
        }
        Ok(Self(host))
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        if Host::is_windows() {
            let _ = self.0.run("net.exe", &["user", USER, "/delete"]);
        }
    }
}

fn account(bed: &Bed) -> Result<String> {
    Ok(bed.host.config(NAME)?.ok().context("no service")?.account)
}

/// What PowerShell was asked to do, by its last words.
fn scripts(bed: &Bed) -> Result<Vec<String>> {
    let calls = bed.host.tool_calls()?;
    let calls = calls.into_iter().filter(|call| call[0] == "powershell");
    calls
        .map(|mut call| {
            let script = call.pop().context("no script")?;
            ensure!(
                call == ["powershell", "-NoProfile", "-NonInteractive", "-Command"],
                "{call:?}"
            );
            Ok(script)
        })
        .collect()
}

fn an_account_with_a_name_gets_its_right_and_keeps_its_password() -> Outcome {
    let bed = Bed::new()?;
    let _user = User::new(&bed.host)?;
    let named = |version: &str| {
        let named = format!("windows = {{ account = '.\\{USER}' }}");
        package(version, &settings(&named))
    };
    let password = format!("SERVICEPASSWORD={SECRET}");
    run(&bed, "/i", &named("1.0.0")?, &[&password])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(account(&bed)? == format!(".\\{USER}"), "{}", account(&bed)?);
    if !Host::is_windows() {
        let scripts = scripts(&bed)?;
        let [script] = scripts.as_slice() else {
            anyhow::bail!("{scripts:#?}");
        };
        ensure!(
            script.contains("[SvcLogonRight]::Grant($a)")
                && script.contains("[DllImport(\"advapi32.dll\")]")
                && script.contains(r"HKLM:\SYSTEM\CurrentControlSet\Services\svc-probe"),
            "{script}"
        );
    }
    // The log says nothing of it, nor does any command line.
    let log = std::fs::read(bed.host.local(MSI_LOG))?;
    let utf16: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let holds = |secret: &[u8]| log.windows(secret.len()).any(|part| part == secret);
    if Host::is_windows() {
        ensure!(!holds(SECRET.as_bytes()) && !holds(&utf16), "in the log");
    }
    let all = [bed.host.tool_calls()?, bed.host.sc_calls()?].concat();
    ensure!(
        !all.iter().flatten().any(|word| word.contains(SECRET)),
        "{all:#?}"
    );
    // An upgrade needs no password, and changes neither account nor right.
    run(&bed, "/i", &named("1.1.0")?, &[])?;
    bed.host.wait_for(NAME, RUNNING)?;
    ensure!(account(&bed)? == format!(".\\{USER}"), "{}", account(&bed)?);
    if !Host::is_windows() {
        ensure!(scripts(&bed)?.len() == 1, "{:#?}", scripts(&bed)?);
    }
    // A reset cannot bring back what needs one, and says so before it does anything.
    if !Host::is_windows() {
        ensure!(
            bed.host.sc(&["config", NAME, "obj=", "LocalSystem"])?.code == 0,
            "sc config"
        );
        let ran: Ran = msiexec(&bed.host, "/i", &named("1.2.0")?, &["RESET=1"])?;
        ensure!(ran.code == 1603, "{ran:?}");
        ensure!(
            account(&bed)?.eq_ignore_ascii_case("LocalSystem"),
            "{}",
            account(&bed)?
        );
    }
    run(&bed, "/x", &named("1.1.0")?, &[])
}

fn an_account_without_its_password_is_refused() -> Outcome {
    let bed = Bed::new()?;
    let named = format!("windows = {{ account = '.\\{USER}' }}");
    let package = package("1.0.0", &settings(&named))?;
    let ran = msiexec(&bed.host, "/i", &package, &[])?;
    ensure!(ran.code == 1603, "{ran:?}");
    ensure!(bed.host.state(NAME)?.is_err(), "a service");
    ensure!(!bed.host.local(PROGRAMS).exists(), "the install folder");
    Ok(())
}

fn a_given_account_gets_the_right_too() -> Outcome {
    let bed = Bed::new()?;
    run(&bed, "/i", &package("1.0.0", &settings(""))?, &[])?;
    ensure!(scripts(&bed)?.is_empty(), "{:#?}", scripts(&bed)?);
    run(&bed, "/x", &package("1.0.0", &settings(""))?, &[])?;
    bed.host.wait_for_absence(NAME)?;
    // A name with what means something to this one or that one.
    let name = r"EXAMPLE\o'neill & [sons]";
    let given = format!("SERVICEACCOUNT={name}");
    let password = format!("SERVICEPASSWORD={SECRET}");
    run(
        &bed,
        "/i",
        &package("1.0.0", &settings(""))?,
        &[&given, &password],
    )?;
    ensure!(account(&bed)? == name, "{}", account(&bed)?);
    let scripts = scripts(&bed)?;
    ensure!(
        scripts.len() == 1 && !scripts[0].contains("neill"),
        "{scripts:#?}"
    );
    Ok(())
}
