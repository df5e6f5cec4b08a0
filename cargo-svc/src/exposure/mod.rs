//! How exposed a unit leaves its service: the figure of `systemd-analyze security --offline=true`, without systemd.
//!
//! systemd judges some eighty settings. Each has a weight, and a badness between nothing and its range; the exposure is the
//! weighted mean of the badnesses, from 0.0 to 10.0. What is judged, and with which weight, is data: the table of checks, and
//! the groups of system calls. Both are those of systemd 252 on x86-64, whose figure this is, to the tenth. Other versions
//! judge a few settings more, and know more system calls.
//!
//! A line that systemd ignores with a warning is ignored. A unit that systemd refuses to load has no exposure there; here it
//! has that of its valid lines. Specifiers (`%u`) are taken as they stand.
//!
//! <https://www.freedesktop.org/software/systemd/man/systemd-analyze.html> describes the command.

mod addresses;
mod calls;
mod families;
mod judge;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::fmt;

use settings::Settings;

/// What is judged of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// The assignments of the `[Service]` section in their order, keys and values as a unit file has them. Keys that are not
    /// judged may be among them.
    pub service: &'a [(&'a str, &'a str)],
    /// `DefaultDependencies=` of the `[Unit]` section. A service of early boot, which has none, is not asked for its file
    /// system's protection.
    pub default_dependencies: bool,
    /// Whether it is a user manager's unit, which shares its user's keyring unless told otherwise.
    pub user_manager: bool,
}

impl<'a> Unit<'a> {
    /// A unit of the system manager that has its default dependencies.
    pub const fn new(service: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            service,
            default_dependencies: true,
            user_manager: false,
        }
    }
}

/// How exposed a service is; shown as systemd shows it (`1.3`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// In tenths, as `--threshold` takes it: 13 stands for 1.3, and 100 is the worst.
    pub tenths: u32,
    /// What adds to it, the costliest first.
    pub findings: Vec<Finding>,
}

/// One thing that a unit leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The setting that would close it, named as systemd does: `PrivateTmp=`, or with the part that is meant,
    /// `CapabilityBoundingSet=~CAP_SYS_ADMIN`.
    pub directive: &'static str,
    /// Its share of the exposure in thousandths of a point: 250 stands for 0.25. Other settings may depend on the same line,
    /// so that writing it may save more.
    pub costs: u32,
    /// The lines that lower the cost when they are added at the end of the section. None where no line would do, or none
    /// without giving up more.
    pub advice: &'static [&'static str],
    /// What the service can do.
    pub description: &'static str,
}

/// Judges a unit.
///
/// ```
/// use cargo_svc::exposure::{Unit, assess};
///
/// let bare = assess(&Unit::new(&[("ExecStart", "/usr/bin/beacon")]));
/// assert_eq!(bare.to_string(), "9.6");
///
/// let dynamic = assess(&Unit::new(&[("DynamicUser", "yes")]));
/// assert_eq!(dynamic.to_string(), "8.4");
/// let worst = &dynamic.findings[0];
/// assert_eq!((worst.directive, worst.costs), ("PrivateNetwork=", 443));
/// assert_eq!(worst.advice, ["PrivateNetwork=yes"]);
/// ```
pub fn assess(unit: &Unit) -> Exposure {
    let settings = Settings::read(unit);
    let verdicts: Vec<_> = table::CHECKS
        .iter()
        .filter(|check| unit.default_dependencies || !check.needs_default_dependencies)
        .filter_map(|check| Some((check, judge::judge(check, &settings)?)))
        .collect();

    let total: u32 = verdicts.iter().map(|(check, _)| check.weight).sum();
    let mut costs = 0;
    let mut findings = Vec::new();
    for (check, verdict) in verdicts {
        // Rounded up each time, as systemd does.
        let cost = (verdict.badness * check.weight).div_ceil(check.range);
        costs += cost;
        if verdict.badness > 0 {
            findings.push(Finding {
                directive: check.directive,
                costs: (cost * 10_000).div_ceil(total),
                advice: verdict.advice,
                description: verdict.description,
            });
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.costs));
    Exposure {
        tenths: (costs * 100).div_ceil(total),
        findings,
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}
