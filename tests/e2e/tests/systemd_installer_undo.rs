//! install.sh where even undoing fails: it says so, and the next run goes on.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::command::Output;
use svc_e2e::fixture::Package;
use svc_e2e::installed::linux::{
    IDLE, UNINSTALL, enabled, install_args, install_with, shell, unpack,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SERVICE: &str = "svc-probe.service";
const FILE: &str = "/usr/local/lib/svc-probe/text";
const JOURNAL: &str = "/usr/local/lib/svc-probe/transaction";
const AS_BEFORE: &str = "everything is as it was before";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "installer_undo::what_cannot_be_put_back_is_named",
                what_cannot_be_put_back_is_named,
            ),
            Test::new(
                "installer_undo::what_cannot_be_removed_is_named",
                what_cannot_be_removed_is_named,
            ),
            Test::new(
                "installer_undo::a_service_that_does_not_come_back_is_named",
                a_service_that_does_not_come_back_is_named,
            ),
            Test::new(
                "installer_undo::a_removal_that_was_cut_short_is_not_forgotten",
                a_removal_that_was_cut_short_is_not_forgotten,
            ),
        ],
    )
}

/// A version with a file of this text; one that is not good does not start.
fn package(version: &str, text: &str, good: bool) -> Result<Package> {
    let idle = if good {
        IDLE.to_owned()
    } else {
        IDLE.replace("exec sleep 100000", "exit 3")
    };
    let tables =
        format!("{idle}files = [{{ source = \"text\", to = \"{{install-dir}}/text\" }}]\n");
    shell(version, &tables, &[("text", text.as_bytes())])
}

/// A stand-in for a program that fails where its arguments match a pattern of the shell's. What it stands in for lies in /srv.
fn sabotage(machine: &Machine, program: &str, pattern: &str) -> Result<()> {
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n{pattern})\n\techo '{program}: out of order' >&2\n\texit 1\n\t;;\nesac\nexec /srv/{program} \"$@\"\n"
    );
    machine.put("/srv/stand-in", script.as_bytes(), 0o755)?;
    let place = format!("p=$(command -v {program}) && cp -p \"$p\" /srv/{program}");
    machine.ok(&format!("{place} && cp /srv/stand-in \"$p\""))?;
    Ok(())
}

fn mend(machine: &Machine, program: &str) -> Result<()> {
    machine.ok(&format!(
        "cp -p /srv/{program} \"$(command -v {program})\" && rm /srv/{program} /srv/stand-in"
    ))?;
    Ok(())
}

fn ended_with(output: &Output, code: i32, reason: &str) -> Result<()> {
    ensure!(
        output.code() == code && output.errors().contains(reason),
        "{code} and {reason:?} were expected: {}",
        output.describe()
    );
    ensure!(
        code != 9 || !output.errors().contains(AS_BEFORE),
        "{}",
        output.describe()
    );
    Ok(())
}

fn holds(machine: &Machine, text: &str) -> Result<()> {
    let found = String::from_utf8(machine.get(FILE)?)?;
    ensure!(found == text, "{found:?}");
    Ok(())
}

fn what_cannot_be_put_back_is_named() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let old = unpack(&machine, &package("1.0.0", "one", true)?, "/srv/unpacked")?;
    let bad = unpack(&machine, &package("1.1.0", "two", false)?, "/srv/unpacked")?;
    let new = unpack(&machine, &package("1.2.0", "three", true)?, "/srv/unpacked")?;
    install_with(&machine, &old, &[])?.success()?;
    sabotage(&machine, "mv", "*/.text.svc-old*")?;
    let left = format!(
        "could not put back {FILE}, which is kept as /usr/local/lib/svc-probe/.text.svc-old"
    );
    ended_with(&install_with(&machine, &bad, &[])?, 9, &left)?;
    ensure!(machine.exists(JOURNAL)?, "the journal is gone");
    // All else was put back.
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    let receipt = machine.ok("cat /usr/local/lib/svc-probe/receipt")?;
    ensure!(receipt.contains("version=1.0.0\n"), "{receipt}");
    // As long as that is so, nothing is built on it.
    let half = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    ended_with(&install_with(&machine, &new, &[])?, 9, &left)?;
    ended_with(&machine.run(&[UNINSTALL])?, 9, &left)?;
    let now = machine.ok("cd /usr/local && find . -type f -exec sha256sum {} + | sort")?;
    ensure!(now == half, "before:\n{half}\nafter:\n{now}");
    mend(&machine, "mv")?;
    // A run that changes nothing itself shows what the next one undoes.
    let refused = machine.sh(&format!("rm {new}/PACKAGE && {new}/install.sh"))?;
    ended_with(&refused, 4, "PACKAGE is missing")?;
    let said = install_with(&machine, &old, &[])?.success()?;
    ensure!(said.contains("undoing an earlier run"), "{said}");
    holds(&machine, "one")?;
    ensure!(!machine.exists(JOURNAL)?);
    machine.ok(UNINSTALL)?;
    machine.ok("rm -r /srv/unpacked")?;
    let mut left = machine.changes(&before)?;
    // What was copied back is of another time.
    left.retain(|change| !change.path().ends_with("/bin/mv"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn what_cannot_be_removed_is_named() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let before = machine.listing()?;
    let bad = unpack(&machine, &package("1.0.0", "one", false)?, "/srv/unpacked")?;
    // Of the first installation, which is undone by removing all.
    sabotage(&machine, "rm", &format!("*' {FILE}'"))?;
    ended_with(
        &install_with(&machine, &bad, &[])?,
        9,
        &format!("could not remove {FILE}"),
    )?;
    holds(&machine, "one")?;
    ensure!(machine.show(SERVICE, "LoadState")? == "not-found");
    mend(&machine, "rm")?;
    // Its uninstaller went with the rest: the one of the package does it.
    let said = machine.run(&[&format!("{bad}/uninstall.sh")])?.success()?;
    ensure!(said.contains("undoing an installation"), "{said}");
    machine.ok("rm -r /srv/unpacked")?;
    let mut left = machine.changes(&before)?;
    left.retain(|change| !change.path().ends_with("/bin/rm"));
    ensure!(left.is_empty(), "{left:#?}");
    // What somebody else puts into a folder that was made for it stays, and is named; nothing else is left.
    machine.ok("mkdir /srv/probe")?;
    let tables = "[package.metadata.service]\nargs = [\"-c\", \"touch /usr/local/lib/svc-probe/theirs; exit 3\"]\naccount = \"system\"\n\
        hardening = \"off\"\n";
    let folder = unpack(&machine, &shell("1.0.0", tables, &[])?, "/srv/unpacked")?;
    let failed = install_with(&machine, &folder, &[])?;
    ended_with(&failed, 7, "which are not empty: /usr/local/lib/svc-probe")?;
    ensure!(machine.ok("ls -A /usr/local/lib/svc-probe")? == "theirs\n");
    Ok(())
}

fn a_service_that_does_not_come_back_is_named() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    // It is up once its program has ended well, which it does as long as there is a file.
    let version = |version: &str, command: &str| {
        let tables = format!(
            "[package.metadata.service]\nargs = [\"-c\", \"{command}\"]\nrestart = \"no\"\n\
             [package.metadata.service.systemd]\ntype = \"oneshot\"\nservice = {{ RemainAfterExit = true }}\n"
        );
        shell(version, &tables, &[])
    };
    machine.ok("touch /srv/there")?;
    install_args(&machine, &version("1.0.0", "test -e /srv/there")?, &[])?;
    machine.ok("rm /srv/there")?;
    let bad = unpack(&machine, &version("1.1.0", "exit 3")?, "/srv/unpacked")?;
    let lost = "svc-probe.service was running and does not start again";
    ended_with(&install_with(&machine, &bad, &[])?, 9, lost)?;
    // That is no reason against a version that does start; and as it ran before, it runs again.
    let said = install_args(&machine, &version("1.2.0", "true")?, &[])?;
    ensure!(
        said.contains(lost) && said.contains("1.2.0 is installed (it was 1.0.0)"),
        "{said}"
    );
    ensure!(machine.show(SERVICE, "ActiveState")? == "active", "{said}");
    ensure!(!machine.exists(JOURNAL)?);
    Ok(())
}

fn a_removal_that_was_cut_short_is_not_forgotten() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    install_args(&machine, &package("1.0.0", "one", true)?, &[])?;
    // What uninstall.sh has done when it is killed before it removes the first file.
    machine.ok(&format!(
        "echo begin=uninstall >{JOURNAL} && systemctl --quiet disable --now {SERVICE}"
    ))?;
    let bad = unpack(&machine, &package("1.1.0", "two", false)?, "/srv/unpacked")?;
    sabotage(&machine, "mv", "*/.text.svc-old*")?;
    ended_with(&install_with(&machine, &bad, &[])?, 9, "could not put back")?;
    mend(&machine, "mv")?;
    ended_with(&install_with(&machine, &bad, &[])?, 7, AS_BEFORE)?;
    holds(&machine, "one")?;
    let journal = String::from_utf8(machine.get(JOURNAL)?)?;
    ensure!(journal == "begin=uninstall\n", "{journal}");
    // It was no operator who disabled and stopped it.
    install_args(&machine, &package("1.2.0", "three", true)?, &[]).context("1.2.0")?;
    ensure!(enabled(&machine, SERVICE)? == "enabled");
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    machine.ok(UNINSTALL)?;
    Ok(())
}
