//! Folders that are made once and kept under the target folder: complete or absent, whoever is killed and whoever runs beside.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bed::systemd;

/// The folder `name` under `beds`. If it is absent, `make` fills a new folder beside it, which then takes its name.
pub fn folder(beds: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let done = beds.join(name);
    let lock = File::create(beds.join(format!("{name}.lock")))?;
    lock.lock()
        .with_context(|| format!("cannot lock {name}.lock"))?;
    if done.exists() {
        return Ok(done);
    }
    let new = beds.join(format!("{name}.new"));
    remove(&new)?;
    fs::create_dir(&new)?;
    make(&new).with_context(|| format!("cannot make the cached folder {name}"))?;
    fs::rename(&new, &done)?;
    Ok(done)
}

/// Removes a folder with all that is in it; one that is absent is fine.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A folder of one running machine. It is removed on drop; one whose process was killed is removed by the next run.
pub struct RunFolder {
    path: PathBuf,
    name: String,
    // Held for as long as the machine runs: that is how the next run tells a live folder from a dead one.
    lock: Option<File>,
}

impl RunFolder {
    /// Makes a folder under `beds`, and removes the dead ones with what else their machines may have left.
    pub fn new(beds: &Path) -> Result<Self> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let all = beds.join("run");
        fs::create_dir_all(&all)?;
        let turn = File::create(beds.join("run.lock"))?;
        turn.lock()?;
        for entry in fs::read_dir(&all)? {
            let dead = entry?.path();
            let owner = File::create(dead.join("lock"));
            if owner.is_ok_and(|lock| lock.try_lock().is_ok()) {
                // Whichever bed it was: only this one leaves something elsewhere.
                systemd::clean(&dead.file_name().unwrap_or_default().to_string_lossy());
                remove(&dead)?;
            }
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("svc-e2e-{}-{number}", std::process::id());
        let path = all.join(&name);
        fs::create_dir(&path)?;
        let lock = File::create(path.join("lock"))?;
        lock.lock()?;
        Ok(Self {
            path,
            name,
            lock: Some(lock),
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A name that no other running machine has.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // Windows removes no file that is open.
        self.lock = None;
        if let Err(error) = remove(&self.path) {
            eprintln!("svc-e2e: {error:#}");
        }
    }
}
