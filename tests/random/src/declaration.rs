//! Random declarations that are valid, with what the program must receive because of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Rng, one, text};

/// What a declared service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A service of the machine's.
    System,
    /// A template.
    Template,
    /// A service of a user's manager.
    User,
    /// Two services, the second of which needs the first.
    Two,
}

/// A declared service, and what its program must receive.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its tables, for a manifest of several services.
    pub toml: String,
    /// The arguments after the program.
    pub args: Vec<String>,
    /// The variables.
    pub environment: BTreeMap<String, String>,
    /// The working folder, if it is one that the machine has.
    pub working_dir: Option<String>,
    /// Its folders, by the variables that name them.
    pub folders: Vec<(&'static str, String)>,
    /// Whether it has a socket unit, `<name>-probe.socket`.
    pub socket: bool,
}

/// What a folder's placeholder stands for on a system unit.
const FOLDERS: [(&str, &str, &str); 5] = [
    ("state", "/var/lib", "STATE_DIRECTORY"),
    ("cache", "/var/cache", "CACHE_DIRECTORY"),
    ("logs", "/var/log", "LOGS_DIRECTORY"),
    ("config", "/etc", "CONFIGURATION_DIRECTORY"),
    ("runtime", "/run", "RUNTIME_DIRECTORY"),
];

/// What makes systemd's readers do something.
const SPICE: [&str; 40] = [
    "%", "%%", "%n", "%i", "%h", "$", "$$", "$HOME", "${HOME}", "$1", "\"", "'", "\\", "\\\\",
    "\\n", "\\x41", "\\u00e4", " ", "  ", ";", "#", "=", "-", "--", "@", "+", "!", ":", "|", "{{",
    "}", "~", "*", "?", "[", "]", "<", "&", "`", ",",
];

/// Text with any Unicode that a value may hold.
fn value(rng: &mut Rng) -> String {
    let length = match rng.u8(0..20) {
        0 => 0,
        1 => 4096,
        2..=4 => rng.usize(30..200),
        _ => rng.usize(1..14),
    };
    let mut text = String::new();
    while text.len() < length {
        match rng.u8(0..10) {
            0..=3 => text.push_str(one(rng, &SPICE)),
            4..=7 => text.push(rng.alphanumeric()),
            8 => text.push(one(
                rng,
                &[
                    'ä', 'ß', '日', '🦀', '\u{a0}', '\u{2028}', '\u{feff}', '\u{200d}',
                ],
            )),
            _ => {
                let c = rng.char('\u{a1}'..='\u{10fffd}');
                // What the readers of units refuse for good: it is refused with a reason.
                if !c.is_control() && !cargo_svc_refuses(c) {
                    text.push(c);
                }
            }
        }
    }
    text
}

/// Unicode's noncharacters.
fn cargo_svc_refuses(c: char) -> bool {
    let point = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&point) || point & 0xFFFE == 0xFFFE
}

/// A value as it is typed, in which doubled braces are one: and as it arrives.
fn typed(value: &str) -> (String, String) {
    let plain = value.replace("{{", "{");
    (text(&plain.replace('{', "{{")), plain)
}

impl Declaration {
    /// The declaration of this number, of any kind.
    pub fn of_any_kind(rng: &mut Rng, number: usize) -> Self {
        match rng.u8(0..10) {
            0 | 1 => Self::template(rng, number),
            2 => Self::user(rng, number),
            3 => Self::two(rng, number),
            _ => Self::random(rng, number),
        }
    }

    fn template(rng: &mut Rng, number: usize) -> Self {
        let mut one = Self::random(rng, number);
        one.kind = Kind::Template;
        one.without_socket();
        one.toml.push_str("template = true\n");
        if one.toml.contains("\nargs = [") {
            one.toml = one
                .toml
                .replacen("\nargs = [", "\nargs = [\"--of={instance}\", ", 1);
            one.args.insert(0, "--of={instance}".into());
        }
        one
    }

    /// A template's instances would share it.
    fn without_socket(&mut self) {
        self.socket = false;
        let lines = self.toml.lines();
        let kept: Vec<_> = lines
            .filter(|line| !line.starts_with("sockets = "))
            .collect();
        self.toml = kept.join("\n") + "\n";
    }

    /// What only the machine's manager can do is taken out.
    fn user(rng: &mut Rng, number: usize) -> Self {
        let mut one = Self::random(rng, number);
        one.kind = Kind::User;
        one.socket = false;
        let alone = [
            "account = ",
            "after = ",
            "capabilities = ",
            "credentials = ",
            "sockets = ",
            "timer = ",
            "path = ",
        ];
        let kept = |line: &&str| !alone.iter().any(|key| line.starts_with(key));
        let lines: Vec<_> = one.toml.lines().filter(kept).collect();
        one.toml = lines.join("\n") + "\n";
        one.toml.push_str("scope = \"user\"\n");
        one
    }

    fn two(rng: &mut Rng, number: usize) -> Self {
        let mut one = Self::random(rng, number);
        one.kind = Kind::Two;
        let name = &one.name;
        let _ = writeln!(
            one.toml,
            "[[package.metadata.service]]\nname = \"{name}-second\"\nbin = \"svc-probe\"\nwindows = false\nrequires = [\"{name}\"]"
        );
        one
    }

    /// The declaration of this number.
    pub fn random(rng: &mut Rng, number: usize) -> Self {
        let name = format!("probe-{number}");
        let mut toml = format!(
            "[[package.metadata.service]]\nname = \"{name}\"\nbin = \"svc-probe\"\nwindows = false\n"
        );
        let mut declared: Vec<(&str, String)> = Vec::new();
        let mut folders = Vec::new();
        let mut named = Vec::new();
        for (folder, root, variable) in FOLDERS {
            if rng.u8(0..3) > 0 {
                continue;
            }
            let path = if rng.bool() {
                folders.push(format!("{folder} = true"));
                name.clone()
            } else {
                // Each its own: they are removed with the machine.
                let path = format!("{name}/{folder} {}%", one(rng, &["ä", "b c", "'", "x"]));
                folders.push(format!(
                    "{folder} = {{ path = {}, mode = \"0750\" }}",
                    text(&path)
                ));
                path
            };
            named.push((variable, format!("{root}/{path}")));
            declared.push((folder, format!("{root}/{path}")));
        }
        if !folders.is_empty() {
            let _ = writeln!(toml, "directories = {{ {} }}", folders.join(", "));
        }
        let mut args = Vec::new();
        let mut typed_args = Vec::new();
        for _ in 0..rng.usize(0..6) {
            let (mut shown, mut plain) = typed(&value(rng));
            if let Some((folder, path)) = declared.get(rng.usize(0..8)) {
                shown.insert_str(1, &format!("{{{folder}-dir}}"));
                plain.insert_str(0, path);
            }
            typed_args.push(shown);
            args.push(plain);
        }
        if !args.is_empty() {
            let _ = writeln!(toml, "args = [{}]", typed_args.join(", "));
        }
        let mut environment = BTreeMap::new();
        let mut variables = Vec::new();
        for index in 0..rng.usize(0..5) {
            let (shown, plain) = typed(&value(rng));
            variables.push(format!("VALUE_{index} = {shown}"));
            environment.insert(format!("VALUE_{index}"), plain);
        }
        if !variables.is_empty() {
            let _ = writeln!(toml, "environment = {{ {} }}", variables.join(", "));
        }
        let state = declared.iter().find(|(folder, _)| *folder == "state");
        let mut working_dir = state.map(|(_, path)| path.clone()).or(Some("/".into()));
        if rng.u8(0..4) == 0 {
            let _ = writeln!(toml, "working-dir = \"/usr/share\"");
            working_dir = Some("/usr/share".into());
        }
        let socket = rng.u8(0..6) == 0;
        if socket {
            let path = format!("/run/{name} {}.sock", one(rng, &["ä", "b c", "%", "x"]));
            let listen = text(&format!("unix:{path}"));
            let _ = writeln!(
                toml,
                "sockets = [{{ name = \"probe\", listen = {listen} }}]"
            );
        }
        Self::keys(rng, &name, &mut toml);
        Self {
            folders: named,
            socket,
            kind: Kind::System,
            name,
            toml,
            args,
            environment,
            working_dir,
        }
    }

    /// Keys that do not change what the program receives.
    fn keys(rng: &mut Rng, name: &str, toml: &mut String) {
        let description: String = value(rng).split_whitespace().collect::<Vec<_>>().join(" ");
        let description = description.trim_end_matches(['\\', ' ']).trim();
        if !description.is_empty() && description.len() < 1000 {
            let _ = writeln!(toml, "description = {}", text(description));
        }
        if rng.bool() {
            let words = ["network", "network-online", "time-sync"];
            let _ = writeln!(toml, "after = [\"{}\"]", one(rng, &words));
        }
        if rng.u8(0..4) == 0 {
            let _ = writeln!(toml, "events = [\"reload\"]");
        }
        let policies = ["no", "on-failure", "always"];
        let _ = writeln!(
            toml,
            "restart = {{ policy = \"{}\", delay = \"{}ms\" }}",
            one(rng, &policies),
            rng.u32(1..90_000)
        );
        let _ = writeln!(toml, "stop-timeout = {}", rng.u32(1..100));
        if rng.u8(0..4) == 0 {
            let _ = writeln!(
                toml,
                "credentials = [{{ name = \"token-{}\" }}]",
                rng.u8(..)
            );
        }
        let profiles = ["strict", "standard", "off"];
        let _ = writeln!(toml, "[package.metadata.service.systemd]");
        match rng.u8(0..4) {
            0 => {
                let without = [
                    "PrivateTmp",
                    "UMask",
                    "SystemCallFilter",
                    "CapabilityBoundingSet",
                ];
                let _ = writeln!(
                    toml,
                    "hardening = {{ profile = \"{}\", without = [\"{}\"] }}",
                    one(rng, &profiles),
                    one(rng, &without)
                );
            }
            _ => {
                let _ = writeln!(toml, "hardening = \"{}\"", one(rng, &profiles));
            }
        }
        if rng.u8(0..5) == 0 {
            let _ = writeln!(toml, "capabilities = [\"CAP_NET_BIND_SERVICE\"]");
        }
        if rng.u8(0..5) == 0 {
            let account = one(rng, &["\"system\"", "{ user = \"daemon\" }"]);
            let _ = writeln!(toml, "account = {account}");
        }
        if rng.u8(0..5) == 0 {
            let _ = writeln!(toml, "writable = [\"/srv\", \"/var/tmp\"]");
        }
        if rng.u8(0..6) == 0 {
            let _ = writeln!(
                toml,
                "service = {{ LimitNOFILE = {}, Nice = {}, LogExtraFields = [\"SERVICE={name}\"] }}",
                rng.u32(1024..500_000),
                rng.i8(-5..5)
            );
        }
        if rng.u8(0..6) == 0 {
            let _ = writeln!(
                toml,
                "timer = {{ OnCalendar = \"daily\", RandomizedDelaySec = \"{}s\" }}",
                rng.u8(1..)
            );
        }
        if rng.u8(0..8) == 0 {
            let watched = one(rng, &["PathExists", "PathChanged", "DirectoryNotEmpty"]);
            let _ = writeln!(toml, "path = {{ {watched} = \"/srv/in {}\" }}", rng.u8(..));
        }
    }
}
