//! `cargo svc package`: from services and their programs to the folder, the archives and `artifacts.json` of each target.
//!
//! Everything is built and checked before the first file is written, and all files of a target appear together.

mod files;
pub mod index;
mod list;
mod msi;
mod programs;
mod scripts;
mod write;

use std::path::{Path, PathBuf};

use crate::build::{Failure, Flags, System, Targets, Tool, Triple};
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::shown;
use crate::output::archive::Format;
use crate::output::date::SourceDate;
use crate::output::sign::Signer;
use crate::output::stage::{Lock, StageError};
use crate::service::Package;

use index::Finished;
use scripts::Scripts;

/// Where the declared files stand in the package folder, by their paths below the manifest; `install.sh` knows it.
const FILES: &str = "files";

/// What `cargo svc package` was asked for.
#[derive(Debug)]
pub struct Request<'a> {
    /// The packages.
    pub packages: &'a [Package],
    /// The targets.
    pub targets: Targets,
    /// How to build, or `None` to take what is built already.
    pub tool: Option<Tool>,
    /// Cargo's flags.
    pub flags: Flags,
    /// The workspace's target directory.
    pub target_dir: PathBuf,
    /// The archives to make; each target's own one if empty.
    pub formats: Vec<Format>,
    /// The date in the archives.
    pub date: SourceDate,
    /// What signs the files for Windows.
    pub signer: Option<Signer>,
}

/// Hears what is going on.
pub trait Listener {
    /// Another run holds the lock of this folder; this one waits.
    fn waiting(&mut self, folder: &Path);
    /// So many of an archive's bytes have been packed.
    fn packing(&mut self, archive: &str, done: u64, total: u64);
    /// All files of a package are in place in this folder.
    fn packaged(&mut self, package: &Package, triple: &Triple, folder: &Path, files: &[Finished]);
}

/// What stands between a request and its packages: reported already, or still to be.
enum Stop {
    Reported,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StageError> for Stop {
    fn from(error: StageError) -> Self {
        Self::Failed(Box::new(could_not(error.doing, &error.path, &error.error)))
    }
}

fn could_not(doing: &str, path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!(
        "could not {doing} {}: {error}",
        shown(path).display()
    ))
}

/// Makes the packages. `false` if an error was reported; then no target has changed that is not complete.
pub fn run(request: &Request<'_>, listener: &mut dyn Listener, report: &mut Report) -> bool {
    match package(request, listener, report) {
        Ok(()) => true,
        Err(Stop::Reported) => false,
        Err(Stop::Failed(failure)) => {
            report.add(*failure);
            false
        }
    }
}

fn package(
    request: &Request<'_>,
    listener: &mut dyn Listener,
    report: &mut Report,
) -> Result<(), Stop> {
    let mut scripts = Scripts::new(request.packages);
    // What is wrong with the metadata is said before a long build, not after it.
    let triples = request.targets.triples()?;
    for triple in &triples {
        for package in 0..request.packages.len() {
            let rendered = scripts.for_system(package, triple.system(), report);
            let lacks = rendered.and_then(scripts::Rendered::lacks);
            let package = &request.packages[package];
            if write::formats(request, triple, lacks).contains(&Format::Msi) {
                msi::check(package, triple, lacks, report);
            } else if let (Some(lacks), true) = (lacks, request.formats.is_empty()) {
                report.add(msi::left_out(package, lacks));
            }
        }
    }
    let signs = triples.iter().any(|one| one.system() == System::Windows);
    if request.signer.is_some() && !signs {
        report.add(
            Diagnostic::error(
                "`--sign` signs programs, scripts and packages for Windows, and none is made",
            )
            .help("name a target with `--target`, or leave `--sign` out"),
        );
    }
    if report.has_errors() {
        return Err(Stop::Reported);
    }
    let folder = request.target_dir.join("svc");
    // Held while building too: what is packaged is then what this run has built.
    let _lock = Lock::take(&folder, &mut || listener.waiting(&folder))?;
    let targets = programs::gather(request, &triples)?;
    for target in &targets {
        programs::check(request, target, report);
    }
    if report.has_errors() {
        return Err(Stop::Reported);
    }
    for target in &targets {
        write::target(request, target, &mut scripts, &folder, listener, report)?;
    }
    Ok(())
}

/// Compares the programs that are built already with the services of the packages, as `package --no-build` would. Gives back
/// those that there are; a machine that no service can be made for has none.
///
/// # Errors
/// Cargo's configuration cannot be read, or no service can be made for a target that was asked for.
pub fn compare_built(
    packages: &[Package],
    targets: &Targets,
    flags: &Flags,
    target_dir: &Path,
    report: &mut Report,
) -> Result<Vec<PathBuf>, Failure> {
    programs::compare_built(packages, targets, flags, target_dir, report)
}
