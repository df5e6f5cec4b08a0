//! Accounts with a name: their right to log on as a service, which Windows Installer does not give, and their password, which only
//! its table of services can be told in secret.
//!
//! PowerShell gives the right, as install.ps1 does. It reads the account's name where the manager has it, so that no name stands
//! in a script, and none has to be quoted.

use std::sync::LazyLock;

use askama::Template;

use super::actions::{SERVICES, Service, run_key};
use super::identity::public_property;
use super::number::{Sequence, Stretch};
use super::{FIRST, Formatted, LaunchCondition, Moment, Property, Search, Task, Tool};
use crate::escape::argv;
use crate::plan::windows::Value;

/// The property that holds the C# through which PowerShell speaks to the machine's policy.
const SOURCE: &str = "Svc.LogonRight";

/// The property with the password that the administrator gives.
const PASSWORD: &str = "SERVICEPASSWORD";

#[derive(Template)]
#[template(path = "windows/logon-right.cs", escape = "none")]
struct Source;

/// The C# in one line, as it stands between quotes on a command line: the same in all packages.
///
/// # Panics
/// If a text without values cannot be rendered.
static LINE: LazyLock<String> = LazyLock::new(|| {
    let text = Source.render().expect("there are no values in it");
    let lines = text.lines().map(str::trim);
    let code: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    let quoted = argv::quoted(&Value::literal(&code.join(" "))).with_folders("");
    quoted[1..quoted.len() - 1].to_owned()
});

/// The right of the service's account, if it is one with a name. An account that an operator chose for a service that is there has
/// it already.
pub(super) fn add(sequence: &mut Sequence, service: &Service, package: &str) {
    let (name, there) = (service.name, &service.there);
    let notes = format!(r"HKLM:\{}", run_key(package));
    let mut condition = format!("NOT REMOVE AND (NOT {there} OR RESET=\"1\")");
    if !service.account.needs_right() {
        // Only whoever installs can have chosen a name.
        condition = format!("SERVICEACCOUNT AND {condition}");
    }
    let mut act = |what: &str, stretch, script: Formatted, moment, checked| {
        let mut line = Formatted::literal("-NoProfile -NonInteractive -Command \"");
        line.append(&script);
        line.push("\"");
        sequence.add(
            stretch,
            service.keys.key(what),
            Task::Run {
                tool: Tool::PowerShell,
                arguments: line,
                moment,
                checked,
            },
            condition.clone(),
        );
    };
    // Only what this run gave is taken back: it notes that before it gives.
    let mut take = Formatted::literal(format!(
        "$ErrorActionPreference='Stop';$a=(Get-ItemProperty -LiteralPath '{notes}' -ErrorAction SilentlyContinue).'LogonRight {name}';\
         if($a){{Add-Type -TypeDefinition '"
    ));
    take.push_property(SOURCE);
    take.push("';[SvcLogonRight]::Take($a)}");
    act("TakeRight", Stretch::Kept, take, Moment::Rollback, false);
    let mut give = Formatted::literal(format!(
        "$ErrorActionPreference='Stop';$a=(Get-ItemProperty -LiteralPath 'HKLM:\\{SERVICES}\\{name}').ObjectName;\
         if($a -notmatch '^(LocalSystem$|NT AUTHORITY\\\\|NT SERVICE\\\\)'){{\
         if($a.StartsWith('.\\')){{$a=$env:COMPUTERNAME+$a.Substring(1)}};Add-Type -TypeDefinition '"
    ));
    give.push_property(SOURCE);
    give.push(&format!(
        "';if(-not [SvcLogonRight]::Has($a)){{if(-not (Test-Path -LiteralPath '{notes}')){{$null=New-Item -Path '{notes}' -Force}};\
         Set-ItemProperty -LiteralPath '{notes}' -Name 'LogonRight {name}' -Value $a;[SvcLogonRight]::Grant($a)}}}}"
    ));
    act(
        "GiveRight",
        Stretch::Registered,
        give,
        Moment::InPlace,
        true,
    );
}

/// Whether the services have more passwords than the one that Windows Installer is told.
pub(super) fn several_passwords<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut names = names;
    let Some(first) = names.next() else {
        return false;
    };
    names.any(|name| !name.eq_ignore_ascii_case(first))
}

/// Whether the services differ in whether they have a password.
fn is_mixed(services: &[Service]) -> bool {
    let with = |service: &Service| service.account.needs_password();
    services.iter().any(with) && !services.iter().all(with)
}

/// The property with a service's password where another service's account has one and its own has none.
fn own_password(service: &Service) -> String {
    service.keys.key("Password")
}

/// What a service's password is: the one that is given. Beside an account that has one, a service whose account has none takes it
/// only with an account that is given as well.
pub(super) fn password(service: &Service, services: &[Service]) -> Formatted {
    if is_mixed(services) && !service.account.needs_password() {
        return Formatted::property(&own_password(service));
    }
    Formatted::property(PASSWORD)
}

/// Sets the passwords that depend on the account that is given.
pub(super) fn prepare(sequence: &mut Sequence, services: &[Service]) {
    for service in services {
        if is_mixed(services) && !service.account.needs_password() {
            sequence.add(
                Stretch::Prepared,
                service.keys.key("SetPassword"),
                Task::Set {
                    property: own_password(service).into(),
                    value: Formatted::property(PASSWORD),
                },
                "SERVICEACCOUNT",
            );
        }
    }
}

/// The properties that all this needs.
pub(super) fn properties(services: &[Service]) -> Vec<Property> {
    let property = |name, value, hidden| Property {
        name,
        value,
        secure: false,
        hidden,
        of_product: false,
    };
    let mut all = vec![property(SOURCE.into(), Some(LINE.as_str().into()), false)];
    for service in services {
        if is_mixed(services) && !service.account.needs_password() {
            all.push(property(own_password(service).into(), None, true));
        }
    }
    all
}

/// The property with the account of a service that is there.
fn object_name(service: &str) -> String {
    public_property("SVC", service, "ACCOUNT")
}

/// The looks into the registry for the accounts that a reset could not set.
pub(super) fn searches(services: &[Service<'_>]) -> impl Iterator<Item = Search> {
    services
        .iter()
        .filter(|service| service.account.needs_password())
        .map(|service| Search {
            property: object_name(service.name),
            id: service.keys.key("FindAccount"),
            key: format!(r"{SERVICES}\{}", service.name),
            name: "ObjectName".to_owned(),
        })
}

/// What must hold where a password is needed. Windows Installer's table of services takes it without a trace, and only in a
/// first installation: no program of the system takes one other than on its command line, which others can read.
pub(super) fn conditions(services: &[Service]) -> Vec<LaunchCondition> {
    let mut all = Vec::new();
    let mut add = |condition: String, message: String| {
        all.push(LaunchCondition {
            condition,
            message: Formatted::literal(message),
        });
    };
    if let Some(first) = services.iter().find(|one| one.account.needs_password()) {
        add(
            format!("Installed OR WIX_UPGRADE_DETECTED OR {PASSWORD} OR SERVICEACCOUNT"),
            format!(
                "The service {} runs as {}: give the password of this account as {PASSWORD}, or another account as SERVICEACCOUNT.",
                first.name, first.default_account
            ),
        );
    }
    for service in services {
        let (name, there) = (service.name, &service.there);
        let without = if service.account.needs_password() {
            format!("(SERVICEACCOUNT AND NOT {PASSWORD})")
        } else {
            format!("NOT {PASSWORD}")
        };
        add(
            format!("({FIRST}) OR REMOVE OR {there} OR {without}"),
            format!(
                "The service {name} is not there, and only a first installation can make one whose account has a password: \
                 uninstall, then install again. Its data stay."
            ),
        );
        if service.account.needs_password() {
            add(
                format!(
                    "RESET<>\"1\" OR REMOVE OR NOT {there} OR {}~={}",
                    object_name(name),
                    service.account_property
                ),
                format!(
                    "RESET=1 cannot bring back the account {} of the service {name}, which has a password: set it in the Services \
                     console, then run this again.",
                    service.default_account
                ),
            );
        }
    }
    all
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The C# as PowerShell gets it.
    pub(in super::super) fn code() -> String {
        let words = argv::tests::split(&format!("\"{}\"", *LINE));
        assert_eq!(words.len(), 1);
        words[0].clone()
    }

    #[test]
    fn the_source_is_one_line_of_whole_code() {
        let code = code();
        assert!(!code.contains(['\n', '\r', '\'']), "{code}");
        assert!(!code.contains("//"), "{code}");
        for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
            let count = |wanted| code.chars().filter(|c| *c == wanted).count();
            assert_eq!(count(open), count(close), "{open}");
        }
        assert!(code.contains("DllImport(\"advapi32.dll\")"));
        // A command line of Windows has at most 32,767 characters.
        assert!(LINE.len() < 8000);
    }

    #[test]
    fn one_password_is_enough_for_one_account() {
        let several = |names: &[&str]| several_passwords(names.iter().copied());
        assert!(!several(&[]) && !several(&[r"A\b", r"a\B"]));
        assert!(several(&[r"A\b", r"A\c"]));
    }
}
