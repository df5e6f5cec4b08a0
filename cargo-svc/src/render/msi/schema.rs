//! The tables of an installation database that we write, with their columns as Microsoft documents them ("Database
//! Tables"; the types in the notation of "Column Definition Format").

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its name.
    pub name: &'static str,
    /// Its columns in order; those of the key come first.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// `s` for a text, `l` for one that is translated, `i` for a number, `v` for a stream; a capital one may be empty. Then
    /// the longest text (0: any) or the number's bytes.
    pub kind: &'static str,
    /// Whether it belongs to the key.
    pub key: bool,
    /// What its texts are.
    pub category: &'static str,
    /// The table that its texts are keys of.
    pub refers: &'static str,
}

const fn key(name: &'static str, kind: &'static str, category: &'static str) -> Column {
    Column {
        name,
        kind,
        key: true,
        category,
        refers: "",
    }
}

const fn col(name: &'static str, kind: &'static str, category: &'static str) -> Column {
    Column {
        name,
        kind,
        key: false,
        category,
        refers: "",
    }
}

/// A column that holds keys of another table.
const fn of(column: Column, refers: &'static str) -> Column {
    Column { refers, ..column }
}

const SEQUENCE: &[Column] = &[
    key("Action", "s72", "Identifier"),
    col("Condition", "S255", "Condition"),
    col("Sequence", "I2", ""),
];

/// All of them, by name.
pub const TABLES: &[Schema] = &[
    Schema {
        name: "ActionText",
        columns: &[
            key("Action", "s72", "Identifier"),
            col("Description", "L0", "Text"),
            col("Template", "L0", "Template"),
        ],
    },
    Schema {
        name: "AdminExecuteSequence",
        columns: SEQUENCE,
    },
    Schema {
        name: "AdminUISequence",
        columns: SEQUENCE,
    },
    Schema {
        name: "AdvtExecuteSequence",
        columns: SEQUENCE,
    },
    Schema {
        name: "AppSearch",
        columns: &[
            key("Property", "s72", "Identifier"),
            key("Signature_", "s72", "Identifier"),
        ],
    },
    Schema {
        name: "CheckBox",
        columns: &[
            key("Property", "s72", "Identifier"),
            col("Value", "S64", "Formatted"),
        ],
    },
    Schema {
        name: "Component",
        columns: &[
            key("Component", "s72", "Identifier"),
            col("ComponentId", "S38", "GUID"),
            of(col("Directory_", "s72", "Identifier"), "Directory"),
            col("Attributes", "i2", ""),
            col("Condition", "S255", "Condition"),
            col("KeyPath", "S72", "Identifier"),
        ],
    },
    Schema {
        name: "Control",
        columns: &[
            of(key("Dialog_", "s72", "Identifier"), "Dialog"),
            key("Control", "s50", "Identifier"),
            col("Type", "s20", "Identifier"),
            col("X", "i2", ""),
            col("Y", "i2", ""),
            col("Width", "i2", ""),
            col("Height", "i2", ""),
            col("Attributes", "I4", ""),
            col("Property", "S50", "Identifier"),
            col("Text", "L0", "Formatted"),
            col("Control_Next", "S50", "Identifier"),
            col("Help", "L50", "Text"),
        ],
    },
    Schema {
        name: "ControlCondition",
        columns: &[
            of(key("Dialog_", "s72", "Identifier"), "Dialog"),
            key("Control_", "s50", "Identifier"),
            key("Action", "s50", "Text"),
            key("Condition", "s255", "Condition"),
        ],
    },
    Schema {
        name: "ControlEvent",
        columns: &[
            of(key("Dialog_", "s72", "Identifier"), "Dialog"),
            key("Control_", "s50", "Identifier"),
            key("Event", "s50", "Formatted"),
            key("Argument", "s255", "Formatted"),
            key("Condition", "S255", "Condition"),
            col("Ordering", "I2", ""),
        ],
    },
    Schema {
        name: "CreateFolder",
        columns: &[
            of(key("Directory_", "s72", "Identifier"), "Directory"),
            of(key("Component_", "s72", "Identifier"), "Component"),
        ],
    },
    Schema {
        name: "CustomAction",
        columns: &[
            key("Action", "s72", "Identifier"),
            col("Type", "i2", ""),
            col("Source", "S72", "CustomSource"),
            col("Target", "S255", "Formatted"),
            col("ExtendedType", "I4", ""),
        ],
    },
    Schema {
        name: "Dialog",
        columns: &[
            key("Dialog", "s72", "Identifier"),
            col("HCentering", "i2", ""),
            col("VCentering", "i2", ""),
            col("Width", "i2", ""),
            col("Height", "i2", ""),
            col("Attributes", "I4", ""),
            col("Title", "L128", "Formatted"),
            col("Control_First", "s50", "Identifier"),
            col("Control_Default", "S50", "Identifier"),
            col("Control_Cancel", "S50", "Identifier"),
        ],
    },
    Schema {
        name: "Directory",
        columns: &[
            key("Directory", "s72", "Identifier"),
            of(col("Directory_Parent", "S72", "Identifier"), "Directory"),
            col("DefaultDir", "l255", "DefaultDir"),
        ],
    },
    Schema {
        name: "DrLocator",
        columns: &[
            key("Signature_", "s72", "Identifier"),
            key("Parent", "S72", "Identifier"),
            key("Path", "S255", "AnyPath"),
            col("Depth", "I2", ""),
        ],
    },
    Schema {
        name: "EventMapping",
        columns: &[
            of(key("Dialog_", "s72", "Identifier"), "Dialog"),
            key("Control_", "s50", "Identifier"),
            key("Event", "s50", "Identifier"),
            col("Attribute", "s50", "Identifier"),
        ],
    },
    Schema {
        name: "Feature",
        columns: &[
            key("Feature", "s38", "Identifier"),
            of(col("Feature_Parent", "S38", "Identifier"), "Feature"),
            col("Title", "L64", "Text"),
            col("Description", "L255", "Text"),
            col("Display", "I2", ""),
            col("Level", "i2", ""),
            of(col("Directory_", "S72", "UpperCase"), "Directory"),
            col("Attributes", "i2", ""),
        ],
    },
    Schema {
        name: "FeatureComponents",
        columns: &[
            of(key("Feature_", "s38", "Identifier"), "Feature"),
            of(key("Component_", "s72", "Identifier"), "Component"),
        ],
    },
    Schema {
        name: "File",
        columns: &[
            key("File", "s72", "Identifier"),
            of(col("Component_", "s72", "Identifier"), "Component"),
            col("FileName", "l255", "Filename"),
            col("FileSize", "i4", ""),
            col("Version", "S72", "Version"),
            col("Language", "S20", "Language"),
            col("Attributes", "I2", ""),
            col("Sequence", "i2", ""),
        ],
    },
    Schema {
        name: "Icon",
        columns: &[
            key("Name", "s72", "Identifier"),
            col("Data", "v0", "Binary"),
        ],
    },
    Schema {
        name: "InstallExecuteSequence",
        columns: SEQUENCE,
    },
    Schema {
        name: "InstallUISequence",
        columns: SEQUENCE,
    },
    Schema {
        name: "LaunchCondition",
        columns: &[
            key("Condition", "s255", "Condition"),
            col("Description", "l255", "Formatted"),
        ],
    },
    Schema {
        name: "ListBox",
        columns: &[
            key("Property", "s72", "Identifier"),
            key("Order", "i2", ""),
            col("Value", "s64", "Formatted"),
            col("Text", "L64", "Text"),
        ],
    },
    Schema {
        name: "Media",
        columns: &[
            key("DiskId", "i2", ""),
            col("LastSequence", "i2", ""),
            col("DiskPrompt", "L64", "Text"),
            col("Cabinet", "S255", "Cabinet"),
            col("VolumeLabel", "S32", "Text"),
            col("Source", "S72", "Property"),
        ],
    },
    Schema {
        name: "MsiLockPermissionsEx",
        columns: &[
            key("MsiLockPermissionsEx", "s72", "Identifier"),
            col("LockObject", "s72", "Identifier"),
            col("Table", "s32", "Text"),
            col("SDDLText", "s0", "FormattedSDDLText"),
            col("Condition", "S255", "Condition"),
        ],
    },
    Schema {
        name: "Property",
        columns: &[
            key("Property", "s72", "Identifier"),
            col("Value", "l0", "Text"),
        ],
    },
    Schema {
        name: "RegLocator",
        columns: &[
            key("Signature_", "s72", "Identifier"),
            col("Root", "i2", ""),
            col("Key", "s255", "RegPath"),
            col("Name", "S255", "Formatted"),
            col("Type", "I2", ""),
        ],
    },
    Schema {
        name: "Registry",
        columns: &[
            key("Registry", "s72", "Identifier"),
            col("Root", "i2", ""),
            col("Key", "l255", "RegPath"),
            col("Name", "L255", "Formatted"),
            col("Value", "L0", "Formatted"),
            of(col("Component_", "s72", "Identifier"), "Component"),
        ],
    },
    Schema {
        name: "ServiceControl",
        columns: &[
            key("ServiceControl", "s72", "Identifier"),
            col("Name", "l255", "Formatted"),
            col("Event", "i2", ""),
            col("Arguments", "L255", "Formatted"),
            col("Wait", "I2", ""),
            of(col("Component_", "s72", "Identifier"), "Component"),
        ],
    },
    Schema {
        name: "ServiceInstall",
        columns: &[
            key("ServiceInstall", "s72", "Identifier"),
            col("Name", "s255", "Formatted"),
            col("DisplayName", "L255", "Formatted"),
            col("ServiceType", "i4", ""),
            col("StartType", "i4", ""),
            col("ErrorControl", "i4", ""),
            col("LoadOrderGroup", "S255", "Formatted"),
            col("Dependencies", "S255", "Formatted"),
            col("StartName", "S255", "Formatted"),
            col("Password", "S255", "Formatted"),
            col("Arguments", "S255", "Formatted"),
            of(col("Component_", "s72", "Identifier"), "Component"),
            col("Description", "L255", "Formatted"),
        ],
    },
    Schema {
        name: "TextStyle",
        columns: &[
            key("TextStyle", "s72", "Identifier"),
            col("FaceName", "s32", "Text"),
            col("Size", "i2", ""),
            col("Color", "I4", ""),
            col("StyleBits", "I2", ""),
        ],
    },
    Schema {
        name: "UIText",
        columns: &[key("Key", "s72", "Identifier"), col("Text", "L255", "Text")],
    },
    Schema {
        name: "Upgrade",
        columns: &[
            key("UpgradeCode", "s38", "GUID"),
            key("VersionMin", "S20", "Text"),
            key("VersionMax", "S20", "Text"),
            key("Language", "S255", "Language"),
            key("Attributes", "i4", ""),
            col("Remove", "S255", "Formatted"),
            col("ActionProperty", "s72", "UpperCase"),
        ],
    },
];

/// The definition of a table.
///
/// # Panics
/// If there is none: a misspelt name in the code.
pub fn table(name: &str) -> &'static Schema {
    TABLES
        .iter()
        .find(|table| table.name == name)
        .unwrap_or_else(|| panic!("no table {name}"))
}
