//! Packages for dpkg and rpm: made by cargo-deb and cargo-generate-rpm, installed, upgraded, removed and purged on a machine
//! with a real systemd.

use std::collections::BTreeMap;
use std::process::{Command, ExitCode};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::command;
use svc_e2e::installed::distribution::{self, EXTRA, FIRST, Packages, SECOND, Version};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const UNIT: &str = "svc-probe.service";
const SOCKET: &str = "svc-probe-http.socket";
const TIMER: &str = "svc-sweeper.timer";
const LATER: &str = "svc-later.service";
const WORKER: &str = "svc-worker@one.service";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        distribution::needs,
        vec![
            Test::new("distro::deb_sets_up_the_services", deb_sets_up_the_services),
            Test::new("distro::deb_waits_for_a_secret", deb_waits_for_a_secret),
            Test::new("distro::deb_upgrades", deb_upgrades),
            Test::new(
                "distro::deb_keeps_what_an_operator_did",
                deb_keeps_what_an_operator_did,
            ),
            Test::new(
                "distro::deb_restarts_services_of_users",
                deb_restarts_services_of_users,
            ),
            Test::new("distro::deb_exchanges_units", deb_exchanges_units),
            Test::new(
                "distro::deb_comes_back_after_removal",
                deb_comes_back_after_removal,
            ),
            Test::new("distro::deb_purges_everything", deb_purges_everything),
            Test::new(
                "distro::deb_obeys_policy_and_presets",
                deb_obeys_policy_and_presets,
            ),
            Test::new("distro::lintian_finds_nothing", lintian_finds_nothing),
            Test::new(
                "distro::rpm_holds_files_and_scripts",
                rpm_holds_files_and_scripts,
            ),
            Test::new(
                "distro::rpm_scriptlets_live_a_life",
                rpm_scriptlets_live_a_life,
            ),
            Test::new("distro::rpm_leaves_it_to_presets", rpm_leaves_it_to_presets),
        ],
    )
}

/// The packages of a version, made once for all tests.
fn packages(version: Version) -> Result<Packages> {
    static MADE: Mutex<BTreeMap<String, Packages>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{version:?}");
    if let Some(packages) = made.get(&key) {
        return Ok(packages.clone());
    }
    let packages = distribution::packages(version)?;
    made.insert(key, packages.clone());
    Ok(packages)
}

fn machine() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    Ok(machine)
}

/// Installs with dpkg; what it said.
fn dpkg(machine: &Machine, version: Version) -> Result<String> {
    machine.copy(&packages(version)?.deb, "/srv/probe.deb", 0o644)?;
    let said = machine
        .ok("DEBIAN_FRONTEND=noninteractive dpkg --force-confold --install /srv/probe.deb 2>&1")?;
    machine.ok("rm /srv/probe.deb")?;
    Ok(said)
}

fn installed() -> Result<Machine> {
    let machine = machine()?;
    dpkg(&machine, FIRST)?;
    machine.wait_for(UNIT, "ActiveState", "active")?;
    Ok(machine)
}

/// Compares one property of several units.
fn states(machine: &Machine, property: &str, expected: &[(&str, &str)]) -> Result<()> {
    for (unit, state) in expected {
        let found = machine.show(unit, property)?;
        ensure!(
            found == *state,
            "{unit} has {property}={found}, not {state}\n{}",
            machine.describe(unit)
        );
    }
    Ok(())
}

fn deb_sets_up_the_services() -> Outcome {
    let machine = installed()?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "active"),
            (SOCKET, "active"),
            (TIMER, "active"),
            ("svc-sweeper.service", "inactive"),
            (LATER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "enabled"),
            (TIMER, "enabled"),
            ("svc-sweeper.service", "disabled"),
            (LATER, "enabled"),
        ],
    )?;
    let template = machine.sh("systemctl is-enabled svc-worker@.service")?;
    ensure!(template.text() == "disabled\n", "{}", template.describe());
    let global = machine.ok("systemctl --global is-enabled svc-tray.service")?;
    ensure!(global.trim() == "enabled", "{global}");
    let user = machine.ok(&format!(
        "stat -c %U /proc/$(systemctl show -P MainPID {UNIT})"
    ))?;
    ensure!(user.trim() == "svc-probe", "{user}");
    let owners = machine.ok("stat -c '%n %U:%G %a' /etc/svc-probe /etc/svc-probe/probe.toml /usr/bin/svc-probe \
        /usr/lib/svc-probe/notes.dat /usr/lib/systemd/system/svc-probe.service /etc/credstore/svc-later")?;
    ensure!(
        owners
            == "/etc/svc-probe root:root 755\n/etc/svc-probe/probe.toml root:root 644\n/usr/bin/svc-probe root:root 755\n\
                /usr/lib/svc-probe/notes.dat root:root 644\n/usr/lib/systemd/system/svc-probe.service root:root 644\n\
                /etc/credstore/svc-later root:root 700\n",
        "{owners}"
    );
    let conffiles = machine.ok("dpkg-query --show --showformat='${Conffiles}' svc-probe")?;
    ensure!(
        conffiles.trim().starts_with("/etc/svc-probe/probe.toml ")
            && conffiles.trim().lines().count() == 1,
        "{conffiles}"
    );
    let depends = machine.ok("dpkg-query --show --showformat='${Depends}' svc-probe")?;
    ensure!(depends.contains("systemd (>= 247)"), "{depends}");
    Ok(())
}

fn deb_waits_for_a_secret() -> Outcome {
    let machine = machine()?;
    let said = dpkg(&machine, FIRST)?;
    ensure!(
        said.contains(
            "svc-later.service is enabled but not started, it needs: /etc/credstore/svc-later/key"
        ) && said.contains("systemctl start svc-later.service"),
        "{said}"
    );
    machine.put("/etc/credstore/svc-later/key", b"secret", 0o600)?;
    machine.ok("systemctl start svc-later.service")?;
    // Purged with the rest: it is the service's own.
    machine.ok("dpkg --purge svc-probe")?;
    ensure!(
        !machine.exists("/etc/credstore/svc-later")?,
        "the secret stays"
    );
    Ok(())
}

fn deb_upgrades() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl start {WORKER}"))?;
    let (pid, worker) = (
        machine.show(UNIT, "MainPID")?,
        machine.show(WORKER, "MainPID")?,
    );
    let socket = machine.show(SOCKET, "InvocationID")?;
    machine.put(
        "/etc/systemd/system/svc-probe.service.d/own.conf",
        b"[Service]\nEnvironment=OWN=1\n",
        0o644,
    )?;
    machine.put("/etc/svc-probe/probe.toml", b"edited = true\n", 0o644)?;
    let said = dpkg(&machine, SECOND)?;
    machine.wait_for_restart(UNIT, &pid)?;
    machine.wait_for_restart(WORKER, &worker)?;
    ensure!(
        machine.show(SOCKET, "InvocationID")? == socket,
        "the socket was closed\n{said}"
    );
    ensure!(machine.get("/etc/svc-probe/probe.toml")? == b"edited = true\n");
    let default = machine.get("/etc/svc-probe/probe.toml.dpkg-dist")?;
    ensure!(default == b"made-for = \"1.1.0\"\n");
    let environment = machine.show(UNIT, "Environment")?;
    ensure!(environment.contains("OWN=1"), "{environment}");
    let drop_in = machine.show(UNIT, "DropInPaths")?;
    ensure!(
        drop_in == "/etc/systemd/system/svc-probe.service.d/own.conf",
        "{drop_in}"
    );
    states(
        &machine,
        "NeedDaemonReload",
        &[(UNIT, "no"), (SOCKET, "no"), (TIMER, "no")],
    )?;
    ensure!(
        !machine.exists("/run/svc-probe.units")?,
        "a note of preinst's is left"
    );
    Ok(())
}

fn deb_keeps_what_an_operator_did() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!("systemctl disable --now {TIMER} && systemctl stop {UNIT} {SOCKET} && systemctl mask {LATER}"))?;
    machine.ok("systemctl enable svc-sweeper.service")?;
    dpkg(&machine, SECOND)?;
    states(
        &machine,
        "ActiveState",
        &[
            (TIMER, "inactive"),
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (LATER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[
            (TIMER, "disabled"),
            (UNIT, "enabled"),
            (LATER, "masked"),
            ("svc-sweeper.service", "enabled"),
        ],
    )?;
    // A removal and an installation later, too.
    machine.ok("dpkg --remove svc-probe")?;
    dpkg(&machine, SECOND)?;
    states(
        &machine,
        "UnitFileState",
        &[(TIMER, "disabled"), (LATER, "masked")],
    )?;
    states(
        &machine,
        "ActiveState",
        &[(TIMER, "inactive"), (UNIT, "active")],
    )
}

fn deb_restarts_services_of_users() -> Outcome {
    let machine = machine()?;
    dpkg(&machine, FIRST)?;
    machine.ok("useradd --create-home someone")?;
    let id = machine.ok("id -u someone")?;
    let id = id.trim();
    // What PAM does where there are sessions.
    let environment = b"[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i\n";
    machine.put(
        "/etc/systemd/system/user@.service.d/own.conf",
        environment,
        0o644,
    )?;
    machine.ok(&format!(
        "systemctl daemon-reload && systemctl start user@{id}.service"
    ))?;
    let pid = || -> Result<String> {
        let show = format!(
            "setpriv --reuid={id} --clear-groups env XDG_RUNTIME_DIR=/run/user/{id} \
             systemctl --user show --property=MainPID --value svc-tray.service"
        );
        Ok(machine.ok(&show)?.trim().to_owned())
    };
    let first = pid()?;
    ensure!(first != "0", "the user's manager has not started it");
    let said = dpkg(&machine, SECOND)?;
    let second = pid()?;
    ensure!(second != first && second != "0", "{first} {second}\n{said}");
    let said = machine.ok("dpkg --remove svc-probe")?;
    ensure!(pid()? == "0", "it runs after the removal\n{said}");
    Ok(())
}

/// Another address of a socket, a service more, and back again.
fn deb_exchanges_units() -> Outcome {
    const OTHER: Version = Version {
        number: "1.2.0",
        http: "tcp://127.0.0.1:8381",
        more: EXTRA,
    };
    const BACK: Version = Version {
        number: "1.3.0",
        ..FIRST
    };
    let machine = installed()?;
    let pid = machine.show(UNIT, "MainPID")?;
    dpkg(&machine, OTHER)?;
    machine.wait_for_restart(UNIT, &pid)?;
    let listening = || machine.ok("cat /proc/net/tcp");
    let port =
        |table: &str, port: u16| table.contains(&format!("0100007F:{port:04X} 00000000:0000 0A"));
    let table = listening()?;
    ensure!(port(&table, 8381) && !port(&table, 8380), "{table}");
    states(
        &machine,
        "ActiveState",
        &[(SOCKET, "active"), ("svc-extra.service", "active")],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[("svc-extra.service", "enabled")],
    )?;

    let said = dpkg(&machine, BACK)?;
    ensure!(
        said.contains("svc-extra.service is no longer part of this package"),
        "{said}"
    );
    let table = listening()?;
    ensure!(port(&table, 8380) && !port(&table, 8381), "{table}");
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), ("svc-extra.service", "inactive")],
    )?;
    ensure!(!machine.exists("/etc/systemd/system/multi-user.target.wants/svc-extra.service")?);
    Ok(())
}

fn deb_comes_back_after_removal() -> Outcome {
    let machine = installed()?;
    machine.ok(&format!(
        "systemctl start {WORKER} && echo kept >/var/lib/svc-probe/data"
    ))?;
    machine.ok("dpkg --remove svc-probe")?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (TIMER, "inactive"),
            (WORKER, "inactive"),
        ],
    )?;
    for gone in [
        "/usr/bin/svc-probe",
        "/usr/lib/systemd/system/svc-probe.service",
        "/usr/lib/svc-probe",
    ] {
        ensure!(!machine.exists(gone)?, "{gone} stays");
    }
    for kept in ["/etc/svc-probe/probe.toml", "/var/lib/svc-probe/data"] {
        ensure!(machine.exists(kept)?, "{kept} is gone");
    }
    dpkg(&machine, FIRST)?;
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), (SOCKET, "active"), (TIMER, "active")],
    )?;
    ensure!(machine.get("/var/lib/svc-probe/data")? == b"kept\n");
    Ok(())
}

fn deb_purges_everything() -> Outcome {
    let machine = machine()?;
    let before = machine.listing()?;
    dpkg(&machine, FIRST)?;
    // What services, operators and the manager leave.
    machine.ok(
        "systemctl start svc-sweeper.service && systemctl enable --now svc-worker@one.service",
    )?;
    machine.ok("echo data >/var/lib/svc-probe/data; echo log >/var/log/svc-probe/log; echo more >/etc/svc-probe/more.toml")?;
    ensure!(machine.exists("/var/lib/private/svc-sweeper")?);
    machine.ok("dpkg --remove svc-probe")?;
    machine.ok("dpkg --purge svc-probe")?;
    let of_dpkg = [
        "/var/lib/dpkg",
        "/var/log/dpkg.log",
        "/etc/passwd",
        "/etc/group",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/.pwd.lock",
    ];
    let left: Vec<_> = machine
        .changes(&before)?
        .into_iter()
        .filter(|change| !of_dpkg.iter().any(|path| change.path().starts_with(path)))
        // Folders that gained and lost something.
        .filter(|change| !matches!(change, systemd::Change::Altered(_, old, new) if old == new))
        .collect();
    ensure!(left.is_empty(), "{left:#?}");
    let units = machine.ok("systemctl list-unit-files --no-legend 'svc-*' || :; systemctl --global list-unit-files --no-legend 'svc-*' || :")?;
    ensure!(units.is_empty(), "{units}");
    machine.ok("id svc-probe")?;
    let state = machine.ok("find /var/lib/systemd -name '*svc-*'")?;
    ensure!(state.is_empty(), "{state}");
    Ok(())
}

fn deb_obeys_policy_and_presets() -> Outcome {
    let machine = machine()?;
    machine.put("/usr/sbin/policy-rc.d", b"#!/bin/sh\nexit 101\n", 0o755)?;
    machine.put(
        "/etc/systemd/system-preset/10-own.preset",
        b"disable svc-sweeper.timer\n",
        0o644,
    )?;
    dpkg(&machine, FIRST)?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (TIMER, "inactive"),
        ],
    )?;
    states(
        &machine,
        "UnitFileState",
        &[(UNIT, "enabled"), (TIMER, "disabled")],
    )
}

fn lintian_finds_nothing() -> Outcome {
    let packages = packages(FIRST)?;
    let mut lintian = Command::new("lintian");
    // "unstable" is a distribution for lintian only where its vendor is Debian.
    lintian
        .args([
            "--profile",
            "debian",
            "--allow-root",
            "--no-cfg",
            "--display-info",
            "--fail-on",
            "error,warning,info",
        ])
        .arg(&packages.deb)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(packages.folder());
    let said = command::run(&mut lintian, b"", Duration::from_secs(300))?;
    ensure!(
        said.code() == 0 && said.stdout.is_empty(),
        "{}",
        said.describe()
    );
    Ok(())
}

/// Asks rpm about the package.
fn rpm(packages: &Packages, args: &[&str]) -> Result<String> {
    let mut rpm = Command::new("rpm");
    rpm.args(["--query", "--package"])
        .args(args)
        .arg(&packages.rpm)
        .env("LC_ALL", "C.UTF-8");
    command::run(&mut rpm, b"", Duration::from_secs(60))?.success()
}

fn rpm_holds_files_and_scripts() -> Outcome {
    let packages = packages(FIRST)?;
    let list = rpm(&packages, &["--list"])?;
    let mut files: Vec<_> = list.lines().collect();
    files.sort_unstable();
    let expected = [
        "/etc/svc-probe/probe.toml",
        "/usr/bin/svc-probe",
        "/usr/lib/svc-probe/notes.dat",
        "/usr/lib/systemd/system/svc-later.service",
        "/usr/lib/systemd/system/svc-probe-http.socket",
        "/usr/lib/systemd/system/svc-probe.service",
        "/usr/lib/systemd/system/svc-sweeper.service",
        "/usr/lib/systemd/system/svc-sweeper.timer",
        "/usr/lib/systemd/system/svc-worker@.service",
        "/usr/lib/systemd/user/svc-tray.service",
        "/usr/lib/sysusers.d/svc-probe.conf",
        "/usr/lib/tmpfiles.d/svc-probe.conf",
    ];
    ensure!(files == expected, "{list}");
    let config = rpm(&packages, &["--configfiles"])?;
    ensure!(config == "/etc/svc-probe/probe.toml\n", "{config}");
    let requires = rpm(&packages, &["--requires"])?;
    ensure!(
        requires.lines().any(|line| line == "systemd >= 247"),
        "{requires}"
    );
    let scripts = rpm(&packages, &["--scripts"])?;
    for (head, file) in [
        ("preinstall scriptlet (using /bin/sh):", "pre.sh"),
        ("postinstall scriptlet (using /bin/sh):", "post.sh"),
        ("preuninstall scriptlet (using /bin/sh):", "preun.sh"),
        ("postuninstall scriptlet (using /bin/sh):", "postun.sh"),
    ] {
        let path = packages.folder().join("packaging/rpm").join(file);
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(
            scripts.contains(&format!("{head}\n{}", text.trim_end())),
            "{file} is not in\n{scripts}"
        );
    }
    Ok(())
}

/// One of the package's scriptlets on the machine, with what rpm gives it.
fn scriptlet(machine: &Machine, packages: &Packages, tag: &str, count: u8) -> Result<()> {
    let script = rpm(packages, &["--queryformat", &format!("%{{{tag}}}")])?;
    machine.put("/srv/scriptlet", script.as_bytes(), 0o644)?;
    machine
        .run(&["/bin/sh", "/srv/scriptlet", &count.to_string()])?
        .success()
        .with_context(|| format!("{tag} {count}"))?;
    machine.ok("rm /srv/scriptlet")?;
    Ok(())
}

/// Puts the package's files in place.
fn unpack(machine: &Machine, packages: &Packages) -> Result<()> {
    let content = std::fs::read(&packages.rpm)?;
    let mut archive = Command::new("rpm2archive");
    archive.args(["-n", "-"]);
    let tar = command::run(&mut archive, &content, Duration::from_secs(60))?;
    ensure!(tar.code() == 0, "{}", tar.errors());
    machine.put("/srv/rpm.tar", &tar.stdout, 0o644)?;
    machine.ok("tar --extract --no-same-owner --keep-directory-symlink --directory / --file /srv/rpm.tar && rm /srv/rpm.tar")?;
    Ok(())
}

fn rpm_scriptlets_live_a_life() -> Outcome {
    let machine = machine()?;
    let (first, second) = (
        packages(FIRST)?,
        packages(Version {
            number: "1.2.0",
            more: EXTRA,
            ..FIRST
        })?,
    );
    scriptlet(&machine, &first, "PREIN", 1)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 1)?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "enabled"),
            (TIMER, "enabled"),
            ("svc-sweeper.service", "disabled"),
        ],
    )?;
    // An rpm starts nothing by itself.
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "inactive"), (SOCKET, "inactive")],
    )?;
    machine.ok("id svc-probe && test -d /etc/credstore/svc-later")?;
    machine.ok(&format!(
        "systemctl start {UNIT} {WORKER} && systemctl disable {TIMER}"
    ))?;

    let (pid, worker) = (
        machine.show(UNIT, "MainPID")?,
        machine.show(WORKER, "MainPID")?,
    );
    let socket = machine.show(SOCKET, "InvocationID")?;
    scriptlet(&machine, &second, "PREIN", 2)?;
    unpack(&machine, &second)?;
    scriptlet(&machine, &second, "POSTIN", 2)?;
    scriptlet(&machine, &first, "PREUN", 1)?;
    states(&machine, "MainPID", &[(UNIT, &pid)])?;
    scriptlet(&machine, &first, "POSTUN", 1)?;
    machine.wait_for_restart(UNIT, &pid)?;
    machine.wait_for_restart(WORKER, &worker)?;
    ensure!(
        machine.show(SOCKET, "InvocationID")? == socket,
        "the socket was closed"
    );
    states(
        &machine,
        "UnitFileState",
        &[(TIMER, "disabled"), ("svc-extra.service", "enabled")],
    )?;
    states(&machine, "ActiveState", &[(TIMER, "inactive")])?;

    // Back to the first one, which has no svc-extra.
    machine.ok("systemctl start svc-extra.service")?;
    scriptlet(&machine, &first, "PREIN", 2)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 2)?;
    scriptlet(&machine, &second, "PREUN", 1)?;
    machine.ok("rm /usr/lib/systemd/system/svc-extra.service")?;
    scriptlet(&machine, &second, "POSTUN", 1)?;
    states(
        &machine,
        "ActiveState",
        &[(UNIT, "active"), ("svc-extra.service", "inactive")],
    )?;
    ensure!(!machine.exists("/etc/systemd/system/multi-user.target.wants/svc-extra.service")?);

    machine.ok(&format!("systemctl enable {WORKER}"))?;
    scriptlet(&machine, &first, "PREUN", 0)?;
    states(
        &machine,
        "ActiveState",
        &[
            (UNIT, "inactive"),
            (SOCKET, "inactive"),
            (WORKER, "inactive"),
        ],
    )?;
    machine.ok("rm -r /usr/bin/svc-probe /usr/lib/svc-probe /usr/lib/systemd/*/svc-*")?;
    scriptlet(&machine, &first, "POSTUN", 0)?;
    let links = machine.ok("find /etc/systemd -name 'svc-*'")?;
    ensure!(links.is_empty(), "{links}");
    let units = machine.ok("systemctl list-unit-files --no-legend 'svc-*' || :")?;
    ensure!(units.is_empty(), "{units}");
    Ok(())
}

fn rpm_leaves_it_to_presets() -> Outcome {
    let machine = machine()?;
    let first = packages(FIRST)?;
    machine.put(
        "/etc/systemd/system-preset/10-own.preset",
        b"enable svc-probe.service\ndisable *\n",
        0o644,
    )?;
    machine.put(
        "/etc/systemd/user-preset/10-own.preset",
        b"disable *\n",
        0o644,
    )?;
    scriptlet(&machine, &first, "PREIN", 1)?;
    unpack(&machine, &first)?;
    scriptlet(&machine, &first, "POSTIN", 1)?;
    states(
        &machine,
        "UnitFileState",
        &[
            (UNIT, "enabled"),
            (SOCKET, "disabled"),
            (TIMER, "disabled"),
            (LATER, "disabled"),
        ],
    )?;
    ensure!(!machine.exists("/etc/systemd/user/default.target.wants/svc-tray.service")?);
    Ok(())
}
