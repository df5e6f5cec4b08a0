//! The fake manager before the start.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Debug;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::report::{End, Record};
use super::running::Running;
use crate::__private::Outcome;
use crate::core::{Clock, Core, Identity};
use crate::folders::Folders;
use crate::host::{Nudge, run_body};
use crate::lifecycle::{Config, Declared};
use crate::outcome::TerminationTag;
use crate::service::{Host, Service};
use crate::sockets::Sockets;

/// A service manager that a test plays, before it starts the service.
///
/// ```
/// use svc_rt::testing::{End, FakeManager};
///
/// let service = FakeManager::new("beacon").start(|svc| svc.ready());
/// assert_eq!(service.end(), End::Exited(0));
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing runs before `start`"]
pub struct FakeManager {
    name: String,
    events: Vec<String>,
    sockets: Vec<String>,
    variables: BTreeMap<String, OsString>,
    config: Config,
}

/// What a service's function may return under a [`FakeManager`].
///
/// ```
/// use svc_rt::testing::Returned;
///
/// fn may_be_returned<R: Returned>() {}
/// may_be_returned::<()>();
/// may_be_returned::<std::process::ExitCode>();
/// may_be_returned::<Result<(), String>>();
/// ```
pub trait Returned: sealed::Sealed {}

mod sealed {
    use crate::__private::Outcome;

    pub trait Sealed {
        fn outcome(self) -> Outcome;
    }
}

impl Returned for () {}
impl sealed::Sealed for () {
    fn outcome(self) -> Outcome {
        TerminationTag.outcome(self)
    }
}

impl Returned for ExitCode {}
impl sealed::Sealed for ExitCode {
    fn outcome(self) -> Outcome {
        TerminationTag.outcome(self)
    }
}

impl<T: Returned, E: Debug> Returned for Result<T, E> {}
impl<T: Returned, E: Debug> sealed::Sealed for Result<T, E> {
    fn outcome(self) -> Outcome {
        match self {
            Ok(value) => value.outcome(),
            Err(error) => Outcome::of_error(&error),
        }
    }
}

impl FakeManager {
    /// One for a service of this name that declares nothing.
    ///
    /// ```
    /// let manager = svc_rt::testing::FakeManager::new("beacon");
    /// # drop(manager);
    /// ```
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            events: Vec::new(),
            sockets: Vec::new(),
            variables: BTreeMap::new(),
            config: Config::default(),
        }
    }

    /// The events that the service handles, as its declaration writes them: names, and codes as text.
    ///
    /// ```
    /// let manager = svc_rt::testing::FakeManager::new("beacon").events(["reload", "200"]);
    /// # drop(manager);
    /// ```
    pub fn events<'e>(mut self, events: impl IntoIterator<Item = &'e str>) -> Self {
        self.events.extend(events.into_iter().map(str::to_owned));
        self
    }

    /// A socket of the service, opened when it is taken: port 0 gives a free one.
    ///
    /// ```
    /// # use svc_rt::testing::FakeManager;
    /// let service = FakeManager::new("beacon")
    ///     .socket("http", "tcp://127.0.0.1:0")
    ///     .start(|svc| svc.tcp("http").map(|_| ()));
    /// # service.end();
    /// ```
    pub fn socket(mut self, name: &str, listen: &str) -> Self {
        self.sockets.push(format!("{name}={listen}"));
        self
    }

    /// A variable of the environment contract, such as `STATE_DIRECTORY`. The process's own environment is not looked at.
    ///
    /// ```
    /// # use svc_rt::testing::FakeManager;
    /// let service = FakeManager::new("beacon")
    ///     .variable("STATE_DIRECTORY", std::env::temp_dir())
    ///     .start(|svc| svc.dirs().state().map(|_| ()));
    /// # service.end();
    /// ```
    pub fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// The watchdog's period.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let manager = svc_rt::testing::FakeManager::new("beacon").watchdog(Duration::from_secs(30));
    /// # drop(manager);
    /// ```
    pub fn watchdog(mut self, period: Duration) -> Self {
        self.config.watchdog = Some(period);
        self
    }

    /// The bound on the start.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let manager = svc_rt::testing::FakeManager::new("beacon").start_timeout(Duration::from_secs(90));
    /// # drop(manager);
    /// ```
    pub fn start_timeout(mut self, time: Duration) -> Self {
        self.config.start_timeout = Some(time);
        self
    }

    /// The bound on the stop.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let manager = svc_rt::testing::FakeManager::new("beacon").stop_timeout(Duration::from_secs(30));
    /// # drop(manager);
    /// ```
    pub fn stop_timeout(mut self, time: Duration) -> Self {
        self.config.stop_timeout = Some(time);
        self
    }

    /// Starts the service: the function that `#[service]` stands on, or that it calls, on a thread of its own.
    ///
    /// An async function is run as its program would run it: `start(|svc| runtime.block_on(serve(svc)))`.
    ///
    /// ```
    /// # use svc_rt::testing::{End, FakeManager};
    /// let service = FakeManager::new("beacon").start(|_svc| Err::<(), _>("no such port"));
    /// assert_eq!(service.end(), End::Exited(1));
    /// ```
    pub fn start<R: Returned>(
        self,
        function: impl FnOnce(Service) -> R + Send + 'static,
    ) -> Running {
        let events: Vec<&str> = self.events.iter().map(String::as_str).collect();
        let config = Config {
            declared: Declared::new(&events),
            ..self.config
        };
        let variables = self.variables;
        let host = Host::Foreground;
        let installed = (!self.sockets.is_empty()).then(|| self.sockets.join(" ").into());
        let identity = Identity {
            start_args: Vec::new(),
            host,
            sockets: Sockets::new(&[], host, Vec::new(), installed),
            folders: Folders::with(&self.name, host, move |name| variables.get(name).cloned()),
            name: self.name,
        };
        let (record, time) = (Record::default(), Arc::new(AtomicU64::new(0)));
        let clock = Clock::Turned(Arc::clone(&time));
        let core = Core::new(
            identity,
            config,
            Box::new(record.clone()),
            Box::new(Nobody),
            clock,
        );
        let core = Arc::new(core);
        core.begin();
        let (own, ending) = (Arc::clone(&core), record.clone());
        let thread = std::thread::spawn(move || {
            run_body(&own, |svc| sealed::Sealed::outcome(function(svc)));
            // A panic was heard of as one already.
            let number = own.exit().map_or(1, |exit| exit.code);
            ending.end_as(End::Exited(number));
        });
        Running::new(core, record, time, thread)
    }
}

/// There is no manager thread: the test's own thread does its work.
struct Nobody;

impl Nudge for Nobody {
    fn nudge(&self) {}
}
