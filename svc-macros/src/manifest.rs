//! Reads of the manifest what its service is called, and which events and sockets it has.

use crate::names;
use crate::toml::{self, Kind, Table, Value};

/// What the macro must know of a service. A key that stands under `windows` or `systemd` replaces the portable one there,
/// and a macro does not learn for which system it expands: so there is one of each.
#[derive(Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) systemd: Target,
    pub(crate) windows: Target,
}

/// A service as one of the systems sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    pub(crate) name: String,
    /// `None` if the key is not there, which is where the attribute may state it.
    pub(crate) events: Option<Vec<String>>,
    pub(crate) sockets: Option<Vec<Socket>>,
}

/// A socket: svc-rt binds it itself where no service manager hands it over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Socket {
    pub(crate) name: String,
    /// Where it listens: svc-rt reads what stands here, and says what is wrong with it.
    pub(crate) listen: Vec<String>,
}

impl Socket {
    /// Puts the places of one name together.
    pub(crate) fn merged(sockets: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for socket in sockets {
            match merged.iter_mut().find(|known| known.name == socket.name) {
                Some(known) => known.listen.extend(socket.listen),
                None => merged.push(socket),
            }
        }
        merged
    }
}

/// A mistake in the manifest: a line and a column, both from 1, and what is wrong there.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
}

/// Finds the service that the attribute is about: the one of this `name` if it states one, else the one of this `binary`,
/// which a library does not have.
pub(crate) fn read(
    text: &str,
    name: Option<&str>,
    binary: Option<&str>,
) -> Result<Service, Vec<Problem>> {
    let mut reader = Reader {
        text,
        problems: Vec::new(),
    };
    let service = reader.service(name, binary);
    match service {
        Some(service) if reader.problems.is_empty() => Ok(service),
        _ => Err(reader.problems),
    }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

/// One table that describes a service.
struct Entry<'t> {
    at: usize,
    table: &'t Table,
    /// Its name for systemd and for Windows.
    names: [String; 2],
    /// The binary that it runs, where the manifest says so; another one under `windows`, if that is asked for.
    binaries: Vec<String>,
}

/// The tables whose keys replace the portable ones, in the order of [`Entry::names`].
const SYSTEMS: [&str; 2] = ["systemd", "windows"];

impl Reader<'_> {
    fn report(&mut self, at: usize, message: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let problem = Problem {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        };
        // What both systems share is looked at twice.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn service(&mut self, name: Option<&str>, binary: Option<&str>) -> Option<Service> {
        let root = match toml::parse(self.text) {
            Ok(root) => root,
            Err((at, message)) => {
                self.report(at, format!("this is not TOML: {message}"));
                return None;
            }
        };
        let package = root
            .table(&["package"])
            .and_then(|package| self.string(package, "name"));
        let entries = self.entries(&root, package.as_deref())?;
        if entries.is_empty() {
            let Some(name) = name.map(str::to_owned).or(package) else {
                self.report(
                    0,
                    "there is no package here: write #[service(name = \"…\")]",
                );
                return None;
            };
            return Some(Service::of(name));
        }
        match choose(&entries, name, binary) {
            Ok(Some(entry)) => Some(Service {
                systemd: self.target(entry, 0),
                windows: self.target(entry, 1),
            }),
            Ok(None) => name.map(|name| Service::of(name.to_owned())),
            Err(message) => {
                self.report(entries[0].at, message);
                None
            }
        }
    }

    /// The tables under `package.metadata.service`: one, several or none.
    fn entries<'r>(&mut self, root: &'r Table, package: Option<&str>) -> Option<Vec<Entry<'r>>> {
        let metadata = root.table(&["package", "metadata"]);
        let Some(value) = metadata.and_then(|metadata| metadata.get("service")) else {
            return Some(Vec::new());
        };
        match &value.kind {
            Kind::Table(table) => {
                let mut binaries = self.binaries(table);
                if table.get("bin").is_none() {
                    let package = root.table(&["package"]);
                    binaries
                        .extend(package.and_then(|package| self.string(package, "default-run")));
                }
                let names = self.names(table, package.or(Some("")))?;
                Some(vec![Entry {
                    at: value.at,
                    table,
                    names,
                    binaries,
                }])
            }
            Kind::List(list) => list.iter().map(|element| self.element(element)).collect(),
            _ => {
                self.report(
                    value.at,
                    "`service` is a table: write [package.metadata.service]",
                );
                None
            }
        }
    }

    /// One of several: nothing tells them apart but what they state, so there is no default.
    fn element<'r>(&mut self, element: &'r Value) -> Option<Entry<'r>> {
        let Kind::Table(table) = &element.kind else {
            self.report(
                element.at,
                "`service` is a list of tables: write [[package.metadata.service]]",
            );
            return None;
        };
        let Some(names) = self.names(table, None) else {
            self.report(
                element.at,
                "one of several services needs a `name` and a `bin`",
            );
            return None;
        };
        Some(Entry {
            at: element.at,
            table,
            names,
            binaries: self.binaries(table),
        })
    }

    fn binaries(&mut self, table: &Table) -> Vec<String> {
        let overrides = SYSTEMS
            .into_iter()
            .filter_map(|system| table.table(&[system]));
        let tables = std::iter::once(table).chain(overrides);
        tables
            .filter_map(|table| self.string(table, "bin"))
            .collect()
    }

    fn names(&mut self, table: &Table, default: Option<&str>) -> Option<[String; 2]> {
        let portable = self
            .string(table, "name")
            .or_else(|| default.map(str::to_owned));
        let [systemd, windows] = SYSTEMS.map(|system| {
            let table = table.table(&[system])?;
            self.string(table, "name")
        });
        Some([systemd.or_else(|| portable.clone())?, windows.or(portable)?])
    }

    fn target(&mut self, entry: &Entry, system: usize) -> Target {
        let name = entry.names[system].clone();
        if let Err(message) = names::check_service(&name) {
            self.report(entry.at, message);
        }
        let value = |key| {
            let replaced = entry
                .table
                .table(&[SYSTEMS[system]])
                .and_then(|table| table.get(key));
            replaced.or_else(|| entry.table.get(key))
        };
        let events = value("events").map(|value| self.list(value, "events", Self::event));
        let sockets = value("sockets").map(|value| self.list(value, "sockets", Self::socket));
        let sockets = sockets.map(Socket::merged);
        Target {
            name,
            events,
            sockets,
        }
    }

    fn string(&mut self, table: &Table, key: &str) -> Option<String> {
        let value = table.get(key)?;
        if let Kind::Text(text) = &value.kind {
            return Some(text.clone());
        }
        self.report(value.at, format!("`{key}` is a string"));
        None
    }

    /// The elements of a list, each once. `false` is what writes nothing for one of the systems.
    fn list<T: PartialEq>(
        &mut self,
        value: &Value,
        key: &str,
        element: fn(&mut Self, &Value) -> Option<T>,
    ) -> Vec<T> {
        let mut known = Vec::new();
        match &value.kind {
            Kind::List(list) => {
                for value in list {
                    match element(self, value) {
                        Some(element) if !known.contains(&element) => known.push(element),
                        _ => {}
                    }
                }
            }
            Kind::Boolean(false) => {}
            _ => self.report(value.at, format!("`{key}` is a list")),
        }
        known
    }

    fn event(&mut self, value: &Value) -> Option<String> {
        let event = match &value.kind {
            Kind::Text(text) => names::check_event(text).map(|()| text.clone()),
            Kind::Integer(code) => names::check_code(code),
            _ => Err("an event is a name such as \"reload\", or a custom control code".to_owned()),
        };
        event.map_err(|message| self.report(value.at, message)).ok()
    }

    fn socket(&mut self, value: &Value) -> Option<Socket> {
        let Kind::Table(table) = &value.kind else {
            self.report(value.at, SOCKET);
            return None;
        };
        let Some(name) = self.string(table, "name") else {
            self.report(value.at, SOCKET);
            return None;
        };
        if let Err(message) = names::check_socket(&name) {
            self.report(value.at, message);
            return None;
        }
        let listen = match table.get("listen") {
            None => Vec::new(),
            Some(value) => match &value.kind {
                Kind::List(_) => self.list(value, "listen", Self::text),
                _ => self.string(table, "listen").into_iter().collect(),
            },
        };
        Some(Socket { name, listen })
    }

    fn text(&mut self, value: &Value) -> Option<String> {
        if let Kind::Text(text) = &value.kind {
            return Some(text.clone());
        }
        self.report(value.at, "this is to be a string");
        None
    }
}

const SOCKET: &str = "a socket is a table with a `name` and a `listen`";

impl Service {
    /// A service of which only the name is known.
    pub(crate) fn of(name: String) -> Self {
        let target = Target {
            name,
            events: None,
            sockets: None,
        };
        Self {
            systemd: target.clone(),
            windows: target,
        }
    }
}

/// The entry that is meant. None is, if the attribute gives another name to a program that the manifest says nothing of:
/// an example beside the real service.
fn choose<'e>(
    entries: &'e [Entry<'e>],
    name: Option<&str>,
    binary: Option<&str>,
) -> Result<Option<&'e Entry<'e>>, String> {
    let of_binary: Vec<&Entry> = entries
        .iter()
        .filter(|entry| binary.is_some_and(|binary| entry.runs(binary)))
        .collect();
    let candidates: Vec<&str> = entries.iter().map(Entry::name).collect();
    if let Some(name) = name {
        let named = entries
            .iter()
            .find(|entry| entry.names.iter().any(|known| known == name));
        return match (named, &*of_binary) {
            (Some(entry), _) => Ok(Some(entry)),
            (None, []) => Ok(None),
            (None, _) => Err(names::unknown("service", name, &candidates)),
        };
    }
    match (&*of_binary, entries, binary) {
        ([entry], _, _) => Ok(Some(entry)),
        // The table of the only service says nothing of its binary, or a library holds what the binaries share.
        ([], [entry], None) => Ok(Some(entry)),
        ([], [entry], Some(_)) if entry.binaries.is_empty() => Ok(Some(entry)),
        ([], _, Some(binary)) => Err(format!(
            "no service here has `bin = \"{binary}\"`: add one, or say which it is with #[service(name = \"…\")], from {}",
            names::listed(&candidates)
        )),
        _ => Err(format!(
            "which of {} is it? Say so with #[service(name = \"…\")]",
            names::listed(&candidates)
        )),
    }
}

impl Entry<'_> {
    fn name(&self) -> &str {
        &self.names[0]
    }

    fn runs(&self, binary: &str) -> bool {
        self.binaries.iter().any(|known| known == binary)
    }
}

#[cfg(test)]
mod tests;
