//! One run of a command: what it was told, and what it found.

use std::path::Path;

use rayon::prelude::*;

use super::Outcome;
use super::args::{ManifestArgs, UiArgs};
use super::shell::{Format, Shell};
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::{self, Beside, CargoOptions, Selection, Workspace};
use crate::service::{self, Package};

/// The findings of a run, and where they are shown.
pub struct Session {
    /// Where they are shown.
    pub shell: Shell,
    /// What was found.
    pub report: Report,
    /// How many of them were shown.
    shown: usize,
}

impl Session {
    /// A run that has found nothing yet.
    pub fn new(ui: &UiArgs) -> Self {
        Self {
            shell: Shell::new(ui),
            report: Report::default(),
            shown: 0,
        }
    }

    /// Asks cargo for the workspace; `None` if that failed, which was reported.
    pub fn workspace(&mut self, args: &ManifestArgs) -> Option<Workspace> {
        self.workspace_beside(args, Box::new(|_| ()))
    }

    /// Asks cargo for the workspace likewise, and does something beside that.
    pub fn workspace_beside(&mut self, args: &ManifestArgs, beside: Beside) -> Option<Workspace> {
        let mut flags = args.flags();
        if self.shell.is_quiet() {
            flags.push("--quiet".into());
        }
        if let Some(color) = self.shell.asked_color() {
            flags.extend(["--color".into(), color.word().into()]);
        }
        let options = CargoOptions {
            manifest_path: args.manifest_path.clone(),
            flags,
        };
        manifest::workspace(&options, beside, &mut self.report)
    }

    /// Reads and validates the selected packages. `None` if there is an error in any of them; all were reported, also those that
    /// the command's own stages find in what is left of the packages: `judge` are these stages.
    pub fn packages(
        &mut self,
        workspace: &Workspace,
        selection: &Selection,
        judge: impl Fn(&Package, &mut Report),
    ) -> Option<Vec<Package>> {
        let manifests = manifest::load(workspace, selection, &mut self.report);
        let read = &self.report;
        let resolved: Vec<_> = manifests
            .par_iter()
            .map(|manifest| {
                // What was wrong with its tables excuses what is missing in it.
                let mut report = Report::default();
                read.errors_in(&manifest.source)
                    .for_each(|error| report.add(error.clone()));
                (service::resolve_in_part(manifest, &mut report), report)
            })
            .collect();
        let mut packages = Vec::with_capacity(resolved.len());
        for (package, report) in resolved {
            packages.extend(package);
            self.report.append(report);
        }
        if !self.report.has_errors() {
            return Some(packages);
        }
        let mut found = Report::default();
        for package in &packages {
            judge(package, &mut found);
        }
        self.report.add_independent(found);
        None
    }

    /// Reports an error that ends the command.
    pub fn refuse(&mut self, error: Diagnostic) -> Outcome {
        self.report.add(error);
        Outcome::Refused
    }

    /// Shows what was found since the last time.
    pub fn show(&mut self) {
        let mut found: Vec<_> = self.report.diagnostics()[self.shown..].iter().collect();
        // A person reads a file from its top.
        found.sort_by(|one, other| at(one).cmp(&at(other)));
        // What has no place sums up what has one.
        let placed = found.iter().filter(|found| found.place.is_some());
        for found in placed.chain(found.iter().filter(|found| found.place.is_none())) {
            self.shell.diagnostic(found);
        }
        self.shown = self.report.diagnostics().len();
    }

    /// Shows the rest. An error makes a command fail that did not say so itself.
    pub fn close(mut self, outcome: Outcome) -> Outcome {
        self.show();
        if let Some(error) = self.shell.take_lost() {
            // For people in any case: the lines for programs are what cannot be written.
            self.shell.set_format(Format::Human);
            self.report.add(cannot_print(&error));
            self.show();
            return Outcome::Refused;
        }
        match outcome {
            Outcome::Done if self.report.has_errors() => Outcome::Refused,
            outcome => outcome,
        }
    }
}

/// Where a finding points.
fn at(found: &Diagnostic) -> Option<(&Path, usize)> {
    let place = found.place.as_ref()?;
    Some((&place.source.path, place.span.start))
}

/// Standard output cannot be written.
pub fn cannot_print(error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("cannot write to standard output: {error}"))
}
