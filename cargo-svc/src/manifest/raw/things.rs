//! What a service has on the machine, as it is typed: folders, files, secrets, sockets.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value};

use super::Spanned;
use super::systemd::Section;
use crate::manifest::switch::Switch;

/// `directories`
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Directories {
    /// What the service keeps; `{state-dir}`.
    pub state: Option<Spanned<Switch<Directory>>>,
    /// What it can make again; `{cache-dir}`.
    pub cache: Option<Spanned<Switch<Directory>>>,
    /// Its log files; `{logs-dir}`.
    pub logs: Option<Spanned<Switch<Directory>>>,
    /// What configures it, and it only reads; `{config-dir}`.
    pub config: Option<Spanned<Switch<Directory>>>,
    /// What is gone after a restart of the machine; `{runtime-dir}`.
    pub runtime: Option<Spanned<Switch<Directory>>>,
}

/// A folder of the service: `true`, its path, or a table.
#[derive(Debug, Default)]
pub struct Directory {
    /// Its path below the system's folder of its kind; none: the service's name.
    pub path: Option<Spanned<String>>,
    /// Who may use it, in octal digits.
    pub mode: Option<Spanned<String>>,
    /// The path, where it is all there is.
    pub alone: Option<String>,
}

/// A folder with what differs from the default.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct DirectoryTable {
    /// Its path below the system's folder of its kind. Default: the service's name.
    path: Option<Spanned<String>>,
    /// Who may use it, in octal digits.
    mode: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Directory {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DirectoryVisitor)
    }
}

struct DirectoryVisitor;

impl<'de> Visitor<'de> for DirectoryVisitor {
    type Value = Directory;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`true`, a path or a table")
    }

    // `false` is the switch around it.
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Directory, E> {
        Ok(Directory::default())
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<Directory, E> {
        Ok(Directory {
            alone: Some(path.to_owned()),
            ..Directory::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Directory, A::Error> {
        let DirectoryTable { path, mode } =
            DirectoryTable::deserialize(value::MapAccessDeserializer::new(map))?;
        Ok(Directory {
            path,
            mode,
            alone: None,
        })
    }
}

/// A file that is installed with the program.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct File {
    /// The file, below the package. Only a `required` one may be the administrator's alone.
    pub source: Option<Spanned<String>>,
    /// Where it goes: a placeholder and a path below it.
    pub to: Option<Spanned<String>>,
    /// Whether an administrator may edit it: an upgrade then leaves it alone.
    pub config: Option<bool>,
    /// Whether the service cannot start without it.
    pub required: Option<bool>,
    /// Its permissions, in octal digits.
    pub mode: Option<Spanned<String>>,
}

/// A secret that the administrator puts on the machine.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Credential {
    /// Its name, by which the program reads it.
    pub name: Option<Spanned<String>>,
    /// Whether the service cannot start without it.
    pub required: Option<bool>,
}

/// A listening socket, or several under one name.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Socket {
    /// Its name, by which the program asks for it.
    pub name: Option<Spanned<String>>,
    /// Its address or addresses: `tcp://`, `udp://`, `unix:` or `unixgram:`. Not needed where `systemd` says what it listens on.
    pub listen: Option<Spanned<OneOrMany>>,
    /// Who may connect to a socket in the file system, in octal digits.
    pub mode: Option<Spanned<String>>,
    /// Lines of `[Socket]` in its unit; `unit` and `install` are tables for the other sections, `name` is another name for it.
    pub systemd: Option<Section>,
}

/// A string, or an array of them.
#[derive(Debug, Default)]
pub struct OneOrMany {
    /// The string, where it is one.
    pub one: Option<String>,
    /// The array.
    pub many: Vec<Spanned<String>>,
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E: de::Error>(self, one: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany {
            one: Some(one.to_owned()),
            many: Vec::new(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<OneOrMany, A::Error> {
        let many = Vec::deserialize(value::SeqAccessDeserializer::new(items))?;
        Ok(OneOrMany { one: None, many })
    }
}
