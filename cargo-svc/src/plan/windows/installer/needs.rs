//! What a service waits for: while it is missing, the service is installed and not started, and the Event Log says so. Windows
//! Installer has no way to say something and go on.

use super::actions::{self, Service};
use super::identity::key;
use super::number::{Sequence, Stretch};
use super::{Component, Data, FIRST, Formatted, Moment, RegistryValue, shell};
use crate::plan::windows::service::EVENT_MESSAGES;
use crate::plan::windows::{InstalledFile, Need, Value, WindowsService};

/// What of it the package does not bring itself.
pub(super) fn unmet<'a>(service: &'a WindowsService, files: &[InstalledFile]) -> Vec<&'a Need> {
    let same = |file: &InstalledFile, need: &Need| {
        let path = |value: &Value| value.with_folders("").to_lowercase();
        path(&file.to) == path(&need.path)
    };
    let needs = service.needs.iter();
    needs
        .filter(|need| !files.iter().any(|file| same(file, need)))
        .collect()
}

/// The same line, if all of it is there.
pub(super) fn when_there(needs: &[&Need], line: &Formatted) -> Formatted {
    let mut guarded = Formatted::default();
    for need in needs {
        guarded.push("if exist ");
        guarded.append(&shell::quoted(&path(need)));
        guarded.push(" ");
    }
    guarded.push("(");
    guarded.append(line);
    guarded.push(")");
    guarded
}

fn path(need: &Need) -> Formatted {
    // Below a folder, so that no character stands where Windows Installer puts a backslash.
    Formatted::of(&need.path).unwrap_or_default()
}

/// Says what is missing, and starts what a first installation starts. `component` is the one of the service's program.
pub(super) fn carry(
    sequence: &mut Sequence,
    service: &Service,
    planned: &WindowsService,
    component: Option<&mut Component>,
) {
    if service.needs.is_empty() {
        return;
    }
    // EventCreate.exe takes only a source that is marked as its own.
    let is_its = planned.event_messages == Some(Value::literal(EVENT_MESSAGES));
    let source = if is_its {
        service.name.to_owned()
    } else {
        format!("{}-setup", service.name)
    };
    if let Some(component) = component {
        if !is_its {
            let messages = Formatted::literal(EVENT_MESSAGES);
            let values = super::rows::event_source(&source, messages);
            component.registry.extend(values);
        }
        component.registry.push(RegistryValue {
            id: key("EventCustom", &source),
            key: format!(r"{}\EventLog\Application\{source}", actions::SERVICES),
            name: "CustomSource".to_owned(),
            data: Data::Number(1),
        });
    }
    say(sequence, service, &source);
    if planned.start.is_automatic() {
        start(sequence, service);
    }
}

fn say(sequence: &mut Sequence, service: &Service, source: &str) {
    let name = service.name;
    let mut said = Formatted::default();
    for (number, need) in service.needs.iter().enumerate() {
        let what = match &need.credential {
            Some(name) => format!("the credential {name}"),
            None => "the file".to_owned(),
        };
        said.push(if number == 0 { "(" } else { " & (" });
        said.push("if not exist ");
        said.append(&shell::quoted(&path(need)));
        said.push(" ");
        said.append(&shell::system(
            "eventcreate.exe",
            &format!(
                "/l application /t warning /id 1 /so \"{source}\" /d \"{name} is installed and not started: {what} "
            ),
        ));
        said.append(&path(need));
        said.push(&format!(
            " is missing. Put it there, then: net start {name}\""
        ));
        said.append(&shell::quiet());
        said.push(")");
    }
    sequence.add(
        Stretch::Started,
        service.keys.key("SayMissing"),
        shell::run(&said, Moment::InPlace, false),
        format!("{} AND STARTSERVICE<>\"0\"", actions::SETS),
    );
}

fn start(sequence: &mut Sequence, service: &Service) {
    let name = service.name;
    let condition = format!("{FIRST} AND STARTSERVICE<>\"0\"");
    let net = |verb: &str| {
        shell::line(&[
            shell::system("net.exe", &format!("{verb} {name}")),
            shell::quiet(),
        ])
    };
    sequence.add(
        Stretch::Started,
        service.keys.key("UnstartFirst"),
        shell::run(&net("stop"), Moment::Rollback, false),
        condition.clone(),
    );
    let start = when_there(&service.needs, &net("start"));
    sequence.add(
        Stretch::Started,
        service.keys.key("StartFirst"),
        shell::run(&start, Moment::InPlace, true),
        condition,
    );
}
