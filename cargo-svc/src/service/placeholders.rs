//! Placeholders in the light of the whole service: a folder's needs its folder, an instance's a template.

use super::Portable;
use super::declared::Listen;
use super::text::{Folder, Text};
use crate::diagnostics::{Declared, Diagnostic, Report};

/// Refuses placeholders that stand for nothing.
pub(super) fn check(keys: &Portable, template: bool, report: &mut Report) {
    let mut texts: Vec<(&str, &Declared<Text>)> = Vec::new();
    texts.extend(keys.args.iter().map(|text| ("args", text)));
    texts.extend(keys.environment.values().map(|text| ("environment", text)));
    texts.extend(keys.working_dir.iter().map(|text| ("working-dir", text)));
    texts.extend(keys.files.iter().map(|file| ("files", &file.value.to)));
    for (key, text) in texts {
        one(key, &text.value, text, keys, template, report);
    }
    for (_, directory) in keys.directories.iter() {
        if let Some(path) = &directory.value.path {
            one("directories", path, directory, keys, template, report);
        }
    }
    for listen in keys.sockets.iter().flat_map(|socket| &socket.value.listen) {
        if let Listen::Unix(path) | Listen::UnixDatagram(path) = &listen.value {
            one("sockets", path, listen, keys, template, report);
        }
    }
}

fn one<T>(
    key: &str,
    text: &Text,
    declared: &Declared<T>,
    keys: &Portable,
    template: bool,
    report: &mut Report,
) {
    let undeclared = text
        .folders()
        .find(|folder| *folder != Folder::Install && keys.directories.get(*folder).is_none());
    if let Some(folder) = undeclared {
        let word = folder.word();
        let name = word.trim_end_matches("-dir");
        report.add(
            Diagnostic::error(format!("invalid value for `{key}`"))
                .at(declared.place())
                .label(format!("the folder of `{{{word}}}` is not declared"))
                .rests_on(&["directories"])
                .help(format!("declare it: `directories = {{ {name} = true }}`; or write `{{{{` for a literal brace")),
        );
    }
    if text.has_instance() && !template {
        report.add(
            Diagnostic::error(format!("invalid value for `{key}`"))
                .at(declared.place())
                .label("`{instance}` is for templates, which only systemd has")
                .rests_on(&["template"])
                .help("write `template = true` in the `systemd` table and the value there, or `{{` for a literal brace"),
        );
    }
}
