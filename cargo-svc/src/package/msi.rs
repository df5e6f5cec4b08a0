//! The package for Windows Installer.

use std::path::Path;

use super::index::Finished;
use super::write::Archive;
use super::{FILES, Listener, Stop, could_not};
use crate::build::{System, Triple};
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::output::date::SourceDate;
use crate::output::folder;
use crate::output::msi::{MOST, Member, write as write_database};
use crate::plan::windows::installer::{Installer, Lacks, Source};
use crate::render::Kind;
use crate::render::msi::{Architecture, Packed, database};
use crate::service::{Package, version};

/// What is made of what.
pub(super) struct Wanted<'a> {
    pub(super) installer: &'a Installer,
    pub(super) package: &'a Package,
    pub(super) triple: &'a Triple,
    pub(super) date: SourceDate,
}

/// Whether packages for Windows Installer are made for this target's processor.
pub(super) fn has_architecture(triple: &Triple) -> bool {
    architecture(triple).is_some()
}

fn architecture(triple: &Triple) -> Option<Architecture> {
    Architecture::of(triple.architecture())
}

/// Refuses what Windows Installer cannot hold, before anything is built.
pub(super) fn check(
    package: &Package,
    triple: &Triple,
    lacks: Option<&Lacks>,
    report: &mut Report,
) {
    if triple.system() != System::Windows {
        report.add(
            Diagnostic::error(format!("`msi` is for Windows, and {triple} is not"))
                .help("choose the formats for each system in a run of its own"),
        );
        return;
    }
    if !has_architecture(triple) {
        report.add(
            Diagnostic::error(format!("no `msi` can be made for {triple}"))
                .help("it is for x86_64 and aarch64; write `--format zip` for other processors"),
        );
    }
    if let Some(lacks) = lacks {
        let found = Diagnostic::error(format!(
            "no `msi` can be made of package `{}`: Windows Installer cannot carry out {lacks}",
            package.name
        ));
        report.add(
            lacks
                .show(found)
                .help("write `--format zip`: the scripts for Windows carry out everything"),
        );
    }
    if let Err(why) = product_version(package) {
        report.add(
            Diagnostic::error(format!(
                "Windows Installer cannot hold the version {}: {why}",
                package.version
            ))
            .help("write `version = \"1.2.3.4\"` in `[package.metadata.service-package]`: the one that Windows Installer is told")
            .help("or leave the installer out with `--format zip`"),
        );
    }
    if package.settings.upgrade_code.is_none() {
        report.add(
            Diagnostic::warning(format!(
                "`upgrade-code` of package `{}` is derived from its name and repository",
                package.name
            ))
            .help("`cargo svc init` writes one down: renamed, the package would else not replace its older versions"),
        );
    }
}

/// Says that a package gets no `msi`, where nobody asked for one.
pub(super) fn left_out(package: &Package, lacks: &Lacks) -> Diagnostic {
    lacks
        .show(Diagnostic::warning(format!(
            "package `{}` gets no `msi`: Windows Installer cannot carry out {lacks}",
            package.name
        )))
        .help("the scripts in the zip carry out everything")
}

fn product_version(package: &Package) -> Result<String, String> {
    match &package.settings.version {
        Some(Declared { value, .. }) => Ok(value.clone()),
        None => version::product(&package.version),
    }
}

/// Writes the package, with the programs as they are in the package's folder.
pub(super) fn write(
    wanted: &Wanted<'_>,
    archive: &Archive<'_>,
    staging: &Path,
    listener: &mut dyn Listener,
) -> Result<Finished, Stop> {
    let path = staging.join(&archive.file);
    let refuse = |why: String| Stop::Failed(Box::new(Diagnostic::error(why)));
    let (Ok(version), Some(architecture)) =
        (product_version(wanted.package), architecture(wanted.triple))
    else {
        // Both were checked before the build.
        return Err(Stop::Reported);
    };
    let (mut members, mut packed) = (Vec::new(), Vec::new());
    for (_, file) in wanted.installer.files() {
        let source = match &file.source {
            Source::Program(name) => format!("bin/{name}"),
            Source::Declared(path) => format!("{FILES}/{path}"),
        };
        let mut written = archive.written.iter();
        let Some(known) = written.find(|known| known.member.path == source) else {
            return Err(refuse(format!(
                "the package's folder lacks {source}, which the installer needs"
            )));
        };
        members.push(Member {
            name: file.id.clone(),
            path: archive.folder.join(&source),
            size: known.digest.size,
        });
        packed.push(Packed {
            size: known.digest.size,
            sha256: known.digest.sha256.clone(),
        });
    }
    let total: u64 = members.iter().map(|member| member.size).sum();
    if total > MOST {
        return Err(refuse(format!(
            "the files of package `{}` have {total} bytes together, and a cabinet holds at most {MOST}",
            wanted.package.name
        )));
    }
    let database = database(wanted.installer, &version, architecture, &packed);
    write_database(&database, &members, wanted.date, &path, &mut |done| {
        listener.packing(&archive.file, done, total);
    })
    .map_err(|failure| Box::new(could_not("pack", &failure.path, &failure.error)))?;
    Ok(Finished {
        kind: Kind::Msi,
        digest: folder::digest(&path)?,
        path: archive.file.clone(),
    })
}
