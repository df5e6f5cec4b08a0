//! Every key of the metadata with what it takes: what diagnostics explain keys with, and what `init` hints at.

/// The table that a key stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `[package.metadata.service]`, and the overrides in its `systemd` and `windows` tables.
    Portable,
    /// `[package.metadata.service.systemd]` only.
    Systemd,
    /// `[package.metadata.service.windows]` only.
    Windows,
    /// `[package.metadata.service-package]`.
    Package,
}

impl Scope {
    /// The scopes whose keys a table of this scope takes.
    pub const fn takes(self, key: Self) -> bool {
        match self {
            Self::Portable => matches!(key, Self::Portable),
            Self::Systemd => matches!(key, Self::Portable | Self::Systemd),
            Self::Windows => matches!(key, Self::Portable | Self::Windows),
            Self::Package => matches!(key, Self::Package),
        }
    }

    /// The table as the user writes it.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Portable => "package.metadata.service",
            Self::Systemd => "package.metadata.service.systemd",
            Self::Windows => "package.metadata.service.windows",
            Self::Package => "package.metadata.service-package",
        }
    }
}

/// A key.
#[derive(Debug)]
pub struct KeyInfo {
    /// Where it stands.
    pub scope: Scope,
    /// Its name.
    pub name: &'static str,
    /// What it takes; none while it is not supported.
    pub usage: Option<Usage>,
}

/// What a key takes.
#[derive(Debug)]
pub struct Usage {
    /// In words, after "expected".
    pub accepts: &'static str,
    /// A line that is right.
    pub example: &'static str,
}

const fn key(name: &'static str, accepts: &'static str, example: &'static str) -> KeyInfo {
    KeyInfo {
        scope: Scope::Portable,
        name,
        usage: Some(Usage { accepts, example }),
    }
}

const fn of_package(name: &'static str, accepts: &'static str, example: &'static str) -> KeyInfo {
    KeyInfo {
        scope: Scope::Package,
        name,
        usage: Some(Usage { accepts, example }),
    }
}

const fn later(scope: Scope, name: &'static str) -> KeyInfo {
    KeyInfo {
        scope,
        name,
        usage: None,
    }
}

const DURATION: &str = "a duration such as \"90s\" or \"2min 30s\", or a whole number of seconds";

/// All keys.
pub const KEYS: &[KeyInfo] = &[
    key("name", "a string", r#"name = "beacon""#),
    key("bin", "a string", r#"bin = "beacon""#),
    key("display-name", "a string", r#"display-name = "Beacon""#),
    key(
        "description",
        "a string",
        r#"description = "Receives readings and stores them""#,
    ),
    key(
        "documentation",
        "an array of URLs",
        r#"documentation = ["https://example.org/beacon"]"#,
    ),
    key(
        "args",
        "an array of strings, one for each argument",
        r#"args = ["--listen", "[::]:8080"]"#,
    ),
    key(
        "environment",
        "a table of strings",
        r#"environment = { RUST_LOG = "info" }"#,
    ),
    key(
        "working-dir",
        "a string",
        r#"working-dir = "{install-dir}""#,
    ),
    key("start", r#""boot" or "manual""#, r#"start = "boot""#),
    key(
        "after",
        r#"an array of "network", "network-online", "time-sync" and services of this package"#,
        r#"after = ["network-online"]"#,
    ),
    key(
        "requires",
        "an array of services of this package",
        r#"requires = ["beacon-store"]"#,
    ),
    key(
        "account",
        r#""dynamic" or "system""#,
        r#"account = "dynamic""#,
    ),
    key(
        "restart",
        r#""no", "on-failure", "always", or a table with `policy` and `delay`"#,
        r#"restart = { policy = "on-failure", delay = "5s" }"#,
    ),
    key("start-timeout", DURATION, r#"start-timeout = "90s""#),
    key("stop-timeout", DURATION, r#"stop-timeout = "30s""#),
    later(Scope::Portable, "watchdog"),
    later(Scope::Portable, "events"),
    later(Scope::Portable, "directories"),
    later(Scope::Portable, "files"),
    later(Scope::Portable, "credentials"),
    later(Scope::Portable, "sockets"),
    later(Scope::Portable, "hardening"),
    later(Scope::Portable, "log"),
    later(Scope::Portable, "hooks"),
    later(Scope::Portable, "limits"),
    later(Scope::Portable, "wait-for"),
    later(Scope::Systemd, "type"),
    later(Scope::Systemd, "scope"),
    later(Scope::Systemd, "min-version"),
    later(Scope::Systemd, "wanted-by"),
    later(Scope::Systemd, "capabilities"),
    later(Scope::Systemd, "writable"),
    later(Scope::Systemd, "template"),
    later(Scope::Systemd, "bin-dir"),
    later(Scope::Systemd, "unit"),
    later(Scope::Systemd, "service"),
    later(Scope::Systemd, "install"),
    later(Scope::Systemd, "socket"),
    later(Scope::Systemd, "timer"),
    later(Scope::Windows, "delayed-start"),
    later(Scope::Windows, "depends"),
    later(Scope::Windows, "sid-type"),
    later(Scope::Windows, "privileges"),
    later(Scope::Windows, "failure-actions"),
    later(Scope::Windows, "preshutdown-timeout"),
    later(Scope::Windows, "event-log"),
    later(Scope::Windows, "firewall"),
    later(Scope::Windows, "install-dir"),
    of_package(
        "manufacturer",
        "a string",
        r#"manufacturer = "Example Ltd""#,
    ),
    of_package(
        "upgrade-code",
        "a GUID",
        r#"upgrade-code = "6C2C1B56-0F0B-4D2B-9E0C-3F1A5B7D9E24""#,
    ),
    of_package("output-dir", "a string", r#"output-dir = "packaging""#),
    later(Scope::Package, "version"),
    later(Scope::Package, "license"),
    later(Scope::Package, "icon"),
];

/// Values that DESIGN has and this version refuses: they are known, not typing errors.
pub const LATER_VALUES: &[(Scope, &str, &[&str])] = &[(
    Scope::Windows,
    "account",
    &["local-service", "network-service"],
)];

/// What a key of a table takes, if the table has such a key.
pub fn find(scope: Scope, name: &str) -> Option<&'static KeyInfo> {
    KEYS.iter()
        .find(|key| scope.takes(key.scope) && key.name == name)
}

/// The nearest of some right names, if one is near enough to be what was meant.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // `WorkingDir`, `working_dir` and `workingdir` are as near to `working-dir` as can be.
    let plain = |name: &str| name.replace(['-', '_', ' '], "").to_lowercase();
    let typed = plain(typed);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed, &plain(name)), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
