//! Files, credentials, users, images and users' own services: install.sh on a real systemd.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::fixture::Package;
use svc_e2e::installed::linux::{
    IDLE, RECEIPT, UNINSTALL, enabled, install_args, install_with, shell, unchanged, unpack,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SERVICE: &str = "svc-probe.service";
const CONFIG: &str = "/etc/svc-probe/a b.conf";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "installer_files::an_edited_file_is_the_operators",
                an_edited_file_is_the_operators,
            ),
            Test::new(
                "installer_files::a_failed_start_puts_files_back",
                a_failed_start_puts_files_back,
            ),
            Test::new(
                "installer_files::a_kill_loses_nothing",
                a_kill_loses_nothing,
            ),
            Test::new(
                "installer_files::a_required_file_is_waited_for",
                a_required_file_is_waited_for,
            ),
            Test::new("installer_files::credentials_arrive", credentials_arrive),
            Test::new(
                "installer_files::users_are_made_and_kept",
                users_are_made_and_kept,
            ),
            Test::new(
                "installer_files::a_folder_of_another_is_refused",
                a_folder_of_another_is_refused,
            ),
        ],
    )
}

/// A service with a configuration file of this text.
fn configured(version: &str, text: &str) -> Result<Package> {
    let tables = format!(
        "{IDLE}directories = {{ config = true }}\nfiles = [\n\
         {{ source = \"conf/a b.conf\", to = \"{{config-dir}}/a b.conf\", config = true, mode = \"0640\" }},\n\
         {{ source = \"conf/a b.conf\", to = \"{{install-dir}}/default.conf\" }},\n]\n"
    );
    shell(version, &tables, &[("conf/a b.conf", text.as_bytes())])
}

fn holds(machine: &Machine, path: &str, text: &str) -> Result<()> {
    let found = String::from_utf8(machine.get(path)?)?;
    ensure!(found == text, "{path} holds {found:?}, not {text:?}");
    Ok(())
}

fn an_edited_file_is_the_operators() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let beside = format!("{CONFIG}.new");
    let default = "/usr/local/lib/svc-probe/default.conf";
    install_args(&machine, &configured("1.0.0", "one")?, &[])?;
    holds(&machine, CONFIG, "one")?;
    let mode = machine.ok(&format!("stat -c '%a %u %g' '{CONFIG}'"))?;
    ensure!(mode == "640 0 0\n", "{mode}");
    // Unedited, it is replaced.
    install_args(&machine, &configured("1.1.0", "two")?, &[])?;
    holds(&machine, CONFIG, "two")?;
    machine.put(CONFIG, b"mine", 0o600)?;
    let said = install_args(&machine, &configured("1.2.0", "three")?, &[])?;
    ensure!(said.contains("was edited and is kept"), "{said}");
    holds(&machine, CONFIG, "mine")?;
    holds(&machine, &beside, "three")?;
    holds(&machine, default, "three")?;
    // The same again says nothing new, and takes nothing away.
    let said = install_args(&machine, &configured("1.2.0", "three")?, &[])?;
    ensure!(!said.contains("edited"), "{said}");
    holds(&machine, &beside, "three")?;
    // Merged, what lay beside it is of no use any more.
    machine.ok(&format!("mv '{beside}' '{CONFIG}'"))?;
    install_args(&machine, &configured("1.3.0", "four")?, &[])?;
    holds(&machine, CONFIG, "four")?;
    ensure!(!machine.exists(&beside)?);
    // Removal leaves it, and the next installation leaves it, too.
    machine.put(CONFIG, b"mine again", 0o640)?;
    let said = machine.ok(UNINSTALL)?;
    ensure!(said.contains("is kept; --purge"), "{said}");
    holds(&machine, CONFIG, "mine again")?;
    ensure!(!machine.exists(default)?);
    install_args(&machine, &configured("1.3.0", "four")?, &[])?;
    holds(&machine, CONFIG, "mine again")?;
    holds(&machine, &beside, "four")?;
    machine.ok(&format!("{UNINSTALL} --purge"))?;
    unchanged(&machine, &before)
}

fn a_failed_start_puts_files_back() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install_args(&machine, &configured("1.0.0", "one")?, &[])?;
    let before = machine.listing()?;
    let tables = "[package.metadata.service]\nargs = [\"-c\", \"exit 3\"]\ndirectories = { config = true }\n\
        files = [{ source = \"b\", to = \"{config-dir}/a b.conf\", config = true }, { source = \"b\", to = \"{config-dir}/more/b\" }]\n";
    let bad = shell("1.1.0", tables, &[("b", b"two")])?;
    let folder = unpack(&machine, &bad, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    machine.ok("rm -r /srv/unpacked")?;
    holds(&machine, CONFIG, "one")?;
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    let mut left = machine.changes(&before)?;
    left.retain(|change| !change.path().starts_with("/var/tmp/systemd-private-"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn a_kill_loses_nothing() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let old = unpack(&machine, &configured("1.0.0", "one")?, "/srv/unpacked")?;
    let new = unpack(&machine, &configured("1.1.0", "two")?, "/srv/unpacked")?;
    install_with(&machine, &old, &[])?.success()?;
    for milliseconds in [60, 120, 180, 240, 300, 360, 420, 480, 600, 800, 1100] {
        let edited = milliseconds % 40 == 0;
        if edited {
            machine.put(CONFIG, b"mine", 0o640)?;
        }
        let seconds = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
        let script = format!("{new}/install.sh");
        machine.run(&["timeout", "--signal=KILL", &seconds, &script])?;
        let again = install_with(&machine, &new, &[])?;
        ensure!(
            again.code() == 0,
            "after a kill at {milliseconds} ms: {}",
            again.describe()
        );
        holds(&machine, CONFIG, if edited { "mine" } else { "two" })
            .with_context(|| format!("after a kill at {milliseconds} ms"))?;
        machine.wait_for(SERVICE, "ActiveState", "active")?;
        machine.ok(&format!("rm '{CONFIG}'"))?;
        install_with(&machine, &old, &[])?.success()?;
        holds(&machine, CONFIG, "one")?;
    }
    machine.ok(&format!("{UNINSTALL} --purge"))?;
    machine.ok("rm -r /srv/unpacked")?;
    unchanged(&machine, &before)
}

fn a_required_file_is_waited_for() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = format!(
        "{IDLE}directories = {{ config = true }}\nfiles = [{{ to = \"{{config-dir}}/key\", required = true }}]\n\
         sockets = [{{ name = \"web\", listen = \"tcp://127.0.0.1:8080\" }}]\n"
    );
    let package = shell("1.0.0", &tables, &[])?;
    let said = install_args(&machine, &package, &[])?;
    ensure!(
        said.contains(
            "svc-probe.service is enabled, but not started: /etc/svc-probe/key is missing"
        ),
        "{said}"
    );
    for unit in [SERVICE, "svc-probe-web.socket"] {
        ensure!(enabled(&machine, unit)? == "enabled", "{said}");
        ensure!(machine.show(unit, "ActiveState")? == "inactive", "{said}");
    }
    // As soon as it is there, the next run starts what waited.
    machine.put("/etc/svc-probe/key", b"k", 0o600)?;
    install_args(&machine, &package, &[])?;
    for unit in [SERVICE, "svc-probe-web.socket"] {
        machine.wait_for(unit, "ActiveState", "active")?;
    }
    Ok(())
}

fn credentials_arrive() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let tables = "[[package.metadata.service]]\nname = \"svc-probe\"\nbin = \"svc-probe\"\n\
        args = [\"-c\", \"echo $(cat $CREDENTIALS_DIRECTORY/token); exec sleep 100000\"]\ncredentials = [{ name = \"token\", required = true }]\n\
        [[package.metadata.service]]\nname = \"other\"\nbin = \"svc-probe\"\nargs = [\"-c\", \"exec sleep 100000\"]\n\
        credentials = [{ name = \"token\" }]\nrequires = [\"svc-probe\"]\n";
    let package = shell("1.0.0", tables, &[])?;
    let said = install_args(&machine, &package, &[])?;
    ensure!(
        said.contains(
            "svc-probe.service is enabled, but not started: the credential 'token' is missing"
        ) && said.contains("other.service is enabled, but not started: it needs svc-probe.service"),
        "{said}"
    );
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    for (args, reason) in [
        (["--credential", "token=/etc/hostname"], "several services"),
        (["--credential", "none=/etc/hostname"], "no service"),
        (["--credential", "other/token=/nowhere"], "cannot be read"),
        (["--credential", "token"], "NAME=FILE"),
    ] {
        let refused = install_with(&machine, &folder, &args)?;
        ensure!(
            refused.code() == 2 && refused.errors().contains(reason),
            "{}",
            refused.describe()
        );
    }
    machine.ok(&format!(
        "printf 'a secret' | {folder}/install.sh --credential svc-probe/token=-"
    ))?;
    machine.wait_for_journal(SERVICE, "a secret")?;
    machine.wait_for("other.service", "ActiveState", "active")?;
    let place = "/etc/credstore/svc-probe/token";
    let modes = machine.ok(&format!("stat -c '%a %u' {place} /etc/credstore/svc-probe"))?;
    ensure!(modes == "600 0\n700 0\n", "{modes}");
    let receipt = String::from_utf8(machine.get(RECEIPT)?)?;
    ensure!(!receipt.contains("credstore/svc-probe/token"), "{receipt}");
    // A start that fails with another one brings the first one back.
    let bad = shell(
        "1.1.0",
        &tables
            .replace(
                "echo $(cat $CREDENTIALS_DIRECTORY/token)",
                "grep -q good $CREDENTIALS_DIRECTORY/token",
            )
            .replace("; exec", " || exit 3; exec"),
        &[],
    )?;
    let newer = unpack(&machine, &bad, "/srv/unpacked")?;
    let failed = machine.sh(&format!(
        "printf bad | {newer}/install.sh --credential svc-probe/token=-"
    ))?;
    ensure!(failed.code() == 7, "{}", failed.describe());
    holds(&machine, place, "a secret")?;
    install_with(&machine, &folder, &[])?.success()?;
    holds(&machine, place, "a secret")?;
    machine.ok("rm -r /srv/unpacked")?;
    machine.ok(UNINSTALL)?;
    holds(&machine, place, "a secret")?;
    install_args(&machine, &package, &[])?;
    machine.ok(&format!("{UNINSTALL} --purge"))?;
    let mut left = machine.changes(&before)?;
    // Shared by all services, and no longer known to have been made by this one: it outlived a removal.
    left.retain(|change| change.path() != "/etc/credstore");
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn users_are_made_and_kept() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = format!(
        "{IDLE}[package.metadata.service.systemd]\naccount = {{ user = \"lights\", groups = [\"adm\"] }}\n"
    );
    install_args(&machine, &shell("1.0.0", &tables, &[])?, &[])?;
    ensure!(machine.show(SERVICE, "User")? == "lights");
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    ensure!(machine.exists("/usr/local/lib/sysusers.d/svc-probe.conf")?);
    machine.ok("id -nG lights | grep -qw adm")?;
    let said = machine.ok(&format!("{UNINSTALL} --purge"))?;
    ensure!(said.contains("the user lights stays"), "{said}");
    machine.ok("getent passwd lights")?;
    ensure!(!machine.exists("/usr/local/lib/sysusers.d")?);
    Ok(())
}

fn a_folder_of_another_is_refused() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let package = configured("1.0.0", "one")?;
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    for planted in [
        "mkdir /etc/svc-probe && chown daemon /etc/svc-probe",
        "mkdir -m 777 /etc/svc-probe",
        "mkdir /srv/own && ln -s /srv/own /etc/svc-probe",
    ] {
        machine.ok(planted)?;
        let before = machine.listing()?;
        let refused = install_with(&machine, &folder, &[])?;
        ensure!(
            refused.code() == 5 && refused.errors().contains("/etc/svc-probe"),
            "{planted}: {}",
            refused.describe()
        );
        unchanged(&machine, &before)?;
        machine.ok("rm -r /etc/svc-probe")?;
    }
    Ok(())
}
