//! Where things are in this checkout.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder for this run: where the suite itself was built.
pub fn target() -> Result<PathBuf> {
    let exe = env::current_exe().context("the path of the running suite")?;
    // target/<profile>/deps/<suite>
    let target = exe
        .ancestors()
        .nth(3)
        .context("a suite outside of a target folder")?;
    Ok(target.to_path_buf())
}

/// The folder for everything that beds make: cached roots and prefixes, and the machines that run now.
pub fn beds() -> Result<PathBuf> {
    let beds = target()?.join("beds");
    std::fs::create_dir_all(&beds).with_context(|| format!("cannot make {}", beds.display()))?;
    Ok(beds)
}

/// An empty folder that is removed with the returned value.
pub fn scratch() -> Result<tempfile::TempDir> {
    let folder = beds()?.join("scratch");
    std::fs::create_dir_all(&folder)?;
    Ok(tempfile::tempdir_in(folder)?)
}
