//! A machine of one version for all tests of it, and services' units on it.

use std::sync::mpsc::{Sender, channel};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};

use anyhow::{Result, anyhow, ensure};
use svc_e2e::bed::systemd::{Machine, Release};
use svc_e2e::programs;

pub(crate) const PROBE: &str = "/usr/local/bin/svc-probe";
pub(crate) const MIRROR: &str = "/usr/local/bin/svc-mirror";

/// The first version with `Type=notify-reload`.
const NOTIFY_RELOAD: u32 = 253;

/// A machine that boots with the first test that wants it.
pub(crate) struct Bed {
    pub(crate) release: Release,
    machine: OnceLock<Result<(Machine, Sender<()>), String>>,
    /// Enabling a unit has systemd load all of them again, and an older one forgets then that a stop was granted more time.
    reloads: RwLock<()>,
}

impl Bed {
    pub(crate) fn new(release: Release) -> Self {
        Self {
            release,
            machine: OnceLock::new(),
            reloads: RwLock::new(()),
        }
    }

    /// While the value is held, systemd loads no units again.
    pub(crate) fn calm(&self) -> RwLockReadGuard<'_, ()> {
        self.reloads.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn machine(&self) -> Result<&Machine> {
        let boot = || {
            let machine = boot_kept(self.release.suite)?;
            machine.0.copy(programs::probe_linux()?, PROBE, 0o755)?;
            machine.0.copy(programs::mirror_linux()?, MIRROR, 0o755)?;
            Ok(machine)
        };
        let booted = self
            .machine
            .get_or_init(|| boot().map_err(|error: anyhow::Error| format!("{error:#}")));
        let machine = booted.as_ref().map_err(|error| anyhow!("{error}"))?;
        Ok(&machine.0)
    }

    /// Writes a service's unit, with these lines, for a program that has a folder of its own.
    pub(crate) fn unit(&self, name: &str, program: &str, lines: &str) -> Result<Unit<'_>> {
        let machine = self.machine()?;
        let unit = Unit {
            machine,
            name: format!("{name}.service"),
            folder: format!("/srv/{name}"),
        };
        let kind = if lines.contains("Type=") {
            ""
        } else {
            "Type=notify\n"
        };
        let text = format!(
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\n{kind}ExecStart={program}\nEnvironment=PROBE_DIR={}\nRestartSec=100ms\n\
             {lines}\n[Install]\nWantedBy=multi-user.target\n",
            unit.folder
        );
        machine.ok(&format!("mkdir -p {}", unit.folder))?;
        let path = format!("/etc/systemd/system/{}", unit.name);
        machine.put(&path, text.as_bytes(), 0o644)?;
        // Enabled, because systemd forgets how a unit ended that nothing refers to.
        let _alone = self.reloads.write().unwrap_or_else(PoisonError::into_inner);
        machine.ok(&format!("systemctl --quiet enable {}", unit.name))?;
        Ok(unit)
    }

    pub(crate) fn running(&self, name: &str, program: &str, lines: &str) -> Result<Unit<'_>> {
        let unit = self.unit(name, program, lines)?;
        unit.ctl("start")?;
        Ok(unit)
    }

    /// What has a service told to reload in the best way that this version knows.
    pub(crate) fn reloads(&self) -> &'static str {
        if self.release.systemd < NOTIFY_RELOAD {
            // A small root has no /bin/kill.
            "Type=notify\nExecReload=/bin/sh -c \"kill -HUP $MAINPID\""
        } else {
            "Type=notify-reload"
        }
    }
}

/// A machine ends with the thread that booted it, which is to be none that runs tests: those end when no test is left to begin.
/// This one ends when what it gives is dropped.
fn boot_kept(suite: &'static str) -> Result<(Machine, Sender<()>)> {
    let (give, take) = channel();
    let (keep, end) = channel::<()>();
    std::thread::spawn(move || {
        // Without a taker nobody wants it any more.
        let _ = give.send(Machine::boot(suite));
        let _ = end.recv();
    });
    Ok((take.recv()??, keep))
}

/// A service's unit.
pub(crate) struct Unit<'m> {
    pub(crate) machine: &'m Machine,
    pub(crate) name: String,
    pub(crate) folder: String,
}

impl Unit<'_> {
    pub(crate) fn ctl(&self, words: &str) -> Result<()> {
        self.machine
            .ok(&format!("systemctl {words} {}", self.name))?;
        Ok(())
    }

    pub(crate) fn is(&self, property: &str, expected: &str) -> Result<()> {
        let found = self.machine.show(&self.name, property)?;
        let whole = || self.machine.describe(&self.name);
        ensure!(
            found == expected,
            "{property} is {found:?}, not {expected:?}\n{}",
            whole()
        );
        Ok(())
    }

    pub(crate) fn becomes(&self, property: &str, value: &str) -> Result<()> {
        self.machine.wait_for(&self.name, property, value)
    }

    pub(crate) fn says(&self, text: &str) -> Result<()> {
        self.machine.wait_for_journal(&self.name, text)
    }

    pub(crate) fn pid(&self) -> Result<String> {
        self.machine.show(&self.name, "MainPID")
    }

    pub(crate) fn put(&self, file: &str, text: &str) -> Result<()> {
        let path = format!("{}/{file}", self.folder);
        self.machine.put(&path, text.as_bytes(), 0o644)
    }

    pub(crate) fn kill(&self, signal: &str) -> Result<()> {
        let pid = self.pid()?;
        self.machine.ok(&format!("kill -{signal} {pid}"))?;
        Ok(())
    }

    pub(crate) fn ended_in_order(&self) -> Result<()> {
        self.is("Result", "success")?;
        // CLD_EXITED: by itself, not by a signal.
        self.is("ExecMainCode", "1")?;
        self.is("ExecMainStatus", "0")
    }
}
