//! The manual pages: which version of systemd each directive was added in.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::GzDecoder;

use super::Key;

/// The pages with the sections that their entries belong to. Those of systemd.unit(5) say theirs in a heading.
const PAGES: [(&str, &[&str]); 8] = [
    ("unit", &[]),
    ("service", &["Service"]),
    ("socket", &["Socket"]),
    ("timer", &["Timer"]),
    ("path", &["Path"]),
    ("exec", &["Service", "Socket"]),
    ("kill", &["Service", "Socket"]),
    ("resource-control", &["Service", "Socket"]),
];

/// The version that the manual in a root gives for each directive. What it gives none for is older than its annotations.
pub fn manual(root: &Path) -> Result<BTreeMap<Key, u32>> {
    let mut since = BTreeMap::new();
    for (page, sections) in PAGES {
        let path = root.join(format!("usr/share/man/man5/systemd.{page}.5.gz"));
        let mut text = String::new();
        File::open(&path)
            .and_then(|file| GzDecoder::new(file).read_to_string(&mut text))
            .with_context(|| path.display().to_string())?;
        for (key, version) in entries(&text, sections) {
            // The page of the section itself comes first.
            since.entry(key).or_insert(version);
        }
    }
    Ok(since)
}

/// An entry is a line of names after `.PP`, and the text between the `.RS` and the `.RE` after it. Its own annotation is not in
/// any list within.
fn entries(text: &str, sections: &[&str]) -> Vec<(Key, u32)> {
    let mut found = Vec::new();
    let mut heading = None;
    let mut names: Vec<&str> = Vec::new();
    let mut depth = 0_usize;
    let mut before = "";
    for line in text.lines() {
        match line.split_whitespace().next().unwrap_or_default() {
            ".SH" => {
                heading = ["Unit", "Install"].into_iter().find(|section| {
                    line.contains(&format!("[{}] SECTION", section.to_uppercase()))
                });
                (names, depth) = (Vec::new(), 0);
            }
            ".RS" => depth += 1,
            ".RE" => depth = depth.saturating_sub(1),
            _ if depth == 0 && before == ".PP" => names = heading_names(line),
            _ if depth == 1 => {
                let version = line
                    .strip_prefix("Added in version ")
                    .and_then(|rest| rest.trim_end_matches("\\&.").parse().ok());
                if let Some(version) = version {
                    for section in heading.iter().chain(sections) {
                        let key = |name: &&str| ((*section).to_owned(), (*name).to_owned());
                        found.extend(names.iter().map(|name| (key(name), version)));
                    }
                }
            }
            _ => {}
        }
        before = line;
    }
    found
}

/// The names in the first line of an entry; none if it is no such line.
fn heading_names(line: &str) -> Vec<&str> {
    if !line.starts_with("\\fI") {
        return Vec::new();
    }
    line.split(", ")
        .filter_map(|item| item.strip_prefix("\\fI")?.split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_one_version_for_all_of_its_names() {
        let page = ".SH \"OPTIONS\"\n.PP\n\\fIA=\\fR, \\fIB=\\fR\\fI\\fIweight\\fR\\fR\n.RS 4\nText\n.sp\n.RS 4\nAdded in version \
                    257\\&.\n.RE\n.sp\nAdded in version 254\\&.\n.RE\n.PP\n\\fIC=x|y\\fR\n.RS 4\nOld\\&.\n.RE\n";
        let found: Vec<_> = entries(page, &["Service"])
            .into_iter()
            .map(|((section, name), version)| format!("{section}.{name} {version}"))
            .collect();
        assert_eq!(found, ["Service.A 254", "Service.B 254"]);
    }

    #[test]
    fn headings_name_the_section() {
        let page = ".SH \"[INSTALL] SECTION OPTIONS\"\n.PP\n\\fIAlso=\\fR\n.RS 4\nAdded in version 201\\&.\n.RE\n.SH \"NOTES\"\n.PP\n\
                    \\fIX=\\fR\n.RS 4\nAdded in version 202\\&.\n.RE\n";
        assert_eq!(
            entries(page, &[]),
            [(("Install".into(), "Also".into()), 201)]
        );
    }
}
