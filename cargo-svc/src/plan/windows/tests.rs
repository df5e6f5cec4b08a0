use std::time::Duration;

mod machine;
mod manager;
mod network;
mod places;

use super::*;
use crate::diagnostics::Level;
use crate::plan::systemd::sample::{declared, package, service, text};
use crate::service::windows::{FailureActions, FailureWord, SidType};
use crate::service::{
    After, EnvName, Folder, Hardening, Part, Profile, Restart, RestartPolicy, Service, ServiceName,
    Text, TimeSpan,
};

/// A service with the defaults that the model applies for Windows.
fn beacon(name: &str) -> Service {
    let mut service = service(name);
    service.windows.working_dir = Some(crate::diagnostics::Declared::default_of(Text {
        parts: vec![Part::Folder(Folder::Install)],
    }));
    service
}

fn planned(services: Vec<Service>) -> WindowsPlan {
    let mut report = Report::default();
    let plan = plan(&package(services), &mut report);
    assert_eq!(report.diagnostics(), []);
    plan.unwrap()
}

/// The one error of a package with this service, as message, key and help.
fn refused(change: impl FnOnce(&mut Service)) -> (String, String, String) {
    let mut service = beacon("beacon");
    change(&mut service);
    let mut report = Report::default();
    assert!(plan(&package(vec![service]), &mut report).is_none());
    let [found] = report.diagnostics() else {
        panic!("{:#?}", report.diagnostics());
    };
    assert_eq!(found.level, Level::Error);
    let key = found
        .place
        .as_ref()
        .map_or(String::new(), |place| place.key.clone());
    (found.message.clone(), key, found.help.join("; "))
}

fn arg(service: &mut Service, value: &str) {
    service.windows.args.push(declared("args", text(value)));
}

fn variable(service: &mut Service, name: &str, value: &str) {
    service.windows.environment.insert(
        EnvName::parse(name).unwrap(),
        declared("environment", text(value)),
    );
}

#[test]
fn a_service_with_every_default() {
    let plan = planned(vec![beacon("beacon")]);
    assert_eq!(plan.programs, ["beacon.exe"]);
    let service = &plan.services[0];
    assert_eq!(
        service
            .registration
            .image_path
            .with_folders(r"C:\Program Files\beacon"),
        r#""C:\Program Files\beacon\beacon.exe""#
    );
    assert_eq!(service.account.name("beacon"), r"NT SERVICE\beacon");
    assert_eq!(service.start, StartType::Automatic);
    assert_eq!(service.recovery, Some(Recovery::restart(5000)));
    assert_eq!(service.preshutdown, Some(30_000));
    let environment: Vec<String> = service
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={}", value.with_folders(r"C:\b")))
        .collect();
    assert_eq!(
        environment,
        [
            "SVC_RESTART=on-failure",
            "SVC_START_TIMEOUT_USEC=90000000",
            "SVC_STOP_TIMEOUT_USEC=30000000",
            r"SVC_WORKING_DIRECTORY=C:\b",
        ]
    );
    assert_eq!(service.token.sid_type, SidType::Unrestricted);
    assert_eq!(service.token.privileges, None);
}

#[test]
fn every_step_has_an_undo_and_is_there_once() {
    let plan = planned(vec![beacon("beacon")]);
    let kept: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.when == When::FirstInstallOrReset)
        .map(|step| &step.action)
        .collect();
    // What an operator tunes, and nothing else.
    assert!(matches!(
        kept.as_slice(),
        [
            Action::InstallFolder { .. },
            Action::Account { .. },
            Action::StartType { .. },
            Action::Recovery { .. }
        ]
    ));
    for (index, step) in plan.steps.iter().enumerate() {
        assert!(
            !plan.steps[..index]
                .iter()
                .any(|other| other.action == step.action)
        );
    }
}

#[test]
fn words_of_the_command_line_are_quoted_as_the_program_reads_them() {
    let mut service = beacon("beacon");
    arg(&mut service, "--fmt");
    arg(&mut service, r#"a "b" \"#);
    service.windows.args.push(declared(
        "args",
        Text {
            parts: vec![
                Part::Folder(Folder::Install),
                Part::Literal(r"\x.toml".into()),
            ],
        },
    ));
    let plan = planned(vec![service]);
    assert_eq!(
        plan.services[0]
            .registration
            .image_path
            .with_folders(r"C:\b"),
        r#""C:\b\beacon.exe" --fmt "a \"b\" \\" "C:\b\x.toml""#
    );
}

#[test]
fn services_start_after_those_they_depend_on() {
    let (mut web, store) = (beacon("web"), beacon("store"));
    let name = ServiceName::parse("store").unwrap();
    web.windows.requires = vec![declared("requires", name)];
    web.windows.after = vec![
        declared("after", After::NetworkOnline),
        declared("after", After::Network),
    ];
    let plan = planned(vec![web, store]);
    let names: Vec<&str> = plan
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    assert_eq!(names, ["store", "web"]);
    assert_eq!(
        plan.services[1].registration.dependencies,
        ["Tcpip", "store"]
    );
}

#[test]
fn one_percent_sign_is_carried_and_two_are_refused() {
    let mut service = beacon("beacon");
    arg(&mut service, "100%");
    planned(vec![service]);
    let (message, key, help) = refused(|service| {
        arg(service, "50%");
        arg(service, "60%");
    });
    assert_eq!(
        message,
        "`args` hold 2 `%` together: on Windows one is the most"
    );
    assert_eq!(key, "package.metadata.service.args");
    assert!(help.contains("`environment`"));
}

#[test]
fn what_nothing_can_carry_is_refused_by_name() {
    let (message, ..) = refused(|service| arg(service, "a\nb"));
    assert_eq!(
        message,
        r"`args` holds '\n', which Windows scripts cannot carry"
    );
    let (message, ..) = refused(|service| variable(service, "A", "\u{7}"));
    assert_eq!(
        message,
        r"`environment` holds '\u{7}', which Windows scripts cannot carry"
    );
    let (message, ..) = refused(|service| variable(service, "A", "%~dp0"));
    assert_eq!(message, "`environment` cannot hold `%~` on Windows");
    let (message, ..) = refused(|service| {
        service.windows.description = Some(declared("description", "a\tb".into()));
    });
    assert_eq!(
        message,
        r"`description` holds '\t', which Windows scripts cannot carry"
    );
    let (message, ..) = refused(|service| {
        service.windows.display_name = Some(declared("display-name", "@beacon".into()));
    });
    assert!(message.starts_with("`display-name` begins with `@`"));
    let (message, ..) = refused(|service| {
        service.windows.display_name = Some(declared("display-name", "é".repeat(257)));
    });
    assert_eq!(
        message,
        "`display-name` has 257 characters: Windows takes 1 to 256"
    );
}

#[test]
fn the_tab_reaches_the_program() {
    let mut service = beacon("beacon");
    arg(&mut service, "a\tb");
    variable(&mut service, "A", "a\tb");
    planned(vec![service]);
}

#[test]
fn variables_that_are_one_on_windows_are_refused() {
    let (message, _, help) = refused(|service| {
        variable(service, "Path", "a");
        variable(service, "PATH", "b");
    });
    assert_eq!(
        message,
        "the variables `PATH` and `Path` are one on Windows, which does not tell case apart"
    );
    assert!(help.contains("`[package.metadata.service.windows.environment]`"));
}

#[test]
fn the_installers_own_variables_are_refused() {
    let (message, _, help) = refused(|service| variable(service, "svc_restart", "no"));
    assert_eq!(
        message,
        "the variable `SVC_RESTART` is the installer's on Windows"
    );
    assert_eq!(
        help,
        "write `restart` in `[package.metadata.service.windows]`"
    );
}

#[test]
fn a_folder_of_linux_is_no_working_folder() {
    let (message, key, _) = refused(|service| {
        service.windows.working_dir = Some(declared("working-dir", text("/var/lib/beacon")));
    });
    assert_eq!(message, "`working-dir` is not an absolute path on Windows");
    assert_eq!(key, "package.metadata.service.working-dir");
}

#[test]
fn a_clock_that_windows_does_not_show_is_refused() {
    let (message, ..) = refused(|service| {
        service.windows.after = vec![declared("after", After::TimeSync)];
    });
    assert_eq!(
        message,
        "`after = [\"time-sync\"]` cannot be carried out on Windows"
    );
}

#[test]
fn times_that_the_manager_cannot_count_are_refused() {
    let month = TimeSpan::Finite(Duration::from_secs(31 * 86_400));
    let (message, ..) = refused(|service| {
        service.windows.stop_timeout = Some(declared("stop-timeout", month));
    });
    assert_eq!(message, "`stop-timeout` is too long for Windows");
    for delay in [TimeSpan::Infinite, month] {
        let (message, ..) = refused(|service| {
            let policy = RestartPolicy::OnFailure;
            service.windows.restart = Some(declared("restart", Restart { policy, delay }));
        });
        assert_eq!(message, "`restart` cannot wait this long on Windows");
    }
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let (message, ..) = refused(|service| arg(service, &"x".repeat(8000)));
    assert!(message.starts_with("`args` needs 8"), "{message}");
    let (message, ..) = refused(|service| variable(service, "A", &"x".repeat(8000)));
    assert!(message.starts_with("`environment` needs 8"), "{message}");
}

#[test]
fn names_that_people_cannot_tell_apart_are_refused() {
    let (mut one, mut two) = (beacon("one"), beacon("two"));
    one.windows.display_name = Some(declared("display-name", "Same".into()));
    two.windows.display_name = Some(declared("display-name", "same".into()));
    let mut report = Report::default();
    assert!(plan(&package(vec![one, two]), &mut report).is_none());
    assert_eq!(
        report.diagnostics()[0].message,
        "`display-name` \"same\" is taken on Windows by another service of this package"
    );
}

#[test]
fn a_program_that_is_a_device_is_refused() {
    let (message, ..) = refused(|service| service.windows.bin = declared("bin", "aux".into()));
    assert!(
        message.starts_with("`bin` cannot be a program on Windows: `aux`"),
        "{message}"
    );
}

#[test]
fn what_is_switched_off_is_not_written() {
    let mut service = beacon("beacon");
    let keys = &mut service.windows;
    (keys.restart, keys.start_timeout, keys.stop_timeout) = (None, None, None);
    (keys.working_dir, keys.description, keys.account, keys.start) = (None, None, None, None);
    let plan = planned(vec![service]);
    let service = &plan.services[0];
    assert_eq!(service.environment, []);
    assert_eq!(
        (service.recovery.as_ref(), service.preshutdown),
        (None, None)
    );
    assert_eq!(service.account, Account::LocalSystem);
    assert_eq!(service.start, StartType::Demand);
}

#[test]
fn the_registrys_image_of_a_recovery_is_the_documented_one() {
    assert_eq!(
        Recovery::restart(5000).registry_hex(),
        "80510100000000000000000001000000140000000100000088130000"
    );
}

#[test]
fn the_log_is_a_variable() {
    use crate::service::log::{Level, Log};
    let mut beacon = beacon("beacon");
    let log = Log {
        system: Level::Warn,
        stderr: Level::Off,
        file: None,
    };
    beacon.windows.log = Some(declared("log", log));
    let plan = planned(vec![beacon]);
    let variables = &plan.services[0].environment;
    let log = variables.iter().find(|(name, _)| name == "SVC_LOG");
    let value = log.map(|(_, value)| value.with_folders(r"C:\b"));
    assert_eq!(value.as_deref(), Some("system=warn"));
}

#[test]
fn the_link_in_add_remove_programs_is_one_that_windows_opens() {
    let link = |urls: &[&str]| {
        let mut service = beacon("beacon");
        let url = |url: &&str| declared("documentation", (*url).to_owned());
        service.windows.documentation = urls.iter().map(url).collect();
        planned(vec![service]).add_remove.help_link
    };
    assert_eq!(link(&["man:x(1)", "info:x", "file:/x"]), None);
    assert_eq!(
        link(&["man:x(1)", "https://example.org/x"]).as_deref(),
        Some("https://example.org/x")
    );
}
