//! Ctrl-C in a console. Never installed in a service, where the SCM's controls are the only way to stop.
#![allow(unsafe_code)]

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use windows_sys::Win32::Foundation::{FALSE, TRUE};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use crate::core::Core;
use crate::event::StopReason;
use crate::lifecycle::Input;

static CORE: OnceLock<Arc<Core>> = OnceLock::new();
static ASKED: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C or Ctrl-Break asks for a stop. Everything else keeps its default, which ends the process: a second
/// one, and the console or the session going away.
pub(super) fn install(core: &Arc<Core>) -> io::Result<()> {
    CORE.get_or_init(|| Arc::clone(core));
    // SAFETY: the handler is a function of this program, which is there as long as the process is.
    if unsafe { SetConsoleCtrlHandler(Some(on_control), TRUE) } == FALSE {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Runs on a thread that Windows makes for it.
unsafe extern "system" fn on_control(control: u32) -> BOOL {
    match control {
        CTRL_C_EVENT | CTRL_BREAK_EVENT if !ASKED.swap(true, Ordering::SeqCst) => {
            if let Some(core) = CORE.get() {
                core.feed_control(&Input::Stop(StopReason::Interrupt));
            }
            TRUE
        }
        _ => FALSE,
    }
}
