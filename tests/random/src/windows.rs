//! Random packages for Windows that are valid, with what the machine must hold and a program must receive because of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::windows_keys::{keys, own_keys};
use super::{Rng, one, text};

/// Stands in an expected value for the path of the install folder, which the installer knows.
pub const INSTALL_DIR: char = '\u{1}';

/// What a service is that a package may have.
#[derive(Debug, Clone, Copy)]
pub struct Role<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its program.
    pub bin: &'a str,
    /// The arguments that it begins with.
    pub args: &'a [&'a str],
}

/// The name, now and then made so long that nothing can stand beside it in what is derived from it: 60 to 64 characters, all of
/// them ones that need no change otherwise.
pub fn maybe_long(rng: &mut Rng, name: &str) -> String {
    let mut name = name.to_owned();
    if rng.u8(0..3) == 0 {
        let length = rng.usize(60..=64);
        if rng.bool() {
            name = name.replace(['.', '-'], "_");
        }
        while name.len() < length {
            name.push(one(rng, &['x', 'Y', '7', '_']));
        }
    }
    name
}

/// How far the declarations go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Whatever can be declared.
    Anything,
    /// What a machine is to run: real dependencies, no account of somebody's. Texts are ASCII, which every cmd.exe reads.
    Run,
}

/// A package, and what each of its services must be.
#[derive(Debug, Clone)]
pub struct WindowsPackage {
    /// The tables of its manifest.
    pub toml: String,
    /// Its services, in the order of the tables.
    pub services: Vec<WindowsService>,
}

/// What a service must be.
#[derive(Debug, Clone)]
pub struct WindowsService {
    /// Its name.
    pub name: String,
    /// The arguments after the program; [`INSTALL_DIR`] may stand in them.
    pub args: Vec<String>,
    /// The declared variables, likewise.
    pub environment: BTreeMap<String, String>,
    /// What people read about it.
    pub description: String,
    /// The name that they read.
    pub display_name: String,
    /// The services that run before it, in order.
    pub dependencies: Vec<String>,
    /// The number of its start type.
    pub start: u32,
}

/// What readers on Windows do something with.
const SPICE: [&str; 56] = [
    "\"",
    "\\",
    "\\\\",
    "\\\"",
    "\" ",
    "' ",
    "'",
    "''",
    "^",
    "^^",
    "&",
    "&&",
    "|",
    "<",
    ">",
    "(",
    ")",
    "!",
    "!a!",
    "%",
    "%%",
    "%PATH%",
    "%1",
    "%G",
    "$",
    "$$",
    "$(",
    "$(var.Version)",
    "!(loc.x)",
    "[",
    "]",
    "[~]",
    "[INSTALLDIR]",
    "[#File]",
    "{",
    "}",
    "{[A]}",
    "~",
    ";",
    ",",
    "=",
    " ",
    "  ",
    "#",
    "@",
    "*",
    "?",
    "`",
    "&amp;",
    "<!--",
    "-->",
    "]]>",
    "<?endif ?>",
    "\\0",
    "#>",
    "& del x",
];

/// Letters beyond ASCII, among them the quotes that PowerShell takes for its own.
const LETTERS: [char; 14] = [
    'ä', 'ß', 'é', '日', '🦀', '€', '\u{a0}', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}',
    '\u{201c}', '\u{feff}', '\u{200d}',
];

/// What may stand between variables where a script hands them on together.
const SEPARATORS: [char; 6] = ['|', '#', ';', '@', '+', '$'];

fn value(rng: &mut Rng, reach: Reach) -> String {
    let length = match rng.u8(0..20) {
        0 => 0,
        1 => 500,
        2..=4 => rng.usize(30..120),
        _ => rng.usize(1..14),
    };
    let mut text = String::new();
    while text.len() < length {
        match rng.u8(0..10) {
            0..=4 => text.push_str(one(rng, &SPICE)),
            9 if reach != Reach::Run => text.push(one(rng, &LETTERS)),
            _ => text.push(rng.alphanumeric()),
        }
    }
    // cmd.exe has no escape for it: that is refused.
    while text.contains("%~") {
        text = text.replace("%~", "%");
    }
    text
}

/// A line that people read: without what is refused there.
fn line(rng: &mut Rng, reach: Reach) -> String {
    let words = value(rng, reach);
    let words: Vec<_> = words.split_whitespace().collect();
    words.join(" ").trim_start_matches(['@', ' ']).to_owned()
}

/// A value as it is typed, and as it arrives. Now and then it begins with the install folder.
fn typed(rng: &mut Rng, plain: &str) -> (String, String) {
    let shown = plain.replace('{', "{{");
    if rng.u8(0..8) == 0 {
        let shown = text(&format!("{{install-dir}}\\x{shown}"));
        return (shown, format!("{INSTALL_DIR}\\x{plain}"));
    }
    (text(&shown), plain.to_owned())
}

impl WindowsPackage {
    /// A package of some of these services.
    pub fn random(rng: &mut Rng, roles: &[Role<'_>], reach: Reach) -> Self {
        let count = rng.usize(1..=roles.len());
        Self::of(rng, &roles[..count], reach)
    }

    /// A package of all of these services.
    pub fn of(rng: &mut Rng, roles: &[Role<'_>], reach: Reach) -> Self {
        let separator = one(rng, &SEPARATORS);
        let install_dir = match reach {
            Reach::Anything => one(rng, &["", "", "Makers (x) & co/it's", "D:\\\\ä 1"]),
            Reach::Run => "",
        };
        let (mut toml, mut services) = (String::new(), Vec::<WindowsService>::new());
        for (number, role) in roles.iter().enumerate() {
            let service = service(rng, role, number, separator, &services, reach, &mut toml);
            services.push(service);
            if !install_dir.is_empty() {
                let _ = writeln!(toml, "install-dir = \"{install_dir}\"");
            }
        }
        if reach != Reach::Run && rng.bool() {
            let _ = writeln!(
                toml,
                "[package.metadata.service-package]\nmanufacturer = {}\nupgrade-code = \"0B8E2F0C-5E1E-4C3B-9D0A-6B1B7C3D9E21\"",
                text(&format!("x{}", line(rng, reach)))
            );
        }
        Self { toml, services }
    }
}

fn service(
    rng: &mut Rng,
    role: &Role<'_>,
    number: usize,
    separator: char,
    before: &[WindowsService],
    reach: Reach,
    toml: &mut String,
) -> WindowsService {
    let _ = writeln!(
        toml,
        "[[package.metadata.service]]\nname = \"{}\"\nbin = \"{}\"\nsystemd = false",
        role.name, role.bin
    );
    let (args, typed_args) = arguments(rng, role, reach);
    if !args.is_empty() {
        let _ = writeln!(toml, "args = [{}]", typed_args.join(", "));
    }
    let mut environment = BTreeMap::new();
    let mut variables = Vec::new();
    for index in 0..rng.usize(0..5) {
        let mut plain = value(rng, reach).replace(separator, "");
        while plain.contains("%~") {
            plain = plain.replace("%~", "%");
        }
        let (shown, plain) = typed(rng, &plain);
        variables.push(format!("VALUE_{index} = {shown}"));
        environment.insert(format!("VALUE_{index}"), plain);
    }
    if !variables.is_empty() {
        let _ = writeln!(toml, "environment = {{ {} }}", variables.join(", "));
    }
    let description = format!("x{}", line(rng, reach));
    let _ = writeln!(toml, "description = {}", text(&description));
    // Two services must differ in it.
    let display_name = if rng.bool() {
        role.name.to_owned()
    } else {
        let mut name: String = line(rng, reach).chars().take(200).collect();
        let _ = write!(name, " {number}");
        let name = name.trim_start().to_owned();
        let _ = writeln!(toml, "display-name = {}", text(&name));
        name
    };
    let needed = before.last().filter(|_| rng.bool());
    if let Some(needed) = needed {
        let _ = writeln!(toml, "requires = [\"{}\"]", needed.name);
    }
    let on_network = rng.u8(0..3) == 0 && reach != Reach::Run;
    if on_network {
        let _ = writeln!(toml, "after = [\"network\"]");
    }
    let start = keys(rng, role, number, reach, toml);
    let mut dependencies = Vec::new();
    let _ = writeln!(toml, "[package.metadata.service.windows]");
    if rng.u8(0..3) == 0 {
        let known: &[&str] = match reach {
            Reach::Anything => &[
                "EventLog",
                "+NDIS",
                "A service & more",
                "x^y (z)",
                "ein Dienst 'x'",
            ],
            Reach::Run => &["EventLog"],
        };
        let name = one(rng, known);
        let _ = writeln!(toml, "depends = [{}]", text(name));
        dependencies.push(name.to_owned());
    }
    own_keys(rng, reach, toml);
    WindowsService {
        name: role.name.to_owned(),
        args,
        environment,
        description,
        display_name,
        dependencies: on_network
            .then(|| "Tcpip".to_owned())
            .into_iter()
            .chain(needed.map(|needed| needed.name.clone()))
            .chain(dependencies)
            .collect(),
        start,
    }
}

/// Arguments, of which one may hold a percent sign: the manager would expand what stands between two.
fn arguments(rng: &mut Rng, role: &Role<'_>, reach: Reach) -> (Vec<String>, Vec<String>) {
    let mut args: Vec<String> = role.args.iter().map(|&arg| arg.to_owned()).collect();
    let mut typed_args: Vec<String> = args
        .iter()
        .map(|arg| text(&arg.replace('{', "{{")))
        .collect();
    let mut has_percent = false;
    for _ in 0..rng.usize(0..6) {
        let mut plain = String::new();
        for c in value(rng, reach).chars() {
            if c != '%' || !has_percent {
                plain.push(c);
            }
            has_percent |= c == '%';
        }
        while plain.contains("%~") {
            plain = plain.replace("%~", "%");
        }
        let (shown, plain) = typed(rng, &plain);
        typed_args.push(shown);
        args.push(plain);
    }
    (args, typed_args)
}
