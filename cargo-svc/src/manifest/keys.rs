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

impl Usage {
    /// The values of the example.
    pub fn values(&self) -> Vec<serde_json::Value> {
        let example = self.example.parse::<toml::Table>().unwrap_or_default();
        let values = example.into_iter().map(|(_, value)| value);
        values
            .filter_map(|value| serde_json::to_value(value).ok())
            .collect()
    }
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

const fn of_systemd(name: &'static str, accepts: &'static str, example: &'static str) -> KeyInfo {
    KeyInfo {
        scope: Scope::Systemd,
        name,
        usage: Some(Usage { accepts, example }),
    }
}

const fn of_windows(name: &'static str, accepts: &'static str, example: &'static str) -> KeyInfo {
    KeyInfo {
        scope: Scope::Windows,
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

const LINES: &str =
    "a table of directives, each a string, a number, a boolean, or an array for a repeated one";

/// Keys that take a table and nothing else.
pub(super) const TABLES: &[&str] = &["directories"];

/// Keys that take an array of tables.
pub(super) const LISTS_OF_TABLES: &[&str] = &["files", "credentials", "sockets"];

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
    key(
        "start",
        r#""boot", "manual" or "on-demand""#,
        r#"start = "boot""#,
    ),
    key(
        "after",
        r#"an array of "network", "network-online", "time-sync", services of this package, and under `systemd` other units"#,
        r#"after = ["network-online"]"#,
    ),
    key(
        "requires",
        "an array of services of this package",
        r#"requires = ["beacon-store"]"#,
    ),
    key(
        "account",
        r#""dynamic", "system", under `systemd` a table with `user`, `group` and `groups`, or under `windows` "local-service", "network-service" or an account's name"#,
        r#"account = "dynamic""#,
    ),
    key(
        "restart",
        r#""no", "on-failure", "always", or a table with `policy` and `delay`"#,
        r#"restart = { policy = "on-failure", delay = "5s" }"#,
    ),
    key("start-timeout", DURATION, r#"start-timeout = "90s""#),
    key("stop-timeout", DURATION, r#"stop-timeout = "30s""#),
    key("watchdog", DURATION, r#"watchdog = "30s""#),
    key(
        "events",
        r#"an array of "reload", "pause", "session", "power" and control codes from 128 to 255"#,
        r#"events = ["reload"]"#,
    ),
    key(
        "directories",
        "a table with `state`, `cache`, `logs`, `config` and `runtime`, each `true`, a path, or a table with `path` and `mode`",
        r#"directories = { state = true, logs = { path = "beacon", mode = "0750" } }"#,
    ),
    key(
        "files",
        "an array of tables with `source`, `to`, `config`, `required` and `mode`",
        r#"files = [{ source = "beacon.toml", to = "{config-dir}/beacon.toml", config = true }]"#,
    ),
    key(
        "credentials",
        "an array of tables with `name` and `required`",
        r#"credentials = [{ name = "token", required = true }]"#,
    ),
    key(
        "sockets",
        "an array of tables with `name`, `listen`, `mode` and `systemd`",
        r#"sockets = [{ name = "http", listen = "tcp://[::]:8080" }]"#,
    ),
    key(
        "hardening",
        r#""strict", "standard", "off", or under `systemd` a table with `profile` and `without`"#,
        r#"hardening = "strict""#,
    ),
    key(
        "log",
        "a table with `system`, `stderr` and `file`, each a level, and `file` also a table with `level`, `rotation` and `keep`",
        r#"log = { system = "info", file = { level = "debug", rotation = "daily", keep = 14 } }"#,
    ),
    later(Scope::Portable, "hooks"),
    later(Scope::Portable, "limits"),
    later(Scope::Portable, "wait-for"),
    of_systemd(
        "type",
        r#"a value of `Type=`, such as "notify" or "exec""#,
        r#"type = "exec""#,
    ),
    of_systemd("scope", r#""system" or "user""#, r#"scope = "user""#),
    of_systemd(
        "min-version",
        "a whole number, 247 or more",
        "min-version = 252",
    ),
    of_systemd(
        "wanted-by",
        "an array of units",
        r#"wanted-by = ["graphical.target"]"#,
    ),
    of_systemd(
        "wants",
        "an array of units",
        r#"wants = ["postgresql.service"]"#,
    ),
    of_systemd(
        "capabilities",
        "an array of capabilities",
        r#"capabilities = ["CAP_NET_BIND_SERVICE"]"#,
    ),
    of_systemd(
        "writable",
        "an array of absolute paths",
        r#"writable = ["/srv/readings"]"#,
    ),
    of_systemd("template", "`true` or `false`", "template = true"),
    of_systemd(
        "bin-dir",
        "an absolute path",
        r#"bin-dir = "/usr/libexec/beacon""#,
    ),
    of_systemd(
        "unit",
        LINES,
        r#"unit = { ConditionPathExists = "/etc/beacon" }"#,
    ),
    of_systemd("service", LINES, "service = { LimitNOFILE = 65536 }"),
    of_systemd("install", LINES, r#"install = { Alias = "lamp.service" }"#),
    of_systemd("socket", LINES, "socket = { Backlog = 1024 }"),
    of_systemd("timer", LINES, r#"timer = { OnCalendar = "daily" }"#),
    of_systemd("path", LINES, r#"path = { PathChanged = "/srv/inbox" }"#),
    of_windows("delayed-start", "`true` or `false`", "delayed-start = true"),
    of_windows(
        "depends",
        "an array of services of the machine, and of groups with `+` before them",
        r#"depends = ["EventLog"]"#,
    ),
    of_windows(
        "sid-type",
        r#""none", "unrestricted" or "restricted""#,
        r#"sid-type = "restricted""#,
    ),
    of_windows(
        "privileges",
        "an array of privileges, or `false`",
        r#"privileges = ["SeChangeNotifyPrivilege", "SeImpersonatePrivilege"]"#,
    ),
    of_windows(
        "failure-actions",
        "a table with `actions`, `reset` and `on-error`",
        r#"failure-actions = { reset = "1h", actions = [{ action = "restart", delay = "5s" }, { action = "restart", delay = "1min" }] }"#,
    ),
    of_windows(
        "preshutdown-timeout",
        DURATION,
        r#"preshutdown-timeout = "2min""#,
    ),
    of_windows(
        "event-log",
        "the path of a file with messages, or `false`",
        r#"event-log = "{install-dir}/beacon.exe""#,
    ),
    of_windows(
        "firewall",
        "`true`, or an array of tables with `port`, `protocol` and `profiles`",
        r#"firewall = [{ port = 8080, profiles = ["domain", "private"] }]"#,
    ),
    of_windows(
        "install-dir",
        "a folder below the one for programs, or one on a drive",
        r#"install-dir = "Example/Beacon""#,
    ),
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
    of_package(
        "version",
        "a version of Windows Installer",
        r#"version = "1.2.3""#,
    ),
    of_package("license", "a path", r#"license = "LICENSE""#),
    of_package("icon", "a path", r#"icon = "beacon.ico""#),
];

/// Values that a key takes in one table only.
pub const OWN_VALUES: &[(Scope, &str, &[&str])] = &[(
    Scope::Windows,
    "account",
    &["local-service", "network-service"],
)];

/// Whether a key takes a value in a table of this scope.
pub fn takes_value(scope: Scope, name: &str, value: &str) -> bool {
    OWN_VALUES
        .iter()
        .all(|(own, key, values)| *own == scope || *key != name || !values.contains(&value))
}

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
