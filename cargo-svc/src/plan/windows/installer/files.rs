//! The files that are installed with the programs.
//!
//! Most are Windows Installer's own. One that an operator may edit is not: what its tables know of a changed file are its dates, which a
//! copy of an older file gets wrong, and an upgrade removes the old version's files before it looks at the new ones. So what
//! this version brings is installed to `svc-defaults` in the install folder, where it is Windows Installer's, and an action brings it to
//! its place as the scripts do. The older version notes its own default before it goes: a file that is still the same
//! follows the package, any other stays, and the new default is put beside it.

use super::folders::{Folders, Lock, path, split};
use super::formatted::PROGRAM_DATA;
use super::identity::{guid, key};
use super::number::{Sequence, Stretch};
use super::{File, Formatted, INSTALL_DIR, Moment, Source, actions, shell};
use crate::plan::windows::InstalledFile;

/// Where defaults go, below the install folder.
const DEFAULTS: &str = "svc-defaults";

/// A declared file with its component.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlacedFile {
    /// The component's key.
    pub id: String,
    /// The component's identity on the machine, in braces.
    pub guid: String,
    /// The key of the folder that it goes to.
    pub directory: String,
    /// The file.
    pub file: File,
    /// Its access list; none: that of its folder.
    pub lock: Option<Lock>,
}

/// The files as they are found in the steps.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) placed: Vec<PlacedFile>,
    edited: Vec<Edited>,
}

/// A file that an operator may edit.
#[derive(Debug)]
struct Edited {
    place: Formatted,
    default: Formatted,
    private: bool,
}

impl Files {
    pub(super) fn add(&mut self, file: &InstalledFile, folders: &mut Folders, upgrade_code: &str) {
        let (root, names) = split(&file.to);
        let place = path(root, &names);
        let (target, steps) = if file.config {
            let kind = if root == PROGRAM_DATA {
                "ProgramData"
            } else {
                "programs"
            };
            let mut steps = vec![DEFAULTS, kind];
            steps.extend(&names);
            (INSTALL_DIR, steps)
        } else {
            (root, names.clone())
        };
        let Some((name, above)) = steps.split_last() else {
            return;
        };
        let id = format!("{target}\\{}", steps.join("\\")).to_lowercase();
        let directory = folders.at(target, above);
        self.placed.push(PlacedFile {
            id: key("Component", &id),
            guid: guid(&["component", upgrade_code, &id]),
            directory,
            file: File {
                id: key("File", &id),
                name: (*name).to_owned(),
                source: Source::Declared(file.source.clone()),
            },
            lock: file.sddl.map(|sddl| Lock {
                id: key("Lock", &id),
                sddl: sddl.to_owned(),
                condition: None,
            }),
        });
        if file.config {
            folders.keep(root, &names[..names.len() - 1]);
            self.edited.push(Edited {
                place,
                default: path(target, &steps),
                private: file.sddl.is_some(),
            });
        }
    }

    /// What brings the files that an operator may edit to their places.
    pub(super) fn actions(&self, sequence: &mut Sequence, package: &str) {
        for (number, file) in self.edited.iter().enumerate() {
            file.actions(sequence, number + 1, &actions::run_key(package));
        }
    }
}

/// Makes of `from` the file `to`, which only the machine and its administrators may ever read if it is private.
fn copy(from: &str, to: &str, private: bool) -> Formatted {
    let copy = Formatted::literal(format!("copy /b /y \"{from}\" \"{to}\""));
    if !private {
        return shell::line(&[copy, shell::quiet()]);
    }
    let system = Formatted::literal(format!(
        "\"%~H\\icacls.exe\" \"{to}\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F /q"
    ));
    shell::line(&[
        Formatted::literal(format!("type nul >\"{to}\" & ")),
        system,
        shell::quiet(),
        Formatted::literal(" & if errorlevel 1 (exit 1) else "),
        copy,
        shell::quiet(),
    ])
}

/// Whether two files are the same: then no error level follows.
fn compare(one: &str, other: &str) -> Formatted {
    let compare = format!("\"%~H\\fc.exe\" /b \"{one}\" \"{other}\"");
    shell::line(&[Formatted::literal(compare), shell::quiet()])
}

/// Puts the default to `place`: beside it first, then by a new name, so that it is whole or not there. What was there before is
/// kept until all is done, and where nothing was, there is a mark.
fn put(place: &str, private: bool) -> Formatted {
    shell::line(&[
        Formatted::literal("("),
        copy("%~E", &format!("{place}.svc-new"), private),
        Formatted::literal(format!(
            " & (if exist \"{place}\" (move /y \"{place}\" \"{place}.svc-old\" >nul) else type nul >\"{place}.svc-none\") \
             & move /y \"{place}.svc-new\" \"{place}\" >nul & "
        )),
        compare(place, "%~E"),
        Formatted::literal(" & if errorlevel 1 exit 1)"),
    ])
}

impl Edited {
    fn actions(&self, sequence: &mut Sequence, number: usize, run_key: &str) {
        let id = |what: &str| format!("{what}File.{number}");
        let mut add = |stretch, what: &str, line: Formatted, moment, checked, condition| {
            let task = shell::run(&line, moment, checked);
            sequence.add(stretch, id(what), task, condition);
        };
        let mut system = Formatted::property("System64Folder");
        system.push(".");
        let both = [('C', &self.place), ('E', &self.default), ('H', &system)];
        let place_alone = [('C', &self.place)];
        // The older version does this when it goes.
        let upgraded = "REMOVE AND UPGRADINGPRODUCTCODE";
        // A set of names that holds the name of another set is read late by Windows alone, not by Wine.
        let back_both = format!("{} & {}", back("%~C"), back("%~C.new"));
        let back_both = Formatted::literal(back_both);
        let forget = Formatted::literal("del /f /q \"%~C.svc-was\" >nul 2>&1");
        add(
            Stretch::Running,
            "Forget",
            shell::naming(&place_alone, &forget),
            Moment::Rollback,
            false,
            upgraded,
        );
        let note = shell::line(&[
            Formatted::literal("if exist \"%~E\" ("),
            copy("%~E", "%~C.svc-was", self.private),
            Formatted::literal(format!(
                " & \"%~H\\reg.exe\" add \"HKLM\\{run_key}\" /v Was.{number} /t REG_SZ /d \"%~C.svc-was\" /f /reg:64"
            )),
            shell::quiet(),
            Formatted::literal(")"),
        ]);
        add(
            Stretch::Running,
            "Note",
            shell::naming(&both, &note),
            Moment::InPlace,
            false,
            upgraded,
        );
        add(
            Stretch::Placed,
            "Take",
            shell::naming(&place_alone, &back_both),
            Moment::Rollback,
            false,
            actions::SETS,
        );
        // Not in a repair: nothing is new there.
        add(
            Stretch::Placed,
            "Place",
            shell::naming(&both, &self.place()),
            Moment::InPlace,
            true,
            "NOT Installed",
        );
        let again = shell::line(&[
            finish("%~C"),
            Formatted::literal(" & if not exist \"%~C\" "),
            put("%~C", self.private),
        ]);
        add(
            Stretch::Placed,
            "PutBack",
            shell::naming(&both, &again),
            Moment::InPlace,
            true,
            "Installed AND NOT REMOVE",
        );
        add(
            Stretch::Placed,
            "Tidy",
            shell::naming(
                &place_alone,
                &Formatted::literal(
                    "del /f /q \"%~C.svc-old\" \"%~C.svc-none\" \"%~C.new.svc-old\" \"%~C.new.svc-none\" >nul 2>&1",
                ),
            ),
            Moment::Commit,
            false,
            actions::SETS,
        );
    }

    /// Missing, it comes. The same as the older version's default, it follows the package. Otherwise it was edited and stays, and
    /// a default that the operator has not seen is put beside it.
    fn place(&self) -> Formatted {
        let beside = put("%~C.new", self.private);
        let otherwise = Formatted::literal(") else (");
        let errs = Formatted::literal(" & if errorlevel 1 (");
        shell::line(&[
            finish("%~C"),
            Formatted::literal(" & "),
            finish("%~C.new"),
            Formatted::literal(" & if not exist \"%~C\" ("),
            put("%~C", self.private),
            otherwise.clone(),
            compare("%~C", "%~E"),
            errs.clone(),
            Formatted::literal("if not exist \"%~C.svc-was\" ("),
            beside.clone(),
            otherwise.clone(),
            compare("%~C", "%~C.svc-was"),
            errs.clone(),
            compare("%~C.svc-was", "%~E"),
            errs,
            beside,
            Formatted::literal(")"),
            otherwise,
            put("%~C", self.private),
            Formatted::literal("))))"),
        ])
    }
}

/// What a run that was killed may have left: the old file alone, and marks.
fn finish(place: &str) -> Formatted {
    Formatted::literal(format!(
        "(if exist \"{place}.svc-old\" if not exist \"{place}\" move /y \"{place}.svc-old\" \"{place}\" >nul) \
         & del /f /q \"{place}.svc-old\" \"{place}.svc-none\" >nul 2>&1"
    ))
}

/// What was there comes back, and what was not goes.
fn back(place: &str) -> String {
    format!(
        "(if exist \"{place}.svc-none\" del /f /q \"{place}\") \
         & (if exist \"{place}.svc-old\" move /y \"{place}.svc-old\" \"{place}\" >nul) \
         & del /f /q \"{place}.svc-new\" \"{place}.svc-none\" >nul 2>&1"
    )
}
