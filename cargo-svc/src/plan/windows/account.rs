//! Whom a service runs as.

use super::check::Check;
use crate::diagnostics::{Declared, Diagnostic};
use crate::service;

/// Whom a service runs as.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Account {
    /// `NT SERVICE\<name>`: made by the manager for this service, without a password.
    Virtual,
    /// `LocalSystem`, which may do everything.
    LocalSystem,
    /// `NT AUTHORITY\LocalService`.
    LocalService,
    /// `NT AUTHORITY\NetworkService`.
    NetworkService,
    /// An account of the machine or of its domain: `.\user`, `DOMAIN\user`, `user@domain`, or with a `$` at its end a
    /// group-managed one.
    Named(String),
}

impl Account {
    /// The name as the manager writes it.
    pub fn name(&self, service: &str) -> String {
        match self {
            Self::Virtual => format!(r"NT SERVICE\{service}"),
            Self::LocalSystem => "LocalSystem".to_owned(),
            Self::LocalService => r"NT AUTHORITY\LocalService".to_owned(),
            Self::NetworkService => r"NT AUTHORITY\NetworkService".to_owned(),
            Self::Named(name) => name.clone(),
        }
    }

    /// Whether the manager wants its password. The domain keeps that of a group-managed account.
    pub fn needs_password(&self) -> bool {
        matches!(self, Self::Named(name) if !name.ends_with('$'))
    }

    /// Whether it must be given the right to log on as a service: Windows' own accounts have it.
    pub fn needs_right(&self) -> bool {
        matches!(self, Self::Named(_))
    }

    /// Whether it is this service's alone, so that access lists can name it by the service's SID in any case.
    pub(super) fn is_own(&self) -> bool {
        matches!(self, Self::Virtual | Self::LocalSystem)
    }
}

/// The account of a first installation.
pub(super) fn plan(declared: Option<&Declared<service::Account>>, check: &mut Check) -> Account {
    // Switched off, nothing is said of the account, and the manager's default is LocalSystem.
    let Some(account) = declared else {
        return Account::LocalSystem;
    };
    match &account.value {
        service::Account::Dynamic => Account::Virtual,
        service::Account::System => Account::LocalSystem,
        service::Account::LocalService => Account::LocalService,
        service::Account::NetworkService => Account::NetworkService,
        service::Account::Named(name) => {
            check.word("account", account.place(), name);
            Account::Named(name.clone())
        }
        service::Account::Static(_) => {
            check.refuse(
                Diagnostic::error("a table for `account` names a user of Linux")
                    .at(account.place())
                    .label("Windows does not know it"),
            );
            Account::LocalSystem
        }
    }
}
