//! Writing installation databases: tables by the crate `msi`, the compound file around them of the version that every reader
//! knows, the cabinet streamed into it.

mod cabinet;

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use msi::{CodePage, Column, Insert, LanguageId, Value};
use uuid::Uuid;

use super::archive::ArchiveError;
use super::date::SourceDate;
use crate::render::msi::schema::{Column as Definition, TABLES};
use crate::render::msi::{CABINET, Cell, Database, Table};

/// A file that goes into the cabinet.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its key in the table of files.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub size: u64,
}

/// Most bytes of all files together.
pub const MOST: u64 = cabinet::MOST;

/// English: the language of the few texts that are ours.
const LANGUAGE: &str = "en-US";

/// The least version of Windows Installer: 5.0, which came with Windows 7.
const SCHEMA: i32 = 500;

/// Writes the database and its files at `path`. `progress` hears how many bytes of the files have been packed so far.
///
/// # Errors
/// A file cannot be read, or the database cannot be written.
pub fn write(
    database: &Database,
    members: &[Member],
    date: SourceDate,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ArchiveError> {
    let own = |error| ArchiveError {
        path: path.to_owned(),
        error,
    };
    let tables = tables(database, date).map_err(own)?;
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(own)?;
    // Version 3 has sectors of 512 bytes, as what Windows itself writes.
    let mut out = cfb::CompoundFile::create_with_version(cfb::Version::V3, file).map_err(own)?;
    let cabinet = copy(tables, &mut out, date).map_err(own)?;
    let members: Vec<cabinet::Member> = members
        .iter()
        .map(|member| cabinet::Member {
            name: member.name.clone(),
            path: member.path.clone(),
            size: member.size,
        })
        .collect();
    let stream = out.create_stream(&cabinet).map_err(own)?;
    let stream = BufWriter::with_capacity(1 << 20, stream);
    let moment = date.dos();
    let moment = (moment.datepart(), moment.timepart());
    cabinet::write(&members, moment, stream, path, progress)?;
    out.flush().map_err(own)
}

/// The tables and the summary, in memory: they are small. The cabinet's stream is there and empty.
fn tables(database: &Database, date: SourceDate) -> io::Result<Cursor<Vec<u8>>> {
    let out = Cursor::new(Vec::new());
    let mut package = msi::Package::create(msi::PackageType::Installer, out)?;
    let code_page = CodePage::from_id(database.code_page.into())
        .ok_or_else(|| io::Error::other("an unknown code page"))?;
    package.set_database_codepage(code_page);
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(date.unix());
    let summary = package.summary_info_mut();
    let from = &database.summary;
    summary.set_codepage(CodePage::Windows1252);
    summary.set_title("Installation Database");
    summary.set_subject(&from.subject);
    summary.set_author(&from.author);
    summary.set_keywords(&["Installer".to_owned()]);
    summary.set_comments(&from.comments);
    summary.set_creating_application("cargo-svc");
    summary.set_arch(from.architecture.word());
    summary.set_languages(&[LanguageId::from_tag(LANGUAGE)]);
    let code = Uuid::parse_str(from.package_code.trim_matches(['{', '}']));
    summary.set_uuid(code.map_err(io::Error::other)?);
    summary.set_creation_time(moment);
    summary.set_last_save_time(moment);
    summary.set_page_count(SCHEMA);
    // Long names (1), compressed (2): a 64-bit package needs no more.
    summary.set_word_count(2);
    // Better not changed.
    summary.set_doc_security(2);
    // Tables in the order of their names, whatever the order in which they got rows.
    for schema in TABLES {
        let Some(table) = database.tables.iter().find(|t| t.schema == schema) else {
            continue;
        };
        let columns = schema.columns.iter().map(column).collect();
        package.create_table(schema.name, columns)?;
        if !table.rows.is_empty() {
            package.insert_rows(Insert::into(schema.name).rows(rows(table)))?;
        }
    }
    for (name, bytes) in &database.streams {
        package.write_stream(name)?.write_all(bytes)?;
    }
    package.write_stream(CABINET)?;
    package.into_inner()
}

fn rows(table: &Table) -> Vec<Vec<Value>> {
    let value = |cell: &Cell| match cell {
        Cell::Null => Value::Null,
        Cell::Number(number) => Value::Int(*number),
        Cell::Text(text) => Value::Str(text.clone()),
        Cell::Stream => Value::Binary,
    };
    let rows = table.rows.iter();
    rows.map(|row| row.iter().map(value).collect()).collect()
}

fn column(definition: &Definition) -> Column {
    let mut column = Column::build(definition.name);
    let (kind, length) = definition.kind.split_at(1);
    let length: usize = length.parse().unwrap_or_default();
    if definition.key {
        column = column.primary_key();
    }
    if kind.chars().all(|c| c.is_ascii_uppercase()) {
        column = column.nullable();
    }
    if kind.eq_ignore_ascii_case("l") {
        column = column.localizable();
    }
    if !definition.refers.is_empty() {
        column = column.foreign_key(definition.refers, 1);
    }
    if let Ok(category) = definition.category.parse() {
        column = column.category(category);
    }
    match (kind, length) {
        ("i" | "I", 2) => column.int16(),
        ("i" | "I", _) => column.int32(),
        ("v", _) => column.binary(),
        (_, length) => column.string(length),
    }
}

/// Copies all streams but the cabinet's; that one's path, whose name is encoded as all of them are.
fn copy<W: Read + Write + Seek>(
    tables: Cursor<Vec<u8>>,
    out: &mut cfb::CompoundFile<W>,
    date: SourceDate,
) -> io::Result<PathBuf> {
    let mut from = cfb::CompoundFile::open(tables)?;
    let root = from.root_entry();
    out.set_storage_clsid("/", *root.clsid())?;
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(date.unix());
    // It has to be zero, the start of Windows' count, for the root (MS-CFB 2.6.1).
    let zero = SystemTime::UNIX_EPOCH - Duration::from_secs(11_644_473_600);
    out.set_created_time("/", zero)?;
    out.set_modified_time("/", moment)?;
    let mut cabinet = None;
    let paths: Vec<PathBuf> = from
        .read_root_storage()
        .map(|entry| entry.path().to_owned())
        .collect();
    for path in paths {
        let mut bytes = Vec::new();
        from.open_stream(&path)?.read_to_end(&mut bytes)?;
        // No table is empty, and no icon.
        if bytes.is_empty() {
            cabinet = Some(path);
            continue;
        }
        out.create_stream(&path)?.write_all(&bytes)?;
    }
    cabinet.ok_or_else(|| io::Error::other("the cabinet's stream was not made"))
}

#[cfg(any(test, fuzzing))]
mod memory;
#[cfg(test)]
mod tests;

#[cfg(any(test, fuzzing))]
pub(crate) use memory::{in_memory, read_back};
