//! A machine with a real systemd: a Debian root in a container of its own.
//!
//! The root is made once by debootstrap and kept under the target folder. Each machine writes to an overlay on top of it, so
//! that booting takes a second and nothing of one test reaches another. Mounts live in the machine's own mount namespace
//! and all its processes in its own PID namespace, whose first process dies with the test: nothing can be left over.

mod boot;
mod machine;
mod root;
mod still;

pub(crate) use boot::clean;
pub use machine::{Change, Machine};
pub use root::{RELEASES, Release};
pub use still::Still;

use anyhow::{Result, anyhow};

use crate::command::exists;

/// The Debian release that the suites run on unless they name another.
pub const SUITE: &str = "bookworm";

/// Makes all roots that are not there yet, beside each other.
pub fn prepare() -> Result<()> {
    needs().map_err(|reason| anyhow!("{reason}"))?;
    std::thread::scope(|scope| {
        let made = RELEASES.map(|release| scope.spawn(move || root::root(release.suite)));
        made.into_iter().try_for_each(|made| {
            made.join()
                .map_err(|_| anyhow!("making a root panicked"))?
                .map(|_| ())
        })
    })
}

/// What this machine lacks for the bed; an error with the reason.
pub fn needs() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("needs Linux".to_owned());
    }
    let root = std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|s| s.lines().any(|l| l.starts_with("Uid:\t0\t0\t")));
    if !root {
        return Err("needs root, to boot a container".to_owned());
    }
    let programs = [
        "systemd-nspawn",
        "debootstrap",
        "setpriv",
        "unshare",
        "nsenter",
    ];
    let absent: Vec<_> = programs.into_iter().filter(|p| !exists(p)).collect();
    if !absent.is_empty() {
        return Err(format!("needs {}", absent.join(", ")));
    }
    let allowed = crate::command::quiet("unshare")
        .args([
            "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt",
        ])
        .status()
        .is_ok_and(|status| status.success());
    if allowed {
        Ok(())
    } else {
        Err("needs the right to mount in a new namespace".to_owned())
    }
}
