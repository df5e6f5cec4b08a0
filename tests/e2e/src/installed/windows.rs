//! On a host with a service control manager, by install.cmd; or by install.ps1, on Windows, if `SVC_SCRIPTS` says `powershell`.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::bed::scm::{Host, Key, RUNNING, Ran};
use crate::fixture::{self, Package, text};
use crate::record::Record;
use crate::{programs, wait};

/// The probe's service.
pub const NAME: &str = fixture::NAME;
/// The probe's own folder. Everybody may write there, since the service's account is nobody else's.
pub const FOLDER: &str = r"C:\svc-e2e-probe";
/// The install folder.
pub const PROGRAMS: &str = r"C:\Program Files\svc-probe";
/// The entry in Add/Remove Programs.
pub const ENTRY: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\svc-probe";
/// The lock against two runs at once.
pub const LOCK: &str = r"C:\Program Files\.svc-probe.svc-lock";
/// Where the packages are unpacked.
pub const UNPACKED: &str = r"C:\svc-e2e-unpacked";

/// A host on which the test installs, cleaned up on drop where it is the machine itself.
pub struct Bed {
    /// The host.
    pub host: Host,
}

impl Drop for Bed {
    fn drop(&mut self) {
        if Host::is_windows() {
            let _ = super::msi::remove_all(&self.host);
            let script = Script::of(PROGRAMS, "uninstall");
            if self.host.local(&script.path).exists() {
                let _ = script.run(&self.host, None, &["/quiet", "/purge"]);
            }
            for folder in [FOLDER, PROGRAMS, UNPACKED] {
                let _ = std::fs::remove_dir_all(self.host.local(folder));
            }
        }
    }
}

/// A script of the package.
struct Script {
    path: String,
    by_powershell: bool,
}

impl Script {
    /// `install` or `uninstall` in this folder.
    fn of(folder: &str, name: &str) -> Self {
        let chosen = std::env::var("SVC_SCRIPTS").is_ok_and(|scripts| scripts == "powershell");
        let by_powershell = chosen && Host::is_windows();
        let ending = if by_powershell { "ps1" } else { "cmd" };
        Self {
            path: format!("{folder}\\{name}.{ending}"),
            by_powershell,
        }
    }

    /// Runs it in this folder, or in the test's own, with the options of the batch files.
    fn run(&self, host: &Host, folder: Option<&str>, options: &[&str]) -> Result<Ran> {
        let run = |program: &str, args: &[&str]| match folder {
            Some(folder) => host.run_in(folder, program, args),
            None => host.run(program, args),
        };
        if !self.by_powershell {
            return run(&self.path, options);
        }
        let options: Vec<_> = options.iter().map(|option| switch(option)).collect();
        let mut args = vec![
            "-NoProfile",
            "-NonInteractive",
            "-ExecutionPolicy",
            "Bypass",
            "-File",
            &self.path,
        ];
        args.extend(options.iter().map(String::as_str));
        run("powershell.exe", &args)
    }
}

/// `/purge` as PowerShell's scripts know it: `-Purge`.
fn switch(option: &str) -> String {
    let name = option.trim_start_matches('/');
    let (first, rest) = name.split_at(1);
    format!("-{}{rest}", first.to_uppercase())
}

/// Settings that make the probe use its folder, and these.
pub fn settings(more: &str) -> String {
    let folder = text(&format!("--probe-dir={FOLDER}"));
    format!("args = [{folder}]\nstop-timeout = \"20s\"\n{more}")
}

/// The target of packages for the host.
pub fn target() -> &'static str {
    if Host::is_windows() {
        "x86_64-pc-windows-msvc"
    } else {
        programs::WINDOWS
    }
}

/// The probe's package with these settings.
pub fn package(version: &str, settings: &str) -> Result<Package> {
    let programs = [(NAME, programs::windows()?.probe.as_path())];
    fixture::package(target(), &programs, version, &fixture::one(settings))
}

/// The probe's package with these settings and with files that it declares, for the scripts alone: Windows Installer is not told
/// of all that they carry out.
pub fn package_with(version: &str, settings: &str, files: &[(&str, &str)]) -> Result<Package> {
    let programs = [(NAME, programs::windows()?.probe.as_path())];
    let fixture = fixture::Fixture::new(version, &programs, &fixture::one(settings))?;
    fixture.put(files)?;
    fixture.package_as(target(), &programs, &["zip"])
}

/// The same for Windows Installer, too.
pub fn installer_with(version: &str, settings: &str, files: &[(&str, &str)]) -> Result<Package> {
    let programs = [(NAME, programs::windows()?.probe.as_path())];
    let fixture = fixture::Fixture::new(version, &programs, &fixture::one(settings))?;
    fixture.put(files)?;
    fixture.package_as(target(), &programs, &["zip", "msi"])
}

/// An icon of one black pixel.
pub const ICON: &[u8] = &[
    0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0, 48, 0, 0, 0, 22, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0,
    2, 0, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 255, 0, 0, 0, 0,
];

/// The probe's package with a licence and an icon.
pub fn dressed() -> Result<Package> {
    let programs = [(NAME, programs::windows()?.probe.as_path())];
    // The fixture's table for the package is the last one before this.
    let tables = format!(
        "license = \"LICENSE\"\nicon = \"art/probe.ico\"\n\n{}",
        fixture::one(&settings(""))
    );
    let fixture = fixture::Fixture::new("1.0.0", &programs, &tables)?;
    fixture.put(&[
        ("LICENSE", "All rights [reserved] – für alle.\n".as_bytes()),
        ("art/probe.ico", ICON),
    ])?;
    fixture.package(target(), &programs)
}

impl Bed {
    /// A host on which nothing is installed yet.
    pub fn new() -> Result<Self> {
        let host = Host::start()?;
        std::fs::create_dir_all(host.local(FOLDER))?;
        host.ok("icacls.exe", &[FOLDER, "/grant", "*S-1-1-0:(OI)(CI)F"])?;
        Ok(Self { host })
    }

    /// A host on which version 1.0.0 runs.
    pub fn installed() -> Result<Self> {
        let bed = Self::new()?;
        bed.install(&package("1.0.0", &settings(""))?)?;
        bed.host.wait_for(NAME, RUNNING)?;
        Ok(bed)
    }

    /// Unpacks into `folder`; the folder with the scripts in it.
    pub fn unpack(&self, package: &Package, folder: &str) -> Result<String> {
        let to = self.host.local(folder);
        zip::ZipArchive::new(Cursor::new(&package.archive))?.extract(&to)?;
        Ok(format!("{folder}\\{}", package.name))
    }

    /// Unpacks into `folder` and installs from there.
    pub fn install_in(&self, package: &Package, folder: &str) -> Result<Ran> {
        let unpacked = self.unpack(package, folder)?;
        // Started in its own folder, as from the Explorer: Wine's cmd cannot tell a script with a percent sign in its path
        // where it lies.
        let ran = Script::of(&unpacked, "install").run(&self.host, Some(&unpacked), &[])?;
        std::fs::remove_dir_all(self.host.local(folder))?;
        Ok(ran)
    }

    /// Installs, however that ends.
    pub fn try_install(&self, package: &Package) -> Result<Ran> {
        self.install_in(package, UNPACKED)
    }

    /// Installs; what the script said.
    pub fn install(&self, package: &Package) -> Result<String> {
        let ran = self.try_install(package)?;
        ensure!(ran.code == 0, "the installer: {ran:?}");
        Ok(ran.text)
    }

    /// Uninstalls, after which no service and no uninstaller is left.
    pub fn uninstall(&self, args: &[&str]) -> Result<()> {
        let uninstall = Script::of(PROGRAMS, "uninstall");
        let ran = uninstall.run(&self.host, None, args)?;
        ensure!(ran.code == 0, "the uninstaller: {ran:?}");
        self.host.wait_for_absence(NAME)?;
        // The script removes itself a moment after it has ended.
        let (script, folder) = (self.host.local(&uninstall.path), self.host.local(PROGRAMS));
        let probe = || Ok((!script.exists()).then_some(()));
        wait::until(
            "the uninstaller to go",
            Duration::from_secs(60),
            probe,
            || format!("{:?}", files(&folder)),
        )
    }

    /// Uninstalls, after which the install folder is gone.
    pub fn uninstall_all(&self, args: &[&str]) -> Result<()> {
        self.uninstall(args)?;
        let folder = self.host.local(PROGRAMS);
        let probe = || Ok((!folder.exists()).then_some(()));
        wait::until(
            "the program folder to go",
            Duration::from_secs(60),
            probe,
            || format!("{:?}", files(&folder)),
        )
    }

    /// What the probe received at its last start.
    pub fn record(&self) -> Result<Record> {
        let path = self.host.local(FOLDER).join("record.json");
        Record::parse(&std::fs::read_to_string(path).context("the probe's record")?)
    }

    /// The key of a source in the event log.
    pub fn source(&self, name: &str) -> Result<Option<Key>> {
        self.host.registry(&format!(
            "HKLM\\System\\CurrentControlSet\\Services\\EventLog\\Application\\{name}"
        ))
    }

    /// All that an installation may leave in the registry.
    pub fn traces(&self) -> Result<[Option<Key>; 3]> {
        Ok([
            self.host.service_key(NAME)?,
            self.host.registry(ENTRY)?,
            self.source(NAME)?,
        ])
    }

    /// Everything on the disk, to be compared later. On Windows itself others write to the disk meanwhile: there the install
    /// folder must do.
    pub fn disk(&self) -> BTreeMap<String, u64> {
        if Host::is_windows() {
            files(&self.host.local(PROGRAMS))
        } else {
            files(&self.host.local("C:\\"))
        }
    }

    /// Nothing but what the probe itself wrote into its folder came to the disk since `before`, and nothing went.
    pub fn same_disk(&self, before: &BTreeMap<String, u64>) -> Result<()> {
        let after = self.disk();
        let own = self.host.local(FOLDER).display().to_string();
        // Wine's cmd leaves a file in the folder for temporary ones for each command whose output it reads.
        let left: Vec<_> = after
            .iter()
            .filter(|(path, _)| !before.contains_key(*path) && !path.contains("/Temp/CMD"))
            .filter(|(path, _)| !path.starts_with(&own))
            .collect();
        let gone: Vec<_> = before
            .iter()
            .filter(|(path, _)| !after.contains_key(*path))
            .collect();
        ensure!(
            left.is_empty() && gone.is_empty(),
            "left: {left:#?}\ngone: {gone:#?}"
        );
        Ok(())
    }
}

/// The files and folders below a folder.
pub fn files(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(data) = entry.path().symlink_metadata() else {
            continue;
        };
        let size = if data.is_file() { data.len() } else { 0 };
        found.insert(entry.path().display().to_string(), size);
        if data.is_dir() {
            found.extend(files(&entry.path()));
        }
    }
    found
}
