//! The variables that the manager hands to a service: those that are declared, and the contract between installer and program.

use super::Value;
use super::check::{Carrier, Check};
use super::folders::Planned;
use crate::diagnostics::{Declared, Diagnostic};
use crate::service::declared::Listen;
use crate::service::{Folder, Part, Portable, RestartPolicy, Text, TimeSpan, log};

/// All variables, in the order of their names.
pub(super) fn plan(keys: &Portable, folders: &Planned, check: &mut Check) -> Vec<(String, Value)> {
    let mut variables = Vec::new();
    for (name, text) in &keys.environment {
        let value = resolve("environment", text, folders, check);
        check.carried("environment", text, &value, Carrier::Environment);
        variables.push((name.to_string(), value));
    }
    check.variable_names(keys);
    let mut own = |name: &str, value: Value| variables.push((name.to_owned(), value));
    for folder in &folders.own {
        if let Some(name) = folder.purpose.variable() {
            own(name, folder.path.clone());
        }
    }
    if let Some(period) = &keys.watchdog {
        own("WATCHDOG_USEC", microseconds(period.value));
    }
    if !keys.sockets.is_empty() {
        own("SVC_SOCKETS", Value::literal(&sockets(keys, check)));
    }
    if let Some(time) = &keys.start_timeout {
        own("SVC_START_TIMEOUT_USEC", microseconds(time.value));
    }
    if let Some(time) = &keys.stop_timeout {
        own("SVC_STOP_TIMEOUT_USEC", microseconds(time.value));
    }
    if let Some(restart) = &keys.restart {
        own(
            "SVC_RESTART",
            Value::literal(policy_word(restart.value.policy)),
        );
    }
    if let Some(folder) = &keys.working_dir {
        let value = resolve("working-dir", folder, folders, check);
        check.carried("working-dir", folder, &value, Carrier::Environment);
        check.absolute(folder, &value);
        own("SVC_WORKING_DIRECTORY", value);
    }
    if let Some(log) = &keys.log {
        own(log::VARIABLE, Value::literal(&log.value.to_string()));
    }
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    check.environment_size(keys, &variables);
    variables
}

/// Pairs `name=listen`, as svc-rt reads them.
fn sockets(keys: &Portable, check: &mut Check) -> String {
    let mut pairs = Vec::new();
    for socket in &keys.sockets {
        for listen in &socket.value.listen {
            let address = match listen.value {
                Listen::Tcp(address) => format!("tcp://{address}"),
                Listen::Udp(address) => format!("udp://{address}"),
                Listen::Unix(_) | Listen::UnixDatagram(_) => {
                    check.refuse(
                        Diagnostic::error("`unix:` and `unixgram:` sockets are not for Windows")
                            .at(listen.place())
                            .label("programs there take connections over TCP or pipes")
                            .help("write `sockets` for Windows in `[package.metadata.service.windows]`, for example with `listen = \"tcp://127.0.0.1:8080\"`"),
                    );
                    continue;
                }
            };
            pairs.push(format!("{}={address}", socket.value.name));
        }
    }
    pairs.join(" ")
}

fn policy_word(policy: RestartPolicy) -> &'static str {
    match policy {
        RestartPolicy::No => "no",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::Always => "always",
    }
}

fn microseconds(time: TimeSpan) -> Value {
    match time {
        TimeSpan::Infinite => Value::literal("infinity"),
        TimeSpan::Finite(time) => Value::literal(&time.as_micros().to_string()),
    }
}

/// Puts the folders in.
pub(super) fn resolve(
    key: &str,
    text: &Declared<Text>,
    folders: &Planned,
    check: &mut Check,
) -> Value {
    let mut value = Value::default();
    for part in &text.value.parts {
        match part {
            Part::Literal(literal) => value.push(literal),
            Part::Folder(Folder::Install) => value.append(&Value::install_dir()),
            Part::Instance => check.refuse(
                Diagnostic::error(format!(
                    "`{{instance}}` in `{key}` stands for nothing on Windows"
                ))
                .at(text.place())
                .label("Windows has no service templates"),
            ),
            Part::Folder(folder) => match folders.path(*folder) {
                Some(path) => value.append(path),
                // What stands in for it is a whole path, too, so that nothing more is said.
                None if folders.refused => value.append(&Value::program_data()),
                None => check.refuse(
                    Diagnostic::error(format!(
                        "`{{{}}}` in `{key}` stands for no folder",
                        folder.word()
                    ))
                    .at(text.place())
                    .label("the service declares no such folder")
                    .rests_on(&["directories"]),
                ),
            },
        }
    }
    value
}
