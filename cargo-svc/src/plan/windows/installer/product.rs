//! What the product as a whole knows, looks up and demands.

use std::borrow::Cow;

use super::actions::{self, Service};
use super::{Formatted, LaunchCondition, Property, Search};
use super::{firewall, logon_right};
use crate::plan::windows::WindowsPlan;

/// The property with the folder of an older installation.
pub(super) const OLD_FOLDER: &str = "SVC_INSTALLDIR";

/// Where an installation remembers its folder.
pub(super) fn folder_key(package: &str) -> String {
    format!(r"SOFTWARE\cargo-svc\{package}")
}

pub(super) fn properties(plan: &WindowsPlan, services: &[Service]) -> Vec<Property> {
    let mut all = Vec::new();
    let mut add = |name: Cow<'static, str>, value, secure, hidden, of_product| {
        all.push(Property {
            name,
            value,
            secure,
            hidden,
            of_product,
        });
    };
    for service in services {
        add(
            service.account_property.clone().into(),
            Some(service.default_account.clone().into()),
            false,
            false,
            false,
        );
    }
    for name in ["PURGE", "RESET", "SERVICEACCOUNT"] {
        add(name.into(), None, true, false, false);
    }
    add("SERVICEPASSWORD".into(), None, true, true, false);
    add("STARTSERVICE".into(), None, true, false, false);
    // The programs are the package's own: they are replaced whatever their dates say.
    add(
        "REINSTALLMODE".into(),
        Some("amus".into()),
        false,
        false,
        true,
    );
    add("ARPNOMODIFY".into(), Some("1".into()), false, false, true);
    let texts = [
        ("ARPCOMMENTS", &plan.add_remove.comments),
        ("ARPHELPLINK", &plan.add_remove.help_link),
        ("ARPURLINFOABOUT", &plan.add_remove.about_link),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            add(name.into(), Some(text.clone().into()), false, false, true);
        }
    }
    all.extend(logon_right::properties(services));
    all
}

pub(super) fn searches(plan: &WindowsPlan, services: &[Service]) -> Vec<Search> {
    let folder = Search {
        property: OLD_FOLDER.to_owned(),
        id: "Svc.FindInstallDir".to_owned(),
        key: folder_key(&plan.package),
        name: "InstallDir".to_owned(),
    };
    let found = services.iter().map(|service| Search {
        property: service.there.clone(),
        id: service.keys.key("Find"),
        key: format!(r"{}\{}", actions::SERVICES, service.name),
        name: "ImagePath".to_owned(),
    });
    let rules = firewall::rules(plan).map(|rule| firewall::search(rule, &plan.package));
    std::iter::once(folder)
        .chain(found)
        .chain(logon_right::searches(services))
        .chain(rules)
        .collect()
}

/// What must hold, or nothing is changed.
pub(super) fn conditions(services: &[Service]) -> Vec<LaunchCondition> {
    let others = services.iter().map(not_anothers);
    others.chain(logon_right::conditions(services)).collect()
}

/// A service that is there already, and not from an older version, belongs to somebody else.
fn not_anothers(service: &Service) -> LaunchCondition {
    LaunchCondition {
        condition: format!("Installed OR WIX_UPGRADE_DETECTED OR NOT {}", service.there),
        message: Formatted::literal(format!(
            "Another kind of installer has registered the service {}: remove it there first.",
            service.name
        )),
    }
}
