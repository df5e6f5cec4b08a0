//! What was seen of committed files: that one holds what is rendered of a certain plan. While nobody touches it, it does so still,
//! and neither has to be rendered nor read. What the system says of a file tells whether anybody did, as it does for git's index.
//!
//! Such a fact is true for ever, so a fact that is lost costs time and nothing else.

use std::env;
use std::fs::{self, Metadata};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use twox_hash::XxHash3_128;

use super::replace::replace;

/// Where facts are kept, in our folder below the target folder, which workspaces may share.
fn file(target: &Path, workspace: &Path) -> PathBuf {
    let workspace = XxHash3_128::oneshot(workspace.as_os_str().as_encoded_bytes());
    target.join(format!("svc/.seen-{workspace:032x}"))
}

/// Another number for facts that mean something else.
const LAYOUT: u64 = 1;

/// A file as it is now: not the same again once its text, its mode or its name was changed, or another file put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u128);

/// A plan, together with the program that renders it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(u128);

/// The file holds what is rendered of the plan.
type Fact = (Stamp, Digest);

const HALF: usize = size_of::<u128>();

/// What is known of files, and what a run finds out.
#[derive(Debug, Default)]
pub struct Seen {
    /// Where it is kept, and the program; none if nothing is.
    kept: Option<(PathBuf, u128)>,
    /// In order.
    known: Vec<Fact>,
    found: Mutex<Vec<Fact>>,
}

impl Seen {
    /// What earlier runs have seen in this workspace. Without a target folder that is nothing, and none is made for it.
    pub fn read(target: &Path, workspace: &Path) -> Self {
        let kept = program().filter(|_| target.is_dir());
        let Some(kept) = kept.map(|program| (file(target, workspace), program)) else {
            return Self::default();
        };
        let bytes = fs::read(&kept.0).unwrap_or_default();
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, u128::from_le_bytes);
        let mut known: Vec<_> = bytes
            .chunks_exact(2 * HALF)
            .map(|fact| fact.split_at(HALF))
            .map(|(stamp, digest)| (Stamp(number(stamp)), Digest(number(digest))))
            .collect();
        // Unless somebody has had their hands in it, they are.
        known.sort_unstable();
        Self {
            kept: Some(kept),
            known,
            found: Mutex::default(),
        }
    }

    /// A plan, as this program renders it.
    pub fn digest(&self, plan: &impl Hash) -> Digest {
        let mut wide = Wide(XxHash3_128::with_seed(LAYOUT));
        // Where nothing is kept nothing is asked for.
        if let Some((_, program)) = self.kept {
            program.hash(&mut wide);
            plan.hash(&mut wide);
        }
        Digest(wide.0.finish_128())
    }

    /// Whether the file is known to hold what is rendered of the plan.
    pub fn holds(&self, stamp: Stamp, digest: Digest) -> bool {
        let holds = self.known.binary_search(&(stamp, digest)).is_ok();
        if holds {
            self.add(stamp, digest);
        }
        holds
    }

    /// Takes in that it does.
    pub fn add(&self, stamp: Stamp, digest: Digest) {
        if self.kept.is_some() {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((stamp, digest));
        }
    }

    /// Keeps what was found for later runs, and forgets what was not: unless this run has looked at a small part of the workspace
    /// only. Where it cannot be kept, later runs look for themselves.
    pub fn keep(self) {
        let Some((file, _)) = self.kept else { return };
        let mut found = self
            .found
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable();
        if found == self.known || found.len() * 2 < self.known.len() {
            return;
        }
        let numbers = found.iter().flat_map(|(stamp, digest)| [stamp.0, digest.0]);
        let bytes: Vec<u8> = numbers.flat_map(u128::to_le_bytes).collect();
        if let Some(folder) = file.parent() {
            // Not the target folder above it: cargo keeps the one that it makes out of backups.
            let _ = fs::create_dir(folder);
        }
        let _ = replace(&file, &bytes, false);
    }
}

/// This program: another one may render a plan otherwise, though it calls itself the same version.
fn program() -> Option<u128> {
    let path = env::current_exe().ok()?;
    let meta = fs::metadata(&path).ok()?;
    Some(Stamp::whatever_comes(&path, &meta)?.0)
}

impl Stamp {
    /// The file as it was told after `now`; none if that is not told, or if it may have changed since and not show it.
    pub fn of(path: &Path, meta: &Metadata, now: SystemTime) -> Option<Self> {
        is_settled(meta, now).then(|| Self::whatever_comes(path, meta))?
    }

    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
    fn whatever_comes(path: &Path, meta: &Metadata) -> Option<Self> {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::MetadataExt;

        let numbers = [
            meta.dev(),
            meta.ino(),
            meta.size(),
            meta.mode().into(),
            meta.mtime().cast_unsigned(),
            meta.mtime_nsec().cast_unsigned(),
            // Nobody sets this one back, as one can that of the text.
            meta.ctime().cast_unsigned(),
            meta.ctime_nsec().cast_unsigned(),
        ];
        let mut hasher = XxHash3_128::with_seed(LAYOUT);
        hasher.write(numbers.map(u64::to_le_bytes).as_flattened());
        hasher.write(path.as_os_str().as_bytes());
        Some(Self(hasher.finish_128()))
    }

    /// The standard library tells when a file was changed on Unix alone.
    #[cfg(not(unix))]
    fn whatever_comes(_: &Path, _: &Metadata) -> Option<Self> {
        None
    }
}

/// The clocks of file systems stand still for a while, that of FAT for two seconds: two changes in it look like one.
#[cfg(unix)]
fn is_settled(meta: &Metadata, now: SystemTime) -> bool {
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, UNIX_EPOCH};

    const SETTLED: Duration = Duration::from_secs(3);
    let now = now.duration_since(UNIX_EPOCH);
    let before = now.ok().and_then(|now| now.checked_sub(SETTLED));
    before.is_some_and(|before| {
        [meta.ctime(), meta.mtime()]
            .into_iter()
            .all(|changed| u64::try_from(changed).is_ok_and(|changed| changed < before.as_secs()))
    })
}

#[cfg(not(unix))]
fn is_settled(_: &Metadata, _: SystemTime) -> bool {
    false
}

/// Gives all of the hash, where [`Hasher`] gives half of it.
struct Wide(XxHash3_128);

impl Hasher for Wide {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    fn finish(&self) -> u64 {
        // Nobody asks for it.
        let whole = self.0.finish_128().to_le_bytes();
        whole.first_chunk().copied().map_or(0, u64::from_le_bytes)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::Cell;
    use std::fs::{File, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::output::committed::Committed;
    use crate::output::listing::Listing;
    use crate::render::{Files, Kind};

    const PATH: &str = "systemd/one.service";

    /// A package with one committed file, in a workspace that was built before.
    struct Bench(tempfile::TempDir);

    impl Bench {
        fn new(text: &str) -> Self {
            let bench = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(bench.file().parent().unwrap()).unwrap();
            fs::create_dir(bench.target()).unwrap();
            fs::write(bench.file(), text).unwrap();
            bench
        }

        fn target(&self) -> PathBuf {
            self.0.path().join("target")
        }

        fn file(&self) -> PathBuf {
            self.0.path().join("packaging").join(PATH)
        }

        fn seen(&self) -> Seen {
            Seen::read(&self.target(), self.0.path())
        }

        /// Whether the file is as this plan has it, and whether it was rendered to find out. `later` is when that is.
        fn look(&self, seen: &Seen, later: Duration, plan: &str) -> (bool, bool) {
            let committed = Committed::open(self.0.path(), "packaging").unwrap();
            let now = SystemTime::now() + later;
            let listing = Listing::as_of(now, committed.folder()).unwrap();
            let mut comparison = committed.comparison(&listing, seen, &plan);
            let rendered = Cell::new(false);
            comparison.file(Kind::Unit, PATH.into(), false, &mut |text| {
                rendered.set(true);
                text.bytes(plan.as_bytes());
            });
            (comparison.fresh().is_some(), rendered.get())
        }

        /// One run.
        fn run(&self, plan: &str) -> (bool, bool) {
            let seen = self.seen();
            let found = self.look(&seen, LATER, plan);
            seen.keep();
            found
        }
    }

    const LATER: Duration = Duration::from_secs(10);
    const LOOKED: (bool, bool) = (true, true);
    const KNOWN: (bool, bool) = (true, false);
    const STALE: (bool, bool) = (false, true);

    #[test]
    fn what_was_seen_is_not_even_rendered() {
        let bench = Bench::new("one");
        assert_eq!(bench.run("one"), LOOKED);
        assert_eq!(bench.run("one"), KNOWN);
        assert_eq!(bench.run("two"), STALE, "another plan");
        assert_eq!(bench.run("one"), KNOWN, "what is stale is nothing new");
    }

    #[test]
    fn who_touches_a_file_is_noticed() {
        let change = |what: &str, change: &dyn Fn(&Path)| {
            let bench = Bench::new("one");
            bench.run("one");
            let before = fs::metadata(bench.file()).unwrap();
            change(&bench.file());
            // As if it were the same still.
            let file = File::options().write(true).open(bench.file()).unwrap();
            file.set_modified(before.modified().unwrap()).unwrap();
            let after = fs::metadata(bench.file()).unwrap();
            assert_eq!(
                (before.len(), before.modified().unwrap()),
                (after.len(), after.modified().unwrap())
            );
            assert!(bench.run("one").1, "{what}");
        };
        change("another text", &|path| fs::write(path, "two").unwrap());
        change("another mode", &|path| {
            fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
        });
        change("another file", &|path| {
            let other = path.with_extension("other");
            fs::write(&other, "one").unwrap();
            fs::rename(other, path).unwrap();
        });
    }

    #[test]
    fn what_was_just_written_is_looked_at_again() {
        let bench = Bench::new("one");
        for _ in 0..2 {
            let seen = bench.seen();
            assert_eq!(bench.look(&seen, Duration::ZERO, "one"), LOOKED);
            seen.keep();
        }
    }

    #[test]
    fn another_program_looks_for_itself() {
        let bench = Bench::new("one");
        bench.run("one");
        let mut seen = bench.seen();
        seen.kept.as_mut().unwrap().1 += 1;
        assert_eq!(bench.look(&seen, LATER, "one"), LOOKED);
    }

    #[test]
    fn a_damaged_list_is_no_list() {
        let bench = Bench::new("one");
        let list = file(&bench.target(), bench.0.path());
        bench.run("one");
        let whole = fs::read(&list).unwrap();
        assert_eq!(whole.len(), 2 * HALF);
        let mut turned = whole.clone();
        turned.rotate_left(1);
        for damaged in [&whole[1..], &turned, b"", b"x"] {
            fs::write(&list, damaged).unwrap();
            assert_eq!(bench.run("one"), LOOKED);
            assert_eq!(fs::read(&list).unwrap(), whole, "it is made anew");
        }
        // Out of order, and with a part of a fact behind it.
        let mut odd = vec![0xff; 2 * HALF];
        odd.extend_from_slice(&whole);
        odd.push(0);
        fs::write(&list, odd).unwrap();
        assert_eq!(bench.run("one"), KNOWN);
    }

    #[test]
    fn workspaces_that_share_a_target_folder_leave_each_other_alone() {
        let bench = Bench::new("one");
        bench.run("one");
        let other = Seen::read(&bench.target(), Path::new("/other"));
        assert_eq!(bench.look(&other, LATER, "one"), LOOKED);
        other.keep();
        assert_eq!(bench.run("one"), KNOWN);
        assert_eq!(fs::read_dir(bench.target().join("svc")).unwrap().count(), 2);
    }

    #[test]
    fn a_part_of_the_workspace_leaves_the_rest_known() {
        let bench = Bench::new("one");
        let seen = |count: u128| {
            let seen = bench.seen();
            for number in 0..count {
                seen.add(Stamp(number), Digest(number));
            }
            seen.keep();
            bench.seen().known.len()
        };
        assert_eq!(seen(5), 5);
        assert_eq!(seen(2), 5, "a part");
        assert_eq!(seen(3), 3, "the workspace became smaller");
    }

    #[test]
    fn no_target_folder_is_made_for_it() {
        let bench = Bench::new("one");
        fs::remove_dir(bench.target()).unwrap();
        for _ in 0..2 {
            assert_eq!(bench.run("one"), LOOKED);
        }
        assert!(!bench.target().exists());
        // Nor does it matter that nothing can be written there.
        fs::write(bench.target(), "").unwrap();
        assert_eq!(bench.run("one"), LOOKED);
    }
}
