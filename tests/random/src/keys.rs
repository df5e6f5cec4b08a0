//! Keys that change nothing but the contract's variables of what a program receives.

use std::fmt::Write as _;

use super::declaration::{Bounds, Declaration, Kind, PREFIX, value};
use super::{Rng, one, text};

/// The tables of a service while they are written.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Lines of its own table.
    pub(super) portable: String,
    /// Lines of its table for systemd.
    pub(super) own: String,
}

impl Tables {
    /// A portable key, which may stand in either table.
    pub(super) fn put(&mut self, rng: &mut Rng, key: &str, value: &str) {
        if rng.u8(0..6) == 0 {
            self.own(key, value);
        } else {
            let _ = writeln!(self.portable, "{key} = {value}");
        }
    }

    /// The same; where it stands in systemd's table, another value may be laid under it.
    pub(super) fn put_over(&mut self, rng: &mut Rng, key: &str, below: &str, value: &str) {
        let before = self.own.len();
        self.put(rng, key, value);
        if before < self.own.len() && rng.bool() {
            let _ = writeln!(self.portable, "{key} = {below}");
        }
    }

    /// A key of systemd's table.
    fn own(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.own, "{key} = {value}");
    }
}

/// Writes them.
pub(super) fn random(
    rng: &mut Rng,
    made: &mut Declaration,
    number: usize,
    bounds: Bounds,
    tables: &mut Tables,
) {
    read_by_people(rng, tables);
    order(rng, made, tables);
    if !bounds.is_built && rng.u8(0..4) == 0 {
        tables.put(rng, "events", "[\"reload\"]");
    }
    life(rng, made, tables);
    log(rng, made, tables);
    if rng.u8(0..4) == 0 {
        made.min_version = one(rng, bounds.versions);
        tables.own("min-version", &made.min_version.to_string());
    }
    let can_listen = !matches!(made.kind, Kind::User | Kind::Template) && !bounds.is_built;
    let has_socket = can_listen && rng.u8(0..4) == 0;
    if has_socket {
        socket(rng, made, number, tables);
    }
    let mut is_started = has_socket;
    if made.kind == Kind::User {
        tables.own("scope", "\"user\"");
    } else {
        account(rng, made, tables);
        is_started |= starters(rng, tables);
    }
    if made.kind == Kind::Template {
        tables.own("template", "true");
    }
    lines(rng, made, tables);
    let start = match rng.u8(0..6) {
        0 => Some("manual"),
        1 if is_started => Some("on-demand"),
        2 => Some("boot"),
        _ => None,
    };
    if let Some(start) = start {
        made.at_boot = start == "boot";
        tables.put(rng, "start", &format!("\"{start}\""));
    }
}

fn read_by_people(rng: &mut Rng, tables: &mut Tables) {
    let description: String = value(rng).split_whitespace().collect::<Vec<_>>().join(" ");
    let description = description.trim_end_matches(['\\', ' ']).trim();
    if !description.is_empty() && description.len() < 1000 {
        tables.put_over(rng, "description", "\"Another's\"", &text(description));
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(
            tables.portable,
            "display-name = {}",
            text(&format!("x{description}"))
        );
    }
    if rng.u8(0..4) == 0 {
        let links = [
            "[]",
            "[\"https://example.invalid/%7Ea?b=$c&d;e#f\", \"man:probe(8)\"]",
            "[\"file:/usr/share/doc/probe\"]",
        ];
        let links = one(rng, &links);
        tables.put_over(rng, "documentation", "[\"info:probe\"]", links);
    }
}

/// What comes before it.
fn order(rng: &mut Rng, made: &Declaration, tables: &mut Tables) {
    if made.kind == Kind::User {
        return;
    }
    if rng.bool() {
        let words = [
            "[\"network\"]",
            "[\"network-online\"]",
            "[\"time-sync\", \"network\", \"network\"]",
        ];
        let words = one(rng, &words);
        tables.put(rng, "after", words);
    } else if rng.u8(0..8) == 0 {
        let _ = writeln!(tables.portable, "after = [\"network-online\"]");
        tables.own("after", "false");
    }
    for key in ["wants", "wanted-by"] {
        if rng.u8(0..8) == 0 {
            tables.own(key, "[\"station.target\"]");
        }
    }
}

/// How long it may take, and what happens when it ends.
fn life(rng: &mut Rng, made: &mut Declaration, tables: &mut Tables) {
    let policy = one(rng, &["no", "on-failure", "always"]);
    let restart = match rng.u8(0..4) {
        0 => format!("\"{policy}\""),
        _ => format!(
            "{{ policy = \"{policy}\", delay = \"{}ms\" }}",
            rng.u32(1..90_000)
        ),
    };
    tables.put(rng, "restart", &restart);
    let stop = rng.u32(10..100);
    tables.put_over(rng, "stop-timeout", "\"1h\"", &stop.to_string());
    let told = u64::from(stop) * 900_000;
    made.contract
        .insert("SVC_STOP_TIMEOUT_USEC", told.to_string());
    if rng.u8(0..4) == 0 {
        let spans = ["\"2min 30s\"", "120", "\"infinity\"", "\"90.5s\""];
        let span = one(rng, &spans);
        tables.put(rng, "start-timeout", span);
    }
    if rng.u8(0..4) == 0 {
        let seconds = rng.u32(100..4000);
        let typed = match rng.u8(0..3) {
            0 => seconds.to_string(),
            1 => format!("\"{seconds} s\""),
            _ => format!("\"{}min {}s\"", seconds / 60, seconds % 60),
        };
        tables.put(rng, "watchdog", &typed);
        let period = u64::from(seconds) * 1_000_000;
        made.contract.insert("WATCHDOG_USEC", period.to_string());
        if rng.u8(0..4) == 0 {
            tables.own("type", "\"notify\"");
        }
    } else if rng.u8(0..6) == 0 {
        tables.own("type", one(rng, &["\"exec\"", "\"notify\""]));
    }
}

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// What it logs where, with svc-rt's word for it.
fn log(rng: &mut Rng, made: &mut Declaration, tables: &mut Tables) {
    if rng.u8(0..3) > 0 {
        return;
    }
    let (mut typed, mut told) = (Vec::new(), "system=info".to_owned());
    if rng.bool() {
        let level = one(rng, &LEVELS);
        typed.push(format!("system = \"{level}\""));
        told = format!("system={level}");
    }
    if rng.bool() {
        let level = one(rng, &LEVELS);
        typed.push(format!("stderr = \"{level}\""));
        let _ = write!(told, " stderr={level}");
    }
    if made.has("LOGS_DIRECTORY") && rng.bool() {
        let level = one(rng, &LEVELS);
        let rotation = one(rng, &["hourly", "daily", "never"]);
        let keep = rng.u32(1..100);
        typed.push(format!(
            "file = {{ level = \"{level}\", rotation = \"{rotation}\", keep = {keep} }}"
        ));
        let _ = write!(told, " file={level}:{rotation}:{keep}");
    }
    if typed.is_empty() {
        return;
    }
    tables.put(rng, "log", &format!("{{ {} }}", typed.join(", ")));
    made.contract.insert("SVC_LOG", told);
}

/// A socket of any kind, each with an address of its own.
fn socket(rng: &mut Rng, made: &mut Declaration, number: usize, tables: &mut Tables) {
    let port = 20_000 + number % 40_000;
    let (listen, permissions) = match rng.u8(0..6) {
        0 => (format!("tcp://[::]:{port}"), ""),
        1 => (format!("tcp://127.0.0.1:{port}"), ""),
        2 => (format!("udp://[::1]:{port}"), ""),
        kind => {
            let odd = one(rng, &["ä", "b c", "%", "x"]);
            let scheme = if kind == 3 { "unixgram" } else { "unix" };
            let permissions = one(rng, &["", ", mode = \"0660\""]);
            (
                format!("{scheme}:/run/{} {odd}.sock", made.name),
                permissions,
            )
        }
    };
    let mut listen = text(&listen);
    if rng.u8(0..4) == 0 {
        let more = text(&format!("unix:@{}", made.name));
        listen = format!("[{listen}, {more}]");
    }
    let socket = format!("[{{ name = \"probe\", listen = {listen}{permissions} }}]");
    tables.put(rng, "sockets", &socket);
    if rng.u8(0..4) == 0 {
        tables.own("socket", "{ Backlog = 64, unit = { X-Note = \"50%\" } }");
    }
    made.socket = true;
}

/// Whom it runs as, and what it may.
fn account(rng: &mut Rng, made: &mut Declaration, tables: &mut Tables) {
    let profiles = ["strict", "standard", "off"];
    let profile = one(rng, &profiles);
    match rng.u8(0..4) {
        0 => {
            let without = [
                "PrivateTmp",
                "UMask",
                "SystemCallFilter",
                "CapabilityBoundingSet",
            ];
            let without = one(rng, &without);
            tables.own(
                "hardening",
                &format!("{{ profile = \"{profile}\", without = [\"{without}\"] }}"),
            );
        }
        _ => tables.put(rng, "hardening", &format!("\"{profile}\"")),
    }
    if rng.u8(0..4) == 0 {
        let number = rng.u8(..);
        let required = one(rng, &["", ", required = false"]);
        let credential = format!("[{{ name = \"token-{number}\"{required} }}]");
        tables.put(rng, "credentials", &credential);
    }
    if rng.u8(0..5) == 0 {
        tables.own("capabilities", "[\"CAP_NET_BIND_SERVICE\"]");
    }
    match rng.u8(0..6) {
        0 => tables.put(rng, "account", "\"system\""),
        1 => tables.own("account", "{ user = \"daemon\" }"),
        2 => tables.own(
            "account",
            "{ user = \"games\", group = \"users\", groups = [\"adm\", \"tty\"] }",
        ),
        _ => {}
    }
    if rng.u8(0..5) == 0 {
        tables.own("writable", "[\"/srv\", \"/var/tmp\"]");
    }
    if rng.u8(0..5) == 0 {
        let folders = [
            "/usr/libexec/pro be",
            "/usr/sbin/",
            "/opt/ä $HOME",
            "/srv/100%",
        ];
        let folder = one(rng, &folders);
        tables.own("bin-dir", &text(folder));
        let folder = folder.trim_end_matches('/');
        let folder = match folder.strip_prefix("/usr") {
            Some(below) => format!("{PREFIX}{below}"),
            None => folder.to_owned(),
        };
        made.program = format!("{folder}/svc-probe");
    }
}

/// A timer or a path; whether there is one.
fn starters(rng: &mut Rng, tables: &mut Tables) -> bool {
    let (timer, path) = (rng.u8(0..6) == 0, rng.u8(0..8) == 0);
    if timer {
        let delay = rng.u8(1..);
        tables.own(
            "timer",
            &format!("{{ OnCalendar = \"daily\", RandomizedDelaySec = \"{delay}s\" }}"),
        );
    }
    if path {
        let watched = one(rng, &["PathExists", "PathChanged", "DirectoryNotEmpty"]);
        tables.own(
            "path",
            &format!("{{ {watched} = \"/srv/in {}\" }}", rng.u8(..)),
        );
    }
    timer || path
}

/// Raw lines.
fn lines(rng: &mut Rng, made: &Declaration, tables: &mut Tables) {
    let name = &made.name;
    if rng.u8(0..6) == 0 {
        let (files, nice) = (rng.u32(1024..500_000), rng.i8(0..5));
        tables.own(
            "service",
            &format!(
                "{{ LimitNOFILE = {files}, Nice = {nice}, LogExtraFields = [\"SERVICE={name}\"] }}"
            ),
        );
    }
    if rng.u8(0..8) == 0 {
        tables.own(
            "unit",
            "{ X-Note = \"50% of $HOME\", JobTimeoutSec = \"1h\" }",
        );
    }
    if rng.u8(0..8) == 0 {
        let at = if made.kind == Kind::Template { "@" } else { "" };
        tables.own(
            "install",
            &format!("{{ Alias = \"{name}-too{at}.service\" }}"),
        );
    }
}
