mod lacks;
mod package;
mod systems;

use crate::service::{
    Account, After, EnvName, Folder, Part, Restart, RestartPolicy, Start, Text, TimeSpan,
};
use crate::testing::{HEAD, package, resolve};

fn errors(tables: &str) -> Vec<String> {
    resolve(&format!("{HEAD}{tables}")).expect_err("the tables are wrong")
}

fn one_error(tables: &str) -> String {
    let mut errors = errors(tables);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors.remove(0)
}

fn literal(text: &str) -> Text {
    Text::parse(text).expect("no placeholders")
}

#[test]
fn defaults_are_the_documented_ones() {
    let package = package("[package.metadata.service]");
    assert_eq!(package.settings.output_dir.value, "packaging");
    let [service] = package.services.as_slice() else {
        panic!("one table is one service");
    };
    assert_eq!(service.uses_runtime, []);
    for target in [&service.systemd, &service.windows] {
        assert_eq!(target.name.value.as_str(), "beacon");
        assert_eq!(target.bin.value, "beacon");
        let value =
            |setting: &crate::service::Setting<String>| setting.clone().map(|set| set.value);
        assert_eq!(value(&target.display_name).as_deref(), Some("beacon"));
        assert_eq!(value(&target.description).as_deref(), Some("A test"));
        assert!(target.documentation.is_empty() && target.args.is_empty());
        assert!(
            target.environment.is_empty() && target.after.is_empty() && target.requires.is_empty()
        );
        assert_eq!(
            target.start.as_ref().map(|set| set.value),
            Some(Start::Boot)
        );
        assert_eq!(
            target.account.as_ref().map(|set| set.value.clone()),
            Some(Account::Dynamic)
        );
        let restart = Restart {
            policy: RestartPolicy::OnFailure,
            delay: TimeSpan::from_secs(5),
        };
        assert_eq!(target.restart.as_ref().map(|set| set.value), Some(restart));
        let time =
            |setting: &crate::service::Setting<TimeSpan>| setting.as_ref().map(|set| set.value);
        assert_eq!(time(&target.start_timeout), Some(TimeSpan::from_secs(90)));
        assert_eq!(time(&target.stop_timeout), Some(TimeSpan::from_secs(30)));
    }
    let folder = |dir: &crate::service::Setting<Text>| dir.clone().map(|set| set.value.parts);
    assert_eq!(
        folder(&service.systemd.working_dir),
        Some(literal("/").parts)
    );
    assert_eq!(
        folder(&service.windows.working_dir),
        Some(vec![Part::Folder(Folder::Install)])
    );
}

#[test]
fn overrides_replace_per_target_and_false_writes_nothing() {
    let package = package(
        r#"
        [package.metadata.service]
        args = ["a"]
        description = "portable"
        environment = { A = "1", B = "2", C = "3" }
        after = ["network", "time-sync"]
        [package.metadata.service.systemd]
        description = false
        environment = { B = false, D = "4" }
        [package.metadata.service.windows]
        name = "Beacon-Service"
        args = ["w", "{install-dir}/x"]
        environment = false
        after = false
        restart = { delay = 7 }
        "#,
    );
    let service = &package.services[0];
    assert!(service.systemd.description.is_none());
    assert_eq!(
        service
            .windows
            .description
            .as_ref()
            .map(|set| set.value.as_str()),
        Some("portable")
    );
    let names: Vec<_> = service
        .systemd
        .environment
        .keys()
        .map(EnvName::as_str)
        .collect();
    assert_eq!(names, ["A", "C", "D"]);
    assert!(service.windows.environment.is_empty());
    assert_eq!(service.windows.args.len(), 2);
    assert_eq!(service.systemd.args.len(), 1);
    assert_eq!(service.windows.name.value.as_str(), "Beacon-Service");
    assert_eq!(service.systemd.after[1].value, After::TimeSync);
    assert!(service.windows.after.is_empty());
    let restart = service
        .windows
        .restart
        .as_ref()
        .expect("it is written")
        .value;
    assert_eq!(restart.policy, RestartPolicy::OnFailure);
    assert_eq!(restart.delay, TimeSpan::from_secs(7));
}

#[test]
fn workspace_supplies_defaults_key_by_key() {
    let package = package(
        r#"
        [workspace.metadata.service]
        restart = "always"
        environment = { A = "workspace", B = "workspace" }
        stop-timeout = "1min"
        [workspace.metadata.service.windows]
        start = "manual"
        [package.metadata.service]
        environment = { A = "package" }
        stop-timeout = "2min"
        "#,
    );
    let service = &package.services[0];
    let restart = service
        .systemd
        .restart
        .as_ref()
        .expect("there is a default");
    assert_eq!(restart.value.policy, RestartPolicy::Always);
    assert_eq!(
        restart.place().expect("it is written").key,
        "workspace.metadata.service.restart"
    );
    let values: Vec<_> = service
        .systemd
        .environment
        .values()
        .map(|text| text.value.clone())
        .collect();
    assert_eq!(values, [literal("package"), literal("workspace")]);
    assert_eq!(
        service.systemd.start.as_ref().map(|set| set.value),
        Some(Start::Boot)
    );
    assert_eq!(
        service.windows.start.as_ref().map(|set| set.value),
        Some(Start::Manual)
    );
    let error =
        one_error("[workspace.metadata.service]\nname = \"x\"\n[package.metadata.service]\n");
    assert!(
        error.contains("`name` has no default in the workspace"),
        "{error}"
    );
}

#[test]
fn all_errors_of_a_manifest_are_reported_at_once() {
    let errors = errors(
        r#"
        [package.metadata.service]
        nmae = "x"
        args = ["ok", 1, 2]
        restart = { policy = "allways", delay = "5 parsecs" }
        start = "on-demand"
        events = ["relaod", 12]
        watchdog = "infinity"
        sockets = [{ name = "a:b", listen = "tcp://localhost:80" }]
        files = [{ source = "../x", to = "/etc/x" }]
        hooks = {}
        stop-timeout = 0
        start-timeout = 1.5
        environment = { "A=B" = "x", C = 5, D = "{sate-dir}", SVC_RESTART = "x" }
        [package.metadata.service.systemd]
        type = "notify"
        name = false
        [package.metadata.service.windows]
        account = "locl-service"
        after = 1979-05-27
        [package.metadata.service-package]
        upgrade-code = "no"
        output-dir = "../elsewhere"
        icon = "x.png"
        "#,
    );
    let all = errors.join("\n");
    for part in [
        "package.metadata.service.nmae: unknown key `nmae` in `[package.metadata.service]`: did you mean `name`?",
        "args: wrong type for `args`: expected a string, found an integer",
        "restart.policy: unknown value \"allways\" for `restart.policy`: did you mean `always`?",
        "restart.delay: invalid value for `restart.delay`: `parsecs` is no unit",
        "events: invalid value for `events`: there is no event `relaod`; did you mean `reload`?",
        "events: invalid value for `events`: a custom control code is a number from 128 to 255",
        "watchdog: invalid value for `watchdog`: a watchdog that never bites is none",
        "sockets: invalid value for `sockets`: `localhost:80` is no IP address with a port",
        "files: invalid value for `files`: the path is relative",
        "files: invalid value for `files`: a placeholder and a path below it",
        "sockets: invalid value for `sockets`: a name here has",
        "`hooks` is not supported yet",
        "stop-timeout: invalid value for `stop-timeout`: a time limit is more than zero",
        "start-timeout: wrong type for `start-timeout`: expected a duration",
        "environment.A=B",
        "environment.C: wrong type for `environment.C`: expected a string, found an integer",
        "`{sate-dir}` is no placeholder; did you mean `{state-dir}`?",
        "environment.SVC_RESTART: invalid value for `environment.SVC_RESTART`: the service manager or cargo-svc sets",
        "a service cannot go without `name`",
        "account: unknown value \"locl-service\" for `account`: did you mean `local-service`?",
        "windows.after: wrong type for `after`: expected an array of \"network\"",
        "a GUID has 32 hexadecimal digits",
        "the folder lies below",
        "a file whose name ends in `.ico` was expected",
    ] {
        assert!(all.contains(part), "{part:?} is not in\n{all}");
    }
    // Both integers in `args` are.
    assert_eq!(errors.len(), 25, "{all}");
}

#[test]
fn names_that_differ_by_case_are_one_variable_on_windows() {
    let tables = "[package.metadata.service]\nenvironment = { Path = \"a\", PATH = \"b\" }\n";
    let error = one_error(tables);
    assert!(error.contains("are one variable on Windows"), "{error}");
    let fixed = package(&format!("{tables}windows.environment.Path = false\n"));
    assert_eq!(fixed.services[0].systemd.environment.len(), 2);
    assert_eq!(fixed.services[0].windows.environment.len(), 1);
}

#[test]
fn false_without_a_target_and_a_lost_account_are_refused() {
    let error = one_error("[package.metadata.service]\nargs = false\n");
    assert!(
        error.contains("`false` is for the `systemd` and `windows` tables"),
        "{error}"
    );
    let error = one_error("[package.metadata.service]\nwindows.account = false\n");
    assert!(
        error.contains("no account would mean the most powerful one"),
        "{error}"
    );
}

#[test]
fn the_log_has_channels_with_defaults() {
    let log = |features: &str, tables: &str| {
        resolve(&format!(
            "{HEAD}[dependencies]\nsvc-rt = {{ version = \"0.1\", features = [{features}] }}\n[package.metadata.service]\n{tables}"
        ))
        .map(|package| package.services[0].systemd.log.as_ref().map(|log| log.value.to_string()))
    };
    let shown = |tables: &str| log(r#""tracing", "log-file""#, tables).unwrap();
    assert_eq!(shown(""), None);
    assert_eq!(shown("log = {}").unwrap(), "system=info");
    assert_eq!(
        shown("log = { system = \"off\", stderr = \"trace\", file = \"off\" }").unwrap(),
        "system=off stderr=trace"
    );
    assert_eq!(
        shown("log = { file = {} }\ndirectories = { logs = true }").unwrap(),
        "system=info file=info:daily:14"
    );
    assert_eq!(
        shown("log = { file = { level = \"debug\", rotation = \"never\", keep = 1 } }\ndirectories = { logs = true }")
            .unwrap(),
        "system=info file=debug:never:1"
    );
    let wrong = |features, tables| log(features, tables).expect_err("it is wrong").join("\n");
    let error = wrong("", "log = {}");
    assert!(error.contains("does nothing in a program"), "{error}");
    let error = wrong(r#""log""#, "log = { file = \"info\" }");
    assert!(
        error.contains("needs svc-rt's feature `log-file`"),
        "{error}"
    );
    assert!(error.contains("`log.file` has no folder"), "{error}");
    assert_eq!(error.lines().count(), 2, "said once: {error}");
    let error = one_error("[package.metadata.service]\nlog = {}");
    assert!(error.contains("for programs with svc-rt"), "{error}");
}

/// A program is told to speak to systemd only where it can.
#[test]
fn the_runtime_is_that_of_the_system() {
    use crate::build::System::{Linux, Windows};
    let rt = "svc-rt = \"0.1\"";
    let optional = "svc-rt = { version = \"0.1\", optional = true }";
    for (dependencies, systems) in [
        (format!("[dependencies]\n{rt}"), vec![Linux, Windows]),
        (
            format!("[target.'cfg(windows)'.dependencies]\n{rt}"),
            vec![Windows],
        ),
        (
            format!("[target.'cfg(unix)'.dependencies]\n{rt}"),
            vec![Linux],
        ),
        (
            format!("[target.'cfg(not(target_os = \"windows\"))'.dependencies]\n{rt}"),
            vec![Linux],
        ),
        (
            format!("[target.'cfg(any(unix, windows))'.dependencies]\n{rt}"),
            vec![Linux, Windows],
        ),
        (
            format!("[target.'cfg(target_os = \"macos\")'.dependencies]\n{rt}"),
            vec![],
        ),
        (
            format!(
                "[target.'cfg(all(target_env = \"musl\", target_arch = \"aarch64\"))'.dependencies]\n{rt}"
            ),
            vec![Linux],
        ),
        (
            format!("[target.x86_64-pc-windows-msvc.dependencies]\n{rt}"),
            vec![Windows],
        ),
        (
            format!("[target.aarch64-unknown-linux-gnu.dependencies]\n{rt}"),
            vec![Linux],
        ),
        (format!("[dependencies]\n{optional}"), vec![]),
        (
            format!("[dependencies]\n{optional}\n[features]\nservice = [\"dep:svc-rt\"]"),
            vec![],
        ),
        (
            format!(
                "[dependencies]\n{optional}\n[features]\ndefault = [\"service\"]\nservice = [\"dep:svc-rt\", \"default\"]"
            ),
            vec![Linux, Windows],
        ),
        (
            format!("[dependencies]\n{optional}\n[features]\ndefault = [\"svc-rt/log\"]"),
            vec![Linux, Windows],
        ),
        (
            format!("[dependencies]\n{optional}\n[features]\ndefault = [\"svc-rt?/log\"]"),
            vec![],
        ),
    ] {
        let package = package(&format!("{dependencies}\n[package.metadata.service]\n"));
        assert_eq!(package.services[0].uses_runtime, systems, "{dependencies}");
    }
}
