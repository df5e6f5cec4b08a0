//! The files that are committed: written, compared with what is there, and cleared of what nobody declares any more.

use std::cell::RefCell;
use std::fs::{self, File, Metadata};
use std::hash::Hash;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::listing::{Entry, Listing};
use super::replace::replace;
use super::seen::{Digest, Seen, Stamp};
use crate::render::{Artifact, Files, Kind, MARK, Text};

/// A folder of committed files below a package's root.
#[derive(Debug)]
pub struct Committed {
    /// The folder, on this host.
    folder: PathBuf,
    /// The package's root.
    root: PathBuf,
}

/// How a file on the disk stands to what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is what it should be.
    Fresh,
    /// It is not there.
    Missing,
    /// It holds something else.
    Stale(Vec<u8>),
}

/// Compares files with the disk as they are rendered, and keeps nothing of their text. What was seen before is not even rendered.
pub struct Comparison<'a> {
    folder: &'a Path,
    listing: &'a Listing,
    seen: &'a Seen,
    digest: Digest,
    is_fresh: bool,
    files: Vec<(Kind, String)>,
}

impl Comparison<'_> {
    /// What the files are for and where they go, if nothing has to be done with any of them; none if something has, or if one
    /// cannot be read.
    pub fn fresh(self) -> Option<Vec<(Kind, String)>> {
        self.is_fresh.then_some(self.files)
    }

    /// Whether a file is known to be what it should be.
    fn is_known(&self, path: &str, place: &Path, executable: bool) -> bool {
        let entry = self.listing.entry(path).or_else(|| {
            let meta = fs::metadata(place).ok()?;
            Some(Entry::of(place, &meta, self.listing.now()))
        });
        entry.is_some_and(|entry| {
            let stamp = entry.stamp.filter(|_| entry.runs || !executable);
            stamp.is_some_and(|stamp| self.seen.holds(stamp, self.digest))
        })
    }

    /// Whether a file is what it should be, which is then known.
    fn is_same(
        &self,
        place: &Path,
        executable: bool,
        write: &mut dyn FnMut(&mut Text),
    ) -> io::Result<bool> {
        let mut file = File::open(place)?;
        let meta = file.metadata()?;
        if executable && !has_mode(&meta) {
            return Ok(false);
        }
        let is_same = with_contents(&mut file, |contents| {
            let mut text = Text::against(contents);
            write(&mut text);
            text.is_same()
        })?;
        if is_same && let Some(stamp) = Stamp::of(place, &meta, self.listing.now()) {
            self.seen.add(stamp, self.digest);
        }
        Ok(is_same)
    }
}

impl Files for Comparison<'_> {
    fn file(
        &mut self,
        kind: Kind,
        path: String,
        executable: bool,
        write: &mut dyn FnMut(&mut Text),
    ) {
        // One is enough.
        if self.is_fresh {
            let place = below(self.folder, &path);
            self.is_fresh = self.is_known(&path, &place, executable)
                || self.is_same(&place, executable, write).unwrap_or(false);
            self.files.push((kind, path));
        }
    }
}

/// What could not be done with a file.
#[derive(Debug)]
pub struct Failure {
    /// The file or folder.
    pub path: PathBuf,
    /// What happened.
    pub error: io::Error,
}

impl Failure {
    pub(super) fn new(path: &Path, error: io::Error) -> Self {
        Self {
            path: path.to_path_buf(),
            error,
        }
    }
}

impl Committed {
    /// The folder `dir` (relative, with forward slashes) of the package at `root`.
    ///
    /// # Errors
    /// If a part of it is a symbolic link out of the package: writing through it would change files of something else.
    pub fn open(root: &Path, dir: &str) -> Result<Self, Failure> {
        let committed = Self {
            folder: below(root, dir),
            root: root.to_path_buf(),
        };
        committed.stays_inside(&committed.folder)?;
        Ok(committed)
    }

    /// Refuses a folder that is, or lies behind, a symbolic link out of the package.
    fn stays_inside(&self, folder: &Path) -> Result<(), Failure> {
        for part in folder.ancestors().take_while(|part| *part != self.root) {
            match fs::symlink_metadata(part) {
                Ok(meta) if !meta.is_symlink() => {}
                Ok(_) => self.leads_inside(part)?,
                // What is not there yet is made below what is.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::new(part, error)),
            }
        }
        Ok(())
    }

    /// Refuses a symbolic link out of the package.
    fn leads_inside(&self, link: &Path) -> Result<(), Failure> {
        let real = |path: &Path| fs::canonicalize(path).map_err(|error| Failure::new(path, error));
        if real(link)?.starts_with(real(&self.root)?) {
            return Ok(());
        }
        let error = io::Error::other("it is a symbolic link out of the package");
        Err(Failure::new(link, error))
    }

    /// The folder that artifacts go to.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where an artifact goes.
    pub fn path(&self, artifact: &Artifact) -> PathBuf {
        below(&self.folder, &artifact.path)
    }

    /// Compares an artifact with the disk.
    ///
    /// # Errors
    /// If a file is there and cannot be read.
    pub fn state(&self, artifact: &Artifact) -> Result<State, Failure> {
        let path = self.path(artifact);
        match compare(&path, &artifact.contents) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::Missing),
            compared => compared.map_err(|error| Failure::new(&path, error)),
        }
    }

    /// What stands in it.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn list(&self) -> Result<Listing, Failure> {
        Listing::of(&self.folder)
    }

    /// Begins a comparison with the files of a plan.
    pub fn comparison<'a>(
        &'a self,
        listing: &'a Listing,
        seen: &'a Seen,
        plan: &impl Hash,
    ) -> Comparison<'a> {
        Comparison {
            folder: &self.folder,
            listing,
            seen,
            digest: seen.digest(plan),
            is_fresh: true,
            files: Vec::new(),
        }
    }

    /// Writes an artifact, whole or not at all. A file that is right already is not touched.
    ///
    /// # Errors
    /// If it cannot be written; the file that was there before is then unchanged.
    pub fn write(&self, artifact: &Artifact) -> Result<State, Failure> {
        let path = self.path(artifact);
        let state = self.state(artifact)?;
        if state != State::Fresh {
            let parent = path.parent().unwrap_or(&self.folder);
            self.stays_inside(parent)?;
            fs::create_dir_all(parent).map_err(|error| Failure::new(parent, error))?;
        }
        let has_mode = || fs::metadata(&path).is_ok_and(|meta| has_mode(&meta));
        if state != State::Fresh || artifact.executable && !has_mode() {
            replace(&path, &artifact.contents, artifact.executable)
                .map_err(|error| Failure::new(&path, error))?;
        }
        Ok(state)
    }

    /// Files that stand beside the ones that are wanted, carry our mark and are none of them: a service was renamed or taken away. What
    /// stands in other folders is the user's, even a copy of ours.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn surplus<'p>(
        &self,
        listing: &Listing,
        wanted: &(impl Iterator<Item = &'p str> + Clone),
    ) -> Result<Vec<PathBuf>, Failure> {
        let mut found = Vec::new();
        for path in listing.without(wanted) {
            let path = self.folder.join(path);
            match is_marked(&path) {
                Ok(true) => found.push(path),
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::new(&path, error)),
            }
        }
        found.sort();
        Ok(found)
    }

    /// What a surplus file holds; nothing if another run was faster to take it away.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|error| Failure::new(path, error)),
        }
    }

    /// Takes a surplus file away.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), Failure> {
        match fs::remove_file(path) {
            // Another run was faster.
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::new(path, error)),
            _ => Ok(()),
        }
    }
}

thread_local! {
    /// What files are read to, one after the other: as a rule only to find that nothing has to be done.
    static READ: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// No committed file is larger than this: one that is has to be looked at by itself.
const LARGEST: usize = 4 << 20;

/// Calls `look` with what a file holds; false if it is too large.
fn with_contents(file: &mut File, look: impl FnOnce(&[u8]) -> bool) -> io::Result<bool> {
    READ.with_borrow_mut(|read| {
        let mut filled = 0;
        loop {
            if filled == read.len() {
                read.resize((filled * 2).max(64 << 10), 0);
            }
            match file.read(&mut read[filled..]) {
                Ok(0) => break Ok(look(&read[..filled])),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if filled > LARGEST {
                break Ok(false);
            }
        }
    })
}

/// Compares a file with what it should hold.
fn compare(path: &Path, wanted: &[u8]) -> io::Result<State> {
    let mut file = File::open(path)?;
    READ.with_borrow_mut(|read| {
        // One byte more tells a longer file.
        let room = wanted.len() + 1;
        if read.len() < room {
            read.resize(room, 0);
        }
        let mut filled = 0;
        while filled < room {
            match file.read(&mut read[filled..room]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if read[..filled] == *wanted {
            return Ok(State::Fresh);
        }
        let mut old = read[..filled].to_vec();
        file.read_to_end(&mut old)?;
        Ok(State::Stale(old))
    })
}

/// A path below a folder, on this host.
pub fn below(folder: &Path, path: &str) -> PathBuf {
    let mut whole = folder.to_path_buf();
    whole.extend(path.split('/'));
    whole
}

/// How far into a file the mark is looked for: it stands in the first lines.
const HEAD: u64 = 512;

/// Whether a file carries our mark.
fn is_marked(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(head.windows(MARK.len()).any(|part| part == MARK.as_bytes()))
}

/// Whether a file may be run.
#[cfg(unix)]
pub(super) fn has_mode(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

/// Elsewhere files have no such mode.
#[cfg(not(unix))]
pub(super) fn has_mode(_meta: &Metadata) -> bool {
    true
}
