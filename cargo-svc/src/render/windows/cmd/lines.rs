//! The commands of each step.

use crate::escape::cmd::{self, LaidOut};
use crate::escape::part::Word;
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
    pub(super) what: LaidOut<'static>,
    pub(super) command: LaidOut<'static>,
}

impl Line {
    /// A call of sc.exe with plain words, which does `what` to a service.
    pub(super) fn sc<const N: usize>(what: &str, service: &str, words: [&str; N]) -> Self {
        Self {
            what: cmd::inside_quotes([what, " of ", service].concat()),
            command: cmd::command(SC, &words.map(Word::Text)),
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
pub(super) fn grants(access: &Access) -> LaidOut<'static> {
    let full = [Sid::SYSTEM, Sid::ADMINISTRATORS].map(|sid| ["*", sid, ":(OI)(CI)F"].concat());
    let others = access.grants.iter().map(|grant| {
        let inherited = if grant.inherited { "(OI)(CI)" } else { "" };
        ["*", grant.sid.as_str(), ":", inherited, grant.rights.word()].concat()
    });
    cmd::words(full.into_iter().chain(others))
}

/// Adds a rule to the firewall.
pub(super) fn rule(rule: &FirewallRule) -> LaidOut<'static> {
    let words = rule.words();
    cmd::command(NETSH, &words.iter().map(Word::Value).collect::<Vec<_>>())
}

/// What a creation and a change have in common.
fn registration_words<'a>(
    verb: &'a str,
    service: &'a str,
    registered: &'a Registration,
) -> [Word<'a>; 6] {
    let shown = registered.display_name.as_deref().unwrap_or(service);
    [
        verb.into(),
        service.into(),
        "binPath=".into(),
        Word::Value(&registered.image_path),
        "DisplayName=".into(),
        shown.into(),
    ]
}

pub(super) fn create(service: &WindowsService, registration: &Registration) -> LaidOut<'static> {
    let mut words = registration_words("create", &service.name, registration).to_vec();
    let account = service.account.name(&service.name);
    words.extend(["start=", service.start.word(), "obj=", &account].map(Word::Text));
    let dependencies = registration.dependencies.join("/");
    if !registration.dependencies.is_empty() {
        words.extend(["depend=", &dependencies].map(Word::Text));
    }
    cmd::command(SC, &words)
}

pub(super) fn change(service: &str, registration: &Registration) -> LaidOut<'static> {
    let mut words = registration_words("config", service, registration).to_vec();
    // A slash alone is an empty list; without `depend=` the old one would stay.
    let dependencies = match registration.dependencies.as_slice() {
        [] => "/".to_owned(),
        names => names.join("/"),
    };
    words.extend(["depend=", &dependencies].map(Word::Text));
    cmd::command(SC, &words)
}

/// The SID and the privileges of its process. Without a list, one that an older version set goes from the registry, where the
/// manager reads it at the next start.
pub(super) fn token(service: &str, token: &Token) -> Vec<Line> {
    let sid = Line::sc(
        "setting the SID type",
        service,
        ["sidtype", service, token.sid_word()],
    );
    let what = "setting the privileges";
    let privileges = match &token.privileges {
        Some(names) => Line::sc(what, service, ["privs", service, &names.join("/")]),
        None => Line {
            what: cmd::inside_quotes([what, " of ", service].concat()),
            command: cmd::remove_value(REG, service, "RequiredPrivileges"),
        },
    };
    vec![sid, privileges]
}

pub(super) fn recovery(service: &str, recovery: &Recovery) -> Vec<Line> {
    let what = "setting the recovery";
    let reset = recovery.reset.to_string();
    let actions = recovery.words();
    let flag = if recovery.on_error { "1" } else { "0" };
    vec![
        Line::sc(
            what,
            service,
            ["failure", service, "reset=", &reset, "actions=", &actions],
        ),
        Line::sc(what, service, ["failureflag", service, flag]),
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
) -> Vec<LaidOut<'static>> {
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

fn reg_add<'a>(key: &str, name: &str, kind: &str, data: impl Into<Word<'a>>) -> LaidOut<'static> {
    let words = [
        name.into(),
        "/t".into(),
        kind.into(),
        "/d".into(),
        data.into(),
        "/f".into(),
    ];
    cmd::reg_add(REG, key, &words)
}

pub(super) fn event_source(source: &str, messages: &Value) -> Vec<LaidOut<'static>> {
    let key = format!(r"%SERVICES%\EventLog\Application\{source}");
    let text = |name, kind, data: &str| reg_add(&key, name, kind, data);
    vec![
        reg_add(&key, "EventMessageFile", "REG_EXPAND_SZ", messages),
        text("TypesSupported", "REG_DWORD", "7"),
        // The mark by which an uninstaller knows that the source is the installer's.
        text("SvcInstaller", "REG_SZ", "script"),
    ]
}

/// The commands that write the entry, and the names of values that it does not have.
pub(super) fn add_remove(
    entry: &AddRemove,
    plan: &WindowsPlan,
) -> (Vec<LaidOut<'static>>, Vec<&'static str>) {
    let (mut commands, mut absent) = (Vec::new(), Vec::new());
    for (name, text) in entry.texts() {
        match text {
            Some(text) => commands.push(reg_add("%ENTRY%", name, "REG_SZ", text)),
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
        commands.push(reg_add("%ENTRY%", "DisplayIcon", "REG_SZ", &below(icon)));
    }
    for (name, option) in [("UninstallString", ""), ("QuietUninstallString", " /quiet")] {
        let mut line = Value::literal("\"%SystemRoot%\\System32\\cmd.exe\" /d /c \"\"");
        line.append(&below("uninstall.cmd"));
        line.push(&format!("\"{option}\""));
        commands.push(reg_add("%ENTRY%", name, "REG_EXPAND_SZ", &line));
    }
    for name in ["NoModify", "NoRepair"] {
        commands.push(reg_add("%ENTRY%", name, "REG_DWORD", "1"));
    }
    (commands, absent)
}
