//! What a test does with a machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{boot, root};
use crate::command::Output;
use crate::once::RunFolder;
use crate::{checkout, command, wait};

/// No single step of a test takes longer, unless something hangs.
const STEP: Duration = Duration::from_secs(120);

/// A machine that runs. Dropping it ends all its processes and removes its disk.
pub struct Machine {
    // In this order: the container ends before its folder goes.
    container: boot::Container,
    folder: RunFolder,
    lower: PathBuf,
}

/// What changed between two listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A path that was not there before.
    Added(String),
    /// A path that is no longer there.
    Removed(String),
    /// A path whose kind, mode, owner, size, content or link target differs: as it was, and as it is.
    Altered(String, String, String),
}

impl Change {
    /// What changed.
    pub fn path(&self) -> &str {
        match self {
            Self::Added(path) | Self::Removed(path) | Self::Altered(path, ..) => path,
        }
    }
}

impl Machine {
    /// Boots a new machine with this Debian release.
    pub fn boot(suite: &str) -> Result<Self> {
        let lower = root::root(suite)?;
        let folder = RunFolder::new(&checkout::beds()?)?;
        let container = boot::boot(&lower, folder.path(), folder.name())?;
        Ok(Self {
            container,
            folder,
            lower,
        })
    }

    /// Shuts down in order and boots again.
    pub fn reboot(&mut self) -> Result<()> {
        self.container.power_off()?;
        self.start_again()
    }

    /// Ends everything at once, and boots again.
    pub fn power_cut(&mut self) -> Result<()> {
        self.container.cut()?;
        self.start_again()
    }

    fn start_again(&mut self) -> Result<()> {
        self.container = boot::boot(&self.lower, self.folder.path(), self.folder.name())?;
        Ok(())
    }

    /// Runs a program with exactly these arguments, however it ends.
    pub fn run(&self, args: &[&str]) -> Result<Output> {
        command::run(&mut self.container.enter(args), b"", STEP)
    }

    /// Runs a shell script, however it ends.
    pub fn sh(&self, script: &str) -> Result<Output> {
        self.run(&["sh", "-c", script])
    }

    /// Runs a shell script that must succeed; its standard output.
    pub fn ok(&self, script: &str) -> Result<String> {
        self.sh(script)?
            .success()
            .with_context(|| format!("on the machine: {script}"))
    }

    /// A process on the machine that the test ends itself.
    pub fn spawn(&self, args: &[&str]) -> Result<std::process::Child> {
        let mut command = self.container.enter(args);
        let null = std::process::Stdio::null;
        command.stdin(null()).stdout(null()).stderr(null());
        Ok(command.spawn()?)
    }

    /// Writes a file, its folders included.
    pub fn put(&self, path: &str, content: &[u8], mode: u32) -> Result<()> {
        let script = r#"mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod "$2" "$1""#;
        let mode = format!("{mode:o}");
        let mut command = self
            .container
            .enter(&["sh", "-c", script, "put", path, &mode]);
        command::run(&mut command, content, STEP)?
            .success()
            .with_context(|| format!("cannot write {path}"))?;
        Ok(())
    }

    /// Copies a file of this host to the machine.
    pub fn copy(&self, from: &Path, to: &str, mode: u32) -> Result<()> {
        let content = std::fs::read(from).with_context(|| from.display().to_string())?;
        self.put(to, &content, mode)
    }

    /// Reads a file.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let output = self.run(&["cat", "--", path])?;
        if !output.status.success() {
            bail!("cannot read {path}: {}", output.errors());
        }
        Ok(output.stdout)
    }

    /// Whether there is a file, folder or link of this name.
    pub fn exists(&self, path: &str) -> Result<bool> {
        Ok(self
            .run(&["sh", "-c", r#"[ -e "$1" ] || [ -L "$1" ]"#, "exists", path])?
            .code()
            == 0)
    }

    /// One property of a unit, as `systemctl show` prints it.
    pub fn show(&self, unit: &str, property: &str) -> Result<String> {
        let argument = format!("--property={property}");
        let output = self.run(&["systemctl", "show", "--value", &argument, "--", unit])?;
        Ok(output.success()?.trim_end().to_owned())
    }

    /// What a unit's processes, and systemd about the unit, wrote since the machine was made: messages alone.
    pub fn journal(&self, unit: &str) -> Result<String> {
        // What was written just now may still be on its way.
        self.run(&["journalctl", "--sync"])?.success()?;
        self.run(&[
            "journalctl",
            "--unit",
            unit,
            "--output=cat",
            "--all",
            "--no-pager",
        ])?
        .success()
    }

    /// Waits until a unit's property has this value.
    pub fn wait_for(&self, unit: &str, property: &str, value: &str) -> Result<()> {
        let probe = || Ok((self.show(unit, property)? == value).then_some(()));
        wait::until(
            &format!("{property}={value} of {unit}"),
            STEP,
            probe,
            || self.describe(unit),
        )
    }

    /// Waits until the unit's journal holds this text.
    pub fn wait_for_journal(&self, unit: &str, text: &str) -> Result<()> {
        let probe = || Ok(self.journal(unit)?.contains(text).then_some(()));
        wait::until(
            &format!("{text:?} in the journal of {unit}"),
            STEP,
            probe,
            || self.describe(unit),
        )
    }

    /// Waits until the unit runs in another process than `old`, and is active again.
    pub fn wait_for_restart(&self, unit: &str, old: &str) -> Result<String> {
        let probe = || {
            let pid = self.show(unit, "MainPID")?;
            let active = self.show(unit, "ActiveState")? == "active";
            Ok((active && pid != "0" && pid != old).then_some(pid))
        };
        wait::until(&format!("{unit} to be restarted"), STEP, probe, || {
            self.describe(unit)
        })
    }

    /// The unit's status and journal, for a message.
    pub fn describe(&self, unit: &str) -> String {
        let status = self.run(&["systemctl", "status", "--no-pager", "--full", "--", unit]);
        let status = status.map_or_else(|e| format!("{e:#}"), |o| o.describe());
        let journal = self.journal(unit).unwrap_or_else(|e| format!("{e:#}"));
        format!("{status}\n--- journal\n{journal}")
    }

    /// Everything on the machine's disk: kind, mode, owner, size, link target and, for a file, the time of its last change.
    ///
    /// Left out are the journal and what systemd itself keeps about its boots.
    pub fn listing(&self) -> Result<BTreeMap<String, String>> {
        const SCRIPT: &str = r"find / -xdev \( -path /var/log/journal/\* -o -path /var/lib/systemd/\* -o -path /var/log/wtmp \
            -o -path /var/log/btmp -o -path /var/log/lastlog -o -path /etc/.updated -o -path /var/.updated \) -prune \
            -o -type f -printf '%p\t%y %m %u:%g %s %T@\n' -o -printf '%p\t%y %m %u:%g %l\n'";
        let text = self.ok(SCRIPT)?;
        Ok(text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(path, what)| (path.to_owned(), what.to_owned()))
            .collect())
    }

    /// What changed on the disk since `before` was listed.
    pub fn changes(&self, before: &BTreeMap<String, String>) -> Result<Vec<Change>> {
        let after = self.listing()?;
        let mut changes = Vec::new();
        for (path, old) in before {
            match after.get(path) {
                None => changes.push(Change::Removed(path.clone())),
                Some(new) if new != old => {
                    changes.push(Change::Altered(path.clone(), old.clone(), new.clone()));
                }
                Some(_) => {}
            }
        }
        let added = after.keys().filter(|path| !before.contains_key(*path));
        changes.extend(added.cloned().map(Change::Added));
        Ok(changes)
    }
}
