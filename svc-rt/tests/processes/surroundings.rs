//! What the program finds around it: its environment, and its signals in a terminal.

use super::bed::{foreground, program, spawn};

super::cases!(
    the_managers_variables_are_gone,
    the_environment_is_kept_when_asked,
    a_function_cleans_while_it_is_alone,
    a_terminal_keeps_its_signals,
);

/// All that a manager or an installer may have set for one process alone.
const OF_THE_MANAGER: &[&str] = &[
    "NOTIFY_SOCKET",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PIDFDID",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "SVC_LOG",
    "SVC_STOP_TIMEOUT_USEC",
    "SVC_START_TIMEOUT_USEC",
    "SVC_RESTART",
    "SVC_SOCKETS",
    "SVC_WORKING_DIRECTORY",
];

/// What is the program's too.
const OF_THE_PROGRAM: &[&str] = &["STATE_DIRECTORY", "CREDENTIALS_DIRECTORY", "OTHER"];

/// All that the environment holds here.
fn set() -> impl Iterator<Item = &'static str> {
    OF_THE_MANAGER.iter().chain(OF_THE_PROGRAM).copied()
}

fn gone() -> Vec<&'static str> {
    OF_THE_PROGRAM.to_vec()
}

fn kept() -> Vec<&'static str> {
    set().collect()
}

/// Which variables the service of that name sees of an environment with everything in it.
fn seen_by(name: &str) -> Vec<&'static str> {
    let mut command = program(&[]);
    command.arg(name);
    for variable in set() {
        // Another process's: what these hold is not for this one, and they are removed all the same.
        command.env(variable, "1");
    }
    command
        .env("NOTIFY_SOCKET", "/nobody/listens")
        .env("SVC_SOCKETS", "http=tcp://[::1]:0")
        .env("SVC_LOG", "system=info")
        .env("SVC_STOP_TIMEOUT_USEC", "60000000");
    let end = spawn(&mut command).end();
    assert_eq!(end.code, Some(0), "{end:?}");
    let seen: Vec<&str> = end.output.lines().collect();
    set().filter(|name| seen.contains(name)).collect()
}

fn the_managers_variables_are_gone() {
    assert_eq!(seen_by("environment"), gone());
}

fn the_environment_is_kept_when_asked() {
    assert_eq!(seen_by("kept environment"), kept());
}

fn a_function_cleans_while_it_is_alone() {
    // Whether a process has one thread, only Linux tells; elsewhere the environment is left alone.
    let alone = if cfg!(target_os = "linux") {
        gone()
    } else {
        kept()
    };
    assert_eq!(seen_by("environment of a function"), alone);
    assert_eq!(seen_by("environment beside a thread"), kept());
}

fn a_terminal_keeps_its_signals() {
    let mut service = foreground("ordinary");
    assert_eq!(service.line(), "ready probe Foreground 0");
    service.signal("INT");
    let end = service.end();
    assert_eq!(
        (end.code, end.output.as_str()),
        (Some(0), "stop Interrupt\n")
    );

    // The terminal goes away. A suite run under nohup would hand its own "ignore" on.
    #[cfg(target_os = "linux")]
    {
        let mut service = spawn(program(&["env", "--default-signal=HUP"]).arg("ordinary"));
        assert_eq!(service.line(), "ready probe Foreground 0");
        service.signal("HUP");
        assert_eq!(service.end().signal, Some(1));
    }
}
