//! What the suites of both kinds of package share.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::installed::distribution::{self, Packages, Version};

pub(crate) const UNIT: &str = "svc-probe.service";
pub(crate) const SOCKET: &str = "svc-probe-http.socket";
pub(crate) const TIMER: &str = "svc-sweeper.timer";
pub(crate) const LATER: &str = "svc-later.service";
pub(crate) const WORKER: &str = "svc-worker@one.service";

/// The packages of a version, made once for all tests.
pub(crate) fn packages(version: Version) -> Result<Packages> {
    static MADE: Mutex<BTreeMap<String, Packages>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = format!("{version:?}");
    if let Some(packages) = made.get(&key) {
        return Ok(packages.clone());
    }
    let packages = distribution::packages(version)?;
    made.insert(key, packages.clone());
    Ok(packages)
}

pub(crate) fn machine() -> Result<Machine> {
    let machine = Machine::boot(systemd::SUITE)?;
    machine.ok("mkdir -p /srv/probe")?;
    Ok(machine)
}

/// Compares one property of several units.
pub(crate) fn states(machine: &Machine, property: &str, expected: &[(&str, &str)]) -> Result<()> {
    for (unit, state) in expected {
        let found = machine.show(unit, property)?;
        ensure!(
            found == *state,
            "{unit} has {property}={found}, not {state}\n{}",
            machine.describe(unit)
        );
    }
    Ok(())
}
