//! What the tools for distribution packages are told: the part of their tables that has to agree with the services.
//!
//! Their tables are theirs: what they would refuse, they refuse themselves.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tables::{place, take};
use crate::diagnostics::{Place, SourceFile};

/// The tools for distribution packages that have a table in the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packers {
    /// cargo-deb: `[package.metadata.deb]`
    pub deb: Option<Packer>,
    /// cargo-generate-rpm: `[package.metadata.generate-rpm]`
    pub rpm: Option<Packer>,
}

/// One tool's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packer {
    /// Where it stands.
    pub place: Place,
    /// The files that it packs, by where they go.
    files: Vec<String>,
    /// Where files go that are found by a wildcard.
    folders: Vec<String>,
    /// The scripts, or their folder.
    scripts: Vec<String>,
    /// Whether programs are found by themselves.
    auto: bool,
}

impl Packer {
    /// Whether it packs a file at this absolute path.
    pub fn packs(&self, path: &str) -> bool {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.files.iter().any(|file| file == path)
            || self.folders.iter().any(|known| known == folder)
            || (self.auto && folder == "/usr/bin")
    }

    /// Whether it takes its scripts from this path.
    pub fn runs(&self, path: &str) -> bool {
        self.scripts.iter().any(|script| script == path)
    }
}

/// Reads both tables.
pub(super) fn read(root: &mut DeTable<'_>, source: &Arc<SourceFile>) -> Packers {
    let mut packer = |key: &str, auto: bool| {
        let value = take(root, key)?;
        let mut packer = Packer {
            place: place(source, key, value.span()),
            files: Vec::new(),
            folders: Vec::new(),
            scripts: Vec::new(),
            auto,
        };
        if let DeValue::Table(table) = value.get_ref() {
            fill(table, &mut packer);
        }
        Some(packer)
    };
    Packers {
        deb: packer("package.metadata.deb", true),
        rpm: packer("package.metadata.generate-rpm", false),
    }
}

fn fill(table: &DeTable<'_>, packer: &mut Packer) {
    for (key, value) in table {
        let key: &str = key.get_ref();
        if key == "maintainer-scripts" || key.ends_with("_script") {
            let script = value.get_ref().as_str().unwrap_or_default();
            packer.scripts.push(script.trim_end_matches('/').to_owned());
        }
    }
    let assets = table
        .get("assets")
        .and_then(|value| value.get_ref().as_array());
    // Without the key, cargo-deb takes the programs.
    packer.auto &= assets.is_none();
    for asset in assets.into_iter().flatten() {
        match asset.get_ref() {
            DeValue::String(word) => packer.auto |= word == "$auto",
            DeValue::Array(words) => {
                add(words.first(), words.get(1), packer);
            }
            DeValue::Table(table) => {
                add(table.get("source"), table.get("dest"), packer);
            }
            _ => {}
        }
    }
}

fn add(
    from: Option<&Spanned<DeValue<'_>>>,
    to: Option<&Spanned<DeValue<'_>>>,
    packer: &mut Packer,
) {
    let word = |value: Option<&Spanned<DeValue<'_>>>| {
        value.and_then(|value| value.get_ref().as_str().map(str::to_owned))
    };
    let (Some(from), Some(to)) = (word(from), word(to)) else {
        return;
    };
    let to = format!("/{}", to.trim_start_matches('/'));
    if from.contains('*') {
        packer.folders.push(to.trim_end_matches('/').to_owned());
    } else if to.ends_with('/') {
        let name = from.rsplit('/').next().unwrap_or_default();
        packer.files.push(format!("{to}{name}"));
    } else {
        packer.files.push(to);
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostics::Report;
    use crate::testing;

    fn packers(tables: &str) -> super::Packers {
        let mut report = Report::default();
        let text = format!("{}[package.metadata.service]\n{tables}", testing::HEAD);
        let manifest = testing::read(&text, &mut report).unwrap();
        assert!(!report.has_errors(), "{:?}", report.diagnostics());
        manifest.packers
    }

    #[test]
    fn assets_are_found_however_they_are_written() {
        let deb = packers(
            "[package.metadata.deb]\nmaintainer-scripts = \"packaging/debian/\"\nassets = [\n\
             [\"target/release/beacon\", \"usr/bin/\", \"755\"],\n\
             { source = \"a.toml\", dest = \"/etc/b.toml\" },\n\
             [\"packaging/systemd/*\", \"usr/lib/systemd/system\", \"644\"]]\n",
        );
        let deb = deb.deb.unwrap();
        for packed in [
            "/usr/bin/beacon",
            "/etc/b.toml",
            "/usr/lib/systemd/system/x.socket",
        ] {
            assert!(deb.packs(packed), "{packed}");
        }
        for not in [
            "/usr/bin/other",
            "/etc/a.toml",
            "/usr/lib/systemd/user/x.socket",
        ] {
            assert!(!deb.packs(not), "{not}");
        }
        assert!(deb.runs("packaging/debian") && !deb.runs("debian"));
        assert_eq!(deb.place.key, "package.metadata.deb");
    }

    #[test]
    fn no_table_is_no_packer() {
        let none = packers("");
        assert!(none.deb.is_none() && none.rpm.is_none());
        let both =
            packers("[package.metadata.deb]\n[package.metadata.generate-rpm]\nassets = []\n");
        assert!(both.deb.unwrap().packs("/usr/bin/beacon"));
        assert!(!both.rpm.unwrap().packs("/usr/bin/beacon"));
    }
}
