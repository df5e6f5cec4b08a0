//! Packages for the beds: a manifest that the test writes around the probe, and what `cargo svc package` makes of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::command::{self, Output};
use crate::{checkout, programs};

/// Long enough for a loaded machine.
const STEP: Duration = Duration::from_secs(1200);

/// The name of the probe's package, program and service.
pub const NAME: &str = "svc-probe";

/// A package in a folder of its own.
pub struct Fixture {
    folder: tempfile::TempDir,
    name: String,
    version: String,
}

/// A program of a package: the name of its binary, and where it was built.
pub type Program<'a> = (&'a str, &'a Path);

/// What `cargo svc package` made for one target.
#[derive(Debug, Clone)]
pub struct Package {
    /// The archive that users download.
    pub archive: Vec<u8>,
    /// The name of the folder in it.
    pub name: String,
    /// The package for Windows Installer, on Windows.
    pub msi: Vec<u8>,
}

/// The package of these services around the probe for `target`, made once for all tests of a suite.
pub fn package(
    target: &str,
    programs: &[Program<'_>],
    version: &str,
    services: &str,
) -> Result<Package> {
    static MADE: Mutex<BTreeMap<[String; 3], Package>> = Mutex::new(BTreeMap::new());
    let key = [target, version, services].map(str::to_owned);
    // Held while packaging: two tests that want the same package wait for one run.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(package) = made.get(&key) {
        return Ok(package.clone());
    }
    let package = Fixture::new(version, programs, services)?.package(target, programs)?;
    made.insert(key, package.clone());
    Ok(package)
}

/// The table of a package's only service.
pub fn one(settings: &str) -> String {
    format!("[package.metadata.service]\n{settings}")
}

impl Fixture {
    /// A package with these programs, and with these tables for its services.
    pub fn new(version: &str, programs: &[Program<'_>], services: &str) -> Result<Self> {
        Self::named(NAME, version, programs, services)
    }

    /// The same under another name of the package.
    pub fn named(
        name: &str,
        version: &str,
        programs: &[Program<'_>],
        services: &str,
    ) -> Result<Self> {
        let runtime = runtime()?;
        let mut bins = String::new();
        for (bin, _) in programs {
            let _ = write!(
                bins,
                "[[bin]]\nname = \"{bin}\"\npath = \"src/main.rs\"\n\n"
            );
        }
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\nlicense = \"MIT\"\n\
             description = \"Records what it receives\"\nrepository = \"https://example.invalid/probe\"\n\n\
             [workspace]\n\n{bins}[dependencies]\n\
             svc-rt = {{ path = {runtime}, features = [\"tracing\", \"log-file\"] }}\n\n\
             [package.metadata.service-package]\nmanufacturer = \"The probe's makers\"\n\
             upgrade-code = \"0B8E2F0C-5E1E-4C3B-9D0A-6B1B7C3D9E21\"\n\n\
             {services}\n"
        );
        Self::of(name, version, &manifest)
    }

    /// A package without the runtime, with these tables of metadata, and files besides: any program can be its.
    pub fn plain(version: &str, tables: &str, files: &[(&str, &[u8])]) -> Result<Self> {
        let manifest = format!(
            "[package]\nname = \"{NAME}\"\nversion = \"{version}\"\nedition = \"2024\"\nlicense = \"MIT\"\n\
             description = \"Runs a shell\"\n\n[workspace]\n\n{tables}\n"
        );
        let fixture = Self::of(NAME, version, &manifest)?;
        for (path, content) in files {
            let path = fixture.folder.path().join(path);
            fs::create_dir_all(path.parent().context("a file has a folder")?)?;
            fs::write(path, content)?;
        }
        Ok(fixture)
    }

    /// The example `name` as it stands in this checkout, under another version, with more tables of metadata.
    pub fn example(name: &str, version: &str, tables: &str) -> Result<Self> {
        let example = checkout::root().join("examples").join(name);
        let path = example.join("Cargo.toml");
        let manifest = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let mut lines: Vec<String> = Vec::new();
        for line in manifest.lines() {
            // What the example takes from the workspace of this checkout, spelled out.
            match line.split_once(' ').map_or(line, |(key, _)| key) {
                "version" => lines.push(format!("version = {}", text(version))),
                "edition.workspace" => lines.push("edition = \"2024\"".to_owned()),
                "license.workspace" => lines.push("license = \"MIT\"".to_owned()),
                "authors.workspace" | "workspace" => {}
                "svc-rt.workspace" => lines.push(format!("svc-rt = {{ path = {} }}", runtime()?)),
                "[lints]" => lines.push("[workspace]".to_owned()),
                _ => lines.push(line.to_owned()),
            }
        }
        let fixture = Self::of(name, version, &(lines.join("\n") + "\n" + tables))?;
        // What it declares as `files`.
        for entry in fs::read_dir(&example)? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default();
            if path.is_file() && file != "Cargo.toml" {
                fs::copy(&path, fixture.folder.path().join(file))?;
            }
        }
        Ok(fixture)
    }

    fn of(name: &str, version: &str, manifest: &str) -> Result<Self> {
        let folder = checkout::scratch()?;
        fs::write(folder.path().join("Cargo.toml"), manifest)?;
        fs::create_dir(folder.path().join("src"))?;
        // Never built: the programs are built once for all fixtures.
        fs::write(folder.path().join("src/main.rs"), "fn main() {}\n")?;
        let (name, version) = (name.to_owned(), version.to_owned());
        Ok(Self {
            folder,
            name,
            version,
        })
    }

    /// Puts files into the package.
    pub fn put<C: AsRef<[u8]>>(&self, files: &[(&str, C)]) -> Result<()> {
        for (path, content) in files {
            let path = self.path(path);
            fs::create_dir_all(path.parent().context("a file has a folder")?)?;
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// A path of the package.
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Runs `cargo svc` in the package, however it ends.
    pub fn cargo_svc(&self, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(cargo_svc()?);
        command
            .arg("svc")
            .args(args)
            .current_dir(self.folder.path());
        for variable in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "SOURCE_DATE_EPOCH",
        ] {
            command.env_remove(variable);
        }
        command::run(&mut command, b"", STEP)
    }

    /// Packages these programs for `target`.
    pub fn package(&self, target: &str, programs: &[Program<'_>]) -> Result<Package> {
        self.package_as(target, programs, &[])
    }

    /// The same in these formats, or in the target's own ones.
    pub fn package_as(
        &self,
        target: &str,
        programs: &[Program<'_>],
        formats: &[&str],
    ) -> Result<Package> {
        let windows = target.contains("windows");
        let suffix = if windows { ".exe" } else { "" };
        let release = self
            .folder
            .path()
            .join("target")
            .join(target)
            .join("release");
        fs::create_dir_all(&release)?;
        for (name, program) in programs {
            fs::copy(program, release.join(format!("{name}{suffix}")))?;
        }
        let mut args = vec!["package", "--no-build", "--target", target];
        for format in formats {
            args.extend(["--format", format]);
        }
        self.cargo_svc(&args)?
            .success()
            .context("cargo svc package")?;
        let name = format!("{}-{}", self.name, self.version);
        let kind = if windows { "zip" } else { "tar.gz" };
        let made = self.folder.path().join("target/svc").join(target);
        let read = |kind: &str| {
            let path = made.join(format!("{name}-{target}.{kind}"));
            fs::read(&path).with_context(|| path.display().to_string())
        };
        Ok(Package {
            archive: read(kind)?,
            msi: if windows && (formats.is_empty() || formats.contains(&"msi")) {
                read("msi")?
            } else {
                Vec::new()
            },
            name,
        })
    }
}

/// The path of this checkout's svc-rt, as a TOML string.
fn runtime() -> Result<String> {
    let path = checkout::root().join("svc-rt");
    Ok(text(
        path.to_str().context("the checkout's path is no Unicode")?,
    ))
}

/// A TOML string.
pub fn text(value: &str) -> String {
    // TOML's basic strings and JSON's share their escapes.
    serde_json::Value::from(value).to_string()
}

/// A TOML array of values for `args`, in which braces stand for themselves.
pub fn literals(values: &[&str]) -> String {
    let items: Vec<_> = values.iter().map(|v| literal(v)).collect();
    format!("[{}]", items.join(", "))
}

/// A TOML string for `args` or `environment`, in which braces stand for themselves.
pub fn literal(value: &str) -> String {
    text(&value.replace('{', "{{"))
}

/// The `cargo-svc` of this checkout, built once.
pub fn cargo_svc() -> Result<&'static Path> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || -> Result<PathBuf> {
        let target = checkout::target()?;
        let mut cargo = programs::cargo(&BTreeMap::new());
        cargo
            .args(["build", "--package", "cargo-svc", "--target-dir"])
            .arg(&target);
        command::run(&mut cargo, b"", STEP)?
            .success()
            .context("cargo build cargo-svc")?;
        Ok(target
            .join("debug")
            .join(format!("cargo-svc{}", std::env::consts::EXE_SUFFIX)))
    };
    let made = PROGRAM.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    made.as_deref().map_err(|error| anyhow!("{error}"))
}

#[cfg(test)]
mod tests {
    use super::{literal, literals};

    #[test]
    fn an_opening_brace_is_doubled() {
        assert_eq!(literal("a\"{b}\\"), r#""a\"{{b}\\""#);
        assert_eq!(literals(&["a", "ü"]), r#"["a", "ü"]"#);
    }
}
