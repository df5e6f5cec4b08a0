//! `cargo svc check`: is the metadata right, do the committed files say the same, and does the program that is built?

use super::artifacts::{judge, unit_paths};
use super::bins;
use super::exposure;
use super::generate::{compare, sets_of};
use crate::build::System;
use crate::cli::Outcome;
use crate::cli::args::{BinArgs, FormatArgs, ManifestArgs, SelectionArgs, TargetArgs};
use crate::cli::session::Session;
use crate::diagnostics::Diagnostic;
use crate::manifest::shown;
use crate::package;
use crate::service::Package;

/// `cargo svc check`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The program is looked for where `cargo build --release` puts it, for the targets that would be built; --target, --profile and \
--target-dir say otherwise. A program that is not there is not an error, since nothing is built here. With --bin, the files \
that are compared are the services' own units: the scripts belong to the whole package.

The exposure of a unit is what `systemd-analyze security` of version 252 would say of it, from 0.0 to 10.0; lower is safer. \
With --verbose everything is listed that would lower it.")]
pub struct Args {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    bins: BinArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    session.shell.set_format(args.format.message_format);
    match check(args, session) {
        Ok(outcome) => outcome,
        Err(Some(error)) => session.refuse(*error),
        Err(None) => Outcome::Refused,
    }
}

/// An error, or none if it was reported already.
type Stop = Option<Box<Diagnostic>>;

fn check(args: &Args, session: &mut Session) -> Result<Outcome, Stop> {
    let workspace = session.workspace(&args.manifest).ok_or(None)?;
    let packages = session
        .packages(&workspace, &args.selection.selection(), judge)
        .ok_or(None)?;
    let systems = [System::Linux, System::Windows];
    let picked = bins::pick(&packages, &args.bins.bin, &systems)?;
    // A service's files come from a plan of its whole package.
    let whole: Vec<Package> = packages
        .into_iter()
        .filter(|package| picked.iter().any(|picked| picked.root == package.root))
        .collect();
    let mut sets = sets_of(&whole, session).ok_or(None)?;
    if !args.bins.bin.is_empty() {
        for (set, (whole, picked)) in sets.iter_mut().zip(whole.iter().zip(&picked)) {
            set.narrow(unit_paths(whole, &picked.services));
        }
    }
    let committed = compare(&sets, false, session)?;
    for package in &picked {
        exposure::tell(package, session);
    }
    let target_dir = args
        .target
        .target_dir(&workspace)
        .map_err(|error| Box::new(Diagnostic::error(format!("--target-dir: {error}"))))?;
    let before = session.report.errors();
    let programs = package::compare_built(
        &picked,
        &args.target.targets(),
        &args.target.flags(),
        &target_dir,
        &mut session.report,
    )?;
    if session.report.errors() > before {
        return Ok(Outcome::Found);
    }
    for program in programs {
        session.shell.status("Checked", shown(&program).display());
    }
    Ok(committed)
}
