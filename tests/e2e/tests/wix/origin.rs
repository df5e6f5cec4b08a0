//! Where the sources come from: packages that are made for the test, and the checkout.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Error, Result, ensure};
use svc_e2e::checkout;
use svc_e2e::fixture::cargo_svc;
use svc_random::{Reach, Role, WindowsPackage};

use super::ran;

/// What the random packages have.
const ROLES: [Role<'_>; 3] = [
    Role {
        name: "beacon",
        bin: "beacon",
        args: &[],
    },
    Role {
        name: "Second.one_2-b",
        bin: "beacon",
        args: &["serve"],
    },
    Role {
        name: "third",
        bin: "other",
        args: &[],
    },
];

/// A workspace with a package for each of these tables, and the files that `cargo svc generate` writes for each.
pub(super) struct Workspace {
    pub(super) folder: tempfile::TempDir,
    pub(super) names: Vec<String>,
}

impl Workspace {
    pub(super) fn new(packages: &[(String, &str)]) -> Result<Self> {
        let folder = checkout::scratch()?;
        let root = folder.path();
        fs::write(
            root.join("Cargo.toml"),
            "[workspace]\nresolver = \"3\"\nmembers = [\"packages/*\"]\n",
        )?;
        let mut names = Vec::new();
        // Nothing is built of it.
        let features = "[features]\ntracing = []\nlog-file = []\n";
        package(
            &root.join("packages/svc-rt"),
            "svc-rt",
            features,
            "src/lib.rs",
        )?;
        for (name, tables) in packages {
            let folder = root.join("packages").join(name);
            let mut more = String::new();
            for bin in ["beacon", "other"] {
                let _ = write!(more, "[[bin]]\nname = \"{bin}\"\npath = \"src/main.rs\"\n");
            }
            more.push_str("[dependencies.svc-rt]\npath = \"../svc-rt\"\nfeatures = [\"tracing\", \"log-file\"]\n");
            more.push_str(tables);
            package(&folder, name, &more, "src/main.rs")?;
            names.push(name.clone());
        }
        let mut generate = Command::new(cargo_svc()?);
        generate.args([
            "svc",
            "generate",
            "--workspace",
            "--exclude",
            "svc-rt",
            "--quiet",
            "--offline",
        ]);
        ran(generate.current_dir(root))?;
        Ok(Self { folder, names })
    }

    /// Of random packages, as many as the variable says or this.
    pub(super) fn random(default: usize) -> Result<(Self, Vec<WindowsPackage>)> {
        Self::of(random(default)?)
    }

    pub(super) fn of(made: Vec<WindowsPackage>) -> Result<(Self, Vec<WindowsPackage>)> {
        let named = made.iter().enumerate();
        let named: Vec<_> = named
            .map(|(number, one)| (format!("p{number}"), one.toml.as_str()))
            .collect();
        Ok((Self::new(&named)?, made))
    }

    pub(super) fn path(&self, package: &str, below: &str) -> PathBuf {
        self.folder
            .path()
            .join("packages")
            .join(package)
            .join(below)
    }

    /// All sources of a generation.
    pub(super) fn sources(&self, generation: &str) -> Vec<PathBuf> {
        let names = self.names.iter();
        names
            .flat_map(|name| {
                let folder = format!("packaging/wix/v{generation}");
                [
                    format!("{folder}/{name}.wxs"),
                    format!("{folder}/product.wxs"),
                ]
                .map(|file| self.path(name, &file))
            })
            .collect()
    }
}

/// Random packages, as many as the variable says or this.
pub(super) fn random(default: usize) -> Result<Vec<WindowsPackage>> {
    let mut rng = svc_random::rng().map_err(Error::msg)?;
    let count = svc_random::count(default).map_err(Error::msg)?;
    Ok((0..count)
        .map(|_| WindowsPackage::random(&mut rng, &ROLES, Reach::Anything))
        .collect())
}

fn package(folder: &Path, name: &str, more: &str, source: &str) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join(source), "#[allow(dead_code)]\nfn main() {}\n")?;
    let head = format!(
        "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"MIT\"\ndescription = \"A test\"\n"
    );
    Ok(fs::write(folder.join("Cargo.toml"), head + more)?)
}

/// Copies of the committed sources of this checkout, with GUIDs where the goldens have none: some are made anew each time.
pub(super) fn goldens(generation: &str, to: &Path) -> Result<Vec<PathBuf>> {
    fn search(folder: &Path, end: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                search(&path, end, found)?;
            } else if path.extension().is_some_and(|kind| kind == "wxs")
                && path.parent().is_some_and(|folder| folder.ends_with(end))
            {
                found.push(path);
            }
        }
        Ok(())
    }
    let (mut found, end) = (Vec::new(), format!("wix/v{generation}"));
    for folder in ["tests/cases", "examples"] {
        search(&checkout::root().join(folder), Path::new(&end), &mut found)?;
    }
    ensure!(found.len() > 8, "only {} sources", found.len());
    let mut copies = Vec::new();
    for (number, path) in found.iter().enumerate() {
        let mut text = fs::read_to_string(path)?;
        let mut guid = 0;
        while text.contains("[GUID]") {
            guid += 1;
            text = text.replacen("[GUID]", &format!("0B8E2F0C-5E1E-4C3B-9D0A-{guid:012}"), 1);
        }
        let copy = to.join(format!("{generation}-{number}"));
        fs::create_dir(&copy)?;
        let copy = copy.join(path.file_name().context("a name")?);
        fs::write(&copy, text)?;
        copies.push(copy);
    }
    Ok(copies)
}
