//! Manifests that are read while cargo reads them, too: in a large workspace that takes a while, and one core.
//!
//! Which ones cargo will name is guessed from the workspace's `members`. What it names besides is read when it is asked for,
//! and what it does not name is forgotten: a guess saves time and decides nothing.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use glob::Pattern;
use toml::de::DeTable;

use super::read_source;
use super::tables::{self, PackageTables};
use crate::diagnostics::{Report, SourceFile};

/// A manifest that was read, with what was found in it.
#[derive(Debug)]
pub(super) struct Read {
    /// None if it cannot be read.
    pub(super) source: Option<Arc<SourceFile>>,
    /// None if it declares no service.
    pub(super) tables: Option<PackageTables>,
    pub(super) report: Report,
}

impl Read {
    pub(super) fn file(path: &Path) -> Self {
        let mut report = Report::default();
        match read_source(path, &mut report) {
            Some(source) => Self::of(source),
            None => Self {
                source: None,
                tables: None,
                report,
            },
        }
    }

    pub(super) fn of(source: Arc<SourceFile>) -> Self {
        let mut report = Report::default();
        Self {
            tables: tables::package(&source, &mut report),
            source: Some(source),
            report,
        }
    }
}

/// By their paths.
pub(super) type Manifests = HashMap<PathBuf, Read>;

/// What else is done while cargo runs, with the folder of each package that declares a service.
pub type Beside = Box<dyn FnMut(&Path) + Send>;

/// A thread that reads until it is told to stop.
pub(super) struct Ahead {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Manifests>>,
}

/// Begins to read the members of the workspace that this manifest, or else the current folder, belongs to.
pub(super) fn start(manifest: Option<&Path>, mut beside: Beside) -> Ahead {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let manifest = absolute(manifest.unwrap_or("Cargo.toml".as_ref()));
    let read =
        move || manifest.map_or_else(|_| Manifests::new(), |path| read(&path, &told, &mut beside));
    Ahead {
        stop,
        // Without a thread nothing is read ahead.
        thread: thread::Builder::new().spawn(read).ok(),
    }
}

impl Ahead {
    /// What was read by now.
    pub(super) fn finish(self) -> Manifests {
        self.stop.store(true, Ordering::Relaxed);
        let read = self.thread.map(JoinHandle::join);
        read.and_then(Result::ok).unwrap_or_default()
    }
}

fn read(manifest: &Path, stop: &AtomicBool, beside: &mut Beside) -> Manifests {
    members(manifest)
        .into_iter()
        .flatten()
        .take_while(|_| !stop.load(Ordering::Relaxed))
        .map(|path| {
            let read = Read::file(&path);
            if let (Some(_), Some(folder)) = (&read.tables, path.parent()) {
                beside(folder);
            }
            (path, read)
        })
        .collect()
}

/// The manifests of the members: those of the nearest folder above that lists some. They are looked for one after the other.
fn members(manifest: &Path) -> Option<impl Iterator<Item = PathBuf>> {
    let (folder, patterns) = manifest.ancestors().skip(1).find_map(|folder| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let mut root = DeTable::parse(&text).ok()?;
        let members = tables::take(root.get_mut(), "workspace.members")?;
        let members = members.get_ref().as_array()?;
        let patterns = members
            .iter()
            .filter_map(|member| member.get_ref().as_str());
        let patterns: Vec<String> = patterns.map(str::to_owned).collect();
        Some((folder.to_path_buf(), patterns))
    })?;
    let folder = Pattern::escape(folder.to_str()?);
    let found = patterns
        .into_iter()
        .filter_map(move |pattern| glob::glob(&format!("{folder}/{pattern}/Cargo.toml")).ok());
    Some(found.flatten().filter_map(Result::ok))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn members_are_read_and_what_is_wrong_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        // Its name is no pattern.
        let root = folder.path().join("[w]");
        let write = |name: &str, text: &str| {
            let path = root.join(name).join("Cargo.toml");
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let main = write(
            "",
            "[workspace]\nmembers = [\"packages/*\", \"one\", \"none\"]\n",
        );
        let service = write("packages/a", "[package.metadata.service]\n");
        let wrong = write("packages/b", "[package.metadata.service]\nname = 1\n");
        let without = write("one", "[package]\n");
        write("other", "[package.metadata.service]\n");

        let go_on = AtomicBool::new(false);
        for manifest in [&main, &service, &root.join("one/Cargo.toml")] {
            let folders = Arc::new(Mutex::new(Vec::new()));
            let seen = Arc::clone(&folders);
            let mut beside: Beside =
                Box::new(move |folder| seen.lock().unwrap().push(folder.to_path_buf()));
            let read = read(manifest, &go_on, &mut beside);
            assert_eq!(read.len(), 3, "{:?}", read.keys());
            let with_tables = read.iter().filter(|(_, read)| read.tables.is_some());
            let with_tables: HashSet<_> = with_tables
                .map(|(path, _)| path.parent().unwrap())
                .collect();
            let folders = folders.lock().unwrap();
            assert_eq!(
                folders.iter().map(PathBuf::as_path).collect::<HashSet<_>>(),
                with_tables
            );
            assert!(read[&service].tables.is_some() && !read[&service].report.has_errors());
            assert!(read[&wrong].report.has_errors());
            assert!(read[&without].tables.is_none() && !read[&without].report.has_errors());
        }
        let mut nothing: Beside = Box::new(|_| panic!("it was told to stop"));
        assert!(read(&main, &AtomicBool::new(true), &mut nothing).is_empty());
    }
}
