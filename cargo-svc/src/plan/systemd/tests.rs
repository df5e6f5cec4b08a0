mod places;
mod refused;
mod said;

use std::time::Duration;

use super::sample::{argument, declared, package, service, text, variable};
use super::{Placement, SystemdPlan, plan};
use crate::diagnostics::{Declared, Report};
use crate::render::gathered;
use crate::render::linux::units;
use crate::service::{
    Account, After, Folder, Part, Restart, RestartPolicy, Service, ServiceName, Start, Text,
    TimeSpan,
};

fn planned(services: Vec<Service>, placement: Placement) -> SystemdPlan {
    let mut report = Report::default();
    let plan = plan(&package(services), placement, &mut report);
    assert_eq!(report.diagnostics(), []);
    plan.unwrap()
}

fn unit(service: Service) -> String {
    let plan = planned(vec![service], Placement::Archive);
    String::from_utf8(gathered(|files| units(&plan, files)).remove(0).contents).unwrap()
}

/// The errors about one service, as message and key.
fn refused(service: Service) -> Vec<(String, Option<String>)> {
    let mut report = Report::default();
    let plan = plan(&package(vec![service]), Placement::Archive, &mut report);
    assert_eq!(plan, None);
    report
        .diagnostics()
        .iter()
        .map(|found| {
            assert!(
                !found.help.is_empty(),
                "{found:?} says what to write instead"
            );
            (
                found.message.clone(),
                found.place.as_ref().map(|place| place.key.clone()),
            )
        })
        .collect()
}

fn refuses(service: Service, key: &str, what: &str) {
    let found = refused(service);
    assert_eq!(found.len(), 1, "{found:?}");
    let (message, place) = &found[0];
    assert!(
        message.contains("systemd") && message.contains(key) && message.contains(what),
        "{message}"
    );
    assert_eq!(
        place.as_deref(),
        Some(&*format!("package.metadata.service.{key}"))
    );
}

fn refuses_naming(service: Service, key: &str, what: &str) {
    let found = refused(service);
    let [(message, place)] = &*found else {
        panic!("{found:?}")
    };
    assert!(message.contains(what), "{message}");
    let key = format!("package.metadata.service.{key}");
    assert_eq!(place.as_deref(), Some(&*key));
}

#[test]
fn defaults_make_a_whole_unit() {
    assert_eq!(
        unit(service("beacon")),
        "\
# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
# An operator's changes belong in a drop-in: systemctl edit beacon.service

[Unit]
Description=Receives readings and stores them
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/local/bin/beacon
# Shortly before TimeoutStopSec= kills what is stuck, svc-rt names it: change both together.
Environment=SVC_STOP_TIMEOUT_USEC=27000000
WorkingDirectory=/
DynamicUser=yes
Restart=on-failure
RestartSec=5s
TimeoutStartSec=1min 30s
TimeoutStopSec=30s

[Install]
WantedBy=multi-user.target
"
    );
}

#[test]
fn every_key_reaches_its_directive() {
    let name = |name| ServiceName::parse(name).unwrap();
    let mut beacon = service("beacon");
    beacon.uses_runtime.clear();
    let keys = &mut beacon.systemd;
    keys.documentation = vec![
        declared("documentation", "https://example.org/100%25".to_owned()),
        declared("documentation", "man:beacon(8)".to_owned()),
    ];
    keys.after = vec![
        declared("after", After::Network),
        declared("after", After::NetworkOnline),
        declared("after", After::TimeSync),
        declared("after", After::Service(name("first"))),
    ];
    keys.requires = vec![declared("requires", name("first"))];
    keys.account = Some(declared("account", Account::System));
    keys.restart = Some(declared(
        "restart",
        Restart {
            policy: RestartPolicy::Always,
            delay: TimeSpan::Finite(Duration::from_millis(1500)),
        },
    ));
    keys.start_timeout = Some(declared("start-timeout", TimeSpan::Infinite));
    keys.stop_timeout = Some(declared(
        "stop-timeout",
        TimeSpan::Finite(Duration::from_micros(1_000_001)),
    ));
    keys.working_dir = Some(declared(
        "working-dir",
        Text {
            parts: vec![
                Part::Folder(Folder::Install),
                Part::Literal("/my data".into()),
            ],
        },
    ));
    variable(&mut beacon, "GREETING", "hello big world");
    argument(&mut beacon, "--name=a b");
    argument(&mut beacon, "");
    argument(&mut beacon, ";");
    argument(&mut beacon, "100%$HOME");
    assert_eq!(
        unit(beacon),
        r#"# Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
# An operator's changes belong in a drop-in: systemctl edit beacon.service

[Unit]
Description=Receives readings and stores them
Documentation=https://example.org/100%%25
Documentation=man:beacon(8)
Wants=network-online.target time-sync.target
Requires=first.service
After=network.target first.service network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/local/bin/beacon "--name=a b" "" \; 100%%$$HOME
Environment="GREETING=hello big world"
WorkingDirectory=/usr/local/lib/beacon/my data
Restart=always
RestartSec=1s 500ms
TimeoutStartSec=infinity
TimeoutStopSec=1s 1us

[Install]
WantedBy=multi-user.target
"#
    );
}

#[test]
fn what_is_switched_off_is_not_written() {
    let mut beacon = service("beacon");
    beacon.uses_runtime.clear();
    let keys = &mut beacon.systemd;
    keys.description = None;
    keys.working_dir = None;
    keys.start = None;
    keys.account = None;
    keys.restart = None;
    keys.start_timeout = None;
    keys.stop_timeout = None;
    let lines: Vec<String> = unit(beacon)
        .lines()
        .filter(|line| line.contains('=') && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        lines,
        [
            "Type=exec",
            "ExecStart=/usr/local/bin/beacon",
            "WantedBy=multi-user.target"
        ]
    );
}

#[test]
fn no_restart_needs_no_delay_and_no_limit() {
    let mut beacon = service("beacon");
    beacon.systemd.restart = Some(declared(
        "restart",
        Restart {
            policy: RestartPolicy::No,
            delay: TimeSpan::Finite(Duration::from_secs(5)),
        },
    ));
    let unit = unit(beacon);
    assert!(unit.contains("\nRestart=no\n"), "{unit}");
    assert!(
        !unit.contains("RestartSec") && !unit.contains("StartLimit"),
        "{unit}"
    );
}

#[test]
fn packages_of_a_distribution_live_below_usr() {
    let plan = planned(vec![service("beacon")], Placement::Distribution);
    let unit = String::from_utf8(gathered(|files| units(&plan, files)).remove(0).contents).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/beacon\n"), "{unit}");
}

#[test]
fn a_declared_stop_time_variable_is_the_users() {
    let mut beacon = service("beacon");
    variable(&mut beacon, "SVC_STOP_TIMEOUT_USEC", "1");
    let unit = unit(beacon);
    assert_eq!(
        unit.matches("SVC_STOP_TIMEOUT_USEC").count(),
        1,
        "one assignment in {unit}"
    );
    assert!(unit.contains("Environment=SVC_STOP_TIMEOUT_USEC=1\n"));
}

#[test]
fn an_endless_stop_is_told_too() {
    let mut beacon = service("beacon");
    beacon.systemd.stop_timeout = Some(declared("stop-timeout", TimeSpan::Infinite));
    let unit = unit(beacon);
    assert!(unit.contains("Environment=SVC_STOP_TIMEOUT_USEC=infinity\n"));
    assert!(unit.contains("TimeoutStopSec=infinity\n"));
}

#[test]
fn services_share_programs() {
    let mut other = service("other");
    other.systemd.bin.value = "beacon".into();
    other.systemd.start = Some(declared("start", Start::Manual));
    let plan = planned(vec![service("beacon"), other], Placement::Archive);
    let programs: Vec<_> = plan
        .programs()
        .iter()
        .map(|program| program.name.as_str())
        .collect();
    assert_eq!(programs, ["beacon"]);
    assert_eq!(plan.services[1].start, Some(Start::Manual));
    let paths: Vec<String> = gathered(|files| units(&plan, files))
        .into_iter()
        .map(|unit| unit.path)
        .collect();
    assert_eq!(paths, ["systemd/beacon.service", "systemd/other.service"]);
}

/// The budgets of the profiles. The same is measured by a real systemd in tests/e2e.
#[test]
fn profiles_keep_their_budgets() {
    use crate::service::{Hardening, Profile};
    for (profile, budget) in [(Profile::Strict, 12), (Profile::Standard, 20)] {
        let mut one = service("beacon");
        one.systemd.hardening = Some(declared(
            "hardening",
            Hardening {
                profile,
                without: Vec::new(),
            },
        ));
        let plan = planned(vec![one], Placement::Distribution);
        let [beacon] = plan.services.as_slice() else {
            panic!("one service")
        };
        let found = super::exposure::of(&beacon.units[0], beacon.scope);
        assert_eq!(beacon.profile, None, "it is that unit");
        assert!(found.tenths <= budget, "{profile:?}: {found}");
    }
}

/// A line of the profile that would hide what is declared is weaker, or not written.
#[test]
fn profiles_hide_nothing_that_is_declared() {
    use crate::service::{Hardening, Profile};
    let with = |path: &str, account: Account| {
        let mut one = service("beacon");
        one.systemd.account = Some(declared("account", account));
        one.own_systemd.writable = vec![declared("systemd.writable", path.to_owned())];
        let profile = Hardening {
            profile: Profile::Standard,
            without: Vec::new(),
        };
        one.systemd.hardening = Some(declared("hardening", profile));
        unit(one)
    };
    for (path, home, tmp) in [
        ("/srv/x", "yes", true),
        ("/homes", "yes", true),
        ("/home", "read-only", true),
        ("/root", "read-only", true),
        ("/run/user/7", "read-only", true),
        ("/tmp", "yes", true),
        ("/tmp/x", "yes", false),
        ("/var/tmp/x", "yes", false),
    ] {
        let unit = with(path, Account::System);
        assert!(
            unit.contains(&format!("\nProtectHome={home}\n")),
            "{path}: {unit}"
        );
        assert_eq!(unit.contains("\nPrivateTmp=yes\n"), tmp, "{path}: {unit}");
    }
    assert!(with("/var/tmp", Account::Dynamic).contains("\nPrivateTmp=yes\n"));
    let mut one = service("beacon");
    one.own_systemd.writable = vec![declared("systemd.writable", "/tmp/x".to_owned())];
    refuses_naming(one, "systemd.writable", "/tmp/x");
    // What stands behind the folder need not be text.
    let mut one = service("beacon");
    one.own_systemd.template = true;
    let parts = vec![Part::Literal("/tmp/".into()), Part::Instance];
    one.systemd.working_dir = Some(declared("working-dir", Text { parts }));
    refuses_naming(one, "working-dir", "/tmp/%i");
}

/// systemd makes `nobody` itself, with another entry; two services with one user have one.
#[test]
fn a_user_is_made_once_and_only_where_it_is_missing() {
    use crate::plan::systemd::SysUser;
    use crate::service::StaticAccount;
    let runs_as = |name: &str, user: &str, groups: &[&str]| {
        let key = |value: &str| declared("account", value.to_owned());
        let mut one = service(name);
        one.systemd.account = Some(declared(
            "account",
            Account::Static(StaticAccount {
                user: Some(key(user)),
                group: None,
                groups: groups.iter().map(|group| key(group)).collect(),
            }),
        ));
        one
    };
    let plan = planned(
        vec![
            runs_as("one", "station", &[]),
            runs_as("two", "station", &["root"]),
            runs_as("three", "nobody", &[]),
        ],
        Placement::Archive,
    );
    let member = SysUser::Member {
        user: "station".into(),
        group: "root".into(),
    };
    let user = SysUser::User {
        name: "station".into(),
        group: None,
        description: "Services of beacon".into(),
    };
    assert_eq!(plan.users, [user, member]);
}
