//! Services whose names are as long as a name may be, in a package whose name is longer: what is derived from them (keys of tables,
//! properties, files, values of the registry) fits and is told apart, by install.cmd and by Windows Installer alike.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::scm::{self, ABSENT, Host, RUNNING};
use svc_e2e::fixture::{Fixture, Package, text};
use svc_e2e::installed::msi::{entries_of, msiexec, remove_all_of};
use svc_e2e::installed::windows::{Bed, FOLDER, UNPACKED, target};
use svc_e2e::programs;
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::wait;

/// Two services of 64 characters, which differ only by what no key of a table holds. The program says them, too.
const PLAIN: &str = "svc_probe_with_the_longest_name_that_a_service_may_have_64_chars";
const DASHED: &str = "svc-probe-with-the-longest-name-that-a-service-may-have-64-chars";
const SERVICES: [(&str, &str); 2] = [(PLAIN, "plain"), (DASHED, "dashed")];

/// The package, longer than a key of a table.
const PACKAGE: &str =
    "svc-probe-in-a-package-whose-name-is-longer-than-any-key-of-windows-installer-can-be";
/// Its program, as long as the services.
const PROGRAM: &str = DASHED;

const PROGRAMS: &str = r"C:\Program Files\svc-probe-in-a-package-whose-name-is-longer-than-any-key-of-windows-installer-can-be";
const UNINSTALL: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";

fn main() -> ExitCode {
    run_suite(
        "scm",
        scm::needs,
        vec![
            Test::new("long_names::the_scripts_bring_and_take_them", || {
                on_a_bed(the_scripts_bring_and_take_them)
            }),
            Test::new(
                "long_names::windows_installer_brings_and_takes_them",
                || on_a_bed(windows_installer_brings_and_takes_them),
            ),
        ],
    )
}

/// Both services, with a folder, an edited file and a rule of the firewall each, and one that needs the other.
fn made(version: &str) -> Result<Package> {
    ensure!(PLAIN.len() == 64 && DASHED.len() == 64 && PACKAGE.len() > 72);
    let mut tables = String::new();
    for (name, which) in SERVICES {
        let requires = if name == DASHED {
            format!("requires = [{}]\n", text(PLAIN))
        } else {
            String::new()
        };
        let args = [
            format!("--probe-as={which}"),
            format!("--probe-dir={FOLDER}\\{which}"),
        ]
        .map(|arg| text(&arg))
        .join(", ");
        let _ = write!(
            tables,
            "[[package.metadata.service]]\nname = {name}\nbin = {bin}\nargs = [{args}]\n{requires}\
             directories = {{ state = true, config = true }}\n\
             files = [{{ source = \"{which}.toml\", to = \"{{config-dir}}/{which}.toml\", config = true }}]\n\
             windows = {{ firewall = [{{ port = {port} }}] }}\n\n",
            name = text(name),
            bin = text(PROGRAM),
            port = 8080 + which.len(),
        );
    }
    let built = programs::windows()?;
    let programs = [(PROGRAM, built.many.as_path())];
    let fixture = Fixture::named(PACKAGE, version, &programs, &tables)?;
    fixture.put(&[("plain.toml", "plain"), ("dashed.toml", "dashed")])?;
    fixture.package_as(target(), &programs, &["zip", "msi"])
}

/// Looks at a host on which nothing is left, whatever was seen.
fn on_a_bed(look: fn(&Bed) -> Outcome) -> Outcome {
    let bed = bed()?;
    let seen = look(&bed);
    if seen.is_err() && Host::is_windows() {
        remove_all_of(&bed.host, PACKAGE)?;
        let script = format!("{PROGRAMS}\\uninstall.cmd");
        if bed.host.local(&script).exists() {
            bed.host.run(&script, &["/quiet", "/purge"])?;
        }
    }
    seen
}

fn bed() -> Result<Bed> {
    let bed = Bed::new()?;
    for (_, which) in SERVICES {
        std::fs::create_dir_all(bed.host.local(FOLDER).join(which))?;
    }
    Ok(bed)
}

/// Both run, each with what is its own.
fn they_run(bed: &Bed) -> Result<()> {
    for (name, which) in SERVICES {
        bed.host.wait_for(name, RUNNING)?;
        let config = bed.host.config(name)?.ok().context("no service")?;
        let program = format!("{PROGRAMS}\\{PROGRAM}.exe");
        ensure!(config.image.contains(&program), "{config:?}");
        ensure!(config.image.contains(which), "{config:?}");
        let account = format!("NT SERVICE\\{name}");
        ensure!(config.account.eq_ignore_ascii_case(&account), "{config:?}");
        let key = bed.host.service_key(name)?.context("no key")?;
        let environment = key.list("Environment").context("no environment")?;
        let state = format!(r"STATE_DIRECTORY=C:\ProgramData\{name}\state");
        ensure!(environment.contains(&state), "{environment:?}");
        ensure!(bed.source(name)?.is_some(), "no event source of {name}");
        let file = format!(r"C:\ProgramData\{name}\config\{which}.toml");
        let said = std::fs::read_to_string(bed.host.local(&file)).context(file)?;
        ensure!(said == which, "{said}");
    }
    let key = bed.host.service_key(DASHED)?.context("no key")?;
    let needed = key.list("DependOnService").unwrap_or_default();
    ensure!(needed == [PLAIN], "{needed:?}");
    Ok(())
}

/// Nothing of them is left.
fn they_are_gone(bed: &Bed) -> Result<()> {
    for (name, _) in SERVICES {
        bed.host.wait_for_absence(name)?;
        ensure!(bed.host.state(name)?.err() == Some(ABSENT), "{name}");
        ensure!(bed.source(name)?.is_none(), "the event source of {name}");
        let data = format!(r"C:\ProgramData\{name}");
        ensure!(!bed.host.local(&data).exists(), "{data}");
    }
    let folder = bed.host.local(PROGRAMS);
    wait::until(
        "the program folder to go",
        Duration::from_secs(60),
        || Ok((!folder.exists()).then_some(())),
        String::new,
    )?;
    ensure!(entries_of(bed, PACKAGE)?.is_empty(), "an entry is left");
    let entry = bed.host.registry(&format!("{UNINSTALL}\\{PACKAGE}"))?;
    ensure!(entry.is_none(), "{entry:#?}");
    Ok(())
}

fn the_scripts_bring_and_take_them(bed: &Bed) -> Outcome {
    let before = bed.disk();
    // The second one is an upgrade, which goes another way.
    for version in ["1.0.0", "1.1.0"] {
        let ran = bed.install_in(&made(version)?, UNPACKED)?;
        ensure!(ran.code == 0, "{ran:?}");
        they_run(bed)?;
        let entry = bed.host.registry(&format!("{UNINSTALL}\\{PACKAGE}"))?;
        let shown = entry.and_then(|entry| entry.text("DisplayVersion"));
        ensure!(shown.as_deref() == Some(version), "{shown:?}");
    }
    let ran = bed
        .host
        .run(&format!("{PROGRAMS}\\uninstall.cmd"), &["/purge"])?;
    ensure!(ran.code == 0, "{ran:?}");
    they_are_gone(bed)?;
    bed.same_disk(&before)
}

fn windows_installer_brings_and_takes_them(bed: &Bed) -> Outcome {
    for version in ["1.0.0", "1.1.0"] {
        let ran = msiexec(&bed.host, "/i", &made(version)?, &[])?;
        ensure!(ran.code == 0, "{ran:?}");
        they_run(bed)?;
        let entries = entries_of(bed, PACKAGE)?;
        let shown: Vec<_> = entries
            .iter()
            .map(|entry| entry.text("DisplayVersion"))
            .collect();
        ensure!(shown == [Some(version.to_owned())], "{shown:?}");
    }
    let ran = msiexec(&bed.host, "/i", &made("1.1.0")?, &["REINSTALL=ALL"])?;
    ensure!(ran.code == 0, "{ran:?}");
    they_run(bed)?;
    let ran = msiexec(&bed.host, "/x", &made("1.1.0")?, &["PURGE=1"])?;
    ensure!(ran.code == 0, "{ran:?}");
    they_are_gone(bed)
}
