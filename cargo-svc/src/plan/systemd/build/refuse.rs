//! What systemd has no word for, or what contradicts itself there.

use super::readiness::{self, NOTIFY_RELOAD};
use crate::diagnostics::{Diagnostic, Place};
use crate::directives;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::{SystemdPlan, UnitFile};
use crate::service::declared::Socket;
use crate::service::systemd::{Scope, UnitType};
use crate::service::{Event, Folder, Service, Start};

pub(super) fn service(service: &Service, check: &mut Check) {
    let keys = &service.systemd;
    for event in keys
        .events
        .iter()
        .filter(|event| event.value != Event::Reload)
    {
        check.refuse(
            Diagnostic::error(format!(
                "systemd has no word for the event `{}`",
                event.value
            ))
            .at(event.place())
            .label("only Windows sends it")
            .help("write it as `events` in the `windows` table, together with the others"),
        );
    }
    let own = &service.own_systemd;
    let kind = readiness::kind(service);
    if let Some(watchdog) = &keys.watchdog
        && !kind.notifies()
    {
        check.refuse(
            Diagnostic::error("a watchdog needs a program that shows that it is alive")
                .at(watchdog.place())
                .label(format!("with `Type={}` systemd would end it after this time", kind.word()))
                .help("add svc-rt to `[dependencies]`, or write `type = \"notify\"` under `systemd` if the program calls sd_notify itself")
            .rests_on(&["type"]),
        );
    }
    if let Some(declared) = &own.kind
        && declared.value == UnitType::NotifyReload
        && own.min_version.value < NOTIFY_RELOAD
    {
        check.refuse(
            Diagnostic::error(format!("`Type=notify-reload` needs systemd {NOTIFY_RELOAD}"))
                .at(declared.place())
                .label(format!("the oldest that this unit is for is {}", own.min_version.value))
                .help("write `min-version = 253`; or leave `type` out, and `notify` with `ExecReload=` is written, which means the same")
                .rests_on(&["min-version"]),
        );
    }
    if let Some(start) = keys
        .start
        .as_ref()
        .filter(|start| start.value == Start::OnDemand)
        && keys.sockets.is_empty()
        && own.timer.is_none()
        && own.path.is_none()
    {
        check.refuse(
            Diagnostic::error("nothing would start the service")
                .at(start.place())
                .label("on demand of what?")
                .help("declare `sockets`, or a `timer` or `path` under `systemd`; or write `start = \"manual\"`")
                .rests_on(&["start", "sockets", "socket", "timer", "path"]),
        );
    }
    if own.template {
        template(service, check);
    }
    if own.scope.value == Scope::User {
        user(service, check);
    }
}

/// Two units of one name would be one file.
pub(super) fn twins(service: &Service, units: &[UnitFile], plan: &SystemdPlan, check: &mut Check) {
    for (index, unit) in units.iter().enumerate() {
        let before = plan.units().map(|(_, other)| other).chain(&units[..index]);
        if before
            .into_iter()
            .any(|other| other.file_name == unit.file_name)
        {
            let name = &service.systemd.name;
            check.refuse(
                Diagnostic::error(format!("two units are called `{}`", unit.file_name))
                    .at(name.place())
                    .label(format!("one of them is a unit of `{}`", name.value))
                    .help("give one of them another name: `name` in the table of its lines under `systemd`")
                    .rests_on(&["name", "sockets", "timer", "path"]),
            );
        }
    }
}

/// Whether each instance of a template has its part in a socket: it serves one connection of it, or the socket is a template, too.
fn is_shared_out(service: &Service, socket: &Socket) -> bool {
    let own = &socket.systemd;
    let tables = [&service.own_systemd.socket.own, &own.own];
    let accepts = tables
        .into_iter()
        .flat_map(|lines| &lines.0)
        .filter(|line| line.key.value == "Accept")
        .filter_map(|line| line.values.last())
        .next_back()
        .is_some_and(|value| directives::yes_or_no(&value.value) == Some(true));
    accepts
        || own
            .name
            .as_ref()
            .is_some_and(|name| name.value.ends_with('@'))
}

fn template(service: &Service, check: &mut Check) {
    let mut sockets = service.systemd.sockets.iter();
    if let Some(socket) = sockets.find(|socket| !is_shared_out(service, &socket.value)) {
        check.refuse(
            Diagnostic::error("a template has no sockets here")
                .at(socket.place())
                .label("all its instances would want the same address")
                .help("let each instance bind its own: `args = [\"--listen\", \"…{instance}\"]`")
                .rests_on(&["socket"]),
        );
    }
}

/// What a user's manager cannot do.
fn user(service: &Service, check: &mut Check) {
    let keys = &service.systemd;
    let own = &service.own_systemd;
    let mut refuse = |key: &str, place: Option<&Place>, why: &str, instead: &str| {
        check.refuse(
            Diagnostic::error(format!("`{key}` does not go with `scope = \"user\"`"))
                .at(place)
                .label(why)
                .help(instead),
        );
    };
    if let Some(place) = keys.account.as_ref().and_then(|account| account.place()) {
        refuse(
            "account",
            Some(place),
            "a user's manager runs everything as its user",
            "leave `account` out",
        );
    }
    if let Some(capability) = own.capabilities.first() {
        refuse(
            "capabilities",
            capability.place(),
            "a user has none to give",
            "write a system service",
        );
    }
    if let Some(credential) = keys.credentials.first() {
        refuse(
            "credentials",
            credential.place(),
            "only the machine's manager reads the credential store",
            "let the program read a file in `{config-dir}`",
        );
    }
    let config = keys.files.iter().find(|file| {
        matches!(
            file.value.to.value.parts.first(),
            Some(crate::service::Part::Folder(Folder::Config))
        )
    });
    if let Some(file) = config {
        refuse(
            "files",
            file.value.to.place(),
            "each user has a configuration folder of their own",
            "install it to `{install-dir}`, and let the program fall back to it",
        );
    }
}
