//! What Windows gets: scripts that install, upgrade, repair and remove a package's services.

mod cmd;
mod powershell;

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
            crlf(&cmd::Install::new(plan).text()),
        ),
        script(
            Kind::UninstallCmd,
            "uninstall.cmd",
            crlf(&cmd::Uninstall::new(plan).text()),
        ),
        script(
            Kind::InstallPs1,
            "install.ps1",
            with_byte_order_mark(crlf(&text(&carried(powershell::Install::new(plan))))),
        ),
        script(
            Kind::UninstallPs1,
            "uninstall.ps1",
            with_byte_order_mark(crlf(&text(&carried(powershell::Uninstall::new(plan))))),
        ),
    ]
}

/// A script's values, laid out.
///
/// # Panics
/// If one cannot be: the plan should have refused it, and half a script must not become a file.
fn carried<T>(script: Result<T, std::fmt::Error>) -> T {
    script.expect("the plan holds only what its escaper can carry")
}

/// The byte order mark, without which Windows PowerShell 5.1 takes a file for one in the machine's old code page.
fn with_byte_order_mark(mut text: Vec<u8>) -> Vec<u8> {
    text.splice(0..0, *b"\xEF\xBB\xBF");
    text
}

/// The line ends that both interpreters read on every Windows.
fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    let mut begin = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        out.extend_from_slice(&text[begin..end]);
        out.extend_from_slice(b"\r\n");
        begin = end + 1;
    }
    out.extend_from_slice(&text[begin..]);
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
    let uninstallers = ["uninstall.cmd", "uninstall.ps1"].map(|name| InstalledFile {
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
pub(crate) mod tests;
