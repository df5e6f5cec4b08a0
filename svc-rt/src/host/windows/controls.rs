//! The controls of the service manager: "`LPHANDLER_FUNCTION_EX` callback function", Microsoft.
#![allow(unsafe_code)]

use std::ffi::c_void;

use windows_sys::Win32::System::RemoteDesktop::WTSSESSION_NOTIFICATION;
use windows_sys::Win32::System::Services::{
    SERVICE_ACCEPT_PARAMCHANGE, SERVICE_ACCEPT_PAUSE_CONTINUE, SERVICE_ACCEPT_POWEREVENT,
    SERVICE_ACCEPT_PRESHUTDOWN, SERVICE_ACCEPT_SESSIONCHANGE, SERVICE_ACCEPT_SHUTDOWN,
    SERVICE_ACCEPT_STOP, SERVICE_CONTROL_CONTINUE, SERVICE_CONTROL_INTERROGATE,
    SERVICE_CONTROL_PARAMCHANGE, SERVICE_CONTROL_PAUSE, SERVICE_CONTROL_POWEREVENT,
    SERVICE_CONTROL_PRESHUTDOWN, SERVICE_CONTROL_SESSIONCHANGE, SERVICE_CONTROL_SHUTDOWN,
    SERVICE_CONTROL_STOP,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    PBT_APMPOWERSTATUSCHANGE, PBT_APMRESUMEAUTOMATIC, PBT_APMRESUMESUSPEND, PBT_APMSUSPEND,
    WTS_CONSOLE_CONNECT, WTS_CONSOLE_DISCONNECT, WTS_REMOTE_CONNECT, WTS_REMOTE_DISCONNECT,
    WTS_SESSION_LOCK, WTS_SESSION_LOGOFF, WTS_SESSION_LOGON, WTS_SESSION_REMOTE_CONTROL,
    WTS_SESSION_UNLOCK,
};

use crate::event::{PowerChange, SessionChange, SessionKind, StopReason};
use crate::lifecycle::{Controls, Declared, Order};

/// What a control asks for.
pub(super) enum Asked {
    /// The SCM remembers the last report; it only wants to hear that the service answers.
    State,
    Stop(StopReason),
    Order(Order),
}

/// What the control asks for; `None` if this is no control that a service can have declared.
///
/// # Safety
///
/// `data` is what the SCM passes with this control.
pub(super) unsafe fn read(control: u32, event: u32, data: *const c_void) -> Option<Asked> {
    Some(match control {
        SERVICE_CONTROL_INTERROGATE => Asked::State,
        SERVICE_CONTROL_STOP => Asked::Stop(StopReason::Asked),
        SERVICE_CONTROL_SHUTDOWN => Asked::Stop(StopReason::Shutdown),
        SERVICE_CONTROL_PRESHUTDOWN => Asked::Stop(StopReason::Preshutdown),
        SERVICE_CONTROL_PARAMCHANGE => Asked::Order(Order::Reload),
        SERVICE_CONTROL_PAUSE => Asked::Order(Order::Pause),
        SERVICE_CONTROL_CONTINUE => Asked::Order(Order::Continue),
        SERVICE_CONTROL_SESSIONCHANGE if !data.is_null() => {
            // SAFETY: with this control the SCM passes this structure, for the length of the call.
            let session = unsafe { &*data.cast::<WTSSESSION_NOTIFICATION>() };
            Asked::Order(Order::Session(SessionChange {
                kind: session_kind(event),
                id: session.dwSessionId,
            }))
        }
        SERVICE_CONTROL_POWEREVENT => Asked::Order(Order::Power(power_change(event))),
        code => Asked::Order(Order::Custom(
            u8::try_from(code).ok().filter(|code| *code >= 128)?,
        )),
    })
}

fn session_kind(event: u32) -> SessionKind {
    match event {
        WTS_CONSOLE_CONNECT => SessionKind::ConsoleConnect,
        WTS_CONSOLE_DISCONNECT => SessionKind::ConsoleDisconnect,
        WTS_REMOTE_CONNECT => SessionKind::RemoteConnect,
        WTS_REMOTE_DISCONNECT => SessionKind::RemoteDisconnect,
        WTS_SESSION_LOGON => SessionKind::Logon,
        WTS_SESSION_LOGOFF => SessionKind::Logoff,
        WTS_SESSION_LOCK => SessionKind::Lock,
        WTS_SESSION_UNLOCK => SessionKind::Unlock,
        WTS_SESSION_REMOTE_CONTROL => SessionKind::RemoteControl,
        other => SessionKind::Other(other),
    }
}

fn power_change(event: u32) -> PowerChange {
    match event {
        PBT_APMSUSPEND => PowerChange::Suspend,
        PBT_APMRESUMEAUTOMATIC => PowerChange::ResumeAutomatic,
        PBT_APMRESUMESUSPEND => PowerChange::ResumeByUser,
        PBT_APMPOWERSTATUSCHANGE => PowerChange::Status,
        other => PowerChange::Other(other),
    }
}

/// The controls that a report accepts, as its flags.
pub(super) fn accepted(controls: Controls, declared: Declared) -> u32 {
    const STOPS: u32 = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN;
    match controls {
        Controls::None => 0,
        Controls::Stop => STOPS,
        Controls::All => [
            (declared.reload, SERVICE_ACCEPT_PARAMCHANGE),
            (declared.pause, SERVICE_ACCEPT_PAUSE_CONTINUE),
            (declared.session, SERVICE_ACCEPT_SESSIONCHANGE),
            (declared.power, SERVICE_ACCEPT_POWEREVENT),
        ]
        .into_iter()
        .filter(|(is_declared, _)| *is_declared)
        .fold(STOPS, |all, (_, flag)| all | flag),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_declared_is_accepted() {
        assert_eq!(accepted(Controls::None, Declared::new(&["pause"])), 0);
        assert_eq!(accepted(Controls::All, Declared::default()), 0x105);
        assert_eq!(accepted(Controls::Stop, Declared::new(&["pause"])), 0x105);
        assert_eq!(
            accepted(
                Controls::All,
                Declared::new(&["reload", "pause", "session", "power", "200"])
            ),
            0x105 | 0x8 | 0x2 | 0x80 | 0x40
        );
    }
}
