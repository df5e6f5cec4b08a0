//! What a service has: folders, secrets, files, rights.

use std::collections::BTreeSet;

use super::ask::Look;
use super::draft::{Key, Question, Way};
use super::said::{text, words};
use crate::directives::Section;
use crate::directives::Section::{Service, Unit as UnitSection};
use crate::manifest::document::Toml;
use crate::plan::systemd::hardening::MEASURES;
use crate::unit_file::Value;

/// A folder's key, its directives, and the mode that it gets if none is declared.
const FOLDERS: [(&str, &str, &str, Option<&str>); 5] = [
    (
        "state",
        "StateDirectory",
        "StateDirectoryMode",
        Some("0700"),
    ),
    (
        "cache",
        "CacheDirectory",
        "CacheDirectoryMode",
        Some("0700"),
    ),
    ("logs", "LogsDirectory", "LogsDirectoryMode", Some("0700")),
    (
        "config",
        "ConfigurationDirectory",
        "ConfigurationDirectoryMode",
        None,
    ),
    ("runtime", "RuntimeDirectory", "RuntimeDirectoryMode", None),
];

/// Where the folders of a service of the system's manager are, and what stands for them.
pub(super) struct Folders(Vec<(String, String)>);

impl Folders {
    pub(super) fn of(look: &Look) -> Self {
        let roots = ["/var/lib", "/var/cache", "/var/log", "/etc", "/run"];
        let folders = FOLDERS.iter().zip(roots).filter(|_| !look.user);
        let folders = folders.filter_map(|((kind, key, ..), root)| {
            let folders = look.unit.means.values(Service, key);
            let [Value::Fields(fields)] = folders.as_slice() else {
                return None;
            };
            let folder = text(fields.first()?, look.template)?;
            Some((format!("{root}/{folder}"), format!("{{{kind}-dir}}")))
        });
        Self(folders.collect())
    }

    /// A text in which the folders are named where their paths begin it or follow a `=`.
    pub(super) fn named(&self, text: &str) -> String {
        let (before, path) = match text.split_once("=/") {
            Some((before, _)) => text.split_at(before.len() + 1),
            None => ("", text),
        };
        for (folder, placeholder) in &self.0 {
            if let Some(below) = path.strip_prefix(folder)
                && (below.is_empty() || below.starts_with('/'))
            {
                return format!("{before}{placeholder}{below}");
            }
        }
        text.to_owned()
    }
}

/// `directories`, one for each kind.
pub(super) fn directories(look: &Look) -> Vec<Question> {
    let mut all = Vec::new();
    for (kind, key, mode_key, default) in FOLDERS {
        let folders = look.unit.means.values(Service, key);
        let [Value::Fields(fields)] = folders.as_slice() else {
            continue;
        };
        let [folder] = fields.as_slice() else {
            continue;
        };
        let Some(folder) = text(folder, look.template) else {
            continue;
        };
        // systemd.exec(5): without a mode it is 0755.
        let mode = look.shown(Service, mode_key);
        let mode = match default {
            Some(_) => Some(mode.unwrap_or_else(|| "0755".into())),
            None => mode,
        };
        let mode = mode.filter(|mode| Some(mode.as_str()) != default);
        let usual = match (look.template, kind) {
            (true, "state" | "cache" | "logs" | "runtime") => format!("{}/{{instance}}", look.name),
            _ => look.name.to_owned(),
        };
        let path = (folder != usual).then(|| ("path".to_owned(), Toml::text(&folder)));
        let value = match (path, mode) {
            (None, None) => Toml::Bool(true),
            (Some((_, path)), None) => path,
            (path, Some(mode)) => {
                let mode = ("mode".to_owned(), Toml::text(mode));
                Toml::Table(path.into_iter().chain([mode]).collect())
            }
        };
        let key_of_it = Key {
            part: Some(kind),
            ..Key::portable("directories", value)
        };
        let about = [(Service, key), (Service, mode_key)];
        all.push(Question::new(
            "directories",
            about,
            [Way::of([key_of_it])],
            [],
        ));
    }
    all
}

/// `credentials`: those from the place where the metadata has them.
pub(super) fn credentials(look: &Look) -> Question {
    let mut said = Vec::new();
    for value in look.unit.means.values(Service, "LoadCredential") {
        let Value::Fields(fields) = value else {
            continue;
        };
        let [name, path, ..] = fields.as_slice() else {
            continue;
        };
        if *path != format!("/etc/credstore/{}/{name}", look.name) {
            said.clear();
            break;
        }
        let optional = look.unit.means.values(Service, "SetCredential");
        let optional = optional
            .iter()
            .any(|value| matches!(value, Value::Fields(fields) if fields.first() == Some(name)));
        let mut credential = vec![("name".to_owned(), Toml::text(name))];
        if !optional {
            credential.push(("required".into(), Toml::Bool(true)));
        }
        said.push(Toml::Table(credential));
    }
    let way =
        (!said.is_empty()).then(|| Way::of([Key::portable("credentials", Toml::Array(said))]));
    let about = [(Service, "LoadCredential"), (Service, "SetCredential")];
    Question::new("credentials", about, way, [])
}

/// `systemd.capabilities`
pub(super) fn capabilities(look: &Look) -> Question {
    let ambient = "AmbientCapabilities";
    let names = words(&look.unit.means, Service, ambient);
    let names = names.filter(|names| names.iter().all(|name| !name.is_empty()));
    let way = names
        .filter(|_| look.unit.has(Service, ambient))
        .map(|names| {
            let none = names.is_empty();
            Way {
                // None is what a service has of which nothing is said.
                claims: none.then_some((Service, ambient)).into_iter().collect(),
                ..Way::of([Key::systemd("capabilities", Toml::texts(names))])
            }
        });
    let about = [(Service, ambient), (Service, "CapabilityBoundingSet")];
    Question::new("capabilities", about, way, [])
}

/// `systemd.writable`
pub(super) fn writable(look: &Look) -> Question {
    let paths = look.words(Service, "ReadWritePaths");
    let way = (!paths.is_empty()).then(|| Way::of([Key::systemd("writable", Toml::texts(paths))]));
    Question::new("writable", [(Service, "ReadWritePaths")], way, [])
}

/// `hardening`: a profile, whole or without what the unit does not have.
pub(super) fn hardening(look: &Look) -> Question {
    let keys: BTreeSet<_> = MEASURES.iter().map(|measure| measure.key).collect();
    let off = [Key::portable("hardening", Toml::text("off"))];
    let about = keys.iter().map(|key| (Service, *key));
    let known = keys.iter().filter(|key| look.unit.has(Service, key));
    let known = known.count();
    if known == 0 {
        return Question::new("hardening", about, [], off);
    }
    let mut ways = vec![
        Way::default(),
        Way::of([Key::portable("hardening", Toml::text("strict"))]),
    ];
    for profile in ["standard", "strict"] {
        let has = |measure: &&crate::plan::systemd::hardening::Measure| {
            let value = if profile == "strict" {
                measure.strict
            } else {
                measure.standard
            };
            value.is_some()
        };
        let written: BTreeSet<_> = MEASURES
            .iter()
            .filter(has)
            .map(|measure| measure.key)
            .collect();
        let without: Vec<_> = written
            .into_iter()
            .filter(|key| !look.unit.has(Service, key))
            .collect();
        // With more of them than lines that they save, the lines are easier to read.
        if without.is_empty() || without.len() > known {
            continue;
        }
        let table = Toml::Table(vec![
            ("profile".into(), Toml::text(profile)),
            ("without".into(), Toml::texts(without.iter().copied())),
        ]);
        ways.push(Way {
            // Each of them wants to be understood.
            weight: 1 + 2 * without.len(),
            ..Way::of([Key::systemd("hardening", table)])
        });
    }
    Question::new("hardening", about, ways, off)
}

/// `files`: those without which the service does not start, where they are in its own folder.
pub(super) fn required_files(look: &Look) -> Question {
    let key = "ConditionPathExists";
    let root = format!("/etc/{}/", look.name);
    let own = look.unit.has(Service, "ConfigurationDirectory");
    let said: Option<Vec<_>> = look
        .unit
        .means
        .values(UnitSection, key)
        .into_iter()
        .map(|value| {
            let path = value.to_string();
            let below = text(path.strip_prefix(&root)?, look.template)?;
            Some(Toml::Table(vec![
                ("to".into(), Toml::text(format!("{{config-dir}}/{below}"))),
                ("required".into(), Toml::Bool(true)),
            ]))
        })
        .collect();
    let way = said
        .filter(|files| own && !files.is_empty())
        .map(|files| Way::of([Key::portable("files", Toml::Array(files))]));
    let about: [(Section, &str); 1] = [(UnitSection, key)];
    Question::new("files", about, way, [])
}
