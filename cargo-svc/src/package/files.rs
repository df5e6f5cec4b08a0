//! The files that a package's services declare: found and looked at before anything is built.

use std::path::{Path, PathBuf};

use super::FILES;
use crate::build::System;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::manifest::shown;
use crate::output::archive::Member;
use crate::output::folder::{Content, Entry};
use crate::render::Kind;
use crate::service::Package;

/// Each declared file once, in the order of the manifest; `None` if one is not there to be packaged.
pub(super) fn find(package: &Package, system: System, report: &mut Report) -> Option<Vec<Entry>> {
    let mut found: Vec<Entry> = Vec::new();
    let mut complete = true;
    for file in package
        .services_for(system)
        .flat_map(|service| &service.on(system).files)
    {
        let Some(source) = &file.value.source else {
            continue;
        };
        let executable = file.value.mode.is_some_and(|mode| mode.0 & 0o111 != 0);
        let path = format!("{FILES}/{}", source.value);
        if let Some(known) = found.iter_mut().find(|known| known.member.path == path) {
            known.member.executable |= executable;
            continue;
        }
        match locate(&package.root, source) {
            Ok(from) => found.push(Entry {
                kind: Kind::File,
                member: Member { path, executable },
                content: Content::Copy(from),
            }),
            Err(why) => {
                complete = false;
                report.add(*why);
            }
        }
    }
    complete.then_some(found)
}

/// Where a file is: below the package's folder, links followed.
fn locate(root: &Path, source: &Declared<String>) -> Result<PathBuf, Box<Diagnostic>> {
    let path = root.join(&source.value);
    let refused = |title: String, label: String, help: &str| {
        Box::new(
            Diagnostic::error(title)
                .at(source.place())
                .label(label)
                .help(help),
        )
    };
    let title = format!("`files` cannot take `{}`", source.value);
    let failed = |error: std::io::Error| {
        refused(
            title.clone(),
            format!("{}: {error}", shown(&path).display()),
            "name a file of the package, by its path below the folder of Cargo.toml",
        )
    };
    let real = path.canonicalize().map_err(failed)?;
    let folder = root.canonicalize().map_err(failed)?;
    if !real.starts_with(&folder) {
        return Err(refused(
            title,
            format!(
                "it leads to {}, outside of the package",
                shown(&real).display()
            ),
            "put the file itself into the package's folder",
        ));
    }
    if !real.is_file() {
        return Err(refused(
            title,
            format!("{} is not a file", shown(&path).display()),
            "name each file of a folder by itself",
        ));
    }
    Ok(path)
}
