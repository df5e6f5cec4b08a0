//! `cargo svc print KIND`: one artifact on standard output, byte for byte.

use clap::ValueEnum;

use super::artifacts::{
    debian_scripts, metadata, rpm_scripts, scripts, units, windows_scripts, wix_sources,
};
use super::bins;
use crate::build::System;
use crate::cli::Outcome;
use crate::cli::args::{ManifestArgs, PackageArg};
use crate::cli::session::{Session, cannot_print};
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::{guess, list};
use crate::render::distribution::{Debian, Rpm};
use crate::render::gathered;
use crate::render::{self, Artifact, Kind};
use crate::service::Package;

/// `cargo svc print`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to print
    #[arg(value_name = "KIND")]
    kind: Printable,
    /// Service whose unit is printed, where the package has several, or a unit's file name, such as `beacon-http.socket`
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Binary whose service's unit is printed
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    #[command(flatten)]
    package: PackageArg,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// What can be printed: the files that `generate` writes, and the tables that Cargo.toml needs for other tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Printable(Kind);

impl ValueEnum for Printable {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self(Kind::Unit),
            Self(Kind::Sysusers),
            Self(Kind::Tmpfiles),
            Self(Kind::InstallSh),
            Self(Kind::UninstallSh),
            Self(Kind::DebMetadata),
            Self(Kind::Debian(Debian::Preinst)),
            Self(Kind::Debian(Debian::Postinst)),
            Self(Kind::Debian(Debian::Prerm)),
            Self(Kind::Debian(Debian::Postrm)),
            Self(Kind::RpmMetadata),
            Self(Kind::Rpm(Rpm::Pre)),
            Self(Kind::Rpm(Rpm::Post)),
            Self(Kind::Rpm(Rpm::Preun)),
            Self(Kind::Rpm(Rpm::Postun)),
            Self(Kind::InstallPs1),
            Self(Kind::UninstallPs1),
            Self(Kind::InstallCmd),
            Self(Kind::UninstallCmd),
            Self(Kind::WixV3),
            Self(Kind::WixV3Product),
            Self(Kind::WixV4),
            Self(Kind::WixV4Product),
            Self(Kind::WixLicence),
            Self(Kind::GitAttributes),
        ]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()))
    }
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    let Some(artifact) = find(args, session) else {
        return Outcome::Refused;
    };
    match session.shell.result(&artifact.contents) {
        Ok(()) => Outcome::Done,
        Err(error) => session.refuse(cannot_print(&error)),
    }
}

fn find(args: &Args, session: &mut Session) -> Option<Artifact> {
    let chosen = [("service", &args.service), ("bin", &args.bin)]
        .into_iter()
        .find(|(_, name)| name.is_some() && args.kind.0 != Kind::Unit);
    if let Some((flag, _)) = chosen {
        session.report.add(
            Diagnostic::error(format!(
                "`--{flag}` chooses a unit, and {} is one for the whole package",
                args.kind.0.word()
            ))
            .help(format!("leave `--{flag}` out")),
        );
        return None;
    }
    let workspace = session.workspace(&args.manifest)?;
    // Only what is printed is planned, so that another target's errors are not in the way.
    let judge = |package: &Package, report: &mut Report| {
        artifacts_of(args.kind.0, package, report);
    };
    let packages = session.packages(&workspace, &args.package.selection(), judge)?;
    let picked = match bins::pick(&packages, args.bin.as_slice(), &[System::Linux]) {
        Ok(picked) => picked,
        Err(error) => {
            session.report.add(*error);
            return None;
        }
    };
    let [picked] = picked.as_slice() else {
        let names: Vec<_> = picked.iter().map(|package| package.name.clone()).collect();
        session.report.add(
            Diagnostic::error("several packages of the workspace have services")
                .help(format!("choose one with `-p`: {}", list(&names))),
        );
        return None;
    };
    let package = packages
        .iter()
        .find(|package| package.root == picked.root)?;
    let artifacts = artifacts_of(args.kind.0, package, &mut session.report)?;
    let artifacts = artifacts
        .into_iter()
        .filter(|artifact| artifact.kind == args.kind.0)
        .collect();
    one(
        args.kind.0,
        artifacts,
        picked,
        args.service.as_deref(),
        session,
    )
}

/// All artifacts of the package that come from the plan of this kind of them.
fn artifacts_of(kind: Kind, package: &Package, report: &mut Report) -> Option<Vec<Artifact>> {
    match kind {
        Kind::GitAttributes => Some(gathered(render::git_attributes)),
        Kind::InstallSh | Kind::UninstallSh => scripts(package, report),
        Kind::Debian(_) => debian_scripts(package, report),
        Kind::Rpm(_) => rpm_scripts(package, report),
        Kind::DebMetadata => metadata(package, render::distribution::deb_metadata, report),
        Kind::RpmMetadata => metadata(package, render::distribution::rpm_metadata, report),
        Kind::InstallPs1 | Kind::UninstallPs1 | Kind::InstallCmd | Kind::UninstallCmd => {
            windows_scripts(package, report)
        }
        Kind::WixV3 | Kind::WixV3Product | Kind::WixV4 | Kind::WixV4Product | Kind::WixLicence => {
            wix_sources(package, report)
        }
        _ => units(package, report),
    }
}

/// The one artifact that is meant, for one of the services of this package.
fn one(
    kind: Kind,
    mut artifacts: Vec<Artifact>,
    package: &Package,
    service: Option<&str>,
    session: &mut Session,
) -> Option<Artifact> {
    let names: Vec<_> = package
        .services
        .iter()
        .map(|service| service.systemd.name.value.to_string())
        .collect();
    let file = |artifact: &Artifact| artifact.path.rsplit('/').next().map(str::to_owned);
    let unit = artifacts
        .iter()
        .position(|artifact| service.is_some() && file(artifact).as_deref() == service);
    if let Some(unit) = unit {
        return Some(artifacts.swap_remove(unit));
    }
    let chosen = match service {
        Some(service) if !names.iter().any(|name| name == service) => {
            session.report.add(
                Diagnostic::error(format!(
                    "package `{}` has no service `{service}`",
                    package.name
                ))
                .help(guess(service, &names)),
            );
            return None;
        }
        Some(service) => vec![service.to_owned()],
        None => names.clone(),
    };
    artifacts.retain(|artifact| {
        artifact.kind != Kind::Unit || chosen.iter().any(|name| artifact.is_of(name))
    });
    if artifacts.is_empty() {
        session.report.add(
            Diagnostic::error(format!("package `{}` has no {}", package.name, kind.word()))
                .help("nothing that it declares calls for one"),
        );
        return None;
    }
    if artifacts.len() > 1 {
        session.report.add(
            Diagnostic::error(format!("package `{}` has several services", package.name))
                .help(format!("choose one with `--service`: {}", list(&names))),
        );
        return None;
    }
    artifacts.pop()
}
