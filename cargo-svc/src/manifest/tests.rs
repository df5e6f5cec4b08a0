use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;

use super::keys::{KEYS, Scope, nearest};
use super::message::{Message, parse};
use super::raw::{PackageTable, Portable};
use crate::diagnostics::{Level, Report};
use crate::service;
use crate::testing::{HEAD, LOGGING, read, resolve};

/// The keys that a table takes, as serde tells them.
fn fields<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> BTreeSet<String> {
    let error = toml::from_str::<T>("no-such-key = 1").expect_err("there is no such key");
    match parse(error.message()) {
        Message::UnknownKey { right, .. } => right.into_iter().collect(),
        other => panic!("{other:?}"),
    }
}

fn supported(scope: Scope) -> BTreeSet<String> {
    let keys = KEYS
        .iter()
        .filter(|key| key.scope == scope && key.usage.is_some());
    keys.map(|key| key.name.to_owned()).collect()
}

#[test]
fn the_list_of_keys_is_what_the_tables_take() {
    assert_eq!(fields::<Portable>(), supported(Scope::Portable));
    assert_eq!(fields::<PackageTable>(), supported(Scope::Package));
    let names: BTreeSet<_> = KEYS
        .iter()
        .map(|key| (key.scope.table(), key.name))
        .collect();
    assert_eq!(names.len(), KEYS.len(), "no key is listed twice");
}

#[test]
fn every_example_is_right() {
    let usages = KEYS
        .iter()
        .filter_map(|key| Some((key, key.usage.as_ref()?)));
    for (key, usage) in usages {
        let other = "[[package.metadata.service]]\nname = \"beacon-store\"\nbin = \"beacon\"\n";
        let text = match (key.scope, key.name) {
            (Scope::Package, _) => {
                format!(
                    "{HEAD}[package.metadata.service]\n[{}]\n{}\n",
                    key.scope.table(),
                    usage.example
                )
            }
            (_, "requires") => format!(
                "{HEAD}{other}[[package.metadata.service]]\nname = \"x\"\nbin = \"beacon\"\n{}\n",
                usage.example
            ),
            (Scope::Systemd | Scope::Windows, _) => {
                format!("{HEAD}[{}]\n{}\n", key.scope.table(), usage.example)
            }
            (_, "files") => format!(
                "{HEAD}[package.metadata.service]\ndirectories = {{ config = true }}\n{}\n",
                usage.example
            ),
            (_, "log") => format!(
                "{HEAD}{LOGGING}[package.metadata.service]\ndirectories = {{ logs = true }}\n{}\n",
                usage.example
            ),
            _ => format!("{HEAD}[package.metadata.service]\n{}\n", usage.example),
        };
        assert!(
            usage.example.starts_with(&format!("{} = ", key.name)),
            "{}",
            usage.example
        );
        resolve(&text).expect(usage.example);
    }
}

#[test]
fn what_is_near_is_found() {
    let names = || KEYS.iter().map(|key| key.name);
    for (typed, meant) in [
        ("working_dir", "working-dir"),
        ("WorkingDir", "working-dir"),
        ("restrat", "restart"),
        ("arg", "args"),
        ("env", ""),
        ("start-timout", "start-timeout"),
        ("", ""),
        ("x", ""),
        ("completely-different", ""),
    ] {
        assert_eq!(
            nearest(typed, names()).unwrap_or_default(),
            meant,
            "{typed}"
        );
    }
}

#[test]
fn tables_of_the_wrong_kind_are_errors() {
    for (tables, part) in [
        (
            "metadata.service = \"x\"",
            "`package.metadata.service` is not a table",
        ),
        ("metadata.service = []", "is an empty array"),
        (
            "metadata.service = [1]",
            "`package.metadata.service[0]` is not a table",
        ),
        (
            "metadata.service.systemd = 1",
            "`package.metadata.service.systemd` is not a table",
        ),
        (
            "metadata.service.environment = 1979-05-27",
            "expected a table of strings, found a datetime",
        ),
        ("metadata.service.restart = 1979-05-27", "found a datetime"),
        (
            "metadata.service.restart = [\"no\"]",
            "expected \"no\", \"on-failure\", \"always\"",
        ),
        (
            "metadata.service.start = true",
            "expected \"boot\", \"manual\" or \"on-demand\", found a boolean",
        ),
        (
            "metadata.service.start = 1",
            "expected \"boot\", \"manual\" or \"on-demand\", found an integer",
        ),
        (
            "metadata.service.account = 1",
            "expected \"dynamic\", \"system\", under `systemd`",
        ),
        (
            "metadata.service.stop-timeout = -1",
            "a duration cannot be negative",
        ),
        ("metadata.service.name = \"con.x\"", "DOS device"),
        ("metadata.service.args = \"--flag\"", "found a string"),
        (
            "metadata.service = {}\n[workspace.metadata.service-package]",
            "each package has its own",
        ),
        (
            "metadata.service = {}\n[workspace.metadata.service]\nnmae = 1",
            "workspace.metadata.service.nmae",
        ),
    ] {
        let errors = resolve(&format!("{HEAD}{tables}\n")).expect_err(tables);
        assert_eq!(errors.len(), 1, "{tables}: {errors:#?}");
        assert!(errors[0].contains(part), "{tables}: {errors:#?}");
    }
}

#[test]
fn a_package_without_the_table_has_no_service() {
    let mut report = Report::default();
    assert!(read(HEAD, &mut report).is_none());
    assert!(report.diagnostics().is_empty());
}

/// Values of every kind, nested, many of them nearly right.
fn value() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        select(vec![
            "on-failure",
            "boot",
            "network",
            "beacon",
            "5s",
            "dynamic",
            "https://x",
            "{install-dir}",
            "a\nb",
            ""
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
        "[{}a-z-]{0,8}",
        "[0-9]{0,25}[a-z]{0,3}",
    ];
    let leaf = prop_oneof![
        // Rust and TOML escape alike what Debug escapes, but for NUL and code points in braces.
        text.prop_map(|text| toml_string(&text)),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("1.5".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        Just("1979-05-27T07:32:00Z".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let key = select(vec!["policy", "delay", "A", "path", "PATH", "a b", ""]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key, inner, 0..3).prop_map(|table| {
                let entries: Vec<_> = table
                    .into_iter()
                    .map(|(key, value)| format!("{} = {value}", toml_string(key)))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

fn toml_string(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

fn table() -> impl Strategy<Value = String> {
    let mut names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
    names.extend(["nmae", "systemd", "windows"]);
    prop::collection::btree_map(select(names), value(), 0..6).prop_map(|table| {
        let lines = table
            .into_iter()
            .map(|(key, value)| format!("{key} = {value}\n"));
        lines.collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn anything_is_resolved_or_refused_by_name(
        service in table(), systemd in table(), windows in table(), package in table(), workspace in table(),
    ) {
        let free = |table: &str| {
            let lines = table.lines().filter(|line| !line.starts_with("systemd") && !line.starts_with("windows"));
            lines.fold(String::new(), |text, line| text + line + "\n")
        };
        let text = format!(
            "{HEAD}[package.metadata.service]\n{}[package.metadata.service.systemd]\n{systemd}\
             [package.metadata.service.windows]\n{windows}[package.metadata.service-package]\n{package}\
             [workspace.metadata.service]\n{}",
            free(&service),
            workspace,
        );
        let mut report = Report::default();
        let resolved = read(&text, &mut report).and_then(|manifest| service::resolve(&manifest, &mut report));
        prop_assert_eq!(resolved.is_none(), report.has_errors());
        for found in report.diagnostics() {
            let place = found.place.as_ref();
            prop_assert!(found.level != Level::Error || place.is_some_and(|place| place.key.contains("metadata.service")), "{:?}", found);
            prop_assert!(place.is_none_or(|place| text.get(place.span.clone()).is_some()), "{:?}", found);
        }
    }
}
