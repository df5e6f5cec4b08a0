//! What Windows is told of services, read back from each thing that tells it: they all say what is planned.

use std::collections::BTreeMap;

use askama::filters::Escaper;

use super::readers::{self, formatted, split};
use super::wix;
use super::xml::{self, Element};
use crate::build::System;
use crate::diagnostics::Report;
use crate::escape::wxs::Wxs;
use crate::escape::{argv, cmd, msi};
use crate::output::date::SourceDate;
use crate::output::msi::{in_memory, read_back};
use crate::plan::windows::installer::{Formatted, Installer, installer};
use crate::plan::windows::{self, Value, WindowsPlan};
use crate::render::msi::{Architecture, Cell, Packed, Table, database};
use crate::render::{self, Kind, gathered};
use crate::service::Package;

/// Folders with what paths may hold.
pub(crate) const INSTALL_DIR: &str = r"C:\i & (d)";
const PROGRAM_DATA: &str = r"D:\p d";

/// A service as somebody is told of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) args: Vec<String>,
    /// `NAME=VALUE`, in order.
    pub(crate) environment: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) display_name: String,
    pub(crate) dependencies: Vec<String>,
}

/// Plans for Windows, renders all that is made of the plan, and reads it back.
///
/// # Panics
/// If what is read is not what was planned, or breaks a rule of its reader.
pub(crate) fn judged(package: &Package, report: &mut Report) -> Option<Vec<Said>> {
    if package.services_for(System::Windows).next().is_none() {
        return Some(Vec::new());
    }
    let Some(plan) = windows::plan(package, report) else {
        assert!(report.has_errors(), "what is not planned has a reason");
        return None;
    };
    for script in gathered(|files| render::windows::scripts(&plan, files)) {
        let text = String::from_utf8(script.contents).expect("scripts are UTF-8");
        let lone = text.replace("\r\n", "").contains(['\r', '\n', '\0']);
        assert!(!lone, "{} has a line end of its own", script.path);
    }
    let planned = planned(&plan);
    match installer(&plan, package, report) {
        Some(Ok(installer)) => installers(&installer, &planned),
        // The scripts alone can do it.
        Some(Err(lacks)) => assert!(!lacks.to_string().is_empty()),
        None => assert!(report.has_errors(), "what is not planned has a reason"),
    }
    Some(planned)
}

/// The services of a plan, by name.
fn planned(plan: &WindowsPlan) -> Vec<Said> {
    let services = plan.services.iter().map(|service| {
        let registered = &service.registration;
        let image = registered.image_path.resolved(INSTALL_DIR, PROGRAM_DATA);
        let lines = service.environment.iter().map(|(name, value)| {
            let value = value.resolved(INSTALL_DIR, PROGRAM_DATA);
            plain(&format!("{name}={value}"))
        });
        Said {
            name: service.name.clone(),
            args: arguments(&image),
            environment: lines.collect(),
            description: service.description.clone(),
            display_name: registered
                .display_name
                .clone()
                .unwrap_or_else(|| service.name.clone()),
            dependencies: registered.dependencies.clone(),
        }
    });
    let mut all: Vec<Said> = services.collect();
    all.sort();
    all
}

/// The arguments of a command line, whose program they follow.
fn arguments(line: &str) -> Vec<String> {
    split(line).iter().skip(1).map(|arg| plain(arg)).collect()
}

/// A path that Windows Installer writes ends in a backslash, behind which a dot stands for the folder itself.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for folder in [INSTALL_DIR, PROGRAM_DATA] {
        text = text
            .replace(&format!("{folder}/"), &format!("{folder}\\"))
            .replace(&format!("{folder}\\."), folder);
    }
    text
}

/// The sources for WiX and the database of an installer.
fn installers(installer: &Installer, planned: &[Said]) {
    let product = [Kind::WixV3Product, Kind::WixV4Product];
    for source in gathered(|files| render::wix::sources(installer, files)) {
        let text = String::from_utf8(source.contents).expect("sources are UTF-8");
        let root = xml::parse(&text);
        let generation = wix::generation(&root);
        wix::check(&root, generation, product.contains(&source.kind));
        Rows::of_source(&root).say(planned, &source.path);
    }
    for architecture in [Architecture::X64, Architecture::Arm64] {
        let file = Packed {
            size: 1,
            sha256: "00".into(),
        };
        let files = vec![file; installer.components.len()];
        let made = database(installer, "1.2.3", architecture, &files);
        let bytes = in_memory(&made, SourceDate::FIXED).expect("it can be written");
        let read = read_back(&bytes);
        for table in &made.tables {
            keys_are_short(table);
            let mut wanted = table.rows.clone();
            let mut found = read[table.schema.name].clone();
            wanted.sort_by_key(|row| format!("{row:?}"));
            found.sort_by_key(|row| format!("{row:?}"));
            assert_eq!(found, wanted, "{}", table.schema.name);
        }
        Rows::of_database(&read).say(planned, "the database");
    }
}

/// No name that a table knows something by is longer than it may be (Microsoft, "Identifier").
fn keys_are_short(table: &Table) {
    for row in &table.rows {
        for (column, cell) in table.schema.columns.iter().zip(row) {
            let Cell::Text(text) = cell else { continue };
            let is_key = column.category == "Identifier";
            assert!(
                !is_key || text.len() <= wix::IDENTIFIER,
                "{}.{}: {text}",
                table.schema.name,
                column.name
            );
        }
    }
}

/// What a reader finds in a database.
type Tables = BTreeMap<&'static str, Vec<Vec<Cell>>>;

/// What an installer is told, before Windows Installer puts properties in.
#[derive(Debug, Default)]
struct Rows {
    properties: BTreeMap<String, String>,
    services: Vec<Row>,
    /// Key, name and value.
    registry: Vec<[String; 3]>,
    /// Command lines without their program.
    commands: Vec<String>,
}

#[derive(Debug)]
struct Row {
    name: String,
    display_name: String,
    arguments: String,
    description: String,
    dependencies: Vec<String>,
}

impl Rows {
    fn of_source(root: &Element) -> Self {
        let get = |element: &Element, name: &str| element.get(name).to_owned();
        let rows = root.find("ServiceInstall").into_iter().map(|row| Row {
            name: get(row, "Name"),
            display_name: get(row, "DisplayName"),
            arguments: get(row, "Arguments"),
            description: get(row, "Description"),
            dependencies: row
                .find("ServiceDependency")
                .iter()
                .map(|name| get(name, "Id"))
                .collect(),
        });
        Self {
            services: rows.collect(),
            properties: root
                .find("Property")
                .iter()
                .map(|property| (get(property, "Id"), get(property, "Value")))
                .collect(),
            registry: root
                .find("RegistryValue")
                .iter()
                .map(|row| ["Key", "Name", "Value"].map(|name| get(row, name)))
                .collect(),
            commands: root
                .find("CustomAction")
                .iter()
                .map(|action| get(action, "ExeCommand"))
                .collect(),
        }
    }

    fn of_database(read: &Tables) -> Self {
        let text = |cell: &Cell| match cell {
            // The bytes of one are in a stream of their own.
            Cell::Null | Cell::Stream => String::new(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
        };
        let rows = |table: &str| -> Vec<Vec<String>> {
            let rows = read.get(table).into_iter().flatten();
            rows.map(|row| row.iter().map(text).collect()).collect()
        };
        let mut out = Self::default();
        for row in rows("Property") {
            out.properties.insert(row[0].clone(), row[1].clone());
        }
        for row in rows("ServiceInstall") {
            out.services.push(Row {
                name: row[1].clone(),
                display_name: row[2].clone(),
                arguments: row[10].clone(),
                description: row[12].clone(),
                dependencies: list(&row[7], "[~]"),
            });
        }
        for row in rows("Registry") {
            out.registry
                .push([row[2].clone(), row[3].clone(), row[4].clone()]);
        }
        for row in rows("CustomAction") {
            out.commands.push(row[3].clone());
        }
        out
    }

    /// The text once Windows Installer has put properties in.
    fn put_in(&self, text: &str) -> String {
        formatted(text, &|name| match name {
            "INSTALLDIR" => format!("{INSTALL_DIR}\\"),
            "CommonAppDataFolder" => format!("{PROGRAM_DATA}\\"),
            other => match self.properties.get(other) {
                Some(value) => value.clone(),
                None => format!("<{other}>"),
            },
        })
    }

    fn say(&self, planned: &[Said], whence: &str) {
        let mut found: Vec<Said> = self.services.iter().map(|row| self.said(row)).collect();
        found.sort();
        assert_eq!(found, planned, "{whence}");
        self.say_in_commands(planned, whence);
    }

    fn said(&self, row: &Row) -> Said {
        let key = format!("\\Services\\{}", row.name);
        let environment = self
            .registry
            .iter()
            .find(|[of, name, _]| of.ends_with(&key) && name == "Environment");
        let environment = environment.map_or_else(String::new, |[.., value]| self.put_in(value));
        let description = self.put_in(&row.description);
        Said {
            name: row.name.clone(),
            args: arguments(&format!("x {}", self.put_in(&row.arguments))),
            environment: list(&environment, "\0")
                .iter()
                .map(|line| plain(line))
                .collect(),
            description: (!description.is_empty()).then_some(description),
            display_name: self.put_in(&row.display_name),
            // A source's list is one of elements, the table's one of separators.
            dependencies: row
                .dependencies
                .iter()
                .map(|name| self.put_in(name))
                .collect(),
        }
    }

    /// An upgrade tells the manager by sc.exe, whose command lines have command lines in them.
    fn say_in_commands(&self, planned: &[Said], whence: &str) {
        let commands: Vec<Vec<String>> = self
            .commands
            .iter()
            .map(|line| split(&self.put_in(line)))
            .collect();
        for said in planned {
            let of = |verb: &str, option: &str| {
                let mut found = commands.iter().filter(|words| {
                    words.first().is_some_and(|word| word == verb)
                        && words.get(1) == Some(&said.name)
                });
                found.find_map(|words| {
                    let at = words.iter().position(|word| word == option)?;
                    words.get(at + 1).cloned()
                })
            };
            for verb in ["config", "create"] {
                let image = of(verb, "binPath=").expect("an image path");
                assert_eq!(arguments(&image), said.args, "{whence}: {image}");
                let shown = of(verb, "DisplayName=");
                assert_eq!(shown.as_ref(), Some(&said.display_name), "{whence}");
                let names = of(verb, "depend=").unwrap_or_default();
                assert_eq!(list(&names, "/"), said.dependencies, "{whence}");
            }
            if let Some(text) = &said.description {
                let told = commands.iter().any(|words| {
                    matches!(words.as_slice(), [verb, name, told] if verb == "description" && *name == said.name && told == text)
                });
                assert!(told, "{whence}: {commands:#?} has not {text:?}");
            }
        }
    }
}

/// The items of a list, which its separators may surround.
fn list(text: &str, separator: &str) -> Vec<String> {
    let items = text.split(separator).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

/// Writes any text as each of Windows' consumers takes it; it reads back.
///
/// # Panics
/// If it does not.
pub(crate) fn literals(text: &str) {
    let value = Value::literal(text);
    let word = argv::word(&value).with_folders("");
    assert_eq!(split(&format!("x {word}"))[1..], [text]);
    let written = msi::formatted(&Formatted::literal(text));
    let plain = formatted(&written, &|name| panic!("no property {name} was meant"));
    assert_eq!(plain, text);
    let mut attribute = String::new();
    if Wxs.write_escaped_str(&mut attribute, text).is_ok() {
        let root = xml::parse(&format!("<a b=\"{attribute}\" />"));
        assert_eq!(root.get("b"), text);
    }
    // What ends a line, and what cmd.exe has no escape for, is refused before.
    if text.contains(['\0', '\r', '\n', '\x1a']) || text.contains("%~") {
        return;
    }
    if let Some(letter) = cmd::free_letter(&value) {
        let line = cmd::lay_out(&value, letter);
        let word = readers::cmd(&line, letter, ["", ""]);
        let word = word.unwrap_or_else(|| panic!("{line:?} is more than a word"));
        assert_eq!(split(&format!("x {word}"))[1..], [text]);
    }
}
