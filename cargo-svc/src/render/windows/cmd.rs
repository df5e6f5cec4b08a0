//! The scripts for cmd.exe.

use std::borrow::Cow;

use askama::Template;

mod lines;

use lines::{Line, RecoveryValue};

use super::{Place, Text, installed_files, limit, subfolders};
use crate::escape::cmd::{self, LaidOut};
use crate::escape::part::Word;
use crate::plan::windows::{
    Action, InstallDir, Purpose, StartType, Step, When, WindowsPlan, WindowsService,
};

#[derive(Template)]
#[template(path = "windows/install.cmd")]
pub(super) struct Install<'a> {
    package: LaidOut<'a>,
    package_echo: LaidOut<'a>,
    non_ascii: bool,
    /// The install folder of a first installation.
    default_dir: LaidOut<'a>,
    default_dir_echo: LaidOut<'a>,
    files: Vec<File<'a>>,
    /// Folders that files need below the one that they go to.
    subfolders: Vec<LaidOut<'a>>,
    /// Whether there are files that an operator may edit.
    configs: bool,
    /// Who may do what in the install folder.
    grants: LaidOut<'a>,
    folders: Vec<Folder<'a>>,
    rules: Vec<Rule<'a>>,
    /// The services' names, joined by slashes.
    names: String,
    services: Vec<Service<'a>>,
    services_reversed: Vec<Wait<'a>>,
    waits: Vec<Wait<'a>>,
    separator: LaidOut<'a>,
    /// Commands that write the Add/Remove Programs entry.
    entry: Vec<LaidOut<'a>>,
    /// Its values that this package does not have.
    absent_entry: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "windows/uninstall.cmd")]
pub(super) struct Uninstall<'a> {
    package: LaidOut<'a>,
    package_echo: LaidOut<'a>,
    non_ascii: bool,
    files: Vec<File<'a>>,
    subfolders: Vec<LaidOut<'a>>,
    waits: Vec<Wait<'a>>,
}

struct File<'a> {
    number: usize,
    source: LaidOut<'a>,
    raw_source: LaidOut<'a>,
    /// Its name as people and the receipt write it.
    label: LaidOut<'a>,
    echo: LaidOut<'a>,
    quoted: LaidOut<'a>,
    /// Its path.
    to: LaidOut<'a>,
    /// Its path in the list of the package.
    listed: LaidOut<'a>,
    in_folder: bool,
    config: bool,
    private: bool,
}

struct Folder<'a> {
    number: usize,
    path: LaidOut<'a>,
    grants: LaidOut<'a>,
    /// The value of the entry that lists it.
    list: &'static str,
    /// It leads to the others.
    parent: bool,
}

struct Rule<'a> {
    number: usize,
    name: LaidOut<'a>,
    echo: LaidOut<'a>,
    command: LaidOut<'a>,
}

struct Need<'a> {
    path: LaidOut<'a>,
    what: LaidOut<'a>,
}

#[derive(Clone, Copy)]
struct Wait<'a> {
    number: usize,
    name: &'a str,
    start_limit: u64,
    stop_limit: u64,
}

struct Service<'a> {
    number: usize,
    name: &'a str,
    start_limit: u64,
    starts: u8,
    /// The end of what is said of it where nothing is done.
    and_started: LaidOut<'a>,
    create: LaidOut<'a>,
    change: LaidOut<'a>,
    /// What a reset sets on a service that is there.
    reset: Vec<Line>,
    /// What a first installation and a reset set.
    first: Vec<Line>,
    /// What every run sets.
    always: Vec<Line>,
    environment: Vec<LaidOut<'a>>,
    source: Vec<LaidOut<'a>>,
    variable_names: Vec<&'a str>,
    account: LaidOut<'a>,
    /// Whether its account needs what this script cannot do.
    named_account: bool,
    needs: Vec<Need<'a>>,
    start_number: String,
    start_word: &'static str,
    delayed: &'static str,
    recovery: Vec<RecoveryValue>,
}

impl<'a> Install<'a> {
    pub(super) fn new(plan: &'a WindowsPlan) -> Self {
        let separator = separator(plan);
        let mut install = Self {
            package: cmd::inside_quotes(plan.package.as_str()),
            package_echo: cmd::echoed(plan.package.as_str()),
            non_ascii: false,
            default_dir: default_dir(plan),
            default_dir_echo: default_dir_echo(plan),
            files: files(plan),
            subfolders: subfolder_paths(plan),
            configs: plan.files.iter().any(|file| file.config),
            grants: cmd::inside_quotes(""),
            folders: Vec::new(),
            rules: Vec::new(),
            names: lines::names(plan),
            services: Vec::new(),
            waits: waits(plan),
            services_reversed: waits(plan).into_iter().rev().collect(),
            separator: cmd::inside_quotes(separator.to_string()),
            entry: Vec::new(),
            absent_entry: Vec::new(),
        };
        for (wait, planned) in waits(plan).into_iter().zip(&plan.services) {
            install.services.push(Service::new(wait, planned));
        }
        for step in &plan.steps {
            install.step(step, plan, separator);
        }
        install
    }

    /// Writes the script, which switches the code page where it needs another one.
    pub(super) fn write(&mut self, out: &mut Text) {
        self.non_ascii = !out.windows_template("", self);
        if self.non_ascii {
            out.restart();
            out.windows_template("", self);
        }
    }

    /// Puts a step where the script carries it out. cmd.exe can do each of them.
    fn step(&mut self, step: &'a Step, plan: &'a WindowsPlan, separator: char) {
        let mut of = |name: &str, put: &mut dyn FnMut(&mut Service<'a>)| {
            if let Some(service) = self
                .services
                .iter_mut()
                .find(|service| service.name == name)
            {
                put(service);
            }
        };
        match &step.action {
            Action::InstallFolder { access } => self.grants = lines::grants(access),
            // Replacing files and starting services is the script's own frame: see `:replace` and `:start_again`.
            // Replacing files is the script's own frame: see `:replace` and `:config`.
            Action::Program { .. } | Action::File(_)
            // An account that needs it is refused by name: see `:check_account_1`.
            | Action::LogonRight { .. } => {}
            Action::DataFolder(folder) => {
                let parent = folder.purpose == Purpose::Parent;
                self.folders.push(Folder {
                    number: self.folders.len() + 1,
                    path: cmd::path(Word::Value(&folder.path).parts()),
                    grants: lines::grants(&folder.access),
                    list: if parent { "PARENTS" } else { "FOLDERS" },
                    parent,
                });
            }
            Action::Firewall(rule) => self.rules.push(Rule {
                number: self.rules.len() + 1,
                name: cmd::inside_quotes(rule.name.as_str()),
                echo: cmd::echoed(rule.name.as_str()),
                command: lines::rule(rule),
            }),
            Action::Start { service, needs } => of(service, &mut |out| {
                out.needs = needs.iter().map(need).collect();
            }),
            Action::Register {
                service,
                registration,
            } => {
                of(service, &mut |out| {
                    let planned = &plan.services[out.number - 1];
                    out.create = lines::create(planned, registration);
                    out.change = lines::change(service, registration);
                });
            }
            // A first installation sets these two with the creation, so that the service never exists with another account.
            Action::Account { service, account } => of(service, &mut |out| {
                out.named_account = account.needs_right();
                out.reset.push(Line::sc(
                    "setting the account",
 service,
                    ["config", service, "obj=", &account.name(service)],
                ));
            }),
            Action::StartType { service, start } => of(service, &mut |out| {
                out.reset.push(Line::sc(
                    "setting the start type",
 service,
                    ["config", service, "start=", start.word()],
                ));
            }),
            Action::Description { service, text } => of(service, &mut |out| {
                let line = Line::sc(
                    "setting the description",
 service,
                    ["description", service, text],
                );
                out.at(step.when).push(line);
            }),
            Action::Token { service, token } => of(service, &mut |out| {
                out.at(step.when).extend(lines::token(service, token));
            }),
            Action::Recovery { service, recovery } => {
                of(service, &mut |out| {
                    out.at(step.when).extend(lines::recovery(service, recovery));
                    out.recovery = lines::recovery_values(recovery);
                });
            }
            Action::PreshutdownTimeout {
                service,
                milliseconds,
            } => of(service, &mut |out| {
                let line = Line::sc(
                    "setting the preshutdown time",
 service,
                    ["preshutdown", service, &milliseconds.to_string()],
                );
                out.at(step.when).push(line);
            }),
            Action::Environment { service, variables } => of(service, &mut |out| {
                out.environment = lines::environment(out.number, service, variables, separator);
                out.variable_names = variables.iter().map(|(name, _)| name.as_str()).collect();
            }),
            Action::EventSource { source, messages } => of(source, &mut |out| {
                out.source = lines::event_source(source, messages);
            }),
            Action::AddRemoveEntry(entry) => {
                (self.entry, self.absent_entry) = lines::add_remove(entry, plan);
            }
        }
    }
}

impl<'a> Service<'a> {
    fn new(wait: Wait<'a>, planned: &'a WindowsService) -> Self {
        let starts = planned.start.is_automatic();
        Self {
            number: wait.number,
            start_limit: wait.start_limit,
            starts: u8::from(starts),
            and_started: cmd::echoed(if starts { " and started" } else { "" }),
            create: cmd::inside_quotes(""),
            change: cmd::inside_quotes(""),
            reset: Vec::new(),
            first: Vec::new(),
            always: Vec::new(),
            environment: Vec::new(),
            source: Vec::new(),
            variable_names: Vec::new(),
            account: cmd::inside_quotes(planned.account.name(&planned.name)),
            named_account: false,
            needs: planned.needs.iter().map(need).collect(),
            start_number: format!("0x{:x}", planned.start.number()),
            start_word: planned.start.word(),
            delayed: if planned.start == StartType::Delayed {
                "0x1"
            } else {
                "0x0"
            },
            recovery: Vec::new(),
            name: wait.name,
        }
    }

    /// The lines that run in these runs.
    fn at(&mut self, when: When) -> &mut Vec<Line> {
        match when {
            When::Always => &mut self.always,
            When::FirstInstallOrReset => &mut self.first,
        }
    }
}

/// What separates the variables of the plan, which holds no value with all candidates in it.
fn separator(plan: &WindowsPlan) -> char {
    cmd::separator(plan.variables()).unwrap_or('|')
}

fn need(need: &crate::plan::windows::Need) -> Need<'_> {
    Need {
        path: cmd::path(Word::Value(&need.path).parts()),
        what: match &need.credential {
            Some(name) => cmd::echoed(format!("the credential {name}")),
            None => cmd::echoed("the file"),
        },
    }
}

fn default_dir(plan: &WindowsPlan) -> LaidOut<'_> {
    match &plan.install_dir {
        InstallDir::BelowPrograms(below) => cmd::below_programs(below),
        InstallDir::Fixed(path) => cmd::inside_quotes(path.as_str()),
    }
}

fn default_dir_echo(plan: &WindowsPlan) -> LaidOut<'_> {
    match &plan.install_dir {
        InstallDir::BelowPrograms(below) => cmd::echoed(format!(r"%ProgramFiles%\{below}")),
        InstallDir::Fixed(path) => cmd::echoed(path.as_str()),
    }
}

fn subfolder_paths(plan: &WindowsPlan) -> Vec<LaidOut<'static>> {
    let folders = subfolders(plan);
    let paths = folders
        .iter()
        .map(|path| cmd::path(Word::Value(path).parts()));
    paths.collect()
}

fn files(plan: &WindowsPlan) -> Vec<File<'_>> {
    installed_files(plan)
        .into_iter()
        .enumerate()
        .map(|(index, file)| {
            let name = match file.place {
                Place::Below(name) => Cow::Borrowed(name),
                Place::At(path) => path.resolved("", "%ProgramData%").into(),
            };
            File {
                number: index + 1,
                listed: cmd::inside_quotes(file.source.replace('\\', "/")),
                source: cmd::word(file.source.clone()),
                raw_source: cmd::inside_quotes(file.source),
                quoted: cmd::word(name.clone()),
                label: cmd::inside_quotes(name.clone()),
                echo: cmd::echoed(name),
                to: cmd::path(file.place.parts()),
                in_folder: matches!(file.place, Place::Below(_)),
                config: file.config,
                private: file.private,
            }
        })
        .collect()
}

fn waits(plan: &WindowsPlan) -> Vec<Wait<'_>> {
    plan.services
        .iter()
        .enumerate()
        .map(|(index, service)| Wait {
            number: index + 1,
            name: &service.name,
            start_limit: limit(service.start_wait),
            stop_limit: limit(service.stop_wait),
        })
        .collect()
}

impl<'a> Uninstall<'a> {
    pub(super) fn new(plan: &'a WindowsPlan) -> Self {
        Self {
            package: cmd::inside_quotes(plan.package.as_str()),
            package_echo: cmd::echoed(plan.package.as_str()),
            non_ascii: false,
            files: files(plan),
            subfolders: subfolder_paths(plan),
            waits: waits(plan),
        }
    }

    /// Writes the script, likewise.
    pub(super) fn write(&mut self, out: &mut Text) {
        self.non_ascii = !out.windows_template("", self);
        if self.non_ascii {
            out.restart();
            out.windows_template("", self);
        }
    }
}
