//! One table with its values checked: what is wrong with a value is said once, however many targets use it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

mod capabilities;
mod declared;
mod lines;
mod log;
mod systemd;
mod values;
mod windows;

pub(super) use systemd::{SystemdLayer, unit_name};
pub(super) use values::{check_url, line, one_line};
use values::{text, time, timeout, variable};
pub(crate) use windows::PRIVILEGES;

use super::declared::{Credential, Directories, Event, File, Hardening, Socket};
use super::text::check_characters;
use super::{
    Account, EnvName, Log, Restart, RestartPolicy, ServiceName, Start, StaticAccount, Text,
    TimeSpan,
};
use crate::diagnostics::{Declared, Diagnostic, Level, Place, Report, SourceFile};
use crate::manifest::raw::{self, Spanned};
use crate::manifest::switch::Switch;

/// A key of one table: absent, switched off, or a value.
pub(super) type Slot<T> = Option<Declared<Option<T>>>;

/// Elements of an array.
pub(super) type Values<T> = Vec<Declared<T>>;

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
    pub(super) watchdog: Slot<TimeSpan>,
    pub(super) events: Slot<Values<Event>>,
    pub(super) directories: Slot<Directories>,
    pub(super) files: Slot<Values<File>>,
    pub(super) credentials: Slot<Values<Credential>>,
    pub(super) sockets: Slot<Values<Socket>>,
    pub(super) hardening: Slot<Hardening>,
    pub(super) log: Slot<Log>,
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
    /// Whether the units are for a systemd that is newer than what is known of it.
    pub(super) is_ahead: bool,
    pub(super) report: &'a mut Report,
}

/// What is wrong with a value, and what to do: the key and its place are added by [`Checker`].
#[derive(Debug)]
enum Fault {
    /// Not yet reported.
    New {
        label: String,
        help: Vec<String>,
        /// That something is not there, which only follows where something in it was refused.
        is_lack: bool,
    },
    /// Reported at a part of the value.
    Said,
}

impl Fault {
    fn new(label: impl Into<String>) -> Self {
        Self::New {
            label: label.into(),
            help: Vec::new(),
            is_lack: false,
        }
    }

    /// What is not there.
    fn lack(label: impl Into<String>) -> Self {
        Self::New {
            label: label.into(),
            help: Vec::new(),
            is_lack: true,
        }
    }

    fn help(mut self, line: impl Into<String>) -> Self {
        if let Self::New { help, .. } = &mut self {
            help.push(line.into());
        }
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
            display_name: self.display_name(keys.display_name.as_ref()),
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
                raw::Start::OnDemand => Ok(Start::OnDemand),
            }),
            after: self.list("after", keys.after.as_ref(), |word| Ok(word.to_owned())),
            requires: self.list("requires", keys.requires.as_ref(), |word| {
                Ok(word.to_owned())
            }),
            account: self.account(keys.account.as_ref()),
            restart: self.restart(keys.restart.as_ref()),
            start_timeout: self.slot("start-timeout", keys.start_timeout.as_ref(), timeout),
            stop_timeout: self.slot("stop-timeout", keys.stop_timeout.as_ref(), timeout),
            watchdog: self.slot("watchdog", keys.watchdog.as_ref(), |typed| {
                match timeout(typed)? {
                    TimeSpan::Infinite => Err(Fault::new("a watchdog that never bites is none")
                        .help("leave `watchdog` out")),
                    period @ TimeSpan::Finite(_) => Ok(period),
                }
            }),
            events: self.events(keys.events.as_ref()),
            directories: self.directories(keys.directories.as_ref()),
            files: self.files(keys.files.as_ref()),
            credentials: self.credentials(keys.credentials.as_ref()),
            sockets: self.sockets(keys.sockets.as_ref()),
            hardening: self.hardening(keys.hardening.as_ref()),
            log: self.log(keys.log.as_ref()),
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
        let Fault::New {
            label,
            help,
            is_lack,
        } = fault
        else {
            return;
        };
        if is_lack && self.has_refused_in(&span) {
            return;
        }
        let mut found = Diagnostic::error(format!("invalid value for `{key}`"))
            .at(Some(&self.place(key, span)))
            .label(label);
        found.help = help;
        self.report.add(found);
    }

    /// Whether something was refused within these bytes, which counts as absent.
    fn has_refused_in(&self, span: &Range<usize>) -> bool {
        let mut errors = self.report.diagnostics().iter();
        errors.any(|error| {
            let place = error.place.as_ref().filter(|_| error.level == Level::Error);
            place.is_some_and(|place| {
                Arc::ptr_eq(&place.source, self.source)
                    && span.start <= place.span.start
                    && place.span.end <= span.end
            })
        })
    }

    fn display_name(&mut self, typed: Typed<'_, String>) -> Slot<String> {
        let on_systemd = self.prefix.ends_with(".systemd");
        self.slot("display-name", typed, |name| {
            if on_systemd {
                return Err(Fault::new("nothing on Linux shows it")
                    .help("leave it out: people read the `description` of a unit"));
            }
            Ok(line(name)?)
        })
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

    /// An array of strings: each is checked, and a wrong one is left out.
    fn list<U>(
        &mut self,
        key: &str,
        typed: Typed<'_, Vec<Spanned<String>>>,
        check: impl Fn(&str) -> Result<U, Fault>,
    ) -> Slot<Values<U>> {
        self.elements(key, typed, |_, item| check(item.get_ref()))
    }

    /// An array: each element is checked, and a wrong one is left out.
    fn elements<T, U>(
        &mut self,
        key: &str,
        typed: Typed<'_, Vec<Spanned<T>>>,
        check: impl Fn(&mut Self, &Spanned<T>) -> Result<U, Fault>,
    ) -> Slot<Values<U>> {
        let items = match typed.map(Spanned::get_ref) {
            Some(Switch::On(items)) => items.as_slice(),
            _ => &[],
        };
        let mut checked = Vec::with_capacity(items.len());
        for item in items {
            match check(self, item) {
                Ok(value) => checked.push(Declared::at(value, self.place(key, item.span()))),
                Err(fault) => self.refuse(key, item.span(), fault),
            }
        }
        self.slot(key, typed, |_| Ok(checked))
    }

    /// A part of a value with a place of its own; what is wrong with it is reported there.
    fn declared<T, U>(
        &mut self,
        key: &str,
        typed: &Spanned<T>,
        check: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Result<Declared<U>, Fault> {
        match check(typed.get_ref()) {
            Ok(value) => Ok(Declared::at(value, self.place(key, typed.span()))),
            Err(fault) => {
                self.refuse(key, typed.span(), fault);
                Err(Fault::Said)
            }
        }
    }

    /// The same without its place.
    fn check<T, U>(
        &mut self,
        key: &str,
        typed: &Spanned<T>,
        check: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Option<U> {
        Some(self.declared(key, typed, check).ok()?.value)
    }

    fn account(&mut self, typed: Typed<'_, raw::Account>) -> Slot<Account> {
        let (mut fixed, mut names_user) = (None, false);
        if let Some(Switch::On(raw::Account::Static(account))) = typed.map(Spanned::get_ref) {
            let mut name = |typed: &Spanned<String>| {
                self.declared("account", typed, |name| values::user(name))
                    .ok()
            };
            names_user = account.user.is_some();
            fixed = Some(StaticAccount {
                user: account.user.as_ref().and_then(&mut name),
                group: account.group.as_ref().and_then(&mut name),
                groups: account.groups.iter().filter_map(&mut name).collect(),
            });
        }
        let elsewhere = !self.prefix.ends_with(".systemd");
        let on_windows = self.prefix.ends_with(".windows");
        self.must("account", typed, |account| match account {
            raw::Account::Dynamic => Ok(Account::Dynamic),
            raw::Account::System => Ok(Account::System),
            raw::Account::LocalService | raw::Account::NetworkService | raw::Account::Named(_)
                if !on_windows =>
            {
                Err(Fault::new("an account of Windows is one system's own")
                    .help("write it as `account` in the `windows` table"))
            }
            raw::Account::LocalService => Ok(Account::LocalService),
            raw::Account::NetworkService => Ok(Account::NetworkService),
            raw::Account::Named(name) => values::windows_account(name).map(Account::Named),
            raw::Account::Static(_) if elsewhere => {
                Err(Fault::new("a user of the machine is one system's own")
                    .help("write the table as `account` in the `systemd` table"))
            }
            raw::Account::Static(_) => match fixed {
                Some(account) if account.user.is_some() => Ok(Account::Static(account)),
                _ if names_user => Err(Fault::Said),
                _ => Err(Fault::lack("`user` is missing")
                    .help("for example: `account = { user = \"beacon\" }`")),
            },
        })
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
