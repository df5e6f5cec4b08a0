//! The files are handed to what reads them: shells, shellcheck and systemd-analyze.

#[cfg(unix)]
use std::fs;
#[cfg(unix)]
use std::path::PathBuf;

use super::scripts;
#[cfg(unix)]
use super::units;
use crate::diagnostics::Report;
#[cfg(unix)]
use crate::escape::unit::lay_out;
use crate::plan::systemd::sample::{argument, declared, package, service, text, variable};
use crate::plan::systemd::{Placement, SystemdPlan, plan};
use crate::render::gathered;
use crate::render::shells;
#[cfg(unix)]
use crate::render::shells::fed;
use crate::service::declared::{Credential, Directory, File, Listen, Mode, Socket};
use crate::service::systemd::{Lines, RawLine, RawUnit, Scope};
use crate::service::{Account, EnvName, Folder, Part, Service, Start, StaticAccount, Text};

/// Everything that means something to systemd or to a shell.
const HOSTILE: &str = "/usr/local $HOME ${X} $(id) `id` 100% %i it's \"q\" \\n ; & | * ~ # é\t!";

fn install_dir(rest: &str) -> Text {
    Text {
        parts: vec![Part::Folder(Folder::Install), Part::Literal(rest.into())],
    }
}

/// A package of two services whose values need every rule there is.
fn hostile(placement: Placement, program: &str) -> SystemdPlan {
    let mut one = service("beacon");
    one.systemd.bin.value = program.into();
    one.systemd.description = Some(declared("description", HOSTILE.to_owned()));
    one.systemd.working_dir = Some(declared("working-dir", text("/100% of 'it'/$x \\y/")));
    argument(&mut one, HOSTILE);
    argument(&mut one, "");
    argument(&mut one, ";");
    one.systemd
        .args
        .push(declared("args", install_dir("/$a b.toml")));
    variable(&mut one, "HOSTILE", HOSTILE);
    one.systemd.environment.insert(
        EnvName::parse("LIB").unwrap(),
        declared("environment", install_dir("/$a b")),
    );
    let mut two = service("beacon-2.log");
    two.systemd.bin.value = program.into();
    two.systemd.start = Some(declared("start", Start::Manual));
    two.systemd.working_dir = Some(declared("working-dir", install_dir("")));
    planned(vec![one, two], placement)
}

/// A package with all that the scripts tell apart: a service that sockets, a timer and a path start, with files, folders, a
/// user and secrets; a template; and a service of users.
fn whole() -> SystemdPlan {
    let mut one = service("beacon");
    one.systemd.bin.value = "$n ünusual".into();
    one.systemd.start = Some(declared("start", Start::OnDemand));
    let directory = Directory {
        path: None,
        mode: Some(Mode(0o750)),
    };
    one.systemd.directories.config = Some(declared("directories", directory));
    for (folder, config, required) in [
        (Folder::Config, true, true),
        (Folder::Install, false, false),
    ] {
        let to = Text {
            parts: vec![
                Part::Folder(folder),
                Part::Literal("/it's $HOME.toml".into()),
            ],
        };
        let file = File {
            source: Some(declared("files", "conf/it's $(id).toml".to_owned())),
            to: declared("files", to),
            config,
            required,
            mode: Some(Mode(0o640)),
        };
        one.systemd.files.push(declared("files", file));
    }
    for (name, required) in [("token", true), ("spare", false)] {
        let credential = Credential {
            name: name.into(),
            required,
        };
        one.systemd
            .credentials
            .push(declared("credentials", credential));
    }
    let socket = Socket {
        name: "http".into(),
        listen: vec![declared(
            "sockets",
            Listen::Tcp("[::]:8080".parse().unwrap()),
        )],
        mode: None,
        systemd: RawUnit::default(),
    };
    one.systemd.sockets.push(declared("sockets", socket));
    let account = StaticAccount {
        user: Some(declared("account", "beacon".to_owned())),
        group: Some(declared("account", "lights".to_owned())),
        groups: Vec::new(),
    };
    one.systemd.account = Some(declared("account", Account::Static(account)));
    one.own_systemd.timer = Some(lines("OnCalendar", "daily"));
    one.own_systemd.path = Some(lines("PathExists", "/srv"));
    let mut two = service("beacon-each");
    two.own_systemd.template = true;
    two.own_systemd.bin_dir = Some(declared("bin-dir", "/opt/$its own/bin".to_owned()));
    let mut three = service("beacon-tray");
    three.systemd.account = None;
    three.own_systemd.scope = declared("scope", Scope::User);
    planned(vec![one, two, three], Placement::Archive)
}

/// A unit of one line.
fn lines(key: &str, value: &str) -> RawUnit {
    RawUnit {
        own: Lines(vec![RawLine {
            key: declared(key, key.to_owned()),
            values: vec![declared(key, value.to_owned())],
            is_whole: false,
        }]),
        ..RawUnit::default()
    }
}

fn planned(services: Vec<Service>, placement: Placement) -> SystemdPlan {
    let mut report = Report::default();
    let plan = plan(&package(services), placement, &mut report);
    plan.unwrap_or_else(|| panic!("{:?}", report.diagnostics()))
}

fn script(plan: &SystemdPlan, path: &str) -> String {
    let found = gathered(|files| scripts(plan, files))
        .into_iter()
        .find(|artifact| artifact.path == path);
    let artifact = found.unwrap();
    assert!(artifact.executable);
    String::from_utf8(artifact.contents).unwrap()
}

/// A folder of this test's own below the build's.
#[cfg(unix)]
fn scratch(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().unwrap();
    folder.set_file_name(format!("linux-{name}"));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs the shells of Linux")]
fn shells_and_shellcheck_accept_the_scripts() {
    for plan in [
        planned(vec![service("beacon")], Placement::Archive),
        hostile(Placement::Archive, "$n ünusual"),
        whole(),
    ] {
        for path in ["linux/install.sh", "linux/uninstall.sh"] {
            let script = script(&plan, path);
            assert!(
                script.starts_with("#!/bin/sh\n") && !script.contains('\r'),
                "{path}"
            );
            shells::accept(path, &script);
        }
    }
}

/// The script's own functions write the unit, from the unit of the archive.
#[test]
#[cfg(unix)]
fn another_prefix_reaches_every_place_and_no_text_of_the_users() {
    let plan = hostile(Placement::Archive, "beacon");
    let folder = scratch("prefix");
    let functions = script(&plan, "linux/install.sh");
    let functions = functions.strip_suffix("main \"$@\"\n").unwrap();
    for prefix in ["/usr/local", "/opt/50% of $all & more; é `x` #"] {
        for (artifact, service) in gathered(|files| units(&plan, files))
            .into_iter()
            .zip(&plan.services)
        {
            let from = folder.join(&service.units[0].file_name);
            fs::write(&from, &artifact.contents).unwrap();
            let run = format!("{functions}\nparse --prefix \"$1\"\nprint_unit \"$2\" \"$3\"\n");
            let name = &service.units[0].file_name;
            let output = fed(
                "sh",
                &["-s", "--", prefix, name, &from.display().to_string()],
                &run,
            );
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{said}");
            let written = String::from_utf8(output.stdout).unwrap();
            for directive in service.units[0]
                .sections
                .iter()
                .flat_map(|section| &section.directives)
            {
                // Item by item, since the script quotes what it moves and the archive's unit only what needs it.
                let want = lay_out(&directive.value, prefix).replace('"', "");
                let start = format!("{}=", directive.key);
                assert!(
                    written
                        .lines()
                        .filter_map(|line| line.strip_prefix(&start))
                        .any(|line| line.replace('"', "") == want),
                    "{start}{want} in {written}"
                );
            }
            if prefix == "/usr/local" {
                assert_eq!(written.as_bytes(), artifact.contents);
            }
        }
    }
}

#[test]
#[cfg(unix)]
fn prefixes_that_a_unit_cannot_hold_are_refused() {
    let plan = planned(vec![service("beacon")], Placement::Archive);
    let functions = script(&plan, "linux/install.sh");
    let functions = functions.strip_suffix("main \"$@\"\n").unwrap();
    let run = format!("{functions}\nparse --prefix \"$1\"\nprintf '%s' \"$prefix\"\n");
    for bad in [
        "relative", "", "/", "//", "/a/../b", "/a/.", "/a\"b", "/a'b", "/a\\b", "/a\nb", "/a\tb",
        "/a${b}", "/a$$",
    ] {
        let output = fed("sh", &["-s", "--", bad], &run);
        assert_eq!(output.status.code(), Some(2), "{bad:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("--prefix"),
            "{bad:?}"
        );
    }
    for (good, canonical) in [
        ("/opt//a b/", "/opt/a b"),
        ("/-x/%&é", "/-x/%&é"),
        ("/usr", "/usr"),
    ] {
        let output = fed("sh", &["-s", "--", good], &run);
        assert_eq!(String::from_utf8_lossy(&output.stdout), canonical);
    }
}

/// rpm and pacman make a database where they find none: stand-ins show which of them is asked, and about which database.
#[test]
#[cfg(unix)]
fn only_databases_that_are_there_are_asked_for_an_owner() {
    const ASKED: &str = "rpm() { echo \"rpm of $2 $3\"; }\npacman() { echo pacman; }\nowner_of \"$1/usr/local/bin/x\"\n";
    let plan = planned(vec![service("beacon")], Placement::Archive);
    let functions = script(&plan, "linux/install.sh");
    let functions = functions.strip_suffix("main \"$@\"\n").unwrap();
    let folder = scratch("owners");
    let image = folder.to_str().unwrap();
    let owner = || {
        let run = format!("{functions}\nparse --root \"$1\"\n{ASKED}");
        let output = fed("sh", &["-s", "--", image], &run);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(owner(), "which no package owns");
    for (database, answer) in [
        ("var/lib/pacman/local/ALPM_DB_VERSION", "pacman"),
        (
            "usr/share/rpm/rpmdb.sqlite",
            "rpm of --dbpath /usr/share/rpm",
        ),
        ("var/lib/rpm/Packages", "rpm of --dbpath /var/lib/rpm"),
        (
            "usr/lib/sysimage/rpm/Packages.db",
            "rpm of --dbpath /usr/lib/sysimage/rpm",
        ),
    ] {
        let file = folder.join(database);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
        assert_eq!(owner(), format!("installed by the package {answer}"));
    }
}

/// What systemd and the kernel would make of links in an image, in every shell.
#[test]
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), ignore = "needs the shells of Linux")]
fn links_that_lead_out_of_an_image_are_found() {
    use std::os::unix::fs::symlink;
    let plan = planned(vec![service("beacon")], Placement::Archive);
    let image = scratch("image");
    for folder in ["usr", "var/local/lib", "data"] {
        fs::create_dir_all(image.join(folder)).unwrap();
    }
    let name = image.file_name().unwrap().to_str().unwrap();
    for (link, aim) in [
        ("usr/local", "../var/./local"),
        ("absolute", "/var/local"),
        ("itself", image.to_str().unwrap()),
        ("up", ".."),
        ("back", &format!("../{name}/data")),
        ("deep", "usr/local/../../data"),
        ("climbs", "usr/local/../../../data"),
        ("second", "usr/local/lib/third"),
        ("var/local/lib/third", "/data"),
        ("round", "round"),
        ("dangling", "none/../data/none"),
    ] {
        symlink(aim, image.join(link)).unwrap();
    }
    let paths = [
        ("usr/local/lib", false),
        ("usr/local/bin/none", false),
        ("absolute", true),
        ("absolute/lib", true),
        ("usr/../absolute", true),
        ("itself/data", true),
        ("up", true),
        ("back", true),
        ("deep/x", false),
        ("climbs", true),
        ("second", true),
        ("round/x", false),
        ("dangling", false),
        ("none/absolute", false),
    ];
    let expected: Vec<_> = paths
        .iter()
        .map(|(path, out)| format!("{path} {out}"))
        .collect();
    for path in ["linux/install.sh", "linux/uninstall.sh"] {
        let functions = script(&plan, path);
        let functions = functions.strip_suffix("main \"$@\"\n").unwrap();
        let run = format!(
            "{functions}\nparse --root \"$1\"\nshift\nfor path; do\n\
             if leads_out \"$root/$path\"; then echo \"$path true\"; else echo \"$path false\"; fi\ndone\n"
        );
        for shell in [
            &["sh"][..],
            &["dash"],
            &["busybox", "sh"],
            &["bash", "--posix"],
        ] {
            let mut args = shell[1..].to_vec();
            args.extend(["-s", "--", image.to_str().unwrap()]);
            args.extend(paths.iter().map(|(path, _)| *path));
            let output = fed(shell[0], &args, &run);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{said}");
            let found = String::from_utf8_lossy(&output.stdout);
            let found: Vec<_> = found.lines().collect();
            assert_eq!(found, expected, "{path} by {shell:?}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn systemd_has_nothing_to_say_about_the_units() {
    // The program has to be there.
    let plan = hostile(Placement::Distribution, "env");
    let folder = scratch("verify");
    let mut paths = Vec::new();
    for artifact in gathered(|files| units(&plan, files)) {
        let path = folder.join(artifact.path.trim_start_matches("systemd/"));
        fs::write(&path, artifact.contents).unwrap();
        paths.push(path.display().to_string());
    }
    let mut args = vec!["verify", "--man=no"];
    args.extend(paths.iter().map(String::as_str));
    let output = fed("systemd-analyze", &args, "");
    let said = String::from_utf8_lossy(&output.stderr);
    // It exits with 0 after most warnings.
    assert!(output.status.success() && said.is_empty(), "{said}");
}
