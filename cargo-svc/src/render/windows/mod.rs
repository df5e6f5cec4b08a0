//! What Windows gets: scripts that install, upgrade, repair and remove a package's services.

mod cmd;
mod powershell;

use std::borrow::Cow;

use super::text::{Text, carried};
use super::{Files, Kind};
use crate::escape::part::{Part, Word};
use crate::plan::windows::{AddRemove, Value, WindowsPlan};

/// The scripts of a plan, below `windows/`.
pub fn scripts(plan: &WindowsPlan, files: &mut dyn Files) {
    let mut script = |kind: Kind, write: &mut dyn FnMut(&mut Text)| {
        files.file(kind, format!("windows/{}", kind.word()), false, write);
    };
    script(Kind::InstallCmd, &mut |out| {
        cmd::Install::new(plan).write(out);
    });
    script(Kind::UninstallCmd, &mut |out| {
        cmd::Uninstall::new(plan).write(out);
    });
    script(Kind::InstallPs1, &mut |out| {
        let install = carried(powershell::Install::new(plan));
        out.windows_template(BYTE_ORDER_MARK, &install);
    });
    script(Kind::UninstallPs1, &mut |out| {
        let uninstall = carried(powershell::Uninstall::new(plan));
        out.windows_template(BYTE_ORDER_MARK, &uninstall);
    });
}

/// Without it Windows PowerShell 5.1 takes a file for one in the machine's old code page.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// A file that an installation puts on the machine.
struct InstalledFile<'a> {
    /// Where it is in the package, with backslashes.
    source: Cow<'a, str>,
    /// Its path below the install folder, or its whole path.
    place: Place<'a>,
    /// Whether an operator may edit it.
    config: bool,
    /// Whether the machine and its administrators alone may read it.
    private: bool,
}

/// Where a file goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    /// Below the install folder.
    Below(&'a str),
    /// Anywhere else.
    At(&'a Value),
}

impl<'a> Place<'a> {
    /// The pieces of its path.
    fn parts(self) -> impl Iterator<Item = Part<'a>> {
        let (below, at) = match self {
            Self::Below(name) => {
                let below = [Part::InstallDir, Part::Text("\\"), Part::Text(name)];
                (Some(below), "".into())
            }
            Self::At(path) => (None, Word::Value(path)),
        };
        below.into_iter().flatten().chain(at.parts())
    }
}

/// Everything that is put on the machine: the programs, what removes them again, and what the services declare.
fn installed_files(plan: &WindowsPlan) -> Vec<InstalledFile<'_>> {
    fn own<'a>(source: impl Into<Cow<'a, str>>, name: &'a str) -> InstalledFile<'a> {
        InstalledFile {
            source: source.into(),
            place: Place::Below(name),
            config: false,
            private: false,
        }
    }
    let programs = plan
        .programs
        .iter()
        .map(|name| own(format!("bin\\{name}"), name));
    let uninstallers = ["uninstall.cmd", "uninstall.ps1"].map(|name| own(name, name));
    let install_dir = Value::install_dir();
    let declared = plan.files.iter().map(|file| InstalledFile {
        source: format!("files\\{}", file.source.replace('/', "\\")).into(),
        place: if file.folder == install_dir {
            Place::Below(&file.below)
        } else {
            Place::At(&file.to)
        },
        config: file.config,
        private: file.sddl.is_some(),
    });
    let icon = plan.add_remove.has_icon.then_some(AddRemove::ICON);
    let icon = icon.map(|name| own(name, name));
    let ours = programs.chain(uninstallers).chain(icon);
    ours.chain(declared).collect()
}

/// The folders that files need below the folder that they go to, each after the one that it is in.
fn subfolders(plan: &WindowsPlan) -> Vec<Value> {
    let mut folders: Vec<Value> = Vec::new();
    for file in &plan.files {
        let mut path = file.folder.clone();
        let steps: Vec<&str> = file.below.split('\\').collect();
        for step in &steps[..steps.len() - 1] {
            path = path.join(step);
            if !folders.contains(&path) {
                folders.push(path.clone());
            }
        }
    }
    folders
}

/// What an installer waits beyond the declared time, in seconds: the manager, too, takes some.
const MARGIN: u64 = 15;

/// The seconds after which a waiting installer gives up; 0 for never.
fn limit(seconds: Option<u64>) -> u64 {
    seconds.map_or(0, |seconds| {
        seconds.saturating_add(MARGIN).min(i32::MAX as u64)
    })
}

#[cfg(test)]
mod random;
#[cfg(test)]
pub(crate) mod tests;
