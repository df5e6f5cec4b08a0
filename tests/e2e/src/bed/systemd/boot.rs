//! Starting and ending the container.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{command, wait};

/// Long enough for a loaded machine; a boot takes one second.
const BOOT: Duration = Duration::from_secs(120);

/// Runs as the first process of new mount and PID namespaces, and becomes systemd-nspawn.
///
/// Each machine has control groups of its own: with `--keep-unit` systemd-nspawn divides the group that it is started in.
/// The private tmpfs keeps its lock files off the host.
const SCRIPT: &str = r#"
set -e
lower=$1 folder=$2 name=$3
shift 3
for group; do
    mkdir -p "$group"
    echo 0 >"$group/cgroup.procs"
done
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
cd "$folder"
mkdir -p upper work root
# An option's value cannot hold a comma or a colon, so the long paths stay out of it.
ln -sfn "$lower" lower
if ! mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work root 2>/dev/null; then
    [ -e root/usr ] || cp -a lower/. root
fi
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn --quiet --directory=root --machine="$name" --hostname=bed \
    --boot --register=no --keep-unit --private-network --link-journal=no --resolv-conf=off --timezone=off \
    --settings=no --console=pipe
"#;

/// A container that runs.
pub(super) struct Container {
    /// `unshare`, whose end is the end of everything in the container.
    outer: Child,
    /// systemd-nspawn, which turns SIGTERM into an orderly shutdown.
    nspawn: u32,
    /// The container's first process, as the host numbers it.
    pub(super) init: u32,
    groups: Vec<PathBuf>,
}

/// Boots `folder` (its overlay lies on `lower`) and waits until systemd says that it is up.
pub(super) fn boot(lower: &Path, folder: &Path, name: &str) -> Result<Container> {
    let groups = groups(name)?;
    let console = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("console"))?;
    let outer = Command::new("setpriv")
        .args([
            "--pdeathsig",
            "KILL",
            "unshare",
            "--mount",
            "--propagation",
            "private",
        ])
        .args([
            "--pid",
            "--fork",
            "--kill-child=KILL",
            "--mount-proc",
            "sh",
            "-c",
            SCRIPT,
            "boot",
        ])
        .arg(lower)
        .arg(folder)
        .arg(name)
        .args(&groups)
        .stdin(std::process::Stdio::null())
        .stdout(console.try_clone()?)
        .stderr(console)
        .spawn()
        .context("cannot run setpriv")?;
    let mut container = Container {
        outer,
        nspawn: 0,
        init: 0,
        groups,
    };
    let console = || {
        let text = fs::read(folder.join("console")).unwrap_or_default();
        format!("the console says: {}", String::from_utf8_lossy(&text))
    };
    let booted = wait::until("systemd in the container", BOOT, || container.up(), console);
    booted.map(|()| container)
}

impl Container {
    fn up(&mut self) -> Result<Option<()>> {
        if let Some(status) = self.outer.try_wait()? {
            bail!("the container ended while it booted: {status}");
        }
        let Some(nspawn) = only_child(self.outer.id()) else {
            return Ok(None);
        };
        let Some(init) = only_child(nspawn) else {
            return Ok(None);
        };
        (self.nspawn, self.init) = (nspawn, init);
        let state = self.enter(&["systemctl", "is-system-running"]);
        let state = command::run(&mut { state }, b"", Duration::from_secs(30))?.text();
        match state.trim() {
            "running" => Ok(Some(())),
            "degraded" => bail!("a unit of the plain machine failed"),
            _ => Ok(None),
        }
    }

    /// A command that runs in the container, with an environment of its own.
    pub(super) fn enter(&self, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.init.to_string(), "--all"])
            .args(args)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("HOME", "/root")
            .env("LANG", "C.UTF-8")
            .env("SYSTEMD_PAGER", "cat");
        command
    }

    /// Shuts down in order, as `systemctl poweroff` would.
    pub(super) fn power_off(&mut self) -> Result<()> {
        if self.nspawn != 0 && self.outer.try_wait()?.is_none() {
            command::quiet("kill")
                .args(["-s", "TERM", &self.nspawn.to_string()])
                .status()?;
        }
        if command::wait(&mut self.outer, BOOT)?.is_none() {
            self.cut()?;
            bail!("the machine did not shut down within {BOOT:?}");
        }
        self.remove_groups();
        Ok(())
    }

    /// Ends everything at once, as if the power had failed.
    pub(super) fn cut(&mut self) -> Result<()> {
        // The kernel ends the whole PID namespace with its first process, and that one with `unshare`.
        self.outer.kill()?;
        self.outer.wait()?;
        self.remove_groups();
        Ok(())
    }

    /// Once: the next container of the machine has groups of the same names, and this one is dropped when that one runs.
    fn remove_groups(&mut self) {
        remove_groups(&std::mem::take(&mut self.groups));
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Err(error) = self.cut() {
            eprintln!("svc-e2e: cannot end a container: {error:#}");
        }
    }
}

/// The child of a process, if there is exactly one.
fn only_child(parent: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let mut children = children.split_whitespace();
    let child = children.next()?.parse().ok()?;
    children.next().is_none().then_some(child)
}

/// The control groups of a machine: below the unified hierarchy, and below the one that older layouts keep for systemd.
fn groups(name: &str) -> Result<Vec<PathBuf>> {
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let roots = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        let wanted = kind == "cgroup2"
            || (kind == "cgroup" && options.split(',').any(|o| o == "name=systemd"));
        wanted.then(|| Path::new(point).join(name))
    });
    let groups: Vec<_> = roots.collect();
    if groups.is_empty() {
        bail!("no control group hierarchy is mounted");
    }
    Ok(groups)
}

/// Removes what the container left in the hierarchies, once its processes are gone.
fn remove_groups(groups: &[PathBuf]) {
    for group in groups {
        // The kernel empties a group a moment after the last process has ended.
        let _ = wait::until(
            "the control group to be empty",
            Duration::from_secs(10),
            || Ok(remove_group(group).is_ok().then_some(())),
            String::new,
        );
    }
}

fn remove_group(group: &Path) -> std::io::Result<()> {
    if !group.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(group)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_group(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

/// Removes the control groups of a machine whose test was killed.
pub(crate) fn clean(name: &str) {
    if let Ok(groups) = groups(name) {
        remove_groups(&groups);
    }
}
