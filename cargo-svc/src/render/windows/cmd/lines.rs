//! The commands of each step.

use crate::escape::cmd::{self, LaidOut};
use crate::plan::windows::{
    Access, AddRemove, FirewallRule, Recovery, Registration, Sid, Token, Value, WindowsPlan,
    WindowsService,
};

/// The variables in which a script keeps the paths of the system's programs.
const SC: &str = "%SC%";
const REG: &str = "%REG%";
const NETSH: &str = "%NETSH%";

/// A command, and what it does as the end of the sentence "failed: …".
pub(super) struct Line {
    pub(super) what: LaidOut,
    pub(super) command: LaidOut,
}

impl Line {
    /// A call of sc.exe with plain words.
    pub(super) fn sc(what: &str, words: &[&str]) -> Self {
        let words: Vec<Value> = words.iter().map(|word| Value::literal(word)).collect();
        Self {
            what: cmd::inside_quotes(what),
            command: cmd::command(SC, &words),
        }
    }
}

/// A registry value that shows whether somebody tuned the recovery.
pub(super) struct RecoveryValue {
    pub(super) name: &'static str,
    pub(super) data: String,
    /// Holds one element if an absent value means the same.
    pub(super) or_absent: Vec<()>,
}

/// The services' names as sc.exe and the receipt join them.
pub(super) fn names(plan: &WindowsPlan) -> String {
    let names: Vec<&str> = plan
        .services
        .iter()
        .map(|service| service.name.as_str())
        .collect();
    names.join("/")
}

/// Who may do what in a folder, by SID, since group names are translated.
pub(super) fn grants(access: &Access) -> LaidOut {
    let full = [Sid::SYSTEM, Sid::ADMINISTRATORS].map(|sid| format!("*{sid}:(OI)(CI)F"));
    let others = access.grants.iter().map(|grant| {
        let inherited = if grant.inherited { "(OI)(CI)" } else { "" };
        format!("*{}:{inherited}{}", grant.sid, grant.rights.word())
    });
    let all: Vec<String> = full.into_iter().chain(others).collect();
    cmd::words(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Adds a rule to the firewall.
pub(super) fn rule(rule: &FirewallRule) -> LaidOut {
    cmd::command(NETSH, &rule.words())
}

fn literals(words: &[&str]) -> Vec<Value> {
    words.iter().map(|word| Value::literal(word)).collect()
}

/// What a creation and a change have in common.
fn registration_words(service: &str, registration: &Registration) -> Vec<Value> {
    let mut words = literals(&["binPath="]);
    words.push(registration.image_path.clone());
    let shown = registration.display_name.as_deref().unwrap_or(service);
    words.extend(literals(&["DisplayName=", shown]));
    words
}

pub(super) fn create(service: &WindowsService, registration: &Registration) -> LaidOut {
    let mut words = literals(&["create", &service.name]);
    words.extend(registration_words(&service.name, registration));
    let account = service.account.name(&service.name);
    words.extend(literals(&[
        "start=",
        service.start.word(),
        "obj=",
        &account,
    ]));
    if !registration.dependencies.is_empty() {
        words.extend(literals(&["depend=", &registration.dependencies.join("/")]));
    }
    cmd::command(SC, &words)
}

pub(super) fn change(service: &str, registration: &Registration) -> LaidOut {
    let mut words = literals(&["config", service]);
    words.extend(registration_words(service, registration));
    // A slash alone is an empty list; without `depend=` the old one would stay.
    let dependencies = match registration.dependencies.as_slice() {
        [] => "/".to_owned(),
        names => names.join("/"),
    };
    words.extend(literals(&["depend=", &dependencies]));
    cmd::command(SC, &words)
}

/// The SID and the privileges of its process. Without a list, one that an older version set goes from the registry, where the
/// manager reads it at the next start.
pub(super) fn token(service: &str, token: &Token) -> Vec<Line> {
    let sid = Line::sc(
        &format!("setting the SID type of {service}"),
        &["sidtype", service, token.sid_word()],
    );
    let what = format!("setting the privileges of {service}");
    let privileges = match &token.privileges {
        Some(names) => Line::sc(&what, &["privs", service, &names.join("/")]),
        None => Line {
            what: cmd::inside_quotes(&what),
            command: cmd::remove_value(REG, service, "RequiredPrivileges"),
        },
    };
    vec![sid, privileges]
}

pub(super) fn recovery(service: &str, recovery: &Recovery) -> Vec<Line> {
    let what = format!("setting the recovery of {service}");
    let reset = recovery.reset.to_string();
    let actions = recovery.words();
    let flag = if recovery.on_error { "1" } else { "0" };
    vec![
        Line::sc(
            &what,
            &["failure", service, "reset=", &reset, "actions=", &actions],
        ),
        Line::sc(&what, &["failureflag", service, flag]),
    ]
}

pub(super) fn recovery_values(recovery: &Recovery) -> Vec<RecoveryValue> {
    // The manager takes absent values for these.
    let or_absent = |absent| if absent { vec![()] } else { Vec::new() };
    let flag = u8::from(recovery.on_error);
    vec![
        RecoveryValue {
            name: "FailureActions",
            data: recovery.registry_hex(),
            or_absent: or_absent(recovery.actions.is_empty()),
        },
        RecoveryValue {
            name: "FailureActionsOnNonCrashFailures",
            data: format!("0x{flag}"),
            or_absent: or_absent(!recovery.on_error),
        },
    ]
}

/// Sets the variables beside those that somebody else added, which the script keeps in `KEPT_<number>`.
pub(super) fn environment(
    number: usize,
    service: &str,
    variables: &[(String, Value)],
    separator: char,
) -> Vec<LaidOut> {
    let mut data = Value::default();
    for (index, (name, value)) in variables.iter().enumerate() {
        if index > 0 {
            data.push(&separator.to_string());
        }
        data.push(name);
        data.push("=");
        data.append(value);
    }
    cmd::environment(REG, service, number, &data, separator)
}

fn reg_add(key: &str, name: &str, kind: &str, data: Value) -> LaidOut {
    let mut words = vec![
        Value::literal(name),
        Value::literal("/t"),
        Value::literal(kind),
    ];
    words.push(Value::literal("/d"));
    words.push(data);
    words.push(Value::literal("/f"));
    cmd::reg_add(REG, key, &words)
}

pub(super) fn event_source(source: &str, messages: &Value) -> Vec<LaidOut> {
    let key = format!(r"%SERVICES%\EventLog\Application\{source}");
    let text = |name, kind, data| reg_add(&key, name, kind, Value::literal(data));
    vec![
        reg_add(&key, "EventMessageFile", "REG_EXPAND_SZ", messages.clone()),
        text("TypesSupported", "REG_DWORD", "7"),
        // The mark by which an uninstaller knows that the source is the installer's.
        text("SvcInstaller", "REG_SZ", "script"),
    ]
}

/// The commands that write the entry, and the names of values that it does not have.
pub(super) fn add_remove(
    entry: &AddRemove,
    plan: &WindowsPlan,
) -> (Vec<LaidOut>, Vec<&'static str>) {
    let (mut commands, mut absent) = (Vec::new(), Vec::new());
    for (name, text) in entry.texts() {
        match text {
            Some(text) => commands.push(reg_add("%ENTRY%", name, "REG_SZ", Value::literal(text))),
            None => absent.push(name),
        }
    }
    let below = |file: &str| {
        let mut path = Value::install_dir();
        path.push("\\");
        path.push(file);
        path
    };
    if let Some(icon) = plan.icon() {
        commands.push(reg_add("%ENTRY%", "DisplayIcon", "REG_SZ", below(icon)));
    }
    for (name, option) in [("UninstallString", ""), ("QuietUninstallString", " /quiet")] {
        let mut line = Value::literal("\"%SystemRoot%\\System32\\cmd.exe\" /d /c \"\"");
        line.append(&below("uninstall.cmd"));
        line.push(&format!("\"{option}\""));
        commands.push(reg_add("%ENTRY%", name, "REG_EXPAND_SZ", line));
    }
    for name in ["NoModify", "NoRepair"] {
        commands.push(reg_add("%ENTRY%", name, "REG_DWORD", Value::literal("1")));
    }
    (commands, absent)
}
