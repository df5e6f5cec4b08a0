//! Values of keys that look right and are not for systemd: they are held against the same table as raw lines.

use std::borrow::Cow;

use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::directives::{self, Section};
use crate::escape::unit::lay_out;
use crate::plan::systemd::Placement;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{UnitFile, Value};
use crate::service::{Folder, Service};

/// Checks a service's own unit before raw lines are laid over it.
pub(super) fn check(service: &Service, unit: &UnitFile, check: &mut Check) {
    let keys = &service.systemd;
    let own = &service.own_systemd;
    let is_raw = |key: &str| own.service.0.iter().any(|line| line.key.value == key);
    for (section, line) in unit.directives() {
        if section != Section::Service || line.profile.is_some() || is_raw(&line.key) {
            continue;
        }
        match &line.value {
            // The arguments are quoted so that nothing in them counts.
            Value::Command { program, .. } if line.key == "ExecStart" => {
                let alone = Value::Command {
                    program: program.clone(),
                    args: Vec::new(),
                };
                let key = if odd_name(&keys.bin.value) {
                    "bin"
                } else {
                    "bin-dir"
                };
                let place = match &own.bin_dir {
                    Some(dir) if key == "bin-dir" => dir.place(),
                    _ => keys.bin.place(),
                };
                let help = "systemd starts no program with a quote or a backslash in its path, or with a name above 255 bytes";
                value(&line.key, &lay(&alone), (key, place, help), check);
            }
            folder => {
                if let Some((key, place)) = folder_key(service, &line.key) {
                    let help = "give it another name below the system's folder of its kind: `private` is where systemd keeps \
                                the folders of dynamic users";
                    value(&line.key, &lay(folder), (key, place, help), check);
                }
            }
        }
    }
}

/// What `string_is_safe` of systemd refuses in a program's name, as far as a name can hold it.
fn odd_name(name: &str) -> bool {
    name.contains(['\'', '"', '\\', '*', '?', '[']) || name.len() > 255
}

fn lay(value: &Value) -> Cow<'_, str> {
    lay_out(value, Placement::WIDEST.prefix())
}

/// The key whose folder a directive makes.
fn folder_key<'a>(
    service: &'a Service,
    directive: &str,
) -> Option<(&'static str, Option<&'a Place>)> {
    let (folder, key) = match directive {
        "StateDirectory" => (Folder::State, "directories.state"),
        "CacheDirectory" => (Folder::Cache, "directories.cache"),
        "LogsDirectory" => (Folder::Logs, "directories.logs"),
        "ConfigurationDirectory" => (Folder::Config, "directories.config"),
        "RuntimeDirectory" => (Folder::Runtime, "directories.runtime"),
        _ => return None,
    };
    let declared = service.systemd.directories.get(folder);
    Some((key, declared.and_then(Declared::place)))
}

/// Refuses a value that the directive does not take.
fn value(
    directive: &str,
    text: &str,
    (key, place, help): (&str, Option<&Place>, &str),
    check: &mut Check,
) {
    // A path was looked at where it is used, too.
    if place.is_some_and(|place| check.has_refused(place)) {
        return;
    }
    let known = directives::find(Section::Service, directive);
    if let Some(Err(what)) = known.map(|known| known.check(text)) {
        check.refuse(
            Diagnostic::error(format!("systemd cannot take this value of `{key}`"))
                .at(place)
                .label(what)
                .help(help),
        );
    }
}
