//! Whom a service runs as.

use crate::diagnostics::Diagnostic;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{Section, Value};
use crate::plan::systemd::{SysUser, SystemdPlan};
use crate::service::systemd::Scope;
use crate::service::{Account, Service, StaticAccount};

/// The lines of `[Service]`. A user's manager runs everything as its user.
pub(super) fn lines(service: &Service, section: &mut Section) {
    if service.own_systemd.scope.value == Scope::User {
        return;
    }
    let Some(account) = &service.systemd.account else {
        return;
    };
    match &account.value {
        Account::Dynamic => section.push("DynamicUser", Value::Bool(true)),
        // root is what systemd runs a system service as if the unit says nothing.
        // Those of Windows are refused where they are declared.
        Account::System | Account::LocalService | Account::NetworkService | Account::Named(_) => {}
        Account::Static(account) => {
            // Their names are words without anything to escape.
            let name = |key, name: &str, section: &mut Section| {
                section.push(key, Value::Raw(name.to_owned().into()));
            };
            if let Some(user) = &account.user {
                name("User", &user.value, section);
            }
            if let Some(group) = &account.group {
                name("Group", &group.value, section);
            }
            if !account.groups.is_empty() {
                let groups = account.groups.iter().map(|group| group.value.clone());
                section.push("SupplementaryGroups", Value::Units(groups.collect()));
            }
        }
    }
}

/// Whether it runs as root: it is what systemd runs a service of the machine's manager as if nothing else is said.
pub(in crate::plan::systemd) fn runs_as_root(service: &Service) -> bool {
    let account = service.systemd.account.as_ref();
    service.own_systemd.scope.value == Scope::System
        && account.is_none_or(|account| account.value == Account::System)
}

/// What every machine has, with numbers of its own: systemd-sysusers would ignore an entry that says otherwise.
const ON_EVERY_MACHINE: [&str; 2] = ["root", "nobody"];

/// What a user cannot be: root, or one with another main group for another service.
pub(super) fn check(service: &Service, plan: &SystemdPlan, check: &mut Check) {
    let account = service.systemd.account.as_ref();
    let Some(Account::Static(account)) = account.map(|account| &account.value) else {
        return;
    };
    let Some(user) = &account.user else { return };
    if user.value == "root" {
        check.refuse(
            Diagnostic::error("systemd's `account` has a user of the machine, and `root` is the machine itself")
                .at(user.place())
                .label("expected another user")
                .help("write `account = \"system\"`, and for another group `service = { Group = \"…\" }` under `systemd`"),
        );
    }
    let own = main_group(account);
    let other = plan.users.iter().find_map(|entry| match entry {
        SysUser::User { name, group, .. } if *name == user.value => Some(group.as_deref()),
        _ => None,
    });
    if let Some(other) = other
        && other != own
    {
        let other = other.unwrap_or(&user.value);
        let place = account.group.as_ref().unwrap_or(user).place();
        check.refuse(
            Diagnostic::error(format!(
                "systemd makes the user `{}` once, with one main group",
                user.value
            ))
            .at(place)
            .label(format!("another service of this package says `{other}`"))
            .help(format!(
                "write `group = \"{other}\"`, and what else it needs in `groups`"
            )),
        );
    }
}

/// The main group of a user, if that has another name.
fn main_group(account: &StaticAccount) -> Option<&str> {
    let user = account.user.as_ref()?;
    let group = account.group.as_ref()?;
    (group.value != user.value).then_some(&group.value)
}

/// What the machine has to have for it; each entry once, groups before their users.
pub(super) fn plan(service: &Service, plan: &mut SystemdPlan) {
    let Some(Account::Static(account)) = service
        .systemd
        .account
        .as_ref()
        .map(|account| &account.value)
    else {
        return;
    };
    let Some(user) = &account.user else { return };
    let other_group = main_group(account);
    // One user is one entry, whoever runs as it: of two that differ systemd-sysusers ignores the second.
    let package = &plan.package;
    let shared = plan.users.iter_mut().find_map(|entry| match entry {
        SysUser::User {
            name, description, ..
        } if *name == user.value => Some(description),
        _ => None,
    });
    let is_there = shared.is_some() || ON_EVERY_MACHINE.contains(&user.value.as_str());
    if let Some(description) = shared {
        *description = format!("Services of {package}");
    }
    let mut add = |entry: SysUser| {
        if !plan.users.contains(&entry) {
            plan.users.push(entry);
        }
    };
    let groups = account.groups.iter().map(|group| group.value.as_str());
    for group in other_group.into_iter().chain(groups) {
        if !ON_EVERY_MACHINE.contains(&group) {
            add(SysUser::Group(group.to_owned()));
        }
    }
    if !is_there {
        add(SysUser::User {
            name: user.value.clone(),
            group: other_group.map(str::to_owned),
            description: format!("Service {}", service.systemd.name.value),
        });
    }
    for group in &account.groups {
        add(SysUser::Member {
            user: user.value.clone(),
            group: group.value.clone(),
        });
    }
}
