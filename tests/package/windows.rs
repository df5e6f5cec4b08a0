//! Packages for Windows, made on any host, from programs that are no more than what is read of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;

use object::pe;
use object::write::pe::{NtHeaders, Writer};
use zip::ZipArchive;

use crate::project::{Project, Ran, sha256};

pub(crate) const TARGET: &str = "x86_64-pc-windows-msvc";

/// A project with a program for Windows that imports one function, where cargo would have put it.
pub(crate) fn project(import: &str, metadata: &str) -> Project {
    project_for(TARGET, pe::IMAGE_FILE_MACHINE_AMD64, import, metadata)
}

/// The same for another processor.
pub(crate) fn project_for(
    target: &str,
    machine: pe::Machine,
    import: &str,
    metadata: &str,
) -> Project {
    let project = Project::empty();
    let metadata = format!("[package.metadata.service]\n{metadata}");
    project.package("", "beacon", &metadata);
    project.write(
        &format!("target/{target}/release/beacon.exe"),
        program(machine, import),
    );
    project
}

fn program(machine: pe::Machine, import: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(true, 0x1000, 0x200, &mut bytes);
    writer.reserve_dos_header_and_stub();
    writer.reserve_nt_headers(16);
    writer.reserve_section_headers(1);
    let imports = writer.reserve_idata_section(0x200);
    writer.write_dos_header_and_stub().unwrap();
    writer.write_nt_headers(NtHeaders {
        machine,
        time_date_stamp: 0,
        characteristics: pe::IMAGE_FILE_EXECUTABLE_IMAGE,
        major_linker_version: 0,
        minor_linker_version: 0,
        address_of_entry_point: 0,
        image_base: 0x1_4000_0000,
        major_operating_system_version: 10,
        minor_operating_system_version: 0,
        major_image_version: 0,
        minor_image_version: 0,
        major_subsystem_version: 10,
        minor_subsystem_version: 0,
        subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_CUI,
        dll_characteristics: pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
        size_of_stack_reserve: 0,
        size_of_stack_commit: 0,
        size_of_heap_reserve: 0,
        size_of_heap_commit: 0,
    });
    writer.write_section_headers();
    let table = import_table(imports.virtual_address, import);
    writer.write_section(imports.file_offset, &table);
    bytes
}

/// Two descriptors, of which the second ends the list, the address of the one function, its name, and its library's.
fn import_table(address: u32, import: &str) -> Vec<u8> {
    let (functions, name, library) = (address + 0x40, address + 0x80, address + 0xc0);
    let mut table = Vec::new();
    for field in [functions, 0, 0, library, functions] {
        table.extend(field.to_le_bytes());
    }
    table.resize(0x40, 0);
    table.extend(u64::from(name).to_le_bytes());
    table.resize(0x82, 0);
    table.extend(import.as_bytes());
    table.resize(0xc0, 0);
    table.extend(b"ADVAPI32.dll");
    table.resize(0x200, 0);
    table
}

#[test]
fn a_zip_holds_program_scripts_and_the_list_of_them() {
    let project = project("StartServiceCtrlDispatcherW", "");
    project.run(&["--no-build", "--target", TARGET]);
    let name = format!("target/svc/{TARGET}/beacon-0.1.0-{TARGET}.zip");
    let mut zip = ZipArchive::new(File::open(project.root.join(name)).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let path = entry.name().unwrap().into_owned();
        let path = path.strip_prefix("beacon-0.1.0/").unwrap().to_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        files.insert(path, contents);
    }
    // The scripts are those that are committed, at the top.
    Ran::new(project.svc(&["generate"]).output().unwrap()).succeeded();
    let mut expected = vec!["PACKAGE".to_owned(), "bin/beacon.exe".to_owned()];
    for entry in fs::read_dir(project.root.join("packaging/windows")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(files[&name] == fs::read(&path).unwrap(), "{name}");
        expected.push(name);
    }
    expected.sort_unstable();
    assert_eq!(files.keys().cloned().collect::<Vec<_>>(), expected);
    assert!(files.contains_key("install.cmd") && files.contains_key("uninstall.cmd"));
    let listed = files.iter().filter(|(path, _)| *path != "PACKAGE");
    let listed = listed.map(|(path, contents)| {
        let mode = if path == "bin/beacon.exe" {
            "0755"
        } else {
            "0644"
        };
        format!("file={} {mode} {path}\r\n", sha256(contents))
    });
    let head = format!("package=beacon\r\nversion=0.1.0\r\ntarget={TARGET}\r\n");
    let expected = head + &listed.collect::<Vec<_>>().concat();
    assert_eq!(String::from_utf8_lossy(&files["PACKAGE"]), expected);
    // The folder holds the same files.
    for (path, contents) in &files {
        let path = format!("target/svc/{TARGET}/beacon-0.1.0/{path}");
        assert!(
            fs::read(project.root.join(&path)).unwrap() == *contents,
            "{path}"
        );
    }
    assert!(!project.has(&format!("target/svc/{TARGET}/beacon-0.1.0-{TARGET}.tar.gz")));
}

#[test]
fn a_program_that_never_speaks_to_the_scm_is_refused() {
    let project = project("CreateFileW", "");
    project
        .refused(&["--no-build", "--target", TARGET])
        .says("StartServiceCtrlDispatcherW")
        .says("1053")
        .says("svc-rt");
    assert!(!project.has(&format!("target/svc/{TARGET}")));
}

#[test]
fn what_only_svc_rt_carries_out_is_refused_without_it() {
    let project = project("StartServiceCtrlDispatcherW", "restart = \"always\"\n");
    project
        .refused(&["--no-build", "--target", TARGET])
        .says("`restart = \"always\"` of `beacon` needs svc-rt on Windows");
}

#[test]
fn a_program_for_another_processor_is_refused() {
    let project = project("StartServiceCtrlDispatcherW", "");
    let other = "aarch64-pc-windows-msvc";
    let program = fs::read(
        project
            .root
            .join(format!("target/{TARGET}/release/beacon.exe")),
    );
    project.write(
        &format!("target/{other}/release/beacon.exe"),
        program.unwrap(),
    );
    project
        .refused(&["--no-build", "--target", other])
        .says("is a Windows program for x86_64, not a program for aarch64-pc-windows-msvc");
}
