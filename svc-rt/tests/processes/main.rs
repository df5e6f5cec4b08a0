//! Real processes: small services run as children, spoken to with signals and through a real notify socket.
//!
//! The suite is its own service program: called as `processes child NAME` it runs the service of that name, on the main
//! thread of a process that has no other, as a user's program does. Nothing here looks at a clock: a test waits for what
//! the child says, and the only time limit is the one that makes a hanging child a failure.

mod programs;
mod tasks;

#[cfg(unix)]
mod bed;
#[cfg(unix)]
mod executors;
#[cfg(unix)]
mod failures;
#[cfg(unix)]
mod faults;
#[cfg(all(unix, feature = "log", feature = "log-file", feature = "tracing"))]
mod logging;
#[cfg(unix)]
mod reload;
#[cfg(unix)]
mod sockets;
#[cfg(unix)]
mod surroundings;
#[cfg(unix)]
mod systemd;
#[cfg(target_os = "linux")]
mod vsock;
#[cfg(unix)]
mod watchdog;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("child") {
        return programs::run(&arguments.next().unwrap_or_default());
    }
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit_code()
}

#[cfg(unix)]
fn trials() -> Vec<libtest_mimic::Trial> {
    [
        systemd::trials(),
        reload::trials(),
        sockets::trials(),
        watchdog::trials(),
        #[cfg(all(feature = "log", feature = "log-file", feature = "tracing"))]
        logging::trials(),
        executors::trials(),
        failures::trials(),
        faults::trials(),
        #[cfg(target_os = "linux")]
        vsock::trials(),
        surroundings::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Signals and notify sockets are Unix's. The Windows hosts are tried by the end-to-end suites, on a real SCM.
#[cfg(not(unix))]
fn trials() -> Vec<libtest_mimic::Trial> {
    Vec::new()
}

/// A trial for each function, named after it.
#[cfg(unix)]
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(libtest_mimic::Trial::test(stringify!($name), || {
                $name();
                Ok(())
            })),+]
        }
    };
}
#[cfg(unix)]
use cases;
