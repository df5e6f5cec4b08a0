//! Which systemd a unit needs.

use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::UnitFile;
use crate::service::Service;
use crate::service::systemd::MIN_VERSION;

/// Fits a unit to the oldest systemd that it is for; gives the oldest one that has all of what it uses.
pub(super) fn fit(_unit: &mut UnitFile, _service: &Service, _check: &mut Check) -> u32 {
    MIN_VERSION
}
