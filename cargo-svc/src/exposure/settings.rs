//! What the lines of a `[Service]` section make together: repeated keys, resets, and what one key implies for others.

use std::collections::{BTreeMap, BTreeSet};

use super::Unit;
use super::addresses::Addresses;
use super::calls::Calls;
use super::families::Families;
use super::table;
use super::values::{
    ALL_NAMESPACES, boolean, capabilities, has_mount_image, is_architecture, is_device, mode,
    namespaces, negated, words,
};

/// The bounding set before anything is taken from it: also what no capability has a number for.
const ALL_CAPABILITIES: u64 = u64::MAX;

/// The settings of a unit that the assessment asks for, as systemd 252 has them once it has loaded the unit.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    /// Keys with a boolean value.
    switches: BTreeMap<&'a str, bool>,
    /// Lists of which no more is asked than whether something is on them.
    lists: BTreeSet<&'a str>,
    /// Keys with a word of a fixed set, as the table of checks lists them.
    levels: BTreeMap<&'a str, &'static str>,
    pub(super) user: Option<&'a str>,
    pub(super) umask: u32,
    pub(super) root_directory: Option<&'a str>,
    pub(super) root_image: Option<&'a str>,
    pub(super) bounding: u64,
    /// Whether the unit itself says what is in the bounding set.
    pub(super) bounding_set: bool,
    pub(super) ambient: u64,
    /// The namespaces that may be made; `None` while no line says so.
    pub(super) namespaces: Option<u8>,
    pub(super) families: Families,
    pub(super) architectures: BTreeSet<&'a str>,
    pub(super) calls: Calls,
    pub(super) addresses_denied: Addresses,
    pub(super) addresses_allowed: Addresses,
    pub(super) device_policy: DevicePolicy,
    /// Whether other settings let devices in beside a list or a policy.
    pub(super) device_implied: bool,
    /// Whether each credential is encrypted, by the kind of key and its name.
    credentials: BTreeMap<(&'static str, &'a str), bool>,
}

/// `DevicePolicy=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DevicePolicy {
    Auto,
    Closed,
    Strict,
}

impl<'a> Settings<'a> {
    /// Reads a unit.
    pub(super) fn read(unit: &Unit<'a>) -> Self {
        let mut settings = Self {
            switches: BTreeMap::new(),
            lists: BTreeSet::new(),
            levels: BTreeMap::new(),
            user: None,
            umask: 0o022,
            root_directory: None,
            root_image: None,
            bounding: ALL_CAPABILITIES,
            bounding_set: false,
            ambient: 0,
            namespaces: None,
            families: Families::default(),
            architectures: BTreeSet::new(),
            calls: Calls::default(),
            addresses_denied: Addresses::default(),
            addresses_allowed: Addresses::default(),
            device_policy: DevicePolicy::Auto,
            device_implied: false,
            credentials: BTreeMap::new(),
        };
        if unit.user_manager {
            settings.levels.insert("KeyringMode", "inherit");
        }
        for (key, value) in unit.service {
            settings.assign(key, value.trim());
        }
        settings.imply();
        settings
    }

    /// Whether a boolean is on.
    pub(super) fn on(&self, key: &str) -> bool {
        self.switches.get(key).copied().unwrap_or_default()
    }

    /// The word that a key was given last.
    pub(super) fn level(&self, key: &str) -> Option<&'static str> {
        self.levels.get(key).copied()
    }

    /// Whether the service's processes are root's.
    pub(super) fn is_privileged(&self) -> bool {
        match self.user {
            Some("0" | "root") => true,
            Some(_) => false,
            None => !self.on("DynamicUser"),
        }
    }

    /// Whether something is on a list.
    pub(super) fn lists(&self, key: &str) -> bool {
        self.lists.contains(key)
    }

    /// Takes one line in.
    fn assign(&mut self, key: &'a str, value: &'a str) {
        match key {
            "User" => self.user = (!value.is_empty()).then_some(value),
            "SupplementaryGroups" => self.extend(key, value, |_| true),
            "IPIngressFilterPath" | "IPEgressFilterPath" => self.extend(key, value, is_absolute),
            "DeviceAllow" => self.extend(key, value, is_device),
            "MountImages" => self.extend(key, value, has_mount_image),
            "UMask" => self.umask = mode(value).unwrap_or(self.umask),
            "RootDirectory" => self.root_directory = (!value.is_empty()).then_some(value),
            "RootImage" => self.root_image = (!value.is_empty()).then_some(value),
            "CapabilityBoundingSet" => merge(&mut self.bounding, ALL_CAPABILITIES, value),
            "AmbientCapabilities" => merge(&mut self.ambient, 0, value),
            "RestrictNamespaces" => self.restrict_namespaces(value),
            "RestrictAddressFamilies" => self.families.assign(value),
            "SystemCallArchitectures" if value.is_empty() => self.architectures.clear(),
            "SystemCallArchitectures" => {
                let known = words(value).filter(|word| is_architecture(word));
                self.architectures.extend(known);
            }
            "SystemCallFilter" => self.calls.assign(value),
            // A list of controllers, or nothing, delegates as well.
            "Delegate" => {
                self.switches.insert(key, boolean(value).unwrap_or(true));
            }
            "IPAddressDeny" => self.addresses_denied.assign(value),
            "IPAddressAllow" => self.addresses_allowed.assign(value),
            "DevicePolicy" => match value {
                "auto" => self.device_policy = DevicePolicy::Auto,
                "closed" => self.device_policy = DevicePolicy::Closed,
                "strict" => self.device_policy = DevicePolicy::Strict,
                _ => {}
            },
            "LoadCredential" => self.credential("load", value, false),
            "LoadCredentialEncrypted" => self.credential("load", value, true),
            "SetCredential" => self.credential("set", value, false),
            "SetCredentialEncrypted" => self.credential("set", value, true),
            _ => self.switch_or_level(key, value),
        }
    }

    fn switch_or_level(&mut self, key: &'a str, value: &str) {
        if let Some(levels) = table::levels(key) {
            // "true" is the level "yes" where there is one.
            let word = match boolean(value) {
                Some(true) => "yes",
                Some(false) => "no",
                None => value,
            };
            if let Some(level) = levels.iter().find(|level| level.word == word) {
                self.levels.insert(key, level.word);
            }
        } else if let Some(on) = boolean(value) {
            self.switches.insert(key, on);
        }
    }

    /// A line of a list, which grows with each and is reset by an empty one.
    fn extend(&mut self, key: &'a str, value: &str, is_valid: impl Fn(&str) -> bool) {
        if value.is_empty() {
            self.lists.remove(key);
        } else if is_valid(value) {
            self.lists.insert(key);
        }
    }

    fn restrict_namespaces(&mut self, value: &str) {
        if value.is_empty() {
            self.namespaces = None;
            return;
        }
        if let Some(restricted) = boolean(value) {
            self.namespaces = Some(if restricted { 0 } else { ALL_NAMESPACES });
            return;
        }
        let (denies, list) = negated(value);
        let Some(bits) = namespaces(list) else {
            return;
        };
        self.namespaces = Some(match (self.namespaces, denies) {
            (None, false) => bits,
            (None, true) => ALL_NAMESPACES & !bits,
            (Some(before), false) => before | bits,
            (Some(before), true) => before & !bits,
        });
    }

    fn credential(&mut self, kind: &'static str, value: &'a str, encrypted: bool) {
        if value.is_empty() {
            self.credentials.retain(|(other, _), _| *other != kind);
            return;
        }
        let (name, rest) = value.split_once(':').unwrap_or((value, ""));
        // Only a file may go by the credential's own name.
        if !name.is_empty() && (kind == "load" || !rest.is_empty()) {
            self.credentials.insert((kind, name), encrypted);
        }
    }

    /// What systemd adds once it has read all lines (`unit_patch_contexts()` of `src/core/unit.c`).
    fn imply(&mut self) {
        self.bounding_set = self.bounding != ALL_CAPABILITIES;
        for (key, capabilities_gone) in [
            ("PrivateDevices", "CAP_MKNOD CAP_SYS_RAWIO"),
            ("ProtectKernelModules", "CAP_SYS_MODULE"),
            ("ProtectKernelLogs", "CAP_SYSLOG"),
            ("ProtectClock", "CAP_SYS_TIME CAP_WAKE_ALARM"),
        ] {
            if self.on(key) {
                self.bounding &= !capabilities(capabilities_gone);
            }
        }
        if self.on("DynamicUser") {
            for key in [
                "PrivateTmp",
                "RemoveIPC",
                "NoNewPrivileges",
                "RestrictSUIDSGID",
            ] {
                self.switches.insert(key, true);
            }
            self.levels.insert("ProtectSystem", "strict");
            if matches!(self.level("ProtectHome"), None | Some("no")) {
                self.levels.insert("ProtectHome", "read-only");
            }
        }
        if self.on("PrivateDevices") && self.device_policy == DevicePolicy::Auto {
            self.device_policy = DevicePolicy::Closed;
        }
        // The real-time clock, the loop devices of images, and the TPM that opens encrypted credentials.
        self.device_implied = self.on("ProtectClock")
            || self.root_image.is_some()
            || self.lists("MountImages")
            || self.credentials.values().any(|encrypted| *encrypted);
    }
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// A line of capabilities. One that names none, and the first one, replace what is there.
fn merge(set: &mut u64, initial: u64, value: &str) {
    let (denies, list) = negated(value);
    let bits = capabilities(list);
    let replaces = bits == 0 || *set == initial;
    *set = match (replaces, denies) {
        (true, false) => bits,
        (true, true) => !bits,
        (false, false) => *set | bits,
        (false, true) => *set & !bits,
    };
}
