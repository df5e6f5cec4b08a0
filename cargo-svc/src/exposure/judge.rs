//! How bad each check finds a unit.

use super::families::{family, is_exotic};
use super::settings::{DevicePolicy, Settings};
use super::table::{Check, Judge};
use super::values::{capabilities, leaves_root, namespaces, words};

/// What a check says of a unit.
pub(super) struct Verdict {
    /// From nothing to the check's range.
    pub(super) badness: u32,
    pub(super) advice: &'static [&'static str],
    pub(super) description: &'static str,
}

impl Verdict {
    fn of(check: &Check, badness: u32) -> Self {
        Self {
            badness,
            advice: check.advice,
            description: check.description,
        }
    }

    fn advising(self, advice: &'static [&'static str]) -> Self {
        Self { advice, ..self }
    }

    fn saying(self, description: &'static str) -> Self {
        Self {
            description,
            ..self
        }
    }
}

/// Judges one check; `None` if it does not apply.
pub(super) fn judge(check: &Check, settings: &Settings) -> Option<Verdict> {
    let bad = |is: bool| Verdict::of(check, if is { check.range } else { 0 });
    let verdict = match check.judge {
        Judge::Switch => bad(!settings.on(check.key())),
        Judge::Level { unset, .. } => level(check, settings, unset),
        Judge::User => user(check, settings),
        Judge::SupplementaryGroups | Judge::RemoveIpc if settings.is_privileged() => return None,
        Judge::SupplementaryGroups => bad(settings.lists("SupplementaryGroups")),
        Judge::RemoveIpc => bad(!settings.on("RemoveIPC")),
        Judge::Root => {
            let mut paths = settings.root_directory.iter().chain(&settings.root_image);
            bad(!paths.any(|path| leaves_root(path)))
        }
        Judge::Capabilities => {
            let verdict = bad(settings.bounding & capabilities(check.listed()) != 0);
            // Most services need none at all.
            if settings.bounding_set || settings.ambient != 0 {
                verdict
            } else {
                verdict.advising(&["CapabilityBoundingSet="])
            }
        }
        Judge::AmbientCapabilities => bad(settings.ambient != 0),
        Judge::UMask => umask(check, settings.umask),
        Judge::Delegate => bad(settings.on("Delegate")),
        Judge::Namespace => {
            let asked = namespaces(check.listed()).unwrap_or_default();
            match settings.namespaces {
                Some(allowed) => bad(allowed & asked != 0),
                None => bad(true).advising(&["RestrictNamespaces=yes"]),
            }
        }
        Judge::Families => {
            let asked = |name: &str| words(check.listed()).filter_map(family).any(|f| f == name);
            bad(settings.families.reaches(asked))
        }
        Judge::ExoticFamilies => {
            let verdict = bad(settings.families.reaches(is_exotic));
            match settings.families.is_allow_list() {
                None => verdict.advising(&check.advice[1..]),
                Some(false) => verdict,
                // The unit asks for them by name.
                Some(true) => verdict.advising(&[]),
            }
        }
        Judge::Architectures => architectures(check, settings),
        Judge::Calls => calls(check, settings),
        Judge::Addresses => addresses(check, settings),
        Judge::Devices => devices(check, settings),
    };
    Some(verdict)
}

fn level(check: &Check, settings: &Settings, unset: &str) -> Verdict {
    let word = settings.level(check.key()).unwrap_or(unset);
    let level = check.levels().iter().find(|level| level.word == word);
    let badness = level.map_or(check.range, |level| level.badness);
    let verdict = Verdict::of(check, badness);
    match level.and_then(|level| level.description) {
        Some(description) => verdict.saying(description),
        None => verdict,
    }
}

fn user(check: &Check, settings: &Settings) -> Verdict {
    if settings.user == Some("nobody") {
        return Verdict::of(check, 9)
            .saying("Shares its user with every other service that runs as nobody");
    }
    let verdict = Verdict::of(check, if settings.is_privileged() { 10 } else { 0 });
    if settings.user.is_none() {
        verdict.advising(&check.advice[1..])
    } else {
        verdict
    }
}

fn umask(check: &Check, umask: u32) -> Verdict {
    let (badness, description) = if umask & 0o002 == 0 {
        (10, "Makes files that every user can write")
    } else if umask & 0o004 == 0 {
        (5, "Makes files that every user can read")
    } else if umask & 0o020 == 0 {
        (2, "Makes files that its group can write")
    } else if umask & 0o040 == 0 {
        (1, "Makes files that its group can read")
    } else {
        (0, "")
    };
    Verdict::of(check, badness).saying(description)
}

fn architectures(check: &Check, settings: &Settings) -> Verdict {
    let set = &settings.architectures;
    if set.is_empty() {
        Verdict::of(check, 10)
    } else if set.len() == 1 && set.contains("native") {
        Verdict::of(check, 0)
    } else {
        Verdict::of(check, 8)
            .advising(&["SystemCallArchitectures=", "SystemCallArchitectures=native"])
            .saying("Can make system calls in the form of several architectures")
    }
}

fn calls(check: &Check, settings: &Settings) -> Verdict {
    let reaches = settings.calls.reaches(check.listed());
    match (settings.calls.is_allow_list(), reaches) {
        (None, _) => Verdict::of(check, 10).advising(&[
            "SystemCallFilter=@system-service",
            "SystemCallFilter=~@privileged @resources",
        ]),
        (_, false) => Verdict::of(check, 0),
        // An allow list that lets one of them through is a little better than none.
        (Some(true), true) => Verdict::of(check, 9),
        (Some(false), true) => Verdict::of(check, 10),
    }
}

fn addresses(check: &Check, settings: &Settings) -> Verdict {
    // Programs of its own look at the service's traffic.
    if settings.lists("IPIngressFilterPath") || settings.lists("IPEgressFilterPath") {
        return Verdict::of(check, 0);
    }
    if !settings.addresses_denied.is_everything() {
        return Verdict::of(check, 10);
    }
    // The service needs what is on its list: to reset it is no advice.
    let allowed = &settings.addresses_allowed;
    if allowed.is_empty() {
        Verdict::of(check, 0)
    } else if allowed.is_local() {
        Verdict::of(check, 2)
            .advising(&[])
            .saying("Can exchange packets with this machine")
    } else {
        Verdict::of(check, 5)
            .advising(&[])
            .saying("Can exchange packets with the addresses that IPAddressAllow= lists")
    }
}

fn devices(check: &Check, settings: &Settings) -> Verdict {
    if settings.device_policy == DevicePolicy::Auto {
        return Verdict::of(check, 10);
    }
    if settings.device_implied {
        return Verdict::of(check, 5).advising(&[]).saying(
            "Can open the devices that ProtectClock=, images or encrypted credentials let in",
        );
    }
    let verdict = Verdict::of(check, if settings.lists("DeviceAllow") { 5 } else { 0 });
    verdict
        .advising(&["DeviceAllow="])
        .saying("Can open the devices that DeviceAllow= lists")
}
