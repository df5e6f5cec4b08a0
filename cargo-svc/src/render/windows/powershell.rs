//! The scripts for PowerShell: data first, then logic that is the same for every package.

use std::fmt;

use askama::Template;

use super::{Place, installed_files, limit, subfolders};
use crate::escape::powershell::{self as ps, LaidOut};
use crate::plan::windows::{
    Access, Action, AddRemove, FirewallRule, InstallDir, Purpose, Recovery, Registration, Sid,
    StartType, Step, Undo, Value, When, WindowsPlan,
};

#[derive(Template)]
#[template(path = "windows/install.ps1")]
pub(super) struct Install {
    package: String,
    default_dir: LaidOut,
    default_shown: String,
    files: Vec<File>,
    subfolders: LaidOut,
    folders: Vec<Folder>,
    rules: Vec<Rule>,
    /// Whether an account needs the right to log on as a service.
    rights: bool,
    service_sids: LaidOut,
    private_sddl: LaidOut,
    services: Vec<Service>,
    steps: Vec<StepRow>,
    entry: Vec<Text>,
    icon: LaidOut,
    folder_sddl: LaidOut,
    trusted_owners: LaidOut,
}

#[derive(Template)]
#[template(path = "windows/uninstall.ps1")]
pub(super) struct Uninstall {
    package: String,
    file_names: LaidOut,
    subfolders: LaidOut,
    services: Vec<Service>,
    trusted_owners: LaidOut,
}

struct File {
    source: String,
    /// Its name below the install folder; nothing if it goes elsewhere.
    name: LaidOut,
    path: LaidOut,
    config: LaidOut,
    private: LaidOut,
}

struct Folder {
    path: LaidOut,
    sddl: String,
    parent: LaidOut,
}

struct Rule {
    name: String,
    program: String,
    words: LaidOut,
}

struct Need {
    path: LaidOut,
    credential: LaidOut,
}

struct Service {
    name: String,
    start_limit: LaidOut,
    stop_limit: LaidOut,
    starts: LaidOut,
    account: LaidOut,
    password: LaidOut,
    right: LaidOut,
    needs: Vec<Need>,
}

/// A value of the entry in Add/Remove Programs.
struct Text {
    name: &'static str,
    value: LaidOut,
}

/// A step of a service: the function that carries it out, and what that is given.
struct StepRow {
    function: &'static str,
    service: String,
    first: LaidOut,
    keeps: LaidOut,
    fields: Vec<Field>,
}

struct Field {
    name: LaidOut,
    value: LaidOut,
}

impl Install {
    /// # Errors
    /// If a value holds what a script cannot: the plan should have refused it.
    pub(super) fn new(plan: &WindowsPlan) -> Result<Self, fmt::Error> {
        let mut install = Self {
            package: plan.package.clone(),
            default_dir: default_dir(plan)?,
            default_shown: match &plan.install_dir {
                InstallDir::BelowPrograms(below) => format!(r"%ProgramFiles%\{below}"),
                InstallDir::Fixed(path) => path.clone(),
            },
            files: files(plan)?,
            subfolders: folder_list(plan)?,
            folders: Vec::new(),
            rules: Vec::new(),
            rights: false,
            service_sids: ps::texts(plan.services.iter().map(|service| service.sid.as_str()))?,
            private_sddl: ps::literal(Access::PRIVATE_FILE)?,
            services: services(plan)?,
            steps: Vec::new(),
            entry: Vec::new(),
            icon: ps::optional(plan.icon())?,
            folder_sddl: ps::literal("")?,
            trusted_owners: ps::texts(Sid::OWNERS)?,
        };
        for step in &plan.steps {
            install.step(step)?;
        }
        Ok(install)
    }

    /// Puts a step where the script carries it out. PowerShell can do each of them.
    fn step(&mut self, step: &Step) -> fmt::Result {
        let (function, service, fields) = match &step.action {
            Action::InstallFolder { access } => {
                self.folder_sddl = ps::literal(&access.sddl())?;
                return Ok(());
            }
            // Replacing files and starting services is the script's own frame: see `Copy-ToFolder` and `Start-Again`.
            // Replacing files and starting services is the script's own frame: see `Copy-ToFolder` and `Start-Again`.
            Action::Program { .. } | Action::File(_) | Action::Start { .. } => return Ok(()),
            Action::DataFolder(folder) => {
                self.folders.push(Folder {
                    path: ps::pieces(&folder.path)?,
                    sddl: folder.access.sddl(),
                    parent: ps::boolean(folder.purpose == Purpose::Parent),
                });
                return Ok(());
            }
            // The services' list has the accounts: see `Grant-LogonRight`.
            Action::LogonRight { .. } => {
                self.rights = true;
                return Ok(());
            }
            Action::Firewall(rule) => {
                self.rules.push(rule_row(rule)?);
                return Ok(());
            }
            Action::AddRemoveEntry(entry) => {
                self.entry = entry_texts(entry)?;
                return Ok(());
            }
            Action::Register {
                service,
                registration,
            } => (
                "Set-Registration",
                service,
                registration_fields(service, registration)?,
            ),
            Action::Account { service, account } => {
                let name = account.name(service);
                let shown = ps::table([("ObjectName", ps::texts([name.as_str()])?)]);
                let fields = vec![("Account", ps::literal(&name)?), ("Shown", shown)];
                ("Set-Account", service, fields)
            }
            Action::StartType { service, start } => {
                let number = start.number().to_string();
                let delayed = if *start == StartType::Delayed {
                    "1"
                } else {
                    "0"
                };
                let shown = ps::table([
                    ("Start", ps::texts([number.as_str()])?),
                    ("DelayedAutostart", ps::texts([delayed])?),
                ]);
                let fields = vec![("Word", ps::literal(start.word())?), ("Shown", shown)];
                ("Set-StartType", service, fields)
            }
            Action::Description { service, text } => (
                "Set-Description",
                service,
                vec![("Text", ps::literal(text)?)],
            ),
            Action::Token { service, token } => {
                let privileges = token.privileges.as_ref().map(|names| names.join("/"));
                let fields = vec![
                    ("Sid", ps::literal(token.sid_word())?),
                    ("Privileges", ps::optional(privileges.as_deref())?),
                ];
                ("Set-Token", service, fields)
            }
            Action::Recovery { service, recovery } => {
                ("Set-Recovery", service, recovery_fields(recovery)?)
            }
            Action::PreshutdownTimeout {
                service,
                milliseconds,
            } => {
                let value = ps::literal(&milliseconds.to_string())?;
                (
                    "Set-PreshutdownTimeout",
                    service,
                    vec![("Milliseconds", value)],
                )
            }
            Action::Environment { service, variables } => (
                "Set-Environment",
                service,
                vec![("Variables", variable_list(variables)?)],
            ),
            Action::EventSource { source, messages } => (
                "Set-EventSource",
                source,
                vec![("Messages", ps::pieces(messages)?)],
            ),
        };
        self.steps.push(row(step, function, service, fields)?);
        Ok(())
    }
}

impl Uninstall {
    /// # Errors
    /// If a value holds what a script cannot: the plan should have refused it.
    pub(super) fn new(plan: &WindowsPlan) -> Result<Self, fmt::Error> {
        let names = installed_files(plan)
            .into_iter()
            .filter(|file| !file.config)
            .filter_map(|file| match file.place {
                Place::Below(name) => Some(name),
                Place::At(_) => None,
            })
            .collect::<Vec<_>>();
        Ok(Self {
            package: plan.package.clone(),
            file_names: ps::texts(names.iter().map(String::as_str))?,
            subfolders: folder_list(plan)?,
            services: services(plan)?,
            trusted_owners: ps::texts(Sid::OWNERS)?,
        })
    }
}

fn rule_row(rule: &FirewallRule) -> Result<Rule, fmt::Error> {
    Ok(Rule {
        name: rule.name.clone(),
        program: rule.program.clone(),
        words: ps::texts(rule.scope().iter().map(String::as_str))?,
    })
}

fn default_dir(plan: &WindowsPlan) -> Result<LaidOut, fmt::Error> {
    match &plan.install_dir {
        InstallDir::BelowPrograms(below) => ps::below_programs(below),
        InstallDir::Fixed(path) => ps::literal(path),
    }
}

fn files(plan: &WindowsPlan) -> Result<Vec<File>, fmt::Error> {
    installed_files(plan)
        .into_iter()
        .map(|file| {
            Ok(File {
                name: ps::optional(match &file.place {
                    Place::Below(name) => Some(name),
                    Place::At(_) => None,
                })?,
                path: ps::pieces(&file.place.path())?,
                config: ps::boolean(file.config),
                private: ps::boolean(file.private),
                source: file.source,
            })
        })
        .collect()
}

/// Folders that files need below the one that they go to.
fn folder_list(plan: &WindowsPlan) -> Result<LaidOut, fmt::Error> {
    let folders: Vec<LaidOut> = subfolders(plan)
        .iter()
        .map(ps::pieces)
        .collect::<Result<_, _>>()?;
    // A list of lists, with one element too.
    Ok(ps::nested(folders))
}

fn services(plan: &WindowsPlan) -> Result<Vec<Service>, fmt::Error> {
    plan.services
        .iter()
        .map(|service| {
            let needs = service.needs.iter().map(|need| {
                Ok(Need {
                    path: ps::pieces(&need.path)?,
                    credential: ps::optional(need.credential.as_deref())?,
                })
            });
            Ok(Service {
                name: service.name.clone(),
                start_limit: ps::number(limit(service.start_wait)),
                stop_limit: ps::number(limit(service.stop_wait)),
                starts: ps::boolean(service.start.is_automatic()),
                account: ps::literal(&service.account.name(&service.name))?,
                password: ps::boolean(service.account.needs_password()),
                right: ps::boolean(service.account.needs_right()),
                needs: needs.collect::<Result<_, fmt::Error>>()?,
            })
        })
        .collect()
}

fn row(
    step: &Step,
    function: &'static str,
    service: &str,
    fields: Vec<(&'static str, LaidOut)>,
) -> Result<StepRow, fmt::Error> {
    let keeps = match step.undo {
        Undo::RemoveIfNew | Undo::Stop => ps::texts([])?,
        Undo::Restore(values) => ps::texts(values.iter().copied())?,
    };
    Ok(StepRow {
        function,
        service: service.to_owned(),
        first: ps::boolean(match step.when {
            When::Always => false,
            When::FirstInstallOrReset => true,
        }),
        keeps,
        fields: fields
            .into_iter()
            .map(|(name, value)| Field {
                name: ps::verbatim(name),
                value,
            })
            .collect(),
    })
}

fn registration_fields(
    service: &str,
    registration: &Registration,
) -> Result<Vec<(&'static str, LaidOut)>, fmt::Error> {
    let shown = registration.display_name.as_deref().unwrap_or(service);
    let dependencies = registration.dependencies.iter().map(String::as_str);
    Ok(vec![
        ("Image", ps::pieces(&registration.image_path)?),
        ("DisplayName", ps::literal(shown)?),
        ("Dependencies", ps::texts(dependencies)?),
    ])
}

fn recovery_fields(recovery: &Recovery) -> Result<Vec<(&'static str, LaidOut)>, fmt::Error> {
    let hex = recovery.registry_hex();
    let flag = if recovery.on_error { "1" } else { "0" };
    // The manager takes absent values, which read as 0, for no action.
    let mut shown = vec![hex.as_str()];
    if recovery.actions.is_empty() {
        shown.push("0");
    }
    let shown = ps::table([
        ("FailureActions", ps::texts(shown)?),
        ("FailureActionsOnNonCrashFailures", ps::texts([flag])?),
    ]);
    Ok(vec![
        ("ResetAfter", ps::literal(&recovery.reset.to_string())?),
        ("Actions", ps::literal(&recovery.words())?),
        ("Flag", ps::literal(flag)?),
        ("Shown", shown),
    ])
}

fn variable_list(variables: &[(String, Value)]) -> Result<LaidOut, fmt::Error> {
    let rows: Vec<LaidOut> = variables
        .iter()
        .map(|(name, value)| {
            Ok(ps::table([
                ("Name", ps::literal(name)?),
                ("Text", ps::pieces(value)?),
            ]))
        })
        .collect::<Result<_, fmt::Error>>()?;
    Ok(ps::list(rows))
}

fn entry_texts(entry: &AddRemove) -> Result<Vec<Text>, fmt::Error> {
    entry
        .texts()
        .into_iter()
        .map(|(name, text)| {
            let value = match text {
                Some(text) => ps::literal(text)?,
                None => ps::verbatim("$null"),
            };
            Ok(Text { name, value })
        })
        .collect()
}

#[cfg(test)]
mod read_back;
#[cfg(test)]
pub(super) mod tests;
