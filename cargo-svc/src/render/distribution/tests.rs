//! The scripts are handed to shells and shellcheck, and run against stand-ins for systemd's and dpkg's tools; the tables are
//! read back.

#[cfg(unix)]
use std::process::Command;

use super::{deb_metadata, debian, rpm, rpm_metadata};
use crate::diagnostics::Report;
use crate::plan::systemd::{Distribution, Pattern, Placement, SystemdPlan, distribution, plan};
use crate::render::{gathered, shells};
use crate::testing;

/// Everything that scripts differ by: sockets, a timer, a static user, files, secrets, a template, users' services.
const EVERYTHING: &str = r#"
[[package.metadata.service]]
name = "beacon"
bin = "beacon"
directories = { state = true, cache = "beacon/web", config = true }
credentials = [{ name = "key", required = true }, { name = "hint" }]
files = [
    { source = "beacon.toml", to = "{config-dir}/beacon.toml", config = true },
    { source = "it's a \"page\".html", to = "{install-dir}/page.html" },
    { source = "rules", to = "{install-dir}/rules", config = true, mode = "0640" },
    { to = "{config-dir}/licence key", required = true },
]
sockets = [{ name = "http", listen = "tcp://127.0.0.1:8080" }]
systemd.account = { user = "beacon" }

[[package.metadata.service]]
name = "sweeper"
bin = "beacon"
start = "on-demand"
requires = ["beacon"]
systemd.timer = { OnCalendar = "daily" }

[[package.metadata.service]]
name = "worker"
bin = "beacon"
start = "manual"
directories = { state = "workers/{instance}" }
systemd.template = true
windows = false

[[package.metadata.service]]
name = "tray"
bin = "beacon"
systemd.scope = "user"
"#;

fn planned(tables: &str) -> (SystemdPlan, Distribution) {
    let mut report = Report::default();
    let package = testing::package(tables);
    let plan = plan(&package, Placement::Distribution, &mut report);
    let plan = plan.unwrap_or_else(|| panic!("{:?}", report.diagnostics()));
    let distribution = distribution(&plan, &mut report);
    assert!(
        report.diagnostics().is_empty(),
        "{:?}",
        report.diagnostics()
    );
    (plan, distribution)
}

fn one() -> (SystemdPlan, Distribution) {
    planned("[package.metadata.service]\n")
}

fn all(distribution: &Distribution) -> Vec<(String, String)> {
    let scripts = gathered(|files| {
        debian(distribution, files);
        rpm(distribution, files);
    });
    scripts
        .into_iter()
        .map(|artifact| (artifact.path, String::from_utf8(artifact.contents).unwrap()))
        .collect()
}

#[test]
fn units_are_sorted_by_what_happens_to_them() {
    let (_, distribution) = planned(EVERYTHING);
    let system = &distribution.system;
    assert_eq!(
        system.enabled,
        ["beacon-http.socket", "sweeper.timer", "beacon.service"]
    );
    assert_eq!(system.optional, ["sweeper.service", "worker@.service"]);
    assert_eq!(
        system.services,
        ["beacon.service", "sweeper.service", "worker@*.service"]
    );
    assert_eq!(system.sockets, ["beacon-http.socket"]);
    assert_eq!(system.templates, ["worker@.service"]);
    assert_eq!(distribution.user.enabled, ["tray.service"]);
    assert!(distribution.has_users && distribution.has_folders);
}

#[test]
fn what_a_needed_service_needs_is_waited_for() {
    let (_, distribution) = planned(EVERYTHING);
    let paths = ["/etc/beacon/licence key", "/etc/credstore/beacon/key"];
    let [beacon, sweeper] = distribution.needs.as_slice() else {
        panic!("{:?}", distribution.needs);
    };
    assert_eq!(beacon.units, ["beacon.service", "beacon-http.socket"]);
    assert_eq!(beacon.paths, paths);
    assert_eq!(sweeper.units, ["sweeper.service", "sweeper.timer"]);
    assert_eq!(sweeper.paths, paths);
}

#[test]
fn a_purge_knows_every_folder() {
    let (_, distribution) = planned(EVERYTHING);
    let shown = |pattern: &Pattern| pattern.parts.join("*");
    let purged: Vec<_> = distribution.purged.iter().map(shown).collect();
    assert_eq!(
        purged,
        [
            "/var/lib/beacon",
            "/var/lib/private/beacon",
            "/var/cache/beacon/web",
            "/var/cache/private/beacon/web",
            "/etc/beacon",
            "/etc/credstore/beacon",
            "/var/lib/workers/*",
            "/var/lib/private/workers/*",
        ]
    );
    assert_eq!(
        distribution.emptied,
        [
            "/var/cache/beacon",
            "/var/cache/private/beacon",
            "/etc/credstore",
            "/var/lib/workers",
            "/var/lib/private/workers",
        ]
    );
}

#[test]
fn a_folder_that_a_purge_cannot_know_is_told() {
    let mut report = Report::default();
    let package = testing::package(
        "[package.metadata.service]\nsystemd.service = { StateDirectory = \"one %H/two\" }\n",
    );
    let plan = plan(&package, Placement::Distribution, &mut report).unwrap();
    let distribution = distribution(&plan, &mut report);
    let purged: Vec<_> = distribution.purged.iter().map(|p| &p.parts[0]).collect();
    assert_eq!(purged, ["/var/lib/one", "/var/lib/private/one"]);
    let told: Vec<_> = report
        .diagnostics()
        .iter()
        .map(|found| found.message.as_str())
        .collect();
    assert!(told.len() == 1 && told[0].contains("%H/two"), "{told:?}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs the shells of Linux")]
fn shells_and_shellcheck_accept_the_scripts() {
    for (_, distribution) in [one(), planned(EVERYTHING)] {
        for (path, script) in all(&distribution) {
            assert!(
                script.starts_with("#!/bin/sh\n")
                    && !script.contains('\r')
                    && !script.contains("\n\n\n"),
                "{path}:\n{script}"
            );
            shells::accept(&path, &script);
        }
    }
}

#[test]
#[cfg(unix)]
fn what_is_lacking_is_named() {
    let (_, distribution) = planned(EVERYTHING);
    let postinst = &all(&distribution)[1].1;
    let begin = postinst.find("lacking() {").unwrap();
    let end = postinst.find("# find_running").unwrap();
    for (unit, expected) in [
        (
            "beacon-http.socket",
            " /etc/beacon/licence key /etc/credstore/beacon/key",
        ),
        ("worker@.service", ""),
    ] {
        let script = format!("{}\nlacking '{unit}'", &postinst[begin..end]);
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{unit}");
    }
}

#[test]
fn the_tables_read_back() {
    let (plan, _) = planned(EVERYTHING);
    let read = |artifact: crate::render::Artifact| -> toml::Table {
        let text = String::from_utf8(artifact.contents).unwrap();
        text.parse()
            .unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let deb = read(deb_metadata(&plan, "pack").unwrap());
    let deb = &deb["package"]["metadata"]["deb"];
    assert_eq!(deb["maintainer-scripts"].as_str(), Some("pack/debian"));
    assert_eq!(deb["conf-files"][0].as_str(), Some("/usr/lib/beacon/rules"));
    let assets: Vec<Vec<&str>> = deb["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| {
            let asset = asset.as_array().unwrap();
            asset.iter().map(|value| value.as_str().unwrap()).collect()
        })
        .collect();
    for expected in [
        ["target/release/beacon", "usr/bin/beacon", "755"],
        [
            "pack/systemd/beacon-http.socket",
            "usr/lib/systemd/system/beacon-http.socket",
            "644",
        ],
        [
            "pack/systemd/tray.service",
            "usr/lib/systemd/user/tray.service",
            "644",
        ],
        [
            "pack/systemd/sysusers.d/beacon.conf",
            "usr/lib/sysusers.d/beacon.conf",
            "644",
        ],
        [
            "pack/systemd/tmpfiles.d/beacon.conf",
            "usr/lib/tmpfiles.d/beacon.conf",
            "644",
        ],
        ["beacon.toml", "etc/beacon/beacon.toml", "644"],
        ["it's a \"page\".html", "usr/lib/beacon/page.html", "644"],
        ["rules", "usr/lib/beacon/rules", "640"],
    ] {
        assert!(
            assets.contains(&expected.to_vec()),
            "{expected:?} in {assets:#?}"
        );
    }
    assert_eq!(assets.len(), 12, "{assets:#?}");

    let rpm = read(rpm_metadata(&plan, "pack").unwrap());
    let rpm = &rpm["package"]["metadata"]["generate-rpm"];
    assert_eq!(
        rpm["post_install_script"].as_str(),
        Some("pack/rpm/post.sh")
    );
    assert_eq!(rpm["requires"]["systemd"].as_str(), Some(">= 247"));
    let asset = |dest: &str| {
        let assets = rpm["assets"].as_array().unwrap();
        let found = assets
            .iter()
            .find(|asset| asset["dest"].as_str() == Some(dest));
        found.unwrap_or_else(|| panic!("no {dest} in {assets:#?}"))
    };
    let config = asset("/etc/beacon/beacon.toml");
    assert_eq!(config["config"].as_str(), Some("noreplace"));
    assert!(asset("/usr/lib/beacon/page.html").get("config").is_none());
    assert_eq!(asset("/usr/bin/beacon")["mode"].as_str(), Some("755"));
}

#[test]
fn a_wildcard_in_a_name_is_refused() {
    let (plan, _) = planned(
        "[package.metadata.service]\nfiles = [{ source = \"a[1].txt\", to = \"{install-dir}/a\" }]\n",
    );
    let refused = deb_metadata(&plan, "packaging").unwrap_err();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].source, "a[1].txt");
    assert!(rpm_metadata(&plan, "packaging").is_ok());
}

/// The scripts refer to files by where the tables put them.
#[test]
fn scripts_and_tables_agree_on_folders() {
    let (plan, distribution) = planned(EVERYTHING);
    let table = String::from_utf8(deb_metadata(&plan, "packaging").unwrap().contents).unwrap();
    for unit in distribution.system.files() {
        assert!(
            table.contains(&format!("\"usr/lib/systemd/system/{unit}\"")),
            "{unit}"
        );
    }
    for folder in ["sysusers.d", "tmpfiles.d"] {
        let file = format!("usr/lib/{folder}/{}.conf", distribution.package);
        assert!(table.contains(&file), "{file}");
    }
}
