//! The rows of folders, and of the files besides the programs.

use super::Cell;
use super::rows::{Build, FEATURE};
use crate::escape::msi;
use crate::plan::windows::installer::identity::file_name;
use crate::plan::windows::installer::{
    Installer, Lock, MadeFolder, PROGRAM_DATA, PROGRAMS, PlacedFile,
};

impl Build {
    /// A folder that is made whether or not something is put into it, and its record. Both stay (16).
    pub(super) fn made(&mut self, made: &MadeFolder) {
        let id = || Cell::text(&made.id);
        let directory = || Cell::text(&made.directory);
        self.row(
            "Component",
            vec![
                id(),
                Cell::text(&made.guid),
                directory(),
                Cell::Number(256 | 16),
                Cell::Null,
                Cell::Null,
            ],
        );
        self.row("FeatureComponents", vec![Cell::text(FEATURE), id()]);
        self.row("CreateFolder", vec![directory(), id()]);
        if let Some(lock) = &made.lock {
            self.lock(lock, &made.directory, "CreateFolder");
        }
        if let Some(record) = &made.record {
            self.registry(record, &made.id);
        }
    }

    pub(super) fn placed(&mut self, placed: &PlacedFile) {
        let id = || Cell::text(&placed.id);
        self.row(
            "Component",
            vec![
                id(),
                Cell::text(&placed.guid),
                Cell::text(&placed.directory),
                Cell::Number(256),
                Cell::Null,
                Cell::text(&placed.file.id),
            ],
        );
        self.row("FeatureComponents", vec![Cell::text(FEATURE), id()]);
        if let Some(lock) = &placed.lock {
            self.lock(lock, &placed.file.id, "File");
        }
    }

    fn lock(&mut self, lock: &Lock, object: &str, table: &str) {
        self.row(
            "MsiLockPermissionsEx",
            vec![
                Cell::text(&lock.id),
                Cell::text(object),
                Cell::text(table),
                Cell::text(&lock.sddl),
                Cell::text(lock.condition.as_deref().unwrap_or_default()),
            ],
        );
    }

    pub(super) fn folders(&mut self, installer: &Installer) {
        let mut row = |id: &str, parent: &str, name: &str| {
            self.row(
                "Directory",
                vec![Cell::text(id), Cell::text(parent), Cell::text(name)],
            );
        };
        row("TARGETDIR", "", "SourceDir");
        for root in [PROGRAMS, PROGRAM_DATA] {
            if installer.directories.iter().any(|one| one.parent == root) {
                row(root, "TARGETDIR", ".");
            }
        }
        for (number, one) in installer.directories.iter().enumerate() {
            row(&one.id, &one.parent, &file_name(&one.name, number + 1));
        }
    }

    pub(super) fn folder_searches(&mut self, installer: &Installer) {
        for search in &installer.folder_searches {
            self.row(
                "AppSearch",
                vec![Cell::text(&search.property), Cell::text(&search.id)],
            );
            // The folder itself, none below it.
            self.row(
                "DrLocator",
                vec![
                    Cell::text(&search.id),
                    Cell::Null,
                    Cell::text(msi::formatted(&search.path)),
                    Cell::Number(0),
                ],
            );
        }
    }
}
