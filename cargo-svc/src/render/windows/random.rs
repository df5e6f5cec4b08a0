//! Random declarations: what the plan takes, both kinds of scripts carry, and what it refuses, it refuses by name.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::powershell::tests::{commands, wrong};
use super::tests::{awkward, full};
use super::{Kind, scripts};
use crate::diagnostics::Report;
use crate::plan::systemd::sample::{declared, package, text};
use crate::plan::windows::{WindowsPlan, plan};
use crate::render::gathered;
use crate::service::declared::Directory;
use crate::service::{Account, EnvName, Service};

/// Text that scripts have to take care of.
const AWKWARD: &str = "[a-z0-9 '\"%^&|<>()!`$@#{};,=~*?.\u{2018}\u{2019}é☃\\\\-]{0,16}";

/// A name of a file or a folder that may be one, or not.
const NAME: &str = "[a-zA-Z0-9 '&()!`$@#{};,=~.%^*\u{2019}é-]{1,10}";

#[derive(Debug, Clone)]
struct Values {
    args: Vec<String>,
    variables: Vec<String>,
    description: String,
    folder: String,
    file: String,
    install_dir: String,
    account: String,
    depends: String,
}

fn values() -> impl Strategy<Value = Values> {
    (
        prop::collection::vec(AWKWARD, 0..3),
        prop::collection::vec(AWKWARD, 0..3),
        AWKWARD,
        NAME,
        NAME,
        NAME,
        NAME,
        NAME,
    )
        .prop_map(
            |(args, variables, description, folder, file, install_dir, account, depends)| Values {
                args,
                variables,
                description,
                folder,
                file,
                install_dir,
                account,
                depends,
            },
        )
}

fn with(values: &Values) -> Service {
    let mut service = full("beacon");
    let keys = &mut service.windows;
    for value in &values.args {
        keys.args.push(declared("args", text(value)));
    }
    for (index, value) in values.variables.iter().enumerate() {
        keys.environment.insert(
            EnvName::parse(&format!("V_{index}")).unwrap(),
            declared("environment", text(value)),
        );
    }
    keys.description = Some(declared("description", values.description.clone()));
    keys.directories.state = Some(declared(
        "directories",
        Directory {
            path: Some(text(&values.folder)),
            mode: None,
        },
    ));
    let to = &mut keys.files[1].value.to.value;
    to.parts.truncate(1);
    to.parts
        .push(crate::service::Part::Literal(format!("/{}", values.file)));
    keys.account = Some(declared(
        "account",
        Account::Named(format!(".\\{}", values.account)),
    ));
    let own = &mut service.own_windows;
    own.install_dir = Some(declared("install-dir", values.install_dir.clone()));
    own.depends = vec![declared("depends", values.depends.clone())];
    service
}

fn planned(service: Service) -> Result<WindowsPlan, Report> {
    let mut report = Report::default();
    match plan(&package(vec![service]), &mut report) {
        Some(plan) => Ok(plan),
        None => Err(report),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_plan_takes_the_scripts_carry(values in values()) {
        let Ok(plan) = planned(with(&values)) else { return Ok(()) };
        let harmless = planned(full("beacon")).map_err(|_| TestCaseError::fail("the plain one"))?;
        let of = |plan: &WindowsPlan, kind| -> String {
            let script = gathered(|files| scripts(plan, files)).into_iter().find(|script| script.kind == kind);
            String::from_utf8(script.unwrap().contents).unwrap()
        };
        for kind in [Kind::InstallPs1, Kind::UninstallPs1] {
            let script = of(&plan, kind);
            prop_assert_eq!(wrong(&script), Vec::<String>::new());
            let called: BTreeSet<String> = commands(&script);
            prop_assert_eq!(called, commands(&of(&harmless, kind)));
        }
        for kind in [Kind::InstallCmd, Kind::UninstallCmd] {
            let script = of(&plan, kind);
            for line in script.lines() {
                prop_assert!(line.chars().count() < 8191, "{}", line);
            }
            // No value begins a line, so that none becomes a label. Each of several folders has labels of its own.
            let labels = |text: &str| -> BTreeSet<String> {
                let labels = text.lines().filter(|line| line.starts_with(':'));
                labels.map(|line| line.replace(|c: char| c.is_ascii_digit(), "")).collect()
            };
            prop_assert_eq!(labels(&script), labels(&of(&harmless, kind)));
        }
    }

    #[test]
    fn what_the_plan_refuses_it_refuses_by_name(
        values in values(),
        bad in prop::sample::select(vec!['\0', '\n', '\r', '\u{1b}', '\u{7f}', '\u{2028}', '\u{fdd0}', '\u{ffff}']),
        at in 0usize..6,
    ) {
        let mut values = values;
        let (key, value) = match at {
            0 => {
                values.args.push("x".into());
                ("`args`", values.args.last_mut().unwrap())
            }
            1 => {
                values.variables.push("x".into());
                ("`environment`", values.variables.last_mut().unwrap())
            }
            2 => ("`description`", &mut values.description),
            3 => ("`directories`", &mut values.folder),
            4 => ("`files`", &mut values.file),
            _ => ("`account`", &mut values.account),
        };
        value.push(bad);
        value.push('x');
        let report = planned(with(&values)).err();
        let report = report.ok_or_else(|| TestCaseError::fail("the plan took it"))?;
        let named = report.diagnostics().iter().any(|found| {
            found.message.contains(key) && found.place.is_some()
        });
        prop_assert!(named, "{:#?}", report.diagnostics());
    }
}

#[test]
fn the_random_declarations_are_mostly_right() {
    // A generator that makes nothing but errors would prove nothing.
    assert!(planned(awkward()).is_ok());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let taken = (0..100)
        .filter(|_| {
            let values = values().new_tree(&mut runner).unwrap().current();
            planned(with(&values)).is_ok()
        })
        .count();
    assert!(taken > 5, "{taken} of 100");
}
