//! What was typed: cargo metadata, and the tables of Cargo.toml with the place of every key.
//!
//! The only stage that knows TOML. `cargo metadata --no-deps` runs once; everything else is read from the manifests, in a
//! large workspace while cargo runs.

mod ahead;
pub mod document;
pub mod import;
pub mod init;
pub mod keys;
mod message;
mod packers;
pub mod raw;
mod read;
mod runtime;
mod select;
mod spec;
pub mod switch;
mod tables;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};

use cargo_metadata::{Metadata, MetadataCommand, TargetKind};
use rayon::prelude::*;

pub use ahead::Beside;
use ahead::{Manifests, Read};
pub use packers::{Packer, Packers};
pub(crate) use read::{guess, list};
pub use runtime::{depends_on_runtime, may_have_runtime_feature, uses_runtime};
pub use select::Selection;
pub use tables::{ServiceTable, ServiceTables, declares_service};

use crate::diagnostics::{Diagnostic, Place, Report, SourceFile};

/// How cargo is asked for the workspace; spelled and meant as cargo's own flags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CargoOptions {
    /// `--manifest-path`
    pub manifest_path: Option<PathBuf>,
    /// `--locked`, `--offline`, `--frozen`, `--quiet`, `--color …`: handed on as they are.
    pub flags: Vec<String>,
}

/// What cargo knows of the workspace.
#[derive(Debug)]
pub struct Workspace {
    /// The output of `cargo metadata --no-deps`; holds the target directory.
    pub metadata: Metadata,
    /// Manifests that were read by then.
    ahead: Mutex<Manifests>,
}

impl Workspace {
    /// They are taken once.
    fn take_ahead(&self) -> Manifests {
        let ahead = self.ahead.try_lock();
        ahead
            .map(|mut ahead| std::mem::take(&mut *ahead))
            .unwrap_or_default()
    }
}

/// A package that was selected, and what it declares.
#[derive(Debug)]
pub struct Manifest {
    /// What cargo knows of it.
    pub package: cargo_metadata::Package,
    /// Its Cargo.toml.
    pub source: Arc<SourceFile>,
    /// The workspace's defaults, if there are some.
    pub defaults: Option<Arc<ServiceTable>>,
    /// Its services.
    pub services: ServiceTables,
    /// `[package.metadata.service-package]`.
    pub settings: raw::PackageTable,
    /// Where `package.name`, `description`, `documentation` and `homepage` stand, since services take defaults from them.
    pub fields: PackageFields,
    /// What packs it for distributions.
    pub packers: Packers,
}

/// Places in the `[package]` table; none where the workspace supplies the value.
#[derive(Debug, Default)]
pub struct PackageFields {
    /// `package.name`
    pub name: Option<Place>,
    /// `package.description`
    pub description: Option<Place>,
    /// `package.documentation`
    pub documentation: Option<Place>,
    /// `package.homepage`
    pub homepage: Option<Place>,
}

/// Asks cargo for the workspace, and does something beside that. `None` if cargo cannot be run, or refuses; cargo has then said why on standard error.
pub fn workspace(options: &CargoOptions, beside: Beside, report: &mut Report) -> Option<Workspace> {
    let mut command = MetadataCommand::new();
    command.no_deps().other_options(options.flags.clone());
    if let Some(path) = &options.manifest_path {
        command.manifest_path(path);
    }
    let ahead = ahead::start(options.manifest_path.as_deref(), beside);
    let answer = run(command.cargo_command());
    let ahead = Mutex::new(ahead.finish());
    match answer {
        Ok(metadata) => Some(Workspace { metadata, ahead }),
        Err(diagnostic) => {
            report.add(*diagnostic);
            None
        }
    }
}

/// Runs `cargo metadata`.
fn run(mut command: Command) -> Result<Metadata, Box<Diagnostic>> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            let program = command.get_program().display();
            Diagnostic::error(format!("cannot run `{program} metadata`: {error}"))
                .help("cargo-svc runs the cargo that the environment variable CARGO names, or else the one in PATH")
        })?;
    if !output.status.success() {
        return Err(Diagnostic::error("cargo could not read the workspace").into());
    }
    let answer = str::from_utf8(&output.stdout).map_err(|error| error.to_string());
    let metadata =
        answer.and_then(|text| MetadataCommand::parse(text).map_err(|error| error.to_string()));
    metadata.map_err(|error| {
        Diagnostic::error(format!(
            "`cargo metadata` answered what is not understood: {error}"
        ))
        .into()
    })
}

/// Reads the manifests of the selected packages. A selected package without the table is skipped, unless it is the only one.
/// Everything that is wrong goes into the report, and what could be read is returned all the same.
pub fn load(workspace: &Workspace, selection: &Selection, report: &mut Report) -> Vec<Manifest> {
    let metadata = &workspace.metadata;
    let chosen = selection.packages(metadata, report);
    if report.has_errors() {
        return Vec::new();
    }
    let root_path = metadata.workspace_root.join("Cargo.toml");
    let root = read_source(root_path.as_std_path(), report);
    let only = chosen.len() == 1 && !selection.is_broad();
    let mut ahead = workspace.take_ahead();
    let read: Vec<_> = chosen
        .into_iter()
        .map(|package| (package, ahead.remove(package.manifest_path.as_std_path())))
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(package, read)| {
            let path = package.manifest_path.as_std_path();
            let read = match &root {
                // It is the same text for the package and for the workspace.
                Some(root) if path == root_path.as_std_path() => Read::of(Arc::clone(root)),
                _ => read.unwrap_or_else(|| Read::file(path)),
            };
            (package, read)
        })
        .collect();
    let mut manifests = Vec::new();
    let defaults = OnceCell::new();
    for (package, read) in read {
        report.append(read.report);
        let (Some(source), Some(root)) = (read.source, &root) else {
            continue;
        };
        match read.tables {
            Some(tables) => manifests.push(Manifest::new(
                package, source, tables, root, &defaults, report,
            )),
            None if only && !report.has_errors() => report.add(no_table(package, &source)),
            None => {}
        }
    }
    if manifests.is_empty() && !report.has_errors() {
        report.add(
            Diagnostic::error("no selected package has a `[package.metadata.service]` table")
                .help("`cargo svc init -p PACKAGE` adds it"),
        );
    }
    manifests
}

/// Reads one package's manifest; `None` if it declares no service, or declares it wrongly.
pub(crate) fn from_source(
    package: &cargo_metadata::Package,
    source: &Arc<SourceFile>,
    root: &Arc<SourceFile>,
    report: &mut Report,
) -> Option<Manifest> {
    let tables = tables::package(source, report)?;
    let source = Arc::clone(source);
    Some(Manifest::new(
        package,
        source,
        tables,
        root,
        &OnceCell::new(),
        report,
    ))
}

impl Manifest {
    fn new(
        package: &cargo_metadata::Package,
        source: Arc<SourceFile>,
        tables: tables::PackageTables,
        root: &Arc<SourceFile>,
        defaults: &OnceCell<Option<Arc<ServiceTable>>>,
        report: &mut Report,
    ) -> Self {
        Self {
            package: package.clone(),
            source,
            // Read once for all packages, if one of them declares a service.
            defaults: defaults
                .get_or_init(|| tables::defaults(root, report).map(Arc::new))
                .clone(),
            services: tables.services,
            settings: tables.settings,
            fields: tables.fields,
            packers: tables.packers,
        }
    }
}

fn no_table(package: &cargo_metadata::Package, source: &SourceFile) -> Diagnostic {
    let found = Diagnostic::error(format!(
        "package `{}` has no `[package.metadata.service]` table in {}",
        package.name,
        source.path.display()
    ));
    let found = match package.metadata.as_object().and_then(misspelt) {
        Some(typed) => found.help(format!(
            "`[package.metadata.{typed}]` is there: did you mean `service`?"
        )),
        None => found,
    };
    found.help(format!("`cargo svc init -p {}` adds it", package.name))
}

/// A table of the metadata that is nearly called `service`.
fn misspelt(metadata: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    let mut names = metadata.keys().map(String::as_str);
    names.find(|name| *name != "service-package" && keys::nearest(name, ["service"]).is_some())
}

/// Whether a target is a program.
pub fn is_bin(target: &cargo_metadata::Target) -> bool {
    target.kind.contains(&TargetKind::Bin)
}

/// A path as cargo shows it: relative to the current folder, which never changes, where it is below that.
pub fn shown(path: &Path) -> PathBuf {
    static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::current_dir().ok());
    FOLDER
        .as_ref()
        .and_then(|folder| path.strip_prefix(folder).ok())
        .unwrap_or(path)
        .to_path_buf()
}

/// Reads a manifest.
fn read_source(path: &Path, report: &mut Report) -> Option<Arc<SourceFile>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Arc::new(SourceFile {
            path: shown(path),
            text,
        })),
        Err(error) => {
            let path = shown(path);
            report.add(Diagnostic::error(format!(
                "cannot read {}: {error}",
                path.display()
            )));
            None
        }
    }
}

#[cfg(test)]
mod tests;
