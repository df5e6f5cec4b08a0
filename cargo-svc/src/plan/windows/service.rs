//! From a service to what the service control manager holds of it.

use super::check::{Carrier, Check};
use super::environment::{self, resolve};
use super::files::{self, InstalledFile, Need};
use super::folders::{self, DataFolder, OwnFolder, Planned};
use super::hardening::{self, Token};
use super::{Account, FirewallRule, Recovery, Sid, Value, account, firewall, later, recovery};
use crate::diagnostics::{Declared, Diagnostic};
use crate::escape::argv;
use crate::service::windows::Windows;
use crate::service::{self, After, Portable, Service, TimeSpan};

/// The service that stands for the network stack. Windows has none that stands for "online".
const NETWORK: &str = "Tcpip";

/// A service as Windows gets it.
#[derive(Debug, Clone, Hash)]
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
    /// What its process's token carries.
    pub token: Token,
    /// What happens after a failure; `None` leaves the manager's own.
    pub recovery: Option<Recovery>,
    /// How long the machine's shutdown waits for it, in milliseconds; `None` leaves the manager's own.
    pub preshutdown: Option<u32>,
    /// The variables that the manager hands over, in the order of their names.
    pub environment: Vec<(String, Value)>,
    /// Its SID.
    pub sid: Sid,
    /// Its folders below `%ProgramData%`.
    pub folders: Vec<OwnFolder>,
    /// What has to be on the machine before it can start: without it, it is installed and not started.
    pub needs: Vec<Need>,
    /// The file with the messages of its source in the event log; `None`: it has no source.
    pub event_messages: Option<Value>,
    /// What others may connect to.
    pub firewall: Vec<FirewallRule>,
    /// How long an installer waits for it to run, in seconds; `None`: without a limit.
    pub start_wait: Option<u64>,
    /// How long an installer waits for it to stop, in seconds; `None`: without a limit.
    pub stop_wait: Option<u64>,
}

/// What the manager keeps of a service, and every installation rewrites.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Registration {
    /// The program, always in quotes (an unquoted path with a space runs another program, CWE-428), and its arguments.
    pub image_path: Value,
    /// The name that people read; `None`: the service's name.
    pub display_name: Option<String>,
    /// The services that must run before it, and load order groups with a `+` before their names.
    pub dependencies: Vec<String>,
}

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StartType {
    /// With the machine.
    Automatic,
    /// The same, after all that start without delay.
    Delayed,
    /// When someone says so.
    Demand,
}

impl StartType {
    /// sc.exe's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Automatic => "auto",
            Self::Delayed => "delayed-auto",
            Self::Demand => "demand",
        }
    }

    /// The registry's number.
    pub const fn number(self) -> u32 {
        match self {
            Self::Automatic | Self::Delayed => 2,
            Self::Demand => 3,
        }
    }

    /// Whether it starts with the machine, and so with its installation.
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Automatic | Self::Delayed)
    }
}

/// What a service brings to the package as a whole.
pub(super) struct Parts {
    pub(super) service: WindowsService,
    pub(super) folders: Vec<DataFolder>,
    pub(super) files: Vec<Declared<InstalledFile>>,
}

/// Plans one service. `None` if it has errors of its own.
pub(super) fn service(declared: &Service, check: &mut Check) -> Option<Parts> {
    let (keys, own) = (&declared.windows, &declared.own_windows);
    let before = check.errors();
    let name = keys.name.value.as_str().to_owned();
    let program = format!("{}.exe", keys.bin.value);
    check.program(&keys.bin);
    later::refuse(keys, check);
    if let Some(text) = &keys.display_name {
        check.display_name(text);
    }
    if let Some(text) = &keys.description {
        check.line("description", text);
    }
    let sid = Sid::of_service(&name);
    let planned = folders::plan(keys, &sid, check);
    let (files, needs) = files::plan(keys, &planned, check);
    let image_path = image_path(&program, keys, &planned, check);
    let environment = environment::plan(keys, &planned, check);
    let recovery = recovery::plan(keys, own, check);
    let preshutdown = match &own.preshutdown_timeout {
        Some(time) => recovery::milliseconds("preshutdown-timeout", time, check),
        None => keys
            .stop_timeout
            .as_ref()
            .and_then(|time| recovery::milliseconds("stop-timeout", time, check)),
    };
    let dependencies = dependencies(keys, own, check);
    let account = account::plan(keys.account.as_ref(), check);
    let token = hardening::plan(keys, own, &account, check);
    let start = start(keys, own, check);
    let firewall = firewall::plan(&name, &program, keys, own, check);
    let event_messages = event_messages(own, &planned, check);
    if check.errors() > before {
        return None;
    }
    let service = WindowsService {
        sid,
        registration: Registration {
            image_path,
            display_name: keys.display_name.as_ref().map(|text| text.value.clone()),
            dependencies,
        },
        description: keys.description.as_ref().map(|text| text.value.clone()),
        account,
        start,
        token,
        recovery,
        preshutdown,
        environment,
        folders: planned.own,
        needs,
        event_messages,
        firewall,
        start_wait: wait(keys.start_timeout.as_ref()),
        stop_wait: wait(keys.stop_timeout.as_ref()),
        name,
        program,
    };
    Some(Parts {
        service,
        folders: planned.made,
        files,
    })
}

fn image_path(program: &str, keys: &Portable, folders: &Planned, check: &mut Check) -> Value {
    let mut line = argv::quoted(&Value::install_dir().join(program));
    for arg in &keys.args {
        let value = resolve("args", arg, folders, check);
        check.carried("args", arg, &value, Carrier::CommandLine);
        line.push(" ");
        line.append(&argv::word(&value));
    }
    check.command_line(keys, &line);
    line
}

fn start(keys: &Portable, own: &Windows, check: &mut Check) -> StartType {
    let declared = keys.start.as_ref().map(|start| start.value);
    match (declared, &own.delayed_start) {
        (Some(service::Start::Boot), Some(delayed)) if delayed.value => StartType::Delayed,
        (Some(service::Start::Boot), _) => StartType::Automatic,
        // Switched off, nothing is said of the start, and the manager's default is by hand.
        (Some(service::Start::Manual | service::Start::OnDemand) | None, delayed) => {
            if let Some(delayed) = delayed.as_ref().filter(|delayed| delayed.value) {
                check.refuse(
                    Diagnostic::error(
                        "`delayed-start` is for services that start with the machine",
                    )
                    .at(delayed.place())
                    .label("this one starts when somebody says so")
                    .help("write `start = \"boot\"`, or leave `delayed-start` out")
                    .rests_on(&["start"]),
                );
            }
            StartType::Demand
        }
    }
}

/// What makes an event source's messages readable without a message compiler: it has one for each id from 1 to 1000.
pub(super) const EVENT_MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";

fn event_messages(own: &Windows, folders: &Planned, check: &mut Check) -> Option<Value> {
    let Some(declared) = &own.event_log else {
        return Some(Value::literal(EVENT_MESSAGES));
    };
    let text = declared.value.clone()?;
    let text = Declared {
        value: text,
        origin: declared.origin.clone(),
    };
    let value = resolve("event-log", &text, folders, check);
    check.carried("event-log", &text, &value, Carrier::Environment);
    check.message_file(&text, &value);
    // The viewer reads the path with backslashes alone.
    let mut path = Value::default();
    for piece in value.pieces() {
        match piece {
            super::Piece::Literal(text) => path.push(&text.replace('/', "\\")),
            folder => path.push_piece(folder),
        }
    }
    Some(path)
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

fn dependencies(keys: &Portable, own: &Windows, check: &mut Check) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    };
    for after in &keys.after {
        match &after.value {
            After::Network | After::NetworkOnline => add(NETWORK),
            After::Service(name) => add(name.as_str()),
            // Only what is declared for systemd names one.
            After::Unit(_) => {}
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
    for name in &own.depends {
        check.word("depends", name.place(), &name.value);
        if name.value.eq_ignore_ascii_case(keys.name.value.as_str()) {
            check.refuse(
                Diagnostic::error("`depends` names the service itself")
                    .at(name.place())
                    .label("it would wait for itself for ever")
                    .rests_on(&["name"]),
            );
        }
        add(&name.value);
    }
    names
}
