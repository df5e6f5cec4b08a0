//! What stands in the folders that artifacts are written to: in a large workspace that is listed while cargo still runs.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::committed::{Failure, below, has_mode};
use super::replace::UNFINISHED;
use super::seen::Stamp;
use crate::render::distribution::{Debian, Rpm};
use crate::render::wix::LICENCE;

/// The folders that artifacts are written to, and what they are called there where others have files, too: debian/ may be the
/// one of a source package, with copies of units.
const FOLDERS: [(&str, &[&str]); 8] = [
    ("debian", &Debian::FILES),
    ("linux", &[]),
    ("rpm", &Rpm::FILES),
    ("systemd", &[]),
    ("windows", &[]),
    ("wix", &[LICENCE]),
    ("wix/v3", &[]),
    ("wix/v4", &[]),
];

/// The regular files of a folder of committed files that may be ours: those in our folders below it.
#[derive(Debug)]
pub struct Listing {
    files: Vec<Listed>,
    /// When it was made, or before.
    now: SystemTime,
}

#[derive(Debug)]
struct Listed {
    folder: &'static str,
    name: OsString,
    entry: Entry,
}

/// A file as it was when it was listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Whether it may be run.
    pub(super) runs: bool,
    /// What tells later whether somebody has touched it, if anything does.
    pub(super) stamp: Option<Stamp>,
}

impl Entry {
    /// The file that this is told of, and told after `now`.
    pub(super) fn of(path: &Path, meta: &Metadata, now: SystemTime) -> Self {
        Self {
            runs: has_mode(meta),
            stamp: Stamp::of(path, meta, now),
        }
    }
}

impl Listing {
    /// Lists them; links are not followed.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn of(folder: &Path) -> Result<Self, Failure> {
        Self::as_of(SystemTime::now(), folder)
    }

    /// Lists them by another clock.
    pub(super) fn as_of(now: SystemTime, folder: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for (name, own) in FOLDERS {
            let path = below(folder, name);
            let cannot = |error| Failure::new(&path, error);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(cannot(error)),
            };
            for entry in entries {
                let entry = entry.map_err(cannot)?;
                let file = entry.file_name();
                // What another run is writing at this moment is not finished, and may be gone by now.
                if (own.is_empty() || own.iter().any(|own| file == *own))
                    && !file.to_string_lossy().starts_with(UNFINISHED)
                    && let Ok(meta) = entry.metadata()
                    && meta.is_file()
                {
                    files.push(Listed {
                        folder: name,
                        name: file,
                        entry: Entry::of(&entry.path(), &meta, now),
                    });
                }
            }
        }
        Ok(Self { files, now })
    }

    /// The paths of those that are not wanted.
    pub(super) fn without<'p>(
        &self,
        wanted: &(impl Iterator<Item = &'p str> + Clone),
    ) -> impl Iterator<Item = PathBuf> {
        let is_wanted = |folder: &str, name: &OsStr| {
            wanted.clone().any(|path| {
                let rest = path.strip_prefix(folder);
                rest.and_then(|rest| rest.strip_prefix('/'))
                    .is_some_and(|wanted| name == wanted)
            })
        };
        let unwanted = self
            .files
            .iter()
            .filter(move |file| !is_wanted(file.folder, &file.name));
        unwanted.map(|file| below(Path::new(""), file.folder).join(&file.name))
    }

    /// Everything that it tells of files was so after this.
    pub(super) fn now(&self) -> SystemTime {
        self.now
    }

    /// The file with this path, with forward slashes.
    pub(super) fn entry(&self, path: &str) -> Option<Entry> {
        let (folder, name) = path.rsplit_once('/')?;
        let is_it = |file: &&Listed| file.name == *name && file.folder == folder;
        self.files.iter().find(is_it).map(|file| file.entry)
    }
}

/// Listings that were made ahead, by their folders.
#[derive(Debug, Default)]
pub struct Listings(Mutex<HashMap<PathBuf, Listing>>);

impl Listings {
    /// Lists a folder. What cannot be read is left to who needs it.
    pub fn add(&self, folder: PathBuf) {
        if let Ok(listing) = Listing::of(&folder) {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(folder, listing);
        }
    }

    /// Takes the listing of a folder, if it was made.
    pub fn take(&self, folder: &Path) -> Option<Listing> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_in_our_folders_are_listed() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        for path in [
            "systemd/one.service",
            "systemd/below/two.service",
            "debian/prerm",
            "debian/rules",
            "wix/v3/three.wxs",
            "others/four",
        ] {
            put(path);
        }
        put(&format!("linux/{UNFINISHED}five"));
        let listings = Listings::default();
        listings.add(root.path().to_path_buf());
        let listing = listings.take(root.path()).unwrap();
        assert!(listings.take(root.path()).is_none(), "it is taken once");
        let wanted = ["debian/prerm"].into_iter();
        let mut found: Vec<_> = listing.without(&wanted).collect();
        found.sort();
        assert_eq!(
            found,
            ["systemd/one.service", "wix/v3/three.wxs"].map(PathBuf::from)
        );
        assert!(
            Listing::of(&root.path().join("nothing"))
                .unwrap()
                .files
                .is_empty()
        );
    }
}
