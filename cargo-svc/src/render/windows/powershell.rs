//! The scripts for PowerShell: data first, then logic that is the same for every package.

use std::fmt;

use askama::Template;

use super::{installed_files, limit};
use crate::escape::powershell::{self as ps, LaidOut};
use crate::plan::windows::{
    Action, AddRemove, Recovery, Registration, Sid, StartType, Step, Undo, Value, When, WindowsPlan,
};

/// What makes an event source's messages readable without a message compiler: it has one for each id from 1 to 1000.
const EVENT_MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";

/// Who may own an install folder: the machine, its administrators, and the service that installs Windows' own parts.
const TRUSTED_OWNERS: [&str; 3] = [
    Sid::SYSTEM,
    Sid::ADMINISTRATORS,
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

#[derive(Template)]
#[template(path = "windows/install.ps1")]
pub(super) struct Install {
    package: String,
    files: Vec<File>,
    services: Vec<Service>,
    steps: Vec<StepRow>,
    entry: Vec<Text>,
    readers: LaidOut,
    trusted_owners: LaidOut,
}

#[derive(Template)]
#[template(path = "windows/uninstall.ps1")]
pub(super) struct Uninstall {
    package: String,
    file_names: LaidOut,
    services: Vec<Service>,
    trusted_owners: LaidOut,
}

struct File {
    source: String,
    name: String,
}

struct Service {
    name: String,
    start_limit: LaidOut,
    stop_limit: LaidOut,
    starts: LaidOut,
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
            files: installed_files(plan)
                .into_iter()
                .map(|file| File {
                    source: file.source,
                    name: file.name,
                })
                .collect(),
            services: services(plan),
            steps: Vec::new(),
            entry: Vec::new(),
            readers: ps::texts([])?,
            trusted_owners: ps::texts(TRUSTED_OWNERS)?,
        };
        for step in &plan.steps {
            install.step(step)?;
        }
        Ok(install)
    }

    /// Puts a step where the script carries it out. PowerShell can do each of them.
    fn step(&mut self, step: &Step) -> fmt::Result {
        let (function, service, fields) = match &step.action {
            Action::InstallFolder { readers } => {
                self.readers = ps::texts(readers.iter().map(Sid::as_str))?;
                return Ok(());
            }
            // Replacing files is the script's own frame: see `Copy-ToFolder`.
            Action::Program { .. } => return Ok(()),
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
                let shown = ps::table([
                    ("Start", ps::texts([number.as_str()])?),
                    ("DelayedAutostart", ps::texts(["0"])?),
                ]);
                let fields = vec![("Word", ps::literal(start.word())?), ("Shown", shown)];
                ("Set-StartType", service, fields)
            }
            Action::Description { service, text } => (
                "Set-Description",
                service,
                vec![("Text", ps::literal(text)?)],
            ),
            Action::ServiceSid { service } => ("Set-ServiceSid", service, Vec::new()),
            Action::Recovery { service, recovery } => {
                ("Set-Recovery", service, recovery_fields(*recovery)?)
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
            Action::EventSource { source } => (
                "Set-EventSource",
                source,
                vec![("Messages", ps::literal(EVENT_MESSAGES)?)],
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
        let files = installed_files(plan);
        Ok(Self {
            package: plan.package.clone(),
            file_names: ps::texts(files.iter().map(|file| file.name.as_str()))?,
            services: services(plan),
            trusted_owners: ps::texts(TRUSTED_OWNERS)?,
        })
    }
}

fn services(plan: &WindowsPlan) -> Vec<Service> {
    plan.services
        .iter()
        .map(|service| Service {
            name: service.name.clone(),
            start_limit: ps::number(limit(service.start_wait)),
            stop_limit: ps::number(limit(service.stop_wait)),
            starts: ps::boolean(service.start == StartType::Automatic),
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
        Undo::RemoveIfNew => ps::texts([])?,
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

fn recovery_fields(recovery: Recovery) -> Result<Vec<(&'static str, LaidOut)>, fmt::Error> {
    let hex = recovery.registry_hex();
    let (reset, actions, flag, shown) = match recovery {
        // The manager takes absent values, which read as 0, for the same.
        Recovery::Nothing => ("0".to_owned(), String::new(), "0", vec![hex.as_str(), "0"]),
        Recovery::Restart { delay } => (
            Recovery::RESET_SECONDS.to_string(),
            format!("restart/{delay}"),
            "1",
            vec![hex.as_str()],
        ),
    };
    let shown = ps::table([
        ("FailureActions", ps::texts(shown)?),
        ("FailureActionsOnNonCrashFailures", ps::texts([flag])?),
    ]);
    Ok(vec![
        ("ResetAfter", ps::literal(&reset)?),
        ("Actions", ps::literal(&actions)?),
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
mod tests;
