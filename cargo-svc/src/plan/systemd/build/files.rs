//! Folders, files and secrets of a service.

use super::accounts::runs_as_root;
use super::exec::{Exec, root};
use crate::diagnostics::Diagnostic;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{Placed, Section, Value};
use crate::plan::systemd::{CredentialFile, PlacedFile, RootFolder, SystemdPlan};
use crate::service::declared::Mode;
use crate::service::systemd::Scope;
use crate::service::{Folder, Part, Service};

/// What a service's files come to.
pub(super) struct Files {
    pub(super) installed: Vec<PlacedFile>,
    pub(super) required: Vec<Placed>,
    pub(super) credentials: Vec<CredentialFile>,
}

/// The directive of a folder, and the mode that it gets if nothing is said: what only the service reads is shut to others.
const fn directive(folder: Folder) -> Option<(&'static str, &'static str, Option<Mode>)> {
    const OWN: Option<Mode> = Some(Mode(0o700));
    Some(match folder {
        Folder::Install => return None,
        Folder::State => ("StateDirectory", "StateDirectoryMode", OWN),
        Folder::Cache => ("CacheDirectory", "CacheDirectoryMode", OWN),
        Folder::Logs => ("LogsDirectory", "LogsDirectoryMode", OWN),
        Folder::Config => ("ConfigurationDirectory", "ConfigurationDirectoryMode", None),
        Folder::Runtime => ("RuntimeDirectory", "RuntimeDirectoryMode", None),
    })
}

/// The lines of `[Service]`.
pub(super) fn lines(service: &Service, exec: &Exec, section: &mut Section) {
    let keys = &service.systemd;
    for (folder, declared) in keys.directories.iter() {
        let Some((key, mode_key, default)) = directive(folder) else {
            continue;
        };
        section.push(key, Value::Words(vec![exec.below(folder)]));
        if let Some(mode) = declared.value.mode.or(default) {
            section.push(mode_key, Value::Raw(mode.to_string().into()));
        }
    }
    if keys.directories.config.is_some() && runs_as_root(service) {
        // What belongs to root is root's to write, and `ConfigurationDirectory=` opens it even with `ProtectSystem=strict`
        // (seen on 252).
        let mut path = Placed::from(root(Folder::Config).0);
        path.push("/");
        path.pieces.extend(exec.below(Folder::Config).pieces);
        section.push("ReadOnlyPaths", Value::Words(vec![path]));
    }
    let name = &keys.name.value;
    for credential in keys.credentials.iter().map(|credential| &credential.value) {
        let path = store(name.as_str(), &credential.name);
        section.push(
            "LoadCredential",
            Value::Raw(format!("{}:{path}", credential.name).into()),
        );
        if !credential.required {
            // systemd.exec(5): the value of the same name is what it is without the file, which is then no failure. 247 takes no
            // empty value: an empty line stands for a secret that is not there.
            section.push(
                "SetCredential",
                Value::Raw(format!("{}:\\n", credential.name).into()),
            );
        }
    }
}

/// Where an operator puts a secret. The name of a service holds nothing that a unit would need escaped.
fn store(service: &str, credential: &str) -> String {
    format!("/etc/credstore/{service}/{credential}")
}

/// What is installed besides the program and its units.
pub(super) fn plan(service: &Service, exec: &Exec, check: &mut Check) -> Files {
    let keys = &service.systemd;
    let (mut files, mut required) = (Vec::new(), Vec::new());
    for declared in &keys.files {
        let file = &declared.value;
        let to = &file.to;
        let folder = match to.value.parts.first() {
            Some(Part::Folder(folder)) => *folder,
            _ => Folder::Install,
        };
        if !matches!(folder, Folder::Install | Folder::Config) {
            check.refuse(
                Diagnostic::error(format!(
                    "nothing can be installed to `{{{}}}`",
                    folder.word()
                ))
                .at(to.place())
                .label("this folder belongs to the service, which makes what is in it")
                .help("install to `{config-dir}` or `{install-dir}`, and let the program copy it"),
            );
        }
        let placed = exec.path("files", &to.value, to, check);
        if file.required {
            required.push(placed.clone());
        }
        if let Some(source) = &file.source {
            files.push(PlacedFile {
                source: source.value.clone(),
                to: placed,
                config: file.config,
                mode: file.mode.unwrap_or(Mode(0o644)),
            });
        }
    }
    let name = keys.name.value.as_str();
    let credentials = keys.credentials.iter().map(|credential| CredentialFile {
        name: credential.value.name.clone(),
        path: store(name, &credential.value.name),
        required: credential.value.required,
    });
    Files {
        installed: files,
        required,
        credentials: credentials.collect(),
    }
}

/// The configuration folder, which root has to make first: one that systemd made for a dynamic user would be that user's to
/// write (seen on 252).
pub(super) fn config_folder(service: &Service, exec: &Exec) -> Option<RootFolder> {
    if service.own_systemd.scope.value == Scope::User {
        return None;
    }
    let config = service.systemd.directories.config.as_ref()?;
    let below = exec.below(Folder::Config).with_prefix("");
    Some(RootFolder {
        path: format!("{}/{below}", root(Folder::Config).0),
        mode: config.value.mode.unwrap_or(Mode(0o755)),
    })
}

/// The folders that root has to make.
pub(super) fn folders(service: &Service, exec: &Exec, plan: &mut SystemdPlan) {
    if service.own_systemd.scope.value == Scope::User {
        return;
    }
    let keys = &service.systemd;
    let mut folders: Vec<_> = config_folder(service, exec).into_iter().collect();
    if !keys.credentials.is_empty() {
        let own = format!("/etc/credstore/{}", keys.name.value);
        folders.extend(["/etc/credstore".into(), own].map(|path| RootFolder {
            path,
            mode: Mode(0o700),
        }));
    }
    for folder in folders {
        if !plan.folders.contains(&folder) {
            plan.folders.push(folder);
        }
    }
}
