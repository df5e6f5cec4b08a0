//! Whether standard error is the journal: "systemd.exec(5)", `$JOURNAL_STREAM`.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

/// The variable alone says little: it is inherited by whoever has its output elsewhere.
pub(crate) fn stderr_is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let stderr = io::stderr().as_fd().try_clone_to_owned();
    let found = stderr.and_then(|stderr| File::from(stderr).metadata());
    found.is_ok_and(|found| stream == format!("{}:{}", found.dev(), found.ino()))
}
