//! The folders of a package's services below `%ProgramData%`, and who may do what in them.
//!
//! Everybody may make folders in `%ProgramData%`. Each of ours, and each on the way to it, therefore has a protected access
//! list of its own from the first moment, and an installer takes over none that somebody else made.

use super::access::{Access, Rights};
use super::check::{Check, bad_file_name};
use super::{Sid, Value};
use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::service::declared::{Directory, Mode};
use crate::service::{Folder, Part, Portable};

/// Where the machine's folder for programs' data is unless somebody moved it, for a look at how long paths are.
pub(super) const PROGRAM_DATA: &str = r"C:\ProgramData";

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It leads to the others.
    Parent,
    /// One of those that a service declares; never the install folder.
    Declared(Folder),
    /// An operator puts secrets into it.
    Credentials,
}

/// A folder of the services.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataFolder {
    /// Its path.
    pub path: Value,
    /// What it is for.
    pub purpose: Purpose,
    /// Who may do what in it.
    pub access: Access,
}

/// The service's folder of a kind, as one of its variables and its placeholder name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnFolder {
    /// What it is for.
    pub purpose: Purpose,
    /// Its path.
    pub path: Value,
}

impl Purpose {
    /// The folder's name.
    const fn name(self) -> &'static str {
        match self {
            Self::Declared(Folder::State) => "state",
            Self::Declared(Folder::Cache) => "cache",
            Self::Declared(Folder::Logs) => "logs",
            Self::Declared(Folder::Config) => "config",
            Self::Declared(Folder::Runtime) => "run",
            Self::Credentials => "credentials",
            Self::Parent | Self::Declared(Folder::Install) => "",
        }
    }

    /// The variable that tells the program where it is.
    pub const fn variable(self) -> Option<&'static str> {
        Some(match self {
            Self::Declared(Folder::State) => "STATE_DIRECTORY",
            Self::Declared(Folder::Cache) => "CACHE_DIRECTORY",
            Self::Declared(Folder::Logs) => "LOGS_DIRECTORY",
            Self::Declared(Folder::Config) => "CONFIGURATION_DIRECTORY",
            Self::Declared(Folder::Runtime) => "RUNTIME_DIRECTORY",
            Self::Credentials => "CREDENTIALS_DIRECTORY",
            Self::Parent | Self::Declared(Folder::Install) => return None,
        })
    }

    /// What the service may do in it: what configures it, it only reads.
    const fn rights(self) -> Rights {
        match self {
            Self::Declared(Folder::Config) | Self::Credentials | Self::Parent => Rights::Read,
            Self::Declared(_) => Rights::Modify,
        }
    }
}

/// The folders of one service, and those that installers make for them, in that order.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub(super) own: Vec<OwnFolder>,
    pub(super) made: Vec<DataFolder>,
    /// Whether one was refused, so that a placeholder for it is no error of its own.
    pub(super) refused: bool,
}

/// Plans the folders of one service.
pub(super) fn plan(keys: &Portable, sid: &Sid, check: &mut Check) -> Planned {
    let mut planned = Planned::default();
    let name = keys.name.value.as_str();
    for (folder, declared) in keys.directories.iter() {
        let Some(below) = below(name, declared, check) else {
            planned.refused = true;
            continue;
        };
        let mut access = Access::default();
        let purpose = Purpose::Declared(folder);
        access.grant(sid.clone(), purpose.rights());
        if open_to_all("directories", declared.value.mode, declared.place(), check) {
            access.grant(Sid::well_known(Sid::USERS), Rights::Read);
        }
        planned.add(&below, purpose, access);
        if let Some(own) = planned.own.last() {
            check.path(
                "directories",
                declared.place(),
                &own.path.resolved("", PROGRAM_DATA),
            );
        }
    }
    if !keys.credentials.is_empty() {
        let mut access = Access::default();
        access.grant(sid.clone(), Purpose::Credentials.rights());
        planned.add(name, Purpose::Credentials, access);
    }
    planned
}

impl Planned {
    fn add(&mut self, below: &str, purpose: Purpose, access: Access) {
        let mut path = Value::program_data();
        let mut passing = Access::default();
        for grant in &access.grants {
            passing.pass(grant.sid.clone());
        }
        for step in below.split('\\') {
            path = path.join(step);
            let parent = DataFolder {
                path: path.clone(),
                purpose: Purpose::Parent,
                access: passing.clone(),
            };
            merge(&mut self.made, parent);
        }
        path = path.join(purpose.name());
        self.own.push(OwnFolder {
            purpose,
            path: path.clone(),
        });
        merge(
            &mut self.made,
            DataFolder {
                path,
                purpose,
                access,
            },
        );
    }

    /// The path of a placeholder's folder.
    pub(super) fn path(&self, folder: Folder) -> Option<&Value> {
        let wanted = Purpose::Declared(folder);
        let own = self.own.iter().find(|own| own.purpose == wanted)?;
        Some(&own.path)
    }
}

/// Each folder once: several services may have one together, and then each has its rights.
pub(super) fn merge(folders: &mut Vec<DataFolder>, folder: DataFolder) {
    let same = |one: &DataFolder| {
        one.path
            .with_folders("")
            .eq_ignore_ascii_case(&folder.path.with_folders(""))
    };
    match folders.iter_mut().find(|known| same(known)) {
        Some(known) => known.access.extend(&folder.access),
        None => folders.push(folder),
    }
}

/// The path below `%ProgramData%`, without the folder of its kind.
fn below(name: &str, declared: &Declared<Directory>, check: &mut Check) -> Option<String> {
    let Some(text) = &declared.value.path else {
        return Some(name.to_owned());
    };
    let mut path = String::new();
    for part in &text.parts {
        match part {
            Part::Literal(literal) => path.push_str(literal),
            Part::Folder(_) | Part::Instance => {
                check.refuse(
                    Diagnostic::error("`directories` cannot hold a placeholder on Windows")
                        .at(declared.place())
                        .label("it would stand for nothing there"),
                );
                return None;
            }
        }
    }
    let path = path.replace('/', "\\");
    for step in path.split('\\') {
        if let Some(reason) = bad_file_name(step) {
            check.refuse(
                Diagnostic::error(format!(
                    "`directories` cannot hold `{step}` on Windows: {reason}"
                ))
                .at(declared.place())
                .label("this is no folder's name there")
                .help("write `directories` for Windows in `[package.metadata.service.windows]`"),
            );
            return None;
        }
    }
    Some(path)
}

/// Whether a mode lets everybody read. What it says of a group means nothing here, and what everybody may write is refused.
pub(super) fn open_to_all(
    key: &str,
    mode: Option<Mode>,
    place: Option<&Place>,
    check: &mut Check,
) -> bool {
    let Some(mode) = mode else { return false };
    if mode.0 & 0o002 != 0 {
        check.refuse(
            Diagnostic::error(format!("`{key}` with the mode {mode} lets everybody write"))
                .at(place)
                .label("on Windows that is whoever has an account, and the service would take what they write for its own")
                .help("write a mode without it in `[package.metadata.service.windows]`"),
        );
    }
    mode.0 & 0o004 != 0
}
