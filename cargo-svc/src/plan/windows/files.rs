//! The files that are installed with the programs, and what a service waits for.

use super::check::{Check, bad_file_name};
use super::folders::{self, DataFolder, PROGRAM_DATA, Planned, Purpose};
use super::{Access, AddRemove, Value};
use crate::diagnostics::{Declared, Diagnostic};
use crate::service::declared::File;
use crate::service::{Folder, Package, Part, Portable};

/// Names in the install folder that are the installer's.
const OWN_NAMES: [&str; 6] = [
    "uninstall.cmd",
    "uninstall.ps1",
    "receipt.txt",
    "rollback",
    "svc-defaults",
    AddRemove::ICON,
];

/// A file that is installed with the programs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstalledFile {
    /// Where it stands in the source, below the package's folder, with forward slashes.
    pub source: String,
    /// Its whole path on the machine.
    pub to: Value,
    /// The folder that `to` begins with: the install folder, or a service's one for what configures it.
    pub folder: Value,
    /// Its path below that, with backslashes.
    pub below: String,
    /// Whether an operator may edit it: then it is never overwritten once it was, and only a purge removes it.
    pub config: bool,
    /// Its security descriptor; none: the folder's.
    pub sddl: Option<&'static str>,
}

/// What has to be on the machine before a service can start.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Need {
    /// Its path.
    pub path: Value,
    /// The credential's name, if it is one.
    pub credential: Option<String>,
}

/// Plans the files of one service, and what it waits for.
pub(super) fn plan(
    keys: &Portable,
    folders: &Planned,
    check: &mut Check,
) -> (Vec<Declared<InstalledFile>>, Vec<Need>) {
    let (mut files, mut needs) = (Vec::new(), Vec::new());
    for declared in &keys.files {
        let file = &declared.value;
        let Some((folder, below)) = place(file, folders, check) else {
            continue;
        };
        let to = folder.join(&below);
        if file.required {
            needs.push(Need {
                path: to.clone(),
                credential: None,
            });
        }
        let readable = file.mode.is_none()
            || folders::open_to_all("files", file.mode, declared.place(), check);
        if let Some(source) = &file.source {
            let planned = InstalledFile {
                source: source.value.clone(),
                to,
                folder,
                below,
                config: file.config,
                sddl: (!readable).then_some(Access::PRIVATE_FILE),
            };
            files.push(Declared {
                value: planned,
                origin: file.to.origin.clone(),
            });
        }
    }
    let store = folders
        .own
        .iter()
        .find(|own| own.purpose == Purpose::Credentials);
    for credential in keys.credentials.iter().map(|one| &one.value) {
        if let Some(reason) = bad_file_name(&credential.name) {
            check.refuse(
                Diagnostic::error(format!(
                    "the credential `{}` cannot be a file on Windows: {reason}",
                    credential.name
                ))
                .at(keys
                    .credentials
                    .iter()
                    .find(|one| one.value == *credential)
                    .and_then(Declared::place))
                .help("rename it"),
            );
        }
        if let Some(store) = store {
            let path = store.path.join(&credential.name).resolved("", PROGRAM_DATA);
            let declared = keys.credentials.iter().find(|one| one.value == *credential);
            check.path("credentials", declared.and_then(Declared::place), &path);
        }
        if let Some(store) = store.filter(|_| credential.required) {
            needs.push(Need {
                path: store.path.join(&credential.name),
                credential: Some(credential.name.clone()),
            });
        }
    }
    (files, needs)
}

/// The folder that a file goes to, and its path below.
fn place(file: &File, folders: &Planned, check: &mut Check) -> Option<(Value, String)> {
    let to = &file.to;
    let (folder, below) = match to.value.parts.as_slice() {
        [Part::Folder(folder), Part::Literal(below)] => (*folder, below.as_str()),
        _ => (Folder::Install, ""),
    };
    let base = match folder {
        Folder::Install => Value::install_dir(),
        Folder::Config => folders.path(folder)?.clone(),
        Folder::State | Folder::Cache | Folder::Logs | Folder::Runtime => {
            check.refuse(
                Diagnostic::error(format!(
                    "nothing can be installed to `{{{}}}`",
                    folder.word()
                ))
                .at(to.place())
                .label("this folder belongs to the service, which makes what is in it")
                .help("install to `{config-dir}` or `{install-dir}`, and let the program copy it"),
            );
            return None;
        }
    };
    let below = below.trim_start_matches('/').replace('/', "\\");
    for step in below.split('\\') {
        if let Some(reason) = bad_file_name(step) {
            check.refuse(
                Diagnostic::error(format!(
                    "`files` cannot go to `{step}` on Windows: {reason}"
                ))
                .at(to.place())
                .label("this is no file's name there")
                .help("write `files` for Windows in `[package.metadata.service.windows]`"),
            );
            return None;
        }
    }
    Some((base, below))
}

/// What is packed as `files/<source>` must come out of the archive on Windows, as a file of its own.
pub(super) fn sources(package: &Package, check: &mut Check) {
    let mut seen: Vec<&Declared<String>> = Vec::new();
    let files = package
        .services
        .iter()
        .flat_map(|service| &service.windows.files);
    for source in files.filter_map(|file| file.value.source.as_ref()) {
        if seen.iter().any(|known| known.value == source.value) {
            continue;
        }
        let mut steps = source.value.split('/');
        if let Some((step, reason)) =
            steps.find_map(|step| bad_file_name(step).map(|reason| (step, reason)))
        {
            check.refuse(
                Diagnostic::error(format!(
                    "`files` cannot bring `{step}` to Windows: {reason}"
                ))
                .at(source.place())
                .label("no archive can be unpacked there that holds this name")
                .help("rename it in the package, or write `files` for Windows in `[package.metadata.service.windows]`"),
            );
        } else if let Some(other) = seen.iter().find(|known| {
            let paths = [&known.value, &source.value].map(|path| path.to_lowercase());
            paths[0] == paths[1]
                || is_folder_of(&paths[0], &paths[1], '/')
                || is_folder_of(&paths[1], &paths[0], '/')
        }) {
            check.refuse(
                Diagnostic::error(format!(
                    "`files` cannot bring both `{}` and `{}` to Windows, which does not tell case apart",
                    other.value, source.value
                ))
                .at(source.place())
                .label("unpacked there, one takes the place of the other")
                .help("rename one of them in the package"),
            );
        }
        seen.push(source);
    }
}

/// A path as Windows tells paths apart: not by case. What the two roots are called here is no path's.
fn told_apart(path: &Value) -> String {
    path.resolved("<i>", "<p>").to_lowercase()
}

/// Whether one path leads through the other. Both are in lower case.
fn is_folder_of(one: &str, other: &str, separator: char) -> bool {
    other
        .strip_prefix(one)
        .is_some_and(|rest| rest.starts_with(separator))
}

/// What else has a place on the machine.
pub(super) struct Taken<'a> {
    /// The install folder's path; none if it was refused.
    pub(super) install_dir: Option<&'a str>,
    pub(super) programs: &'a [String],
    pub(super) folders: &'a [DataFolder],
}

/// Each file once, though several services may declare it; one place takes one file, and no folder.
pub(super) fn merge(
    all: &mut Vec<InstalledFile>,
    files: Vec<Declared<InstalledFile>>,
    taken: &Taken<'_>,
    check: &mut Check,
) {
    for declared in files {
        let file = &declared.value;
        let path = told_apart(&file.to);
        if let Some(other) = all.iter().find(|other| told_apart(&other.to) == path) {
            if *other != *file {
                check.refuse(
                    Diagnostic::error(format!("two files go to `{}`", file.below))
                        .at(declared.place())
                        .label(format!("`{}` goes there, too", other.source))
                        .help("give each a place of its own, or declare both alike"),
                );
            }
            continue;
        }
        let top = file.below.split('\\').next().unwrap_or_default();
        let is_own = |name: &str| {
            let bare = name.trim_end_matches(".new").trim_end_matches(".old");
            OWN_NAMES
                .iter()
                .copied()
                .chain(taken.programs.iter().map(String::as_str))
                .any(|own| own.eq_ignore_ascii_case(bare))
        };
        if file.folder == Value::install_dir() && is_own(top) {
            check.refuse(
                Diagnostic::error(format!(
                    "`files` cannot go to `{top}` in the install folder"
                ))
                .at(declared.place())
                .label("the installer has a file of this name there")
                .help("give it another name"),
            );
            continue;
        }
        if let Some(clash) = clash(file, all, taken.folders) {
            check.refuse(clash.at(declared.place()));
            continue;
        }
        fits(&declared, taken.install_dir, check);
        all.push(declared.value);
    }
}

/// A file that would have to be a folder, or a folder that would have to be a file.
fn clash(
    file: &InstalledFile,
    all: &[InstalledFile],
    folders: &[DataFolder],
) -> Option<Diagnostic> {
    let below = |one: &InstalledFile| {
        let folder = &one.folder;
        // What an operator knows the place by.
        let root = if *folder == Value::install_dir() {
            "{install-dir}"
        } else {
            "{config-dir}"
        };
        format!("{root}/{}", one.below.replace('\\', "/"))
    };
    let own = told_apart(&file.to);
    for other in all {
        let its = told_apart(&other.to);
        let (inner, outer) = if is_folder_of(&its, &own, '\\') {
            (file, other)
        } else if is_folder_of(&own, &its, '\\') {
            (other, file)
        } else {
            continue;
        };
        return Some(
            Diagnostic::error(format!(
                "`files` go to `{}` and, as if that were a folder, to `{}`",
                below(outer),
                below(inner)
            ))
            .label(format!("`{}` goes there, too", other.source))
            .help("give one of them another place"),
        );
    }
    let folder = folders.iter().find(|folder| {
        let its = told_apart(&folder.path);
        its == own || is_folder_of(&own, &its, '\\')
    })?;
    Some(
        Diagnostic::error(format!(
            "`files` go to `{}`, which is a folder on Windows",
            below(file)
        ))
        .label(format!(
            "`directories` make `{}`",
            folder.path.resolved("", r"%ProgramData%")
        ))
        .help("give the file or the folder another place"),
    )
}

/// Whether a file's path, and that of the default of one that is edited, can be named.
fn fits(declared: &Declared<InstalledFile>, install_dir: Option<&str>, check: &mut Check) {
    let Some(install_dir) = install_dir else {
        return;
    };
    let file = &declared.value;
    let to = |install_dir: &str, data: &str| file.to.resolved(install_dir, data);
    let path = to(install_dir, PROGRAM_DATA);
    if check.path("files", declared.place(), &path) && file.config {
        let defaults = format!(r"{install_dir}\svc-defaults\ProgramData");
        check.path("files", declared.place(), &to(&defaults, &defaults));
    }
}
