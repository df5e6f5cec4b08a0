//! The programs that run on the beds, built once for each run of a suite.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::{checkout, command};

/// A cold build of everything, the standard library included, on a loaded machine.
const BUILD: Duration = Duration::from_secs(1200);

/// The target that programs for the systemd bed are built for.
pub const LINUX: &str = "x86_64-unknown-linux-gnu";
/// The target that programs for the Wine bed are built for.
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// What is built for Windows.
#[derive(Debug)]
pub struct Windows {
    /// The probe.
    pub probe: PathBuf,
    /// The service that says what it is told.
    pub mirror: PathBuf,
    /// The probe as several services.
    pub many: PathBuf,
    /// The stand-in for sc.exe (Wine alone).
    pub sc: PathBuf,
    /// What stands in for programs that do nothing in Wine (Wine alone).
    pub witness: PathBuf,
    /// The stand-in for certutil.exe (Wine alone).
    pub certutil: PathBuf,
    /// Compares files, which Wine's fc.exe does not.
    pub fc: PathBuf,
    /// Looks for lines, which Wine's findstr.exe does not (Wine alone).
    pub findstr: PathBuf,
    /// Says how much a process may do, which Wine's whoami.exe does not (Wine alone).
    pub whoami: PathBuf,
    /// The tool that answers the suites' questions.
    pub winq: PathBuf,
    /// What stands before Wine's msiexec.exe.
    pub msiexec: PathBuf,
    /// The DLL that Wine lacks (Wine alone).
    pub prng: PathBuf,
}

/// Cargo with `environment`, in this checkout.
pub fn cargo(environment: &BTreeMap<String, String>) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(checkout::root()).envs(environment);
    // What the surrounding `cargo test` sets for its own build is not meant for this one.
    cargo
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("RUSTFLAGS");
    cargo
}

/// The environment of a build for the systemd bed: the C library goes into the program, so that it runs on every release,
/// older ones than this machine's included.
pub fn linux_environment() -> BTreeMap<String, String> {
    let flags = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS";
    BTreeMap::from([
        (flags.to_owned(), "-Ctarget-feature=+crt-static".to_owned()),
        stripped(),
    ])
}

/// Without debugging symbols, as what is released: a program of one megabyte rather than twenty is packed and copied quickly.
fn stripped() -> (String, String) {
    ("CARGO_PROFILE_DEV_STRIP".to_owned(), "symbols".to_owned())
}

/// The probe for the systemd bed.
pub fn probe_linux() -> Result<&'static Path> {
    static PROBE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&PROBE, || linux("svc-probe", "svc-probe")).map(PathBuf::as_path)
}

/// The service that says what it is told, for the systemd bed.
pub fn mirror_linux() -> Result<&'static Path> {
    static MIRROR: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&MIRROR, || linux("svc-probe", "svc-mirror")).map(PathBuf::as_path)
}

/// The probe as several services, for the systemd bed.
pub fn probe_many_linux() -> Result<PathBuf> {
    // Another program of the same package, built with it.
    Ok(probe_linux()?.with_file_name("svc-probe-many"))
}

/// The example `beacon` for the systemd bed.
pub fn beacon_linux() -> Result<&'static Path> {
    static BEACON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    once(&BEACON, || linux("beacon", "beacon")).map(PathBuf::as_path)
}

fn linux(package: &str, program: &str) -> Result<PathBuf> {
    let target = checkout::target()?;
    let mut cargo = cargo(&linux_environment());
    cargo
        .args([
            "build",
            "--package",
            package,
            "--target",
            LINUX,
            "--target-dir",
        ])
        .arg(&target);
    let built = command::run(&mut cargo, b"", BUILD)?;
    built
        .success()
        .with_context(|| format!("cargo build {package}"))?;
    Ok(target.join(LINUX).join("debug").join(program))
}

/// The programs for the Windows beds.
pub fn windows() -> Result<&'static Windows> {
    static PROGRAMS: OnceLock<Result<Windows, String>> = OnceLock::new();
    once(&PROGRAMS, || {
        if cfg!(windows) {
            build_native()
        } else {
            build_cross()
        }
    })
}

/// One attempt for all tests of a suite.
fn once<T>(
    cell: &'static OnceLock<Result<T, String>>,
    make: impl FnOnce() -> Result<T>,
) -> Result<&'static T> {
    cell.get_or_init(|| make().map_err(|e| format!("{e:#}")))
        .as_ref()
        .map_err(|e| anyhow!("{e}"))
}

fn build_native() -> Result<Windows> {
    let target = checkout::target()?;
    let mut cargo = cargo(&BTreeMap::new());
    cargo
        .args([
            "build",
            "--package",
            "svc-probe",
            "--package",
            "sc-shim",
            "--target-dir",
        ])
        .arg(&target);
    command::run(&mut cargo, b"", BUILD)?
        .success()
        .context("cargo build")?;
    Ok(programs(&target.join("debug"), PathBuf::new()))
}

fn build_cross() -> Result<Windows> {
    let target = windows_target()?;
    let mut cargo = cargo(&windows_environment().map_err(|reason| anyhow!("{reason}"))?);
    cargo.args([
        "build",
        "--package",
        "svc-probe",
        "--package",
        "sc-shim",
        "--target",
        WINDOWS,
    ]);
    cargo.arg("--target-dir").arg(&target);
    command::run(&mut cargo, b"", BUILD)?
        .success()
        .context("cargo build for Windows")?;
    let prng = target.join("bcryptprimitives.dll");
    let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
    gcc.args(["-shared", "-O1", "-Wall", "-Werror", "-o"])
        .arg(&prng);
    gcc.arg(checkout::root().join("tests/shims/prng/bcryptprimitives.c"))
        .arg("-ladvapi32");
    command::run(&mut gcc, b"", BUILD)?
        .success()
        .context("x86_64-w64-mingw32-gcc")?;
    Ok(programs(&target.join(WINDOWS).join("debug"), prng))
}

fn programs(folder: &Path, prng: PathBuf) -> Windows {
    Windows {
        probe: folder.join("svc-probe.exe"),
        mirror: folder.join("svc-mirror.exe"),
        many: folder.join("svc-probe-many.exe"),
        sc: folder.join("sc.exe"),
        witness: folder.join("witness.exe"),
        certutil: folder.join("certutil.exe"),
        fc: folder.join("fc.exe"),
        findstr: folder.join("findstr.exe"),
        whoami: folder.join("whoami.exe"),
        winq: folder.join("winq.exe"),
        msiexec: folder.join("msiexec.exe"),
        prng,
    }
}

/// The target folder of builds for Windows: another compiler may make them, which must not disturb the checkout's own.
pub fn windows_target() -> Result<PathBuf> {
    Ok(checkout::target()?.join("windows"))
}

/// The environment of a build for Windows on this machine, or what is missing.
pub fn windows_environment() -> Result<BTreeMap<String, String>, String> {
    let mut script = Command::new(checkout::root().join("tests/tools/windows-toolchain"));
    let said = command::run(script.arg(WINDOWS), b"", Duration::from_secs(60))
        .map_err(|error| format!("{error:#}"))?;
    let text = said.text();
    if !said.status.success() {
        return Err(text.trim().to_owned());
    }
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(pairs.chain([stripped()]).collect())
}

/// What this machine lacks to build for Windows.
pub fn windows_needs() -> Result<(), String> {
    windows_environment().map(|_| ())
}
