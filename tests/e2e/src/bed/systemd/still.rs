//! A root whose programs run without a booted machine around them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::root;
use crate::command::{self, Output};

/// Longer than any program that is run this way takes.
const STEP: Duration = Duration::from_secs(120);

/// Where the shared folder lies in the root.
const SHARED: &str = "/mnt";

/// Runs as the first process of new mount and PID namespaces, and waits for the program: systemd itself would take it for a
/// boot if it found itself to be that first process. The cached root is the same for all suites, so
/// nothing but its `/run` and `/tmp` can be written.
const SCRIPT: &str = r#"
set -e
root=$1 shared=$2
shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
[ -z "$shared" ] || mount --bind "$shared" "$root/mnt"
chroot "$root" "$@" || exit
"#;

/// The root of a Debian release, to run programs in that need no service manager.
pub struct Still {
    root: PathBuf,
}

impl Still {
    /// The root of this release, made if it is not there yet.
    pub fn new(suite: &str) -> Result<Self> {
        Ok(Self {
            root: root::root(suite)?,
        })
    }

    /// The root's folder on this host, to read only.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Runs a program with exactly these arguments, however it ends.
    pub fn run(&self, args: &[&str]) -> Result<Output> {
        self.enter(Path::new(""), args)
    }

    /// Runs a program that finds a folder of this host at `/mnt`.
    pub fn run_with(&self, shared: &Path, args: &[&str]) -> Result<Output> {
        self.enter(shared, args)
    }

    /// Where the shared folder's file `name` is for the program.
    pub fn shared(name: &str) -> String {
        format!("{SHARED}/{name}")
    }

    fn enter(&self, shared: &Path, args: &[&str]) -> Result<Output> {
        let mut command = Command::new("unshare");
        command
            .args([
                "--mount",
                "--propagation",
                "private",
                "--pid",
                "--fork",
                "--kill-child=KILL",
                "sh",
                "-c",
                SCRIPT,
                "enter",
            ])
            .arg(&self.root)
            .arg(shared)
            .args(args)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", "/root")
            .env("LANG", "C.UTF-8")
            .env("SYSTEMD_PAGER", "cat");
        command::run(&mut command, b"", STEP)
    }
}
