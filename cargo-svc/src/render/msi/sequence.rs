//! The standard actions of each sequence, with the numbers that Microsoft suggests.

use super::Cell;
use crate::plan::windows::installer::Installer;

/// What an installation, an upgrade, a repair and an uninstallation do.
const INSTALL: &[(&str, i32)] = &[
    ("FindRelatedProducts", 25),
    ("AppSearch", 50),
    ("LaunchConditions", 100),
    ("ValidateProductID", 700),
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("MigrateFeatureStates", 1200),
    ("InstallValidate", 1400),
    ("InstallInitialize", 1500),
    ("RemoveExistingProducts", 1501),
    ("ProcessComponents", 1600),
    ("UnpublishFeatures", 1800),
    ("StopServices", 1900),
    ("DeleteServices", 2000),
    ("RemoveRegistryValues", 2600),
    ("RemoveFiles", 3500),
    ("RemoveFolders", 3600),
    ("CreateFolders", 3700),
    ("InstallFiles", 4000),
    ("WriteRegistryValues", 5000),
    ("InstallServices", 5800),
    ("StartServices", 5900),
    ("RegisterUser", 6000),
    ("RegisterProduct", 6100),
    ("PublishFeatures", 6300),
    ("PublishProduct", 6400),
    ("InstallFinalize", 6600),
];

/// What the user's half does first.
const USER: &[(&str, i32)] = &[
    ("FindRelatedProducts", 25),
    ("AppSearch", 50),
    ("LaunchConditions", 100),
    ("ValidateProductID", 700),
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("MigrateFeatureStates", 1200),
    ("ExecuteAction", 1300),
];

/// An administrative installation: files for a share.
const ADMIN: &[(&str, i32)] = &[
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("InstallValidate", 1400),
    ("InstallInitialize", 1500),
    ("InstallAdminPackage", 3900),
    ("InstallFiles", 4000),
    ("InstallFinalize", 6600),
];

const ADMIN_USER: &[(&str, i32)] = &[
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("ExecuteAction", 1300),
];

/// An advertisement.
const ADVERTISE: &[(&str, i32)] = &[
    ("CostInitialize", 800),
    ("CostFinalize", 1000),
    ("InstallValidate", 1400),
    ("InstallInitialize", 1500),
    ("PublishFeatures", 6300),
    ("PublishProduct", 6400),
    ("InstallFinalize", 6600),
];

/// All rows of all sequences.
pub(super) fn add(installer: &Installer, row: &mut dyn FnMut(&'static str, Vec<Cell>)) {
    for (table, actions) in [
        ("AdminExecuteSequence", ADMIN),
        ("AdminUISequence", ADMIN_USER),
        ("AdvtExecuteSequence", ADVERTISE),
        ("InstallUISequence", USER),
    ] {
        for (action, number) in actions {
            row(
                table,
                vec![Cell::text(*action), Cell::Null, Cell::Number(*number)],
            );
        }
    }
    for (action, number) in INSTALL {
        let condition = installer.standard.iter().find(|(name, _)| name == action);
        row(
            "InstallExecuteSequence",
            vec![
                Cell::text(*action),
                Cell::text(condition.map_or("", |(_, condition)| condition)),
                Cell::Number(*number),
            ],
        );
    }
    for action in &installer.actions {
        row(
            "InstallExecuteSequence",
            vec![
                Cell::text(action.id.as_ref()),
                Cell::text(action.condition.as_ref()),
                Cell::Number(i32::from(action.sequence)),
            ],
        );
    }
}
