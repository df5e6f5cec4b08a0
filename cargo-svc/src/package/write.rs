//! Writing what belongs to one target: each package's folder and archives, then the index.

use std::path::{Path, PathBuf};

use super::index::{self, Finished};
use super::list;
use super::msi;
use super::programs::Target;
use super::scripts::Scripts;
use super::{Listener, Request, Stop, could_not};
use crate::build::{Executable, System, Triple};
use crate::diagnostics::{Diagnostic, Report};
use crate::output::archive::{self, Contents, Format, Member};
use crate::output::folder::{self, Content, Entry, FileDigest, Written};
use crate::output::sign::Signer;
use crate::output::stage::Stage;
use crate::plan::windows::installer::Lacks;
use crate::render::Kind;
use crate::service::Package;

/// Longest file name, in bytes, that common file systems take (Linux, `limits.h`; Microsoft, "Maximum Path Length
/// Limitation").
const LONGEST_NAME: usize = 255;

/// Writes everything of a target; it appears together, once it is complete.
pub(super) fn target(
    request: &Request<'_>,
    target: &Target,
    scripts: &mut Scripts<'_>,
    svc: &Path,
    listener: &mut dyn Listener,
    report: &mut Report,
) -> Result<(), Stop> {
    let triple = &target.triple;
    let place = svc.join(triple.as_str());
    let stage = Stage::begin(&place, index::NAME)?;
    let staging = stage.folder();
    let mut finished = Vec::new();
    for (number, package) in request.packages.iter().enumerate() {
        let Some(rendered) = scripts.for_system(number, triple.system(), report) else {
            return Err(Stop::Reported);
        };
        let programs = &target.programs[number];
        let name = folder_name(package, triple)?;
        let signer = request
            .signer
            .as_ref()
            .filter(|_| triple.system() == System::Windows);
        let written = write_folder(
            package,
            triple,
            signer,
            &staging.join(&name),
            &rendered.entries,
            programs,
        )?;
        let mut files: Vec<Finished> = written
            .iter()
            .map(|file| Finished {
                kind: file.kind,
                path: format!("{name}/{}", file.member.path),
                digest: file.digest.clone(),
            })
            .collect();
        for format in formats(request, triple, rendered.lacks()) {
            let archive = Archive {
                file: format!("{name}-{triple}.{format}"),
                folder: staging.join(&name),
                name: &name,
                written: &written,
            };
            files.push(match (format, &rendered.installer) {
                (Format::Msi, Some(Ok(installer))) => {
                    let database = msi::Wanted {
                        installer,
                        package,
                        triple,
                        date: request.date,
                    };
                    let mut made = msi::write(&database, &archive, &staging, listener)?;
                    if let Some(signer) = signer {
                        made.digest = sign(signer, &staging.join(&made.path))?;
                    }
                    made
                }
                _ => write_archive(request, format, &archive, &staging, listener)?,
            });
        }
        files.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
        finished.push((package, files));
    }
    let index = Entry {
        kind: Kind::PackageList,
        member: Member {
            path: index::NAME.to_owned(),
            executable: false,
        },
        content: Content::Bytes(index::index(triple, &finished)),
    };
    folder::write(&staging, index)?;
    stage.commit()?;
    for (package, files) in &finished {
        listener.packaged(package, triple, &place, files);
    }
    Ok(())
}

/// A file that holds a package.
pub(super) struct Archive<'a> {
    /// Its name.
    pub(super) file: String,
    /// The package's folder.
    pub(super) folder: PathBuf,
    /// The folder's name.
    pub(super) name: &'a str,
    /// What is in it.
    pub(super) written: &'a [Written],
}

/// What to make: what was asked for, each once, or what the target's users expect; that holds no installer of a package of which
/// Windows Installer cannot carry out everything.
pub(super) fn formats(
    request: &Request<'_>,
    triple: &Triple,
    lacks: Option<&Lacks>,
) -> Vec<Format> {
    let mut formats = request.formats.clone();
    if formats.is_empty() {
        match triple.system() {
            System::Linux => formats.push(Format::TarGz),
            System::Windows if msi::has_architecture(triple) && lacks.is_none() => {
                formats.extend([Format::Zip, Format::Msi]);
            }
            System::Windows => formats.push(Format::Zip),
        }
    }
    formats.sort_unstable();
    formats.dedup();
    formats
}

/// `<package>-<version>`. Both are made of characters that every file system takes, but they can be too long for one.
fn folder_name(package: &Package, triple: &Triple) -> Result<String, Stop> {
    let name = format!("{}-{}", package.name, package.version);
    let longest = format!("{name}-{triple}.{}", Format::TarGz);
    if longest.len() > LONGEST_NAME {
        return Err(Stop::Failed(Box::new(
            Diagnostic::error(format!(
                "the name of the archive, `{longest}`, has {} bytes, and file systems take at most {LONGEST_NAME}",
                longest.len()
            ))
            .help("shorten `package.name` or the build metadata of `package.version`"),
        )));
    }
    Ok(name)
}

fn write_folder(
    package: &Package,
    triple: &Triple,
    signer: Option<&Signer>,
    folder: &Path,
    others: &[Entry],
    programs: &[Executable],
) -> Result<Vec<Written>, Stop> {
    folder::make(folder)?;
    let programs = programs.iter().map(|program| Entry {
        kind: Kind::Program,
        member: Member {
            path: format!("bin/{}", triple.executable(&program.bin)),
            executable: true,
        },
        content: Content::Copy(program.path.clone()),
    });
    let mut written = Vec::new();
    for entry in programs.chain(others.iter().cloned()) {
        let mut file = folder::write(folder, entry)?;
        // Before anything is packed, and before a hash of it is written down.
        if let Some(signer) = signer.filter(|_| is_signed(file.kind)) {
            file.digest = sign(signer, &folder.join(&file.member.path))?;
        }
        written.push(file);
    }
    let list = Entry {
        kind: Kind::PackageList,
        member: Member {
            path: list::NAME.to_owned(),
            executable: false,
        },
        content: Content::Bytes(list::list(package, triple, &written)),
    };
    written.push(folder::write(folder, list)?);
    Ok(written)
}

/// What Windows asks a signature of: programs, and the scripts that PowerShell runs.
const fn is_signed(kind: Kind) -> bool {
    matches!(kind, Kind::Program | Kind::InstallPs1 | Kind::UninstallPs1)
}

fn sign(signer: &Signer, path: &Path) -> Result<FileDigest, Stop> {
    signer.sign(path).map_err(|why| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Stop::Failed(Box::new(
            Diagnostic::error(format!("could not sign {name}: {why}")).help(
                "`--sign` gives the command the file's path: as `{file}`, or as its last word",
            ),
        ))
    })?;
    Ok(folder::digest(path)?)
}

fn write_archive(
    request: &Request<'_>,
    format: Format,
    archive: &Archive<'_>,
    staging: &Path,
    listener: &mut dyn Listener,
) -> Result<Finished, Stop> {
    let path = staging.join(&archive.file);
    let written = archive.written.iter();
    let members: Vec<Member> = written.clone().map(|file| file.member.clone()).collect();
    let total = written.map(|file| file.digest.size).sum();
    let contents = Contents {
        folder: &archive.folder,
        name: archive.name,
        members: &members,
        date: request.date,
    };
    archive::write(format, contents, &path, &mut |done| {
        listener.packing(&archive.file, done, total);
    })
    .map_err(|failure| Box::new(could_not("pack", &failure.path, &failure.error)))?;
    Ok(Finished {
        kind: match format {
            Format::TarGz => Kind::TarGz,
            Format::Zip => Kind::Zip,
            Format::Msi => Kind::Msi,
        },
        digest: folder::digest(&path)?,
        path: archive.file.clone(),
    })
}
