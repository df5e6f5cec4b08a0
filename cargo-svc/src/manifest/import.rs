//! Adding the tables of imported units to a Cargo.toml, and a package for those that go to no Cargo.toml yet.

use serde_json::json;
use toml::de::DeTable;

use super::init::find;

const SERVICE: &str = "package.metadata.service";

/// The text with these tables after what is there, which stays as it is, byte for byte. `None` if the result would not be what
/// was meant, which is so where the package's metadata is written inline.
pub fn append(text: &str, tables: &str) -> Option<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut edited = text.to_owned();
    if !edited.is_empty() && !edited.ends_with('\n') {
        edited.push_str(end);
    }
    if !edited.is_empty() {
        edited.push_str(end);
    }
    edited.push_str(&tables.replace('\n', end));
    let root = DeTable::parse(&edited).ok()?;
    find(root.get_ref(), SERVICE).is_some().then_some(edited)
}

/// What cargo would say of a package with these binaries. What services take from it by default is what no unit says, so that
/// nothing is left out because this package happens to say the same.
pub(crate) fn any_package(
    bins: &[String],
    uses_runtime: bool,
) -> Result<cargo_metadata::Package, serde_json::Error> {
    let nothing = "nothing that a unit says";
    let url = "https://package.invalid/nothing-that-a-unit-says";
    let targets: Vec<_> = bins
        .iter()
        .map(|bin| {
            json!({
                "kind": ["bin"], "crate_types": ["bin"], "name": bin, "src_path": "/src/main.rs", "edition": "2024",
                "doc": true, "doctest": false, "test": true,
            })
        })
        .collect();
    let runtime = json!([{
        "name": "svc-rt", "source": null, "req": "*", "kind": null, "optional": false, "rename": null,
        "uses_default_features": true, "features": ["log", "tracing", "log-file"], "target": null,
    }]);
    serde_json::from_value(json!({
        "name": "package", "version": "0.0.0", "id": "path+file:///package#0.0.0", "source": null, "description": nothing,
        "license": null, "license_file": null, "dependencies": if uses_runtime { runtime } else { json!([]) },
        "targets": targets, "features": {}, "manifest_path": "/Cargo.toml", "metadata": null, "publish": null, "authors": [],
        "categories": [], "keywords": [], "readme": null, "repository": null, "homepage": url, "documentation": url,
        "edition": "2024", "links": null, "default_run": null, "rust_version": null,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "[package.metadata.service]\nname = \"beacon\"\n";

    #[test]
    fn tables_follow_what_is_there() {
        for (text, want) in [
            ("", String::from(TABLES)),
            ("[package] # a\n", format!("[package] # a\n\n{TABLES}")),
            ("[package]", format!("[package]\n\n{TABLES}")),
            (
                "[package]\r\n",
                format!("[package]\r\n\r\n{}", TABLES.replace('\n', "\r\n")),
            ),
        ] {
            assert_eq!(append(text, TABLES), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_inline_is_left_to_the_user() {
        assert_eq!(append("package = { name = \"beacon\" }\n", TABLES), None);
        assert_eq!(append("[package]\nmetadata = { a = 1 }\n", TABLES), None);
    }
}
