//! What Windows, or a command line on the way to it, cannot carry: refused with the key and what to write instead.

use std::collections::HashMap;

use super::{Value, WindowsService};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::escape::cmd;
use crate::service::{Package, Portable, ServiceName, Text, log};

/// Longest display name, in UTF-16 units (Microsoft, `CreateServiceW`).
const DISPLAY_NAME: usize = 256;

/// Most characters of a value on a line of a batch file. cmd.exe takes 8191 a line (Microsoft, "Command prompt line string
/// limitation"); the rest is for the command around the value and for variables that an operator added.
const ON_A_LINE: usize = 7000;

/// Longest name of a file or folder, in UTF-16 units (Microsoft, "Maximum Path Length Limitation").
const FILE_NAME: usize = 255;

/// Longest path, in UTF-16 units: `MAX_PATH` without its NUL (the same page), and without what an installer puts behind a file's
/// name while it replaces it (`.new.svc-none`). A folder's longest is hardly longer.
const PATH: usize = 259 - 13;

/// Names that the installer writes by the contract between installer and program, and the key that decides each.
const CONTRACT: [(&str, &str); 6] = [
    ("SVC_START_TIMEOUT_USEC", "start-timeout"),
    ("SVC_STOP_TIMEOUT_USEC", "stop-timeout"),
    ("SVC_RESTART", "restart"),
    ("SVC_WORKING_DIRECTORY", "working-dir"),
    ("SVC_SOCKETS", "sockets"),
    (log::VARIABLE, "log"),
];

/// How a value gets to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// In the service's command line, over which the manager expands variables.
    CommandLine,
    /// In its `Environment` value, which nothing expands.
    Environment,
}

/// Collects what is refused.
pub(super) struct Check<'a> {
    report: &'a mut Report,
    errors: usize,
}

impl<'a> Check<'a> {
    pub(super) fn new(report: &'a mut Report) -> Self {
        Self { report, errors: 0 }
    }

    /// How many errors were found until now.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    pub(super) fn passed(&self) -> bool {
        self.errors == 0
    }

    pub(super) fn refuse(&mut self, error: Diagnostic) {
        self.errors += 1;
        self.report.add(error);
    }

    /// The package's name becomes a folder and a registry key; the other texts stand in Add/Remove Programs.
    pub(super) fn package(&mut self, package: &Package) {
        if let Some(reason) = bad_file_name(&package.name) {
            self.refuse(
                Diagnostic::error(format!(
                    "the package's name `{}` cannot be a folder on Windows: {reason}",
                    package.name
                ))
                .help("rename the package"),
            );
        }
        if let Some(name) = &package.settings.manufacturer {
            self.line("manufacturer", name);
        }
        for url in package
            .services
            .iter()
            .flat_map(|service| &service.windows.documentation)
        {
            self.line("documentation", url);
        }
        let texts = [
            ("package.description", &package.description),
            ("package.homepage", &package.homepage),
            ("package.repository", &package.repository),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                self.line(key, &Declared::default_of(text.clone()));
            }
        }
    }

    /// The program's file name.
    pub(super) fn program(&mut self, bin: &Declared<String>) {
        if let Some(reason) = bad_file_name(&bin.value) {
            self.refuse(
                Diagnostic::error(format!("`bin` cannot be a program on Windows: {reason}"))
                    .at(bin.place())
                    .label(format!("`{}.exe` is no file name there", bin.value))
                    .help("rename the binary in its `[[bin]]` table"),
            );
        }
    }

    /// The whole path of a file or folder on the machine, which programs and installers must be able to name.
    pub(super) fn path(&mut self, key: &str, place: Option<&Place>, path: &str) -> bool {
        let length = path.encode_utf16().count();
        if length <= PATH {
            return true;
        }
        self.refuse(
            Diagnostic::error(format!(
                "`{key}` makes a path of {length} characters on Windows"
            ))
            .at(place)
            .label(format!(
                "at most {PATH} leave room for an installer: Windows takes 259"
            ))
            .help(
                "write a shorter name, or one for Windows in `[package.metadata.service.windows]`",
            ),
        );
        false
    }

    /// A display name.
    pub(super) fn display_name(&mut self, text: &Declared<String>) {
        self.line("display-name", text);
        let units = text.value.encode_utf16().count();
        if units == 0 || units > DISPLAY_NAME {
            self.refuse(
                Diagnostic::error(format!(
                    "`display-name` has {units} characters: Windows takes 1 to {DISPLAY_NAME}"
                ))
                .at(text.place())
                .help("say more in `description`"),
            );
        }
    }

    /// Two services whom people could not tell apart: the manager refuses the second (error 1078).
    pub(super) fn display_names(&mut self, package: &Package) {
        let shown = |index: usize| -> (&str, Option<&Place>) {
            let keys = &package.services[index].windows;
            keys.display_name
                .as_ref()
                .map_or((keys.name.value.as_str(), keys.name.place()), |text| {
                    (text.value.as_str(), text.place())
                })
        };
        for index in 1..package.services.len() {
            let (name, place) = shown(index);
            let taken = (0..index).any(|other| {
                let other_name = package.services[other].windows.name.value.as_str();
                same(shown(other).0, name) || same(other_name, name)
            });
            let clashes = (0..index).any(|other| {
                same(
                    shown(other).0,
                    package.services[index].windows.name.value.as_str(),
                )
            });
            if taken || clashes {
                self.refuse(
                    Diagnostic::error(format!(
                        "`display-name` {name:?} is taken on Windows by another service of this package"
                    ))
                    .at(place)
                    .label("names and display names of services must all differ there")
                    .help("write another `display-name` in `[package.metadata.service.windows]`")
                    .rests_on(&["name", "display-name"]),
                );
            }
        }
    }

    /// A line of text that people read.
    pub(super) fn line(&mut self, key: &str, text: &Declared<String>) {
        if let Some(bad) = text.value.chars().find(|c| *c == '\t' || is_refused(*c)) {
            self.refuse(control(key, bad, text.place()));
        }
        if text.value.starts_with('@') {
            self.refuse(
                Diagnostic::error(format!(
                    "`{key}` begins with `@`, which Windows takes for a resource in a DLL"
                ))
                .at(text.place())
                .label("nobody would see this text")
                .help("begin it with another character"),
            );
        }
        self.fits(key, text.place(), &Value::literal(&text.value));
    }

    /// A value that reaches the program.
    pub(super) fn carried(
        &mut self,
        key: &str,
        text: &Declared<Text>,
        value: &Value,
        carrier: Carrier,
    ) {
        if let Some(bad) = value
            .literals()
            .flat_map(str::chars)
            .find(|c| is_refused(*c))
        {
            self.refuse(control(key, bad, text.place()));
        }
        if value.literals().any(|literal| literal.contains("%~")) {
            let help = match carrier {
                Carrier::CommandLine => "pass the value in a configuration file",
                Carrier::Environment => {
                    "pass the value in a configuration file, not through `environment`"
                }
            };
            self.refuse(
                Diagnostic::error(format!("`{key}` cannot hold `%~` on Windows"))
                    .at(text.place())
                    .label("cmd.exe reads it as a modifier and has no escape for it")
                    .help(help),
            );
        }
    }

    /// The command line as a whole.
    pub(super) fn command_line(&mut self, keys: &Portable, line: &Value) {
        let percents = line
            .literals()
            .flat_map(str::chars)
            .filter(|c| *c == '%')
            .count();
        if percents > 1 {
            let mut with_percent = keys.args.iter().filter(|arg| {
                arg.value.parts.iter().any(
                    |part| matches!(part, crate::service::Part::Literal(text) if text.contains('%')),
                )
            });
            let place = with_percent
                .next_back()
                .or(keys.args.last())
                .and_then(Declared::place);
            self.refuse(
                Diagnostic::error(format!("`args` hold {percents} `%` together: on Windows one is the most"))
                    .at(place)
                    .label("the service manager expands `%NAME%` over the whole command line, with no escape")
                    .help("pass the value through `environment`, where nothing is expanded"),
            );
        }
        self.fits("args", keys.args.first().and_then(Declared::place), line);
    }

    /// Variables whose names Windows does not tell apart, or that the installer writes itself.
    pub(super) fn variable_names(&mut self, keys: &Portable) {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (name, text) in &keys.environment {
            let upper = name.as_str().to_ascii_uppercase();
            if let Some((own, key)) = CONTRACT.iter().find(|(own, _)| *own == upper) {
                self.refuse(
                    Diagnostic::error(format!(
                        "the variable `{own}` is the installer's on Windows"
                    ))
                    .at(text.place())
                    .label("it tells the program what was declared")
                    .help(format!(
                        "write `{key}` in `[package.metadata.service.windows]`"
                    )),
                );
            }
            if let Some(other) = seen.insert(upper, name.as_str()) {
                self.refuse(
                    Diagnostic::error(format!(
                        "the variables `{other}` and `{name}` are one on Windows, which does not tell case apart"
                    ))
                    .at(text.place())
                    .help("switch one off for Windows with `false` in `[package.metadata.service.windows.environment]`, or rename it"),
                );
            }
        }
    }

    /// The working folder: the manager starts programs in System32, against which a relative path would be resolved.
    pub(super) fn absolute(&mut self, text: &Declared<Text>, value: &Value) {
        let path = value.with_folders(r"C:\x");
        let mut chars = path.chars();
        let drive = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.next() == Some(':')
            && chars.next().is_some_and(|c| c == '\\' || c == '/');
        if !(drive || path.starts_with(r"\\")) {
            self.refuse(
                Diagnostic::error("`working-dir` is not an absolute path on Windows")
                    .at(text.place())
                    .label("there a path begins with a drive")
                    .help("write `working-dir` for Windows in `[package.metadata.service.windows]`, for example \"{install-dir}\""),
            );
        }
    }

    /// A file with messages: the viewer, which runs elsewhere, finds it by its whole path.
    pub(super) fn message_file(&mut self, text: &Declared<Text>, value: &Value) {
        let path = value.with_folders(r"C:\x").to_ascii_lowercase();
        let whole = path
            .get(1..3)
            .is_some_and(|rest| rest == r":\" || rest == ":/");
        if !whole && !path.starts_with(r"%systemroot%\") {
            self.refuse(
                Diagnostic::error("`event-log` is not the whole path of a file")
                    .at(text.place())
                    .label("the event viewer finds it by a path that begins with a drive")
                    .help("for example: `event-log = \"{install-dir}/beacon.exe\"`"),
            );
        }
    }

    /// A name that stands in commands.
    pub(super) fn word(&mut self, key: &str, place: Option<&Place>, word: &str) {
        if let Some(bad) = word.chars().find(|c| *c == '\t' || is_refused(*c)) {
            self.refuse(control(key, bad, place));
        }
        if word.contains('%') {
            self.refuse(
                Diagnostic::error(format!("`{key}` cannot hold `%` on Windows"))
                    .at(place)
                    .label("Windows expands what stands between two of them"),
            );
        }
    }

    /// All variables together, as one value on a command line.
    pub(super) fn environment_size(&mut self, keys: &Portable, variables: &[(String, Value)]) {
        let mut all = Value::default();
        for (name, value) in variables {
            all.push(name);
            all.push("=");
            all.append(value);
            all.push("|");
        }
        let place = keys.environment.values().next().and_then(Declared::place);
        self.fits("environment", place, &all);
    }

    /// The variables of all services, which one character must be able to separate.
    pub(super) fn separator(&mut self, package: &Package, services: &[WindowsService]) {
        let variables = services.iter().flat_map(|service| &service.environment);
        if cmd::separator(variables).is_none() {
            let mut declared = package
                .services
                .iter()
                .flat_map(|service| service.windows.environment.values());
            let holds = |text: &&Declared<Text>| {
                text.value.parts.iter().any(
                    |part| matches!(part, crate::service::Part::Literal(text) if text.contains('|')),
                )
            };
            self.refuse(
                Diagnostic::error("`environment` uses every character that could separate variables on Windows")
                    .at(declared.find(holds).and_then(Declared::place))
                    .label("one of `|`, `#`, `;`, `@`, `+` and `$` must be free")
                    .help("keep `|` out of the variables' values, or pass one of them in a configuration file"),
            );
        }
    }

    /// Whether a value can stand on a line of a batch file.
    fn fits(&mut self, key: &str, place: Option<&Place>, value: &Value) {
        let length = cmd::longest(value);
        if length > ON_A_LINE {
            self.refuse(
                Diagnostic::error(format!(
                    "`{key}` needs {length} characters on a command line of Windows"
                ))
                .at(place)
                .label(format!(
                    "more than {ON_A_LINE} leave no room for the rest: cmd.exe takes 8191 a line"
                ))
                .help("put long values into a configuration file"),
            );
        }
        if cmd::free_letter(value).is_none() {
            self.refuse(
                Diagnostic::error(format!(
                    "`{key}` holds `%` before every letter: cmd.exe would expand one of them"
                ))
                .at(place)
                .help("pass the value in a configuration file"),
            );
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Control characters but the tab, which no line of a script can hold, and the code points that Unicode keeps free for ever.
fn is_refused(c: char) -> bool {
    let point = u32::from(c);
    (c.is_control() && c != '\t')
        || matches!(c, '\u{2028}' | '\u{2029}')
        || (0xFDD0..=0xFDEF).contains(&point)
        || point & 0xFFFE == 0xFFFE
}

fn control(key: &str, bad: char, place: Option<&Place>) -> Diagnostic {
    Diagnostic::error(format!(
        "`{key}` holds {bad:?}, which Windows scripts cannot carry"
    ))
    .at(place)
    .label("control characters end a line or a value there")
    .help("leave it out, or pass it in a configuration file")
}

/// Why a name cannot be a file's on Windows (Microsoft, "Naming Files, Paths, and Namespaces").
pub(super) fn bad_file_name(name: &str) -> Option<String> {
    if let Some(bad) = name
        .chars()
        .find(|c| is_refused(*c) || "\t<>:\"/\\|?*%^".contains(*c))
    {
        return Some(format!("it holds {bad:?}"));
    }
    if name.is_empty() || name.ends_with(['.', ' ']) {
        return Some("it ends in a dot or a space".into());
    }
    let length = name.encode_utf16().count();
    if length > FILE_NAME {
        return Some(format!(
            "it has {length} characters, and {FILE_NAME} are the most"
        ));
    }
    // A name that breaks only the rule on characters is no device.
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    if plain
        && name.len() <= ServiceName::MAX
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        return ServiceName::parse(name).err();
    }
    None
}
