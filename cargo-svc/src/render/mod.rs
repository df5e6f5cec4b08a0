//! Plans become artifacts in memory. Nothing here touches the disk.

pub mod dialogs;
pub mod distribution;
pub mod linux;
pub mod msi;
#[cfg(test)]
mod shells;
pub mod text;
pub mod windows;
pub mod wix;

pub use text::{Files, Text, gathered};

/// What a file is for; `cargo svc print KIND` and `artifacts.json` use [`Kind::word`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A systemd unit.
    Unit,
    /// The users that units run as (sysusers.d(5)).
    Sysusers,
    /// The folders that have to be there first (tmpfiles.d(5)).
    Tmpfiles,
    /// The Linux installer of the archive.
    InstallSh,
    /// Its counterpart.
    UninstallSh,
    /// A script of dpkg's.
    Debian(distribution::Debian),
    /// A scriptlet of rpm's.
    Rpm(distribution::Rpm),
    /// The table of Cargo.toml that cargo-deb reads.
    DebMetadata,
    /// The table of Cargo.toml that cargo-generate-rpm reads.
    RpmMetadata,
    /// The Windows installer for PowerShell.
    InstallPs1,
    /// Its counterpart.
    UninstallPs1,
    /// The Windows installer for cmd.exe.
    InstallCmd,
    /// Its counterpart.
    UninstallCmd,
    /// The licence that the sources for WiX show.
    WixLicence,
    /// The services for an installer of one's own, for WiX v3.
    WixV3,
    /// A whole installer for WiX v3.
    WixV3Product,
    /// The services for an installer of one's own, for WiX v4 and later.
    WixV4,
    /// A whole installer for WiX v4 and later.
    WixV4Product,
    /// Keeps the line ends of the committed files as they were written.
    GitAttributes,
    /// The program itself.
    Program,
    /// A file that is installed with it.
    File,
    /// The list of a package's files with version, target and SHA-256, which installers read.
    PackageList,
    /// The archive for Linux.
    TarGz,
    /// The archive for Windows.
    Zip,
    /// The package for Windows Installer.
    Msi,
}

impl Kind {
    /// The kind's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Sysusers => "sysusers",
            Self::Tmpfiles => "tmpfiles",
            Self::InstallSh => "install.sh",
            Self::UninstallSh => "uninstall.sh",
            Self::Debian(script) => script.word(),
            Self::Rpm(script) => script.word(),
            Self::DebMetadata => "deb-metadata",
            Self::RpmMetadata => "rpm-metadata",
            Self::InstallPs1 => "install.ps1",
            Self::UninstallPs1 => "uninstall.ps1",
            Self::InstallCmd => "install.cmd",
            Self::UninstallCmd => "uninstall.cmd",
            Self::WixLicence => "wix-license",
            Self::WixV3 => "wix-v3",
            Self::WixV3Product => "wix-v3-product",
            Self::WixV4 => "wix-v4",
            Self::WixV4Product => "wix-v4-product",
            Self::GitAttributes => "gitattributes",
            Self::Program => "program",
            Self::File => "file",
            Self::PackageList => "package-list",
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
            Self::Msi => "msi",
        }
    }
}

/// What stands in the first lines of every committed file, so that one that nobody declares any more is known as ours.
pub const MARK: &str = "Written by `cargo svc generate`";

/// Keeps git from converting the line ends of the committed files: systemd and sh need LF, cmd.exe needs CRLF.
pub fn git_attributes(files: &mut dyn Files) {
    let text =
        format!("# {MARK}: git keeps the line ends of these files on every system.\n* -text\n");
    files.file(
        Kind::GitAttributes,
        ".gitattributes".into(),
        false,
        &mut |out: &mut Text| out.bytes(text.as_bytes()),
    );
}

/// A file that is ready to be written, compared or printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What it is for.
    pub kind: Kind,
    /// Where it goes below the folder that it is written to, with forward slashes.
    pub path: String,
    /// Its bytes, line ends included.
    pub contents: Vec<u8>,
    /// Whether it is a program or a script that Linux runs.
    pub executable: bool,
}

impl Artifact {
    /// Whether it is a file of this service alone, which has this name under systemd.
    pub fn is_of(&self, service: &str) -> bool {
        let unit = [".service", "@.service"].map(|end| format!("systemd/{service}{end}"));
        self.kind == Kind::Unit && unit.contains(&self.path)
    }
}

/// A template's text in memory, as [`Text::template`] writes it.
fn text(template: &impl askama::Template) -> Vec<u8> {
    let mut memory = Vec::new();
    Text::into_memory(&mut memory).template(template);
    memory
}
