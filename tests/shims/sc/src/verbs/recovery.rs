//! What the manager is to do after a failure.

use sc_shim::kept::{self, value};
use sc_shim::scm::Error;
use sc_shim::wide;
use windows_sys::Win32::System::Services::{
    SC_ACTION, SERVICE_CONFIG_FAILURE_ACTIONS, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG,
    SERVICE_FAILURE_ACTIONS_FLAG, SERVICE_FAILURE_ACTIONSW,
};

use super::{Done, found, look, open};
use crate::options::{self, refuse};
use crate::print::success;

pub(super) fn failure(name: &str, args: &[String]) -> Done {
    let asked = match options::failure(args) {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    let mut message = asked.message.as_ref().map(wide::from_os);
    let mut command = asked.command.as_ref().map(wide::from_os);
    let mut actions: Vec<SC_ACTION> = asked
        .actions
        .iter()
        .map(|&(kind, delay)| SC_ACTION {
            Type: kind.cast_signed(),
            Delay: delay,
        })
        .collect();
    let count = u32::try_from(actions.len()).unwrap_or(u32::MAX);
    let info = SERVICE_FAILURE_ACTIONSW {
        dwResetPeriod: asked.reset,
        lpRebootMsg: message
            .as_mut()
            .map_or(std::ptr::null_mut(), Vec::as_mut_ptr),
        lpCommand: command
            .as_mut()
            .map_or(std::ptr::null_mut(), Vec::as_mut_ptr),
        cActions: count,
        lpsaActions: actions.as_mut_ptr(),
    };
    // Windows stores the structure as a 32-bit program would see it, and the actions after it.
    let mut data: Vec<u8> = Vec::new();
    for number in [asked.reset, 0, 0, count, 20] {
        data.extend(number.to_le_bytes());
    }
    for (kind, delay) in &asked.actions {
        data.extend(kind.to_le_bytes());
        data.extend(delay.to_le_bytes());
    }
    let level = (SERVICE_CONFIG_FAILURE_ACTIONS, &info);
    // SAFETY: the structure belongs to the level; strings and actions outlive the call.
    unsafe {
        kept::set(
            &open(name)?,
            name,
            level,
            (value::ACTIONS, kept::BINARY, &data),
        )?;
    }
    for (text, value) in [(message, value::MESSAGE), (command, value::COMMAND)] {
        if let Some(text) = text {
            const REG_SZ: u32 = 1;
            kept::key(name, true)?
                .set(value, REG_SZ, &wide::bytes(&text))
                .map_err(|code| Error {
                    call: "RegSetValueEx",
                    code,
                })?;
        }
    }
    Ok(success("ChangeServiceConfig2"))
}

pub(super) fn query_failure(name: &str) -> Done {
    look(name)?;
    let data = kept::get(name, value::ACTIONS)?.unwrap_or_default();
    let numbers: Vec<u32> = data
        .chunks_exact(4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let text = |value| -> Result<String, Error> {
        let units = wide::units(&kept::get(name, value)?.unwrap_or_default());
        Ok(String::from_utf16_lossy(&units)
            .trim_end_matches('\0')
            .to_owned())
    };
    let actions: Vec<String> = numbers
        .get(5..)
        .unwrap_or_default()
        .chunks_exact(2)
        .map(|action| {
            let kind = match action[0] {
                1 => "RESTART",
                2 => "REBOOT",
                3 => "RUN PROCESS",
                _ => "NONE",
            };
            format!("{kind} -- Delay = {} milliseconds.\n", action[1])
        })
        .collect();
    Ok(found(
        name,
        &format!(
            "        RESET_PERIOD (in seconds)    : {}\n        REBOOT_MESSAGE               : {}\n        \
             COMMAND_LINE                 : {}\n        FAILURE_ACTIONS              : {}",
            numbers.first().map_or_else(
                || "0".to_owned(),
                |&reset| match reset {
                    u32::MAX => "INFINITE".to_owned(),
                    reset => reset.to_string(),
                }
            ),
            text(value::MESSAGE)?,
            text(value::COMMAND)?,
            actions.join("                                       "),
        ),
    ))
}

pub(super) fn failure_flag(name: &str, flag: &str) -> Done {
    let on = match flag {
        "0" => 0,
        "1" => 1,
        other => return Ok(refuse::<()>(other).err().unwrap_or(0)),
    };
    let info = SERVICE_FAILURE_ACTIONS_FLAG {
        fFailureActionsOnNonCrashFailures: on,
    };
    let (level, data) = (
        (SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &info),
        on.to_le_bytes(),
    );
    // SAFETY: the structure belongs to the level and holds no pointer.
    unsafe { kept::set(&open(name)?, name, level, (value::FLAG, kept::DWORD, &data))? };
    Ok(success("ChangeServiceConfig2"))
}

pub(super) fn query_failure_flag(name: &str) -> Done {
    look(name)?;
    let on = if kept::number(name, value::FLAG)? == 0 {
        "FALSE"
    } else {
        "TRUE"
    };
    Ok(found(
        name,
        &format!("        FAILURE_ACTIONS_ON_NONCRASH_FAILURES: {on}\n"),
    ))
}
