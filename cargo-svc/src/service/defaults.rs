//! What a service takes from its package's other tables.

use super::layer::{check_url, one_line};
use super::{ServiceName, Setting};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::manifest::{Manifest, ServiceTable, is_bin, keys, list};

/// What a service takes from its package where it says nothing itself; or why it cannot, which is an error of those
/// services only that do. A key that was written and refused is not one that says nothing.
pub(super) struct Defaults {
    pub(super) name: Result<Declared<ServiceName>, Box<Diagnostic>>,
    pub(super) bin: Result<Declared<String>, Box<Diagnostic>>,
    pub(super) description: Result<Setting<String>, Box<Diagnostic>>,
    pub(super) documentation: Result<Vec<Declared<String>>, Vec<Diagnostic>>,
}

impl Defaults {
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            name: default_name(manifest),
            bin: default_bin(manifest),
            description: default_description(manifest),
            documentation: default_documentation(manifest),
        }
    }
}

fn default_name(manifest: &Manifest) -> Result<Declared<ServiceName>, Box<Diagnostic>> {
    match ServiceName::parse(&manifest.package.name) {
        Ok(name) => Ok(Declared::default_of(name)),
        Err(reason) => Err(
            Diagnostic::error("the package's name cannot be the service's name")
                .at(manifest.fields.name.as_ref())
                .label(reason)
                .help("give the service its own: `name = \"…\"` in `[package.metadata.service]`")
                .rests_on(&["name"])
                .into(),
        ),
    }
}

fn default_description(manifest: &Manifest) -> Result<Setting<String>, Box<Diagnostic>> {
    let place = manifest.fields.description.as_ref();
    let text = manifest.package.description.as_deref().unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(None);
    }
    match one_line(text) {
        Ok(text) => Ok(Some(from_package(text, place))),
        Err(reason) => Err(
            Diagnostic::error("the package's description cannot be the service's")
                .at(place)
                .label(reason)
                .help("give the service its own: `description = \"…\"`")
                .rests_on(&["description"])
                .into(),
        ),
    }
}

fn default_documentation(manifest: &Manifest) -> Result<Vec<Declared<String>>, Vec<Diagnostic>> {
    let package = &manifest.package;
    let (mut links, mut wrong) = (Vec::new(), Vec::new());
    for (url, place) in [
        (&package.documentation, &manifest.fields.documentation),
        (&package.homepage, &manifest.fields.homepage),
    ] {
        let Some(url) = url else { continue };
        let known = |link: &Declared<String>| link.value == *url;
        match check_url(url) {
            Ok(_) if links.iter().any(known) => {}
            Ok(url) => links.push(from_package(url, place.as_ref())),
            Err(reason) => wrong.push(
                Diagnostic::error("the package's URL cannot be the service's `documentation`")
                    .at(place.as_ref())
                    .label(reason)
                    .help("give the service its own: `documentation = [\"https://…\"]`, or none: `[]`")
.rests_on(&["documentation"]),
            ),
        }
    }
    if wrong.is_empty() {
        Ok(links)
    } else {
        Err(wrong)
    }
}

/// A default that stands in the `[package]` table.
fn from_package(value: String, place: Option<&Place>) -> Declared<String> {
    match place {
        Some(place) => Declared::at(value, place.clone()),
        None => Declared::default_of(value),
    }
}

/// The programs of the package.
fn bins(manifest: &Manifest) -> Vec<String> {
    let bins = manifest
        .package
        .targets
        .iter()
        .filter(|target| is_bin(target));
    bins.map(|target| target.name.clone()).collect()
}

fn default_bin(manifest: &Manifest) -> Result<Declared<String>, Box<Diagnostic>> {
    if let Some(bin) = &manifest.package.default_run {
        return Ok(Declared::default_of(bin.clone()));
    }
    let bins = bins(manifest);
    let table = manifest.services.as_slice().first();
    let place = table.map(ServiceTable::place);
    match bins.as_slice() {
        [bin] => Ok(Declared::default_of(bin.clone())),
        [] => Err(Diagnostic::error(format!(
            "package `{}` has no binary that could be a service",
            manifest.package.name
        ))
        .at(place.as_ref())
        .help("add a src/main.rs, or move the table to the package that has the binary")
        .rests_on(&["bin"])
        .into()),
        several => Err(Diagnostic::error(format!(
            "package `{}` has several binaries, and the service does not say which one it is",
            manifest.package.name
        ))
        .at(place.as_ref())
        .help(format!(
            "add `bin = \"{}\"` with the right one of {}",
            several[0],
            list(several)
        ))
        .help("or set `default-run` in `[package]`")
        .rests_on(&["bin"])
        .into()),
    }
}

/// Refuses a binary that the package does not have.
pub(super) fn check_bin(bin: &Declared<String>, manifest: &Manifest, report: &mut Report) {
    let mut targets = manifest.package.targets.iter();
    if targets.any(|target| is_bin(target) && target.name == bin.value) {
        return;
    }
    let bins = bins(manifest);
    let label = match keys::nearest(&bin.value, bins.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if bins.is_empty() => "the package has no binary".into(),
        None => format!("expected {}", list(&bins)),
    };
    let package = &manifest.package.name;
    report.add(
        Diagnostic::error(format!("package `{package}` has no binary `{}`", bin.value))
            .at(bin.place())
            .label(label),
    );
}
