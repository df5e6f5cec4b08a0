//! `cargo svc generate`: writes the files that are committed, or says which of them are not what they should be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::artifacts::{Plans, failed, folder, judge};
use crate::cli::Outcome;
use crate::cli::args::{FormatArgs, ManifestArgs, SelectionArgs};
use crate::cli::session::{Session, cannot_print};
use crate::cli::shell::Format;
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::shown;
use crate::output::committed::{Committed, Failure, State, below};
use crate::output::diff;
use crate::output::listing::Listings;
use crate::output::seen::Seen;
use crate::render::{Artifact, Kind, gathered};
use crate::service::{OUTPUT_DIR, Package};

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
    // In a large workspace cargo leaves the time for it. A comparison for people looks at everything once more anyway.
    let listings = Arc::new(Listings::default());
    let ahead = (!args.check).then(|| Arc::clone(&listings));
    let list = move |package: &Path| {
        if let Some(ahead) = &ahead {
            ahead.add(package.join(OUTPUT_DIR));
        }
    };
    let workspace = session.workspace_beside(&args.manifest, Box::new(list));
    let outcome = workspace.and_then(|workspace| {
        let packages = session.packages(&workspace, &args.selection.selection(), judge)?;
        if args.check {
            let outcome = compare(&sets_of(&packages, session)?, true, session);
            return Some(outcome.unwrap_or_else(|error| session.refuse(*error)));
        }
        let metadata = &workspace.metadata;
        let target = metadata.target_directory.as_std_path();
        let seen = Seen::read(target, metadata.workspace_root.as_std_path());
        let looked = planned(&packages, session, |set| Looked::at(set, &listings, &seen))?;
        seen.keep();
        Some(write(looked, session))
    });
    outcome.unwrap_or(Outcome::Refused)
}

/// So many packages are looked at before anything is said of them: enough to keep all cores busy, too few to fill the memory
/// with what differs.
const AT_ONCE: usize = 128;

/// The files of a package, which are rendered where they are needed: all of them would be 200 KiB a package.
pub(super) struct Set {
    folder: Committed,
    plans: Plans,
    /// The paths that are meant; none if it is all files of the package.
    only: Option<Vec<String>>,
}

impl Set {
    /// Leaves the artifacts with other paths alone.
    pub(super) fn narrow(&mut self, paths: Vec<String>) {
        self.only = Some(paths);
    }

    fn artifacts(&self) -> Vec<Artifact> {
        let mut artifacts = gathered(|files| self.plans.render(files));
        artifacts.sort_by(|one, other| one.path.cmp(&other.path));
        if let Some(only) = &self.only {
            artifacts.retain(|artifact| only.contains(&artifact.path));
        }
        artifacts
    }
}

/// The files of these packages. `None` if something is wrong with any of them: then nothing is written.
pub(super) fn sets_of(packages: &[Package], session: &mut Session) -> Option<Vec<Set>> {
    planned(packages, session, |set| set)
}

/// What `then` makes of the files of these packages, likewise. A plan that is not kept makes room for the next one.
fn planned<T: Send>(
    packages: &[Package],
    session: &mut Session,
    then: impl Fn(Set) -> T + Sync,
) -> Option<Vec<T>> {
    let made: Vec<_> = packages
        .par_iter()
        .map(|package| {
            let mut report = Report::default();
            (set(package, &mut report).map(&then), report)
        })
        .collect();
    let mut all = Vec::with_capacity(made.len());
    for (one, report) in made {
        all.extend(one);
        session.report.append(report);
    }
    session.show();
    (!session.report.has_errors()).then_some(all)
}

fn set(package: &Package, report: &mut Report) -> Option<Set> {
    let plans = Plans::of(package, report);
    match folder(package) {
        Ok(folder) => Some(Set {
            folder,
            plans: plans?,
            only: None,
        }),
        Err(error) => {
            report.add(*error);
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

/// What was done with a file.
struct Done {
    /// As it is shown.
    path: PathBuf,
    kind: Option<Kind>,
    word: &'static str,
    status: &'static str,
}

/// The files of a package, which are looked at as soon as they are planned: as a rule nothing has to be done.
enum Looked {
    /// All of them are what they should be: what they are for, and where they are in this folder.
    Fresh(PathBuf, Vec<(Kind, String)>),
    /// Something has to be written, removed, or said of what cannot be read.
    Other(Box<Set>),
}

impl Looked {
    fn at(set: Set, listings: &Listings, seen: &Seen) -> Self {
        let listing = listings.take(set.folder.folder());
        let Ok(listing) = listing.map_or_else(|| set.folder.list(), Ok) else {
            return Self::Other(Box::new(set));
        };
        let mut comparison = set.folder.comparison(&listing, seen, &set.plans);
        set.plans.render(&mut comparison);
        let Some(mut files) = comparison.fresh() else {
            return Self::Other(Box::new(set));
        };
        let paths = files.iter().map(|(_, path)| path.as_str());
        let surplus = set.folder.surplus(&listing, &paths);
        if !surplus.is_ok_and(|all| all.is_empty()) {
            return Self::Other(Box::new(set));
        }
        files.sort_by(|(_, one), (_, other)| one.cmp(other));
        Self::Fresh(shown(set.folder.folder()), files)
    }
}

/// Writes what is not on the disk as it should be. After a failure nothing more is begun.
fn write(looked: Vec<Looked>, session: &mut Session) -> Outcome {
    let (mut all, mut changes) = (0, 0);
    let mut looked = looked.into_iter();
    while !looked.as_slice().is_empty() {
        let some: Vec<_> = looked.by_ref().take(AT_ONCE).collect();
        let ended: Vec<_> = some
            .into_par_iter()
            .map(|looked| match looked {
                Looked::Fresh(folder, files) => {
                    let done = |(kind, path): (Kind, String)| Done {
                        path: below(&folder, &path),
                        kind: Some(kind),
                        word: "Fresh",
                        status: FRESH,
                    };
                    (files.into_iter().map(done).collect(), Ok(()))
                }
                Looked::Other(set) => {
                    let mut done = Vec::new();
                    let end = write_set(&set, &mut done);
                    (done, end)
                }
            })
            .collect();
        for (done, end) in ended {
            for file in done {
                all += 1;
                if file.status == FRESH {
                    session.shell.verbose(file.word, file.path.display());
                } else {
                    changes += 1;
                    session.shell.status(file.word, file.path.display());
                }
                tell(session, &file.path, file.kind, file.status, None);
            }
            if let Err(error) = end {
                session.report.add(*error);
            }
        }
        if session.report.has_errors() {
            return Outcome::Refused;
        }
    }
    if changes == 0 {
        tell_fresh(all, session);
    }
    Outcome::Done
}

fn write_set(set: &Set, done: &mut Vec<Done>) -> Result<()> {
    let cannot = |failure: Failure| Box::new(failed("write", &failure));
    let artifacts = set.artifacts();
    let folder = shown(set.folder.folder());
    for artifact in &artifacts {
        let (word, status) = match set.folder.write(artifact).map_err(cannot)? {
            State::Fresh => ("Fresh", FRESH),
            State::Missing | State::Stale(_) => ("Generated", "written"),
        };
        done.push(Done {
            path: below(&folder, &artifact.path),
            kind: Some(artifact.kind),
            word,
            status,
        });
    }
    let listing = set.folder.list().map_err(cannot)?;
    let surplus = set.folder.surplus(&listing, &paths(&artifacts));
    for path in surplus.map_err(cannot)? {
        set.folder
            .remove(&path)
            .map_err(|failure| Box::new(failed("remove", &failure)))?;
        done.push(Done {
            path: shown(&path),
            kind: None,
            word: "Removed",
            status: "removed",
        });
    }
    Ok(())
}

fn paths(artifacts: &[Artifact]) -> impl Iterator<Item = &str> + Clone {
    artifacts.iter().map(|artifact| artifact.path.as_str())
}

/// Compares the files with the disk, and shows what differs: as a diff, or by name only.
pub(super) fn compare(sets: &[Set], diffs: bool, session: &mut Session) -> Result<Outcome> {
    let (mut all, mut different) = (0, 0);
    for some in sets.chunks(AT_ONCE) {
        let found: Vec<_> = some.par_iter().map(files).collect();
        for set in found {
            for file in set.map_err(|failure| failed("read", &failure))? {
                all += 1;
                let is_fresh = file.status == FRESH;
                if diffs && !is_fresh && session.shell.format() == Format::Human {
                    session
                        .shell
                        .diff(&file.diff)
                        .map_err(|error| cannot_print(&error))?;
                }
                let diff = (!is_fresh).then_some(file.diff.as_str());
                tell(session, &file.path, file.kind, file.status, diff);
                if is_fresh {
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
struct File {
    path: PathBuf,
    kind: Option<Kind>,
    status: &'static str,
    /// The status as a status line begins with it.
    word: &'static str,
    /// What a diff does not show.
    why: &'static str,
    /// Empty for a file that is what it should be.
    diff: String,
}

/// All files of a package as they are on the disk.
fn files(set: &Set) -> std::result::Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    let artifacts = set.artifacts();
    let folder = shown(set.folder.folder());
    for artifact in &artifacts {
        let wanted = artifact.contents.as_slice();
        let path = below(&folder, &artifact.path);
        let unified = |old: Option<&[u8]>| diff::unified(&slashes(&path), old, Some(wanted));
        let (status, word, why, diff) = match set.folder.state(artifact)? {
            State::Fresh => (FRESH, "Fresh", "", String::new()),
            State::Missing => ("missing", "Missing", "", unified(None)),
            State::Stale(old) if diff::only_line_ends(&old, wanted) => {
                let why =
                    " (only its line ends differ: is the .gitattributes beside it committed?)";
                ("stale", "Stale", why, unified(Some(&old)))
            }
            State::Stale(old) => ("stale", "Stale", "", unified(Some(&old))),
        };
        files.push(File {
            path,
            kind: Some(artifact.kind),
            status,
            word,
            why,
            diff,
        });
    }
    if set.only.is_some() {
        return Ok(files);
    }
    let listing = set.folder.list()?;
    for path in set.folder.surplus(&listing, &paths(&artifacts))? {
        let old = set.folder.read(&path)?;
        let path = shown(&path);
        files.push(File {
            diff: diff::unified(&slashes(&path), Some(&old), None),
            path,
            kind: None,
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

fn tell(session: &Session, path: &Path, kind: Option<Kind>, status: &str, diff: Option<&str>) {
    if session.shell.format() != Format::Json {
        return;
    }
    let message = FileMessage {
        reason: "file",
        path: path.to_string_lossy(),
        kind: kind.map(Kind::word),
        status,
        diff,
    };
    // Strings always serialise.
    session
        .shell
        .object(&serde_json::to_string(&message).unwrap_or_default());
}
