//! What `#[service]` expands to. Not a public interface: it changes together with `svc-macros`, which is why the two
//! crates are released with the same version and svc-rt depends on exactly its own.
//!
//! For whoever writes the macro, `rt` being the path of this crate (`::svc_rt`, or what `crate = …` says):
//!
//! ```text
//! static DECLARATION: rt::__private::Declaration = rt::__private::Declaration {
//!     name: "beacon", events: &["reload"], sockets: &["http"],
//!     note: &NOTE,                       // the static in the linker section; read here so that it is kept
//!     keep_env: false,                   // #[service(keep_env)]
//! };
//!
//! // fn main(svc: Service) -> R
//! fn main() -> rt::__private::ExitCode {
//!     rt::__private::run(&DECLARATION, rt::__private::Shape::Main, |svc| {
//!         let value = user_main(svc);    // or the runtime's block_on
//!         rt::__private::outcome!(value)
//!     })
//! }
//!
//! // fn serve(svc: Service, rest…) -> R: the same with Shape::Serve, the closure taking `rest` by move.
//! // fn main() -> R: rt::__private::run_plain(&DECLARATION, || rt::__private::outcome!(user_main()))
//! ```
//!
//! `outcome!` takes any value whose type is `Termination`; for a `Result` the error's text is kept. It imports what it
//! needs anonymously and evaluates its argument once. The closure must be `Send`, because on Windows the service manager
//! gives the program a thread of its own for it; it need not be `'static`.
//!
//! `#[service(tokio)]` ends its runtime with `runtime.shutdown_timeout(rt::__private::shutdown_budget(&svc))`, on a clone
//! of `svc` taken before, inside the closure and before `outcome!`.

pub use std::process::ExitCode;

pub use crate::outcome::{Outcome, PickResult, PickTermination, ResultTag, TerminationTag};

use std::time::Duration;

use crate::service::Service;

/// The version of svc-rt, for the note in the binary.
pub const RUNTIME_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the macro knows about the service.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// The declared name.
    pub name: &'static str,
    /// The declared events.
    pub events: &'static [&'static str],
    /// The names of the declared sockets.
    pub sockets: &'static [&'static str],
    /// The note in its linker section.
    pub note: &'static [u8],
    /// Leave the environment as it was.
    pub keep_env: bool,
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
        use $crate::__private::{PickResult as _, PickTermination as _};
        match $value {
            value => (&value).__svc_tag().outcome(value),
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
    body: impl FnOnce() -> Outcome + Send,
) -> ExitCode {
    crate::host::run(
        declaration,
        Shape::Main,
        Ending::Abrupt,
        move |svc: Service| {
            svc.ready();
            body()
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
