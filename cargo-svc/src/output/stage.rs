//! A set of files that appears complete or not at all.
//!
//! Everything is written below `.staging` beside its final place and then renamed. What it replaces is kept in `.replaced`
//! until the last rename, that of the index, so that a run which is killed at any moment leaves the old set or the new one:
//! the next run puts the old one back if the index is missing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Why files could not be brought in place.
#[derive(Debug)]
pub struct StageError {
    /// What was being done, as in "could not … `PATH`".
    pub doing: &'static str,
    /// The path it was done to.
    pub path: PathBuf,
    /// What happened.
    pub error: io::Error,
}

/// Turns an [`io::Error`] into a [`StageError`].
pub(super) fn failed<'a>(
    doing: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> StageError + 'a {
    move |error| StageError {
        doing,
        path: path.to_owned(),
        error,
    }
}

/// Keeps two runs from working in one folder at once; held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder, and makes the folder if need be. `waiting` is called once if another run holds it.
    ///
    /// On a file system that cannot lock, runs are not kept apart; cargo does the same.
    ///
    /// # Errors
    /// The folder or the lock file in it cannot be made.
    pub fn take(folder: &Path, waiting: &mut dyn FnMut()) -> Result<Self, StageError> {
        fs::create_dir_all(folder).map_err(failed("make the folder", folder))?;
        let path = folder.join(".lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(failed("lock", &path))?;
            }
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
        }
        Ok(Self { _file: file })
    }
}

/// Files on their way to `folder`.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    /// The file that is there if and only if the set is complete.
    index: &'static str,
}

impl Stage {
    /// Begins a set, after putting right what a killed run may have left. The caller holds the [`Lock`].
    ///
    /// # Errors
    /// The folder cannot be made, or leftovers cannot be removed.
    pub fn begin(folder: &Path, index: &'static str) -> Result<Self, StageError> {
        let stage = Self {
            folder: folder.to_owned(),
            index,
        };
        if stage.replaced().exists() && !folder.join(index).exists() {
            stage.roll_back()?;
        }
        remove(&stage.replaced())?;
        remove(&stage.folder())?;
        let staging = stage.folder();
        fs::create_dir_all(&staging).map_err(failed("make the folder", &staging))?;
        Ok(stage)
    }

    /// Where the set is written. Every entry of this folder is renamed to the same name in the final one.
    pub fn folder(&self) -> PathBuf {
        self.folder.join(".staging")
    }

    fn replaced(&self) -> PathBuf {
        self.folder.join(".replaced")
    }

    /// Brings the set in place. On an error the old set is put back.
    ///
    /// # Errors
    /// Something could not be renamed.
    pub fn commit(self) -> Result<(), StageError> {
        self.swap().inspect_err(|_| drop(self.roll_back()))?;
        // The set is complete; what cannot be removed now is removed by the next run.
        drop(remove(&self.replaced()));
        Ok(())
    }

    fn swap(&self) -> Result<(), StageError> {
        let (staging, replaced) = (self.folder(), self.replaced());
        let mut names = entries(&staging)?;
        names.retain(|name| name.as_str() != self.index);
        names.push(self.index.to_owned());
        fs::create_dir(&replaced).map_err(failed("make the folder", &replaced))?;
        // The index goes first and comes back last: while it is missing, the set is not complete.
        for name in names.iter().rev() {
            let old = self.folder.join(name);
            if old.symlink_metadata().is_ok() {
                rename(&old, &replaced.join(name))?;
            }
        }
        for name in &names {
            rename(&staging.join(name), &self.folder.join(name))?;
        }
        Ok(())
    }

    fn roll_back(&self) -> Result<(), StageError> {
        let replaced = self.replaced();
        let mut names = entries(&replaced)?;
        names.sort_by_key(|name| name == self.index);
        for name in names {
            let place = self.folder.join(&name);
            remove(&place)?;
            rename(&replaced.join(&name), &place)?;
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // After a commit it is empty; after a failure it is what nobody should use.
        drop(remove(&self.folder()));
    }
}

/// The names in a folder, in the order of their bytes. All of them are names that this program gave.
fn entries(folder: &Path) -> Result<Vec<String>, StageError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("read the folder", folder))? {
        let entry = entry.map_err(failed("read the folder", folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

fn rename(from: &Path, to: &Path) -> Result<(), StageError> {
    fs::rename(from, to).map_err(failed("write", to))
}

/// Removes a file or a folder, if it is there.
fn remove(path: &Path) -> Result<(), StageError> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "artifacts.json";

    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("cargo-svc-stage-{}-{test}", std::process::id()));
            drop(fs::remove_dir_all(&path));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        /// Stages a package folder, an archive and the index, all holding `text`.
        fn stage(&self, text: &str) -> Stage {
            let stage = Stage::begin(&self.0, INDEX).unwrap();
            fs::create_dir(stage.folder().join("beacon-1")).unwrap();
            for name in ["beacon-1/PACKAGE", "beacon-1.tar.gz", INDEX] {
                fs::write(stage.folder().join(name), text).unwrap();
            }
            stage
        }

        fn read(&self, name: &str) -> Option<String> {
            fs::read_to_string(self.0.join(name)).ok()
        }

        fn assert_holds(&self, text: &str) {
            for name in ["beacon-1/PACKAGE", "beacon-1.tar.gz", INDEX] {
                assert_eq!(self.read(name).as_deref(), Some(text), "{name}");
            }
            assert!(!self.0.join(".staging").exists() && !self.0.join(".replaced").exists());
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_set_replaces_the_one_before_it_and_leaves_other_files() {
        let folder = Folder::new("replace");
        folder.stage("old").commit().unwrap();
        fs::write(folder.0.join("beacon-0.tar.gz"), "another version").unwrap();
        folder.stage("new").commit().unwrap();
        folder.assert_holds("new");
        assert!(folder.read("beacon-0.tar.gz").is_some());
    }

    #[test]
    fn a_set_that_is_given_up_leaves_the_old_one() {
        let folder = Folder::new("give-up");
        folder.stage("old").commit().unwrap();
        drop(folder.stage("new"));
        folder.assert_holds("old");
    }

    #[test]
    fn a_run_killed_between_the_renames_is_undone_by_the_next_one() {
        // The state after each number of renames of a run that replaces an old set.
        for killed_after in 0..=6 {
            let folder = Folder::new(&format!("killed-{killed_after}"));
            folder.stage("old").commit().unwrap();
            let stage = std::mem::ManuallyDrop::new(folder.stage("new"));
            fs::create_dir(stage.replaced()).unwrap();
            let (staging, replaced) = (stage.folder(), stage.replaced());
            let away = [INDEX, "beacon-1.tar.gz", "beacon-1"]
                .map(|name| (folder.0.join(name), replaced.join(name)));
            let back = ["beacon-1", "beacon-1.tar.gz", INDEX]
                .map(|name| (staging.join(name), folder.0.join(name)));
            for (from, to) in away.iter().chain(&back).take(killed_after) {
                fs::rename(from, to).unwrap();
            }
            drop(Stage::begin(&folder.0, INDEX).unwrap());
            folder.assert_holds(if killed_after == 6 { "new" } else { "old" });
        }
    }

    #[test]
    fn a_second_run_waits_for_the_first() {
        let folder = Folder::new("lock");
        let held = Lock::take(&folder.0, &mut || panic!("nobody holds it")).unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let path = folder.0.clone();
        let second = std::thread::spawn(move || {
            let lock = Lock::take(&path, &mut || send.send("waiting").unwrap()).unwrap();
            send.send("locked").unwrap();
            drop(lock);
        });
        assert_eq!(receive.recv(), Ok("waiting"));
        assert!(receive.try_recv().is_err());
        drop(held);
        assert_eq!(receive.recv(), Ok("locked"));
        second.join().unwrap();
    }
}
