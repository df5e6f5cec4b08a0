//! A finished installation database, as rows in memory: what the WiX sources would become, without WiX.

mod dialogs;
mod places;
mod rows;
pub mod schema;
mod sequence;

use crate::escape::msi;
use crate::plan::windows::installer::Installer;
use crate::plan::windows::installer::identity::guid;
use rows::Build;
use schema::Schema;

/// The cabinet's name, which is also its stream's.
pub const CABINET: &str = "svc.cab";

/// A database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its tables.
    pub tables: Vec<Table>,
    /// What its texts are encoded in.
    pub code_page: u16,
    /// The streams that rows hold, by name.
    pub streams: Vec<(String, Vec<u8>)>,
    /// What Explorer shows, and what Windows Installer looks at first.
    pub summary: Summary,
}

/// A table with its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub schema: &'static Schema,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Number(i32),
    /// A text; never empty, since an empty one reads as nothing.
    Text(String),
    /// What a stream holds.
    Stream,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Null
        } else {
            Self::Text(text)
        }
    }
}

/// The summary information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The product.
    pub subject: String,
    /// Its manufacturer.
    pub author: String,
    /// What the file is.
    pub comments: String,
    /// The processor.
    pub architecture: Architecture,
    /// The file's own identity, in braces.
    pub package_code: String,
}

/// A processor that packages are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// x86-64
    X64,
    /// `AArch64`
    Arm64,
}

impl Architecture {
    /// The one of a triple, in the words of Rust's `target_arch`.
    pub fn of(word: Option<&str>) -> Option<Self> {
        match word? {
            "x86_64" => Some(Self::X64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }

    /// The word of the summary's template (Microsoft, "Template Summary Property").
    pub const fn word(self) -> &'static str {
        match self {
            Self::X64 => "x64",
            Self::Arm64 => "Arm64",
        }
    }
}

/// A file that is packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// The database of an installer: this version, for this processor, with these files in the installer's order.
pub fn database(
    installer: &Installer,
    version: &str,
    architecture: Architecture,
    files: &[Packed],
) -> Database {
    let mut build = Build::default();
    for component in &installer.components {
        build.component(component);
    }
    for made in &installer.made {
        build.made(made);
    }
    for placed in &installer.placed {
        build.placed(placed);
    }
    for (number, ((component, file), packed)) in installer.files().zip(files).enumerate() {
        build.file(component, file, packed, number + 1);
    }
    build.folders(installer);
    build.features(installer, files.len());
    build.searches(installer);
    build.upgrades(installer, version);
    for action in &installer.actions {
        build.action(action);
    }
    sequence::add(installer, &mut |table, row| build.row(table, row));
    build.properties(installer, version);
    if let Some(licence) = &installer.licence {
        build.dialogs(licence);
    }
    if let Some(icon) = &installer.icon {
        build.icon(icon);
    }
    // What is in it makes the product another one: the same version built from other sources replaces it, and the same file is
    // the same product.
    let content = build.digest(architecture, files);
    build.row(
        "Property",
        vec![
            Cell::text("ProductCode"),
            Cell::text(guid(&["product", &content])),
        ],
    );
    let texts = build.tables.iter().flat_map(|table| &table.rows).flatten();
    let texts = texts.filter_map(|cell| match cell {
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    });
    Database {
        code_page: msi::code_page(texts),
        summary: Summary {
            subject: msi::ascii(&installer.name, &installer.package),
            author: msi::ascii(&installer.manufacturer, &installer.package),
            comments: format!(
                "This installer database contains the logic and data required to install {}.",
                msi::ascii(&installer.name, &installer.package)
            ),
            architecture,
            package_code: guid(&["package", &content]),
        },
        tables: build.tables,
        streams: build.streams,
    }
}
