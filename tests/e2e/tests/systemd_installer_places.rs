//! Where else install.sh installs to: images, and users' own managers.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::command::Output;
use svc_e2e::fixture::Package;
use svc_e2e::installed::linux::{
    IDLE, RECEIPT, UNINSTALL, install_args, install_with, shell, unchanged, unpack,
};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SERVICE: &str = "svc-probe.service";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new("installer_places::an_image_is_filled", an_image_is_filled),
            Test::new(
                "installer_places::no_link_leads_out_of_an_image",
                no_link_leads_out_of_an_image,
            ),
            Test::new(
                "installer_places::links_inside_an_image_are_followed",
                links_inside_an_image_are_followed,
            ),
            Test::new(
                "installer_places::a_user_needs_no_root",
                a_user_needs_no_root,
            ),
            Test::new(
                "installer_places::root_installs_for_all_users",
                root_installs_for_all_users,
            ),
        ],
    )
}

fn an_image_is_filled() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    // An image as its maker sees it: what systemd looks at, and no more.
    machine.ok("mkdir -p /srv/image/usr/lib/systemd /srv/image/etc && cp /lib/systemd/systemd /srv/image/usr/lib/systemd/ \
        && cp /etc/passwd /etc/group /srv/image/etc/ && cp -r /lib/systemd/system /srv/image/usr/lib/systemd/ \
        && touch /srv/image/usr/lib/systemd/libsystemd-shared-252.so")?;
    let tables = format!(
        "{IDLE}directories = {{ config = true }}\nfiles = [{{ source = \"a\", to = \"{{config-dir}}/a\", config = true }}]\n\
         sockets = [{{ name = \"web\", listen = \"tcp://127.0.0.1:8080\" }}]\n\
         [package.metadata.service.systemd]\naccount = {{ user = \"lights\" }}\n"
    );
    let package = shell("1.0.0", &tables, &[("a", b"a")])?;
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    let before = machine.listing()?;
    let image = ["--root", "/srv/image"];
    install_with(&machine, &folder, &image)?.success()?;
    let outside: Vec<_> = machine
        .changes(&before)?
        .into_iter()
        .filter(|change| !change.path().starts_with("/srv/image"))
        .collect();
    ensure!(outside.is_empty(), "{outside:#?}");
    for path in [
        "/srv/image/etc/systemd/system/multi-user.target.wants/svc-probe.service",
        "/srv/image/etc/systemd/system/sockets.target.wants/svc-probe-web.socket",
        "/srv/image/etc/svc-probe/a",
        "/srv/image/usr/local/bin/svc-probe",
    ] {
        ensure!(machine.exists(path)?, "{path}");
    }
    machine.ok("grep -q ^lights: /srv/image/etc/passwd && ! grep -q ^lights: /etc/passwd")?;
    let receipt = String::from_utf8(machine.get(&format!("/srv/image{RECEIPT}"))?)?;
    ensure!(!receipt.contains("/srv/image"), "{receipt}");
    ensure!(machine.show(SERVICE, "LoadState")? == "not-found");
    // Again, and another systemd: too old is refused.
    install_with(&machine, &folder, &image)?.success()?;
    machine.ok(
        "cd /srv/image/usr/lib/systemd && mv libsystemd-shared-252.so libsystemd-shared-239.so",
    )?;
    let refused = install_with(&machine, &folder, &image)?;
    ensure!(refused.code() == 3, "{}", refused.describe());
    // Without --root its uninstaller takes it for no machine's.
    let script = format!("/srv/image{UNINSTALL}");
    let refused = machine.run(&[&script])?;
    ensure!(
        refused.code() == 2 && refused.errors().contains("--root '/srv/image'"),
        "{}",
        refused.describe()
    );
    machine
        .run(&[&script, "--root", "/srv/image", "--purge"])?
        .success()?;
    let left = machine.ok("find /srv/image -name '*svc-probe*'")?;
    ensure!(left.is_empty(), "{left}");
    // Links by hand, where there is no systemctl.
    machine.ok("cd /srv/image/usr/lib/systemd && mv libsystemd-shared-239.so libsystemd-shared-252.so && mv /bin/systemctl /srv/systemctl")?;
    let by_hand = install_with(&machine, &folder, &image);
    let link = machine
        .ok("readlink /srv/image/etc/systemd/system/multi-user.target.wants/svc-probe.service");
    machine.ok("mv /srv/systemctl /bin/systemctl")?;
    by_hand?.success()?;
    ensure!(link? == "/usr/local/lib/systemd/system/svc-probe.service\n");
    Ok(())
}

/// A machine with a package of a service with a configuration file, unpacked, and an empty image.
fn with_image() -> Result<(Machine, String)> {
    let machine = Machine::boot(systemd::SUITE)?;
    let tables = format!(
        "{IDLE}directories = {{ config = true }}\nfiles = [{{ source = \"a\", to = \"{{config-dir}}/a\", config = true }}]\n"
    );
    let package = shell("1.0.0", &tables, &[("a", b"a")])?;
    let folder = unpack(&machine, &package, "/srv/unpacked")?;
    machine.ok("mkdir -p /srv/image/usr /srv/elsewhere/local")?;
    Ok((machine, folder))
}

/// A script of the package does nothing with the image but name the link.
fn leads_out(machine: &Machine, script: &str, link: &str) -> Outcome {
    let before = machine.listing()?;
    for more in [&[][..], &["--dry-run"]] {
        let refused = machine.run(&[&[script, "--root", "/srv/image"], more].concat())?;
        ensure!(
            refused.code() == 5 && refused.errors().contains(&format!("{link} is a link")),
            "{link}: {}",
            refused.describe()
        );
        unchanged(machine, &before)?;
    }
    Ok(())
}

fn no_link_leads_out_of_an_image() -> Outcome {
    let (machine, folder) = with_image()?;
    let install = format!("{folder}/install.sh");
    for (make, link) in [
        ("ln -s /srv/elsewhere usr/local", "usr/local"),
        // Where nothing is, and where it means the image only as long as that lies there.
        ("ln -s /nowhere usr/local", "usr/local"),
        ("ln -s /srv/image/opt usr/local", "usr/local"),
        ("ln -s ../../elsewhere usr/local", "usr/local"),
        ("ln -s ../../image/opt usr/local", "usr/local"),
        // By way of another one.
        (
            "ln -s ../var/local usr/local; ln -s /srv/elsewhere var",
            "var",
        ),
        (
            "mkdir usr/local; ln -s /srv/elsewhere usr/local/bin",
            "usr/local/bin",
        ),
        ("ln -s /srv/elsewhere etc", "etc"),
        (
            "mkdir -p etc/systemd; ln -s /srv/elsewhere etc/systemd/system",
            "etc/systemd/system",
        ),
    ] {
        machine.ok(&format!("cd /srv/image && {make}"))?;
        leads_out(&machine, &install, &format!("/srv/image/{link}"))?;
        machine.ok("rm -rf /srv/image/* && mkdir /srv/image/usr")?;
    }
    machine.ok("ln -s /srv/elsewhere/lock /srv/image/.svc-installer-svc-probe.lock")?;
    let refused = machine.run(&[&install, "--root", "/srv/image"])?;
    ensure!(refused.code() == 5, "{}", refused.describe());
    ensure!(!machine.exists("/srv/elsewhere/lock")?);
    machine.ok("rm /srv/image/.svc-installer-svc-probe.lock")?;
    // Made after the installation, it keeps the uninstaller, and the next installation, from what lies there.
    machine
        .run(&[&install, "--root", "/srv/image"])?
        .success()?;
    machine.ok("mv /srv/image/usr/local /srv/moved && ln -s /srv/moved /srv/image/usr/local")?;
    for script in [&install, &format!("{folder}/uninstall.sh")] {
        leads_out(&machine, script, "/srv/image/usr/local")?;
    }
    Ok(())
}

fn links_inside_an_image_are_followed() -> Outcome {
    let (machine, folder) = with_image()?;
    machine.ok("cd /srv/image && mkdir -p var/local data/etc && ln -s ../var/./local usr/local && ln -s data/etc etc")?;
    let before = machine.listing()?;
    for _ in 0..2 {
        install_with(&machine, &folder, &["--root", "/srv/image"])?.success()?;
        for path in [
            "/srv/image/var/local/bin/svc-probe",
            "/srv/image/data/etc/svc-probe/a",
            "/srv/image/data/etc/systemd/system/multi-user.target.wants/svc-probe.service",
        ] {
            ensure!(machine.exists(path)?, "{path}");
        }
    }
    // Its own uninstaller knows the prefix that the units have, and not where the link leads.
    machine
        .run(&[
            "/srv/image/usr/local/lib/svc-probe/uninstall.sh",
            "--root",
            "/srv/image",
            "--purge",
        ])?
        .success()?;
    let mut left = machine.changes(&before)?;
    left.retain(|change| !change.path().starts_with("/srv/image/data/etc/systemd"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

/// A machine with a user whose manager runs without a login.
fn with_user() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("useradd --create-home --uid 1234 ada && mkdir -p /run/user/1234 && chown 1234:1234 /run/user/1234 \
        && chmod 700 /run/user/1234 && systemd-run --quiet --unit=ada --service-type=notify -p User=ada -p Delegate=yes \
        -p 'Environment=XDG_RUNTIME_DIR=/run/user/1234 HOME=/home/ada' /lib/systemd/systemd --user")?;
    Ok(machine)
}

const AS_ADA: [&str; 7] = [
    "setpriv",
    "--reuid=1234",
    "--regid=1234",
    "--clear-groups",
    "env",
    "HOME=/home/ada",
    "XDG_RUNTIME_DIR=/run/user/1234",
];

fn user_service(version: &str) -> Result<Package> {
    let tables = format!("{IDLE}[package.metadata.service.systemd]\nscope = \"user\"\n");
    shell(version, &tables, &[])
}

fn as_ada(machine: &Machine, command: &[&str]) -> Result<Output> {
    machine.run(&[&AS_ADA[..], command].concat())
}

fn a_user_needs_no_root() -> Outcome {
    let machine = with_user()?;
    let before = machine.listing()?;
    let folder = unpack(&machine, &user_service("1.0.0")?, "/srv/unpacked")?;
    let script = format!("{folder}/install.sh");
    let said = as_ada(&machine, &[&script])?.success()?;
    ensure!(said.contains("loginctl enable-linger"), "{said}");
    let show = [
        "systemctl",
        "--user",
        "show",
        "--value",
        "--property=ActiveState,UnitFileState,FragmentPath",
        SERVICE,
    ];
    let shown = as_ada(&machine, &show)?.success()?;
    for value in [
        "active",
        "enabled",
        "/home/ada/.local/share/systemd/user/svc-probe.service",
    ] {
        ensure!(shown.lines().any(|line| line == value), "{shown}");
    }
    as_ada(&machine, &[&script])?.success()?;
    as_ada(&machine, &["/home/ada/.local/lib/svc-probe/uninstall.sh"])?.success()?;
    machine.ok("rm -r /srv/unpacked")?;
    let left = machine.ok("find /home/ada -name '*svc-probe*'")?;
    ensure!(left.is_empty(), "{left}");
    let mut left = machine.changes(&before)?;
    left.retain(|change| !change.path().starts_with("/home/ada/.config"));
    ensure!(left.is_empty(), "{left:#?}");
    Ok(())
}

fn root_installs_for_all_users() -> Outcome {
    let machine = with_user()?;
    let before = machine.listing()?;
    let said = install_args(&machine, &user_service("1.0.0")?, &[])?;
    ensure!(said.contains("each user's next session"), "{said}");
    for path in [
        "/usr/local/lib/systemd/user/svc-probe.service",
        "/etc/systemd/user/default.target.wants/svc-probe.service",
    ] {
        ensure!(machine.exists(path)?, "{path}");
    }
    machine.ok("systemctl restart ada.service")?;
    let active = ["systemctl", "--user", "is-active", SERVICE];
    let active = as_ada(&machine, &active)?.text();
    ensure!(
        ["active", "activating"].contains(&active.trim()),
        "{active}"
    );
    machine.ok(UNINSTALL)?;
    unchanged(&machine, &before)?;
    // One that is for the system as well is for root alone.
    let mixed = "[[package.metadata.service]]\nname = \"svc-probe\"\nbin = \"svc-probe\"\nargs = [\"-c\", \"exec sleep 100000\"]\n\
        [[package.metadata.service]]\nname = \"tray\"\nbin = \"svc-probe\"\nargs = [\"-c\", \"exec sleep 100000\"]\n\
        [package.metadata.service.systemd]\nscope = \"user\"\n";
    let mixed = shell("1.0.0", mixed, &[])?;
    let folder = unpack(&machine, &mixed, "/srv/unpacked")?;
    let script = format!("{folder}/install.sh");
    let refused = as_ada(&machine, &[&script])?;
    ensure!(
        refused.code() == 3
            && refused
                .errors()
                .contains("only root can install services of the system"),
        "{}",
        refused.describe()
    );
    install_with(&machine, &folder, &[])?.success()?;
    machine.wait_for(SERVICE, "ActiveState", "active")?;
    machine.ok("rm -r /srv/unpacked")?;
    machine.ok(UNINSTALL)?;
    unchanged(&machine, &before)
}
