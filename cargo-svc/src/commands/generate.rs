//! `cargo svc generate`: writes the files that are committed, or says which of them are not what they should be.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::artifacts::{committed, failed, folder};
use crate::cli::Outcome;
use crate::cli::args::{FormatArgs, ManifestArgs, SelectionArgs};
use crate::cli::session::{Session, cannot_print};
use crate::cli::shell::Format;
use crate::diagnostics::Diagnostic;
use crate::manifest::shown;
use crate::output::committed::{Committed, Failure, State};
use crate::output::diff;
use crate::render::Artifact;
use crate::service::Package;

/// `cargo svc generate`
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Files go to `packaging/` beside the package's Cargo.toml, or to `output-dir` of \
`[package.metadata.service-package]`. No build is needed. A file there that an earlier run wrote for a service that is no \
longer declared is removed."
)]
pub struct Args {
    /// Write nothing; print a unified diff and exit with 1 if a file is not what it should be
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    session.shell.set_format(args.format.message_format);
    let Some(sets) = sets(&args.manifest, &args.selection, session) else {
        return Outcome::Refused;
    };
    if args.check {
        let outcome = compare(&sets, true, session);
        return outcome.unwrap_or_else(|error| session.refuse(*error));
    }
    let mut changes = 0;
    for set in &sets {
        match write(set, session) {
            Ok(files) => changes += files,
            Err(error) => return session.refuse(*error),
        }
    }
    if changes == 0 {
        tell_fresh(sets.iter().map(|set| set.artifacts.len()).sum(), session);
    }
    Outcome::Done
}

/// The files of a package.
pub(super) struct Set {
    folder: Committed,
    artifacts: Vec<Artifact>,
    /// Whether these are all files of the package.
    whole: bool,
}

impl Set {
    /// Leaves the artifacts with these paths alone.
    pub(super) fn narrow(&mut self, paths: &[String]) {
        self.whole = false;
        self.artifacts
            .retain(|artifact| paths.contains(&artifact.path));
    }
}

/// The files of the selected packages. `None` if something is wrong with any of them: then nothing is written.
fn sets(
    manifest: &ManifestArgs,
    selection: &SelectionArgs,
    session: &mut Session,
) -> Option<Vec<Set>> {
    let workspace = session.workspace(manifest)?;
    let packages = session.packages(&workspace, &selection.selection())?;
    sets_of(&packages, session)
}

/// The files of these packages, likewise.
pub(super) fn sets_of(packages: &[Package], session: &mut Session) -> Option<Vec<Set>> {
    let sets: Vec<_> = packages
        .iter()
        .filter_map(|package| set(package, session))
        .collect();
    session.show();
    (!session.report.has_errors()).then_some(sets)
}

fn set(package: &Package, session: &mut Session) -> Option<Set> {
    let artifacts = committed(package, &mut session.report);
    match folder(package) {
        Ok(folder) => Some(Set {
            folder,
            artifacts: artifacts?,
            whole: true,
        }),
        Err(error) => {
            session.report.add(*error);
            None
        }
    }
}

type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Says that nothing had to be done.
fn tell_fresh(files: usize, session: &Session) {
    let text = format_args!("{files} committed files are what Cargo.toml declares");
    session.shell.status("Fresh", text);
}

/// How many files were not what they should be.
fn write(set: &Set, session: &Session) -> Result<usize> {
    let mut changes = 0;
    let cannot = |failure: Failure| Box::new(failed("write", &failure));
    for artifact in &set.artifacts {
        let path = shown(&set.folder.path(artifact));
        let state = set.folder.write(artifact).map_err(cannot)?;
        let (word, status) = match state {
            State::Fresh => ("Fresh", FRESH),
            State::Missing | State::Stale(_) => ("Generated", "written"),
        };
        if state == State::Fresh {
            session.shell.verbose(word, path.display());
        } else {
            changes += 1;
            session.shell.status(word, path.display());
        }
        tell(session, &path, Some(artifact), status, None);
    }
    for (path, _) in set.folder.surplus(&set.artifacts).map_err(cannot)? {
        set.folder
            .remove(&path)
            .map_err(|failure| Box::new(failed("remove", &failure)))?;
        let path = shown(&path);
        changes += 1;
        session.shell.status("Removed", path.display());
        tell(session, &path, None, "removed", None);
    }
    Ok(changes)
}

/// Compares the files with the disk, and shows what differs: as a diff, or by name only.
pub(super) fn compare(sets: &[Set], diffs: bool, session: &mut Session) -> Result<Outcome> {
    let (mut all, mut different) = (0, 0);
    for set in sets {
        for file in files(set).map_err(|failure| failed("read", &failure))? {
            all += 1;
            if diffs && session.shell.format() == Format::Human {
                session
                    .shell
                    .diff(&file.diff)
                    .map_err(|error| cannot_print(&error))?;
            }
            let diff = (file.status != FRESH).then_some(file.diff.as_str());
            tell(session, &file.path, file.artifact, file.status, diff);
            if file.status == FRESH {
                session.shell.verbose("Fresh", file.path.display());
            } else {
                different += 1;
                session.shell.status(
                    file.word,
                    format_args!("{}{}", file.path.display(), file.why),
                );
            }
        }
    }
    if different == 0 {
        tell_fresh(all, session);
        return Ok(Outcome::Done);
    }
    let text = format!("{different} of {all} committed files are not what Cargo.toml declares");
    session
        .report
        .add(Diagnostic::error(text).help("`cargo svc generate` brings them up to date"));
    Ok(Outcome::Found)
}

/// How a file is called that is what it should be.
const FRESH: &str = "fresh";

/// A committed file, or one that should be or should not be.
struct File<'a> {
    path: PathBuf,
    artifact: Option<&'a Artifact>,
    status: &'static str,
    /// The status as a status line begins with it.
    word: &'static str,
    /// What a diff does not show.
    why: &'static str,
    diff: String,
}

/// All files of a package as they are on the disk.
fn files(set: &Set) -> std::result::Result<Vec<File<'_>>, Failure> {
    let mut files = Vec::new();
    for artifact in &set.artifacts {
        let wanted = artifact.contents.as_slice();
        let (status, word, why, old) = match set.folder.state(artifact)? {
            State::Fresh => (FRESH, "Fresh", "", Some(wanted.to_vec())),
            State::Missing => ("missing", "Missing", "", None),
            State::Stale(old) if diff::only_line_ends(&old, wanted) => {
                let why =
                    " (only its line ends differ: is the .gitattributes beside it committed?)";
                ("stale", "Stale", why, Some(old))
            }
            State::Stale(old) => ("stale", "Stale", "", Some(old)),
        };
        let path = shown(&set.folder.path(artifact));
        files.push(File {
            diff: diff::unified(&slashes(&path), old.as_deref(), Some(wanted)),
            path,
            artifact: Some(artifact),
            status,
            word,
            why,
        });
    }
    if !set.whole {
        return Ok(files);
    }
    for (path, old) in set.folder.surplus(&set.artifacts)? {
        let path = shown(&path);
        files.push(File {
            diff: diff::unified(&slashes(&path), Some(&old), None),
            path,
            artifact: None,
            status: "surplus",
            word: "Surplus",
            why: " (no service declares it any more)",
        });
    }
    Ok(files)
}

/// A path as diffs and other systems write it.
fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// `{"reason":"file", …}`: what was done with a file, or how it is. `status` is `written`, `removed`, `fresh`, `stale`,
/// `missing` or `surplus`; `kind` is null for a file that should not be there.
#[derive(Serialize)]
struct FileMessage<'a> {
    reason: &'static str,
    path: std::borrow::Cow<'a, str>,
    kind: Option<&'static str>,
    status: &'a str,
    diff: Option<&'a str>,
}

fn tell(
    session: &Session,
    path: &Path,
    artifact: Option<&Artifact>,
    status: &str,
    diff: Option<&str>,
) {
    let message = FileMessage {
        reason: "file",
        path: path.to_string_lossy(),
        kind: artifact.map(|artifact| artifact.kind.word()),
        status,
        diff,
    };
    // Strings always serialise.
    session
        .shell
        .object(&serde_json::to_string(&message).unwrap_or_default());
}
