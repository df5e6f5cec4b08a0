//! Registry keys under `HKEY_LOCAL_MACHINE`, with every value as the bytes that are stored.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_NO_MORE_ITEMS, ERROR_SUCCESS};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_QUERY_VALUE, KEY_READ, KEY_SET_VALUE,
    KEY_WOW64_64KEY, RegCloseKey, RegDeleteValueW, RegEnumKeyExW, RegEnumValueW, RegOpenKeyExW,
    RegQueryValueExW, RegSetValueExW,
};

use crate::wide;

/// One value: its name, its type (`REG_SZ` is 1, `REG_EXPAND_SZ` 2, `REG_BINARY` 3, `REG_DWORD` 4, `REG_MULTI_SZ` 7) and
/// its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The value's name; empty for the default value.
    pub name: OsString,
    /// The type's number.
    pub kind: u32,
    /// What is stored, byte for byte.
    pub data: Vec<u8>,
}

/// An open key, closed on drop.
pub struct Key(HKEY);

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by `Key::open` and is closed only here.
        unsafe { RegCloseKey(self.0) };
    }
}

/// The Win32 error of a registry call.
pub type Error = u32;

impl Key {
    /// Opens `path`, which begins with `HKLM\` or `HKCU\`. Always the 64-bit view, since that is where services live.
    pub fn open(path: &str, write: bool) -> Result<Self, Error> {
        let (root, rest) = match path.split_once('\\') {
            Some(("HKLM", rest)) => (HKEY_LOCAL_MACHINE, rest),
            Some(("HKCU", rest)) => (HKEY_CURRENT_USER, rest),
            _ => return Err(windows_sys::Win32::Foundation::ERROR_BAD_PATHNAME),
        };
        let access = if write {
            KEY_QUERY_VALUE | KEY_SET_VALUE
        } else {
            KEY_READ
        };
        let (name, mut key) = (wide::from_os(rest), ptr::null_mut());
        // SAFETY: `name` ends in a NUL and `key` is a place for one handle.
        let code = unsafe {
            RegOpenKeyExW(
                root,
                name.as_ptr(),
                0,
                access | KEY_WOW64_64KEY,
                &raw mut key,
            )
        };
        if code == ERROR_SUCCESS {
            Ok(Self(key))
        } else {
            Err(code)
        }
    }

    /// One value's type and bytes.
    pub fn get(&self, name: &str) -> Result<(u32, Vec<u8>), Error> {
        let name = wide::from_os(name);
        let (mut kind, mut len) = (0, 0);
        // SAFETY: without a buffer the call only fills in type and length.
        let code = unsafe {
            RegQueryValueExW(
                self.0,
                name.as_ptr(),
                ptr::null(),
                &raw mut kind,
                ptr::null_mut(),
                &raw mut len,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(code);
        }
        let mut data = vec![0; len as usize];
        // SAFETY: `data` has `len` bytes, and the call writes no more than that.
        let code = unsafe {
            RegQueryValueExW(
                self.0,
                name.as_ptr(),
                ptr::null(),
                &raw mut kind,
                data.as_mut_ptr(),
                &raw mut len,
            )
        };
        data.truncate(len as usize);
        if code == ERROR_SUCCESS {
            Ok((kind, data))
        } else {
            Err(code)
        }
    }

    /// Writes one value.
    pub fn set(&self, name: &str, kind: u32, data: &[u8]) -> Result<(), Error> {
        let name = wide::from_os(name);
        let len = u32::try_from(data.len()).map_err(|_| 87_u32)?;
        // SAFETY: `name` ends in a NUL; `data` has `len` bytes and outlives the call.
        let code = unsafe { RegSetValueExW(self.0, name.as_ptr(), 0, kind, data.as_ptr(), len) };
        if code == ERROR_SUCCESS {
            Ok(())
        } else {
            Err(code)
        }
    }

    /// Removes one value.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let name = wide::from_os(name);
        // SAFETY: `name` ends in a NUL.
        let code = unsafe { RegDeleteValueW(self.0, name.as_ptr()) };
        if code == ERROR_SUCCESS {
            Ok(())
        } else {
            Err(code)
        }
    }

    /// All values, in the registry's order.
    pub fn values(&self) -> Result<Vec<Value>, Error> {
        let mut found = Vec::new();
        loop {
            // A value's name has at most 16383 units ("Registry Element Size Limits").
            let mut name = vec![0_u16; 16_384];
            let mut len = 16_384;
            let index = u32::try_from(found.len()).map_err(|_| 87_u32)?;
            // SAFETY: `name` has `len` units; no other buffer is passed.
            let code = unsafe {
                RegEnumValueW(
                    self.0,
                    index,
                    name.as_mut_ptr(),
                    &raw mut len,
                    ptr::null(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            };
            match code {
                ERROR_SUCCESS => {}
                ERROR_NO_MORE_ITEMS => return Ok(found),
                code => return Err(code),
            }
            let name = OsString::from_wide(&name[..len as usize]);
            let (kind, data) = self.get(&name.to_string_lossy())?;
            found.push(Value { name, kind, data });
        }
    }

    /// The names of the keys right below this one.
    pub fn keys(&self) -> Result<Vec<OsString>, Error> {
        let mut found = Vec::new();
        loop {
            // A key's name has at most 255 units (same page).
            let (mut name, mut len) = ([0_u16; 256], 256);
            let index = u32::try_from(found.len()).map_err(|_| 87_u32)?;
            // SAFETY: `name` has `len` units; no other buffer is passed.
            let code = unsafe {
                RegEnumKeyExW(
                    self.0,
                    index,
                    name.as_mut_ptr(),
                    &raw mut len,
                    ptr::null(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            };
            match code {
                ERROR_SUCCESS => found.push(OsString::from_wide(&name[..len as usize])),
                ERROR_NO_MORE_ITEMS => return Ok(found),
                code => return Err(code),
            }
        }
    }
}
