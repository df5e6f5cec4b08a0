//! The extended settings of a service: set through the real call, and kept in the registry where Windows keeps them.
//!
//! Wine's manager answers 124 (invalid level) to some levels, and forgets the failure actions that it accepts. On Windows
//! each of them is a value of the service's key; writing it there lets the matching query verb find it again.

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_INVALID_LEVEL};

use crate::registry::Key;
use crate::scm::{Error, Handle, Result};

/// `REG_BINARY`.
pub const BINARY: u32 = 3;
/// `REG_DWORD`.
pub const DWORD: u32 = 4;
/// `REG_MULTI_SZ`.
pub const MULTI_SZ: u32 = 7;

/// The values' names in the service's key.
pub mod value {
    /// `SERVICE_CONFIG_DELAYED_AUTO_START_INFO`.
    pub const DELAYED: &str = "DelayedAutostart";
    /// `SERVICE_CONFIG_SERVICE_SID_INFO`.
    pub const SID: &str = "ServiceSidType";
    /// `SERVICE_CONFIG_FAILURE_ACTIONS_FLAG`.
    pub const FLAG: &str = "FailureActionsOnNonCrashFailures";
    /// `SERVICE_CONFIG_FAILURE_ACTIONS`.
    pub const ACTIONS: &str = "FailureActions";
    /// The command of a `run` action.
    pub const COMMAND: &str = "FailureCommand";
    /// The message of a `reboot` action.
    pub const MESSAGE: &str = "RebootMessage";
    /// `SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO`.
    pub const PRIVILEGES: &str = "RequiredPrivileges";
    /// `SERVICE_CONFIG_PRESHUTDOWN_INFO`.
    pub const PRESHUTDOWN: &str = "PreshutdownTimeout";
}

/// The service's key.
pub fn key(name: &str, write: bool) -> Result<Key> {
    Key::open(
        &format!("HKLM\\System\\CurrentControlSet\\Services\\{name}"),
        write,
    )
    .map_err(|code| Error {
        call: "RegOpenKeyEx",
        code,
    })
}

/// Makes the real call and keeps the value.
///
/// # Safety
/// As for [`Handle::change2`].
pub unsafe fn set<T>(
    service: &Handle,
    name: &str,
    (level, info): (u32, &T),
    (value, kind, data): (&str, u32, &[u8]),
) -> Result<()> {
    // SAFETY: the caller's promise, passed on.
    match unsafe { service.change2(level, info) } {
        Ok(())
        | Err(Error {
            code: ERROR_INVALID_LEVEL,
            ..
        }) => {}
        Err(error) => return Err(error),
    }
    key(name, true)?
        .set(value, kind, data)
        .map_err(|code| Error {
            call: "RegSetValueEx",
            code,
        })
}

/// A kept value's bytes; `None` where it was never set.
pub fn get(name: &str, value: &str) -> Result<Option<Vec<u8>>> {
    match key(name, false)?.get(value) {
        Ok((_, data)) => Ok(Some(data)),
        Err(ERROR_FILE_NOT_FOUND) => Ok(None),
        Err(code) => Err(Error {
            call: "RegQueryValueEx",
            code,
        }),
    }
}

/// A kept number; 0 where it was never set.
pub fn number(name: &str, value: &str) -> Result<u32> {
    let data = get(name, value)?.unwrap_or_default();
    Ok(data
        .first_chunk()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes)))
}
