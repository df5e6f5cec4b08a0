//! The hosts: what translates between the machine and whoever runs the service.
//!
//! All `unsafe` code of the crate is below here.

#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod descriptors;
mod environment;
mod foreground;
#[cfg(unix)]
mod journal;
#[cfg(unix)]
mod notify;
mod process;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod systemd;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::__private::{Declaration, Ending, Outcome, Shape};
use crate::core::Core;
use crate::lifecycle::{Action, Input};
use crate::service::Service;

#[cfg(all(unix, any(feature = "log", feature = "tracing")))]
pub(crate) use journal::stderr_is_journal;
#[cfg(unix)]
pub(crate) use notify::NotifySocket;
pub(crate) use process::is_root;
#[cfg(unix)]
pub(crate) use unix::own_address;
#[cfg(windows)]
pub(crate) use windows::own_address;
#[cfg(all(windows, any(feature = "log", feature = "tracing")))]
pub(crate) use windows::{Severity, report as report_event};

/// Carries actions out: the way to the manager. Never called twice at the same time.
pub(crate) trait Sink: Send {
    fn carry_out(&mut self, action: &Action);

    /// The way to a manager that takes descriptors. (Not a method that sends them: that would be in every program.)
    #[cfg(unix)]
    fn notify_socket(&self) -> Option<&NotifySocket> {
        None
    }
}

/// Wakes the manager thread, so that it looks at its timer and its waiters again.
pub(crate) trait Nudge: Send + Sync {
    fn nudge(&self);
}

/// Runs a service to its end.
pub(crate) fn run(
    declaration: &'static Declaration,
    shape: Shape,
    ending: Ending,
    body: impl FnOnce(Service) -> Outcome + Send,
) -> ExitCode {
    static RUNS: AtomicBool = AtomicBool::new(false);
    // A linker drops a section that nothing reads.
    std::hint::black_box(declaration.note);
    if RUNS.swap(true, Ordering::SeqCst) {
        foreground::print("a process can be a service only once, and it already was");
        return ExitCode::FAILURE;
    }
    #[cfg(unix)]
    return unix::run(declaration, shape, ending, body);
    #[cfg(windows)]
    return windows::run(declaration, shape, ending, body);
}

/// Runs the service's function, and tells the manager how it ended.
pub(crate) fn run_body(core: &Arc<Core>, body: impl FnOnce(Service) -> Outcome) -> ExitCode {
    let service = Service::new(Arc::clone(core));
    match catch_unwind(AssertUnwindSafe(|| body(service))) {
        Ok(outcome) => {
            let (number, exit) = (outcome.code(), outcome.exit());
            core.feed(&Input::Returned {
                code: number,
                error: outcome.into_error(),
            });
            match core.exit() {
                Some(end) if end.code != number => ExitCode::from(end.code),
                _ => exit,
            }
        }
        Err(payload) => {
            core.feed(&Input::Panicked(words_of(&*payload)));
            // Dropping it would run code of the program's, which may panic again.
            std::mem::forget(payload);
            ExitCode::from(crate::lifecycle::EXIT_PANICKED)
        }
    }
}

/// Ends a start that could not even begin, with the reasons.
fn refuse(core: &Core, reasons: &[String]) -> ExitCode {
    core.feed(&Input::Fail(reasons.join("; ")));
    core.feed(&Input::Returned {
        code: 0,
        error: None,
    });
    ExitCode::from(core.exit().map_or(1, |exit| exit.code))
}

/// For a program that does not hear of a stop: ends the process once one is latched. Called by the manager thread.
fn end_if_stopped(core: &Core) {
    if core.stop_reason().is_some() && core.exit().is_none() {
        core.feed(&Input::Returned {
            code: 0,
            error: None,
        });
        let number = core.exit().map_or(0, |exit| exit.code);
        std::process::exit(i32::from(number));
    }
}

fn words_of(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "with a value that is no text".to_owned()
    }
}
