//! What one system takes and the other does not.

use super::{literal, one_error};
use crate::testing::{HEAD, package, resolve};

#[test]
fn a_folders_name_is_one_systems_own_but_for_what_neither_takes() {
    let name = "q\" <b> | *?";
    let tables = format!(
        "[package.metadata.service]\nwindows = false\ndirectories = {{ runtime = '{name}' }}\n"
    );
    let package = package(&tables);
    let runtime = &package.services[0].systemd.directories.runtime;
    let path = runtime
        .as_ref()
        .and_then(|folder| folder.value.path.as_ref());
    assert_eq!(path, Some(&literal(name)));
    let error = one_error("[package.metadata.service]\ndirectories = { runtime = 'a:b' }\n");
    assert!(
        error.contains("':' cannot stand in a folder's name"),
        "{error}"
    );
}

#[test]
fn a_display_name_for_systemd_alone_is_refused() {
    let error = one_error("[package.metadata.service]\nsystemd.display-name = \"Beacon\"\n");
    assert!(
        error.contains(
            "systemd.display-name: invalid value for `display-name`: nothing on Linux shows it"
        ),
        "{error}"
    );
    for right in [
        "display-name = \"Beacon\"",
        "windows.display-name = \"Beacon\"",
        "systemd.display-name = false",
    ] {
        resolve(&format!("{HEAD}[package.metadata.service]\n{right}\n")).expect(right);
    }
}
