//! The events that want an answer: [`Reload`], [`Pause`] and [`Continue`].

use std::fmt::{self, Display};
use std::sync::Arc;

use crate::core::{Core, Happening};
use crate::event::Event;
use crate::lifecycle::{Answered, Input, Order};

impl Event {
    /// What the program gets to see of it: with the answer that it owes, if it owes one.
    pub(crate) fn new(happening: Happening, core: &Arc<Core>) -> Self {
        match happening {
            Happening::Stop(reason) => Self::Stop(reason),
            Happening::Order(Order::Reload) => Self::Reload(Reload::new(Arc::clone(core))),
            Happening::Order(Order::Pause) => Self::Pause(Pause::new(Arc::clone(core))),
            Happening::Order(Order::Continue) => Self::Continue(Continue::new(Arc::clone(core))),
            Happening::Order(Order::Session(change)) => Self::Session(change),
            Happening::Order(Order::Power(change)) => Self::Power(change),
            Happening::Order(Order::Custom(number)) => Self::Custom(number),
        }
    }
}

/// An answer that is owed. Dropping it gives the answer, so that no manager waits for ever.
struct Owed {
    core: Arc<Core>,
    what: Answered,
    given: bool,
}

impl Owed {
    fn new(core: Arc<Core>, what: Answered) -> Self {
        Self {
            core,
            what,
            given: false,
        }
    }

    fn give(&mut self, result: Result<(), String>) {
        self.given = true;
        self.core.feed(&Input::Answer(self.what, result));
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if !self.given {
            self.give(if std::thread::panicking() {
                Err("the thread that was at it panicked".to_owned())
            } else {
                Ok(())
            });
        }
    }
}

/// Takes the value of a success and the words of an error.
fn in_words<T, E: Display>(result: Result<T, E>) -> Result<(), String> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

macro_rules! answer {
    ($(#[$documentation:meta])* $name:ident, $(#[$finish:meta])*) => {
        $(#[$documentation])*
        #[must_use = "dropping it says at once that it is done"]
        pub struct $name(Owed);

        impl $name {
            pub(crate) fn new(core: Arc<Core>) -> Self {
                Self(Owed::new(core, Answered::$name))
            }

            $(#[$finish])*
            pub fn finish<T, E: Display>(mut self, result: Result<T, E>) {
                self.0.give(in_words(result));
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

answer! {
    /// A reload that was asked for and is to be answered: [`Event::Reload`](crate::Event::Reload).
    ///
    /// systemd was told that it began (`RELOADING=1` with `MONOTONIC_USEC=`, "`sd_notify(3)`") and waits for its end; Windows
    /// has no state for it. Dropping the value, in whatever way, says that the reload is done, unless the thread panics.
    ///
    /// One reload is under way at a time. What is asked for meanwhile, or during the start, becomes one further reload
    /// after it, since it may be about a newer configuration. It is never lost, unless a stop comes first.
    ///
    /// ```no_run
    /// use svc_rt::Event;
    /// # fn read_config() -> std::io::Result<String> { Ok(String::new()) }
    /// # fn run(svc: svc_rt::Service, mut config: String) {
    /// if let Event::Reload(reload) = svc.wait_event() {
    ///     // The old configuration stays in force if the new one cannot be read.
    ///     reload.finish(read_config().map(|new| config = new));
    /// }
    /// # }
    /// ```
    Reload,
    /// Says how the reload went.
    ///
    /// The manager gets its answer in any case (`READY=1`): the service runs on. An error goes to the log and becomes the
    /// status that `systemctl status` shows, until a later reload succeeds.
    ///
    /// ```no_run
    /// # fn run(reload: svc_rt::Reload) {
    /// reload.finish(std::fs::read_to_string("/etc/beacon/beacon.toml"));
    /// # }
    /// ```
}

answer! {
    /// A pause that was asked for and is to be answered: [`Event::Pause`](crate::Event::Pause).
    ///
    /// Windows shows `SERVICE_PAUSE_PENDING` until then ("`SERVICE_STATUS` structure", Microsoft). Dropping the value, in
    /// whatever way, says that the service is paused, unless the thread panics.
    ///
    /// ```no_run
    /// use svc_rt::Event;
    /// # fn run(svc: svc_rt::Service, mut accepting: bool) {
    /// match svc.wait_event() {
    ///     Event::Pause(_) => accepting = false,
    ///     Event::Continue(_) => accepting = true,
    ///     _ => {}
    /// }
    /// # }
    /// ```
    Pause,
    /// Says how it went: `SERVICE_PAUSED`, or an error, which goes to the log, and the service runs on.
    ///
    /// ```no_run
    /// # fn run(pause: svc_rt::Pause) {
    /// pause.finish(Err::<(), _>("a transfer is under way"));
    /// # }
    /// ```
}

answer! {
    /// The end of a pause that was asked for and is to be answered: [`Event::Continue`](crate::Event::Continue).
    ///
    /// Windows shows `SERVICE_CONTINUE_PENDING` until then. Dropping the value, in whatever way, says that the service runs
    /// again, unless the thread panics.
    ///
    /// ```no_run
    /// use svc_rt::Event;
    /// # fn run(svc: svc_rt::Service, mut accepting: bool) {
    /// if let Event::Continue(_) = svc.wait_event() {
    ///     accepting = true;
    /// }
    /// # }
    /// ```
    Continue,
    /// Says how it went: `SERVICE_RUNNING`, or an error, which goes to the log, and the service stays paused.
    ///
    /// ```no_run
    /// # fn connect() -> std::io::Result<()> { Ok(()) }
    /// # fn run(end: svc_rt::Continue) {
    /// end.finish(connect());
    /// # }
    /// ```
}
