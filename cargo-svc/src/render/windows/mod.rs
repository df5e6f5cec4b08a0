//! What Windows gets: scripts that install, upgrade, repair and remove a package's services.

mod cmd;

use super::{Artifact, Kind, text};
use crate::plan::windows::WindowsPlan;

/// The scripts of a plan, below `windows/`.
pub fn scripts(plan: &WindowsPlan) -> Vec<Artifact> {
    let script = |kind, path: &str, contents| Artifact {
        kind,
        path: format!("windows/{path}"),
        contents,
        executable: false,
    };
    vec![
        script(
            Kind::InstallCmd,
            "install.cmd",
            crlf(&text(&cmd::Install::new(plan))),
        ),
        script(
            Kind::UninstallCmd,
            "uninstall.cmd",
            crlf(&text(&cmd::Uninstall::new(plan))),
        ),
    ]
}

/// The line ends that both interpreters read on every Windows.
fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    for &byte in text {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

/// A file that an installation puts into the install folder.
struct InstalledFile {
    /// Where it is in the package.
    source: String,
    /// Its name in the install folder.
    name: String,
}

/// Everything that is put into the install folder: the programs, and what removes them again.
fn installed_files(plan: &WindowsPlan) -> Vec<InstalledFile> {
    let programs = plan.programs.iter().map(|name| InstalledFile {
        source: format!("bin\\{name}"),
        name: name.clone(),
    });
    let uninstallers = ["uninstall.cmd"].map(|name| InstalledFile {
        source: name.to_owned(),
        name: name.to_owned(),
    });
    programs.chain(uninstallers).collect()
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
mod tests;
