//! The keys that only `[package.metadata.service.systemd]` takes, and the lines of units that stand there as they are.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor, value};

use super::Spanned;

/// What `systemd` takes besides the portable keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Systemd {
    /// How systemd learns that the service is up. Default: `notify` for a program with svc-rt, else `exec`.
    #[serde(rename = "type")]
    pub kind: Option<Spanned<UnitType>>,
    /// Whose service manager runs the service.
    pub scope: Option<Spanned<Scope>>,
    /// The oldest systemd that the units are for. Default: 247.
    pub min_version: Option<Spanned<i64>>,
    /// The units that start the service when it is enabled. Default: `multi-user.target`.
    pub wanted_by: Option<Spanned<Vec<Spanned<String>>>>,
    /// Units that are started with the service, if they are there, and before it.
    pub wants: Option<Spanned<Vec<Spanned<String>>>>,
    /// Capabilities that the service has and keeps, see capabilities(7); it has no others.
    pub capabilities: Option<Spanned<Vec<Spanned<String>>>>,
    /// Paths that the service may write to besides its own folders.
    pub writable: Option<Spanned<Vec<Spanned<String>>>>,
    /// Whether the unit is a template, `name@.service`; `{instance}` then stands for what follows the `@`.
    pub template: Option<Spanned<bool>>,
    /// The folder of the program in the committed unit. Default: `/usr/bin`.
    pub bin_dir: Option<Spanned<String>>,
    /// Lines of the service's `[Unit]`, verbatim; they replace what cargo-svc would write.
    pub unit: Option<Lines>,
    /// Lines of its `[Service]`, verbatim; they replace what cargo-svc would write.
    pub service: Option<Lines>,
    /// Lines of its `[Install]`, verbatim; they replace what cargo-svc would write.
    pub install: Option<Lines>,
    /// Lines of `[Socket]` in all its socket units; `unit` and `install` are tables for their other sections.
    pub socket: Option<Section>,
    /// `[Timer]` of its timer unit; `unit` and `install` are tables for its other sections, `name` is another name for it.
    pub timer: Option<Spanned<Section>>,
    /// `[Path]` of its path unit; `unit` and `install` are tables for its other sections, `name` is another name for it.
    pub path: Option<Spanned<Section>>,
}

/// `type`: the values of `Type=` (systemd.service(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "systemd.service(5) explains each")]
pub enum UnitType {
    Simple,
    Exec,
    Forking,
    Oneshot,
    Dbus,
    Notify,
    NotifyReload,
    Idle,
}

/// `scope`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The machine's service manager.
    System,
    /// Each user's own.
    User,
}

/// The key of a table of directives that holds whole lines.
pub const WHOLE: &str = "lines";

/// Lines of one section.
#[derive(Debug, Default)]
pub struct Lines {
    /// Directives in the order in which they are typed; each stands here once.
    pub keys: Vec<(Spanned<String>, Spanned<Line>)>,
    /// `lines`: assignments of several directives in their order.
    pub whole: Vec<Spanned<String>>,
}

/// The values of one key.
#[derive(Debug)]
pub enum Line {
    /// One assignment.
    One(Scalar),
    /// One assignment for each element.
    Many(Vec<Spanned<Scalar>>),
}

/// The value of one assignment.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Text, verbatim.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Another number.
    Fraction(f64),
    /// `yes` or `no`.
    Bool(bool),
}

/// A unit's own section, with `unit` and `install` tables for its other two.
#[derive(Debug, Default)]
pub struct Section {
    /// The unit's name without its suffix, where it is not the one that cargo-svc would give it.
    pub name: Option<Spanned<String>>,
    /// Lines of `[Socket]`, `[Timer]` or `[Path]`.
    pub own: Lines,
    /// Lines of `[Unit]`.
    pub unit: Lines,
    /// Lines of `[Install]`.
    pub install: Lines,
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LinesVisitor)
    }
}

struct LinesVisitor;

impl<'de> Visitor<'de> for LinesVisitor {
    type Value = Lines;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of directives")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Lines, A::Error> {
        let mut lines = Lines::default();
        while let Some(key) = map.next_key()? {
            lines.take(key, &mut map)?;
        }
        Ok(lines.in_order())
    }
}

impl Lines {
    /// Takes the value of a key. Directives begin with a capital: the word is free.
    fn take<'de, A: MapAccess<'de>>(
        &mut self,
        key: Spanned<String>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if key.get_ref() == WHOLE {
            self.whole = map.next_value()?;
        } else {
            self.keys.push((key, map.next_value()?));
        }
        Ok(())
    }

    /// As they are typed: the parser sorts a table by its keys.
    fn in_order(mut self) -> Self {
        self.keys.sort_by_key(|(key, _)| key.span().start);
        self
    }
}

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SectionVisitor)
    }
}

struct SectionVisitor;

impl<'de> Visitor<'de> for SectionVisitor {
    type Value = Section;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of directives")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Section, A::Error> {
        let mut section = Section::default();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            // These words are free, too.
            match key.get_ref().as_str() {
                "name" => section.name = Some(map.next_value()?),
                "unit" => section.unit = map.next_value()?,
                "install" => section.install = map.next_value()?,
                _ => section.own.take(key, &mut map)?,
            }
        }
        section.own = section.own.in_order();
        Ok(section)
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number, a boolean or an array of these")
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Line, E> {
        ScalarVisitor.visit_bool(yes).map(Line::One)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Line, E> {
        ScalarVisitor.visit_i64(number).map(Line::One)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Line, E> {
        ScalarVisitor.visit_f64(number).map(Line::One)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Line, E> {
        ScalarVisitor.visit_str(text).map(Line::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Line, A::Error> {
        Vec::deserialize(value::SeqAccessDeserializer::new(items)).map(Line::Many)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(yes))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Fraction(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Fraction(number) => write!(f, "{number}"),
            Self::Bool(yes) => f.write_str(if *yes { "yes" } else { "no" }),
        }
    }
}
