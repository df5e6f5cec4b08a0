//! The programs of each target: built, or found where cargo has put them, and compared with the manifest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Request, Stop};
use crate::build::{self, Executable, Flags, System, Targets, Triple, Wanted};
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::shown;
use crate::service::Package;

/// A target with the programs of every package, in the order of the request's packages.
pub(super) struct Target {
    pub(super) triple: Triple,
    pub(super) programs: Vec<Vec<Executable>>,
}

/// Builds or finds the programs.
pub(super) fn gather(request: &Request<'_>, triples: &[Triple]) -> Result<Vec<Target>, Stop> {
    let mut targets: Vec<Target> = Vec::new();
    for (index, package) in request.packages.iter().enumerate() {
        for executable in of_package(request, package, triples)? {
            let place = targets
                .iter()
                .position(|target| target.triple == executable.triple);
            let place = place.unwrap_or_else(|| {
                targets.push(Target {
                    triple: executable.triple.clone(),
                    programs: vec![Vec::new(); request.packages.len()],
                });
                targets.len() - 1
            });
            let wanted = bins(package, executable.triple.system()).contains(&executable.bin);
            let programs = &mut targets[place].programs[index];
            if wanted && !programs.contains(&executable) {
                programs.push(executable);
            }
        }
    }
    Ok(targets)
}

fn of_package(
    request: &Request<'_>,
    package: &Package,
    triples: &[Triple],
) -> Result<Vec<Executable>, Stop> {
    // Which binary a service runs may differ from system to system.
    let bins_for = |triples: &[Triple]| -> BTreeSet<String> {
        triples
            .iter()
            .flat_map(|triple| bins(package, triple.system()))
            .collect()
    };
    let Some(tool) = &request.tool else {
        let bins = bins_for(triples);
        let found = build::locate(
            wanted(request, package, &bins),
            &request.targets,
            &request.flags,
        )?;
        for executable in &found {
            let wanted = self::bins(package, executable.triple.system()).contains(&executable.bin);
            if wanted && !executable.path.is_file() {
                return Err(Box::new(not_built(request, package, executable)).into());
            }
        }
        return Ok(found);
    };
    let mut built = Vec::new();
    for target in request.targets.for_cargo() {
        let own = match target {
            Some(target) => triples
                .iter()
                .filter(|triple| Triple::parse(target).as_ref() == Ok(triple))
                .cloned()
                .collect(),
            None => triples.to_vec(),
        };
        let bins = bins_for(&own);
        let host = || request.targets.host();
        built.extend(build::build(
            wanted(request, package, &bins),
            target,
            tool,
            &request.flags,
            &host,
        )?);
    }
    Ok(built)
}

fn wanted<'a>(
    request: &'a Request<'_>,
    package: &'a Package,
    bins: &'a BTreeSet<String>,
) -> Wanted<'a> {
    Wanted {
        package: &package.name,
        root: &package.root,
        bins,
        target_dir: &request.target_dir,
    }
}

/// The binaries that a package's services run on a system.
pub(super) fn bins(package: &Package, system: System) -> BTreeSet<String> {
    package
        .services_for(system)
        .map(|service| service.on(system).bin.value.clone())
        .collect()
}

fn not_built(request: &Request<'_>, package: &Package, executable: &Executable) -> Diagnostic {
    let profile = match request.flags.profile() {
        "release" => " --release".to_owned(),
        profile => format!(" --profile {profile}"),
    };
    let target: String = request
        .targets
        .for_cargo()
        .into_iter()
        .flatten()
        .filter(|target| Triple::parse(target).as_ref() == Ok(&executable.triple))
        .flat_map(|target| [" --target ", target])
        .collect();
    Diagnostic::error(format!(
        "there is no executable at {}",
        shown(&executable.path).display()
    ))
    .help(format!(
        "run `cargo build --package {} --bin {}{profile}{target}` first, or leave out `--no-build`",
        package.name, executable.bin
    ))
}

/// Compares every program with what the manifest says of its services.
pub(super) fn check(request: &Request<'_>, target: &Target, report: &mut Report) {
    for (package, programs) in request.packages.iter().zip(&target.programs) {
        crate::agree::compare(package, &target.triple, programs, report);
    }
}

/// See [`super::compare_built`].
pub(super) fn compare_built(
    packages: &[Package],
    targets: &Targets,
    flags: &Flags,
    target_dir: &Path,
    report: &mut Report,
) -> Result<Vec<PathBuf>, build::Failure> {
    let triples = match targets.triples() {
        Ok(triples) => triples,
        // On macOS the services of both systems can be checked, and no program of theirs is built unless it is asked for.
        Err(_) if targets.is_host_only()? => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let mut compared = Vec::new();
    for package in packages {
        for triple in &triples {
            let bins = bins(package, triple.system());
            let wanted = Wanted {
                package: &package.name,
                root: &package.root,
                bins: &bins,
                target_dir,
            };
            let found: Vec<Executable> = build::locate(wanted, targets, flags)?
                .into_iter()
                .filter(|executable| executable.triple == *triple && executable.path.is_file())
                .collect();
            crate::agree::compare(package, triple, &found, report);
            compared.extend(found.into_iter().map(|executable| executable.path));
        }
    }
    Ok(compared)
}
