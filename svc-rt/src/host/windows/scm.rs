//! The service manager's protocol: "Writing a `ServiceMain` Function" and "Service Control Handler Function", Microsoft.
//!
//! The main thread carries the controls, inside `StartServiceCtrlDispatcherW`; the program's function runs on the thread
//! that the dispatcher makes for `ServiceMain`. The main thread returns only when that function has.
#![allow(unsafe_code)]

use std::ffi::{OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_FAILED_SERVICE_CONTROLLER_CONNECT,
    ERROR_SERVICE_CANNOT_ACCEPT_CTRL, ERROR_SERVICE_SPECIFIC_ERROR, NO_ERROR,
};
use windows_sys::Win32::System::Services::{
    RegisterServiceCtrlHandlerExW, SERVICE_CONTINUE_PENDING, SERVICE_PAUSE_PENDING, SERVICE_PAUSED,
    SERVICE_RUNNING, SERVICE_START_PENDING, SERVICE_STATUS, SERVICE_STATUS_HANDLE,
    SERVICE_STOP_PENDING, SERVICE_STOPPED, SERVICE_TABLE_ENTRYW, SERVICE_WIN32_OWN_PROCESS,
    SetServiceStatus, StartServiceCtrlDispatcherW,
};
use windows_sys::core::PWSTR;

use super::super::{Sink, environment, process, refuse, run_body};
use super::controls::{self, Asked};
use super::event_log::Severity;
use super::{Bell, event_log, parameters, watch, wide};
use crate::__private::{Declaration, Ending, Outcome, Shape};
use crate::core::{Clock, Core, Identity};
use crate::event::StopReason;
use crate::folders::{self, Folders};
use crate::lifecycle::{Action, Config, Declared, Input, Report, START_HINT, STOP_HINT, State};
use crate::service::{Host, Service};
use crate::settings::{Reader, Scm};
use crate::sockets::Sockets;

/// The program's function and what belongs to it.
pub(super) struct Job<'a> {
    pub(super) declaration: &'static Declaration,
    pub(super) shape: Shape,
    pub(super) ending: Ending,
    pub(super) body: Box<dyn FnOnce(Service) -> Outcome + Send + 'a>,
}

/// What came of asking the SCM.
pub(super) enum Dispatched<'a> {
    /// The service ran to its end.
    Ended(ExitCode),
    /// This process was not started by the SCM (error 1063, the only one that says so).
    NotAService(Job<'a>),
    /// Any other error.
    Refused(io::Error),
}

/// `ServiceMain` is given no pointer of ours, so the job waits for it here.
static JOB: Mutex<Option<Job<'static>>> = Mutex::new(None);

/// How the program's function ended, for the main thread.
static ENDED: (Mutex<Option<ExitCode>>, Condvar) = (Mutex::new(None), Condvar::new());

fn take_job() -> Option<Job<'static>> {
    JOB.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Connects to the SCM and carries its controls until the service has ended.
pub(super) fn dispatch(job: Job<'_>) -> Dispatched<'_> {
    // SAFETY: only the lifetime changes. The job is out of `JOB` before this function returns: either it is taken back
    // below, or `ServiceMain` took it, and then this function waits until its body has been called and is gone. A panic
    // in the body aborts the process. So nothing borrowed by the body is used after this frame.
    let job = unsafe { std::mem::transmute::<Job<'_>, Job<'static>>(job) };
    *JOB.lock().unwrap_or_else(PoisonError::into_inner) = Some(job);
    // In the table of an own process the name is not looked at; it must not be NULL.
    let mut no_name = [0_u16];
    let table = [
        SERVICE_TABLE_ENTRYW {
            lpServiceName: no_name.as_mut_ptr(),
            lpServiceProc: Some(service_main),
        },
        SERVICE_TABLE_ENTRYW {
            lpServiceName: ptr::null_mut(),
            lpServiceProc: None,
        },
    ];
    // SAFETY: the table ends in an empty entry and outlives the call, as does the name.
    let error = if unsafe { StartServiceCtrlDispatcherW(table.as_ptr()) } == 0 {
        Some(io::Error::last_os_error())
    } else {
        None
    };
    match (take_job(), error) {
        (Some(job), Some(error)) if is_console(&error) => Dispatched::NotAService(job),
        (Some(_), Some(error)) => Dispatched::Refused(error),
        (Some(_), None) => {
            Dispatched::Refused(io::Error::other("the dispatcher ended before it began"))
        }
        // The function runs or has run. If the way to the SCM broke, it is still to end in order.
        (None, error) => {
            if error.is_some() {
                if let Some(core) = RUNNING
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .as_ref()
                {
                    core.feed(&Input::Stop(StopReason::Internal));
                }
            }
            let (ended, condition) = &ENDED;
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                match *ended {
                    Some(code) => return Dispatched::Ended(code),
                    None => {
                        ended = condition
                            .wait(ended)
                            .unwrap_or_else(PoisonError::into_inner);
                    }
                }
            }
        }
    }
}

fn is_console(error: &io::Error) -> bool {
    error
        .raw_os_error()
        .and_then(|code| u32::try_from(code).ok())
        == Some(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT)
}

/// The running service, for the main thread.
static RUNNING: Mutex<Option<Arc<Core>>> = Mutex::new(None);

/// Called by the dispatcher, on a thread of its own.
unsafe extern "system" fn service_main(count: u32, arguments: *mut PWSTR) {
    let Some(job) = take_job() else { return };
    // SAFETY: the dispatcher gives `count` strings that end in a zero, for the length of this call.
    let mut arguments = unsafe { read_arguments(count, arguments) }.into_iter();
    let name = arguments.next().map_or_else(
        || job.declaration.name.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let code = serve(job, name, arguments.collect());
    let (ended, condition) = &ENDED;
    *ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    condition.notify_all();
}

/// # Safety
///
/// `arguments` points to `count` pointers to strings that end in a zero.
unsafe fn read_arguments(count: u32, arguments: *mut PWSTR) -> Vec<OsString> {
    if arguments.is_null() {
        return Vec::new();
    }
    (0..count as usize)
        .map(|index| {
            // SAFETY: the caller's promise; the length stops at the zero that ends the string.
            unsafe {
                let start = *arguments.add(index);
                let mut length = 0;
                while *start.add(length) != 0 {
                    length += 1;
                }
                OsString::from_wide(std::slice::from_raw_parts(start, length))
            }
        })
        .collect()
}

/// One service from its first report to its last.
fn serve(job: Job<'static>, name: String, start_args: Vec<OsString>) -> ExitCode {
    // What the operator says lies over what the installer said.
    let overlaid = parameters::overlay(&name);
    let mut reader = Reader::new(|name: &str| std::env::var_os(name));
    reader.wrong.extend(overlaid.err());
    let settings = reader.settings();
    let scm = reader.scm();
    // The SCM bounds neither a start nor a stop, so without a declared bound the default one holds.
    let declared = Declared::new(job.declaration.events);
    let config = Config {
        declared,
        start_timeout: scm.start_timeout.or(Some(START_HINT)),
        stop_timeout: settings.stop_timeout.or(Some(STOP_HINT)),
        watchdog: settings.watchdog.or(None),
        restart_always: scm.restart_always,
    };
    let handle = Arc::new(StatusHandle::default());
    let sink = ScmSink {
        name: name.clone(),
        declared,
        handle: Arc::clone(&handle),
    };
    let bell = Bell::default();
    #[cfg(any(feature = "log", feature = "tracing"))]
    crate::log::enter(&name, Host::Scm, settings.log);
    let identity = Identity {
        name: name.clone(),
        start_args,
        host: Host::Scm,
        sockets: Sockets::new(
            job.declaration.sockets,
            Host::Scm,
            Vec::new(),
            settings.sockets,
        ),
        folders: Folders::new(&name, Host::Scm),
    };
    let core = Arc::new(Core::new(
        identity,
        config,
        Box::new(sink),
        Box::new(bell.clone()),
        Clock::real(),
    ));
    if let Err(error) = register(&name, &core, declared, &handle) {
        // Nothing can be reported without the handle; the SCM sees the process end.
        event_log::report(
            &name,
            Severity::Error,
            &format!("cannot take the service's controls: {error}"),
        );
        process::end_now(1);
    }
    core.begin();
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&core));
    log_panics(name);
    environment::clean(job.declaration, job.shape);
    if let Err(error) = watch(&core, bell, job.ending) {
        reader
            .wrong
            .push(format!("cannot start the thread that keeps time: {error}"));
    }
    let prepared = [change_directory(&scm), folders::empty_runtime()];
    reader
        .wrong
        .extend(prepared.into_iter().filter_map(Result::err));
    if !reader.wrong.is_empty() {
        return refuse(&core, &reader.wrong);
    }
    run_body(&core, job.body)
}

/// A service begins in System32, where no relative path of its own can be meant.
fn change_directory(scm: &Scm) -> Result<(), String> {
    let directory: PathBuf = match &scm.working_directory {
        Some(directory) => directory.clone(),
        None => std::env::current_exe()
            .ok()
            .and_then(|program| program.parent().map(PathBuf::from))
            .ok_or("the program's own folder is unknown")?,
    };
    std::env::set_current_dir(&directory).map_err(|error| {
        format!(
            "cannot change to the folder {}: {error}",
            directory.display()
        )
    })
}

/// What a panic says goes to standard error, which a service does not have: so it goes to the Event Log as well, on
/// whatever thread it happens.
fn log_panics(name: String) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("<unnamed>");
        event_log::report(&name, Severity::Error, &format!("thread '{thread}' {info}"));
        before(info);
    }));
}

/// Takes the controls. The context is leaked on purpose: a control can arrive as long as the process lives.
fn register(
    name: &str,
    core: &Arc<Core>,
    declared: Declared,
    handle: &StatusHandle,
) -> io::Result<()> {
    let name = wide(name);
    let taker = Box::new(Taker {
        core: Arc::clone(core),
        declared,
    });
    let context = ptr::from_ref::<Taker>(Box::leak(taker)).cast::<c_void>();
    // SAFETY: the name ends in a zero; the context is never freed, and `on_control` takes it for what it is.
    let registered =
        unsafe { RegisterServiceCtrlHandlerExW(name.as_ptr(), Some(on_control), context) };
    if registered.is_null() {
        return Err(io::Error::last_os_error());
    }
    handle.0.store(registered, Ordering::SeqCst);
    Ok(())
}

/// What takes the controls.
struct Taker {
    core: Arc<Core>,
    declared: Declared,
}

/// Called on the main thread. Answers at once: it waits for no lock that is held while somebody else works, and runs
/// none of the user's code.
unsafe extern "system" fn on_control(
    control: u32,
    event: u32,
    data: *mut c_void,
    context: *mut c_void,
) -> u32 {
    // SAFETY: `register` gave a pointer to a `Taker` that is never freed, and one may be shared between threads.
    let taker = unsafe { &*context.cast_const().cast::<Taker>() };
    // SAFETY: the SCM's promise of what belongs to which control.
    let Some(asked) = (unsafe { controls::read(control, event, data) }) else {
        return ERROR_CALL_NOT_IMPLEMENTED;
    };
    match asked {
        Asked::State => taker.core.feed_control(&Input::Interrogate),
        Asked::Stop(reason) => taker.core.feed_control(&Input::Stop(reason)),
        Asked::Order(order) if !taker.declared.has(&order) => return ERROR_CALL_NOT_IMPLEMENTED,
        Asked::Order(order) => {
            if taker.core.order_control(order).is_err() {
                return ERROR_SERVICE_CANNOT_ACCEPT_CTRL;
            }
        }
    }
    NO_ERROR
}

/// The handle that reports need; null until the controls are registered, and nothing is reported before.
#[derive(Default)]
struct StatusHandle(AtomicPtr<c_void>);

struct ScmSink {
    name: String,
    declared: Declared,
    handle: Arc<StatusHandle>,
}

impl Sink for ScmSink {
    fn carry_out(&mut self, action: &Action) {
        match action {
            Action::Report(report) => self.report(report),
            Action::Log(text) => event_log::report(&self.name, Severity::Error, text),
            Action::Exit(code) => process::end_now(*code),
            // No STOPPED and no clean-up: the SCM sees a crash, and its recovery always runs.
            // Nor does the SCM notice a service that hangs.
            Action::Crash | Action::Missed | Action::Abort => std::process::abort(),
            // The wait hint of a report says what an extension says; words have no place here.
            Action::Status(_)
            | Action::Extend(_)
            | Action::Wake
            | Action::Deliver(_)
            | Action::Poke
            | Action::Ping
            | Action::Arm(_) => {}
        }
    }
}

impl ScmSink {
    fn report(&self, report: &Report) {
        let handle: SERVICE_STATUS_HANDLE = self.handle.0.load(Ordering::SeqCst);
        if handle.is_null() {
            return;
        }
        let (code, specific) = match report.exit {
            Some(exit) if exit.failure => (ERROR_SERVICE_SPECIFIC_ERROR, u32::from(exit.code)),
            _ => (NO_ERROR, 0),
        };
        let status = SERVICE_STATUS {
            dwServiceType: SERVICE_WIN32_OWN_PROCESS,
            dwCurrentState: match report.state {
                State::Starting => SERVICE_START_PENDING,
                // The SCM has no word for a reload.
                State::Running | State::Reloading => SERVICE_RUNNING,
                State::Pausing => SERVICE_PAUSE_PENDING,
                State::Paused => SERVICE_PAUSED,
                State::Continuing => SERVICE_CONTINUE_PENDING,
                State::Stopping => SERVICE_STOP_PENDING,
                State::Stopped => SERVICE_STOPPED,
            },
            dwControlsAccepted: controls::accepted(report.accepts, self.declared),
            dwWin32ExitCode: code,
            dwServiceSpecificExitCode: specific,
            dwCheckPoint: report.checkpoint,
            dwWaitHint: milliseconds(report.wait_hint),
        };
        // SAFETY: the handle is the one that registering gave, and the status outlives the call. A report that fails can
        // be told to nobody: the SCM is who would be told.
        unsafe { SetServiceStatus(handle, &raw const status) };
    }
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
