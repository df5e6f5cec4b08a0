use super::*;
use object::pe;
use object::write::pe::{NtHeaders, Writer};
use object::write::{Object, StandardSegment};
use object::{BinaryFormat, SectionKind};

/// A note as svc-rt lays it out.
fn raw_note(format: u32, owner: &str, text: &str, big_endian: bool) -> Vec<u8> {
    let word = |word: u32| {
        if big_endian {
            word.to_be_bytes()
        } else {
            word.to_le_bytes()
        }
    };
    let mut padded = text.as_bytes().to_vec();
    padded.resize(text.len().next_multiple_of(4), b' ');
    let size = u32::try_from(padded.len()).unwrap();
    [
        &word(4)[..],
        &word(size),
        &word(format),
        owner.as_bytes(),
        &padded,
    ]
    .concat()
}

fn little(text: &str) -> Vec<u8> {
    raw_note(1, "svc\0", text, false)
}

const BEACON: &str =
    r#"{"name":"beacon","events":["reload","200"],"sockets":["http"],"runtime":"0.1.0"}"#;
const SENDER: &str = r#"{"name":"sender","events":[],"sockets":[],"runtime":"0.1.0"}"#;

fn beacon() -> Note {
    Note {
        name: "beacon".to_owned(),
        events: vec!["reload".to_owned(), "200".to_owned()],
        sockets: vec!["http".to_owned()],
        runtime: "0.1.0".to_owned(),
    }
}

/// An ELF or Mach-O file with one section.
fn file(
    format: BinaryFormat,
    architecture: Architecture,
    endian: Endianness,
    data: &[u8],
) -> Vec<u8> {
    let mut file = Object::new(format, architecture, endian);
    let name: &[u8] = if format == BinaryFormat::Elf {
        b".note.svc"
    } else {
        b"__svc_note"
    };
    let segment = file.segment_name(StandardSegment::Data).to_vec();
    let section = file.add_section(segment, name.to_vec(), SectionKind::ReadOnlyData);
    file.append_section_data(section, data, 4);
    file.write().unwrap()
}

fn elf(data: &[u8]) -> Vec<u8> {
    file(
        BinaryFormat::Elf,
        Architecture::X86_64,
        Endianness::Little,
        data,
    )
}

/// A Windows program that imports one function, with notes if there are any.
fn windows_program(import: &str, notes: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(true, 0x1000, 0x200, &mut bytes);
    writer.reserve_dos_header_and_stub();
    writer.reserve_nt_headers(16);
    writer.reserve_section_headers(2);
    let imports = writer.reserve_idata_section(0x200);
    let length = u32::try_from(notes.len()).unwrap();
    let read_only = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
    let section = writer.reserve_section(*b".svcnote", read_only, length.max(1), length);

    writer.write_dos_header_and_stub().unwrap();
    writer.write_nt_headers(NtHeaders {
        machine: pe::IMAGE_FILE_MACHINE_AMD64,
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
    writer.write_section(
        imports.file_offset,
        &import_table(imports.virtual_address, import),
    );
    writer.write_section(section.file_offset, notes);
    bytes
}

/// The import table of one function: two descriptors (the second ends the list), the thunks, and the names.
fn import_table(address: u32, import: &str) -> Vec<u8> {
    let (thunks, hint, library) = (address + 0x40, address + 0x80, address + 0xc0);
    let mut table = Vec::new();
    for field in [thunks, 0, 0, library, thunks] {
        table.extend(field.to_le_bytes());
    }
    table.resize(0x40, 0);
    table.extend(u64::from(hint).to_le_bytes());
    table.resize(0x82, 0);
    table.extend(import.as_bytes());
    table.resize(0xc0, 0);
    table.extend(b"ADVAPI32.dll");
    table.resize(0x200, 0);
    table
}

#[test]
fn an_elf_program_tells_its_notes_in_order() {
    let both = [little(BEACON), little(SENDER)].concat();
    let inspection = inspect(&elf(&both)).unwrap();
    assert_eq!(inspection.format, Format::Elf);
    assert_eq!(inspection.architecture, Some("x86_64"));
    assert!(!inspection.calls_dispatcher);
    let names: Vec<&str> = inspection.notes.iter().map(|note| &*note.name).collect();
    assert_eq!(names, ["beacon", "sender"]);
    assert_eq!(inspection.notes[0], beacon());
}

#[test]
fn words_are_in_the_programs_byte_order() {
    let note = raw_note(1, "svc\0", BEACON, true);
    let bytes = file(
        BinaryFormat::Elf,
        Architecture::S390x,
        Endianness::Big,
        &note,
    );
    let inspection = inspect(&bytes).unwrap();
    assert_eq!(inspection.architecture, Some("s390x"));
    assert_eq!(inspection.notes, [beacon()]);
}

#[test]
fn a_mach_o_program_tells_its_note() {
    let bytes = file(
        BinaryFormat::MachO,
        Architecture::Aarch64,
        Endianness::Little,
        &little(BEACON),
    );
    let inspection = inspect(&bytes).unwrap();
    assert_eq!(inspection.format, Format::MachO);
    assert_eq!(inspection.architecture, Some("aarch64"));
    assert_eq!(inspection.notes, [beacon()]);
}

#[test]
fn a_windows_program_tells_its_note_and_its_dispatcher() {
    let inspection = inspect(&windows_program(
        "StartServiceCtrlDispatcherW",
        &little(BEACON),
    ))
    .unwrap();
    assert_eq!(inspection.format, Format::Pe);
    assert_eq!(inspection.architecture, Some("x86_64"));
    assert_eq!(inspection.notes, [beacon()]);
    assert!(inspection.calls_dispatcher);

    let inspection = inspect(&windows_program("RegOpenKeyExW", &[])).unwrap();
    assert_eq!(inspection.notes, []);
    assert!(!inspection.calls_dispatcher);
}

#[test]
fn this_very_program_has_no_note() {
    let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let inspection = inspect(&bytes).unwrap();
    assert_eq!(inspection.notes, []);
    assert!(!inspection.calls_dispatcher);
    assert_eq!(inspection.architecture, Some(std::env::consts::ARCH));
}

#[test]
fn what_is_no_program_is_said_to_be_none() {
    for bytes in [
        &b""[..],
        b"#!/bin/sh\necho",
        b"!<arch>\n",
        &[0; 4096],
        b"MZ",
    ] {
        assert_eq!(inspect(bytes), Err(InspectError::NotAProgram), "{bytes:?}");
    }
    let cut = inspect(&elf(&little(BEACON))[..40]);
    assert!(matches!(cut, Err(InspectError::Damaged(_))), "{cut:?}");
}

#[test]
fn a_later_format_asks_for_a_later_cargo_svc() {
    let error = inspect(&elf(&raw_note(2, "svc\0", "what comes", false))).unwrap_err();
    assert_eq!(error, InspectError::Note(NoteError::Newer(2)));
    assert!(error.to_string().contains("update cargo-svc"), "{error}");
}

#[test]
fn a_later_runtime_may_say_more() {
    let text = BEACON.replacen('{', r#"{"more":[1],"#, 1);
    assert_eq!(inspect(&elf(&little(&text))).unwrap().notes, [beacon()]);
}

#[test]
fn damaged_notes_are_told_apart_from_none() {
    let damaged = Err(InspectError::Note(NoteError::Damaged));
    let whole = little(BEACON);
    // Zeros are what a linker fills up with.
    assert_eq!(inspect(&elf(&[0; 64])).unwrap().notes, []);
    assert_eq!(
        inspect(&elf(&[&[0; 8], &*whole, &[0; 3]].concat()))
            .unwrap()
            .notes,
        [beacon()]
    );
    assert_eq!(inspect(&elf(&whole[..whole.len() - 1])), damaged);
    assert_eq!(inspect(&elf(&[&*whole, b"x"].concat())), damaged);
    assert_eq!(inspect(&elf(&raw_note(1, "GNU\0", BEACON, false))), damaged);
    assert_eq!(inspect(&elf(&[0xff; 64])), damaged);
    for text in [
        "",
        "{}",
        "[]",
        &BEACON.replace("\"beacon\"", "7"),
        &BEACON[..20],
        "\0\0\0\0",
    ] {
        let error = inspect(&elf(&little(text))).unwrap_err();
        assert!(
            matches!(error, InspectError::Note(NoteError::Text(_))),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn no_damage_makes_it_panic() {
    for bytes in [
        elf(&little(BEACON)),
        windows_program("StartServiceCtrlDispatcherW", &little(BEACON)),
        file(
            BinaryFormat::MachO,
            Architecture::Aarch64,
            Endianness::Little,
            &little(BEACON),
        ),
    ] {
        for end in 0..bytes.len() {
            let _ = inspect(&bytes[..end]);
        }
        for place in 0..bytes.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut damaged = bytes.clone();
                damaged[place] = value;
                let _ = inspect(&damaged);
            }
        }
    }
}
