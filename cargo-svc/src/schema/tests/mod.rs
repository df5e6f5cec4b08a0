mod directives;
mod patterns;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;

use super::*;
use crate::diagnostics::{Report, SourceFile};
use crate::plan::systemd::{self, Placement};
use crate::testing::{HEAD, LOGGING, cargo_package, resolve};
use crate::{manifest, service};

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&document()).expect("the schema is a schema"));

/// What the schema says of a manifest.
fn check(text: &str) -> Result<(), String> {
    let table: toml::Table = text.parse().expect(text);
    let value = serde_json::to_value(table).expect("TOML without dates is JSON");
    let errors: Vec<_> = VALIDATOR
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    match errors.as_slice() {
        [] => Ok(()),
        errors => Err(errors.join("\n")),
    }
}

/// The names of the keys of these scopes.
fn supported(scope: Scope) -> impl Iterator<Item = String> {
    KEYS.iter()
        .filter(move |key| scope.takes(key.scope) && key.usage.is_some())
        .map(|key| key.name.to_owned())
}

fn names(properties: &Value) -> BTreeSet<String> {
    let keys = properties.as_object().expect("these are properties").keys();
    keys.cloned().collect()
}

#[test]
fn it_has_the_keys_of_the_list_and_no_others() {
    let definitions = &document()["definitions"];
    let both = ["systemd", "windows"].map(str::to_owned);
    for (table, scope, targets, own) in [
        ("service", Scope::Portable, true, true),
        ("service.systemd", Scope::Systemd, false, true),
        ("service.windows", Scope::Windows, false, true),
        ("service-package", Scope::Package, false, true),
        ("workspace-service", Scope::Portable, true, false),
        ("workspace-service.systemd", Scope::Systemd, false, false),
        ("workspace-service.windows", Scope::Windows, false, false),
    ] {
        let mut right: BTreeSet<_> = supported(scope).collect();
        right.extend(both.iter().filter(|_| targets).cloned());
        right.retain(|key| own || !OWN.contains(&key.as_str()));
        assert_eq!(names(&definitions[table]["properties"]), right, "{table}");
        assert_eq!(definitions[table]["additionalProperties"], false, "{table}");
    }
}

#[test]
fn the_types_have_the_keys_of_the_list_and_no_others() {
    fn same<T: schemars::JsonSchema>(scope: Scope) {
        let typed = names(&Value::Object(raw::properties::<T>(&mut raw::generator())));
        let listed = KEYS
            .iter()
            .filter(|key| key.scope == scope && key.usage.is_some());
        let listed: BTreeSet<_> = listed.map(|key| key.name.to_owned()).collect();
        assert_eq!(typed, listed);
    }
    same::<Portable>(Scope::Portable);
    same::<Systemd>(Scope::Systemd);
    same::<PackageTable>(Scope::Package);
}

/// The definition of each key with the path of the table that takes it.
fn keys() -> Vec<(&'static KeyInfo, &'static Usage, Value)> {
    let document = document();
    let listed = KEYS
        .iter()
        .filter_map(|key| Some((key, key.usage.as_ref()?)));
    listed
        .map(|(key, usage)| {
            let definitions = &document["definitions"];
            let schema = match key.scope {
                Scope::Portable => &definitions[format!("service.{}", key.name)],
                Scope::Systemd => &definitions[format!("service.systemd.{}", key.name)],
                Scope::Windows => &definitions[format!("service.windows.{}", key.name)],
                Scope::Package => &definitions["service-package"]["properties"][key.name],
            };
            (key, usage, schema.clone())
        })
        .collect()
}

#[test]
fn each_key_says_what_it_means_and_what_it_takes() {
    for (key, usage, schema) in keys() {
        let description = schema["description"].as_str().expect(key.name);
        let (meaning, takes) = description.split_once("\n\n").expect(key.name);
        assert!(meaning.ends_with('.') && meaning.len() > 20, "{meaning}");
        assert!(takes.contains(usage.accepts), "{takes}");
    }
}

#[test]
fn no_value_is_null_and_no_reference_is_dangling() {
    fn walk(value: &Value, document: &Value) {
        assert!(!value.is_null(), "TOML has no null");
        match value {
            Value::Object(entries) => {
                if let Some(Value::String(to)) = entries.get("$ref") {
                    assert!(document.pointer(&to[1..]).is_some(), "{to}");
                }
                assert_ne!(entries.get("type"), Some(&"null".into()), "{entries:?}");
                // Among systemd's words is `null`.
                let others = entries.iter().filter(|(keyword, _)| *keyword != "enum");
                others.for_each(|(_, value)| walk(value, document));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, document)),
            value => assert_ne!(value, "null"),
        }
    }
    let document = document();
    walk(&document, &document);
}

/// A value as TOML writes it.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), toml(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        // JSON leaves it as it is, TOML does not.
        value => value.to_string().replace('\u{7f}', "\\u007f"),
    }
}

#[test]
fn what_it_gives_as_an_example_is_right() {
    for (key, _, schema) in keys() {
        let examples = schema["examples"].as_array().expect(key.name);
        assert!(!examples.is_empty(), "{}", key.name);
        for example in examples {
            let line = format!("{} = {}\n", key.name, toml(example));
            let text = match key.scope {
                Scope::Package => format!(
                    "[package.metadata.service]\n[{}]\n{line}",
                    key.scope.table()
                ),
                _ if key.name == "requires" => format!(
                    "[[package.metadata.service]]\nname = \"beacon-store\"\nbin = \"beacon\"\n\
                     [[package.metadata.service]]\nname = \"x\"\nbin = \"beacon\"\n{line}"
                ),
                _ if key.name == "files" => {
                    format!("[{}]\ndirectories.config = true\n{line}", key.scope.table())
                }
                _ if key.name == "log" => {
                    format!(
                        "{LOGGING}[{}]\ndirectories.logs = true\n{line}",
                        key.scope.table()
                    )
                }
                _ => format!("[{}]\n{line}", key.scope.table()),
            };
            let text = format!("{HEAD}{text}");
            resolve(&text).expect(&line);
            check(&text).expect(&line);
        }
    }
}

/// Files of this name below a folder.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    entries
        .flat_map(
            |entry| match entry.expect("the folder can be read").path() {
                path if path.is_dir() => manifests(&path),
                path if path.ends_with("Cargo.toml") => vec![path],
                _ => Vec::new(),
            },
        )
        .collect()
}

#[test]
fn it_takes_every_manifest_here_that_cargo_svc_takes() {
    let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut projects = vec![(here.to_owned(), here.join("examples"))];
    for case in fs::read_dir(here.join("tests/cases")).expect("the cases are there") {
        let project = case.expect("the cases are there").path().join("project");
        projects.push((project.clone(), project));
    }
    let source = |path: &Path| {
        let text = fs::read_to_string(path).expect("the manifest can be read");
        let path = path.to_owned();
        Arc::new(SourceFile { path, text })
    };
    let mut taken = 0;
    for (root, folder) in projects {
        let root = source(&root.join("Cargo.toml"));
        for path in manifests(&folder) {
            let file = source(&path);
            if !file.text.contains("[package]") {
                continue;
            }
            let mut report = Report::default();
            let package = cargo_package(&file.text);
            let read = manifest::from_source(&package, &file, &root, &mut report)
                .and_then(|manifest| service::resolve(&manifest, &mut report));
            // The lines of raw tables are looked at there.
            let planned = read
                .and_then(|package| systemd::plan(&package, Placement::Distribution, &mut report));
            if planned.is_none() || report.has_errors() {
                continue;
            }
            taken += 1;
            for file in [&file, &root] {
                check(&file.text).unwrap_or_else(|errors| panic!("{}: {errors}", path.display()));
            }
        }
    }
    assert!(taken > 9, "most of them are right: {taken}");
}
