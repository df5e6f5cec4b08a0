//! The ordinary stages in memory: what `cargo svc generate` would write of some tables.

use std::path::PathBuf;
use std::sync::Arc;

use cargo_metadata::Package;

use crate::build::System;
use crate::diagnostics::{Report, SourceFile};
use crate::manifest::{self, is_bin, uses_runtime};
use crate::plan::systemd::{Placement, sketch};
use crate::render::gathered;
use crate::render::linux::units;
use crate::render::{Artifact, Kind};
use crate::service;

/// Where the tables go.
pub struct World {
    /// What cargo knows of the package.
    pub package: Package,
    /// The Cargo.toml that they are added to; its text is empty if there is none.
    pub source: SourceFile,
    /// The workspace's Cargo.toml, if that is another file.
    pub root: Option<Arc<SourceFile>>,
    /// Whether there is such a package at all.
    pub is_real: bool,
}

impl World {
    /// A package that is not known: it has these binaries.
    pub(super) fn any(bins: &[String], uses_runtime: bool) -> Result<Self, serde_json::Error> {
        Ok(Self {
            package: manifest::import::any_package(bins, uses_runtime)?,
            source: SourceFile {
                path: PathBuf::from("Cargo.toml"),
                text: String::new(),
            },
            root: None,
            is_real: false,
        })
    }

    /// The package's programs.
    pub(super) fn bins(&self) -> Vec<&str> {
        let bins = self.package.targets.iter().filter(|target| is_bin(target));
        bins.map(|target| target.name.as_str()).collect()
    }

    /// The program that a service has which names none.
    pub(super) fn default_bin(&self) -> Option<&str> {
        match (self.package.default_run.as_deref(), self.bins().as_slice()) {
            (Some(bin), _) => Some(bin),
            (None, [bin]) => Some(bin),
            (None, _) => None,
        }
    }

    /// Whether its programs use svc-rt.
    pub(super) fn uses_runtime(&self) -> bool {
        uses_runtime(&self.package, System::Linux)
    }

    /// The units of these tables.
    pub(super) fn units(&self, tables: &str) -> Result<Vec<Artifact>, Report> {
        let mut report = Report::default();
        let units = self.try_units(tables, &mut report);
        match units {
            Some(units) if !report.has_errors() => Ok(units),
            _ => Err(report),
        }
    }

    fn try_units(&self, tables: &str, report: &mut Report) -> Option<Vec<Artifact>> {
        let text = if self.source.text.is_empty() {
            tables.to_owned()
        } else {
            format!("{}\n{tables}", self.source.text)
        };
        let source = Arc::new(SourceFile {
            path: self.source.path.clone(),
            text,
        });
        let root = self.root.as_ref().unwrap_or(&source);
        let manifest = manifest::from_source(&self.package, &source, root, report)?;
        let package = service::resolve(&manifest, report)?;
        let plan = sketch(&package, Placement::Distribution, report)?;
        let units = gathered(|files| units(&plan, files)).into_iter();
        Some(units.filter(|unit| unit.kind == Kind::Unit).collect())
    }
}
