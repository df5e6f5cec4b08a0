//! Finds the tables in a manifest and reads them.

use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::PackageFields;
use super::keys::{self, Scope};
use super::packers::{self, Packers};
use super::raw::{PackageTable, Portable, Systemd, Windows};
use super::read::{Context, read};
use crate::diagnostics::{Diagnostic, Place, Report, SourceFile};

/// One service as it is typed: the portable keys, and what replaces them on each target.
#[derive(Debug)]
pub struct ServiceTable {
    /// The file.
    pub source: Arc<SourceFile>,
    /// Its path, for example `package.metadata.service`.
    pub prefix: String,
    /// The bytes of the table, or of its header.
    pub span: Range<usize>,
    /// The portable keys.
    pub portable: Portable,
    /// The same keys under `systemd`.
    pub systemd: Portable,
    /// The same keys under `windows`.
    pub windows: Portable,
    /// What only `systemd` takes.
    pub own_systemd: Systemd,
    /// What only `windows` takes.
    pub own_windows: Windows,
    /// Where `systemd = false` stands, if it does: the service is not for systemd.
    pub no_systemd: Option<Range<usize>>,
    /// Where `windows = false` stands, likewise.
    pub no_windows: Option<Range<usize>>,
}

/// The services of a package.
#[derive(Debug)]
pub enum ServiceTables {
    /// `[package.metadata.service]`
    One(Box<ServiceTable>),
    /// `[[package.metadata.service]]`; with errors in them there may be fewer than the file has.
    Several(Vec<ServiceTable>),
}

impl ServiceTable {
    /// The place of the table itself.
    pub fn place(&self) -> Place {
        Place {
            source: Arc::clone(&self.source),
            key: self.prefix.clone(),
            span: self.span.clone(),
        }
    }
}

impl ServiceTables {
    /// All of them, in the order of the file.
    pub fn as_slice(&self) -> &[ServiceTable] {
        match self {
            Self::One(table) => std::slice::from_ref(table),
            Self::Several(tables) => tables,
        }
    }
}

/// What a package's manifest says of services.
#[derive(Debug)]
pub(super) struct PackageTables {
    pub(super) services: ServiceTables,
    pub(super) settings: PackageTable,
    pub(super) fields: PackageFields,
    pub(super) packers: Packers,
}

type Root<'a> = Spanned<DeTable<'a>>;

/// Parses a manifest. cargo has read it before, so that an error here is rare.
fn parse<'a>(source: &'a Arc<SourceFile>, report: &mut Report) -> Option<Root<'a>> {
    DeTable::parse(&source.text)
        .map_err(|error| {
            let place = error.span().map(|span| place(source, "", span));
            report.add(
                Diagnostic::error("the manifest is not TOML")
                    .at(place.as_ref())
                    .label(error.message()),
            );
        })
        .ok()
}

pub(super) fn place(source: &Arc<SourceFile>, key: &str, span: Range<usize>) -> Place {
    Place {
        source: Arc::clone(source),
        key: key.to_owned(),
        span,
    }
}

/// Takes the value at a dotted path out of the manifest.
pub(super) fn take<'a>(root: &mut DeTable<'a>, path: &str) -> Option<Spanned<DeValue<'a>>> {
    let mut table = root;
    let (parents, last) = path.rsplit_once('.')?;
    for name in parents.split('.') {
        let DeValue::Table(inner) = table.get_mut(name)?.get_mut() else {
            return None;
        };
        table = inner;
    }
    table.remove(last)
}

/// The workspace's defaults.
pub(super) fn defaults(source: &Arc<SourceFile>, report: &mut Report) -> Option<ServiceTable> {
    let mut root = parse(source, report)?;
    let root = root.get_mut();
    if let Some(value) = take(root, "workspace.metadata.service-package") {
        let key = "workspace.metadata.service-package";
        report.add(
            Diagnostic::error(format!("`[{key}]` is not a table of cargo-svc"))
                .at(Some(&place(source, key, value.span())))
                .label("each package has its own `[package.metadata.service-package]`"),
        );
    }
    let key = "workspace.metadata.service";
    let value = take(root, key)?;
    let mut defaults = service(value, source, key, report)?;
    let layers = [
        (&mut defaults.portable, ""),
        (&mut defaults.systemd, ".systemd"),
        (&mut defaults.windows, ".windows"),
    ];
    for (layer, under) in layers {
        // Refused here, they shall not be taken for values later.
        let spans = [
            ("name", layer.name.take().map(|typed| typed.span())),
            ("bin", layer.bin.take().map(|typed| typed.span())),
            ("events", layer.events.take().map(|typed| typed.span())),
            ("sockets", layer.sockets.take().map(|typed| typed.span())),
        ];
        for (name, span) in spans {
            let Some(span) = span else { continue };
            let key = format!("{key}{under}.{name}");
            report.add(
                Diagnostic::error(format!("`{name}` has no default in the workspace"))
                    .at(Some(&place(source, &key, span)))
                    .label("each service has its own; write it into the package's manifest"),
            );
        }
    }
    Some(defaults)
}

/// Whether a manifest has the table; `false` if it is no TOML.
pub fn declares_service(text: &str) -> bool {
    DeTable::parse(text)
        .is_ok_and(|mut root| take(root.get_mut(), "package.metadata.service").is_some())
}

/// The tables of a package; none if it declares no service.
pub(super) fn package(source: &Arc<SourceFile>, report: &mut Report) -> Option<PackageTables> {
    let mut root = parse(source, report)?;
    let root = root.get_mut();
    let key = "package.metadata.service";
    let value = take(root, key)?;
    let span = value.span();
    let services = match value.into_inner() {
        DeValue::Array(array) if array.is_empty() => {
            report.add(
                Diagnostic::error("`package.metadata.service` is an empty array")
                    .at(Some(&place(source, key, span)))
                    .label("no service is declared here")
                    .help("write one `[[package.metadata.service]]` table for each service"),
            );
            return None;
        }
        DeValue::Array(array) => ServiceTables::Several(several(array, source, report)),
        value => {
            let value = Spanned::new(span, value);
            ServiceTables::One(Box::new(service(value, source, key, report)?))
        }
    };
    Some(PackageTables {
        services,
        settings: settings(root, source, report),
        fields: fields(root, source),
        packers: packers::read(root, source),
    })
}

fn several(array: DeArray<'_>, source: &Arc<SourceFile>, report: &mut Report) -> Vec<ServiceTable> {
    let key = |index| format!("package.metadata.service[{index}]");
    array
        .into_iter()
        .enumerate()
        .filter_map(|(index, value)| service(value, source, &key(index), report))
        .collect()
}

/// Reads one service: the overrides are tables of their own with the same keys.
fn service(
    value: Spanned<DeValue<'_>>,
    source: &Arc<SourceFile>,
    prefix: &str,
    report: &mut Report,
) -> Option<ServiceTable> {
    let mut table = table(value, source, prefix, report)?;
    let span = table.span();
    let mut target =
        |name: &str, scope| target(table.get_mut(), source, prefix, name, scope, report);
    let mut systemd = target("systemd", Scope::Systemd);
    let mut windows = target("windows", Scope::Windows);
    let own_systemd = own(
        systemd.own.take(),
        "systemd",
        Scope::Systemd,
        source,
        prefix,
        report,
    );
    let own_windows = own(
        windows.own.take(),
        "windows",
        Scope::Windows,
        source,
        prefix,
        report,
    );
    let context = Context {
        source,
        scope: Scope::Portable,
        prefix,
    };
    Some(ServiceTable {
        source: Arc::clone(source),
        prefix: prefix.to_owned(),
        span,
        portable: read(table, &context, report),
        systemd: systemd.keys,
        windows: windows.keys,
        own_systemd,
        own_windows,
        no_systemd: systemd.off,
        no_windows: windows.off,
    })
}

/// The keys of one system alone.
fn own<T: DeserializeOwned + Default>(
    table: Option<Root<'_>>,
    name: &str,
    scope: Scope,
    source: &Arc<SourceFile>,
    prefix: &str,
    report: &mut Report,
) -> T {
    let Some(table) = table else {
        return T::default();
    };
    let prefix = format!("{prefix}.{name}");
    let context = Context {
        source,
        scope,
        prefix: &prefix,
    };
    read(table, &context, report)
}

/// What a service's table says of one system.
#[derive(Default)]
struct Target<'a> {
    /// The portable keys.
    keys: Portable,
    /// The keys of that system alone, not yet read.
    own: Option<Root<'a>>,
    /// Where it says `false`.
    off: Option<Range<usize>>,
}

fn target<'a>(
    service: &mut DeTable<'a>,
    source: &Arc<SourceFile>,
    prefix: &str,
    name: &str,
    scope: Scope,
    report: &mut Report,
) -> Target<'a> {
    let Some(value) = service.remove(name) else {
        return Target::default();
    };
    let span = value.span();
    if matches!(value.get_ref(), DeValue::Boolean(false)) {
        return Target {
            off: Some(span),
            ..Target::default()
        };
    }
    let prefix = format!("{prefix}.{name}");
    let Some(mut table) = table(value, source, &prefix, report) else {
        return Target::default();
    };
    let mut own = DeTable::new();
    let names: Vec<_> = table.get_ref().keys().cloned().collect();
    for name in names {
        let is_own = keys::find(scope, name.get_ref())
            .is_some_and(|key| key.scope == scope && key.usage.is_some());
        if let Some(value) = is_own.then(|| table.get_mut().remove(&name)).flatten() {
            own.insert(name, value);
        }
    }
    let context = Context {
        source,
        scope,
        prefix: &prefix,
    };
    Target {
        keys: read(table, &context, report),
        own: Some(Spanned::new(span, own)),
        off: None,
    }
}

fn settings(root: &mut DeTable<'_>, source: &Arc<SourceFile>, report: &mut Report) -> PackageTable {
    let prefix = "package.metadata.service-package";
    let Some(table) = take(root, prefix).and_then(|value| table(value, source, prefix, report))
    else {
        return PackageTable::default();
    };
    let context = Context {
        source,
        scope: Scope::Package,
        prefix,
    };
    read(table, &context, report)
}

/// Where the strings of `[package]` stand that services take defaults from.
fn fields(root: &mut DeTable<'_>, source: &Arc<SourceFile>) -> PackageFields {
    let mut field = |key: &str| {
        take(root, key)
            .filter(|value| value.get_ref().is_str())
            .map(|value| place(source, key, value.span()))
    };
    PackageFields {
        name: field("package.name"),
        description: field("package.description"),
        documentation: field("package.documentation"),
        homepage: field("package.homepage"),
    }
}

/// A value as a table.
fn table<'a>(
    value: Spanned<DeValue<'a>>,
    source: &Arc<SourceFile>,
    key: &str,
    report: &mut Report,
) -> Option<Spanned<DeTable<'a>>> {
    let span = value.span();
    match value.into_inner() {
        DeValue::Table(table) => Some(Spanned::new(span, table)),
        other => {
            report.add(
                Diagnostic::error(format!("`{key}` is not a table"))
                    .at(Some(&place(source, key, span)))
                    .label(format!("expected a table, found {}", other.type_str())),
            );
            None
        }
    }
}
