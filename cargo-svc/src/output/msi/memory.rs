//! For tests: databases without a disk and without programs, and a reader of them that is not the crate which wrote them.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use msi::CodePage;

use super::{SourceDate, copy, tables};
use crate::render::msi::schema::{Schema, TABLES};
use crate::render::msi::{Cell, Database};

/// The bytes of a database whose cabinet is empty.
pub(crate) fn in_memory(database: &Database, date: SourceDate) -> io::Result<Vec<u8>> {
    let tables = tables(database, date)?;
    let out = Cursor::new(Vec::new());
    let mut out = cfb::CompoundFile::create_with_version(cfb::Version::V3, out)?;
    let cabinet = copy(tables, &mut out, date)?;
    out.create_stream(&cabinet)?;
    out.flush()?;
    Ok(out.into_inner().into_inner())
}

/// The rows of each table that is ours.
pub(crate) fn read_back(bytes: &[u8]) -> BTreeMap<&'static str, Vec<Vec<Cell>>> {
    let streams = streams(bytes);
    let (page, strings) = strings(&streams);
    let strings: Vec<String> = strings.iter().map(|text| decoded(page, text)).collect();
    let mut found = BTreeMap::new();
    for schema in TABLES {
        let Some(stream) = streams.get(&format!("!{}", schema.name)) else {
            continue;
        };
        let rows = raw(stream, &widths(schema)).into_iter();
        let rows = rows.map(|row| {
            let cells = schema.columns.iter().zip(row);
            let cells = cells.map(|(column, number)| match (number, column.kind) {
                (0, _) => Cell::Null,
                (_, "v0" | "V0") => Cell::Stream,
                (_, "i2" | "I2") => Cell::Number(signed(number, 15)),
                (_, "i4" | "I4") => Cell::Number(signed(number, 31)),
                _ => Cell::Text(strings[number as usize].clone()),
            });
            cells.collect()
        });
        found.insert(schema.name, rows.collect());
    }
    found
}

/// A number as it is stored: with so much added that none is negative.
fn signed(number: u32, bits: u32) -> i32 {
    i32::try_from(i64::from(number) - (1 << bits)).unwrap()
}

fn decoded(page: usize, text: &[u8]) -> String {
    match page {
        65001 => String::from_utf8(text.to_vec()).expect("UTF-8"),
        // One byte a character: it takes no byte order mark for one.
        1252 => CodePage::Windows1252.decode(text),
        other => panic!("the code page {other}"),
    }
}

/// The compound file's streams, with their names decoded (Microsoft does not document the encoding; two of 64 characters
/// become one beyond U+3800).
pub(super) fn streams(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).unwrap();
    assert_eq!(file.version(), cfb::Version::V3);
    let names: Vec<_> = file
        .read_root_storage()
        .map(|entry| (entry.name().to_owned(), entry.path().to_owned()))
        .collect();
    let mut found = BTreeMap::new();
    for (name, path) in names {
        assert!(name.encode_utf16().count() <= 31, "{name}");
        let mut decoded = String::new();
        for c in name.chars() {
            let point = u32::from(c) as usize;
            match point {
                0x3800..=0x47FF => {
                    decoded.push(char::from(LETTERS[(point - 0x3800) & 63]));
                    decoded.push(char::from(LETTERS[(point - 0x3800) >> 6]));
                }
                0x4800..=0x483F => decoded.push(char::from(LETTERS[point - 0x4800])),
                0x4840 => decoded.push('!'),
                _ => decoded.push(c),
            }
        }
        let mut bytes = Vec::new();
        file.open_stream(path)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        found.insert(decoded, bytes);
    }
    found
}

fn half(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()))
}

/// The code page and the strings, by number.
pub(super) fn strings(streams: &BTreeMap<String, Vec<u8>>) -> (usize, Vec<Vec<u8>>) {
    let (pool, mut data) = (&streams["!_StringPool"], streams["!_StringData"].as_slice());
    let mut all = vec![Vec::new()];
    let mut entries = pool[4..].chunks_exact(4);
    while let Some(entry) = entries.next() {
        let mut length = half(entry, 0);
        if length == 0 && half(entry, 2) != 0 {
            // One that is longer has its length behind it.
            let long = entries.next().unwrap();
            length = half(long, 0) | half(long, 2) << 16;
        }
        let (text, rest) = data.split_at(length);
        all.push(text.to_vec());
        data = rest;
    }
    assert!(data.is_empty());
    (half(pool, 0), all)
}

/// A table's columns of raw numbers, as the file has them: one column behind the other.
pub(super) fn raw(stream: &[u8], widths: &[usize]) -> Vec<Vec<u32>> {
    let width: usize = widths.iter().sum();
    assert_eq!(stream.len() % width, 0);
    let count = stream.len() / width;
    let mut rows = vec![Vec::new(); count];
    let mut at = 0;
    for width in widths {
        for row in &mut rows {
            let low = half(stream, at);
            let high = if *width == 4 { half(stream, at + 2) } else { 0 };
            row.push(u32::try_from(low | high << 16).unwrap());
            at += width;
        }
    }
    rows
}

pub(super) fn widths(schema: &Schema) -> Vec<usize> {
    let width = |kind: &str| if matches!(kind, "i4" | "I4") { 4 } else { 2 };
    schema.columns.iter().map(|c| width(c.kind)).collect()
}
