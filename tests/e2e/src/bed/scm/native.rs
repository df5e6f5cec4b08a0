//! The Windows machine that the suite runs on, as an administrator.

#![expect(
    clippy::unused_self,
    reason = "it offers what the host under Wine offers, which needs itself for it"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::{Event, Host, events, os};
use crate::programs::{self, Windows};
use crate::{checkout, command};

pub(super) const NO_REBOOT: Option<&str> = Some("this machine cannot be rebooted during a test");

pub(super) fn needs() -> Result<(), String> {
    // Only an administrator may ask for this.
    let allowed = command::quiet("fltmc.exe")
        .status()
        .is_ok_and(|status| status.success());
    if allowed {
        Ok(())
    } else {
        Err("needs an administrator's rights".to_owned())
    }
}

pub(super) struct Inner {
    programs: &'static Windows,
    env: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    started: Instant,
}

impl Inner {
    pub(super) fn start() -> Result<Self> {
        let programs = programs::windows()?;
        Ok(Self {
            programs,
            env: BTreeMap::new(),
            folder: checkout::scratch()?,
            started: Instant::now(),
        })
    }

    pub(super) fn winq(&self, args: &[&str]) -> Command {
        let mut winq = Command::new(&self.programs.winq);
        winq.args(os(args)).envs(&self.env);
        winq
    }

    pub(super) fn reboot(&mut self) -> Result<()> {
        bail!("{}", NO_REBOOT.unwrap_or_default())
    }

    pub(super) fn events(&self, host: &Host, source: &str) -> Result<Vec<Event>> {
        let age = self.started.elapsed().as_millis();
        let which = format!(
            "/q:*[System[Provider[@Name='{source}'] and TimeCreated[timediff(@SystemTime) <= {age}]]]"
        );
        let ran = host.run("wevtutil.exe", &["qe", "Application", &which, "/f:xml"])?;
        ensure!(ran.code == 0, "wevtutil: {ran:?}");
        events::of_windows(&ran.text)
    }

    pub(super) fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn local(&self, windows: &str) -> PathBuf {
        PathBuf::from(windows)
    }

    pub(super) fn windows(&self, local: &Path) -> Result<String> {
        Ok(local
            .to_str()
            .with_context(|| local.display().to_string())?
            .to_owned())
    }
}
