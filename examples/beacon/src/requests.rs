//! The log of requests: a file in the logs folder, which is opened again at each reload, so that whatever rotates it only has to
//! move it away and reload the service.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The log, or nothing where the service has no folder for it.
#[derive(Default)]
pub(crate) struct Requests {
    path: Option<PathBuf>,
    file: Mutex<Option<File>>,
}

impl Requests {
    /// The log in this folder.
    pub(crate) fn in_folder(folder: Option<PathBuf>) -> Result<Self, String> {
        let requests = Self {
            path: folder.map(|folder| folder.join("requests.log")),
            file: Mutex::default(),
        };
        requests.open()?;
        Ok(requests)
    }

    /// Opens the file anew.
    pub(crate) fn open(&self) -> Result<(), String> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let opened = File::options().append(true).create(true).open(path);
        let opened = opened.map_err(|error| format!("{}: {error}", path.display()))?;
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        Ok(())
    }

    /// Adds a line: when, and what.
    pub(crate) fn note(&self, what: std::fmt::Arguments<'_>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let line = format!("{} {what}\n", now.unwrap_or_default().as_secs());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut *file
            // A log that cannot be written is no reason to refuse requests; it is told once for each line that is lost.
            && let Err(error) = file.write_all(line.as_bytes())
        {
            eprintln!("the log of requests lacks a line: {error}");
        }
    }
}
