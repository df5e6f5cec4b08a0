use super::*;
use crate::escape::argv;
use crate::plan::windows::Value;
use crate::service::Account;
use crate::service::windows::{Firewall, FirewallRule, Network, Protocol};

/// A service that lets others in on this port.
fn open_to(name: &str, port: u16) -> Service {
    let mut service = beacon(name);
    let rule = FirewallRule {
        port,
        protocol: Protocol::Tcp,
        profiles: vec![Network::Domain, Network::Private],
    };
    service.own_windows.firewall = Some(declared(
        "firewall",
        Firewall::Rules(vec![declared("firewall", rule)]),
    ));
    service
}

/// A service with this account.
fn running_as(name: &str, account: &str) -> Service {
    let mut service = beacon(name);
    service.windows.account = Some(declared("account", Account::Named(account.into())));
    service
}

fn condition<'a>(installer: &'a Installer, part: &str) -> &'a LaunchCondition {
    let found: Vec<_> = installer
        .conditions
        .iter()
        .filter(|known| known.condition.contains(part))
        .collect();
    assert_eq!(found.len(), 1, "{part}: {:#?}", installer.conditions);
    found[0]
}

#[test]
fn a_rule_of_the_firewall_is_added_once_and_goes_with_the_product() {
    let installer = planned(&package(vec![open_to("beacon", 8080)]));
    let search = installer
        .searches
        .iter()
        .find(|search| search.name == "beacon TCP 8080")
        .unwrap();
    let id = |what: &str| identity::key(what, "beacon TCP 8080");
    assert_eq!(
        arguments(&installer, &id("Rule")),
        "advfirewall firewall add rule \"name=beacon TCP 8080\" dir=in action=allow \"program=[INSTALLDIR]beacon.exe\" \
         service=beacon protocol=TCP localport=8080 profile=domain,private"
    );
    let order = ["ClearRule", "Unrule", "Rule"].map(|what| action(&installer, &id(what)));
    assert!(order.is_sorted_by_key(|action| action.sequence));
    for action in order {
        // One that is there stays as an operator left it.
        let wanted = format!("NOT REMOVE AND (NOT {} OR RESET=\"1\")", search.property);
        assert_eq!(action.condition, wanted);
    }
    let delete = "advfirewall firewall delete rule \"name=beacon TCP 8080\"";
    for what in ["ClearRule", "Unrule", "RemoveRule"] {
        assert_eq!(arguments(&installer, &id(what)), delete);
    }
    let gone = action(&installer, &id("RemoveRule"));
    assert_eq!(
        gone.condition,
        "REMOVE=\"ALL\" AND NOT UPGRADINGPRODUCTCODE"
    );
    // What the search looks for is what the note is.
    let note = installer.components[0]
        .registry
        .iter()
        .find(|value| value.name == search.name)
        .unwrap();
    assert_eq!(note.key, search.key);
    let path = arguments(&installer, "Svc.Netsh.Set");
    assert_eq!(path, "[System64Folder]netsh.exe");
}

#[test]
fn rules_that_a_version_no_longer_has_are_forgotten_also_by_one_without_any() {
    let with = planned(&package(vec![open_to("beacon", 8080)]));
    let without = planned(&package(vec![beacon("beacon")]));
    let line = arguments(&without, "Svc.ForgetRules");
    assert_eq!(line, arguments(&with, "Svc.ForgetRules"));
    assert!(line.contains("delete rule \"name=%G %H %I\""), "{line}");
    // The old version's list is read before the run's notes go.
    let at = |id: &str| action(&without, id).sequence;
    assert!(at("Svc.ForgetRules") < at("Svc.Clean"));
    let note = arguments(&with, "Svc.NoteRules");
    let copied = note.split(' ').nth(2).unwrap();
    assert!(line.contains(&format!("query {copied} /reg:64")), "{line}");
    assert!(
        !without
            .actions
            .iter()
            .any(|one| one.id == "Svc.NoteRules" || one.id == "Svc.Netsh.Set")
    );
}

#[test]
fn an_account_with_a_name_gets_the_right_to_log_on_and_no_name_stands_in_a_script() {
    let name = r"EXAMPLE\o'neill & [sons]$(x)";
    let installer = planned(&package(vec![running_as("beacon", name)]));
    let row = &installer.components[0].services[0];
    assert_eq!(msi::formatted(&row.password), "[SERVICEPASSWORD]");
    let account = installer
        .properties
        .iter()
        .find(|property| property.name == "Account.beacon")
        .unwrap();
    assert_eq!(account.value.as_deref(), Some(name));
    let (give, take) = (
        action(&installer, "GiveRight.beacon"),
        action(&installer, "TakeRight.beacon"),
    );
    assert_eq!(give.condition, take.condition);
    assert_eq!(
        give.condition,
        "NOT REMOVE AND (NOT SVC_BEACON_IMAGE OR RESET=\"1\")"
    );
    assert!(take.sequence < give.sequence);
    for (what, does) in [("GiveRight", "Grant"), ("TakeRight", "Take")] {
        let line = arguments(&installer, &format!("{what}.beacon"));
        let code = logon_right::tests::code();
        let read = msi::tests::read(&line, &|property| {
            assert_eq!(property, "Svc.LogonRight");
            argv::quoted(&Value::literal(&code))
                .with_folders("")
                .trim_matches('"')
                .to_owned()
        });
        let words = argv::tests::split(&read);
        assert_eq!(words[..3], ["-NoProfile", "-NonInteractive", "-Command"]);
        let [_, _, _, script] = words.as_slice() else {
            panic!("{words:?}");
        };
        assert!(script.contains(&format!("Add-Type -TypeDefinition '{code}'")));
        assert!(script.contains(&format!("[SvcLogonRight]::{does}($a)")));
        assert!(!script.contains("neill"));
        let mut parser = tree_sitter::Parser::new();
        let language = tree_sitter_powershell::LANGUAGE.into();
        parser.set_language(&language).unwrap();
        let tree = parser.parse(script, None).unwrap();
        assert!(!tree.root_node().has_error(), "{script}");
        // Nothing but the text of code is between single quotes that are left open.
        assert_eq!(script.matches('\'').count() % 2, 0);
    }
    // No command line holds a password.
    for action in &installer.actions {
        if let Task::Run { arguments, .. } = &action.task {
            let password = |name: &str| name.contains("PASSWORD");
            assert!(!arguments.properties().any(password), "{}", action.id);
        }
    }
}

#[test]
fn only_a_given_account_makes_windows_own_need_a_right() {
    let installer = planned(&package(vec![beacon("beacon")]));
    let give = action(&installer, "GiveRight.beacon");
    assert!(
        give.condition
            .starts_with("SERVICEACCOUNT AND NOT REMOVE AND ")
    );
}

#[test]
fn a_password_is_asked_for_where_only_a_first_installation_can_take_it() {
    let installer = planned(&package(vec![running_as("beacon", r".\beacon")]));
    let first = condition(&installer, "OR SERVICEPASSWORD OR SERVICEACCOUNT");
    assert!(
        first
            .condition
            .starts_with("Installed OR WIX_UPGRADE_DETECTED OR ")
    );
    let text = msi::formatted(&first.message);
    assert!(
        text.contains(r"runs as .\beacon: give the password"),
        "{text}"
    );
    condition(
        &installer,
        "OR SVC_BEACON_IMAGE OR (SERVICEACCOUNT AND NOT SERVICEPASSWORD)",
    );
    // A reset does not replace the account by itself without its password.
    condition(&installer, "SVC_BEACON_ACCOUNT~=Account.beacon");
    assert_eq!(
        arguments(&installer, "Reset.beacon"),
        "config beacon start= auto"
    );

    let managed = planned(&package(vec![running_as("beacon", r"EXAMPLE\beacon$")]));
    assert!(
        !managed
            .conditions
            .iter()
            .any(|one| one.condition.contains("OR SERVICEPASSWORD"))
    );
    assert!(arguments(&managed, "Reset.beacon").ends_with(r"obj= EXAMPLE\beacon$"));
}

#[test]
fn a_service_beside_one_with_a_password_does_not_get_it() {
    let installer = planned(&package(vec![running_as("web", r".\web"), beacon("store")]));
    let password = |name: &str| {
        let rows = installer.components.iter().flat_map(|one| &one.services);
        let row = rows.into_iter().find(|row| row.name == name).unwrap();
        msi::formatted(&row.password)
    };
    assert_eq!(password("web"), "[SERVICEPASSWORD]");
    assert_eq!(password("store"), "[Password.store]");
    let property = |name: &str| installer.properties.iter().find(|known| known.name == name);
    let own = property("Password.store").unwrap();
    assert!(own.hidden && own.value.is_none());
    let set = action(&installer, "SetPassword.store");
    assert_eq!(set.condition, "SERVICEACCOUNT");
}

#[test]
fn two_passwords_are_more_than_windows_installer_is_told() {
    let package = package(vec![
        running_as("web", r".\web"),
        running_as("store", r".\store"),
    ]);
    let mut report = Report::default();
    let plan = windows::plan(&package, &mut report).unwrap();
    let lacks = installer(&plan, &package, &mut report)
        .unwrap()
        .unwrap_err();
    assert_eq!(lacks.to_string(), "`account`");
}
