//! From a service to its unit.

use super::check::{Check, EXEC_BYTES};
use super::unit::{Piece, Placed, Section, SectionName, UnitFile, Value};
use super::{Placement, ServiceUnit};
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::service::{
    Account, After, EnvName, Folder, Package, Part, Portable, RestartPolicy, Service, Text,
    TimeSpan,
};

/// How much of the stop time the program is told about, in tenths: the rest is for saying what was stuck before the kill.
const TOLD_STOP_TENTHS: u32 = 9;

pub(super) fn service(
    package: &Package,
    service: &Service,
    placement: Placement,
    report: &mut Report,
) -> Option<ServiceUnit> {
    let keys = &service.systemd;
    let mut check = Check::new(report);
    let mut exec = Exec {
        install_dir: format!("/lib/{}", package.name),
        placement,
        bytes: 0,
    };
    let unit = UnitFile {
        file_name: format!("{}.service", keys.name.value),
        sections: vec![
            unit_section(keys, &mut check),
            service_section(service, &mut exec, &mut check),
            install_section(),
        ],
    };
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
    check.lines(&unit, keys, placement);
    check.passed().then(|| ServiceUnit {
        name: keys.name.value.clone(),
        program: service.systemd.bin.value.clone(),
        start: keys.start.as_ref().map(|start| start.value),
        unit,
    })
}

fn unit_section(keys: &Portable, check: &mut Check) -> Section {
    let mut section = Section::new(SectionName::Unit);
    if let Some(description) = &keys.description {
        check.text("description", description);
        section.push("Description", Value::Text(description.value.clone()));
    }
    for url in &keys.documentation {
        check.url("documentation", url);
        section.push("Documentation", Value::Url(url.value.clone()));
    }

    let required: Vec<String> = keys
        .requires
        .iter()
        .map(|name| format!("{}.service", name.value))
        .collect();
    let mut wants = Vec::new();
    let mut after = Vec::new();
    for entry in &keys.after {
        match &entry.value {
            After::Network => after.push("network.target".to_owned()),
            // Nothing pulls these two in by itself (systemd.special(7)), so that ordering alone would wait for nothing.
            After::NetworkOnline => wants.push("network-online.target".to_owned()),
            After::TimeSync => wants.push("time-sync.target".to_owned()),
            After::Service(name) => after.push(format!("{name}.service")),
        }
    }
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
    section
}

fn service_section(service: &Service, exec: &mut Exec, check: &mut Check) -> Section {
    let keys = &service.systemd;
    let mut section = Section::new(SectionName::Service);
    section.push(
        "Type",
        Value::Keyword(if service.uses_runtime {
            "notify"
        } else {
            "exec"
        }),
    );
    let program = Placed::below_prefix(format!("/bin/{}", service.systemd.bin.value));
    let args = keys
        .args
        .iter()
        .map(|arg| exec.value("args", arg, 0, check))
        .collect();
    section.push("ExecStart", Value::Command { program, args });

    environment(service, exec, check, &mut section);
    if let Some(folder) = &keys.working_dir {
        let path = exec.text("working-dir", folder, check);
        check.path(
            "working-dir",
            folder,
            &path.with_prefix(exec.placement.prefix()),
        );
        section.push("WorkingDirectory", Value::Path(path));
    }
    // root is what systemd runs a system service as if the unit says nothing.
    if keys
        .account
        .as_ref()
        .is_some_and(|account| account.value == Account::Dynamic)
    {
        section.push("DynamicUser", Value::Bool(true));
    }
    if let Some(restart) = &keys.restart {
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
    for (name, key, time) in [
        ("start-timeout", "TimeoutStartSec", &keys.start_timeout),
        ("stop-timeout", "TimeoutStopSec", &keys.stop_timeout),
    ] {
        if let Some(time) = time {
            check.timeout(name, time);
            section.push(key, Value::Time(time.value));
        }
    }
    section
}

/// The declared variables and the runtime's own, in the order of their names.
fn environment(service: &Service, exec: &mut Exec, check: &mut Check, section: &mut Section) {
    const STOP_TIMEOUT: &str = "SVC_STOP_TIMEOUT_USEC";
    let keys = &service.systemd;
    let told = keys
        .stop_timeout
        .as_ref()
        .filter(|_| service.uses_runtime)
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
    if let (Some(told), Ok(name)) = (told, EnvName::parse(STOP_TIMEOUT)) {
        // A variable that the user declares is the user's.
        if !keys.environment.contains_key(&name) {
            lines.push((name, Placed::from(told.as_str())));
        }
    }
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, value) in lines {
        section.push("Environment", Value::Assignment { name, value });
    }
}

fn install_section() -> Section {
    let mut section = Section::new(SectionName::Install);
    // Present even if nothing enables the service now: `systemctl enable` has to work later.
    section.push("WantedBy", Value::Units(vec!["multi-user.target".into()]));
    section
}

/// What goes into the program's arguments and environment.
struct Exec {
    /// `{install-dir}` below the prefix.
    install_dir: String,
    placement: Placement,
    /// What execve has to copy, in bytes.
    bytes: usize,
}

impl Exec {
    /// An argument, or a variable's value after `before` bytes of `NAME=`.
    fn value(
        &mut self,
        key: &str,
        text: &Declared<Text>,
        before: usize,
        check: &mut Check,
    ) -> Placed {
        let placed = self.text(key, text, check);
        let value = placed.with_prefix(self.placement.prefix());
        check.exec_value(key, text, &value, before);
        // One NUL and one pointer each.
        self.bytes += before + value.len() + 1 + size_of::<u64>();
        placed
    }

    /// Puts the target's folders in.
    fn text(&self, key: &str, text: &Declared<Text>, check: &mut Check) -> Placed {
        let mut placed = Placed::default();
        for part in &text.value.parts {
            match part {
                Part::Literal(literal) => placed.pieces.push(Piece::Literal(literal.clone())),
                Part::Folder(Folder::Install) => {
                    placed.pieces.push(Piece::Prefix);
                    placed.pieces.push(Piece::Literal(self.install_dir.clone()));
                }
                Part::Folder(folder) => check.undeclared_folder(key, text, *folder),
            }
        }
        placed
    }
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
