//! Windows: a service of the service manager (SCM), or a program in a console.

mod console;
mod controls;
mod event_log;
mod parameters;
mod scm;
mod winsock;

use std::process::ExitCode;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

pub(crate) use event_log::Severity;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) use event_log::report;
pub(crate) use winsock::own_address;

use super::foreground::{self, Foreground};
use super::{Nudge, end_if_stopped, environment, refuse, run_body};
use crate::__private::{Declaration, Ending, Outcome, Shape};
use crate::core::{Clock, Core, Identity};
use crate::folders::Folders;
use crate::lifecycle::{Config, Declared};
use crate::service::{Host, Service};
use crate::settings::Reader;
use crate::sockets::Sockets;

pub(crate) fn run(
    declaration: &'static Declaration,
    shape: Shape,
    ending: Ending,
    body: impl FnOnce(Service) -> Outcome + Send,
) -> ExitCode {
    let job = scm::Job {
        declaration,
        shape,
        ending,
        body: Box::new(body),
    };
    // First of all: the SCM gives a process 30 seconds to get here, and only this call tells who started it.
    match scm::dispatch(job) {
        scm::Dispatched::Ended(code) => code,
        scm::Dispatched::NotAService(job) => in_console(job),
        scm::Dispatched::Refused(error) => {
            let text = format!("the service manager cannot be reached: {error}");
            foreground::print(&text);
            event_log::report(declaration.name, Severity::Error, &text);
            ExitCode::FAILURE
        }
    }
}

fn in_console(job: scm::Job<'_>) -> ExitCode {
    let mut reader = Reader::new(|name: &str| std::env::var_os(name));
    let settings = reader.settings();
    environment::clean(job.declaration, job.shape);
    #[cfg(any(feature = "log", feature = "tracing"))]
    crate::log::enter(job.declaration.name, Host::Foreground, settings.log);
    let identity = Identity {
        name: job.declaration.name.to_owned(),
        start_args: Vec::new(),
        host: Host::Foreground,
        sockets: Sockets::new(
            job.declaration.sockets,
            Host::Foreground,
            Vec::new(),
            settings.sockets,
        ),
        folders: Folders::new(job.declaration.name, Host::Foreground),
    };
    let config = Config {
        declared: Declared::new(job.declaration.events),
        stop_timeout: settings.stop_timeout.or(None),
        ..Config::default()
    };
    let bell = Bell::default();
    let core = Arc::new(Core::new(
        identity,
        config,
        Box::new(Foreground),
        Box::new(bell.clone()),
        Clock::real(),
    ));
    core.begin();
    if let Err(error) = console::install(&core) {
        reader
            .wrong
            .push(format!("cannot install the handler for Ctrl-C: {error}"));
    }
    if let Err(error) = watch(&core, bell, job.ending) {
        reader
            .wrong
            .push(format!("cannot start the thread that keeps time: {error}"));
    }
    if !reader.wrong.is_empty() {
        return refuse(&core, &reader.wrong);
    }
    run_body(&core, job.body)
}

/// Starts the manager thread: timers and wake-ups, for as long as the process lives.
fn watch(core: &Arc<Core>, bell: Bell, ending: Ending) -> std::io::Result<()> {
    let core = Arc::clone(core);
    let thread = std::thread::Builder::new().name("svc-rt".to_owned());
    thread.spawn(move || {
        loop {
            let pause = core.turn();
            bell.wait(pause);
            if ending == Ending::Abrupt {
                end_if_stopped(&core);
            }
        }
    })?;
    Ok(())
}

/// Wakes the manager thread. A ring before the wait is not lost.
#[derive(Clone, Default)]
struct Bell(Arc<(Mutex<bool>, Condvar)>);

impl Bell {
    fn wait(&self, time: Option<Duration>) {
        let (rung, condition) = &*self.0;
        let guard = rung.lock().unwrap_or_else(PoisonError::into_inner);
        let mut guard = match time {
            None => condition
                .wait_while(guard, |rung| !*rung)
                .unwrap_or_else(PoisonError::into_inner),
            Some(time) => {
                condition
                    .wait_timeout_while(guard, time, |rung| !*rung)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0
            }
        };
        *guard = false;
    }
}

impl Nudge for Bell {
    fn nudge(&self) {
        let (rung, condition) = &*self.0;
        *rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        condition.notify_one();
    }
}

/// Text as Windows takes it: UTF-16, ended by a zero. A zero inside would end it early and is left out.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16()
        .filter(|unit| *unit != 0)
        .chain([0])
        .collect()
}
