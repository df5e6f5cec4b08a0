//! For unit tests and fuzzing: a package from the text of its Cargo.toml, without a disk and without cargo.

pub mod judge;
pub(crate) mod readers;
#[cfg(test)]
mod tests;
pub(crate) mod windows;
pub(crate) mod wix;
pub(crate) mod xml;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use toml::{Table, Value};

use crate::diagnostics::{Report, SourceFile};
use crate::manifest::{self, Manifest};
#[cfg(test)]
use crate::service::{self, Package};

/// A `[package]` table to put before the tables of a test.
#[cfg(test)]
pub(crate) const HEAD: &str =
    "[package]\nname = \"beacon\"\nversion = \"1.2.3\"\ndescription = \"A test\"\n";

/// The dependency of a program that can log everywhere.
pub(crate) const LOGGING: &str =
    "[dependencies]\nsvc-rt = { version = \"0.1\", features = [\"tracing\", \"log-file\"] }\n";

/// The package that a manifest describes, or all of its diagnostics as `key: message: label`.
#[cfg(test)]
pub(crate) fn resolve(text: &str) -> Result<Package, Vec<String>> {
    let mut report = Report::default();
    let manifest = read(text, &mut report);
    let package = manifest.and_then(|manifest| service::resolve(&manifest, &mut report));
    package.filter(|_| !report.has_errors()).ok_or_else(|| {
        let lines = report.diagnostics().iter().map(|found| {
            let key = found.place.as_ref().map_or("", |place| &place.key);
            format!("{key}: {}: {}", found.message, found.label)
        });
        lines.collect()
    })
}

/// [`resolve`] of [`HEAD`] and these tables, which must be right.
#[cfg(test)]
pub(crate) fn package(tables: &str) -> Package {
    resolve(&format!("{HEAD}{tables}")).expect("the tables are right")
}

/// What cargo and the manifest stage would read.
#[cfg(test)]
pub(crate) fn read(text: &str, report: &mut Report) -> Option<Manifest> {
    read_as(&cargo_package(text), text, report)
}

/// The same where cargo has said of the package what it says.
fn read_as(package: &cargo_metadata::Package, text: &str, report: &mut Report) -> Option<Manifest> {
    let source = Arc::new(SourceFile {
        path: PathBuf::from("Cargo.toml"),
        text: text.to_owned(),
    });
    manifest::from_source(package, &source, &source, report)
}

/// What cargo would say of a package: its bins are those of the file, or one that is called like the package.
pub(crate) fn cargo_package(text: &str) -> cargo_metadata::Package {
    let root: Table = text.parse().expect("the text is TOML");
    let package = root["package"].as_table().expect("there is a package");
    let field = |key: &str| package.get(key).and_then(Value::as_str);
    let name = field("name").expect("the package has a name");
    let bins = match root.get("bin").and_then(Value::as_array) {
        Some(bins) => bins.iter().filter_map(|bin| bin["name"].as_str()).collect(),
        None => vec![name],
    };
    let targets: Vec<_> = bins
        .into_iter()
        .map(|bin| {
            json!({
                "kind": ["bin"], "crate_types": ["bin"], "name": bin, "src_path": "/p/src/main.rs",
                "edition": "2024", "doc": true, "doctest": false, "test": true,
            })
        })
        .collect();
    let dependencies: Vec<_> = dependencies(&root)
        .map(|(target, name, value)| {
            let real = value.get("package").and_then(Value::as_str);
            let features = value.get("features").and_then(Value::as_array);
            let features: Vec<_> = features.into_iter().flatten().filter_map(Value::as_str).collect();
            json!({
                "name": real.unwrap_or(name), "source": null, "req": "*", "kind": null,
                "optional": value.get("optional").and_then(Value::as_bool).unwrap_or_default(),
                "rename": real.map(|_| name), "uses_default_features": true, "features": features, "target": target,
            })
        })
        .collect();
    let value = json!({
        "name": name, "version": field("version").unwrap_or("0.0.0"), "id": format!("path+file:///p#{name}@1.0.0"),
        "source": null, "description": field("description"), "license": null, "license_file": null,
        "dependencies": dependencies, "targets": targets,
        "features": root.get("features").map_or_else(|| json!({}), |features| json!(features)), "manifest_path": "/p/Cargo.toml",
        "metadata": null, "publish": null, "authors": [], "categories": [], "keywords": [], "readme": null,
        "repository": field("repository"), "homepage": field("homepage"), "documentation": field("documentation"),
        "edition": "2024", "links": null, "default_run": field("default-run"), "rust_version": null,
    });
    serde_json::from_value(value).expect("this is how cargo describes a package")
}

/// Each dependency with the target that it is for, if it is for one.
fn dependencies(root: &Table) -> impl Iterator<Item = (Option<&String>, &String, &Value)> {
    let targets = entries(root.get("target")).flat_map(|(target, tables)| {
        entries(tables.get("dependencies")).map(move |(name, value)| (Some(target), name, value))
    });
    entries(root.get("dependencies"))
        .map(|(name, value)| (None, name, value))
        .chain(targets)
}

fn entries(table: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    table.and_then(Value::as_table).into_iter().flatten()
}
