//! Looks into a built program, as bytes: what it is built for, and what its `#[service]` says of it.
//!
//! `#[service]` leaves a note in a section of the program (`svc_rt` documents its layout). Whoever packages a program
//! compares the note with the manifest: a binary that was built before the manifest changed, or one that is no service at
//! all, is then found before it reaches a machine.

mod note;

pub use note::{Note, NoteError};

use object::read::{File, NameOrOrdinal, Object as _, ObjectSection as _};
use object::{Architecture, Endianness, ReadCache, ReadRef};
use std::fmt;

/// What a program's file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The kind of file, which tells the operating systems apart.
    pub format: Format,
    /// The processor, in the words of Rust's `target_arch`; `None` for one that this does not know.
    pub architecture: Option<&'static str>,
    /// One note for each service in the program, in the order of the file. None: no function has `#[service]` on it.
    pub notes: Vec<Note>,
    /// Whether it is a Windows program that calls `StartServiceCtrlDispatcher`. One that does not is ended with error 1053
    /// when it is started as a service (Microsoft, "Service Entry Point").
    pub calls_dispatcher: bool,
}

/// The kind of a program's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Linux and most other Unix systems.
    Elf,
    /// Windows.
    Pe,
    /// macOS.
    MachO,
}

/// Why a file cannot be looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InspectError {
    /// It is neither ELF, PE nor Mach-O for one processor.
    NotAProgram,
    /// It begins like a program and then contradicts itself. The text is the reader's, for the log.
    Damaged(String),
    /// Its note cannot be read.
    Note(NoteError),
}

impl fmt::Display for InspectError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::NotAProgram => formatter.write_str("this is no ELF, PE or Mach-O program"),
            Self::Damaged(reason) => write!(formatter, "the program's file is damaged: {reason}"),
            Self::Note(error) => {
                write!(formatter, "the note of #[service] in the program: {error}")
            }
        }
    }
}

impl std::error::Error for InspectError {}

/// The names of the sections that hold the notes: ELF, PE (at most eight characters) and Mach-O.
const SECTIONS: [&[u8]; 3] = [b".note.svc", b".svcnote", b"__svc_note"];

/// Both forms of the call by which a process becomes a service. Programs in Rust use the first.
const DISPATCHERS: [&[u8]; 2] = [
    b"StartServiceCtrlDispatcherW",
    b"StartServiceCtrlDispatcherA",
];

/// Reads what a program's file says of itself. Nothing of it is run or trusted.
///
/// # Errors
/// If the bytes are no program, or one whose headers or notes are damaged.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, InspectError> {
    read(bytes)
}

/// The same for a file, of which only the parts that matter are read: programs can be large.
///
/// # Errors
/// As [`inspect`]; a file that cannot be read is no program, or a damaged one.
pub fn inspect_file(file: std::fs::File) -> Result<Inspection, InspectError> {
    read(&ReadCache::new(file))
}

fn read<'d>(bytes: impl ReadRef<'d>) -> Result<Inspection, InspectError> {
    let file = File::parse(bytes).map_err(|error| match object::FileKind::parse(bytes) {
        Ok(kind) if format_of(kind).is_some() => damaged(error),
        _ => InspectError::NotAProgram,
    })?;
    let format = object::FileKind::parse(bytes)
        .ok()
        .and_then(format_of)
        .ok_or(InspectError::NotAProgram)?;
    Ok(Inspection {
        format,
        architecture: architecture(file.architecture()),
        notes: notes(&file)?,
        calls_dispatcher: format == Format::Pe && calls_dispatcher(&file)?,
    })
}

fn damaged(error: object::Error) -> InspectError {
    InspectError::Damaged(error.to_string())
}

fn format_of(kind: object::FileKind) -> Option<Format> {
    use object::FileKind as Kind;
    match kind {
        Kind::Elf32 | Kind::Elf64 => Some(Format::Elf),
        Kind::Pe32 | Kind::Pe64 => Some(Format::Pe),
        Kind::MachO32 | Kind::MachO64 => Some(Format::MachO),
        _ => None,
    }
}

fn architecture(architecture: Architecture) -> Option<&'static str> {
    Some(match architecture {
        Architecture::X86_64 | Architecture::X86_64_X32 => "x86_64",
        Architecture::I386 => "x86",
        Architecture::Aarch64 | Architecture::Aarch64_Ilp32 => "aarch64",
        Architecture::Arm => "arm",
        Architecture::Riscv64 => "riscv64",
        Architecture::Riscv32 => "riscv32",
        Architecture::PowerPc64 => "powerpc64",
        Architecture::PowerPc => "powerpc",
        Architecture::S390x => "s390x",
        Architecture::LoongArch64 => "loongarch64",
        Architecture::Mips64 => "mips64",
        Architecture::Mips => "mips",
        Architecture::Sparc64 => "sparc64",
        _ => return None,
    })
}

fn notes<'d>(file: &File<'d, impl ReadRef<'d>>) -> Result<Vec<Note>, InspectError> {
    let big_endian = file.endianness() == Endianness::Big;
    let mut notes = Vec::new();
    for section in file.sections() {
        if section
            .name_bytes()
            .is_ok_and(|name| SECTIONS.contains(&name))
        {
            let data = section.data().map_err(damaged)?;
            notes.extend(note::read_section(data, big_endian).map_err(InspectError::Note)?);
        }
    }
    Ok(notes)
}

fn calls_dispatcher<'d>(file: &File<'d, impl ReadRef<'d>>) -> Result<bool, InspectError> {
    // A single entry that cannot be read is no reason to refuse the program: the loader will decide about it.
    let imports = file.imports().map_err(damaged)?.filter_map(Result::ok);
    let mut names = imports.map(|import| import.name());
    Ok(names.any(|name| matches!(name, NameOrOrdinal::Name(name) if DISPATCHERS.contains(&name))))
}

#[cfg(test)]
mod tests;
