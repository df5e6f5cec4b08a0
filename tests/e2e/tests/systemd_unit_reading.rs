//! Unit files as systemd itself reads them, beside what cargo-svc reads in them.

mod unit_reading;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use cargo_svc::diagnostics::{Report, human};
use cargo_svc::import::{Input, Options, import};
use cargo_svc::unit_file::{Effective, UnitKind, UnitName, effective, read};
use serde_json::Value as Json;
use svc_e2e::bed::systemd::{self, Machine};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use unit_reading::{cases, properties, random, shown};

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "unit_reading::odd_units_mean_the_same_to_systemd",
                odd_units_mean_the_same_to_systemd,
            ),
            Test::new(
                "unit_reading::random_units_mean_the_same_to_systemd",
                random_units_mean_the_same_to_systemd,
            ),
            Test::new(
                "unit_reading::imported_units_mean_the_same_to_systemd",
                imported_units_mean_the_same_to_systemd,
            ),
            Test::new(
                "unit_reading::what_enables_a_unit_is_read_as_systemctl_reads_it",
                what_enables_a_unit_is_read_as_systemctl_reads_it,
            ),
        ],
    )
}

fn odd_units_mean_the_same_to_systemd() -> Outcome {
    compare(&cases::units())
}

fn random_units_mean_the_same_to_systemd() -> Outcome {
    compare(&random::units(252, 60))
}

/// What cargo-svc makes of a file; none if systemd would not take it. And what it says about it.
fn ours(file: &str, text: &[u8]) -> Result<(Option<Effective>, String)> {
    let mut report = Report::default();
    let name = UnitName::parse(file).map_err(anyhow::Error::msg)?;
    let unit = read(Path::new(file), name, text, &mut report);
    let found = unit.map(|unit| effective(&unit, &mut report));
    let said = report.diagnostics().iter().map(human::render).collect();
    Ok((found.filter(|_| !report.has_errors()), said))
}

/// Units that are imported, and what is generated from that: systemd shows the same of both.
fn imported_units_mean_the_same_to_systemd() -> Outcome {
    let mut units = cases::units();
    units.extend(random::units(257, 60));
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (file, text) in units {
        let mut unheard = Report::default();
        let input = Input::new(Path::new(&file), text.clone()).map_err(anyhow::Error::msg)?;
        // One that systemd would not take, or whose lines no table can hold.
        let Some(found) = import(vec![input], &Options::default(), None, &mut unheard) else {
            continue;
        };
        let path = format!("systemd/{file}");
        let generated = found.units.into_iter().find(|unit| unit.path == path);
        let generated = generated.with_context(|| format!("{file} is not generated"))?;
        before.push((file.clone(), text));
        after.push((file, generated.contents));
    }
    ensure!(before.len() > 40, "only {} were imported", before.len());
    let machine = Machine::boot(systemd::SUITE)?;
    let (one, other) = (shown(&machine, &before)?, shown(&machine, &after)?);
    let mut wrong = Vec::new();
    for (index, (file, text)) in before.iter().enumerate() {
        let (ours, _) = ours(file, text)?;
        for ((property, one), (_, other)) in one[index].iter().zip(&other[index]) {
            let normal = |shown: &Json| {
                let normal = shown::property(property, ours.as_ref()?, shown);
                Some(normal.map_or_else(|| shown.clone(), |(_, shown)| shown))
            };
            if one != other && normal(one) != normal(other) {
                let (text, generated) = (
                    String::from_utf8_lossy(text),
                    String::from_utf8_lossy(&after[index].1),
                );
                wrong.push(format!(
                    "{file}: {property}: {one} became {other}\n{text}\n---\n{generated}"
                ));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n======\n"));
    Ok(())
}

/// The properties that systemd shows of each unit.
type Shown = Vec<Vec<(&'static str, Json)>>;

/// Lets systemd load the units.
fn shown(machine: &Machine, units: &[(String, Vec<u8>)]) -> Result<Shown> {
    let mut script = String::from("set -e\n");
    for (file, text) in units {
        machine.put(&format!("/etc/systemd/system/{file}"), text, 0o644)?;
        for (interface, properties) in properties::properties(kind(file)?) {
            // Writing to a string cannot fail.
            let _ = writeln!(
                script,
                "busctl --json=short get-property org.freedesktop.systemd1 {} org.freedesktop.systemd1.{interface} {}",
                object(file),
                properties.join(" ")
            );
        }
    }
    machine.put("/srv/show", script.as_bytes(), 0o644)?;
    machine.ok("systemctl daemon-reload")?;
    let said = machine.ok("sh /srv/show")?;
    let mut lines = said.lines();
    let mut all = Vec::new();
    for (file, _) in units {
        let mut of_unit = Vec::new();
        for (_, properties) in properties::properties(kind(file)?) {
            for property in properties {
                let line = lines.next().context("busctl said too little")?;
                let mut json: Json = serde_json::from_str(line).with_context(|| line.to_owned())?;
                of_unit.push((property, json["data"].take()));
            }
        }
        all.push(of_unit);
    }
    ensure!(lines.next().is_none(), "busctl said too much");
    Ok(all)
}

/// Compares each property that systemd shows with what is read here.
fn compare(units: &[(String, Vec<u8>)]) -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let mut wrong = Vec::new();
    for ((file, text), properties) in units.iter().zip(shown(&machine, units)?) {
        let (ours, our_words) = ours(file, text)?;
        let differences: Vec<_> = properties
            .iter()
            .filter_map(|(property, theirs)| difference(property, ours.as_ref(), theirs))
            .collect();
        if !differences.is_empty() {
            wrong.push(format!(
                "{file}:\n{}\n--- differs in\n{}\n--- cargo-svc says\n{our_words}",
                String::from_utf8_lossy(text),
                differences.join("\n"),
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n======\n"));
    Ok(())
}

/// How a property that systemd shows differs from what cargo-svc read.
fn difference(property: &str, ours: Option<&Effective>, theirs: &Json) -> Option<String> {
    if property == "LoadState" {
        let taken = theirs == "loaded";
        return (taken != ours.is_some()).then(|| format!("LoadState is {theirs}"));
    }
    // Where systemd stops reading, it keeps what it read before.
    let (want, theirs) = shown::property(property, ours?, theirs)?;
    (want != theirs).then(|| format!("{property}: cargo-svc {want}, systemd {theirs}"))
}

fn kind(file: &str) -> Result<UnitKind> {
    Ok(UnitName::parse(file).map_err(anyhow::Error::msg)?.kind)
}

/// The D-Bus object of a unit.
fn object(file: &str) -> String {
    let mut path = String::from("/org/freedesktop/systemd1/unit/");
    for (at, byte) in file.bytes().enumerate() {
        if byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit()) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "_{byte:02x}");
        }
    }
    path
}

/// What `systemctl enable` links: nothing of [Install] is on D-Bus.
fn what_enables_a_unit_is_read_as_systemctl_reads_it() -> Outcome {
    let machine = Machine::boot(systemd::SUITE)?;
    let text = "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=gone.target\nWantedBy=\n\
        WantedBy=\"a.target\" 'b.target'\\\n c.target c.target\nRequiredBy=d-\\x20e.target\nAlias=\"f.service\" g.service\nAlso=h.service\n";
    machine.put(
        "/etc/systemd/system/enabled.service",
        text.as_bytes(),
        0o644,
    )?;
    machine.put(
        "/etc/systemd/system/h.service",
        b"[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=h.target\n",
        0o644,
    )?;
    machine.ok("systemctl enable --quiet enabled.service")?;
    let said = machine.ok(
        "cd /etc/systemd/system && find . -type l ! -lname /dev/null ! -path './multi-user*' ! -path './getty*' \
         ! -path './timers*' ! -path './sysinit*' ! -path './dbus*' | sort",
    )?;
    let (ours, said_by_us) = ours("enabled.service", text.as_bytes())?;
    let ours = ours.with_context(|| said_by_us.clone())?;
    let mut want: Vec<String> = shown::links(&ours, "enabled.service");
    want.push("./h.target.wants/h.service".to_owned());
    want.sort();
    let theirs: Vec<_> = said.lines().collect();
    ensure!(
        theirs == want,
        "systemctl made {theirs:?}, cargo-svc read {want:?}"
    );
    Ok(())
}
