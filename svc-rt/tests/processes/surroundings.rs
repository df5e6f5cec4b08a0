//! What the program finds around it: its environment, and its signals in a terminal.

use super::bed::{foreground, program, spawn};

super::cases!(
    the_managers_variables_are_gone,
    the_environment_is_kept_when_asked,
    a_function_cleans_while_it_is_alone,
    a_terminal_keeps_its_signals,
);

const GONE: &str = "NOTIFY_SOCKET unset\nSVC_STOP_TIMEOUT_USEC unset\nLISTEN_FDS unset\nSVC_SOCKETS unset\n\
                    OTHER set\n";
const KEPT: &str =
    "NOTIFY_SOCKET set\nSVC_STOP_TIMEOUT_USEC set\nLISTEN_FDS set\nSVC_SOCKETS set\nOTHER set\n";

/// What the service of that name sees of an environment with everything in it.
fn seen_by(name: &str) -> String {
    let mut command = program(&[]);
    command
        .arg(name)
        .env("NOTIFY_SOCKET", "/nobody/listens")
        .env("LISTEN_FDS", "1")
        .env("SVC_SOCKETS", "http=tcp://[::1]:0")
        .env("OTHER", "1");
    let end = spawn(command.env("SVC_STOP_TIMEOUT_USEC", "1000000")).end();
    assert_eq!(end.code, Some(0), "{end:?}");
    end.output
}

fn the_managers_variables_are_gone() {
    assert_eq!(seen_by("environment"), GONE);
}

fn the_environment_is_kept_when_asked() {
    assert_eq!(seen_by("kept environment"), KEPT);
}

fn a_function_cleans_while_it_is_alone() {
    // Whether a process has one thread, only Linux tells; elsewhere the environment is left alone.
    let alone = if cfg!(target_os = "linux") {
        GONE
    } else {
        KEPT
    };
    assert_eq!(seen_by("environment of a function"), alone);
    assert_eq!(seen_by("environment beside a thread"), KEPT);
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
