//! The operator's own variables: `Parameters\\Environment` below the service's key, a list of `NAME=value`. No installer writes
//! there. The SCM hands over `Environment` of the key itself, and knows nothing of these.
#![allow(unsafe_code)]

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA, ERROR_SUCCESS, WIN32_ERROR,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_MULTI_SZ, RegGetValueW};

use super::wide;

/// Lays the operator's variables over the environment.
pub(super) fn overlay(service: &str) -> Result<(), String> {
    let key = format!("SYSTEM\\CurrentControlSet\\Services\\{service}\\Parameters");
    let told = |what: String| format!("the value Environment of HKLM\\{key}: {what}");
    let list = read(&key).map_err(|code| {
        // The same bits, with the sign that std gives them.
        let code = i32::from_ne_bytes(code.to_ne_bytes());
        told(std::io::Error::from_raw_os_error(code).to_string())
    })?;
    for pair in list
        .split(|unit| *unit == 0)
        .filter(|pair| !pair.is_empty())
    {
        let equals = pair.iter().position(|unit| *unit == u16::from(b'='));
        let Some(equals) = equals.filter(|at| *at > 0) else {
            return Err(told(format!(
                "{:?} is no variable: write NAME=value",
                String::from_utf16_lossy(pair)
            )));
        };
        let name = OsString::from_wide(&pair[..equals]);
        let value = OsString::from_wide(&pair[equals + 1..]);
        // SAFETY: Windows guards its environment with a lock of its own (`std::env::set_var`, "Safety").
        unsafe { std::env::set_var(name, value) };
    }
    Ok(())
}

/// The strings of the value, each ended by a zero; none if there is no such value.
fn read(key: &str) -> Result<Vec<u16>, WIN32_ERROR> {
    let (key, name) = (wide(key), wide("Environment"));
    let mut list: Vec<u16> = vec![0; 1024];
    loop {
        let mut bytes = u32::try_from(list.len() * 2).unwrap_or(u32::MAX);
        // SAFETY: both strings end in a zero; the buffer has as many bytes as is said, and is written as 16-bit units, which
        // is what a value of this type holds.
        let code = unsafe {
            RegGetValueW(
                HKEY_LOCAL_MACHINE,
                key.as_ptr(),
                name.as_ptr(),
                RRF_RT_REG_MULTI_SZ,
                ptr::null_mut(),
                list.as_mut_ptr().cast(),
                &raw mut bytes,
            )
        };
        let units = bytes as usize / 2;
        match code {
            ERROR_SUCCESS => {
                list.truncate(units);
                return Ok(list);
            }
            ERROR_FILE_NOT_FOUND => return Ok(Vec::new()),
            // The value may have grown since it was asked for its size.
            ERROR_MORE_DATA => list.resize(units.max(list.len()) + 1024, 0),
            code => return Err(code),
        }
    }
}
