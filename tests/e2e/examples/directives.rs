//! Brings the machine-made columns of cargo-svc's table of directives up to date, and names the rows to review.
//!
//! It takes what four versions of systemd print of themselves, and the manual pages of the newest. The roots are those of the
//! end-to-end suites: it needs what they need.

use std::fs;

use anyhow::{Context, Result, anyhow};
use svc_e2e::bed::systemd::{self, RELEASES, Still};
use svc_e2e::{checkout, vocabulary};

fn main() -> Result<()> {
    systemd::needs().map_err(|reason| anyhow!(reason))?;
    let path = checkout::root().join("cargo-svc/src/directives/table.tsv");
    let table = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut dumps = Vec::new();
    for release in RELEASES {
        let root = Still::new(release.suite)?;
        dumps.push((release.systemd, vocabulary::dump(release, &root)?));
    }
    let newest = Still::new(RELEASES[RELEASES.len() - 1].suite)?;
    let manual = vocabulary::manual(newest.path())?;
    let update = vocabulary::update(&table, &dumps, &manual)?;
    for finding in &update.review {
        println!("review: {finding}");
    }
    if update.text == table {
        println!("the table was up to date");
    } else {
        fs::write(&path, update.text).with_context(|| path.display().to_string())?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
