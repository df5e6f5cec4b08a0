//! What `#[service]` expands to. Not a public interface: it changes together with `svc-macros`, which is why the two
//! crates are released with the same version and svc-rt depends on exactly its own.
//!
//! What the macro writes for `fn main(svc: Service) -> R`, shortened:
//!
//! ```text
//! fn main() -> ExitCode {
//!     fn main(svc: Service) -> R { … }               // the user's, untouched
//!     {
//!         use ::svc_rt::__private as __svc_rt;       // or what `crate = …` says
//!         #[link_section = …]
//!         static __SVC_NOTE: __svc_rt::Note<92> = __svc_rt::Note::new(*b"{…}");
//!         static __SVC_DECLARATION: __svc_rt::Declaration = …;
//!         __svc_rt::run(&__SVC_DECLARATION, __svc_rt::Shape::Main, move |service| {
//!             let value = main(service);             // or the runtime's block_on
//!             __svc_rt::outcome!(value)
//!         })
//!     }
//! }
//! ```
//!
//! `fn serve(svc: Service, rest…) -> R` is the same with `Shape::Serve`, the closure taking `rest` by move; `fn main() -> R`
//! goes through [`run_plain`].
//!
//! `outcome!` takes any value whose type is `Termination`; for a `Result` the error's text is kept. It imports what it
//! needs anonymously and evaluates its argument once. The closure must be `Send`, because on Windows the service manager
//! gives the program a thread of its own for it; it need not be `'static`.
//!
//! `#[service(tokio)]` ends its runtime with `shutdown_timeout` and [`shutdown_budget`], inside the closure and after
//! `outcome!`, so that an error is kept whatever happens then.

pub use std::process::ExitCode;

pub use crate::outcome::{
    NothingTag, Outcome, PickNothing, PickResult, PickTermination, ResultTag, Returned,
    TerminationTag,
};

pub use crate::service::Service;

use std::time::Duration;

/// The version of svc-rt, for the note in the binary.
pub const RUNTIME_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the macro knows about the service.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The declared name.
    pub name: &'static str,
    /// The declared events.
    pub events: &'static [&'static str],
    /// The declared sockets.
    pub sockets: &'static [Socket],
    /// The note in its linker section.
    pub note: &'static [u8],
    /// Leave the environment as it was.
    pub keep_env: bool,
}

/// A declared socket.
#[derive(Clone, Copy, Debug)]
pub struct Socket {
    /// Its name.
    pub name: &'static str,
    /// Where it listens, as the manifest says it.
    pub listen: &'static [&'static str],
}

/// The note that a service's binary carries in a section of its own, for `cargo svc` to find: the header of an ELF note
/// (elf(5), "Notes") in the target's byte order, also where the file is no ELF, and one line of JSON.
#[repr(C, align(4))]
#[derive(Debug)]
pub struct Note<const N: usize> {
    name_size: u32,
    text_size: u32,
    kind: u32,
    name: [u8; 4],
    /// The JSON, filled up with spaces to whole words, since the next note follows at once.
    pub text: [u8; N],
}

impl<const N: usize> Note<N> {
    /// The owner of the note, and the version of what it holds as its type.
    const NAME: [u8; 4] = *b"svc\0";
    const FORMAT: u32 = 1;

    /// Puts the header in front of the text.
    #[allow(clippy::cast_possible_truncation)] // The text has some hundred bytes, and no const conversion can be checked.
    pub const fn new(text: [u8; N]) -> Self {
        assert!(N % 4 == 0);
        Self {
            name_size: Self::NAME.len() as u32,
            text_size: N as u32,
            kind: Self::FORMAT,
            name: Self::NAME,
            text,
        }
    }
}

/// Where `#[service]` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// On `main`: nothing of the program has run before.
    Main,
    /// On another function, which the program's own `main` calls.
    Serve,
}

/// Makes an [`Outcome`] of any value whose type is `Termination`.
#[doc(hidden)]
#[macro_export]
macro_rules! __svc_outcome {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{PickNothing as _, PickResult as _, PickTermination as _};
        match $value {
            value => (&&&$crate::__private::Returned(&value))
                .__svc_tag()
                .outcome(value),
        }
    }};
}
pub use crate::__svc_outcome as outcome;

/// Runs the service to its end. The exit code says what the manager is to see; nothing is left to do but to return it
/// from `main`.
pub fn run(
    declaration: &'static Declaration,
    shape: Shape,
    body: impl FnOnce(Service) -> Outcome + Send,
) -> ExitCode {
    crate::host::run(declaration, shape, Ending::Returns, body)
}

/// Runs a `main` that knows nothing of services: ready at once, and a stop ends the process with code 0.
pub fn run_plain(
    declaration: &'static Declaration,
    body: impl FnOnce(Service) -> Outcome + Send,
) -> ExitCode {
    crate::host::run(
        declaration,
        Shape::Main,
        Ending::Abrupt,
        move |svc: Service| {
            svc.ready();
            body(svc)
        },
    )
}

/// What a stop does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The service's function hears of it and returns.
    Returns,
    /// The process ends.
    Abrupt,
}

/// How long the end of an async runtime may take: half of what is left of the stop, at most 10 seconds. The other half is
/// for what the program does afterwards. A blocking task that never returns must not hold the exit.
pub fn shutdown_budget(service: &Service) -> Duration {
    const MOST: Duration = Duration::from_secs(10);
    let (left, bound) = service.core().stop_budget();
    left.or(bound).map_or(MOST, |time| (time / 2).min(MOST))
}
