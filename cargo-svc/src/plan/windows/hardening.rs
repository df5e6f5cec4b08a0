//! How far a service is shut in: what its token carries.

use super::Account;
use super::check::Check;
use crate::diagnostics::Diagnostic;
use crate::service::windows::{SidType, Windows};
use crate::service::{Portable, Profile};

/// What next to every program needs, and an account of a service without more has not lost: passing through folders that it may
/// not list.
const NEEDED: &str = "SeChangeNotifyPrivilege";

/// What the token of a service's process carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token {
    /// Whether the service's SID, by which access lists can name it, and whether only what that SID may write is written.
    pub sid_type: SidType,
    /// The privileges that it keeps; none: all that its account has.
    pub privileges: Option<Vec<String>>,
}

impl Token {
    /// sc.exe's word for the SID.
    pub const fn sid_word(&self) -> &'static str {
        match self.sid_type {
            SidType::None => "none",
            SidType::Unrestricted => "unrestricted",
            SidType::Restricted => "restricted",
        }
    }

    /// The registry's number for it (Microsoft, `SERVICE_SID_INFO`).
    pub const fn sid_number(&self) -> u32 {
        match self.sid_type {
            SidType::None => 0,
            SidType::Unrestricted => 1,
            SidType::Restricted => 3,
        }
    }
}

/// What the profile and the table say together.
pub(super) fn plan(keys: &Portable, own: &Windows, account: &Account, check: &mut Check) -> Token {
    let profile = keys.hardening.as_ref().map(|set| set.value.profile);
    let sid_type = match (&own.sid_type, profile) {
        (Some(declared), _) => declared.value,
        (None, Some(Profile::Strict)) => SidType::Restricted,
        (None, _) => SidType::Unrestricted,
    };
    let privileges = match &own.privileges {
        Some(declared) => declared
            .value
            .as_ref()
            .map(|names| names.iter().map(|name| name.value.clone()).collect()),
        // Whoever asks for the account that may do everything means it.
        None if *account == Account::LocalSystem => None,
        None => match profile {
            Some(Profile::Strict | Profile::Standard) => Some(vec![NEEDED.to_owned()]),
            Some(Profile::Off) | None => None,
        },
    };
    if let Some(declared) = &own.sid_type
        && sid_type == SidType::None
        && !account.is_own()
        && has_folders(keys)
    {
        check.refuse(
            Diagnostic::error("`sid-type = \"none\"` would shut the service out of its own folders")
                .at(declared.place())
                .label("their access lists name the service by its SID")
                .help("leave `sid-type` out, or let the service have an account of its own: `account = \"dynamic\"`")
                .rests_on(&["account"]),
        );
    }
    Token {
        sid_type,
        privileges,
    }
}

fn has_folders(keys: &Portable) -> bool {
    keys.directories.iter().next().is_some() || !keys.credentials.is_empty()
}
