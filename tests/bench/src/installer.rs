//! Packages for Windows Installer, beside those that wixl makes of the same program.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::measure::{Used, median, milliseconds, used};
use crate::{Result, line, succeed};

const TARGET: &str = "x86_64-pc-windows-msvc";
const LARGE: usize = 120_000_000;
const SMALL: usize = 5_000_000;

/// Prints the figures. `compiled` is a folder of libraries, whose code the programs are filled with.
pub(crate) fn figures(svc: &Path, work: &Path, compiled: &Path) -> Result<()> {
    let folder = work.join("installer");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"beacon\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[package.metadata.service]\n",
    )?;
    fs::write(folder.join("src/main.rs"), "fn main() {}\n")?;
    let ours = measure(svc, &folder, compiled, LARGE)?;
    let size = |path: PathBuf| -> Result<u64> { Ok(fs::metadata(path)?.len()) };
    let made = folder.join(format!("target/svc/{TARGET}/beacon-0.1.0-{TARGET}.msi"));
    let own_size = size(made.clone())?;
    let peak = ours.iter().map(|run| run.peak).max().unwrap_or_default();
    let wall = |runs: &[Used]| median(&runs.iter().map(|run| run.wall).collect::<Vec<_>>());
    let figure = "120 MB program: wixl / package --format msi";
    match wixl(svc, &folder) {
        Ok(theirs) => {
            line(
                &format!("{figure}: time"),
                &milliseconds(wall(&theirs)),
                &milliseconds(wall(&ours)),
                &milliseconds(wall(&theirs) / 2),
            );
            let other_size = size(folder.join("wixl.msi"))?;
            line(
                &format!("{figure}: size"),
                &format!("{other_size}"),
                &format!("{own_size}"),
                &format!("{}", other_size + other_size / 100),
            );
        }
        Err(error) => {
            line(figure, "not run", &milliseconds(wall(&ours)), "half");
            println!("    {error}");
        }
    }
    let peak = format!("{} MiB", peak / 1024);
    line(&format!("{figure}: peak memory"), "", &peak, "64 MiB");
    let small = measure(svc, &folder, compiled, SMALL)?;
    line(
        "5 MB program: package --format msi",
        "",
        &milliseconds(wall(&small)),
        &milliseconds(Duration::from_millis(300)),
    );
    Ok(())
}

fn measure(svc: &Path, folder: &Path, compiled: &Path, size: usize) -> Result<Vec<Used>> {
    let release = folder.join(format!("target/{TARGET}/release"));
    fs::create_dir_all(&release)?;
    fs::write(release.join("beacon.exe"), program(compiled, size)?)?;
    let mut runs = Vec::new();
    for _ in 0..5 {
        let mut command = Command::new(svc);
        command.args([
            "svc",
            "package",
            "--quiet",
            "--no-build",
            "--target",
            TARGET,
        ]);
        command.args(["--format", "msi"]).current_dir(folder);
        runs.push(used(&mut command)?);
    }
    Ok(runs)
}

/// wixl builds the product that `generate` writes; it looks for files beside it.
fn wixl(svc: &Path, folder: &Path) -> Result<Vec<Used>> {
    succeed(
        Command::new(svc)
            .args(["svc", "generate"])
            .current_dir(folder),
    )?;
    fs::copy(
        folder.join("packaging/wix/v3/product.wxs"),
        folder.join("product.wxs"),
    )?;
    let mut runs = Vec::new();
    for _ in 0..5 {
        let mut command = Command::new("wixl");
        command.args(["--arch", "x64", "-D", "Wixl=1", "-D", "Version=0.1.0", "-D"]);
        command.arg(format!("CargoTargetBinDir=target/{TARGET}/release"));
        command.args(["-o", "wixl.msi", "product.wxs"]);
        runs.push(used(command.current_dir(folder))?);
    }
    Ok(runs)
}

/// A program for Windows as far as a reader of its imports looks, and compiled code up to this size.
fn program(compiled: &Path, size: usize) -> Result<Vec<u8>> {
    let mut bytes = head();
    let mut libraries: Vec<PathBuf> = fs::read_dir(compiled)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension() == Some(OsStr::new("rlib")))
        .collect();
    libraries.sort();
    for library in libraries.iter().cycle() {
        if bytes.len() >= size {
            break;
        }
        bytes.extend(fs::read(library)?);
    }
    bytes.truncate(size);
    Ok(bytes)
}

/// The headers of a 64-bit program with one section, which imports the one function that a service needs (Microsoft, "PE
/// Format").
fn head() -> Vec<u8> {
    let mut bytes = vec![0_u8; 0x400];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(0, b"MZ");
    put(0x3C, &0x40_u32.to_le_bytes());
    put(0x40, b"PE\0\0\x64\x86\x01\0");
    // The optional header's length, and that it can be run.
    put(0x54, &0xF0_u16.to_le_bytes());
    put(0x56, &0x22_u16.to_le_bytes());
    // PE32+, loaded anywhere, with pages of 4 KiB and sectors of 512 bytes, for a console.
    put(0x58, &0x20B_u16.to_le_bytes());
    for (at, word) in [
        (0x78, 0x1000_u32),
        (0x7C, 0x200),
        (0x90, 0x2000),
        (0x94, 0x200),
    ] {
        put(at, &word.to_le_bytes());
    }
    put(0x9C, &3_u16.to_le_bytes());
    // 16 directories, of which the second is the imports.
    put(0xC4, &16_u32.to_le_bytes());
    put(0xD0, &0x1000_u32.to_le_bytes());
    put(0xD4, &0x28_u32.to_le_bytes());
    // The section.
    put(0x148, b".idata");
    for (at, word) in [
        (0x150, 0x200_u32),
        (0x154, 0x1000),
        (0x158, 0x200),
        (0x15C, 0x200),
    ] {
        put(at, &word.to_le_bytes());
    }
    put(0x16C, &0xC000_0040_u32.to_le_bytes());
    // One library, one function of it.
    for (at, word) in [(0x200, 0x1040_u32), (0x20C, 0x10C0), (0x210, 0x1040)] {
        put(at, &word.to_le_bytes());
    }
    put(0x240, &0x1080_u64.to_le_bytes());
    put(0x282, b"StartServiceCtrlDispatcherW");
    put(0x2C0, b"ADVAPI32.dll");
    bytes
}
