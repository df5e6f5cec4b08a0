//! What a unit's file name says: systemd.unit(5), "Description".

use std::fmt;

use crate::directives::Section;

/// The kinds of units that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// `.service`.
    Service,
    /// `.socket`.
    Socket,
    /// `.timer`.
    Timer,
    /// `.path`.
    Path,
}

impl UnitKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Service, Self::Socket, Self::Timer, Self::Path];

    /// The file name's last part, without its point.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Socket => "socket",
            Self::Timer => "timer",
            Self::Path => "path",
        }
    }

    /// The section that only units of this kind have.
    pub const fn own_section(self) -> Section {
        match self {
            Self::Service => Section::Service,
            Self::Socket => Section::Socket,
            Self::Timer => Section::Timer,
            Self::Path => Section::Path,
        }
    }

    /// The sections that systemd reads in a unit of this kind. It ignores all others.
    pub const fn sections(self) -> [Section; 3] {
        [Section::Unit, self.own_section(), Section::Install]
    }
}

/// A unit's file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitName {
    /// What stands before the suffix and before an `@`.
    pub stem: String,
    /// What stands after the `@`; empty for a template, none for a unit without an `@`.
    pub instance: Option<String>,
    /// Its suffix.
    pub kind: UnitKind,
}

impl UnitName {
    /// Reads a file name, for example `beacon.service`, `beacon@.service` or `beacon@eu.service`.
    ///
    /// ```
    /// use cargo_svc::unit_file::{UnitKind, UnitName};
    /// let name = UnitName::parse("beacon@.service").unwrap();
    /// assert_eq!((name.stem.as_str(), name.kind), ("beacon", UnitKind::Service));
    /// assert!(name.is_template());
    /// ```
    ///
    /// # Errors
    /// Says in one sentence why it is not the name of a unit that can be read.
    pub fn parse(file_name: &str) -> Result<Self, String> {
        let known = || {
            UnitKind::ALL
                .map(|kind| format!(".{}", kind.suffix()))
                .join(", ")
        };
        let (rest, suffix) = file_name
            .rsplit_once('.')
            .ok_or_else(|| format!("a unit's file name ends in one of {}", known()))?;
        let kind = UnitKind::ALL
            .into_iter()
            .find(|kind| kind.suffix() == suffix)
            .ok_or_else(|| format!("`.{suffix}` is none of {}", known()))?;
        if let Some(c) = rest.chars().find(|c| !fits(*c)) {
            return Err(format!("a unit's name cannot hold {c:?}"));
        }
        if !is_unit_name(file_name) {
            return Err(format!("`{file_name}` is no name of a unit"));
        }
        let (stem, instance) = match rest.split_once('@') {
            Some((stem, instance)) => (stem, Some(instance.to_owned())),
            None => (rest, None),
        };
        Ok(Self {
            stem: stem.to_owned(),
            instance,
            kind,
        })
    }

    /// The file name of a unit of another kind that belongs to it: to a template, the one of the same instance.
    pub fn sibling(&self, kind: UnitKind) -> String {
        let (stem, suffix) = (&self.stem, kind.suffix());
        match self.instance.as_deref() {
            None => format!("{stem}.{suffix}"),
            Some("") => format!("{stem}@%i.{suffix}"),
            Some(instance) => format!("{stem}@{instance}.{suffix}"),
        }
    }

    /// Whether it names a template: `beacon@.service`.
    pub fn is_template(&self) -> bool {
        self.instance.as_deref() == Some("")
    }
}

/// The file name.
impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stem, suffix) = (&self.stem, self.kind.suffix());
        match &self.instance {
            None => write!(f, "{stem}.{suffix}"),
            Some(instance) => write!(f, "{stem}@{instance}.{suffix}"),
        }
    }
}

/// The suffixes of all kinds of units.
const SUFFIXES: [&str; 11] = [
    "automount",
    "device",
    "mount",
    "path",
    "scope",
    "service",
    "slice",
    "socket",
    "swap",
    "target",
    "timer",
];

/// Whether systemd takes a text for a unit's name (`unit_name_is_valid()`).
pub(super) fn is_unit_name(text: &str) -> bool {
    text.len() < 256
        && text.rsplit_once('.').is_some_and(|(rest, suffix)| {
            !rest.is_empty()
                && !rest.starts_with('@')
                && rest.chars().all(fits)
                && SUFFIXES.contains(&suffix)
        })
}

/// The characters of unit names.
fn fits(c: char) -> bool {
    c.is_ascii_alphanumeric() || ":-_.\\@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let name = |text| UnitName::parse(text).expect(text);
        let beacon = name("beacon.service");
        assert_eq!(
            (beacon.stem.as_str(), beacon.instance, beacon.kind),
            ("beacon", None, UnitKind::Service)
        );
        assert!(name("com.example.Beacon@.socket").is_template());
        assert_eq!(
            name("com.example.Beacon@.socket").stem,
            "com.example.Beacon"
        );
        assert_eq!(name("a@b@c.timer").instance.as_deref(), Some("b@c"));
        assert!(!name("a@b.timer").is_template());
        for (text, service) in [
            ("a.timer", "a.service"),
            ("a@.timer", "a@%i.service"),
            ("a@b.timer", "a@b.service"),
        ] {
            assert_eq!(name(text).sibling(UnitKind::Service), service);
        }
        assert_eq!(name(r"dev-\x20a.path").kind, UnitKind::Path);
    }

    #[test]
    fn what_is_no_unit_says_why() {
        for (text, part) in [
            ("beacon", "ends in one of .service"),
            ("beacon.service.in", "`.in` is none of"),
            ("beacon.mount", "`.mount` is none of"),
            (".service", "no name of a unit"),
            ("@.service", "no name of a unit"),
            ("b\u{e9}.service", "cannot hold 'é'"),
            ("a b.service", "cannot hold ' '"),
        ] {
            let error = UnitName::parse(text).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(is_unit_name("network-online.target") && !is_unit_name("network-online"));
        let long = format!("{}.service", "a".repeat(248));
        assert!(UnitName::parse(&long).is_err());
    }
}
