//! One table with its values checked: what is wrong with a value is said once, however many targets use it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::text::check_characters;
use super::{
    Account, EnvName, Folder, Restart, RestartPolicy, ServiceName, Start, Text, TextError, TimeSpan,
};
use crate::diagnostics::{Declared, Diagnostic, Place, Report, SourceFile};
use crate::manifest::keys::nearest;
use crate::manifest::raw::{self, Spanned};
use crate::manifest::switch::Switch;

/// A key of one table: absent, switched off, or a value.
pub(super) type Slot<T> = Option<Declared<Option<T>>>;

/// A key as it is typed.
type Typed<'a, T> = Option<&'a Spanned<Switch<T>>>;

/// The keys of one table.
#[derive(Debug, Default, Clone)]
pub(super) struct Layer {
    pub(super) name: Slot<ServiceName>,
    pub(super) bin: Slot<String>,
    pub(super) display_name: Slot<String>,
    pub(super) description: Slot<String>,
    pub(super) documentation: Slot<Vec<Declared<String>>>,
    pub(super) args: Slot<Vec<Declared<Text>>>,
    pub(super) environment: Slot<BTreeMap<EnvName, Declared<Option<Text>>>>,
    pub(super) working_dir: Slot<Text>,
    pub(super) start: Slot<Start>,
    pub(super) after: Slot<Vec<Declared<String>>>,
    pub(super) requires: Slot<Vec<Declared<String>>>,
    pub(super) account: Slot<Account>,
    pub(super) restart: Slot<Restart>,
    pub(super) start_timeout: Slot<TimeSpan>,
    pub(super) stop_timeout: Slot<TimeSpan>,
}

/// The delay before a restart where none is written.
pub(super) const RESTART_DELAY: TimeSpan = TimeSpan::from_secs(5);

/// Which table a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The portable keys: `false` makes no sense there.
    Portable,
    /// The overrides for a target.
    Override,
}

/// Checks the values of a table.
pub(super) struct Checker<'a> {
    pub(super) source: &'a Arc<SourceFile>,
    pub(super) prefix: &'a str,
    pub(super) kind: Kind,
    pub(super) report: &'a mut Report,
}

/// What is wrong with a value, where, and what to do: the key and its place are added by [`Checker`].
#[derive(Debug)]
struct Fault {
    label: String,
    help: Vec<String>,
}

impl Fault {
    fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            help: Vec::new(),
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl From<String> for Fault {
    fn from(label: String) -> Self {
        Self::new(label)
    }
}

impl Checker<'_> {
    /// Checks all keys; a wrong value is reported and counts as absent.
    pub(super) fn layer(&mut self, keys: &raw::Portable) -> Layer {
        Layer {
            name: self.must("name", keys.name.as_ref(), |name| {
                Ok(ServiceName::parse(name)?)
            }),
            bin: self.must("bin", keys.bin.as_ref(), |bin| Ok(line(bin)?)),
            display_name: self.slot("display-name", keys.display_name.as_ref(), |name| {
                Ok(line(name)?)
            }),
            description: self.slot("description", keys.description.as_ref(), |text| {
                Ok(one_line(text)?)
            }),
            documentation: self.list("documentation", keys.documentation.as_ref(), |url| {
                Ok(check_url(url)?)
            }),
            args: self.list("args", keys.args.as_ref(), text),
            environment: self.environment(keys.environment.as_ref()),
            working_dir: self.slot("working-dir", keys.working_dir.as_ref(), |path| match path
                .as_str()
            {
                "" => Err(Fault::new("a folder's path cannot be empty")),
                path => text(path),
            }),
            start: self.slot("start", keys.start.as_ref(), |start| match start {
                raw::Start::Boot => Ok(Start::Boot),
                raw::Start::Manual => Ok(Start::Manual),
                raw::Start::OnDemand => Err(on_demand()),
            }),
            after: self.list("after", keys.after.as_ref(), |word| Ok(word.to_owned())),
            requires: self.list("requires", keys.requires.as_ref(), |word| {
                Ok(word.to_owned())
            }),
            account: self.must("account", keys.account.as_ref(), |account| {
                Ok(match account {
                    raw::Account::Dynamic => Account::Dynamic,
                    raw::Account::System => Account::System,
                })
            }),
            restart: self.restart(keys.restart.as_ref()),
            start_timeout: self.slot("start-timeout", keys.start_timeout.as_ref(), timeout),
            stop_timeout: self.slot("stop-timeout", keys.stop_timeout.as_ref(), timeout),
        }
    }

    fn place(&self, key: &str, span: Range<usize>) -> Place {
        Place {
            source: Arc::clone(self.source),
            key: format!("{}.{key}", self.prefix),
            span,
        }
    }

    fn refuse(&mut self, key: &str, span: Range<usize>, fault: Fault) {
        let mut found = Diagnostic::error(format!("invalid value for `{key}`"))
            .at(Some(&self.place(key, span)))
            .label(fault.label);
        found.help = fault.help;
        self.report.add(found);
    }

    /// A key that `false` may switch off in an override.
    fn slot<T, U>(
        &mut self,
        key: &str,
        typed: Typed<'_, T>,
        check: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Slot<U> {
        let typed = typed?;
        let value = match typed.get_ref() {
            Switch::Off if self.kind == Kind::Override => Ok(None),
            Switch::Off => Err(
                Fault::new("`false` is for the `systemd` and `windows` tables")
                    .help(format!("leave `{key}` out to get its default")),
            ),
            Switch::On(value) => check(value).map(Some),
        };
        match value {
            Ok(value) => Some(Declared::at(value, self.place(key, typed.span()))),
            Err(fault) => {
                self.refuse(key, typed.span(), fault);
                None
            }
        }
    }

    /// A key without which there is no service.
    fn must<T, U>(
        &mut self,
        key: &str,
        typed: Typed<'_, T>,
        check: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Slot<U> {
        if let Some(off) = typed
            .as_ref()
            .filter(|typed| matches!(typed.get_ref(), Switch::Off))
        {
            let fault = match key {
                "account" => Fault::new("no account would mean the most powerful one")
                    .help("if that is what you want, write `account = \"system\"`"),
                _ => Fault::new(format!("a service cannot go without `{key}`")),
            };
            self.refuse(key, off.span(), fault);
            return None;
        }
        self.slot(key, typed, check)
    }

    /// An array: each element is checked, and a wrong one is left out.
    fn list<U>(
        &mut self,
        key: &str,
        typed: Typed<'_, Vec<Spanned<String>>>,
        check: impl Fn(&str) -> Result<U, Fault>,
    ) -> Slot<Vec<Declared<U>>> {
        let items = match typed.map(Spanned::get_ref) {
            Some(Switch::On(items)) => items.as_slice(),
            _ => &[],
        };
        let mut checked = Vec::with_capacity(items.len());
        for item in items {
            match check(item.get_ref()) {
                Ok(value) => checked.push(Declared::at(value, self.place(key, item.span()))),
                Err(fault) => self.refuse(key, item.span(), fault),
            }
        }
        self.slot(key, typed, |_| Ok(checked))
    }

    fn environment(
        &mut self,
        typed: Typed<'_, raw::Environment>,
    ) -> Slot<BTreeMap<EnvName, Declared<Option<Text>>>> {
        let mut checked = BTreeMap::new();
        if let Some(Switch::On(variables)) = typed.map(Spanned::get_ref) {
            for (name, value) in variables {
                let key = format!("environment.{name}");
                let parsed = match variable(name.get_ref()) {
                    Ok(parsed) => parsed,
                    Err(fault) => {
                        self.refuse(&key, name.span(), fault);
                        continue;
                    }
                };
                if let Some(value) = self.slot(&key, Some(value), |value| text(value)) {
                    checked.insert(parsed, value);
                }
            }
        }
        self.slot("environment", typed, |_| Ok(checked))
    }

    fn restart(&mut self, typed: Typed<'_, raw::Restart>) -> Slot<Restart> {
        let delay = match typed.map(Spanned::get_ref) {
            Some(Switch::On(restart)) => restart.delay.as_ref(),
            _ => None,
        };
        let delay = match delay.map(|delay| (time(delay.get_ref()), delay.span())) {
            None => RESTART_DELAY,
            Some((Ok(TimeSpan::Infinite), span)) => {
                let fault = Fault::new("a delay without an end is no restart")
                    .help("write `restart = \"no\"` for a service that stays down");
                self.refuse("restart.delay", span, fault);
                RESTART_DELAY
            }
            Some((Ok(delay), _)) => delay,
            Some((Err(fault), span)) => {
                self.refuse("restart.delay", span, fault);
                RESTART_DELAY
            }
        };
        self.slot("restart", typed, |restart| {
            let policy = match restart.policy {
                Some(raw::Policy::No) => RestartPolicy::No,
                None | Some(raw::Policy::OnFailure) => RestartPolicy::OnFailure,
                Some(raw::Policy::Always) => RestartPolicy::Always,
            };
            Ok(Restart { policy, delay })
        })
    }
}

fn on_demand() -> Fault {
    Fault::new("what would start it, its socket or timer, is not supported yet")
        .help("write `start = \"manual\"` for a service that something else starts; on Windows there is nothing else")
}

/// A value on one line that is not empty.
pub(super) fn line(value: &str) -> Result<String, String> {
    if value.trim().is_empty() {
        return Err("the value cannot be empty".into());
    }
    check_characters(value)?;
    Ok(value.to_owned())
}

/// A text collapsed to one line, as both systems show it.
pub(super) fn one_line(value: &str) -> Result<String, String> {
    line(&value.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A URL that `Documentation=` takes: systemd.unit(5) names these schemes.
pub(super) fn check_url(url: &str) -> Result<String, String> {
    check_characters(url)?;
    let schemes = ["http://", "https://", "file:", "info:", "man:"];
    let known = schemes.iter().any(|scheme| {
        url.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    });
    if !known {
        return Err("a URL begins with https://, http://, file:, info: or man:".into());
    }
    if url.contains(char::is_whitespace) {
        return Err("a URL holds no spaces; write %20".into());
    }
    Ok(url.to_owned())
}

/// A value in which placeholders may stand.
fn text(value: &str) -> Result<Text, Fault> {
    let text = Text::parse(value).map_err(|error| match error {
        TextError::Character(reason) => Fault::new(reason),
        TextError::Unclosed => {
            Fault::new("this `{` has no `}`").help("write `{{` for a literal brace")
        }
        TextError::Unknown(word) => unknown_placeholder(&word),
    })?;
    let undeclared = text.folders().find(|folder| *folder != Folder::Install);
    match undeclared {
        None => Ok(text),
        Some(folder) => Err(Fault::new(format!(
            "`{{{}}}` needs a declared folder, and `directories` is not supported yet",
            folder.word()
        ))),
    }
}

fn unknown_placeholder(word: &str) -> Fault {
    let words = Folder::ALL.map(Folder::word);
    let label = match nearest(word, words) {
        Some(near) => format!("`{{{word}}}` is no placeholder; did you mean `{{{near}}}`?"),
        None if word == "instance" => {
            "`{instance}` needs `template`, which is not supported yet".into()
        }
        None => format!("`{{{word}}}` is no placeholder"),
    };
    let known = words.map(|word| format!("`{{{word}}}`")).join(", ");
    Fault::new(label)
        .help("write `{{` for a literal brace")
        .help(format!("the placeholders are {known}"))
}

/// Variables of the contract between installer and program.
const CONTRACT: [&str; 17] = [
    "STATE_DIRECTORY",
    "CACHE_DIRECTORY",
    "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "JOURNAL_STREAM",
    "INVOCATION_ID",
    "MAINPID",
    "MANAGERPID",
    "SYSTEMD_EXEC_PID",
];

/// A variable's name that the user may set.
fn variable(name: &str) -> Result<EnvName, Fault> {
    let parsed = EnvName::parse(name)?;
    let upper = name.to_ascii_uppercase();
    if CONTRACT.contains(&upper.as_str()) || upper.starts_with("SVC_") {
        return Err(Fault::new(
            "the service manager or cargo-svc sets this variable",
        ));
    }
    Ok(parsed)
}

/// A duration.
fn time(typed: &raw::Time) -> Result<TimeSpan, Fault> {
    match typed {
        raw::Time::Text(text) => check_characters(text).and_then(|()| TimeSpan::parse(text)),
        raw::Time::Seconds(seconds) => TimeSpan::parse(&seconds.to_string()),
    }
    .map_err(|label| {
        Fault::new(label).help("for example: \"90s\", \"2min 30s\", \"1h\", \"infinity\"")
    })
}

/// A time limit: nothing can be done in no time, and systemd takes 0 for "no limit".
fn timeout(typed: &raw::Time) -> Result<TimeSpan, Fault> {
    let span = time(typed)?;
    if span.is_zero() {
        return Err(
            Fault::new("a time limit is more than zero").help("write \"infinity\" for no limit")
        );
    }
    Ok(span)
}
