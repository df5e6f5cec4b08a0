//! What Windows Installer is told, as types: one model from which the WiX sources of both generations and the finished MSI
//! are rendered, so that all three do the same.
//!
//! Windows Installer makes, starts, stops and removes the services by its own tables. It knows no way to keep what an operator
//! tuned through an upgrade, so an upgrade and a repair leave the services where they are and change them in place, with
//! programs of the system (`sc.exe`, `reg.exe`), which also set what the tables do not know. Each such action has a twin
//! that takes it back.

mod actions;
mod build;
mod files;
mod firewall;
mod fit;
mod folders;
mod formatted;
pub mod identity;
mod lacks;
mod logon_right;
mod needs;
mod number;
mod product;
mod rows;
mod shell;
mod variables;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use build::installer;
pub use files::PlacedFile;
pub use folders::{Directory, FolderSearch, Lock, MadeFolder, PROGRAMS};
pub use formatted::{Formatted, Fragment, INSTALL_DIR, PROGRAM_DATA};
pub use lacks::Lacks;

use std::borrow::Cow;

use super::StartType;

/// A package as Windows Installer installs it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Installer {
    /// The package's name, which is also the install folder's.
    pub package: String,
    /// The key of everything that belongs to the package: WiX's component group.
    pub group: String,
    /// The name that Add/Remove Programs shows.
    pub name: String,
    /// Who makes it.
    pub manufacturer: String,
    /// One line on what it is.
    pub comments: Option<String>,
    /// What is the same in all its versions, in braces.
    pub upgrade_code: String,
    /// What it knows before it starts.
    pub properties: Vec<Property>,
    /// What it looks up in the registry.
    pub searches: Vec<Search>,
    /// What must hold, or it says why not and ends.
    pub conditions: Vec<LaunchCondition>,
    /// The folders that it looks for.
    pub folder_searches: Vec<FolderSearch>,
    /// The tree of folders that things go to.
    pub directories: Vec<Directory>,
    /// What is installed, by program.
    pub components: Vec<Component>,
    /// The folders that are made and stay.
    pub made: Vec<MadeFolder>,
    /// The files besides the programs.
    pub placed: Vec<PlacedFile>,
    /// Conditions of standard actions, by the action's name.
    pub standard: Vec<(&'static str, Cow<'static, str>)>,
    /// What is set and run besides the standard actions, in order.
    pub actions: Vec<CustomAction>,
    /// The licence that is shown before anything is installed.
    pub licence: Option<Licence>,
    /// The icon in Add/Remove Programs.
    pub icon: Option<Icon>,
}

impl Installer {
    /// The name of its only feature, which has 64 characters at most (Microsoft, "Feature Table").
    pub fn title(&self) -> String {
        self.name.chars().take(64).collect()
    }

    /// All files with their components' keys, in the order in which they are packed.
    pub fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        let programs = self
            .components
            .iter()
            .map(|one| (one.id.as_str(), &one.file));
        programs.chain(self.placed.iter().map(|one| (one.id.as_str(), &one.file)))
    }

    /// The text once the properties that only hold a long text's parts are put in.
    #[cfg(test)]
    pub(crate) fn whole(&self, text: &Formatted) -> Formatted {
        let mut whole = Formatted::default();
        for piece in text.pieces() {
            match piece {
                Fragment::Literal(text) => whole.push(text),
                Fragment::Property(name) if name.starts_with("Text.") => {
                    let property = self.properties.iter().find(|known| known.name == name);
                    whole.push(property.and_then(|known| known.value.as_deref()).unwrap());
                }
                Fragment::Property(name) => whole.push_property(name),
            }
        }
        whole
    }
}

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Licence {
    /// Its text in RTF, all ASCII and without brackets.
    pub rtf: String,
}

/// An icon.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Icon {
    /// Its path below the package's folder, with forward slashes.
    pub source: String,
    /// The folder for committed files, likewise: sources for WiX name the icon from there.
    pub committed: String,
    /// What is in the file.
    pub bytes: Vec<u8>,
}

/// A property's value before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Property {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its value; `None`: nobody has given one yet.
    pub value: Option<Cow<'static, str>>,
    /// Whether the elevated half takes it from the user's.
    pub secure: bool,
    /// Whether it is kept out of logs.
    pub hidden: bool,
    /// Whether it says something about the whole product, so that a hand-written one has its own.
    pub of_product: bool,
}

/// A value of the registry (below `HKEY_LOCAL_MACHINE`) that is looked up before anything is decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    /// The property that gets it; empty if it is not there.
    pub property: String,
    /// The search's own key.
    pub id: String,
    /// The registry key.
    pub key: String,
    /// The value's name.
    pub name: String,
}

/// A condition that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LaunchCondition {
    /// In Windows Installer's language.
    pub condition: String,
    /// What is said otherwise.
    pub message: Formatted,
}

/// A program with everything that comes and goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Component {
    /// Its key.
    pub id: String,
    /// Its identity on the machine, in braces.
    pub guid: String,
    /// The program.
    pub file: File,
    /// Who may do what in the install folder, in the security descriptor language; one component has it.
    pub folder_sddl: Option<(String, String)>,
    /// The registry's values.
    pub registry: Vec<RegistryValue>,
    /// The services that run the program.
    pub services: Vec<ServiceRow>,
}

/// A file that is installed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct File {
    /// Its key, and its name in the cabinet.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// It was built: its file name.
    Program(String),
    /// It is declared: its path below the folder of Cargo.toml, with forward slashes.
    Declared(String),
}

/// A value of the registry, below `HKEY_LOCAL_MACHINE`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistryValue {
    /// Its key in the table.
    pub id: String,
    /// The registry key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub data: Data,
}

/// What a value of the registry holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Data {
    /// `REG_SZ`
    Text(Formatted),
    /// `REG_EXPAND_SZ`
    Expandable(Formatted),
    /// `REG_DWORD`
    Number(u32),
    /// `REG_MULTI_SZ`; never empty.
    Strings(Vec<Formatted>),
}

/// A service as a first installation makes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServiceRow {
    /// Its key in the table of services.
    pub id: String,
    /// The key of what starts it; none if an installation does not.
    pub start_id: Option<String>,
    /// The key of what stops and removes it.
    pub stop_id: String,
    /// Its name.
    pub name: String,
    /// The name that people read.
    pub display_name: Formatted,
    /// When it starts.
    pub start: StartType,
    /// The services that must run before it.
    pub dependencies: Vec<String>,
    /// Whom it runs as.
    pub account: Formatted,
    /// Its password.
    pub password: Formatted,
    /// What follows the program on its command line.
    pub arguments: Formatted,
    /// One line on what it does.
    pub description: Option<Formatted>,
    /// Whether a start that fails, or takes longer than Windows Installer waits, takes everything back.
    pub waits: bool,
}

/// Something that is done besides the standard actions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomAction {
    /// Its key.
    pub id: Cow<'static, str>,
    /// What it does.
    pub task: Task,
    /// When it does it.
    pub condition: Cow<'static, str>,
    /// Its place among all actions.
    pub sequence: u16,
}

impl CustomAction {
    /// Whether it is PowerShell that does it.
    pub fn runs_powershell(&self) -> bool {
        let merges = self.id.strip_prefix(variables::MERGE);
        self.id == folders::CHECK
            || merges.is_some_and(|rest| rest.starts_with('.'))
            || matches!(
                &self.task,
                Task::Run {
                    tool: Tool::PowerShell,
                    ..
                }
            )
    }

    /// Its words, or the new value.
    pub fn text(&self) -> &Formatted {
        match &self.task {
            Task::Set { value, .. } => value,
            Task::Run { arguments, .. } => arguments,
        }
    }
}

/// What a custom action does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Task {
    /// Sets a property while the installation is prepared.
    Set {
        /// The property.
        property: Cow<'static, str>,
        /// Its new value.
        value: Formatted,
    },
    /// Runs a program of the system as the machine itself.
    Run {
        /// The program.
        tool: Tool,
        /// Its arguments.
        arguments: Formatted,
        /// At which moment.
        moment: Moment,
        /// Whether its exit code counts.
        checked: bool,
    },
}

/// When a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// In its place.
    InPlace,
    /// Only if a later action fails.
    Rollback,
    /// When everything has succeeded.
    Commit,
}

/// A program of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `sc.exe`
    Sc,
    /// `reg.exe`
    Reg,
    /// `cmd.exe`, where the outcome of one program decides about the next.
    Cmd,
    /// `netsh.exe`
    Netsh,
    /// `powershell.exe`
    PowerShell,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sc,
        Self::Reg,
        Self::Cmd,
        Self::Netsh,
        Self::PowerShell,
    ];

    /// Its path below the system's folder.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Sc => "sc.exe",
            Self::Reg => "reg.exe",
            Self::Cmd => "cmd.exe",
            Self::Netsh => "netsh.exe",
            Self::PowerShell => r"WindowsPowerShell\v1.0\powershell.exe",
        }
    }

    /// The property that holds its whole path, which does not depend on any `PATH`.
    pub const fn property(self) -> &'static str {
        match self {
            Self::Sc => "Svc.Sc",
            Self::Reg => "Svc.Reg",
            Self::Cmd => "Svc.Cmd",
            Self::Netsh => "Svc.Netsh",
            Self::PowerShell => "Svc.PowerShell",
        }
    }
}

/// The key of the icon, which ends as its file does.
pub const ICON: &str = "Product.ico";

/// An installation that is neither a repair nor an upgrade.
pub const FIRST: &str = "NOT Installed AND NOT WIX_UPGRADE_DETECTED";
