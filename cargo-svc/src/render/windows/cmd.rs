//! The scripts for cmd.exe.

use askama::Template;

mod lines;

use lines::{Line, RecoveryValue};

use super::{installed_files, limit};
use crate::escape::cmd::{self, LaidOut};
use crate::plan::windows::{Action, StartType, Step, When, WindowsPlan, WindowsService};
use crate::render::text;

#[derive(Template)]
#[template(path = "windows/install.cmd")]
pub(super) struct Install {
    package: LaidOut,
    package_echo: LaidOut,
    non_ascii: bool,
    files: Vec<File>,
    /// Who may do what in the install folder.
    grants: LaidOut,
    /// The services' names, joined by slashes.
    names: String,
    services: Vec<Service>,
    services_reversed: Vec<Wait>,
    waits: Vec<Wait>,
    separator: LaidOut,
    /// Commands that write the Add/Remove Programs entry.
    entry: Vec<LaidOut>,
    /// Its values that this package does not have.
    absent_entry: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "windows/uninstall.cmd")]
pub(super) struct Uninstall {
    package: LaidOut,
    package_echo: LaidOut,
    non_ascii: bool,
    files: Vec<File>,
    waits: Vec<Wait>,
}

struct File {
    number: usize,
    source: LaidOut,
    raw_source: LaidOut,
    label: LaidOut,
    quoted: LaidOut,
    echo: LaidOut,
}

struct Wait {
    number: usize,
    name: String,
    start_limit: u64,
    stop_limit: u64,
}

struct Service {
    number: usize,
    name: String,
    start_limit: u64,
    starts: u8,
    and_started: &'static str,
    create: LaidOut,
    change: LaidOut,
    /// What a reset sets on a service that is there.
    reset: Vec<Line>,
    /// What a first installation and a reset set.
    first: Vec<Line>,
    /// What every run sets.
    always: Vec<Line>,
    environment: Vec<LaidOut>,
    source: Vec<LaidOut>,
    variable_names: Vec<String>,
    account: LaidOut,
    start_number: String,
    start_word: &'static str,
    delayed: &'static str,
    recovery: Vec<RecoveryValue>,
}

impl Install {
    pub(super) fn new(plan: &WindowsPlan) -> Self {
        let mut install = Self {
            package: cmd::inside_quotes(&plan.package),
            package_echo: cmd::echoed(&plan.package),
            non_ascii: false,
            files: files(plan),
            grants: cmd::words(&[]),
            names: lines::names(plan),
            services: Vec::new(),
            waits: waits(plan),
            services_reversed: waits(plan).into_iter().rev().collect(),
            separator: cmd::inside_quotes(&separator(plan).to_string()),
            entry: Vec::new(),
            absent_entry: Vec::new(),
        };
        for (wait, planned) in waits(plan).into_iter().zip(&plan.services) {
            install.services.push(Service::new(wait, planned));
        }
        for step in &plan.steps {
            install.step(step, plan);
        }
        install
    }

    /// The script's text, which switches the code page where it needs another one.
    pub(super) fn text(mut self) -> Vec<u8> {
        let ascii = text(&self);
        if ascii.is_ascii() {
            return ascii;
        }
        self.non_ascii = true;
        text(&self)
    }

    /// Puts a step where the script carries it out. cmd.exe can do each of them.
    fn step(&mut self, step: &Step, plan: &WindowsPlan) {
        let separator = separator(plan);
        let mut of = |name: &str, put: &mut dyn FnMut(&mut Service)| {
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
            // No plan holds folders, files, rights and rules yet: see `plan::windows::later`.
            Action::Program { .. }
            | Action::Start { .. }
            | Action::DataFolder(_)
            | Action::File(_)
            | Action::LogonRight { .. }
            | Action::Firewall(_) => {}
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
                out.reset.push(Line::sc(
                    &format!("setting the account of {service}"),
                    &["config", service, "obj=", &account.name(service)],
                ));
            }),
            Action::StartType { service, start } => of(service, &mut |out| {
                out.reset.push(Line::sc(
                    &format!("setting the start type of {service}"),
                    &["config", service, "start=", start.word()],
                ));
            }),
            Action::Description { service, text } => of(service, &mut |out| {
                let line = Line::sc(
                    &format!("setting the description of {service}"),
                    &["description", service, text],
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
                    &format!("setting the preshutdown time of {service}"),
                    &["preshutdown", service, &milliseconds.to_string()],
                );
                out.at(step.when).push(line);
            }),
            Action::Environment { service, variables } => of(service, &mut |out| {
                out.environment = lines::environment(out.number, service, variables, separator);
                out.variable_names = variables.iter().map(|(name, _)| name.clone()).collect();
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

impl Service {
    fn new(wait: Wait, planned: &WindowsService) -> Self {
        let starts = planned.start.is_automatic();
        Self {
            number: wait.number,
            start_limit: wait.start_limit,
            starts: u8::from(starts),
            and_started: if starts { " and started" } else { "" },
            create: cmd::words(&[]),
            change: cmd::words(&[]),
            reset: Vec::new(),
            first: Vec::new(),
            always: Vec::new(),
            environment: Vec::new(),
            source: Vec::new(),
            variable_names: Vec::new(),
            account: cmd::inside_quotes(&planned.account.name(&planned.name)),
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

fn files(plan: &WindowsPlan) -> Vec<File> {
    installed_files(plan)
        .into_iter()
        .enumerate()
        .map(|(index, file)| File {
            number: index + 1,
            source: cmd::words(&[&file.source]),
            raw_source: cmd::inside_quotes(&file.source),
            quoted: cmd::words(&[&file.name]),
            label: cmd::inside_quotes(&file.name),
            echo: cmd::echoed(&file.name),
        })
        .collect()
}

fn waits(plan: &WindowsPlan) -> Vec<Wait> {
    plan.services
        .iter()
        .enumerate()
        .map(|(index, service)| Wait {
            number: index + 1,
            name: service.name.clone(),
            start_limit: limit(service.start_wait),
            stop_limit: limit(service.stop_wait),
        })
        .collect()
}

impl Uninstall {
    pub(super) fn new(plan: &WindowsPlan) -> Self {
        Self {
            package: cmd::inside_quotes(&plan.package),
            package_echo: cmd::echoed(&plan.package),
            non_ascii: false,
            files: files(plan),
            waits: waits(plan),
        }
    }

    /// The script's text, likewise.
    pub(super) fn text(mut self) -> Vec<u8> {
        let ascii = text(&self);
        if ascii.is_ascii() {
            return ascii;
        }
        self.non_ascii = true;
        text(&self)
    }
}
