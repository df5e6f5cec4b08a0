//! From a service to its unit.

pub(super) mod accounts;
mod exec;
mod files;
mod others;
mod places;
mod readiness;
mod refuse;
mod sockets;
mod typed;
mod versions;
mod whole;

use super::check::{Check, EXEC_BYTES};
use super::unit::{Piece, Placed, Section, SectionName, UnitFile, UnitKind, Value};
use super::{ProgramFile, ServicePlan, Stage, SystemdPlan, hardening, raw};
use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::service::systemd::{Scope, UnitType};
use crate::service::{After, EnvName, Package, Portable, RestartPolicy, Service, TimeSpan, log};
use exec::Exec;

/// How much of the stop time the program is told about, in tenths: the rest is for saying what was stuck before the kill.
const TOLD_STOP_TENTHS: u32 = 9;

/// Plans one service; `None` if something was refused.
pub(super) fn service(
    package: &Package,
    service: &Service,
    plan: &mut SystemdPlan,
    stage: Stage,
    report: &mut Report,
) -> Option<()> {
    let keys = &service.systemd;
    let own = &service.own_systemd;
    let mut check = Check::new(report);
    refuse::service(service, &mut check);
    let mut exec = Exec::new(&package.name, service);
    let names = Names::of(service);
    let mut unit = UnitFile::new(&names.stem, UnitKind::Service);
    let files = files::plan(service, &exec, &mut check);
    places::check(&package.name, service, &exec, &files, plan, &mut check);
    unit.add(unit_section(service, &names, &files.required, &mut check));
    unit.add(service_section(service, &names, &mut exec, &mut check));
    unit.add(install_section(service));
    if exec.bytes > EXEC_BYTES {
        check.refuse(
            Diagnostic::error(format!(
                "the arguments and environment of `{}` have {} bytes together: Linux starts no program with that many",
                keys.name.value, exec.bytes
            ))
            .at(keys.args.first().and_then(Declared::place))
            .help(format!(
                "keep them below {EXEC_BYTES} bytes: put long values into a file that the program reads"
            )),
        );
    }
    check.lines(&unit, keys);
    typed::check(service, &unit, &mut check);
    sockets::check(service, &exec, &mut check);
    accounts::check(service, plan, &mut check);
    let profile = profile(&unit, service, &mut check);
    raw::service(
        &mut unit,
        [
            (SectionName::Unit, &own.unit),
            (SectionName::Service, &own.service),
            (SectionName::Install, &own.install),
        ],
    );
    hardening::tell_costs(service, &unit, &mut check);
    let mut units = vec![unit];
    units.extend(others::units(service, &names, &exec, &mut check));
    refuse::twins(service, &units, plan, &mut check);
    if stage == Stage::Whole {
        whole::check(service, &units, &mut check);
    }
    for unit in &mut units {
        plan.min_version = plan
            .min_version
            .max(versions::fit(unit, service, &mut check));
    }
    if !check.passed() {
        return None;
    }
    accounts::plan(service, plan);
    files::folders(service, &exec, plan);
    plan.files.extend(files.installed);
    plan.services.push(ServicePlan {
        name: keys.name.value.clone(),
        scope: own.scope.value,
        template: own.template,
        program: ProgramFile {
            name: keys.bin.value.clone(),
            dir: bin_dir(service),
        },
        start: keys.start.as_ref().map(|start| start.value),
        units,
        credentials: files.credentials,
        required: files.required,
        profile,
    });
    Some(())
}

/// The unit as the profile alone would make it, if that is another one. Findings about it are made elsewhere.
fn profile(unit: &UnitFile, service: &Service, check: &mut Check) -> Option<UnitFile> {
    let own = &service.own_systemd;
    let hardening = service.systemd.hardening.as_ref();
    let whole = hardening.is_none_or(|hardening| hardening.value.without.is_empty());
    let has_raw = [&own.unit, &own.service]
        .iter()
        .any(|raw| !raw.0.is_empty());
    if whole && !has_raw {
        return None;
    }
    let mut unit = unit.clone();
    if !whole {
        let mut service = service.clone();
        if let Some(hardening) = &mut service.systemd.hardening {
            hardening.value.without.clear();
        }
        hardening::write(&service, unit.section_mut(SectionName::Service), check);
    }
    Some(unit)
}

/// What the units of a service are called.
pub(super) struct Names {
    /// `beacon`, or `beacon@` for a template.
    pub(super) stem: String,
    /// The socket units, in the order of the manifest.
    pub(super) sockets: Vec<String>,
}

impl Names {
    fn of(service: &Service) -> Self {
        let name = &service.systemd.name.value;
        let at = if service.own_systemd.template {
            "@"
        } else {
            ""
        };
        Self {
            stem: format!("{name}{at}"),
            sockets: service
                .systemd
                .sockets
                .iter()
                .map(|socket| match &socket.value.systemd.name {
                    Some(own) => own.value.clone(),
                    None => format!("{name}-{}", socket.value.name),
                })
                .collect(),
        }
    }
}

/// Where the program goes: a folder below /usr moves with the prefix.
fn bin_dir(service: &Service) -> Placed {
    match &service.own_systemd.bin_dir {
        None => Placed::below_prefix("/bin"),
        Some(dir) => match dir.value.strip_prefix("/usr/") {
            Some(below) => Placed::below_prefix(format!("/{below}")),
            None => Placed::from(dir.value.as_str()),
        },
    }
}

/// The service's description as its units show it; in a template's `{instance}` is which one it is, and `{{` a brace.
pub(super) fn description(service: &Service) -> Option<Placed> {
    let text = &service.systemd.description.as_ref()?.value;
    if !service.own_systemd.template {
        return Some(Placed::from(text.as_str()));
    }
    let (mut placed, mut rest) = (Placed::default(), text.as_str());
    while let Some((before, after)) = rest.split_once('{') {
        placed.push(before);
        rest = if let Some(after) = after.strip_prefix("instance}") {
            placed.pieces.push(Piece::Specifier("%i"));
            after
        } else {
            placed.push("{");
            after.strip_prefix('{').unwrap_or(after)
        };
    }
    placed.push(rest);
    Some(placed)
}

fn unit_section(
    service: &Service,
    names: &Names,
    required_files: &[Placed],
    check: &mut Check,
) -> Section {
    let keys = &service.systemd;
    let mut section = Section::new(SectionName::Unit);
    if let Some(declared) = &keys.description {
        check.text("description", declared);
    }
    if let Some(description) = description(service) {
        section.push("Description", Value::Text(description));
    }
    for url in &keys.documentation {
        check.url("documentation", url);
        section.push("Documentation", Value::Url(url.value.clone()));
    }

    let mut required: Vec<String> = keys
        .requires
        .iter()
        .map(|name| format!("{}.service", name.value))
        .collect();
    // Started before its sockets, a service would get none of them.
    required.extend(
        names
            .sockets
            .iter()
            .map(|socket| format!("{socket}.socket")),
    );
    let mut wants = Vec::new();
    let mut after = Vec::new();
    for entry in &keys.after {
        match &entry.value {
            After::Network => after.push("network.target".to_owned()),
            // Nothing pulls these two in by itself (systemd.special(7)), so that ordering alone would wait for nothing.
            After::NetworkOnline => wants.push("network-online.target".to_owned()),
            After::TimeSync => wants.push("time-sync.target".to_owned()),
            After::Service(name) => after.push(format!("{name}.service")),
            After::Unit(name) => after.push(name.clone()),
        }
    }
    let wanted = service.own_systemd.wants.iter();
    wants.extend(wanted.map(|unit| unit.value.clone()));
    after.extend(wants.iter().cloned());
    // Requires= alone starts both at once; the portable key promises that the other one is up first.
    after.extend(required.iter().cloned());
    for (key, units) in [("Wants", wants), ("Requires", required), ("After", after)] {
        let units = once_each(units);
        if !units.is_empty() {
            section.push(key, Value::Units(units));
        }
    }
    if keys
        .restart
        .as_ref()
        .is_some_and(|restart| restart.value.policy != RestartPolicy::No)
    {
        // The portable key promises unlimited attempts; the default gives up after five in ten seconds.
        section.push("StartLimitIntervalSec", Value::Number(0));
    }
    for file in required_files {
        section.push("ConditionPathExists", Value::Path(file.clone()));
    }
    section
}

fn service_section(
    service: &Service,
    names: &Names,
    exec: &mut Exec,
    check: &mut Check,
) -> Section {
    let keys = &service.systemd;
    let mut section = Section::new(SectionName::Service);
    // With a dozen more than those of a profile.
    section.directives.reserve(hardening::MEASURES.len() + 12);
    let kind = readiness::kind(service);
    section.push("Type", Value::Keyword(kind.word()));
    let mut program = bin_dir(service);
    program.push(&format!("/{}", keys.bin.value));
    let args = keys
        .args
        .iter()
        .map(|arg| exec.value("args", arg, 0, check))
        .collect();
    section.push("ExecStart", Value::Command { program, args });
    readiness::reload(service, kind, &mut section);
    environment(service, exec, check, &mut section);
    if let Some(folder) = &keys.working_dir {
        // Not typed, it is the state folder, and what is wrong with it was typed there.
        let state = keys.directories.state.as_ref();
        let path = match state.filter(|_| folder.place().is_none()) {
            Some(state) => exec.path("directories.state", &folder.value, state, check),
            None => exec.path("working-dir", &folder.value, folder, check),
        };
        section.push("WorkingDirectory", Value::Path(path));
    }
    accounts::lines(service, &mut section);
    files::lines(service, exec, &mut section);
    if !names.sockets.is_empty() {
        let sockets = names.sockets.iter().map(|name| format!("{name}.socket"));
        section.push("Sockets", Value::Units(sockets.collect()));
    }
    restart(keys, check, &mut section);
    times(keys, kind, check, &mut section);
    let own = &service.own_systemd;
    if !own.capabilities.is_empty() {
        let capabilities: Vec<_> = own
            .capabilities
            .iter()
            .map(|name| name.value.clone())
            .collect();
        section.push("AmbientCapabilities", Value::Units(capabilities.clone()));
        section.push("CapabilityBoundingSet", Value::Units(capabilities));
    }
    if !own.writable.is_empty() {
        for path in &own.writable {
            check.path("writable", path, &path.value);
        }
        let paths = own
            .writable
            .iter()
            .map(|path| Placed::from(path.value.as_str()));
        section.push("ReadWritePaths", Value::Words(paths.collect()));
    }
    hardening::refuse_foreign_tmp(service, &section, check);
    hardening::write(service, &mut section, check);
    section
}

fn restart(keys: &Portable, check: &mut Check, section: &mut Section) {
    let Some(restart) = &keys.restart else { return };
    let policy = match restart.value.policy {
        RestartPolicy::No => "no",
        RestartPolicy::OnFailure => "on-failure",
        RestartPolicy::Always => "always",
    };
    section.push("Restart", Value::Keyword(policy));
    if restart.value.policy != RestartPolicy::No {
        check.delay("restart", restart);
        section.push("RestartSec", Value::Time(restart.value.delay));
    }
}

fn times(keys: &Portable, kind: UnitType, check: &mut Check, section: &mut Section) {
    // What runs once and is done takes as long as it takes, unless somebody said how long.
    let start = keys
        .start_timeout
        .as_ref()
        .filter(|time| kind != UnitType::Oneshot || time.place().is_some());
    for (name, key, time) in [
        ("start-timeout", "TimeoutStartSec", start),
        ("stop-timeout", "TimeoutStopSec", keys.stop_timeout.as_ref()),
        ("watchdog", "WatchdogSec", keys.watchdog.as_ref()),
    ] {
        if let Some(time) = time {
            check.timeout(name, time);
            section.push(key, Value::Time(time.value));
        }
    }
}

/// The declared variables and the runtime's own, in the order of their names.
fn environment(service: &Service, exec: &mut Exec, check: &mut Check, section: &mut Section) {
    const STOP_TIMEOUT: &str = "SVC_STOP_TIMEOUT_USEC";
    let keys = &service.systemd;
    let told = keys
        .stop_timeout
        .as_ref()
        .filter(|_| service.uses_runtime_on(System::Linux))
        .map(|time| match time.value {
            TimeSpan::Finite(time) => (time * TOLD_STOP_TENTHS / 10).as_micros().to_string(),
            TimeSpan::Infinite => "infinity".into(),
        });
    let mut lines: Vec<(EnvName, Placed)> = keys
        .environment
        .iter()
        .map(|(name, value)| {
            let before = name.as_str().len() + 1;
            (
                name.clone(),
                exec.value("environment", value, before, check),
            )
        })
        .collect();
    let log = keys.log.as_ref().map(|log| log.value.to_string());
    for (name, value) in [(STOP_TIMEOUT, told), (log::VARIABLE, log)] {
        let Some(value) = value else { continue };
        let Ok(name) = EnvName::parse(name) else {
            continue;
        };
        // A variable that the user declares is the user's.
        if !keys.environment.contains_key(&name) {
            lines.push((name, Placed::from(value.as_str())));
        }
    }
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in lines {
        let is_told = name.as_str() == STOP_TIMEOUT && !keys.environment.contains_key(&name);
        section.push("Environment", Value::Assignment { name, value });
        if is_told {
            section.remark("Shortly before TimeoutStopSec= kills what is stuck, svc-rt names it: change both together.");
        }
    }
}

fn install_section(service: &Service) -> Section {
    let own = &service.own_systemd;
    let mut section = Section::new(SectionName::Install);
    // Present even if nothing enables the service now: `systemctl enable` has to work later.
    let wanted_by = match (&own.wanted_by, own.scope.value) {
        (Some(units), _) => units.iter().map(|unit| unit.value.clone()).collect(),
        (None, Scope::System) => vec!["multi-user.target".to_owned()],
        (None, Scope::User) => vec!["default.target".to_owned()],
    };
    if !wanted_by.is_empty() {
        section.push("WantedBy", Value::Units(wanted_by));
    }
    section
}

fn once_each(units: Vec<String>) -> Vec<String> {
    let mut once = Vec::with_capacity(units.len());
    for unit in units {
        if !once.contains(&unit) {
            once.push(unit);
        }
    }
    once
}
