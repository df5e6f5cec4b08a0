//! The files that a package's services declare: found and looked at before anything is built.

use super::FILES;
use crate::assets::locate;
use crate::build::System;
use crate::diagnostics::Report;
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
        match locate("files", &package.root, source) {
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
