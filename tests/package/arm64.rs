//! A package for Windows on ARM, as it is made on any host: every field that names a processor names that one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use object::pe::IMAGE_FILE_MACHINE_ARM64;
use serde_json::Value;
use zip::ZipArchive;

use crate::installer::{packed, table, tool};
use crate::project::{Project, Ran, sha256};
use crate::windows::project_for;

const TARGET: &str = "aarch64-pc-windows-msvc";

/// Of a component's attributes: that it is one of 64 bits (Microsoft, "Component Table").
const COMPONENT_64_BIT: u32 = 0x100;

/// Of a search's type: that it looks where programs of 64 bits do (Microsoft, "`RegLocator` Table").
const SEARCH_64_BIT: u32 = 0x10;

fn packaged() -> Project {
    let metadata = "args = [\"--listen\", \"[::1]:80\"]\n[package.metadata.service-package]\n\
                    manufacturer = \"The makers\"\nupgrade-code = \"0B8E2F0C-5E1E-4C3B-9D0A-6B1B7C3D9E21\"\n";
    let import = "StartServiceCtrlDispatcherW";
    let project = project_for(TARGET, IMAGE_FILE_MACHINE_ARM64, import, metadata);
    project.run(&["--no-build", "--target", TARGET]);
    project
}

fn made(project: &Project, suffix: &str) -> std::path::PathBuf {
    project.root.join(format!(
        "target/svc/{TARGET}/beacon-0.1.0-{TARGET}.{suffix}"
    ))
}

fn program(project: &Project) -> Vec<u8> {
    let path = format!("target/{TARGET}/release/beacon.exe");
    fs::read(project.root.join(path)).unwrap()
}

#[test]
fn the_installer_is_one_for_arm64() {
    let project = packaged();
    let msi = made(&project, "msi");
    let summary = tool(
        "msiinfo",
        &["suminfo", msi.to_str().unwrap()],
        Path::new("/"),
    );
    // Microsoft, "Template Summary Property": an installer for x64 would be refused there where the system emulates no x64, and
    // one of 32 bits would look into other folders and another registry.
    assert!(summary.contains("Template: Arm64;1033"), "{summary}");
    assert!(
        !summary.contains("x64") && !summary.contains("Intel"),
        "{summary}"
    );
    let number = |text: &str| text.parse::<u32>().unwrap();
    let (_, components) = table(&msi, "Component");
    assert!(!components.is_empty());
    for row in components.values() {
        assert_ne!(number(&row[3]) & COMPONENT_64_BIT, 0, "{row:?}");
    }
    let (_, searches) = table(&msi, "RegLocator");
    assert!(!searches.is_empty());
    for row in searches.values() {
        assert_ne!(number(&row[4]) & SEARCH_64_BIT, 0, "{row:?}");
    }
    let (_, folders) = table(&msi, "Directory");
    assert_eq!(folders["INSTALLDIR"][1], "ProgramFiles64Folder");
    // No text of it names another processor, nor a folder of programs of 32 bits.
    let tables = tool(
        "msiinfo",
        &["tables", msi.to_str().unwrap()],
        Path::new("/"),
    );
    for name in tables.lines().filter(|name| !name.starts_with('_')) {
        for cell in table(&msi, name.trim()).1.values().flatten() {
            for word in ["x64", "x86", "AMD64", "SystemFolder]", "ProgramFilesFolder"] {
                assert!(!cell.contains(word), "{name}: {cell}");
            }
        }
    }
    assert!(packed(&project, &msi) == program(&project));
}

#[test]
fn archive_and_index_say_so_and_the_scripts_ask_the_machine() {
    let project = packaged();
    let mut zip = ZipArchive::new(File::open(made(&project, "zip")).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let path = entry.name().unwrap().into_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        files.insert(
            path.strip_prefix("beacon-0.1.0/").unwrap().to_owned(),
            contents,
        );
    }
    assert!(files["bin/beacon.exe"] == program(&project));
    let list = String::from_utf8(files["PACKAGE"].clone()).unwrap();
    assert!(list.contains(&format!("\r\ntarget={TARGET}\r\n")), "{list}");
    // The scripts are the same for all processors: they hold the machine's against the list's.
    let script = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let cmd = script("install.cmd");
    let fits = cmd
        .lines()
        .find(|line| line.starts_with("for %%P in ("))
        .unwrap();
    let pairs = fits.split(['(', ')']).nth(1).unwrap();
    let of_arm: Vec<_> = pairs
        .split(' ')
        .filter(|pair| pair.starts_with("aarch64-"))
        .collect();
    assert_eq!(of_arm, ["aarch64-ARM64"], "{fits}");
    assert!(script("install.ps1").contains("'aarch64' { 'ARM64' }"));
    let index = project.read(&format!("target/svc/{TARGET}/artifacts.json"));
    let index: Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["target"], TARGET, "{index}");
    let artifacts = index["packages"][0]["artifacts"].as_array().unwrap();
    for kind in ["msi", "zip"] {
        let entry = artifacts
            .iter()
            .find(|entry| entry["kind"] == kind)
            .unwrap();
        let path = entry["path"].as_str().unwrap();
        assert_eq!(path, format!("beacon-0.1.0-{TARGET}.{kind}"));
        assert_eq!(
            entry["sha256"],
            sha256(&fs::read(made(&project, kind)).unwrap())
        );
    }
    assert!(!index.to_string().contains("x86_64"), "{index}");
}

/// The committed sources are the same for both processors: the one who builds names it.
#[test]
fn sources_for_wix_are_for_whichever_64_bit_processor_is_asked_for() {
    let project = packaged();
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    for generation in ["v3", "v4"] {
        for file in ["beacon.wxs", "product.wxs"] {
            let source = project.read(&format!("packaging/wix/{generation}/{file}"));
            let (bits, package) = match generation {
                "v3" => ("Win64=\"yes\"", "<Package "),
                _ => ("Bitness=\"always64\"", "<Package "),
            };
            for element in ["<Component ", "<RegistrySearch "] {
                let lines: Vec<_> = source
                    .lines()
                    .filter(|line| line.contains(element))
                    .collect();
                assert!(!lines.is_empty(), "{generation}/{file}: {element}");
                assert!(lines.iter().all(|line| line.contains(bits)), "{lines:#?}");
            }
            // The platform is what `-arch` says, unless the element says another.
            let package = source.lines().filter(|line| line.contains(package));
            assert!(
                package.into_iter().all(|line| !line.contains("Platform")),
                "{source}"
            );
        }
    }
}

/// Under another processor the program that was built for this one is none.
#[test]
fn a_program_for_x64_is_refused() {
    let project = packaged();
    let other = "x86_64-pc-windows-msvc";
    project.write(
        &format!("target/{other}/release/beacon.exe"),
        program(&project),
    );
    project
        .refused(&["--no-build", "--target", other])
        .says("is a Windows program for aarch64, not a program for x86_64-pc-windows-msvc");
}
