//! From a service to what the service control manager holds of it.

use std::fmt::Write;
use std::time::Duration;

use super::check::{Carrier, Check};
use super::{Sid, Value, later};
use crate::diagnostics::{Declared, Diagnostic};
use crate::escape::argv;
use crate::service::{
    self, After, Folder, Part, Portable, RestartPolicy, Service, Text, TimeSpan, log,
};

/// The service that stands for the network stack. Windows has none that stands for "online".
const NETWORK: &str = "Tcpip";

/// Longest time in milliseconds that every tool takes: sc.exe reads a signed 32-bit number.
const MAX_MILLISECONDS: u32 = i32::MAX.unsigned_abs();

/// A service as Windows gets it.
#[derive(Debug, Clone)]
pub struct WindowsService {
    /// Its name.
    pub name: String,
    /// The file name of its program.
    pub program: String,
    /// What is rewritten by every installation.
    pub registration: Registration,
    /// What people read about it.
    pub description: Option<String>,
    /// The account of a first installation.
    pub account: Account,
    /// When it starts after a first installation.
    pub start: StartType,
    /// What happens after a failure; `None` leaves the manager's own.
    pub recovery: Option<Recovery>,
    /// How long the machine's shutdown waits for it, in milliseconds; `None` leaves the manager's own.
    pub preshutdown: Option<u32>,
    /// The variables that the manager hands over, in the order of their names.
    pub environment: Vec<(String, Value)>,
    /// Its SID.
    pub sid: Sid,
    /// How long an installer waits for it to run, in seconds; `None`: without a limit.
    pub start_wait: Option<u64>,
    /// How long an installer waits for it to stop, in seconds; `None`: without a limit.
    pub stop_wait: Option<u64>,
    /// Declared keys that only svc-rt carries out: a program without it cannot be installed with them.
    pub needs_runtime: Vec<NeedsRuntime>,
}

/// A key that only svc-rt carries out on Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedsRuntime {
    /// What was declared, as the user wrote it.
    pub what: &'static str,
    /// Where.
    pub place: Option<crate::diagnostics::Place>,
}

/// What the manager keeps of a service, and every installation rewrites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The program, always in quotes (an unquoted path with a space runs another program, CWE-428), and its arguments.
    pub image_path: Value,
    /// The name that people read; `None`: the service's name.
    pub display_name: Option<String>,
    /// The services that must run before it.
    pub dependencies: Vec<String>,
}

/// Whom a service runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// `NT SERVICE\<name>`: made by the manager for this service, without a password.
    Virtual,
    /// `LocalSystem`, which may do everything.
    LocalSystem,
}

impl Account {
    /// The name as the manager writes it.
    pub fn name(self, service: &str) -> String {
        match self {
            Self::Virtual => format!(r"NT SERVICE\{service}"),
            Self::LocalSystem => "LocalSystem".to_owned(),
        }
    }
}

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartType {
    /// With the machine.
    Automatic,
    /// When someone says so.
    Demand,
}

impl StartType {
    /// sc.exe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Automatic => "auto",
            Self::Demand => "demand",
        }
    }

    /// The registry's number.
    pub const fn number(self) -> u32 {
        match self {
            Self::Automatic => 2,
            Self::Demand => 3,
        }
    }
}

/// What happens when a service fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing.
    Nothing,
    /// It is started again, each time.
    Restart {
        /// How long after the failure, in milliseconds.
        delay: u32,
    },
}

impl Recovery {
    /// After how many seconds without a failure the manager counts from anew. With one action for all failures the count
    /// does not matter; sc.exe wants a number.
    pub const RESET_SECONDS: u32 = 86_400;

    /// The registry's `FailureActions` value: the 32-bit image of `SERVICE_FAILURE_ACTIONSW`, then the actions.
    pub fn registry_hex(self) -> String {
        let mut numbers = match self {
            Self::Nothing => vec![0, 0, 0, 0, 20],
            Self::Restart { .. } => vec![Self::RESET_SECONDS, 0, 0, 1, 20],
        };
        if let Self::Restart { delay } = self {
            numbers.extend([1, delay]);
        }
        let mut hex = String::new();
        for byte in numbers.into_iter().flat_map(u32::to_le_bytes) {
            let _ = write!(hex, "{byte:02X}");
        }
        hex
    }
}

/// Plans one service. `None` if it has errors of its own.
pub(super) fn service(declared: &Service, check: &mut Check) -> Option<WindowsService> {
    let keys = &declared.windows;
    let before = check.errors();
    let name = keys.name.value.as_str().to_owned();
    let program = format!("{}.exe", keys.bin.value);
    check.program(&keys.bin);
    later::refuse(keys, check);
    if check.errors() > before {
        // What follows would only be more of the same.
        return None;
    }
    if let Some(text) = &keys.display_name {
        check.display_name(text);
    }
    if let Some(text) = &keys.description {
        check.line("description", text);
    }
    let image_path = image_path(&program, keys, check);
    let environment = environment(keys, check);
    let recovery = recovery(keys, check);
    let preshutdown = keys
        .stop_timeout
        .as_ref()
        .and_then(|time| milliseconds("stop-timeout", time, check));
    let dependencies = dependencies(keys, check);
    if check.errors() > before {
        return None;
    }
    Some(WindowsService {
        sid: Sid::of_service(&name),
        registration: Registration {
            image_path,
            display_name: keys.display_name.as_ref().map(|text| text.value.clone()),
            dependencies,
        },
        description: keys.description.as_ref().map(|text| text.value.clone()),
        // Switched off, nothing is said of the account, and the manager's default is LocalSystem.
        account: match keys.account.as_ref().map(|account| &account.value) {
            Some(service::Account::Dynamic) => Account::Virtual,
            // A user of Linux is refused where it is declared, and said again in `later`.
            Some(service::Account::System | service::Account::Static(_)) | None => {
                Account::LocalSystem
            }
        },
        start: match keys.start.as_ref().map(|start| start.value) {
            Some(service::Start::Boot) => StartType::Automatic,
            // Switched off, nothing is said of the start, and the manager's default is by hand.
            Some(service::Start::Manual | service::Start::OnDemand) | None => StartType::Demand,
        },
        recovery,
        preshutdown,
        environment,
        start_wait: wait(keys.start_timeout.as_ref()),
        stop_wait: wait(keys.stop_timeout.as_ref()),
        needs_runtime: needs_runtime(keys),
        name,
        program,
    })
}

fn image_path(program: &str, keys: &Portable, check: &mut Check) -> Value {
    let mut path = Value::install_dir();
    path.push("\\");
    path.push(program);
    let mut line = argv::quoted(&path);
    for arg in &keys.args {
        let value = resolve("args", arg, check);
        check.carried("args", arg, &value, Carrier::CommandLine);
        line.push(" ");
        line.append(&argv::word(&value));
    }
    check.command_line(keys, &line);
    line
}

fn environment(keys: &Portable, check: &mut Check) -> Vec<(String, Value)> {
    let mut variables = Vec::new();
    for (name, text) in &keys.environment {
        let value = resolve("environment", text, check);
        check.carried("environment", text, &value, Carrier::Environment);
        variables.push((name.to_string(), value));
    }
    check.variable_names(keys);
    let mut own = |name: &str, value: Value| variables.push((name.to_owned(), value));
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
        let value = resolve("working-dir", folder, check);
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

fn recovery(keys: &Portable, check: &mut Check) -> Option<Recovery> {
    let restart = keys.restart.as_ref()?;
    if restart.value.policy == RestartPolicy::No {
        return Some(Recovery::Nothing);
    }
    let delay = match restart.value.delay {
        TimeSpan::Finite(delay) => whole_milliseconds(delay),
        TimeSpan::Infinite => None,
    };
    if delay.is_none() {
        check.refuse(
            Diagnostic::error("`restart` cannot wait this long on Windows")
                .at(restart.place())
                .label("a recovery action waits at most 24 days")
                .help("write `restart = \"no\"` in `[package.metadata.service.windows]` if it shall not come back"),
        );
    }
    delay.map(|delay| Recovery::Restart { delay })
}

fn whole_milliseconds(time: Duration) -> Option<u32> {
    // Rounded up: a shorter time than the declared one would be another promise.
    u32::try_from(time.as_micros().div_ceil(1000))
        .ok()
        .filter(|ms| *ms <= MAX_MILLISECONDS)
}

/// The time of a key in milliseconds. For ever is the longest that the manager takes, about 24 days.
fn milliseconds(key: &str, time: &Declared<TimeSpan>, check: &mut Check) -> Option<u32> {
    let found = match time.value {
        TimeSpan::Infinite => Some(MAX_MILLISECONDS),
        TimeSpan::Finite(finite) => whole_milliseconds(finite),
    };
    if found.is_none() {
        check.refuse(
            Diagnostic::error(format!("`{key}` is too long for Windows"))
                .at(time.place())
                .label("the service manager takes at most 24 days")
                .help(format!("write `{key} = \"infinity\"` for no limit")),
        );
    }
    found
}

fn wait(time: Option<&Declared<TimeSpan>>) -> Option<u64> {
    match time?.value {
        TimeSpan::Infinite => None,
        TimeSpan::Finite(time) => Some(
            time.as_micros()
                .div_ceil(1_000_000)
                .try_into()
                .unwrap_or(u64::MAX),
        ),
    }
}

fn dependencies(keys: &Portable, check: &mut Check) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for after in &keys.after {
        match &after.value {
            After::Network | After::NetworkOnline => add(NETWORK),
            After::Service(name) => add(name.as_str()),
            After::TimeSync => check.refuse(
                Diagnostic::error("`after = [\"time-sync\"]` cannot be carried out on Windows")
                    .at(after.place())
                    .label("no service of Windows stands for a synchronised clock")
                    .help("say what Windows shall do: `after = false` in `[package.metadata.service.windows]`"),
            ),
        }
    }
    for name in &keys.requires {
        add(name.value.as_str());
    }
    names
}

fn needs_runtime(keys: &Portable) -> Vec<NeedsRuntime> {
    let mut needs = Vec::new();
    let mut add = |what, place: Option<&crate::diagnostics::Place>| {
        if place.is_some() {
            needs.push(NeedsRuntime {
                what,
                place: place.cloned(),
            });
        }
    };
    if let Some(restart) = &keys.restart
        && restart.value.policy == RestartPolicy::Always
    {
        add("restart = \"always\"", restart.place());
    }
    if let Some(folder) = &keys.working_dir {
        add("working-dir", folder.place());
    }
    if let Some(time) = &keys.start_timeout {
        add("start-timeout", time.place());
    }
    if let Some(time) = &keys.stop_timeout {
        add("stop-timeout", time.place());
    }
    needs
}

/// Puts the folders in. On Windows the program's own folder is known only when the installer runs.
fn resolve(key: &str, text: &Declared<Text>, check: &mut Check) -> Value {
    let mut value = Value::default();
    for part in &text.value.parts {
        match part {
            Part::Literal(literal) => value.push(literal),
            Part::Folder(Folder::Install) => value.push_install_dir(),
            Part::Instance => check.refuse(
                Diagnostic::error(format!(
                    "`{{instance}}` in `{key}` stands for nothing on Windows"
                ))
                .at(text.place())
                .label("Windows has no service templates"),
            ),
            Part::Folder(folder) => check.refuse(
                Diagnostic::error(format!(
                    "`{{{}}}` in `{key}` stands for no folder",
                    folder.word()
                ))
                .at(text.place())
                .label("the service declares no such folder"),
            ),
        }
    }
    value
}
