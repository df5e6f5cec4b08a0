//! Whatever a manifest, a unit file or a value holds: it is taken, and reads back, or it is refused with a reason and a place.
//!
//! Tests and fuzz targets share this. Each function panics where a promise is broken.

use std::path::Path;

use askama::filters::Escaper;

use super::readers;
use super::windows::{self, Said};
use crate::diagnostics::{Diagnostic, Level, Report, human, json};
use crate::escape::unit::words::{Split, words};
use crate::escape::unit::{is_refused, lay_out};
use crate::escape::{cmd, conf, powershell, sh, toml, unit};
use crate::plan::systemd::{
    self, Directive, Piece, Placed, Placement, SystemdPlan, UnitFile, Value,
};
use crate::render::{self, Artifact, gathered};
use crate::service::Package;
use crate::unit_file::{UnitName, command_line, compare, effective, read};

/// The package whose tables are judged.
const PACKAGE: &str =
    "[package]\nname = \"svc-probe\"\nversion = \"1.2.3\"\ndescription = \"A test\"\n";

/// Takes tables of a manifest through all stages, for both systems. The errors, if it was refused.
///
/// # Panics
/// If a stage panics, an error has no place or cannot be shown, or a unit does not read back as it was planned.
pub fn manifest(tables: &str) -> Result<(), Vec<Diagnostic>> {
    services_on_windows(PACKAGE, tables).map(drop)
}

/// The same of a program with svc-rt, which logs everywhere.
///
/// # Errors
/// The declaration was refused.
///
/// # Panics
/// As [`manifest`].
pub fn with_runtime(tables: &str) -> Result<(), Vec<Diagnostic>> {
    let head = format!("{PACKAGE}{}", super::LOGGING);
    services_on_windows(&head, tables).map(drop)
}

/// The same; what Windows is told of the services of this package.
pub(crate) fn services_on_windows(head: &str, tables: &str) -> Result<Vec<Said>, Vec<Diagnostic>> {
    let mut report = Report::default();
    let said = rendered(head, tables, &mut report);
    for found in report.diagnostics() {
        shown(found);
    }
    if !report.has_errors() {
        return Ok(said.unwrap_or_default());
    }
    let errors = report.diagnostics().iter();
    Err(errors
        .filter(|found| found.level == Level::Error)
        .cloned()
        .collect())
}

fn rendered(head: &str, tables: &str, report: &mut Report) -> Option<Vec<Said>> {
    let text = format!("{head}{tables}");
    let cargo = super::cargo_package(head);
    let Some(manifest) = super::read_as(&cargo, &text, report) else {
        // A package without the table is no service's.
        return None;
    };
    let Some(package) = crate::service::resolve_in_part(&manifest, report) else {
        assert!(report.has_errors(), "what is not taken has a reason");
        return None;
    };
    if report.has_errors() {
        let mut later = Report::default();
        planned(&package, &mut later);
        report.add_independent(later);
        None
    } else {
        planned(&package, report)
    }
}

/// Plans and renders a package for both systems; where it has errors already, what comes out is no one's, but nothing panics. Gives what
/// Windows is told of the services.
fn planned(package: &Package, report: &mut Report) -> Option<Vec<Said>> {
    for placement in [Placement::Distribution, Placement::Archive] {
        let Some(plan) = systemd::plan(package, placement, report) else {
            assert!(report.has_errors(), "what is not planned has a reason");
            continue;
        };
        let written = gathered(|files| render::linux::units(&plan, files));
        for (_, unit) in plan.units() {
            reads_back(unit, &plan, &written);
        }
        gathered(|files| render::linux::scripts(&plan, files));
        let distribution = systemd::distribution(&plan, report);
        gathered(|files| render::distribution::debian(&distribution, files));
        gathered(|files| render::distribution::rpm(&distribution, files));
    }
    windows::judged(package, report)
}

/// Every finding can be shown; an error has a place that is in its file.
fn shown(found: &Diagnostic) {
    let text = human::render(found);
    json::render(found);
    if found.level != Level::Error {
        return;
    }
    let place = found
        .place
        .as_ref()
        .unwrap_or_else(|| panic!("an error without a place: {found:?}"));
    let inside = place.source.text.get(place.span.clone()).is_some();
    assert!(inside, "a place that is not in the file: {found:?}");
    assert!(text.contains("Cargo.toml:"), "no line: {text}");
}

/// The lines of a unit are those of the plan, and each holds the planned value.
fn reads_back(unit: &UnitFile, plan: &SystemdPlan, written: &[Artifact]) {
    let path = render::linux::unit_path(unit);
    let artifact = written
        .iter()
        .find(|artifact| artifact.path == path)
        .unwrap_or_else(|| panic!("{path} is not written"));
    let name = UnitName::parse(&unit.file_name).expect("a unit's name");
    let mut report = Report::default();
    let text = read(Path::new(&path), name, &artifact.contents, &mut report).expect("a unit");
    assert!(!report.has_errors(), "{path}: {:?}", report.diagnostics());
    assert!(text.ignored.is_empty(), "{path}: a section of nobody's");
    let planned: Vec<_> = unit.directives().collect();
    let read: Vec<_> = text.assignments();
    let keys: Vec<_> = read
        .iter()
        .map(|(section, entry)| (*section, entry.key.as_str()))
        .collect();
    let wanted: Vec<_> = planned
        .iter()
        .map(|(section, line)| (*section, line.key.as_ref()))
        .collect();
    assert_eq!(keys, wanted, "{path}");
    for ((_, line), (_, entry)) in planned.iter().zip(&read) {
        holds(line, &entry.value, plan.placement.prefix());
    }
}

/// A line holds its value, as systemd splits it; specifiers and variables are left as they are written.
fn holds(line: &Directive, written: &str, prefix: &str) {
    let placed = |placed: &Placed, variables| literal(placed, prefix, variables);
    match &line.value {
        Value::Command { program, args } => {
            let read = command_line(written);
            assert!(read.error.is_none() && !read.unknown_escapes, "{written}");
            let [command] = read.commands.as_slice() else {
                panic!("not one command: {written}")
            };
            assert_eq!(command.program, placed(program, false));
            let args: Vec<_> = args.iter().map(|arg| placed(arg, true)).collect();
            assert_eq!(command.args, args, "{written}");
        }
        Value::Assignment { name, value } => {
            let read = split(written);
            assert_eq!(
                read,
                [format!("{name}={}", placed(value, false))],
                "{written}"
            );
        }
        Value::Words(values) => {
            let read = split(written);
            let values: Vec<_> = values.iter().map(|value| placed(value, false)).collect();
            assert_eq!(read, values, "{written}");
        }
        Value::Text(text) | Value::Path(text) => assert_eq!(written, placed(text, false)),
        other => assert_eq!(written, lay_out(other, prefix).trim()),
    }
}

fn split(written: &str) -> Vec<String> {
    words(written, Split::ESCAPED)
        .map(|word| word.expect("a word"))
        .collect()
}

/// The text with what systemd expands doubled.
fn literal(placed: &Placed, prefix: &str, variables: bool) -> String {
    let doubled = |text: &str| {
        let text = text.replace('%', "%%");
        if variables {
            text.replace('$', "$$")
        } else {
            text
        }
    };
    placed
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => doubled(text),
            Piece::Prefix => doubled(prefix),
            Piece::Specifier(specifier) => (*specifier).to_owned(),
        })
        .collect()
}

/// Reads any bytes as a unit file; it means what it means.
///
/// # Panics
/// If reading panics, a place is not in the file, or the file does not mean the same as itself.
pub fn unit_file(bytes: &[u8]) {
    let name = UnitName::parse("beacon.service").expect("a unit's name");
    let mut report = Report::default();
    let Some(text) = read(Path::new("beacon.service"), name, bytes, &mut report) else {
        return;
    };
    for (_, entry) in text.assignments() {
        for place in [&entry.place, &entry.key_place] {
            assert!(
                place.source.text.get(place.span.clone()).is_some(),
                "{entry:?}"
            );
        }
    }
    let meaning = effective(&text, &mut report);
    assert!(
        compare(&meaning, &meaning).is_empty(),
        "it differs from itself"
    );
    for found in report.diagnostics() {
        human::render(found);
        json::render(found);
    }
}

/// Escapes any text for every consumer that can be asked here.
///
/// # Panics
/// If a text does not read back, or an escaper lets through what would end its line.
pub fn escapers(text: &str) {
    let escaped = |escaper: &dyn Fn(&mut String) -> std::fmt::Result| {
        let mut out = String::new();
        escaper(&mut out).is_ok().then_some(out)
    };
    let refused = text.contains(is_refused);
    for written in [
        escaped(&|out| unit::Unit.write_escaped_str(out, text)),
        escaped(&|out| conf::Conf.write_escaped_str(out, text)),
    ] {
        assert_eq!(written.is_none(), refused, "{text:?}");
    }
    if !refused {
        let placed = || Placed::from(text);
        let line = |value| Directive {
            key: "Environment".into(),
            value,
            profile: None,
            remark: None,
        };
        let argument = Value::Command {
            program: Placed::from("/bin/a"),
            args: vec![placed(), placed()],
        };
        let name = crate::service::EnvName::parse("NAME").expect("a name");
        for value in [
            argument,
            Value::Assignment {
                name,
                value: placed(),
            },
            Value::Words(vec![placed(), placed()]),
        ] {
            let line = line(value);
            holds(&line, &lay_out(&line.value, "/usr"), "/usr");
        }
    }
    let quoted = escaped(&|out| sh::Sh.write_escaped_str(out, text));
    assert_eq!(
        quoted.map(|text| text.replace("'\\''", "'")).as_deref(),
        Some(text).filter(|text| !text.contains('\0'))
    );
    let string = escaped(&|out| toml::Toml.write_escaped_str(out, text)).expect("TOML carries all");
    let table: ::toml::Table = format!("a = \"{string}\"").parse().expect("TOML");
    assert_eq!(table["a"].as_str(), Some(text));
    let ends = text.contains(['\0', '\r', '\n']);
    let script = escaped(&|out| powershell::PowerShell.write_escaped_str(out, text));
    assert_eq!(script.is_none(), ends, "{text:?}");
    if let Some(script) = script {
        assert_eq!(readers::powershell(&script).as_deref(), Some(text));
    }
    let batch = escaped(&|out| cmd::Cmd.write_escaped_str(out, text));
    assert!(
        batch.is_none_or(|line| !line.contains(['\0', '\r', '\n', '\x1a'])),
        "{text:?}"
    );
    windows::literals(text);
}

/// Lines of any text as the values of a service for Windows: what is taken reads back from all that is made of it.
///
/// # Panics
/// If a value is lost or changed on the way, or an error has no place.
pub fn windows_values(text: &str) {
    let string = |value: &str| {
        let mut out = String::new();
        toml::Toml
            .write_escaped_str(&mut out, &value.replace('{', "{{"))
            .expect("TOML carries all");
        format!("\"{out}\"")
    };
    let mut lines = text.split('\n');
    let names = [lines.next(), lines.next()].map(Option::unwrap_or_default);
    let (mut args, mut variables) = (Vec::new(), Vec::new());
    while let Some(arg) = lines.next() {
        args.push(arg);
        variables.extend(lines.next());
    }
    let typed: Vec<_> = args.iter().map(|arg| string(arg)).collect();
    let listed = variables.iter().enumerate();
    let listed = listed.map(|(number, value)| format!("V_{number} = {}", string(value)));
    let listed: Vec<_> = listed.collect();
    // Braces mean themselves in these two.
    let [display_name, description] = names.map(|name| string(&name.replace(['{', '}'], "")));
    let tables = format!(
        "[package.metadata.service]\nsystemd = false\nargs = [{}]\nenvironment = {{ {} }}\n\
         display-name = {display_name}\ndescription = {description}\n",
        typed.join(", "),
        listed.join(", ")
    );
    let Ok(told) = services_on_windows(PACKAGE, &tables) else {
        return;
    };
    let [told] = told.as_slice() else {
        panic!("one service was declared: {told:#?}")
    };
    assert_eq!(told.args, args);
    for (number, value) in variables.iter().enumerate() {
        let line = format!("V_{number}={value}");
        assert!(told.environment.contains(&line), "{line:?}: {told:#?}");
    }
}
