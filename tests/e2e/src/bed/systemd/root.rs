//! The roots that machines start from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{checkout, command, once};

/// Part of a root's name: another number where the recipe below changes.
const RECIPE: u32 = 1;

/// A Debian release whose root the bed can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Its code name.
    pub suite: &'static str,
    /// The version of its systemd.
    pub systemd: u32,
}

/// The releases that cover what is in use, oldest first.
pub const RELEASES: [Release; 4] = [
    Release {
        suite: "bullseye",
        systemd: 247,
    },
    Release {
        suite: "bookworm",
        systemd: 252,
    },
    Release {
        suite: "trixie",
        systemd: 257,
    },
    Release {
        suite: "forky",
        systemd: 262,
    },
];

/// The script of debootstrap for every release of Debian that is still in use. It stands under each of their names, but not
/// under that of a release which is newer than the installed debootstrap.
const SCRIPT: &str = "sid";

/// The root of a Debian release, made if it is not there yet (half a minute, and 250 MB to download).
pub(super) fn root(suite: &str) -> Result<PathBuf> {
    let name = format!("debian-{suite}-{RECIPE}");
    once::folder(&checkout::beds()?, &name, |new| make(suite, new))
}

fn make(suite: &str, new: &Path) -> Result<()> {
    let mut debootstrap = Command::new("debootstrap");
    debootstrap
        .args([
            "--variant=minbase",
            "--include=systemd,systemd-sysv,dbus",
            suite,
        ])
        .arg(new)
        // An empty mirror is the one that debootstrap uses unless told otherwise.
        .args(["", SCRIPT])
        // Its scripts print warnings in the user's language, and ask nothing without a terminal.
        .env("LC_ALL", "C")
        .env("DEBIAN_FRONTEND", "noninteractive");
    command::run(&mut debootstrap, b"", Duration::from_secs(900))?
        .success()
        .with_context(|| format!("debootstrap {suite}"))?;

    // What a machine would change by itself, later: tests compare what is on it before and after.
    fs::create_dir_all(new.join("var/log/journal"))?;
    fs::write(
        new.join("etc/machine-id"),
        "5e1f7e57bed05e1f7e57bed05e1f7e57\n",
    )?;
    let timers = [
        "apt-daily.timer",
        "apt-daily-upgrade.timer",
        "dpkg-db-backup.timer",
        "e2scrub_all.timer",
        "fstrim.timer",
        "logrotate.timer",
        "systemd-tmpfiles-clean.timer",
    ];
    let units = new.join("etc/systemd/system");
    for timer in timers {
        // As "systemctl mask" does it.
        let mut link = Command::new("ln");
        link.args(["-s", "/dev/null"]).arg(units.join(timer));
        command::run(&mut link, b"", Duration::from_secs(30))?.success()?;
    }
    for cache in ["var/cache/apt/archives", "var/lib/apt/lists"] {
        once::remove(&new.join(cache))?;
        fs::create_dir_all(new.join(cache).join("partial"))?;
    }
    Ok(())
}
