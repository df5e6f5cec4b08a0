//! Packages of distributions, made by cargo-deb and cargo-generate-rpm from what `cargo svc` writes for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::command::{self, Output, exists};
use crate::{checkout, fixture, programs};

/// Long enough for a loaded machine.
const STEP: Duration = Duration::from_secs(600);

/// The package: a service with a socket, a user, folders and files; one that a timer starts; a template; one that needs a
/// secret; one of users' managers. `HTTP`, `MORE` and `NOTE` differ between versions.
const MANIFEST: &str = r#"[package]
name = "svc-probe"
version = "VERSION"
edition = "2024"
license = "MIT"
description = "Records what it receives"
homepage = "https://example.invalid/probe"
authors = ["The makers of the probe <probe@example.invalid>"]

[workspace]

[[package.metadata.service]]
name = "svc-probe"
bin = "svc-probe"
windows = false
environment = { PROBE_DIR = "/srv/probe" }
directories = { state = true, logs = true, cache = "svc-probe/pages", config = true }
files = [
    { source = "probe.toml", to = "{config-dir}/probe.toml", config = true },
    { source = "notes.dat", to = "{install-dir}/notes.dat" },
]
sockets = [{ name = "http", listen = "HTTP" }]
systemd = { type = "notify", account = { user = "svc-probe" } }

[[package.metadata.service]]
name = "svc-sweeper"
bin = "svc-probe"
windows = false
start = "on-demand"
directories = { state = true }
systemd = { type = "notify", timer = { OnCalendar = "daily" } }

[[package.metadata.service]]
name = "svc-worker"
bin = "svc-probe"
windows = false
start = "manual"
args = ["--worker={instance}"]
systemd = { type = "notify", template = true }

[[package.metadata.service]]
name = "svc-later"
bin = "svc-probe"
windows = false
credentials = [{ name = "key", required = true }]
systemd = { type = "notify" }

[[package.metadata.service]]
name = "svc-tray"
bin = "svc-probe"
windows = false
systemd = { type = "notify", scope = "user" }
MORE
"#;

/// A service that one version has and the other has not, with a second name.
pub const EXTRA: &str = r#"
[[package.metadata.service]]
name = "svc-extra"
bin = "svc-probe"
windows = false
systemd = { type = "notify", install = { Alias = "svc-other-name.service" } }
"#;

/// Where that name stands while the service is enabled.
pub const ALIAS: &str = "/etc/systemd/system/svc-other-name.service";

/// A service with a file below /etc that is not said to be for editing.
pub const PLAIN: &str = r#"
[[package.metadata.service]]
name = "svc-plain"
bin = "svc-probe"
windows = false
start = "manual"
directories = { config = true }
files = [{ source = "probe.toml", to = "{config-dir}/plain.toml" }]
systemd = { type = "notify" }
"#;

/// A version of the package.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// Its number.
    pub number: &'static str,
    /// Where it listens.
    pub http: &'static str,
    /// More services.
    pub more: &'static str,
}

/// The one that is installed first.
pub const FIRST: Version = Version {
    number: "1.0.0",
    http: "tcp://127.0.0.1:8380",
    more: "",
};

/// The next one, with another configuration file.
pub const SECOND: Version = Version {
    number: "1.1.0",
    ..FIRST
};

/// A package of each kind.
#[derive(Debug, Clone)]
pub struct Packages {
    folder: std::sync::Arc<tempfile::TempDir>,
    /// For dpkg.
    pub deb: PathBuf,
    /// For rpm.
    pub rpm: PathBuf,
}

impl Packages {
    /// The folder that they were made in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What this machine lacks to make and to look into packages.
pub fn needs() -> Result<(), String> {
    crate::bed::systemd::needs()?;
    for name in ["cargo-deb", "cargo-generate-rpm"] {
        tool(name).map_err(|error| format!("{error:#}"))?;
    }
    let programs = ["lintian", "rpm", "rpm2archive", "dpkg-shlibdeps"];
    let absent: Vec<_> = programs.into_iter().filter(|p| !exists(p)).collect();
    if absent.is_empty() {
        Ok(())
    } else {
        Err(format!("needs {}", absent.join(", ")))
    }
}

/// A tool of cargo's: the machine's own, or the one that `tests/run` keeps under the target folder.
fn tool(name: &str) -> Result<PathBuf> {
    if exists(name) {
        return Ok(name.into());
    }
    let kept = checkout::target()?.join("tools/bin").join(name);
    ensure!(
        kept.is_file(),
        "needs {name}; tests/run installs it, or: cargo install {name}"
    );
    Ok(kept)
}

/// Makes both packages as a user would: prints the tables, pastes them, adds what only a person knows, generates, packs.
pub fn packages(version: Version) -> Result<Packages> {
    let folder = std::sync::Arc::new(checkout::scratch()?);
    let root = folder.path();
    let manifest = MANIFEST
        .replace("VERSION", version.number)
        .replace("HTTP", version.http)
        .replace("MORE", version.more);
    let write = |path: &str, text: &str| -> Result<()> {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| path.display().to_string())
    };
    write("Cargo.toml", &manifest)?;
    write("src/main.rs", "fn main() {}\n")?;
    write(
        "probe.toml",
        &format!("made-for = \"{}\"\n", version.number),
    )?;
    write("notes.dat", "Nothing to note.\n")?;
    write("changelog", &CHANGELOG.replace("VERSION", version.number))?;
    write("svc-probe.1", MANUAL)?;
    write("overrides", OVERRIDES)?;
    let release = root.join("target").join(programs::LINUX).join("release");
    fs::create_dir_all(&release)?;
    fs::copy(programs::probe_linux()?, release.join("svc-probe"))?;

    let deb = cargo_svc(root, &["print", "deb-metadata"])?
        .replacen(
            "[package.metadata.deb]\n",
            &format!("[package.metadata.deb]\n{DEB_KEYS}"),
            1,
        )
        .replacen("assets = [\n", &format!("assets = [\n{DEB_ASSETS}"), 1);
    let rpm = cargo_svc(root, &["print", "rpm-metadata"])?;
    write("Cargo.toml", &format!("{manifest}\n{deb}\n{rpm}"))?;
    cargo_svc(root, &["generate"])?;
    cargo_svc(root, &["generate", "--check"])?;

    let (deb, rpm) = (root.join("probe.deb"), root.join("probe.rpm"));
    let mut cargo_deb = Command::new(tool("cargo-deb")?);
    cargo_deb
        .args([
            "--no-build",
            "--offline",
            "--target",
            programs::LINUX,
            "--output",
        ])
        .arg(&deb);
    run(cargo_deb, root).context("cargo deb")?;
    let mut generate_rpm = Command::new(tool("cargo-generate-rpm")?);
    generate_rpm
        .args([
            "--target",
            programs::LINUX,
            "--payload-compress",
            "gzip",
            "--output",
        ])
        .arg(&rpm);
    run(generate_rpm, root).context("cargo generate-rpm")?;
    Ok(Packages { folder, deb, rpm })
}

fn cargo_svc(root: &Path, args: &[&str]) -> Result<String> {
    let mut command = Command::new(fixture::cargo_svc()?);
    command.arg("svc").args(args);
    let said = run(command, root).with_context(|| format!("cargo svc {}", args.join(" ")))?;
    // A table that lacks something would be told here.
    ensure!(!said.errors().contains("warning"), "{}", said.describe());
    Ok(said.text())
}

fn run(mut command: Command, root: &Path) -> Result<Output> {
    command.current_dir(root);
    for variable in [
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
        "SOURCE_DATE_EPOCH",
    ] {
        command.env_remove(variable);
    }
    let output = command::run(&mut command, b"", STEP)?;
    ensure!(output.status.success(), "{}", output.describe());
    Ok(output)
}

/// What a maintainer adds to the table.
const DEB_KEYS: &str = r#"section = "admin"
priority = "optional"
changelog = "changelog"
copyright = "2026, The makers of the probe"
extended-description = """It writes down its arguments, its environment and its folder, so that a test can compare them
with what was declared."""
"#;

const DEB_ASSETS: &str = r#"    ["svc-probe.1", "usr/share/man/man1/svc-probe.1", "644"],
    ["overrides", "usr/share/lintian/overrides/svc-probe", "644"],
"#;

const CHANGELOG: &str = "svc-probe (VERSION-1) unstable; urgency=medium

  * A version for tests.

 -- The makers of the probe <probe@example.invalid>  Fri, 27 Nov 2026 12:00:00 +0000

svc-probe (0.9.0-1) unstable; urgency=medium

  * The one before all versions for tests.

 -- The makers of the probe <probe@example.invalid>  Thu, 26 Nov 2026 12:00:00 +0000
";

const MANUAL: &str = r".TH SVC\-PROBE 1 2026-11-27 svc\-probe
.SH NAME
svc\-probe \- records what it receives
.SH DESCRIPTION
It is a service for tests.
";

const OVERRIDES: &str = "\
# The C library is part of the program, so that one build runs on every release that the tests boot.
svc-probe: shared-library-lacks-prerequisites [usr/bin/svc-probe]
# cargo-deb writes none; apt compares the whole package with the repository's signed list.
svc-probe: no-md5sums-control-file
# The services are for systemd, which the package depends on.
svc-probe: package-supports-alternative-init-but-no-init.d-script *
";
