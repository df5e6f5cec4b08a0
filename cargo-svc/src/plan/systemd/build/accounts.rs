//! Whom a service runs as.

use crate::plan::systemd::unit::{Section, Value};
use crate::plan::systemd::{SysUser, SystemdPlan};
use crate::service::systemd::Scope;
use crate::service::{Account, Service};

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
    let other_group = account
        .group
        .as_ref()
        .filter(|group| group.value != user.value);
    let mut add = |entry: SysUser| {
        if !plan.users.contains(&entry) {
            plan.users.push(entry);
        }
    };
    for group in other_group.into_iter().chain(&account.groups) {
        add(SysUser::Group(group.value.clone()));
    }
    add(SysUser::User {
        name: user.value.clone(),
        group: other_group.map(|group| group.value.clone()),
        description: format!("Service {}", service.systemd.name.value),
    });
    for group in &account.groups {
        add(SysUser::Member {
            user: user.value.clone(),
            group: group.value.clone(),
        });
    }
}
