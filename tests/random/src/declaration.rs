//! Random declarations that are valid, with what the program must receive because of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::files::{self, DeclaredFile};
use super::keys::{self, Tables};
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

/// Stands in an expected value for what programs are installed below: `/usr` as distributions have it.
pub const PREFIX: char = '\u{1}';

/// What a declaration keeps to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// What it may name as its oldest systemd.
    pub(super) versions: &'static [u32],
    /// Whether its program is there already, and must agree with it.
    pub(super) is_built: bool,
}

impl Bounds {
    const EARLY: Self = Self {
        versions: &[247, 250, 252],
        is_built: false,
    };
}

/// A declared service, and what its program must receive.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its tables, for a manifest of several services. The package is `svc-probe`, with svc-rt and all of its log.
    pub toml: String,
    /// Its program's path; [`PREFIX`] may stand in it, as in all that follows.
    pub program: String,
    /// The arguments after the program.
    pub args: Vec<String>,
    /// The variables.
    pub environment: BTreeMap<String, String>,
    /// Variables of the contract between the system and svc-rt, which takes some of them away.
    pub contract: BTreeMap<&'static str, String>,
    /// The working folder, if it is one that the machine has.
    pub working_dir: Option<String>,
    /// Its folders, by the variables that name them.
    pub folders: Vec<(&'static str, String)>,
    /// What is installed with it, and what it waits for.
    pub files: Vec<DeclaredFile>,
    /// Whether it has a socket unit, `<name>-probe.socket`.
    pub socket: bool,
    /// Whether a boot starts it.
    pub at_boot: bool,
    /// The oldest systemd that it is for.
    pub min_version: u32,
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
pub(super) fn value(rng: &mut Rng) -> String {
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
    /// The declaration of this number, of any kind and for any systemd.
    pub fn of_any_kind(rng: &mut Rng, number: usize) -> Self {
        let kind = match rng.u8(0..10) {
            0 | 1 => Kind::Template,
            2 => Kind::User,
            3 => Kind::Two,
            _ => Kind::System,
        };
        let name = format!("probe-{number}");
        let bounds = Bounds {
            versions: &[253, 257, 262],
            ..Bounds::EARLY
        };
        Self::of(rng, name, number, kind, bounds)
    }

    /// The declaration of this number, for any systemd of the machine's.
    pub fn random(rng: &mut Rng, number: usize) -> Self {
        let name = format!("probe-{number}");
        Self::of(rng, name, number, Kind::System, Bounds::EARLY)
    }

    /// The same of a service of this name, whose program was built where neither events nor sockets were declared.
    pub fn of_program(rng: &mut Rng, name: &str) -> Self {
        let bounds = Bounds {
            is_built: true,
            ..Bounds::EARLY
        };
        Self::of(rng, name.to_owned(), 0, Kind::System, bounds)
    }

    fn of(rng: &mut Rng, name: String, number: usize, kind: Kind, bounds: Bounds) -> Self {
        let mut made = Self {
            kind,
            toml: String::new(),
            program: format!("{PREFIX}/bin/svc-probe"),
            args: Vec::new(),
            environment: BTreeMap::new(),
            contract: BTreeMap::new(),
            working_dir: None,
            folders: Vec::new(),
            files: Vec::new(),
            socket: false,
            at_boot: true,
            min_version: 247,
            name,
        };
        let mut tables = Tables::default();
        let declared = made.directories(rng, &mut tables);
        made.received(rng, &declared, &mut tables);
        if kind != Kind::User {
            let config = declared.iter().find(|(folder, _)| *folder == "config");
            let config = config.map(|(_, path)| path.as_str());
            made.files = files::random(rng, &made.name, config, &mut tables);
        }
        keys::random(rng, &mut made, number, bounds, &mut tables);
        made.toml = format!(
            "[[package.metadata.service]]\nname = \"{}\"\nbin = \"svc-probe\"\nwindows = false\n{}\
             [package.metadata.service.systemd]\n{}",
            made.name, tables.portable, tables.own
        );
        if kind == Kind::Two {
            let _ = writeln!(
                made.toml,
                "[[package.metadata.service]]\nname = \"{0}-second\"\nbin = \"svc-probe\"\nwindows = false\nrequires = [\"{0}\"]",
                made.name
            );
        }
        made
    }

    /// Whether it has this folder.
    pub(super) fn has(&self, variable: &str) -> bool {
        self.folders.iter().any(|(name, _)| *name == variable)
    }

    /// Folders, each with its placeholder's word and its path.
    fn directories(&mut self, rng: &mut Rng, tables: &mut Tables) -> Vec<(&'static str, String)> {
        let mut declared: Vec<(&str, String)> = Vec::new();
        let mut folders = Vec::new();
        for (folder, root, variable) in FOLDERS {
            if rng.u8(0..3) > 0 {
                continue;
            }
            let path = if rng.bool() {
                folders.push(format!("{folder} = true"));
                self.name.clone()
            } else {
                // Each its own: they are removed with the machine.
                let odd = one(rng, &["ä", "b c", "'", "x"]);
                let path = format!("{}/{folder} {odd}%", self.name);
                folders.push(format!(
                    "{folder} = {{ path = {}, mode = \"0750\" }}",
                    text(&path)
                ));
                path
            };
            self.folders.push((variable, format!("{root}/{path}")));
            declared.push((folder, format!("{root}/{path}")));
        }
        if !folders.is_empty() {
            let folders = format!("{{ {} }}", folders.join(", "));
            tables.put(rng, "directories", &folders);
        }
        declared
    }

    /// What the program receives.
    fn received(&mut self, rng: &mut Rng, declared: &[(&str, String)], tables: &mut Tables) {
        let mut typed_args = Vec::new();
        for _ in 0..rng.usize(0..6) {
            let (mut shown, mut plain) = typed(&value(rng));
            let folder = rng.usize(0..8);
            if let Some((folder, path)) = declared.get(folder) {
                shown.insert_str(1, &format!("{{{folder}-dir}}"));
                plain.insert_str(0, path);
            } else if folder == 7 {
                shown.insert_str(1, "{install-dir}");
                plain.insert_str(0, &format!("{PREFIX}/lib/svc-probe"));
            }
            typed_args.push(shown);
            self.args.push(plain);
        }
        if !self.args.is_empty() {
            if self.kind == Kind::Template {
                typed_args.insert(0, "\"--of={instance}\"".into());
                self.args.insert(0, "--of={instance}".into());
            }
            let list = format!("[{}]", typed_args.join(", "));
            tables.put_over(rng, "args", "[\"another's\"]", &list);
        }
        let mut variables = Vec::new();
        for index in 0..rng.usize(0..5) {
            let (shown, plain) = typed(&value(rng));
            variables.push(format!("VALUE_{index} = {shown}"));
            self.environment.insert(format!("VALUE_{index}"), plain);
        }
        if !variables.is_empty() {
            let list = format!("{{ {} }}", variables.join(", "));
            tables.put_over(rng, "environment", "{ VALUE_0 = \"another's\" }", &list);
        }
        let state = declared.iter().find(|(folder, _)| *folder == "state");
        let state = state.map(|(_, path)| path.clone());
        self.working_dir = state.or(Some("/".into()));
        if rng.u8(0..4) == 0 {
            tables.put_over(rng, "working-dir", "\"/proc\"", "\"/usr/share\"");
            self.working_dir = Some("/usr/share".into());
        }
    }
}
