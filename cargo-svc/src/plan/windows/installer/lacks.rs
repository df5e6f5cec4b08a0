//! What Windows Installer cannot be told: then a package has no installer, and its scripts carry everything out.

use std::fmt;

use super::logon_right;
use crate::diagnostics::{Diagnostic, Place};
use crate::plan::windows::{Account, WindowsPlan};

/// What a package declares that Windows Installer cannot be told; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lacks {
    things: Vec<String>,
    why: Option<Why>,
}

/// Where the last of them is declared, why it cannot be told, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Why {
    place: Option<Place>,
    label: String,
    help: &'static str,
}

impl fmt::Display for Lacks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.things.join(", "))
    }
}

impl Lacks {
    /// What is seen in the plan.
    pub(super) fn of(plan: &WindowsPlan) -> Self {
        let mut lacks = Self::default();
        if logon_right::several_passwords(accounts_with_password(plan)) {
            lacks.things.push("`account`".to_owned());
        }
        lacks
    }

    /// A character stands right behind the install folder.
    pub(super) fn behind_folder(
        &mut self,
        service: &str,
        key: &str,
        c: char,
        place: Option<Place>,
    ) {
        self.things.push(format!(
            "{c:?} right behind `{{install-dir}}` in `{key}` of `{service}`"
        ));
        self.why = Some(Why {
            place,
            label: format!("Windows Installer puts a backslash before {c:?}"),
            help: "write a backslash behind `{install-dir}`, or end the value there",
        });
    }

    /// A command line names so many folders that it does not fit, whatever moves out of it.
    pub(super) fn too_long(&mut self, service: &str, place: Option<Place>) {
        self.things
            .push(format!("so many folders in `args` of `{service}`"));
        self.why = Some(Why {
            place,
            label: "a command line of Windows Installer has 255 characters".to_owned(),
            help: "hand folders over in `environment`, or let the program read the variables that name its folders",
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// The diagnostic with where it is declared, and what to write instead.
    pub fn show(&self, found: Diagnostic) -> Diagnostic {
        match &self.why {
            Some(why) => found
                .at(why.place.as_ref())
                .label(why.label.clone())
                .help(why.help),
            None => found,
        }
    }
}

/// The names of the accounts that have a password.
fn accounts_with_password(plan: &WindowsPlan) -> impl Iterator<Item = &str> {
    let accounts = plan.services.iter().map(|service| &service.account);
    accounts.filter_map(|account| match account {
        Account::Named(name) if account.needs_password() => Some(name.as_str()),
        _ => None,
    })
}
