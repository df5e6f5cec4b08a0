//! What a person sees of a package: the licence's dialogs, and the icon.

use super::*;

/// The rows of a table as texts; nothing is an empty one.
fn rows_of(database: &Database, name: &str) -> Vec<Vec<String>> {
    let cell = |cell: &Cell| match cell {
        Cell::Null => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Stream => "*".to_owned(),
    };
    let table = database.tables.iter().find(|t| t.schema.name == name);
    let rows = table.map_or(&[][..], |table| &table.rows);
    rows.iter()
        .map(|row| row.iter().map(cell).collect())
        .collect()
}

#[test]
fn what_a_person_sees_is_whole() {
    let database = sample().database;
    let rows = |name: &str| rows_of(&database, name);
    let controls: BTreeSet<(String, String)> = rows("Control")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    let known = |dialog: &str, control: &str| {
        let key = (dialog.to_owned(), control.to_owned());
        assert!(controls.contains(&key), "{dialog}: {control}");
    };
    for dialog in rows("Dialog") {
        // The first one, and those that keys press.
        known(&dialog[0], &dialog[7]);
        for control in dialog[8..].iter().filter(|id| !id.is_empty()) {
            known(&dialog[0], control);
        }
        // The tabulator goes round and comes back.
        let next: BTreeMap<String, String> = rows("Control")
            .into_iter()
            .filter(|row| row[0] == dialog[0] && !row[10].is_empty())
            .map(|row| (row[1].clone(), row[10].clone()))
            .collect();
        let mut at = dialog[7].clone();
        for _ in 0..next.len() {
            at = next[&at].clone();
        }
        assert_eq!(at, dialog[7], "{next:?}");
    }
    for name in ["ControlCondition", "ControlEvent", "EventMapping"] {
        assert!(!rows(name).is_empty());
        for row in rows(name) {
            known(&row[0], &row[1]);
        }
    }
    let properties: BTreeMap<String, String> = rows("Property")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert!(
        rows("TextStyle")
            .iter()
            .any(|row| row[0] == properties["DefaultUIFont"])
    );
    assert!(
        rows("Dialog")
            .iter()
            .any(|row| row[0] == properties["ErrorDialog"])
    );
    // The licence is shown before anything runs, and only to somebody who installs.
    let licence: Vec<_> = rows("Control")
        .into_iter()
        .filter(|row| row[9].starts_with("{\\rtf1"))
        .collect();
    assert_eq!(licence.len(), 1);
    assert_eq!(licence[0][2], "ScrollableText");
    let sequence = rows("InstallUISequence");
    let shown = sequence.iter().find(|row| row[0] == licence[0][0]).unwrap();
    assert_eq!(
        (shown[1].as_str(), shown[2].as_str()),
        ("NOT Installed", "1297")
    );
    let admin = rows("AdminUISequence");
    assert!(!admin.iter().any(|row| row[0] == licence[0][0]));
    for table in [&sequence, &admin] {
        let ends: BTreeSet<&str> = table
            .iter()
            .map(|row| row[2].as_str())
            .filter(|n| n.starts_with('-'))
            .collect();
        assert_eq!(ends, BTreeSet::from(["-1", "-2", "-3"]));
    }
}

#[test]
fn without_a_licence_there_is_nothing_to_see() {
    let mut installer = installer();
    (installer.licence, installer.icon) = (None, None);
    let database = written(&installer, 1, Architecture::X64).database;
    for name in ["Dialog", "Control", "TextStyle", "ActionText", "Icon"] {
        assert!(rows_of(&database, name).is_empty(), "{name}");
    }
    let all = rows_of(&database, "InstallUISequence");
    assert!(all.iter().all(|row| !row[2].starts_with('-')));
}

#[test]
fn the_icon_is_a_stream_and_part_of_what_the_product_is() {
    let one = sample();
    let streams = streams(&one.bytes);
    assert_eq!(streams["Icon.Product.ico"], pixel());
    let rows = rows_of(&one.database, "Icon");
    assert_eq!(rows, [["Product.ico", "*"]]);
    let icon = |written: &Written, name: &str| {
        let rows = rows_of(&written.database, "Property");
        rows.into_iter().find(|row| row[0] == name).unwrap()[1].clone()
    };
    assert_eq!(icon(&one, "ARPPRODUCTICON"), "Product.ico");
    let mut other = installer();
    other.icon.as_mut().unwrap().bytes[62] = 7;
    let other = written(&other, 1, Architecture::X64);
    assert_ne!(icon(&one, "ProductCode"), icon(&other, "ProductCode"));
    assert_eq!(icon(&one, "UpgradeCode"), icon(&other, "UpgradeCode"));
}
