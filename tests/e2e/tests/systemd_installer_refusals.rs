//! What install.sh refuses before it changes anything: packages that are not whole, machines that cannot take them; and the
//! labels that it sets.

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::installed::linux::{IDLE, UNITS, install_with, shell, unchanged, unpack};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

/// Where each test changes a package.
const COPY: &str = "/srv/copy";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "installer_refusals::a_package_that_is_not_whole",
                a_package_that_is_not_whole,
            ),
            Test::new(
                "installer_refusals::another_architecture",
                another_architecture,
            ),
            Test::new("installer_refusals::no_space", no_space),
            Test::new("installer_refusals::labels_are_set", labels_are_set),
        ],
    )
}

/// A machine with an unpacked package.
fn machine() -> Result<(Machine, String)> {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = format!(
        "{IDLE}directories = {{ config = true }}\nfiles = [\n\
         {{ source = \"a.conf\", to = \"{{config-dir}}/a.conf\", config = true }},\n\
         {{ source = \"b\", to = \"{{install-dir}}/b\" }},\n]\n"
    );
    let package = shell("1.0.0", &tables, &[("a.conf", b"a"), ("b", b"b")])?;
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    Ok((machine, folder))
}

/// Changes a copy of the package with a script, and installs that: it ends with this code and these words, and nothing else.
fn refused(
    machine: &Machine,
    folder: &str,
    change: &str,
    args: &[&str],
    expected: (i32, &str),
) -> Result<()> {
    machine.ok(&format!(
        "rm -rf {COPY} && cp -a {folder} {COPY} && cd {COPY} && {change}"
    ))?;
    let before = machine.listing()?;
    let output = install_with(machine, COPY, args)?;
    ensure!(
        output.code() == expected.0 && output.errors().contains(expected.1),
        "{change}: {expected:?} was expected: {}",
        output.describe()
    );
    unchanged(machine, &before).with_context(|| change.to_owned())
}

fn a_package_that_is_not_whole() -> Outcome {
    let (machine, folder) = machine()?;
    for (change, reason) in [
        ("rm PACKAGE", "PACKAGE is missing"),
        ("rm bin/svc-probe", "bin/svc-probe is missing"),
        ("rm files/a.conf", "files/a.conf is missing"),
        ("rm uninstall.sh", "uninstall.sh is missing"),
        (
            "printf x >>bin/svc-probe",
            "bin/svc-probe is damaged: its SHA-256",
        ),
        (": >files/b", "files/b is damaged: its SHA-256"),
        (
            "echo '#' >>systemd/svc-probe.service",
            "systemd/svc-probe.service is damaged: its SHA-256",
        ),
        (
            "sed -i /^version=/d PACKAGE",
            "it has no version or no target",
        ),
        (
            "sed -i /^target=/d PACKAGE",
            "it has no version or no target",
        ),
        (": >PACKAGE", "it has no version or no target"),
        (
            "sed -i 's|^package=.*|package=other|' PACKAGE",
            "PACKAGE belongs to other",
        ),
        (
            "sed -i '\\|bin/svc-probe$|d' PACKAGE",
            "it does not list bin/svc-probe",
        ),
        (
            "sed -i '\\|svc-probe.service$|d' PACKAGE",
            "it does not list systemd/svc-probe.service",
        ),
        (
            "sed -i '\\|files/a.conf$|d' PACKAGE",
            "it does not list files/a.conf",
        ),
    ] {
        refused(&machine, &folder, change, &[], (4, reason))?;
    }
    // A unit of another version, which --prefix would have to rewrite in other lines.
    let other = "sed -i '/^\\[Service\\]/i # one line more' systemd/svc-probe.service && \
        sum=$(sha256sum <systemd/svc-probe.service) && \
        sed -i \"s|^file=[0-9a-f]* \\(.*svc-probe.service\\)$|file=${sum%% *} \\1|\" PACKAGE";
    let reason = "is not the one that this script knows";
    refused(
        &machine,
        &folder,
        other,
        &["--prefix", "/opt/here"],
        (4, reason),
    )?;
    install_with(&machine, &folder, &[])?.success()?;
    Ok(())
}

fn another_architecture() -> Outcome {
    let (machine, folder) = machine()?;
    let to = |target: &str| format!("sed -i 's|^target=.*|target={target}|' PACKAGE");
    let arm = to("aarch64-unknown-linux-gnu");
    let here = "this package is for aarch64-unknown-linux-gnu, and this machine is x86_64";
    refused(&machine, &folder, &arm, &[], (3, here))?;
    let windows = to("x86_64-pc-windows-msvc");
    refused(&machine, &folder, &windows, &[], (3, "not for Linux"))?;
    // An image is what its programs are for, whatever fills it: the head of one for ARM.
    machine.ok(
        "mkdir -p /srv/image/bin && head -c 18 /bin/dash >/srv/image/bin/sh && printf '\\267\\000' >>/srv/image/bin/sh",
    )?;
    let image = ["--root", "/srv/image"];
    let there = "and this machine is aarch64";
    refused(&machine, &folder, "true", &image, (3, there))?;
    machine.ok(&format!(
        "rm -rf {COPY} && cp -a {folder} {COPY} && cd {COPY} && {arm}"
    ))?;
    install_with(&machine, COPY, &image)?.success()?;
    ensure!(machine.exists("/srv/image/usr/local/bin/svc-probe")?);
    Ok(())
}

fn no_space() -> Outcome {
    let (machine, folder) = machine()?;
    machine.ok("mount -t tmpfs -o size=512k tmpfs /opt")?;
    let args = ["--prefix", "/opt/here"];
    refused(
        &machine,
        &folder,
        "true",
        &args,
        (3, "/opt has 512 KiB left, and "),
    )?;
    machine.ok("mount -o remount,size=16m /opt")?;
    install_with(&machine, &folder, &args)?.success()?;
    machine.ok("/opt/here/lib/svc-probe/uninstall.sh --purge && umount /opt")?;
    Ok(())
}

/// What sets labels is not on this machine: a stand-in writes down what it is told.
fn labels_are_set() -> Outcome {
    let (machine, folder) = machine()?;
    machine.put(
        "/usr/sbin/restorecon",
        b"#!/bin/sh\necho \"$*\" >>/run/labelled\n",
        0o755,
    )?;
    machine.ok("mkdir -p /srv/image")?;
    install_with(&machine, &folder, &["--root", "/srv/image"])?.success()?;
    // An image gets its labels from who makes it.
    ensure!(!machine.exists("/run/labelled")?);
    install_with(&machine, &folder, &[])?.success()?;
    let labelled = machine.ok("cat /run/labelled")?;
    for path in [
        "/usr/local/bin/svc-probe",
        "/usr/local/lib/svc-probe",
        "/usr/local/lib/svc-probe/b",
        "/usr/local/lib/svc-probe/receipt",
        "/usr/local/lib/svc-probe/uninstall.sh",
        "/etc/svc-probe",
        "/etc/svc-probe/a.conf",
        &format!("{UNITS}/svc-probe.service"),
    ] {
        let line = format!("-F -- {path}");
        ensure!(
            labelled.lines().any(|found| found == line),
            "{path} has none: {labelled}"
        );
    }
    Ok(())
}
