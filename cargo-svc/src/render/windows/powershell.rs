//! The scripts for PowerShell: data first, then logic that is the same for every package.

use std::borrow::Cow;
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
pub(super) struct Install<'a> {
    package: &'a str,
    default_dir: LaidOut,
    default_shown: Cow<'a, str>,
    files: Vec<File<'a>>,
    subfolders: LaidOut,
    folders: Vec<Folder>,
    rules: Vec<Rule<'a>>,
    /// Whether an account needs the right to log on as a service.
    rights: bool,
    service_sids: LaidOut,
    private_sddl: LaidOut,
    services: Vec<Service<'a>>,
    steps: Vec<StepRow<'a>>,
    entry: Vec<Text>,
    icon: LaidOut,
    folder_sddl: String,
    trusted_owners: LaidOut,
}

#[derive(Template)]
#[template(path = "windows/uninstall.ps1")]
pub(super) struct Uninstall<'a> {
    package: &'a str,
    file_names: LaidOut,
    subfolders: LaidOut,
    services: Vec<Service<'a>>,
    trusted_owners: LaidOut,
}

struct File<'a> {
    source: Cow<'a, str>,
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

struct Rule<'a> {
    name: &'a str,
    program: &'a str,
    words: LaidOut,
}

struct Need {
    path: LaidOut,
    credential: LaidOut,
}

struct Service<'a> {
    name: &'a str,
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
struct StepRow<'a> {
    function: &'static str,
    service: &'a str,
    first: LaidOut,
    keeps: LaidOut,
    fields: Vec<Field>,
}

struct Field {
    name: LaidOut,
    value: LaidOut,
}

impl Field {
    const fn new(name: &'static str, value: LaidOut) -> Self {
        Self {
            name: ps::verbatim(name),
            value,
        }
    }
}

impl<'a> Install<'a> {
    /// # Errors
    /// If a value holds what a script cannot: the plan should have refused it.
    pub(super) fn new(plan: &'a WindowsPlan) -> Result<Self, fmt::Error> {
        let mut install = Self {
            package: &plan.package,
            default_dir: default_dir(plan)?,
            default_shown: match &plan.install_dir {
                InstallDir::BelowPrograms(below) => format!(r"%ProgramFiles%\{below}").into(),
                InstallDir::Fixed(path) => path.into(),
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
            folder_sddl: String::new(),
            trusted_owners: ps::texts(Sid::OWNERS)?,
        };
        for step in &plan.steps {
            install.step(step)?;
        }
        Ok(install)
    }

    /// Puts a step where the script carries it out. PowerShell can do each of them.
    fn step(&mut self, step: &'a Step) -> fmt::Result {
        let (function, service, fields) = match &step.action {
            Action::InstallFolder { access } => {
                self.folder_sddl = access.sddl();
                return Ok(());
            }
            // Replacing files and starting services is the script's own frame: see `Copy-ToFolder` and `Start-Again`.
            // Replacing files and starting services is the script's own frame: see `Copy-ToFolder` and `Start-Again`.
            Action::Program { .. } | Action::File(_) | Action::Start { .. } => return Ok(()),
            Action::DataFolder(folder) => {
                self.folders.push(Folder {
                    path: ps::value(&folder.path)?,
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
                let fields = vec![
                    Field::new("Account", ps::literal(&name)?),
                    Field::new("Shown", shown),
                ];
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
                let fields = vec![
                    Field::new("Word", ps::literal(start.word())?),
                    Field::new("Shown", shown),
                ];
                ("Set-StartType", service, fields)
            }
            Action::Description { service, text } => (
                "Set-Description",
                service,
                vec![Field::new("Text", ps::literal(text)?)],
            ),
            Action::Token { service, token } => {
                let privileges = token.privileges.as_ref().map(|names| names.join("/"));
                let fields = vec![
                    Field::new("Sid", ps::literal(token.sid_word())?),
                    Field::new("Privileges", ps::optional(privileges.as_deref())?),
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
                    vec![Field::new("Milliseconds", value)],
                )
            }
            Action::Environment { service, variables } => (
                "Set-Environment",
                service,
                vec![Field::new("Variables", variable_list(variables)?)],
            ),
            Action::EventSource { source, messages } => (
                "Set-EventSource",
                source,
                vec![Field::new("Messages", ps::value(messages)?)],
            ),
        };
        self.steps.push(row(step, function, service, fields)?);
        Ok(())
    }
}

impl<'a> Uninstall<'a> {
    /// # Errors
    /// If a value holds what a script cannot: the plan should have refused it.
    pub(super) fn new(plan: &'a WindowsPlan) -> Result<Self, fmt::Error> {
        let names = installed_files(plan)
            .into_iter()
            .filter(|file| !file.config)
            .filter_map(|file| match file.place {
                Place::Below(name) => Some(name),
                Place::At(_) => None,
            });
        Ok(Self {
            package: &plan.package,
            file_names: ps::texts(names)?,
            subfolders: folder_list(plan)?,
            services: services(plan)?,
            trusted_owners: ps::texts(Sid::OWNERS)?,
        })
    }
}

fn rule_row(rule: &FirewallRule) -> Result<Rule<'_>, fmt::Error> {
    Ok(Rule {
        name: &rule.name,
        program: &rule.program,
        words: ps::texts(rule.scope().iter().map(String::as_str))?,
    })
}

fn default_dir(plan: &WindowsPlan) -> Result<LaidOut, fmt::Error> {
    match &plan.install_dir {
        InstallDir::BelowPrograms(below) => ps::below_programs(below),
        InstallDir::Fixed(path) => ps::literal(path),
    }
}

fn files(plan: &WindowsPlan) -> Result<Vec<File<'_>>, fmt::Error> {
    installed_files(plan)
        .into_iter()
        .map(|file| {
            Ok(File {
                name: ps::optional(match &file.place {
                    Place::Below(name) => Some(name),
                    Place::At(_) => None,
                })?,
                path: ps::pieces(file.place.parts())?,
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
        .map(ps::value)
        .collect::<Result<_, _>>()?;
    // A list of lists, with one element too.
    Ok(ps::nested(folders))
}

fn services(plan: &WindowsPlan) -> Result<Vec<Service<'_>>, fmt::Error> {
    plan.services
        .iter()
        .map(|service| {
            let needs = service.needs.iter().map(|need| {
                Ok(Need {
                    path: ps::value(&need.path)?,
                    credential: ps::optional(need.credential.as_deref())?,
                })
            });
            Ok(Service {
                name: &service.name,
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

fn row<'a>(
    step: &Step,
    function: &'static str,
    service: &'a str,
    fields: Vec<Field>,
) -> Result<StepRow<'a>, fmt::Error> {
    let keeps = match step.undo {
        Undo::RemoveIfNew | Undo::Stop => ps::texts([])?,
        Undo::Restore(values) => ps::texts(values.iter().copied())?,
    };
    Ok(StepRow {
        function,
        service,
        first: ps::boolean(match step.when {
            When::Always => false,
            When::FirstInstallOrReset => true,
        }),
        keeps,
        fields,
    })
}

fn registration_fields(
    service: &str,
    registration: &Registration,
) -> Result<Vec<Field>, fmt::Error> {
    let shown = registration.display_name.as_deref().unwrap_or(service);
    let dependencies = registration.dependencies.iter().map(String::as_str);
    Ok(vec![
        Field::new("Image", ps::value(&registration.image_path)?),
        Field::new("DisplayName", ps::literal(shown)?),
        Field::new("Dependencies", ps::texts(dependencies)?),
    ])
}

fn recovery_fields(recovery: &Recovery) -> Result<Vec<Field>, fmt::Error> {
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
        Field::new("ResetAfter", ps::literal(&recovery.reset.to_string())?),
        Field::new("Actions", ps::literal(&recovery.words())?),
        Field::new("Flag", ps::literal(flag)?),
        Field::new("Shown", shown),
    ])
}

fn variable_list(variables: &[(String, Value)]) -> Result<LaidOut, fmt::Error> {
    let rows: Vec<LaidOut> = variables
        .iter()
        .map(|(name, value)| {
            Ok(ps::table([
                ("Name", ps::literal(name)?),
                ("Text", ps::value(value)?),
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
