//! Checks the keys that only Windows has.

use super::{Checker, Fault, Values, line, text, time, timeout};
use crate::diagnostics::Declared;
use crate::manifest::keys::nearest;
use crate::manifest::raw::{self, Spanned};
use crate::manifest::switch::Switch;
use crate::service::windows::{FailureActions, Firewall, FirewallRule, Protocol, Windows};
use crate::service::{ServiceName, Text, TimeSpan};

/// A day: what most services of Windows have.
const RESET: TimeSpan = TimeSpan::from_secs(86_400);

/// Most characters of a service's name (Microsoft, `CreateServiceW`).
const SERVICE_NAME: usize = 256;

/// The names of privileges (Microsoft, "Privilege Constants").
pub(crate) const PRIVILEGES: [&str; 35] = [
    "SeAssignPrimaryTokenPrivilege",
    "SeAuditPrivilege",
    "SeBackupPrivilege",
    "SeChangeNotifyPrivilege",
    "SeCreateGlobalPrivilege",
    "SeCreatePagefilePrivilege",
    "SeCreatePermanentPrivilege",
    "SeCreateSymbolicLinkPrivilege",
    "SeCreateTokenPrivilege",
    "SeDebugPrivilege",
    "SeDelegateSessionUserImpersonatePrivilege",
    "SeEnableDelegationPrivilege",
    "SeImpersonatePrivilege",
    "SeIncreaseBasePriorityPrivilege",
    "SeIncreaseQuotaPrivilege",
    "SeIncreaseWorkingSetPrivilege",
    "SeLoadDriverPrivilege",
    "SeLockMemoryPrivilege",
    "SeMachineAccountPrivilege",
    "SeManageVolumePrivilege",
    "SeProfileSingleProcessPrivilege",
    "SeRelabelPrivilege",
    "SeRemoteShutdownPrivilege",
    "SeRestorePrivilege",
    "SeSecurityPrivilege",
    "SeShutdownPrivilege",
    "SeSyncAgentPrivilege",
    "SeSystemEnvironmentPrivilege",
    "SeSystemProfilePrivilege",
    "SeSystemtimePrivilege",
    "SeTakeOwnershipPrivilege",
    "SeTcbPrivilege",
    "SeTimeZonePrivilege",
    "SeTrustedCredManAccessPrivilege",
    "SeUndockPrivilege",
];

impl Windows {
    /// These keys, and those of the layer below where there are none.
    pub(in crate::service) fn over(self, below: Self) -> Self {
        Self {
            delayed_start: self.delayed_start.or(below.delayed_start),
            depends: if self.depends.is_empty() {
                below.depends
            } else {
                self.depends
            },
            sid_type: self.sid_type.or(below.sid_type),
            privileges: self.privileges.or(below.privileges),
            failure_actions: self.failure_actions.or(below.failure_actions),
            preshutdown_timeout: self.preshutdown_timeout.or(below.preshutdown_timeout),
            event_log: self.event_log.or(below.event_log),
            firewall: self.firewall.or(below.firewall),
            install_dir: self.install_dir.or(below.install_dir),
        }
    }
}

impl Checker<'_> {
    /// Checks all of them.
    pub(in crate::service) fn windows(&mut self, keys: &raw::Windows) -> Windows {
        Windows {
            delayed_start: keys
                .delayed_start
                .as_ref()
                .map(|delayed| self.as_is("delayed-start", delayed)),
            depends: self
                .words("depends", keys.depends.as_ref(), dependency)
                .unwrap_or_default(),
            sid_type: keys
                .sid_type
                .as_ref()
                .map(|kind| self.as_is("sid-type", kind)),
            privileges: self.list("privileges", keys.privileges.as_ref(), privilege),
            failure_actions: keys
                .failure_actions
                .as_ref()
                .and_then(|actions| self.failure_actions(actions)),
            preshutdown_timeout: keys
                .preshutdown_timeout
                .as_ref()
                .and_then(|typed| self.declared("preshutdown-timeout", typed, timeout).ok()),
            event_log: self.slot("event-log", keys.event_log.as_ref(), |path| {
                message_file(path)
            }),
            firewall: self.firewall(keys.firewall.as_ref()),
            install_dir: keys.install_dir.as_ref().and_then(|dir| {
                self.declared("install-dir", dir, |dir| install_dir(dir))
                    .ok()
            }),
        }
    }

    fn failure_actions(
        &mut self,
        typed: &Spanned<raw::FailureActions>,
    ) -> Option<Declared<FailureActions>> {
        let raw = typed.get_ref();
        let mut right = true;
        let mut at = |check: &mut Self, key: &str, typed: Option<&Spanned<raw::Time>>, default| {
            let Some(typed) = typed else { return default };
            let span = check.declared(key, typed, |typed| match time(typed)? {
                TimeSpan::Infinite => Err(Fault::new("the service manager counts to an end")),
                span @ TimeSpan::Finite(_) => Ok(span),
            });
            span.map_or_else(
                |_| {
                    right = false;
                    default
                },
                |span| span.value,
            )
        };
        let reset = at(self, "failure-actions.reset", raw.reset.as_ref(), RESET);
        let mut actions = Vec::new();
        let mut without = None;
        for action in &raw.actions {
            let key = "failure-actions.actions.delay";
            let delay = action.get_ref().delay.as_ref();
            let delay = at(self, key, delay, super::RESTART_DELAY);
            match action.get_ref().action {
                Some(word) => actions.push((word, delay)),
                None => without = Some(action.span()),
            }
        }
        if let Some(span) = without {
            let fault = Fault::lack("`action` is missing")
                .help("for example: `{ action = \"restart\", delay = \"5s\" }`");
            self.refuse("failure-actions.actions", span, fault);
            return None;
        }
        if actions.is_empty() {
            let fault = Fault::lack("`actions` is missing")
                .help("for nothing after a failure write `restart = \"no\"`");
            self.refuse("failure-actions", typed.span(), fault);
            return None;
        }
        let value = FailureActions {
            reset,
            actions,
            on_error: raw.on_error.unwrap_or(true),
        };
        right.then(|| Declared::at(value, self.place("failure-actions", typed.span())))
    }

    fn firewall(
        &mut self,
        typed: Option<&Spanned<Switch<raw::Firewall>>>,
    ) -> Option<Declared<Firewall>> {
        let typed = typed?;
        let Switch::On(raw) = typed.get_ref() else {
            return None;
        };
        let place = self.place("firewall", typed.span());
        let Some(rules) = &raw.rules else {
            return Some(Declared::at(Firewall::Sockets, place));
        };
        let mut checked: Values<FirewallRule> = Vec::new();
        for rule in rules {
            checked.extend(self.declared("firewall", rule, firewall_rule).ok());
        }
        if rules.is_empty() {
            let fault = Fault::lack("an array without rules opens nothing")
                .help("write `true` for the declared sockets, or leave `firewall` out");
            self.refuse("firewall", typed.span(), fault);
        }
        (!checked.is_empty()).then(|| Declared::at(Firewall::Rules(checked), place))
    }
}

fn firewall_rule(raw: &raw::FirewallRule) -> Result<FirewallRule, Fault> {
    let Some(port) = &raw.port else {
        return Err(Fault::lack("`port` is missing").help("for example: `{ port = 8080 }`"));
    };
    let port = match u16::try_from(*port.get_ref()) {
        Ok(port) if port > 0 => port,
        _ => return Err(Fault::new("a port is a number from 1 to 65535")),
    };
    let mut profiles = FirewallRule::PROFILES.to_vec();
    if let Some(typed) = &raw.profiles {
        profiles.clear();
        for profile in typed.get_ref() {
            if !profiles.contains(profile) {
                profiles.push(*profile);
            }
        }
        if profiles.is_empty() {
            return Err(Fault::lack("a rule without `profiles` opens nothing")
                .help("leave `profiles` out for `domain` and `private`"));
        }
    }
    Ok(FirewallRule {
        protocol: raw.protocol.unwrap_or(Protocol::Tcp),
        port,
        profiles,
    })
}

/// The name of a service, or with a plus of a load order group. Other services' names are freer than ours.
fn dependency(name: &str) -> Result<String, Fault> {
    line(name)?;
    let bare = name.strip_prefix('+').unwrap_or(name);
    if bare.trim() != bare || bare.is_empty() || bare.chars().count() > SERVICE_NAME {
        return Err(Fault::new(
            "the name of a service, or `+` and a group's, was expected",
        ));
    }
    if let Some(bad) = bare.chars().find(|c| "/\\\"".contains(*c)) {
        return Err(Fault::new(format!(
            "{bad:?} cannot stand in a service's name"
        )));
    }
    Ok(name.to_owned())
}

fn privilege(name: &str) -> Result<String, Fault> {
    if let Some(known) = PRIVILEGES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name))
    {
        return Ok((*known).to_owned());
    }
    Err(Fault::new(match nearest(name, PRIVILEGES) {
        Some(near) => format!("there is no privilege `{name}`; did you mean `{near}`?"),
        None => format!("there is no privilege `{name}`"),
    })
    .help("for example: \"SeChangeNotifyPrivilege\""))
}

/// A file that holds messages: below the install folder, or Windows' own.
fn message_file(path: &str) -> Result<Text, Fault> {
    line(path)?;
    text(path)
}

/// A folder of the package's own: below the one for programs, or on a drive.
fn install_dir(path: &str) -> Result<String, Fault> {
    line(path)?;
    let path = path.replace('/', "\\");
    let path = path.trim_end_matches('\\');
    let drive = path
        .strip_prefix(|c: char| c.is_ascii_alphabetic())
        .and_then(|rest| rest.strip_prefix(":\\"));
    if drive.is_some_and(|below| below.contains('\\')) {
        return Err(Fault::new(
            "on a drive, others may make what lies between it and the folder",
        )
        .help("name a folder right on the drive, as in 'D:\\Beacon', or one below the folder for programs"));
    }
    for step in drive.unwrap_or(path).split('\\') {
        if matches!(step, "" | "." | "..") {
            return Err(Fault::new(
                "a folder below the one for programs was expected, or one on a drive, without empty, `.` or `..` steps",
            )
            .help("for example: \"Example/Beacon\" or 'D:\\Beacon'"));
        }
        file_name(step)?;
    }
    Ok(path.to_owned())
}

/// A step of a path on Windows (Microsoft, "Naming Files, Paths, and Namespaces").
fn file_name(step: &str) -> Result<(), Fault> {
    if let Some(bad) = step.chars().find(|c| "<>:\"|?*%^".contains(*c)) {
        return Err(Fault::new(format!(
            "{bad:?} cannot stand in the name of an install folder"
        )));
    }
    if step.ends_with(['.', ' ']) {
        return Err(Fault::new(
            "a folder's name cannot end in a dot or a space on Windows",
        ));
    }
    // What breaks the rule on characters only is no device.
    let plain = step
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if plain
        && step.starts_with(|c: char| c.is_ascii_alphanumeric())
        && step.len() <= ServiceName::MAX
    {
        ServiceName::parse(step)?;
    }
    Ok(())
}
