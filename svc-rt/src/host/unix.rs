//! Unix: a service of systemd's, or a program in the foreground. The two differ in the sink and in SIGHUP.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use socket2::Socket;

use super::foreground::{self, Foreground};
use super::signals::{self, Bell, Signals};
use super::systemd::Systemd;
use super::{Sink, descriptors, end_if_stopped, environment, refuse, run_body};
use crate::__private::{Declaration, Ending, Outcome, Shape};
use crate::core::{Clock, Core, Identity};
use crate::folders::Folders;
use crate::lifecycle::{Config, Declared, Input, Order};
use crate::service::{Host, Service};
use crate::settings::Reader;
use crate::sockets::Sockets;

/// Enough for the thread's few frames and the formatting of a message.
const STACK: usize = 128 * 1024;

pub(crate) fn run(
    declaration: &'static Declaration,
    shape: Shape,
    ending: Ending,
    body: impl FnOnce(Service) -> Outcome,
) -> ExitCode {
    let mut reader = Reader::new(|name: &str| std::env::var_os(name));
    let settings = reader.settings();
    let mut systemd = reader.systemd();
    let handed = descriptors::take(std::mem::take(&mut systemd.descriptors));
    let handed = handed.unwrap_or_else(|error| {
        reader.wrong.push(error);
        Vec::new()
    });
    // Before the first thread of ours.
    environment::clean(declaration, shape);
    let declared = Declared::new(declaration.events);
    let signals = match signals::install(systemd.is_manager, declared.reload) {
        Ok(signals) => signals,
        Err(error) => {
            foreground::print(&format!("cannot install the signal handlers: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let (host, sink): (Host, Box<dyn Sink>) = if systemd.is_manager {
        (
            Host::Systemd,
            Box::new(Systemd::new(systemd.notify_socket.as_deref())),
        )
    } else {
        (Host::Foreground, Box::new(Foreground))
    };
    #[cfg(any(feature = "log", feature = "tracing"))]
    crate::log::enter(declaration.name, host, settings.log);
    let identity = Identity {
        name: declaration.name.to_owned(),
        start_args: Vec::new(),
        host,
        sockets: Sockets::new(
            declaration.sockets,
            host,
            handed
                .into_iter()
                .map(|(name, descriptor)| (name, descriptor.into()))
                .collect(),
            settings.sockets,
        ),
        folders: Folders::new(declaration.name, host),
    };
    // systemd bounds the start and applies the restart policy itself.
    let config = Config {
        declared,
        stop_timeout: settings.stop_timeout.or(None),
        // Without a manager nobody would do anything about it.
        watchdog: settings.watchdog.or(None).filter(|_| systemd.is_manager),
        ..Config::default()
    };
    let core = Arc::new(Core::new(
        identity,
        config,
        sink,
        Box::new(Bell),
        Clock::real(),
    ));
    core.begin();
    if !reader.wrong.is_empty() {
        return refuse(&core, &reader.wrong);
    }
    let watched = Arc::clone(&core);
    let thread = std::thread::Builder::new()
        .name("svc-rt".to_owned())
        .stack_size(STACK)
        .spawn(move || watch(&watched, signals, ending));
    if let Err(error) = thread {
        return refuse(
            &core,
            &[format!(
                "cannot start the thread that takes signals: {error}"
            )],
        );
    }
    run_body(&core, body)
}

/// The manager thread: signals, timers and wake-ups, for as long as the process lives.
fn watch(core: &Core, mut signals: Signals, ending: Ending) {
    loop {
        let pause = core.turn();
        if pause.is_some_and(|pause| pause.is_zero()) {
            continue;
        }
        let signalled = signals.wait(pause);
        // A stop that came together with a reload goes first: nothing else matters then.
        if let Some(reason) = signalled.stop {
            core.feed(&Input::Stop(reason));
        }
        if signalled.reload {
            core.feed(&Input::Order(Order::Reload));
        }
        if ending == Ending::Abrupt {
            end_if_stopped(core);
        }
    }
}

/// A listener's address may be taken again while connections of an earlier run linger, as std has it.
pub(crate) fn own_address(socket: &Socket, listens: bool) -> io::Result<()> {
    if listens {
        socket.set_reuse_address(true)?;
    }
    Ok(())
}
