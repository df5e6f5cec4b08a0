//! The folders of the services and the tree that they and the files stand in.
//!
//! Windows Installer makes each folder with its access list from the first moment. The folders stay when the package goes, and so does
//! a record of them in the registry, where only administrators write: a folder that is there without it is somebody else's, and is
//! refused before anything changes. Whose a recorded one is, and that it is no link, PowerShell looks at, the one program of the
//! system that can.

use super::formatted::PROGRAM_DATA;
use super::identity::{guid, key, public_property};
use super::number::{Sequence, Stretch};
use super::product::folder_key;
use super::{Data, Formatted, INSTALL_DIR, LaunchCondition, Moment, RegistryValue, Search, shell};
use crate::plan::windows::{DataFolder, InstallDir, Piece, Purpose, Sid, Value, WindowsPlan};

/// Where folders are recorded that lead to those of several packages. No package's name holds a space.
const SHARED: &str = r"SOFTWARE\cargo-svc\Shared Folders";

/// The action that looks at folders which are there already.
pub(super) const CHECK: &str = "Svc.CheckFolders";

/// The folder for 64-bit programs.
pub const PROGRAMS: &str = "ProgramFiles64Folder";

/// A folder in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Directory {
    /// Its key, which is also the property with its path.
    pub id: String,
    /// The key of the one that it is in.
    pub parent: String,
    /// Its name.
    pub name: String,
}

impl Directory {
    /// Whether it is in one of the machine's own folders.
    pub fn is_top(&self) -> bool {
        self.parent == PROGRAMS || self.parent == PROGRAM_DATA
    }
}

/// A folder that is made whether or not something is put into it, and that stays.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MadeFolder {
    /// The key of its component.
    pub id: String,
    /// The component's identity on the machine, in braces.
    pub guid: String,
    /// The folder's key.
    pub directory: String,
    /// Its access list; none: that of the folder that it is in.
    pub lock: Option<Lock>,
    /// What says that an installation made it.
    pub record: Option<RegistryValue>,
}

/// An access list that Windows Installer sets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lock {
    /// Its key.
    pub id: String,
    /// The security descriptor.
    pub sddl: String,
    /// When it is set, if not always.
    pub condition: Option<String>,
}

/// A folder that is looked for before anything is decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FolderSearch {
    /// The property that gets its path; empty if it is not there.
    pub property: String,
    /// The search's own key.
    pub id: String,
    /// Where it would be.
    pub path: Formatted,
}

/// The folders as they are found in the steps.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// Each with its path from the machine's own folder, in lower case.
    tree: Vec<(String, Directory)>,
    pub(super) made: Vec<MadeFolder>,
    pub(super) found: Vec<FolderSearch>,
    pub(super) records: Vec<Search>,
    pub(super) conditions: Vec<LaunchCondition>,
    parents: Vec<(Formatted, String)>,
    own: Vec<Formatted>,
    checked_install_dir: bool,
}

/// The machine's own folder that a path begins with, and the names below it.
pub(super) fn split(path: &Value) -> (&'static str, Vec<&str>) {
    let (mut root, mut names) = (INSTALL_DIR, Vec::new());
    for piece in path.pieces() {
        match piece {
            Piece::InstallDir => root = INSTALL_DIR,
            Piece::ProgramData => root = PROGRAM_DATA,
            Piece::Literal(text) => names.extend(text.split('\\').filter(|name| !name.is_empty())),
        }
    }
    (root, names)
}

/// The path of a file or folder below one of them.
pub(super) fn path(root: &str, names: &[&str]) -> Formatted {
    let mut path = Formatted::property(root);
    path.push(&names.join("\\"));
    path
}

impl Folders {
    pub(super) fn new(plan: &WindowsPlan) -> Self {
        let mut folders = Self::default();
        let (InstallDir::BelowPrograms(place) | InstallDir::Fixed(place)) = &plan.install_dir;
        let mut names: Vec<&str> = place.split('\\').collect();
        let name = names.pop().unwrap_or_default().to_owned();
        // One on a drive is put there by an action.
        let parent = match &plan.install_dir {
            InstallDir::BelowPrograms(_) => folders.at(PROGRAMS, &names),
            InstallDir::Fixed(_) => PROGRAMS.to_owned(),
        };
        let own = Directory {
            id: INSTALL_DIR.to_owned(),
            parent,
            name,
        };
        folders.tree.push((INSTALL_DIR.to_ascii_lowercase(), own));
        folders
    }

    /// The key of the folder with this path below one of the machine's own, or below the install folder.
    pub(super) fn at(&mut self, root: &str, names: &[&str]) -> String {
        let Some((name, above)) = names.split_last() else {
            return root.to_owned();
        };
        let path = format!("{root}\\{}", names.join("\\")).to_lowercase();
        if let Some((_, known)) = self.tree.iter().find(|(known, _)| *known == path) {
            return known.id.clone();
        }
        let directory = Directory {
            id: key("Folder", &path),
            parent: self.at(root, above),
            name: (*name).to_owned(),
        };
        let id = directory.id.clone();
        self.tree.push((path, directory));
        id
    }

    /// A folder that an operator's file goes to: it stays with the file.
    pub(super) fn keep(&mut self, root: &str, names: &[&str]) {
        let directory = self.at(root, names);
        if self.made.iter().any(|known| known.directory == directory) || names.is_empty() {
            return;
        }
        let path = format!("{root}\\{}", names.join("\\")).to_lowercase();
        self.made.push(MadeFolder {
            id: key("Made", &path),
            guid: guid(&["folder", &path]),
            directory,
            lock: None,
            record: None,
        });
    }

    /// A folder of the services.
    pub(super) fn data(&mut self, folder: &DataFolder, package: &str) {
        let (root, names) = split(&folder.path);
        let below = names.join("\\").to_lowercase();
        let parent = folder.purpose == Purpose::Parent;
        let record = RegistryValue {
            id: key("Record", &below),
            key: if parent {
                SHARED.to_owned()
            } else {
                record_key(package)
            },
            name: key("Folder", &below),
            data: Data::Text(path(root, &names)),
        };
        let found = self.refuse_unknown(path(root, &names), &below, &record, package);
        // One that leads to folders of others, too, keeps its own list.
        let again = if parent {
            "RESET=\"1\"".to_owned()
        } else {
            format!("RESET=\"1\" OR ({})", super::FIRST)
        };
        let lock = Lock {
            id: key("Lock", &below),
            sddl: folder.access.sddl(),
            condition: Some(format!("NOT {found} OR {again}")),
        };
        let directory = self.at(root, &names);
        let owner = if parent { "" } else { package };
        self.made.push(MadeFolder {
            id: key("Made", &format!("{root}\\{below}")),
            guid: guid(&["folder", owner, &below]),
            directory,
            lock: Some(lock),
            record: Some(record.clone()),
        });
        if parent {
            self.parents.push((path(root, &names), record.name));
        } else {
            self.own.push(path(root, &names));
        }
    }

    /// Everybody may make folders on a drive: one in the place of the install folder is refused as those of the services are.
    pub(super) fn install_dir(&mut self, sequence: &mut Sequence, plan: &WindowsPlan) {
        let InstallDir::Fixed(place) = &plan.install_dir else {
            return;
        };
        let below = place.to_lowercase();
        let record = RegistryValue {
            id: key("Record", &below),
            key: record_key(&plan.package),
            name: key("Folder", &below),
            data: Data::Text(Formatted::literal(place)),
        };
        self.refuse_unknown(Formatted::literal(place), &below, &record, &plan.package);
        if let Some(condition) = self.conditions.last_mut() {
            condition.condition = format!("INSTALLDIR OR {}", condition.condition);
        }
        self.made.push(MadeFolder {
            id: key("Made", &below),
            guid: guid(&["folder", &plan.package, &below]),
            directory: INSTALL_DIR.to_owned(),
            lock: None,
            record: Some(record),
        });
        self.checked_install_dir = true;
        let task = super::Task::Set {
            property: INSTALL_DIR.into(),
            value: Formatted::literal(place),
        };
        let id = "Svc.SetFixedDir";
        sequence.add(Stretch::Folders, id, task, format!("NOT {INSTALL_DIR}"));
    }

    /// Refuses a folder that is there and that no installation made. The property that says whether it is there.
    fn refuse_unknown(
        &mut self,
        path: Formatted,
        below: &str,
        record: &RegistryValue,
        package: &str,
    ) -> String {
        let found = public_property("SVC", below, "FOLDER");
        let known = public_property("SVC", below, "KNOWN");
        let mut message = Formatted::literal("The folder ");
        message.push_property(&found);
        message.push(&format!(
            " is there, and no installation of {package} made it: what is in it may be anybody's. Move it away first."
        ));
        self.conditions.push(LaunchCondition {
            condition: format!("Installed OR NOT {found} OR {known}"),
            message,
        });
        self.found.push(FolderSearch {
            property: found.clone(),
            id: key("Look", below),
            path,
        });
        self.records.push(Search {
            property: known,
            id: key("Known", below),
            key: record.key.clone(),
            name: record.name.clone(),
        });
        found
    }

    /// Before a folder is made or taken over: whose those are that are there. Windows Installer takes a folder as it finds it.
    pub(super) fn check(&self, sequence: &mut Sequence, services: &[Sid]) {
        let mut parents: Vec<&Formatted> = self.parents.iter().map(|(path, _)| path).collect();
        let mut install_dir = Formatted::property(INSTALL_DIR);
        install_dir.push(".");
        if self.checked_install_dir {
            parents.push(&install_dir);
        }
        if parents.is_empty() {
            return;
        }
        let list = |name: &str, paths: &[&Formatted]| {
            let mut set = Formatted::literal(format!("set \"{name}="));
            for (number, path) in paths.iter().enumerate() {
                set.push(if number == 0 { "" } else { "|" });
                set.append(path);
            }
            set.push("\" & ");
            set
        };
        let own: Vec<&Formatted> = self.own.iter().collect();
        let line = shell::line(&[
            list("SVC_PARENTS", &parents),
            list("SVC_FOLDERS", &own),
            shell::system(
                r"WindowsPowerShell\v1.0\powershell.exe",
                "-NoProfile -NonInteractive -ExecutionPolicy Bypass -Command \"",
            ),
            Formatted::literal(check_script(services)),
            Formatted::literal("\""),
        ]);
        sequence.add(
            Stretch::Checked,
            CHECK,
            shell::run(&line, Moment::InPlace, true),
            super::actions::SETS,
        );
    }

    /// With `PURGE=1`, once everything else has gone: the folders that this and older versions made, and the records of them.
    pub(super) fn purge(&self, sequence: &mut Sequence, package: &str, condition: &'static str) {
        if self.made.iter().all(|made| made.record.is_none()) {
            return;
        }
        let records = record_key(package);
        let words = format!(r#"query "HKLM\{records}" /reg:64"#);
        let mut reg = Formatted::property("System64Folder");
        reg.push(&format!("reg.exe {words}"));
        let mut line = shell::line(&[
            Formatted::literal("for /f \"tokens=2,*\" %J in ('"),
            reg,
            Formatted::literal("') do if \"%J\"==\"REG_SZ\" rd /s /q \"%K\""),
        ]);
        line = shell::line(&[Formatted::literal("("), line, Formatted::literal(")")]);
        let mut lines = vec![line];
        for (path, name) in self.parents.iter().rev() {
            let path = shell::quoted(path);
            lines.push(shell::line(&[
                Formatted::literal("rd "),
                path.clone(),
                shell::word("2>nul & if not exist"),
                path,
                Formatted::literal(" "),
                shell::system(
                    "reg.exe",
                    &format!(r#"delete "HKLM\{SHARED}" /v {name} /f /reg:64"#),
                ),
            ]));
        }
        lines.push(shell::system(
            "reg.exe",
            &format!(r#"delete "HKLM\{}" /f /reg:64"#, folder_key(package)),
        ));
        for (number, line) in lines.iter().enumerate() {
            sequence.add(
                Stretch::Begun,
                format!("Svc.PurgeFolders.{}", number + 1),
                shell::run(line, Moment::Commit, false),
                condition,
            );
        }
    }

    pub(super) fn directories(&mut self) -> Vec<Directory> {
        self.tree
            .drain(..)
            .map(|(_, directory)| directory)
            .collect()
    }
}

fn record_key(package: &str) -> String {
    format!(r"{}\Folders", folder_key(package))
}

/// Ends with 6 if one of the folders is a link or somebody else's, as install.ps1 sees it: what a service owns in its own
/// folder is its own. Of a security descriptor the owner comes first.
fn check_script(services: &[Sid]) -> String {
    let owners = Sid::OWNERS.join("|");
    let services: Vec<&str> = services.iter().map(Sid::as_str).collect();
    format!(
        "$ErrorActionPreference = 'Stop'; $Owners = '^O:(BA|SY|{owners}'; \
         foreach ($Paths in $env:SVC_PARENTS, $env:SVC_FOLDERS) {{ \
         foreach ($Path in $Paths -split '\\|') {{ \
         if ($Path -ne '' -and (Test-Path -LiteralPath $Path)) {{ \
         $Item = Get-Item -LiteralPath $Path -Force; \
         if (-not $Item.PSIsContainer -or $Item.Attributes -match 'ReparsePoint') {{ exit 6 }}; \
         if ((Get-Acl -LiteralPath $Path).Sddl -notmatch ($Owners + ')[GDS]:')) {{ exit 6 }} }} }}; \
         $Owners += '|{}' }}",
        services.join("|")
    )
}
