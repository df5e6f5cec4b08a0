//! The service control manager: each call checked, with the name of the call in its error.

use std::ffi::OsString;
use std::ptr;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INSUFFICIENT_BUFFER, GetLastError, LocalFree, WAIT_TIMEOUT,
};
use windows_sys::Win32::Security::Authorization::{
    ConvertSecurityDescriptorToStringSecurityDescriptorW,
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR};
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, ChangeServiceConfigW, CloseServiceHandle, ControlService,
    CreateServiceW, DeleteService, OpenSCManagerW, OpenServiceW, QUERY_SERVICE_CONFIGW,
    QueryServiceConfig2W, QueryServiceConfigW, QueryServiceObjectSecurity, QueryServiceStatusEx,
    SC_HANDLE, SC_MANAGER_ALL_ACCESS, SC_MANAGER_CONNECT, SC_STATUS_PROCESS_INFO, SERVICE_STATUS,
    SERVICE_STATUS_PROCESS, SetServiceObjectSecurity, StartServiceW,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

use crate::wide;

/// Which call failed, and its Win32 error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// The function's name without its `W`.
    pub call: &'static str,
    /// `GetLastError`.
    pub code: u32,
}

impl Error {
    fn last(call: &'static str) -> Self {
        // SAFETY: no preconditions.
        let code = unsafe { GetLastError() };
        Self { call, code }
    }
}

/// What every call here returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A handle of the manager or of a service, closed on drop.
pub struct Handle(SC_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle was opened by this module and is closed only here.
        unsafe { CloseServiceHandle(self.0) };
    }
}

fn check(ok: i32, call: &'static str) -> Result<()> {
    if ok == 0 {
        Err(Error::last(call))
    } else {
        Ok(())
    }
}

fn handle(raw: SC_HANDLE, call: &'static str) -> Result<Handle> {
    if raw.is_null() {
        Err(Error::last(call))
    } else {
        Ok(Handle(raw))
    }
}

/// A pointer to `text`, or null where there is none: "no change", or "none", to the SCM.
fn pointer(text: Option<&Vec<u16>>) -> *const u16 {
    text.map_or(ptr::null(), Vec::as_ptr)
}

/// A service's settings as they are passed on; what is `None` stays as it is (`config`) or takes its default (`create`).
/// All strings end in a NUL, `dependencies` in two.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    /// `SERVICE_WIN32_OWN_PROCESS` and so on.
    pub kind: Option<u32>,
    /// `SERVICE_AUTO_START` and so on.
    pub start: Option<u32>,
    /// `SERVICE_ERROR_NORMAL` and so on.
    pub error: Option<u32>,
    /// The command line.
    pub image: Option<Vec<u16>>,
    /// The load order group.
    pub group: Option<Vec<u16>>,
    /// The services to start before.
    pub dependencies: Option<Vec<u16>>,
    /// The account.
    pub account: Option<Vec<u16>>,
    /// The account's password.
    pub password: Option<Vec<u16>>,
    /// The name shown.
    pub display: Option<Vec<u16>>,
}

/// A service's settings as they are read back.
#[derive(Debug, Clone)]
pub struct Config {
    /// The service's type.
    pub kind: u32,
    /// The start type.
    pub start: u32,
    /// The error control.
    pub error: u32,
    /// The tag in its group.
    pub tag: u32,
    /// The command line.
    pub image: OsString,
    /// The load order group.
    pub group: OsString,
    /// The services to start before.
    pub dependencies: Vec<OsString>,
    /// The account.
    pub account: OsString,
    /// The name shown.
    pub display: OsString,
}

/// Whether this process runs.
pub fn alive(pid: u32) -> bool {
    // SAFETY: no pointers are passed; a null handle is sorted out below.
    let process = unsafe { OpenProcess(PROCESS_SYNCHRONIZE, 0, pid) };
    if process.is_null() {
        return false;
    }
    // SAFETY: the handle was just opened, and is closed once.
    let state = unsafe {
        let state = WaitForSingleObject(process, 0);
        CloseHandle(process);
        state
    };
    state == WAIT_TIMEOUT
}

/// The local manager, with everything that an administrator may do; a lesser user can still look.
pub fn manager(all: bool) -> Result<Handle> {
    let access = if all {
        SC_MANAGER_ALL_ACCESS
    } else {
        SC_MANAGER_CONNECT
    };
    // SAFETY: null names stand for this machine and its active database.
    handle(
        unsafe { OpenSCManagerW(ptr::null(), ptr::null(), access) },
        "OpenSCManager",
    )
}

impl Handle {
    /// Opens a service of this manager.
    pub fn service(&self, name: &str, access: u32) -> Result<Self> {
        let name = wide::from_os(name);
        // SAFETY: `self` is a manager's handle and `name` ends in a NUL.
        handle(
            unsafe { OpenServiceW(self.0, name.as_ptr(), access) },
            "OpenService",
        )
    }

    /// Makes a service in this manager. `defaults` are the type, start type and error control to use where none is set.
    pub fn create(&self, name: &str, set: &Settings, defaults: [u32; 3]) -> Result<Self> {
        let name = wide::from_os(name);
        // SAFETY: all strings end in NULs and outlive the call; null stands for what is not given.
        let raw = unsafe {
            CreateServiceW(
                self.0,
                name.as_ptr(),
                pointer(set.display.as_ref()),
                windows_sys::Win32::System::Services::SERVICE_ALL_ACCESS,
                set.kind.unwrap_or(defaults[0]),
                set.start.unwrap_or(defaults[1]),
                set.error.unwrap_or(defaults[2]),
                pointer(set.image.as_ref()),
                pointer(set.group.as_ref()),
                ptr::null_mut(),
                pointer(set.dependencies.as_ref()),
                pointer(set.account.as_ref()),
                pointer(set.password.as_ref()),
            )
        };
        handle(raw, "CreateService")
    }

    /// Changes what `set` names.
    pub fn change(&self, set: &Settings) -> Result<()> {
        // `SERVICE_NO_CHANGE`.
        let keep = u32::MAX;
        // SAFETY: all strings end in NULs and outlive the call; null stands for "no change".
        let ok = unsafe {
            ChangeServiceConfigW(
                self.0,
                set.kind.unwrap_or(keep),
                set.start.unwrap_or(keep),
                set.error.unwrap_or(keep),
                pointer(set.image.as_ref()),
                pointer(set.group.as_ref()),
                ptr::null_mut(),
                pointer(set.dependencies.as_ref()),
                pointer(set.account.as_ref()),
                pointer(set.password.as_ref()),
                pointer(set.display.as_ref()),
            )
        };
        check(ok, "ChangeServiceConfig")
    }

    /// Reads the settings back.
    pub fn config(&self) -> Result<Config> {
        let mut len = 0;
        // SAFETY: without a buffer the call only fills in the length.
        let ok = unsafe { QueryServiceConfigW(self.0, ptr::null_mut(), 0, &raw mut len) };
        if ok == 0 && Error::last("").code != ERROR_INSUFFICIENT_BUFFER {
            return Err(Error::last("QueryServiceConfig"));
        }
        // 64-bit items, so that the structure at the start is aligned.
        let mut buffer = vec![0_u64; (len as usize).div_ceil(8)];
        let raw = buffer.as_mut_ptr().cast::<QUERY_SERVICE_CONFIGW>();
        // SAFETY: `buffer` has at least `len` bytes and is aligned for the structure.
        let ok = unsafe { QueryServiceConfigW(self.0, raw, len, &raw mut len) };
        check(ok, "QueryServiceConfig")?;
        // SAFETY: the call filled in the structure; its strings lie in `buffer`, which is still alive, and end in NULs
        // ("QUERY_SERVICE_CONFIGW structure").
        unsafe {
            let c = &*raw;
            Ok(Config {
                kind: c.dwServiceType,
                start: c.dwStartType,
                error: c.dwErrorControl,
                tag: c.dwTagId,
                image: wide::from_ptr(c.lpBinaryPathName),
                group: wide::from_ptr(c.lpLoadOrderGroup),
                dependencies: wide::list_from_ptr(c.lpDependencies),
                account: wide::from_ptr(c.lpServiceStartName),
                display: wide::from_ptr(c.lpDisplayName),
            })
        }
    }

    /// Sets one level of the extended configuration.
    ///
    /// # Safety
    /// `info` is the structure that belongs to `level` ("`ChangeServiceConfig2W` function"), with valid pointers.
    pub unsafe fn change2<T>(&self, level: u32, info: &T) -> Result<()> {
        // SAFETY: the caller's promise, passed on.
        let ok = unsafe { ChangeServiceConfig2W(self.0, level, ptr::from_ref(info).cast()) };
        check(ok, "ChangeServiceConfig2")
    }

    /// Reads one level of the extended configuration into `buffer`, which starts with the level's structure.
    pub fn query2(&self, level: u32) -> Result<Vec<u64>> {
        // "The maximum size of this array is 8K bytes" (QueryServiceConfig2W function).
        let mut buffer = vec![0_u64; 1024];
        let mut len = 0;
        // SAFETY: `buffer` has 8192 bytes, and the call writes no more.
        let ok = unsafe {
            QueryServiceConfig2W(
                self.0,
                level,
                buffer.as_mut_ptr().cast(),
                8192,
                &raw mut len,
            )
        };
        check(ok, "QueryServiceConfig2")?;
        Ok(buffer)
    }

    /// The service's state, its process included.
    pub fn status(&self) -> Result<SERVICE_STATUS_PROCESS> {
        let mut status = SERVICE_STATUS_PROCESS::default();
        let mut len = 0;
        let size = u32::try_from(size_of::<SERVICE_STATUS_PROCESS>()).unwrap_or(u32::MAX);
        // SAFETY: the buffer is the structure that this level fills in, and `size` its length.
        let ok = unsafe {
            QueryServiceStatusEx(
                self.0,
                SC_STATUS_PROCESS_INFO,
                (&raw mut status).cast(),
                size,
                &raw mut len,
            )
        };
        check(ok, "QueryServiceStatusEx")?;
        Ok(status)
    }

    /// Starts the service with these start arguments.
    pub fn start(&self, args: &[String]) -> Result<()> {
        let args: Vec<Vec<u16>> = args.iter().map(wide::from_os).collect();
        let pointers: Vec<*const u16> = args.iter().map(Vec::as_ptr).collect();
        let count = u32::try_from(pointers.len()).unwrap_or(u32::MAX);
        // SAFETY: `pointers` holds `count` strings that end in NULs and outlive the call.
        check(
            unsafe { StartServiceW(self.0, count, pointers.as_ptr()) },
            "StartService",
        )
    }

    /// Sends a control (1 is STOP, 4 INTERROGATE) and returns at once.
    pub fn control(&self, control: u32) -> Result<()> {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: `status` is a place for the structure that the call fills in.
        check(
            unsafe { ControlService(self.0, control, &raw mut status) },
            "ControlService",
        )
    }

    /// Marks the service for deletion.
    pub fn delete(&self) -> Result<()> {
        // SAFETY: `self` is a service's handle.
        check(unsafe { DeleteService(self.0) }, "DeleteService")
    }

    /// The access list, in SDDL.
    pub fn security(&self) -> Result<OsString> {
        let mut buffer = vec![0_u64; 1024];
        let mut len = 0;
        let descriptor: PSECURITY_DESCRIPTOR = buffer.as_mut_ptr().cast();
        // SAFETY: `buffer` has 8192 bytes, and the call writes no more.
        let ok = unsafe {
            QueryServiceObjectSecurity(
                self.0,
                DACL_SECURITY_INFORMATION,
                descriptor,
                8192,
                &raw mut len,
            )
        };
        check(ok, "QueryServiceObjectSecurity")?;
        let mut text = ptr::null_mut();
        // SAFETY: the descriptor was just filled in; `text` receives an allocated string.
        let ok = unsafe {
            ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor,
                SDDL_REVISION_1,
                DACL_SECURITY_INFORMATION,
                &raw mut text,
                ptr::null_mut(),
            )
        };
        check(ok, "ConvertSecurityDescriptorToStringSecurityDescriptor")?;
        // SAFETY: the call succeeded, so `text` ends in a NUL; it is freed once, here, as its page asks.
        unsafe {
            let copy = wide::from_ptr(text);
            LocalFree(text.cast());
            Ok(copy)
        }
    }

    /// Replaces the access list.
    pub fn set_security(&self, sddl: &str) -> Result<()> {
        let text = wide::from_os(sddl);
        let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
        // SAFETY: `text` ends in a NUL; `descriptor` receives an allocated descriptor.
        let ok = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                ptr::null_mut(),
            )
        };
        check(ok, "ConvertStringSecurityDescriptorToSecurityDescriptor")?;
        // SAFETY: the descriptor is valid until it is freed, once, below.
        let ok = unsafe { SetServiceObjectSecurity(self.0, DACL_SECURITY_INFORMATION, descriptor) };
        let result = check(ok, "SetServiceObjectSecurity");
        // SAFETY: allocated by the conversion above.
        unsafe { LocalFree(descriptor) };
        result
    }
}
