//! What a service takes from its package's other tables.

use super::layer::{check_url, one_line};
use super::{ServiceName, Setting};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::manifest::{Manifest, ServiceTable, is_bin, keys, list};

/// What a service takes from its package where it says nothing itself.
pub(super) struct Defaults {
    /// None if the package's name cannot be a service's; it was then reported unless each service has its own.
    pub(super) name: Result<Declared<ServiceName>, Box<Diagnostic>>,
    pub(super) bin: Result<Declared<String>, Box<Diagnostic>>,
    pub(super) description: Setting<String>,
    pub(super) documentation: Vec<Declared<String>>,
}

impl Defaults {
    pub(super) fn of(manifest: &Manifest, report: &mut Report) -> Self {
        let package = &manifest.package;
        let name =
            ServiceName::parse(&package.name)
                .map(Declared::default_of)
                .map_err(|reason| {
                    Diagnostic::error("the package's name cannot be the service's name")
                .at(manifest.fields.name.as_ref())
                .label(reason)
                .help("give the service its own: `name = \"…\"` in `[package.metadata.service]`")
                .into()
                });
        let mut links = Vec::new();
        for (url, place) in [
            (&package.documentation, &manifest.fields.documentation),
            (&package.homepage, &manifest.fields.homepage),
        ] {
            let Some(url) = url else { continue };
            match check_url(url) {
                Ok(url)
                    if links
                        .iter()
                        .any(|link: &Declared<String>| link.value == url) => {}
                Ok(url) => links.push(from_package(url, place.as_ref())),
                // Only a package that takes these defaults is at fault.
                Err(reason) if uses_default_documentation(manifest) => report.add(
                    Diagnostic::error("the package's URL cannot be the service's `documentation`")
                        .at(place.as_ref())
                        .label(reason),
                ),
                Err(_) => {}
            }
        }
        Self {
            name,
            bin: default_bin(manifest),
            description: default_description(manifest, report),
            documentation: links,
        }
    }
}

/// Whether some service, on some target, has no `documentation` of its own.
fn uses_default_documentation(manifest: &Manifest) -> bool {
    let written = |table: &ServiceTable| table.portable.documentation.is_some();
    let everywhere = manifest.defaults.as_ref().is_some_and(written);
    !everywhere
        && manifest
            .services
            .as_slice()
            .iter()
            .any(|table| !written(table))
}

fn default_description(manifest: &Manifest, report: &mut Report) -> Setting<String> {
    let place = manifest.fields.description.as_ref();
    let text = manifest.package.description.as_deref()?;
    if text.trim().is_empty() {
        return None;
    }
    match one_line(text) {
        Ok(text) => Some(from_package(text, place)),
        Err(reason) => {
            report.add(
                Diagnostic::error("the package's description cannot be the service's")
                    .at(place)
                    .label(reason),
            );
            None
        }
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
    match bins.as_slice() {
        [bin] => Ok(Declared::default_of(bin.clone())),
        [] => Err(Diagnostic::error(format!(
            "package `{}` has no binary that could be a service",
            manifest.package.name
        ))
        .help("add a src/main.rs, or move the table to the package that has the binary")
        .into()),
        several => Err(Diagnostic::error(format!(
            "package `{}` has several binaries, and the service does not say which one it is",
            manifest.package.name
        ))
        .help(format!(
            "add `bin = \"{}\"` with the right one of {}",
            several[0],
            list(several)
        ))
        .help("or set `default-run` in `[package]`")
        .into()),
    }
}

/// Refuses a binary that the package does not have.
pub(super) fn check_bin(bin: &Declared<String>, manifest: &Manifest, report: &mut Report) {
    let bins = bins(manifest);
    if bins.contains(&bin.value) {
        return;
    }
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
