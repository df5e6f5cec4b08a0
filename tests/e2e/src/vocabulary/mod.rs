//! What real versions of systemd and their manual say of directives, and the table of `cargo-svc` that is made of it.

mod manual;
mod table;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

pub use manual::manual;
pub use table::{Update, update};

use crate::bed::systemd::{Release, Still};

/// systemd itself, in a root.
pub const SYSTEMD: &str = "/lib/systemd/systemd";

/// The sections of the table.
const SECTIONS: [&str; 6] = ["Unit", "Service", "Socket", "Timer", "Path", "Install"];

/// A section and a name.
pub type Key = (String, String);

/// Each directive with the kind of its value, as one version names it.
pub type Dump = BTreeMap<Key, String>;

/// What the systemd of a release says of the sections that the table has.
pub fn dump(release: Release, root: &Still) -> Result<Dump> {
    root.run(&[SYSTEMD, "--dump-configuration-items"])?
        .success()
        .map(|text| parse(&text))
        .with_context(|| format!("the directives of {}", release.suite))
}

/// Reads `[Section]` and `Name=KIND` lines.
fn parse(text: &str) -> Dump {
    let mut dump = Dump::new();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name;
        } else if let Some((name, kind)) = line.split_once('=')
            && SECTIONS.contains(&section)
        {
            dump.insert((section.to_owned(), name.to_owned()), kind.to_owned());
        }
    }
    dump
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_read_by_sections() {
        let dump =
            parse("[Unit]\nAfter=UNIT [...]\n\n[Mount]\nWhat=NODE\n\n[Service]\nNice=NICE\n");
        let keys: Vec<_> = dump
            .iter()
            .map(|((s, n), k)| format!("{s}.{n}={k}"))
            .collect();
        assert_eq!(keys, ["Service.Nice=NICE", "Unit.After=UNIT [...]"]);
    }
}
