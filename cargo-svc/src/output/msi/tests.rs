//! What was written, read back: raw, as Windows Installer finds it, and by other readers.

mod seen;

use std::collections::{BTreeMap, BTreeSet};

use super::memory::{raw, streams, strings, widths};
use super::*;
use crate::assets::tests::pixel;
use crate::escape::msi as formatted;
use crate::plan::systemd::sample::{declared, package};
use crate::plan::windows::installer::tests::{beacon, full, planned};
use crate::plan::windows::installer::{Icon, Installer, Licence, Tool};
use crate::render::msi::schema::table;
use crate::render::msi::{Architecture, Packed, database};
use crate::render::windows::tests::awkward;
use crate::service::ServiceName;

const EPOCH: SourceDate = SourceDate::FIXED;

/// An installer of several programs and services, with awkward values, and its files.
fn installer() -> Installer {
    let mut web = awkward();
    web.windows.requires = vec![declared("requires", ServiceName::parse("store").unwrap())];
    let store = beacon("store");
    let mut second = beacon("a-second.name");
    second.windows.bin = declared("bin", "second-program".into());
    let mut package = package(vec![web, store, second, full("full")]);
    package.homepage = Some("https://example.com/".into());
    let mut installer = planned(&package);
    installer.licence = Some(Licence {
        // Longer than what a pool of strings holds in one entry of its usual kind.
        rtf: format!("{{\\rtf1 {}}}", "All rights. ".repeat(8000)),
    });
    installer.icon = Some(Icon {
        source: "beacon.ico".to_owned(),
        committed: "packaging".to_owned(),
        bytes: pixel(),
    });
    installer
}

struct Written {
    bytes: Vec<u8>,
    contents: Vec<Vec<u8>>,
    database: Database,
}

fn written(installer: &Installer, fill: u8, architecture: Architecture) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let (mut members, mut packed, mut contents) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (_, file)) in installer.files().enumerate() {
        let path = folder.path().join(number.to_string());
        let bytes = vec![fill + u8::try_from(number).unwrap(); 100_000];
        std::fs::write(&path, &bytes).unwrap();
        members.push(Member {
            name: file.id.clone(),
            path,
            size: bytes.len() as u64,
        });
        packed.push(Packed {
            size: bytes.len() as u64,
            sha256: format!("{fill}-{number}"),
        });
        contents.push(bytes);
    }
    let database = database(installer, "1.2.3", architecture, &packed);
    let path = folder.path().join("x.msi");
    write(&database, &members, EPOCH, &path, &mut |_| ()).unwrap();
    Written {
        bytes: std::fs::read(path).unwrap(),
        contents,
        database,
    }
}

fn sample() -> Written {
    written(&installer(), 1, Architecture::X64)
}

/// The bits of a column's type in `_Columns`, from the notation of the documentation. Its own definitions were read in
/// databases that Windows itself has made: `s72` as a key is 0x2D48, `i2` 0x0502, `i4` 0x0104, `L64` 0x1F40.
fn bits(definition: &Definition) -> u32 {
    let (kind, length) = definition.kind.split_at(1);
    let length: u32 = length.parse().unwrap();
    let base = match (kind, length) {
        ("s" | "S", _) => 0x0D00 | length,
        ("l" | "L", _) => 0x0F00 | length,
        ("i" | "I", 2) => 0x0502,
        ("i" | "I", 4) => 0x0104,
        ("v", 0) => 0x0900,
        other => panic!("{other:?}"),
    };
    let nullable = if kind.to_uppercase() == kind {
        0x1000
    } else {
        0
    };
    base | nullable | if definition.key { 0x2000 } else { 0 }
}

#[test]
fn columns_have_the_documented_types() {
    let bits_of = |name: &str, column: &str| {
        bits(
            table(name)
                .columns
                .iter()
                .find(|c| c.name == column)
                .unwrap(),
        )
    };
    assert_eq!(bits_of("Property", "Property"), 0x2D48);
    assert_eq!(bits_of("Component", "Attributes"), 0x0502);
    assert_eq!(bits_of("File", "FileSize"), 0x0104);
    assert_eq!(bits_of("Feature", "Title"), 0x1F40);
    let written = sample();
    let streams = streams(&written.bytes);
    let (_, strings) = strings(&streams);
    let text = |number: u32| String::from_utf8(strings[number as usize].clone()).unwrap();
    let mut found: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    let rows = raw(&streams["!_Columns"], &[2, 2, 2, 2]);
    for row in &rows {
        let columns = found.entry(text(row[0])).or_default();
        columns.push((text(row[2]), row[3] ^ 0x8000));
        assert_eq!(row[1] ^ 0x8000, u32::try_from(columns.len()).unwrap());
    }
    found.remove("_Validation").unwrap();
    let tables: Vec<String> = raw(&streams["!_Tables"], &[2])
        .iter()
        .map(|row| text(row[0]))
        .collect();
    for (name, columns) in &found {
        assert!(tables.contains(name), "{name}");
        // One without rows has no stream.
        let declared = written.database.tables.iter();
        let has_rows = declared
            .filter(|table| table.schema.name == name)
            .any(|table| !table.rows.is_empty());
        assert_eq!(streams.contains_key(&format!("!{name}")), has_rows);
        let wanted: Vec<(String, u32)> = table(name)
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), bits(column)))
            .collect();
        assert_eq!(*columns, wanted, "{name}");
    }
    assert_eq!(found.len(), written.database.tables.len());
}

#[test]
fn rows_are_in_the_order_of_their_keys_numbers() {
    let written = sample();
    let streams = streams(&written.bytes);
    for table in &written.database.tables {
        let stream = streams.get(&format!("!{}", table.schema.name));
        let rows = stream.map_or_else(Vec::new, |bytes| raw(bytes, &widths(table.schema)));
        assert_eq!(rows.len(), table.rows.len());
        let keys = table.schema.columns.iter().filter(|c| c.key).count();
        let keys: Vec<&[u32]> = rows.iter().map(|row| &row[..keys]).collect();
        assert!(
            keys.windows(2).all(|pair| pair[0] < pair[1]),
            "{}: {keys:?}",
            table.schema.name
        );
    }
}

#[test]
fn the_code_page_is_1252_where_it_holds_everything() {
    let plain = written(
        &planned(&package(vec![beacon("beacon")])),
        1,
        Architecture::X64,
    );
    assert_eq!(strings(&streams(&plain.bytes)).0, 1252);
    let mut umlaut = beacon("beacon");
    umlaut.windows.description = Some(declared("description", "Größe".into()));
    let umlaut = written(&planned(&package(vec![umlaut])), 1, Architecture::X64);
    let (page, texts) = strings(&streams(&umlaut.bytes));
    assert_eq!(page, 1252);
    assert!(texts.contains(&b"Gr\xF6\xDFe".to_vec()));
    // The awkward service has characters from everywhere.
    assert_eq!(strings(&streams(&sample().bytes)).0, 65001);
}

#[test]
fn the_summary_says_what_windows_installer_asks_first() {
    for (architecture, word) in [(Architecture::X64, "x64"), (Architecture::Arm64, "Arm64")] {
        let written = written(&installer(), 1, architecture);
        let package = msi::Package::open(Cursor::new(&written.bytes)).unwrap();
        let summary = package.summary_info();
        assert_eq!(summary.arch(), Some(word));
        assert_eq!(summary.languages(), [LanguageId::from_tag(LANGUAGE)]);
        assert_eq!(
            (summary.page_count(), summary.word_count()),
            (Some(500), Some(2))
        );
        assert_eq!(summary.doc_security(), Some(2));
        assert_eq!(summary.codepage().id(), 1252);
        let code = summary.uuid().unwrap().braced().to_string().to_uppercase();
        assert_eq!(code, written.database.summary.package_code);
        let texts = [summary.subject(), summary.author(), summary.comments()];
        assert!(texts.iter().all(|text| text.is_some_and(str::is_ascii)));
    }
}

#[test]
fn every_text_is_of_its_kind_and_every_reference_leads_to_a_row() {
    let database = sample().database;
    let keys = |name: &str| -> BTreeSet<&str> {
        let table = database
            .tables
            .iter()
            .find(|t| t.schema.name == name)
            .unwrap();
        table
            .rows
            .iter()
            .filter_map(|row| match &row[0] {
                Cell::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    };
    let mut known = keys("Property");
    known.extend(keys("Directory"));
    known.extend(keys("AppSearch"));
    known.extend([
        "System64Folder",
        "SERVICEACCOUNT",
        "SERVICEPASSWORD",
        "SVC_INSTALLDIR",
        "REMOVE",
    ]);
    known.extend(Tool::ALL.map(Tool::property));
    let is_key = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
            && text.len() <= 72
    };
    let mut looked_at = 0;
    for table in &database.tables {
        for row in &table.rows {
            assert_eq!(
                row.len(),
                table.schema.columns.len(),
                "{}",
                table.schema.name
            );
            for (column, cell) in table.schema.columns.iter().zip(row) {
                if *cell == Cell::Stream {
                    assert_eq!(column.category, "Binary");
                    continue;
                }
                let Cell::Text(text) = cell else {
                    let may_be_empty = column.kind.starts_with(char::is_uppercase);
                    assert!(*cell != Cell::Null || may_be_empty, "{column:?}");
                    continue;
                };
                looked_at += 1;
                match column.category {
                    "Identifier" | "CustomSource" => assert!(is_key(text), "{text}"),
                    "GUID" => {
                        assert_eq!(text.len(), 38);
                        assert_eq!(text.to_uppercase(), *text);
                    }
                    // It is no formatted text, though its column is one of those.
                    "Formatted" if text.starts_with("{\\rtf") => {
                        assert!(!text.contains(['[', ']']));
                    }
                    "Formatted" => {
                        // A font of the table before the text.
                        let text = text.strip_prefix("{\\SvcTitle}").unwrap_or(text);
                        formatted::tests::read(text, &|name| {
                            assert!(known.contains(name), "[{name}] in {text}");
                            String::new()
                        });
                    }
                    _ => {}
                }
                if !column.refers.is_empty() {
                    assert!(
                        keys(column.refers).contains(text.as_str()),
                        "{column:?}: {text}"
                    );
                }
            }
        }
    }
    assert!(looked_at > 200);
}

#[test]
fn sequences_run_in_order_and_know_every_action() {
    let database = sample().database;
    let rows = |name: &str| {
        let table = database
            .tables
            .iter()
            .find(|t| t.schema.name == name)
            .unwrap();
        table
            .rows
            .iter()
            .map(|row| match (&row[0], &row[2]) {
                (Cell::Text(action), Cell::Number(number)) => (action.clone(), *number),
                other => panic!("{other:?}"),
            })
            .collect::<BTreeMap<String, i32>>()
    };
    let install = rows("InstallExecuteSequence");
    // Microsoft, "Suggested InstallExecuteSequence".
    for (action, number) in [
        ("LaunchConditions", 100),
        ("CostFinalize", 1000),
        ("InstallInitialize", 1500),
        ("StopServices", 1900),
        ("DeleteServices", 2000),
        ("InstallFiles", 4000),
        ("WriteRegistryValues", 5000),
        ("InstallServices", 5800),
        ("StartServices", 5900),
        ("InstallFinalize", 6600),
    ] {
        assert_eq!(install[action], number);
    }
    let begins = install["InstallInitialize"];
    assert!(begins < install["RemoveExistingProducts"]);
    let actions = database
        .tables
        .iter()
        .find(|t| t.schema.name == "CustomAction")
        .unwrap();
    for row in &actions.rows {
        let (Cell::Text(action), Cell::Number(kind)) = (&row[0], &row[1]) else {
            panic!("{row:?}");
        };
        let number = install[action];
        // What runs as the machine is between the beginning and the end of the script; what sets properties is before.
        if kind & 0x400 == 0 {
            assert!(number < begins, "{action}");
        } else {
            assert_eq!(kind & 0x800, 0x800, "{action} runs as the user");
            assert!(
                (begins..install["InstallFinalize"]).contains(&number),
                "{action}"
            );
        }
    }
    for other in ["AdminExecuteSequence", "AdvtExecuteSequence"] {
        assert!(rows(other).contains_key("InstallFinalize"));
    }
    assert!(rows("InstallUISequence")["ExecuteAction"] > rows("InstallUISequence")["CostFinalize"]);
}

#[test]
fn the_cabinet_holds_the_files_by_their_keys() {
    let written = sample();
    let streams = streams(&written.bytes);
    let mut cabinet = cab::Cabinet::new(Cursor::new(&streams[CABINET])).unwrap();
    let files = written
        .database
        .tables
        .iter()
        .find(|t| t.schema.name == "File")
        .unwrap();
    let media = written
        .database
        .tables
        .iter()
        .find(|t| t.schema.name == "Media")
        .unwrap();
    assert_eq!(media.rows[0][3], Cell::Text(format!("#{CABINET}")));
    let count = i32::try_from(written.contents.len()).unwrap();
    assert_eq!(media.rows[0][1], Cell::Number(count));
    for (number, row) in files.rows.iter().enumerate() {
        let Cell::Text(key) = &row[0] else {
            panic!("{row:?}");
        };
        assert_eq!(row[7], Cell::Number(i32::try_from(number + 1).unwrap()));
        let mut bytes = Vec::new();
        cabinet
            .read_file(key)
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        assert!(bytes == written.contents[number]);
        let moment = cabinet.get_file_entry(key).unwrap().datetime().unwrap();
        assert_eq!(moment.to_string(), "1980-01-01 0:00:00.0");
    }
}

#[test]
fn the_same_is_the_same_file_and_another_program_another_product() {
    let one = sample();
    std::thread::sleep(Duration::from_millis(1100));
    assert!(one.bytes == sample().bytes);
    let other = written(&installer(), 9, Architecture::X64);
    let property = |written: &Written, name: &str| {
        let table = &written.database.tables;
        let table = table.iter().find(|t| t.schema.name == "Property").unwrap();
        let row = table
            .rows
            .iter()
            .find(|row| row[0] == Cell::Text(name.into()));
        row.unwrap()[1].clone()
    };
    assert_ne!(
        property(&one, "ProductCode"),
        property(&other, "ProductCode")
    );
    assert_ne!(
        one.database.summary.package_code,
        other.database.summary.package_code
    );
    assert_eq!(
        property(&one, "UpgradeCode"),
        property(&other, "UpgradeCode")
    );
    let components = |written: &Written| {
        let table = &written.database.tables;
        let table = table.iter().find(|t| t.schema.name == "Component").unwrap();
        table.rows.clone()
    };
    assert_eq!(components(&one), components(&other));
    let arm = written(&installer(), 1, Architecture::Arm64);
    assert_ne!(property(&one, "ProductCode"), property(&arm, "ProductCode"));
}

#[test]
fn passwords_are_kept_out_of_logs() {
    let database = sample().database;
    let table = database
        .tables
        .iter()
        .find(|t| t.schema.name == "Property")
        .unwrap();
    let value = |name: &str| {
        let row = table
            .rows
            .iter()
            .find(|row| row[0] == Cell::Text(name.into()));
        match &row.unwrap()[1] {
            Cell::Text(text) => text.split(';').map(str::to_owned).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(value("MsiHiddenProperties"), ["SERVICEPASSWORD"]);
    let secure = value("SecureCustomProperties");
    for name in [
        "INSTALLDIR",
        "PURGE",
        "SERVICEACCOUNT",
        "SERVICEPASSWORD",
        "STARTSERVICE",
    ] {
        assert!(secure.iter().any(|known| known == name), "{name}");
    }
}
