//! The lines that sc.exe prints, in its own layout, since scripts look for them.

use std::fmt::Write;

use sc_shim::scm::{Config, Error};
use windows_sys::Win32::System::Services::SERVICE_STATUS_PROCESS;

/// Prints text with the line ends of a Windows console program.
pub(crate) fn out(text: &str) {
    print!("{}", text.replace('\n', "\r\n"));
}

/// The message of a failed call. Returns the code, which becomes the exit code.
pub(crate) fn failed(error: Error) -> u32 {
    let text = std::io::Error::from_raw_os_error(error.code.cast_signed()).to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    out(&format!(
        "[SC] {} FAILED {}:\n\n{}\n\n",
        error.call,
        error.code,
        text.trim_end()
    ));
    error.code
}

/// `[SC] <call> SUCCESS`.
pub(crate) fn success(call: &str) -> u32 {
    out(&format!("[SC] {call} SUCCESS\n"));
    0
}

fn kind(kind: u32) -> String {
    let name = match kind & !0x100 {
        0x10 => "WIN32_OWN_PROCESS",
        0x20 => "WIN32_SHARE_PROCESS",
        0x1 => "KERNEL_DRIVER",
        0x2 => "FILE_SYSTEM_DRIVER",
        _ => "ERROR",
    };
    format!("{kind:x}  {name}")
}

/// What `query`, `queryex`, `start` and `stop` print.
pub(crate) fn status(name: &str, s: &SERVICE_STATUS_PROCESS, extended: bool) -> u32 {
    let state = match s.dwCurrentState {
        1 => "STOPPED",
        2 => "START_PENDING",
        3 => "STOP_PENDING",
        4 => "RUNNING",
        5 => "CONTINUE_PENDING",
        6 => "PAUSE_PENDING",
        7 => "PAUSED",
        _ => "UNKNOWN",
    };
    let accepts = s.dwControlsAccepted;
    let stop = if accepts & 1 == 0 {
        "NOT_STOPPABLE"
    } else {
        "STOPPABLE"
    };
    let pause = if accepts & 2 == 0 {
        "NOT_PAUSABLE"
    } else {
        "PAUSABLE"
    };
    let shutdown = match (accepts & 0x100, accepts & 4) {
        (0, 0) => "IGNORES_SHUTDOWN",
        (0, _) => "ACCEPTS_SHUTDOWN",
        _ => "ACCEPTS_PRESHUTDOWN",
    };
    let (kind, number) = (kind(s.dwServiceType), s.dwCurrentState);
    let (win32, specific) = (s.dwWin32ExitCode, s.dwServiceSpecificExitCode);
    let (checkpoint, hint) = (s.dwCheckPoint, s.dwWaitHint);
    let mut text = format!(
        "\nSERVICE_NAME: {name} \n        TYPE               : {kind}  \n        \
         STATE              : {number}  {state} \n{:32}({stop}, {pause}, {shutdown})\n        \
         WIN32_EXIT_CODE    : {win32}  (0x{win32:x})\n        \
         SERVICE_EXIT_CODE  : {specific}  (0x{specific:x})\n        \
         CHECKPOINT         : 0x{checkpoint:x}\n        WAIT_HINT          : 0x{hint:x}\n",
        "",
    );
    if extended {
        let _ = write!(
            text,
            "        PID                : {}\n        FLAGS              : \n",
            s.dwProcessId
        );
    }
    out(&text);
    0
}

/// What `qc` prints.
pub(crate) fn config(name: &str, c: &Config, delayed: bool) -> u32 {
    let start = match c.start {
        0 => "BOOT_START",
        1 => "SYSTEM_START",
        2 => "AUTO_START",
        3 => "DEMAND_START",
        4 => "DISABLED",
        _ => "UNKNOWN",
    };
    let error = match c.error {
        0 => "IGNORE",
        1 => "NORMAL",
        2 => "SEVERE",
        _ => "CRITICAL",
    };
    let depends: Vec<_> = c
        .dependencies
        .iter()
        .map(|d| d.to_string_lossy().into_owned())
        .collect();
    out(&format!(
        "[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: {name}\n        TYPE               : {} \n        \
         START_TYPE         : {}   {start}{}\n        ERROR_CONTROL      : {}   {error}\n        \
         BINARY_PATH_NAME   : {}\n        LOAD_ORDER_GROUP   : {}\n        TAG                : {}\n        \
         DISPLAY_NAME       : {}\n        DEPENDENCIES       : {}\n        SERVICE_START_NAME : {}\n",
        kind(c.kind),
        c.start,
        if delayed { "  (DELAYED)" } else { "" },
        c.error,
        c.image.display(),
        c.group.display(),
        c.tag,
        c.display.display(),
        depends.join("\n                           : "),
        c.account.display(),
    ));
    0
}
