//! The JSON Schema of the metadata, for editors: made of the types that read the manifest, of what `manifest::keys` says of each key,
//! and of what the service stage takes (`refine`).
//!
//! The schema takes whatever cargo-svc takes. It refuses what can be told from the shape of a value alone; what needs the rest
//! of the manifest (a folder that is not declared, a socket on a system without it) is left to `cargo svc check`.
//!
//! It is written in draft-07, which taplo and Visual Studio Code know in all their versions, and it describes Cargo.toml as a
//! whole, since that is what they check.

mod directives;
mod raw;
mod refine;

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::directives::Section;
use crate::manifest::keys::{KEYS, KeyInfo, Scope, Usage};
use crate::manifest::raw::{PackageTable, Portable, Systemd, Windows};

/// The tables that hold keys of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// The service's own table.
    Service,
    /// Its `systemd` table.
    Systemd,
    /// Its `windows` table.
    Windows,
}

/// Whose table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Package,
    Workspace,
}

/// Keys that have no default in the workspace.
const OWN: [&str; 4] = ["name", "bin", "events", "sockets"];

/// Keys that cannot be switched off: a service has them.
const NEVER_OFF: [&str; 3] = ["name", "bin", "account"];

/// The schema as it is printed.
pub fn text() -> String {
    format!("{:#}\n", document())
}

/// The schema.
pub fn document() -> Value {
    let mut schema = Builder::default();
    for section in Section::ALL {
        schema.define(&directives::name(section), directives::lines(section));
    }
    let one = schema.service(Owner::Package);
    let defaults = schema.service(Owner::Workspace);
    let settings = schema.package();
    let service = one_or_several(&schema.definitions, &one);
    let metadata =
        |tables: Value| json!({ "properties": { "metadata": { "properties": tables } } });
    let mut document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Cargo.toml with the metadata of cargo-svc",
        "type": "object",
        "properties": {
            "package": metadata(json!({
                "service": service,
                "service-package": settings,
            })),
            "workspace": metadata(json!({
                "service": defaults,
                "service-package": {
                    "description": "Each package has its own `[package.metadata.service-package]`.",
                    "not": {},
                },
            })),
        },
        "definitions": schema.definitions,
    });
    // The same bytes whichever features serde_json is built with.
    document.sort_all_objects();
    document
}

/// Collects the definitions.
#[derive(Default)]
struct Builder {
    definitions: Map<String, Value>,
}

impl Builder {
    /// Keeps a schema under a name, and points to it.
    fn define(&mut self, name: &str, schema: Value) -> Value {
        self.definitions.insert(name.to_owned(), schema);
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// One service's table with the two in it, or the workspace's defaults.
    fn service(&mut self, owner: Owner) -> Value {
        let name = match owner {
            Owner::Package => "service",
            Owner::Workspace => "workspace-service",
        };
        let mut keys = self.portable(owner, Layer::Service);
        for (layer, target, system) in [
            (Layer::Systemd, "systemd", "systemd"),
            (Layer::Windows, "windows", "Windows"),
        ] {
            let mut own = self.portable(owner, layer);
            own.extend(match layer {
                Layer::Systemd => self.own_systemd(),
                _ => self.own_windows(),
            });
            let about = format!(
                "What differs on {system}: any key of the service stands here again and replaces its value, and `false` writes \
                 nothing. `{target} = false`: the service is not for {system}."
            );
            let mut table = object(&own, &about);
            table["type"] = json!(["object", "boolean"]);
            table["not"] = json!({ "const": true });
            keys.insert(
                target.into(),
                self.define(&format!("{name}.{target}"), table),
            );
        }
        self.define(
            name,
            object(
                &keys,
                "A service. Its keys mean the same on systemd and on Windows.",
            ),
        )
    }

    /// The portable keys as one table takes them.
    fn portable(&mut self, owner: Owner, layer: Layer) -> Map<String, Value> {
        let generator = &mut raw::generator();
        let mut keys = Map::new();
        for (key, usage, schema) in described::<Portable>(generator, Scope::Portable) {
            if owner == Owner::Workspace && OWN.contains(&key.name) {
                continue;
            }
            let value = refine::portable(key.name, layer, schema);
            let value = describe(value, usage);
            // Where a target's form is the service's own, both have one definition.
            let plain = format!("service.{}", key.name);
            let reference = match self.definitions.get(&plain) {
                Some(other) if *other != value => {
                    let target = format!("service.{}.{}", layer.word(), key.name);
                    self.define(&target, value)
                }
                _ => self.define(&plain, value),
            };
            let off = layer != Layer::Service && !NEVER_OFF.contains(&key.name);
            let schema = if off {
                json!({ "anyOf": [reference, { "const": false }] })
            } else {
                reference
            };
            keys.insert(key.name.to_owned(), schema);
        }
        keys
    }

    fn own_systemd(&mut self) -> Map<String, Value> {
        let generator = &mut raw::generator();
        let keys = described::<Systemd>(generator, Scope::Systemd);
        keys.map(|(key, usage, schema)| {
            let value = describe(refine::systemd(key.name, schema), usage);
            let name = format!("service.systemd.{}", key.name);
            (key.name.to_owned(), self.define(&name, value))
        })
        .collect()
    }

    fn own_windows(&mut self) -> Map<String, Value> {
        let generator = &mut raw::generator();
        let keys = described::<Windows>(generator, Scope::Windows);
        keys.map(|(key, usage, schema)| {
            let value = describe(refine::windows(key.name, schema), usage);
            let name = format!("service.windows.{}", key.name);
            (key.name.to_owned(), self.define(&name, value))
        })
        .collect()
    }

    fn package(&mut self) -> Value {
        let generator = &mut raw::generator();
        let keys = described::<PackageTable>(generator, Scope::Package);
        let keys = keys
            .map(|(key, usage, schema)| {
                let value = describe(refine::package(key.name, schema), usage);
                (key.name.to_owned(), value)
            })
            .collect::<Map<_, _>>();
        let about = "What belongs to the package as a whole, with one service or several.";
        self.define("service-package", object(&keys, about))
    }
}

impl Layer {
    const fn word(self) -> &'static str {
        match self {
            Self::Service => "own",
            Self::Systemd => "systemd",
            Self::Windows => "windows",
        }
    }
}

/// The keys of a type that are supported, each with its schema.
fn described<T: schemars::JsonSchema>(
    generator: &mut SchemaGenerator,
    scope: Scope,
) -> impl Iterator<Item = (&'static KeyInfo, &'static Usage, Value)> {
    let mut schemas = raw::properties::<T>(generator);
    KEYS.iter()
        .filter(move |key| key.scope == scope)
        .filter_map(move |key| Some((key, key.usage.as_ref()?, schemas.remove(key.name)?)))
}

/// Adds to a key's meaning what it takes, and an example.
fn describe(mut schema: Value, usage: &Usage) -> Value {
    let meaning = schema["description"].as_str().unwrap_or_default();
    schema["description"] = format!("{meaning}\n\nExpected: {}.", usage.accepts).into();
    schema["examples"] = usage.values().into();
    schema
}

/// A service's table, or an array of them. One schema for both: keywords for tables and for arrays do not touch each other, and
/// an editor underlines what is wrong in the table, where it would underline all of it under an `anyOf`.
fn one_or_several(definitions: &Map<String, Value>, one: &Value) -> Value {
    let mut schema = definitions["service"].clone();
    schema["type"] = json!(["object", "array"]);
    schema["minItems"] = 1.into();
    schema["items"] = json!({ "allOf": [one, { "required": ["name", "bin"] }] });
    schema
}

/// A table that takes these keys and no others.
fn object(keys: &Map<String, Value>, description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": keys,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests;
