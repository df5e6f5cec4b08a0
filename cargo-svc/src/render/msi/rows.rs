//! The rows of each table.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{Architecture, CABINET, Cell, Packed, Table, schema};
use crate::escape::msi;
use crate::plan::windows::installer::identity::file_name;
use crate::plan::windows::installer::{
    Component, CustomAction, Data, File, ICON, INSTALL_DIR, Icon, Installer, Moment, RegistryValue,
    ServiceRow, Task,
};

/// The one feature.
pub(super) const FEATURE: &str = "Main";

/// `HKEY_LOCAL_MACHINE`, as the tables write it.
const LOCAL_MACHINE: i32 = 2;

#[derive(Default)]
pub(super) struct Build {
    pub(super) tables: Vec<Table>,
    pub(super) streams: Vec<(String, Vec<u8>)>,
}

impl Build {
    pub(super) fn row(&mut self, table: &str, row: Vec<Cell>) {
        self.table(table).rows.push(row);
    }

    /// A table, which is there from now on, be it without a row.
    pub(super) fn table(&mut self, table: &str) -> &mut Table {
        let place = self
            .tables
            .iter()
            .position(|known| known.schema.name == table);
        let place = place.unwrap_or_else(|| {
            self.tables.push(Table {
                schema: schema::table(table),
                rows: Vec::new(),
            });
            self.tables.len() - 1
        });
        &mut self.tables[place]
    }

    pub(super) fn component(&mut self, component: &Component) {
        let id = || Cell::text(&component.id);
        // 64-bit (256): its keys and folders are not those of 32-bit programs.
        self.row(
            "Component",
            vec![
                id(),
                Cell::text(&component.guid),
                Cell::text(INSTALL_DIR),
                Cell::Number(256),
                Cell::Null,
                Cell::text(&component.file.id),
            ],
        );
        self.row("FeatureComponents", vec![Cell::text(FEATURE), id()]);
        if let Some((lock, sddl)) = &component.folder_sddl {
            self.row("CreateFolder", vec![Cell::text(INSTALL_DIR), id()]);
            self.row(
                "MsiLockPermissionsEx",
                vec![
                    Cell::text(lock),
                    Cell::text(INSTALL_DIR),
                    Cell::text("CreateFolder"),
                    Cell::text(sddl),
                    Cell::Null,
                ],
            );
        }
        for value in &component.registry {
            self.registry(value, &component.id);
        }
        for service in &component.services {
            self.service(service, &component.id);
        }
    }

    pub(super) fn registry(&mut self, value: &RegistryValue, component: &str) {
        let data = match &value.data {
            // One number sign begins a number or a kind; two are one.
            Data::Text(text) => {
                let text = msi::formatted(text);
                if text.starts_with('#') {
                    format!("#{text}")
                } else {
                    text
                }
            }
            Data::Expandable(text) => format!("#%{}", msi::formatted(text)),
            Data::Number(number) => format!("#{number}"),
            Data::Strings(strings) => msi::strings(strings),
        };
        self.row(
            "Registry",
            vec![
                Cell::text(&value.id),
                Cell::Number(LOCAL_MACHINE),
                Cell::text(&value.key),
                Cell::text(&value.name),
                Cell::text(data),
                Cell::text(component),
            ],
        );
    }

    fn service(&mut self, service: &ServiceRow, component: &str) {
        let description = service.description.as_ref().map(msi::formatted);
        let start = i32::try_from(service.start.number()).unwrap_or_default();
        self.row(
            "ServiceInstall",
            vec![
                Cell::text(&service.id),
                Cell::text(&service.name),
                Cell::text(msi::formatted(&service.display_name)),
                // A process of its own.
                Cell::Number(0x10),
                Cell::Number(start),
                // Normal, and without it the installation fails.
                Cell::Number(0x8001),
                Cell::Null,
                Cell::text(msi::dependencies(&service.dependencies)),
                Cell::text(msi::formatted(&service.account)),
                Cell::text(msi::formatted(&service.password)),
                Cell::text(msi::formatted(&service.arguments)),
                Cell::text(component),
                Cell::text(description.unwrap_or_default()),
            ],
        );
        // When installed: start 0x1, stop 0x2; when uninstalled: stop 0x20, delete 0x80.
        let mut control = |id: &str, event, wait| {
            self.row(
                "ServiceControl",
                vec![
                    Cell::text(id),
                    Cell::text(&service.name),
                    Cell::Number(event),
                    Cell::Null,
                    Cell::Number(wait),
                    Cell::text(component),
                ],
            );
        };
        if let Some(id) = &service.start_id {
            control(id, 0x1, i32::from(service.waits));
        }
        control(&service.stop_id, 0x2 | 0x20 | 0x80, 1);
    }

    pub(super) fn file(&mut self, component: &str, file: &File, packed: &Packed, number: usize) {
        let number_cell = Cell::Number(i32::try_from(number).unwrap_or(i32::MAX));
        self.row(
            "File",
            vec![
                Cell::text(&file.id),
                Cell::text(component),
                Cell::text(file_name(&file.name, number)),
                Cell::Number(i32::try_from(packed.size).unwrap_or(i32::MAX)),
                Cell::Null,
                Cell::Null,
                // Without it the installation fails.
                Cell::Number(512),
                number_cell,
            ],
        );
    }

    pub(super) fn features(&mut self, installer: &Installer, files: usize) {
        self.row(
            "Feature",
            vec![
                Cell::text(FEATURE),
                Cell::Null,
                Cell::text(installer.title()),
                Cell::Null,
                Cell::Number(2),
                Cell::Number(1),
                Cell::text(INSTALL_DIR),
                // It cannot be left out.
                Cell::Number(16),
            ],
        );
        self.row(
            "Media",
            vec![
                Cell::Number(1),
                Cell::Number(i32::try_from(files).unwrap_or(i32::MAX)),
                Cell::Null,
                Cell::text(format!("#{CABINET}")),
                Cell::Null,
                Cell::Null,
            ],
        );
    }

    pub(super) fn searches(&mut self, installer: &Installer) {
        for search in &installer.searches {
            self.row(
                "AppSearch",
                vec![Cell::text(&search.property), Cell::text(&search.id)],
            );
            self.row(
                "RegLocator",
                vec![
                    Cell::text(&search.id),
                    Cell::Number(LOCAL_MACHINE),
                    Cell::text(&search.key),
                    Cell::text(&search.name),
                    // A raw value (2) of the 64-bit registry (16).
                    Cell::Number(2 | 16),
                ],
            );
        }
        self.folder_searches(installer);
        for condition in &installer.conditions {
            self.row(
                "LaunchCondition",
                vec![
                    Cell::text(&condition.condition),
                    Cell::text(msi::formatted(&condition.message)),
                ],
            );
        }
    }

    /// An older version, and this one built from other sources, are replaced; a newer one is left alone.
    pub(super) fn upgrades(&mut self, installer: &Installer, version: &str) {
        let code = || Cell::text(&installer.upgrade_code);
        self.row(
            "Upgrade",
            vec![
                code(),
                Cell::Null,
                Cell::text(version),
                Cell::Null,
                // Its features carry over (1), and the highest version belongs to the range (512).
                Cell::Number(1 | 512),
                Cell::Null,
                Cell::text("WIX_UPGRADE_DETECTED"),
            ],
        );
        self.row(
            "Upgrade",
            vec![
                code(),
                Cell::text(version),
                Cell::Null,
                Cell::Null,
                // It is only looked for.
                Cell::Number(2),
                Cell::Null,
                Cell::text("WIX_DOWNGRADE_DETECTED"),
            ],
        );
        self.row(
            "LaunchCondition",
            vec![
                Cell::text("NOT WIX_DOWNGRADE_DETECTED"),
                Cell::text(msi::DOWNGRADE),
            ],
        );
    }

    pub(super) fn action(&mut self, action: &CustomAction) {
        // Microsoft, "Custom Action Reference": 51 sets a property, 50 runs a program whose path a property holds.
        let (kind, source, target) = match &action.task {
            Task::Set { property, value } => (51, property.as_ref(), msi::formatted(value)),
            Task::Run {
                tool,
                arguments,
                moment,
                checked,
            } => {
                // 50 (0x32), deferred (0x400), and not as the user (0x800).
                let kind = 0x32 | 0x400 | 0x800;
                let moment = match moment {
                    Moment::InPlace => 0,
                    Moment::Rollback => 0x100,
                    Moment::Commit => 0x200,
                };
                // Its exit code does not count (0x40).
                let unchecked = if *checked { 0 } else { 0x40 };
                let kind = kind | moment | unchecked;
                (kind, tool.property(), msi::formatted(arguments))
            }
        };
        self.row(
            "CustomAction",
            vec![
                Cell::text(action.id.as_ref()),
                Cell::Number(kind),
                Cell::text(source),
                Cell::text(target),
                Cell::Null,
            ],
        );
    }

    pub(super) fn properties(&mut self, installer: &Installer, version: &str) {
        let mut secure = vec![
            "INSTALLDIR",
            "WIX_DOWNGRADE_DETECTED",
            "WIX_UPGRADE_DETECTED",
        ];
        let mut hidden = Vec::new();
        for search in &installer.searches {
            secure.push(&search.property);
        }
        for search in &installer.folder_searches {
            secure.push(&search.property);
        }
        for property in &installer.properties {
            if property.secure {
                secure.push(&property.name);
            }
            if property.hidden {
                hidden.push(property.name.as_ref());
            }
        }
        secure.sort_unstable();
        let mut values = vec![
            ("ALLUSERS", "1".to_owned()),
            ("Manufacturer", installer.manufacturer.clone()),
            ("MsiHiddenProperties", hidden.join(";")),
            ("ProductLanguage", "1033".to_owned()),
            ("ProductName", installer.name.clone()),
            ("ProductVersion", version.to_owned()),
            ("SecureCustomProperties", secure.join(";")),
            ("UpgradeCode", installer.upgrade_code.clone()),
        ];
        for property in &installer.properties {
            if let Some(value) = &property.value {
                values.push((&property.name, value.clone().into_owned()));
            }
        }
        for (name, value) in values {
            self.row("Property", vec![Cell::text(name), Cell::text(value)]);
        }
    }

    /// The icon of the product. Its key ends as the file does.
    pub(super) fn icon(&mut self, icon: &Icon) {
        self.row("Icon", vec![Cell::text(ICON), Cell::Stream]);
        self.streams
            .push((format!("Icon.{ICON}"), icon.bytes.clone()));
        self.row(
            "Property",
            vec![Cell::text("ARPPRODUCTICON"), Cell::text(ICON)],
        );
    }

    /// A hash of everything that the database is made of so far, and of the files.
    pub(super) fn digest(&self, architecture: Architecture, files: &[Packed]) -> String {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(bytes);
        };
        add(architecture.word().as_bytes());
        for table in &self.tables {
            add(table.schema.name.as_bytes());
            for cell in table.rows.iter().flatten() {
                match cell {
                    Cell::Null => add(b""),
                    Cell::Number(number) => add(format!("#{number}").as_bytes()),
                    Cell::Text(text) => add(format!("'{text}").as_bytes()),
                    Cell::Stream => add(b"*"),
                }
            }
        }
        for file in files {
            add(file.sha256.as_bytes());
        }
        for (name, bytes) in &self.streams {
            add(name.as_bytes());
            add(bytes);
        }
        let hash = hash.finalize();
        hash.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
