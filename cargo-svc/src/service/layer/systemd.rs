//! Checks the keys that only systemd has.

use super::{Checker, Fault, Values, line};
use crate::diagnostics::{Declared, Diagnostic, Level};
use crate::directives::{NEWEST, Section};
use crate::manifest::raw::{self, Spanned};
use crate::service::systemd::{Lines, MIN_VERSION, RawUnit, Scope, UnitType};

/// The keys of one table; none where it does not have them.
#[derive(Debug, Default, Clone)]
pub(in crate::service) struct SystemdLayer {
    pub(in crate::service) kind: Option<Declared<UnitType>>,
    pub(in crate::service) scope: Option<Declared<Scope>>,
    pub(in crate::service) min_version: Option<Declared<u32>>,
    pub(in crate::service) wanted_by: Option<Values<String>>,
    pub(in crate::service) wants: Option<Values<String>>,
    pub(in crate::service) capabilities: Option<Values<String>>,
    pub(in crate::service) writable: Option<Values<String>>,
    pub(in crate::service) template: Option<bool>,
    pub(in crate::service) bin_dir: Option<Declared<String>>,
    pub(in crate::service) unit: Option<Lines>,
    pub(in crate::service) service: Option<Lines>,
    pub(in crate::service) install: Option<Lines>,
    pub(in crate::service) socket: Option<RawUnit>,
    pub(in crate::service) timer: Option<RawUnit>,
    pub(in crate::service) path: Option<RawUnit>,
}

impl SystemdLayer {
    /// These keys, and those of the layer below where there are none.
    pub(in crate::service) fn over(self, below: Self) -> Self {
        Self {
            kind: self.kind.or(below.kind),
            scope: self.scope.or(below.scope),
            min_version: self.min_version.or(below.min_version),
            wanted_by: self.wanted_by.or(below.wanted_by),
            wants: self.wants.or(below.wants),
            capabilities: self.capabilities.or(below.capabilities),
            writable: self.writable.or(below.writable),
            template: self.template.or(below.template),
            bin_dir: self.bin_dir.or(below.bin_dir),
            unit: self.unit.or(below.unit),
            service: self.service.or(below.service),
            install: self.install.or(below.install),
            socket: self.socket.or(below.socket),
            timer: self.timer.or(below.timer),
            path: self.path.or(below.path),
        }
    }
}

impl Checker<'_> {
    /// Checks all of them.
    pub(in crate::service) fn systemd(&mut self, keys: &raw::Systemd) -> SystemdLayer {
        SystemdLayer {
            kind: keys.kind.as_ref().map(|kind| self.as_is("type", kind)),
            scope: keys.scope.as_ref().map(|scope| self.as_is("scope", scope)),
            min_version: keys.min_version.as_ref().and_then(|typed| {
                self.declared("min-version", typed, |version| min_version(*version))
                    .ok()
            }),
            wanted_by: self.words("wanted-by", keys.wanted_by.as_ref(), unit),
            wants: self.words("wants", keys.wants.as_ref(), unit),
            capabilities: self.capabilities(keys.capabilities.as_ref()),
            writable: self.words("writable", keys.writable.as_ref(), absolute),
            template: keys.template.as_ref().map(|template| *template.get_ref()),
            bin_dir: keys
                .bin_dir
                .as_ref()
                .and_then(|dir| self.declared("bin-dir", dir, |dir| bin_dir(dir)).ok()),
            unit: keys
                .unit
                .as_ref()
                .map(|lines| self.raw_lines("unit", Section::Unit, lines)),
            service: keys
                .service
                .as_ref()
                .map(|lines| self.raw_lines("service", Section::Service, lines)),
            install: keys
                .install
                .as_ref()
                .map(|lines| self.raw_lines("install", Section::Install, lines)),
            socket: keys.socket.as_ref().map(|unit| self.all_sockets(unit)),
            timer: keys
                .timer
                .as_ref()
                .map(|unit| self.starter("timer", Section::Timer, unit)),
            path: keys
                .path
                .as_ref()
                .map(|unit| self.starter("path", Section::Path, unit)),
        }
    }

    pub(super) fn as_is<T: Copy>(&self, key: &str, typed: &Spanned<T>) -> Declared<T> {
        Declared::at(*typed.get_ref(), self.place(key, typed.span()))
    }

    pub(super) fn words(
        &mut self,
        key: &str,
        typed: Option<&Spanned<Vec<Spanned<String>>>>,
        check: fn(&str) -> Result<String, Fault>,
    ) -> Option<Values<String>> {
        let mut words = Vec::new();
        for word in typed?.get_ref() {
            words.extend(self.declared(key, word, |word| check(word)).ok());
        }
        Some(words)
    }

    /// The lines of all socket units, which cannot have one name.
    fn all_sockets(&mut self, typed: &raw::Section) -> RawUnit {
        if let Some(name) = &typed.name {
            let fault = Fault::new("several units cannot have one name")
                .help("write it into the `systemd` table of one of the `sockets`");
            self.refuse("socket.name", name.span(), fault);
        }
        self.raw_lines_of("socket", Section::Socket, typed)
    }

    fn capabilities(
        &mut self,
        typed: Option<&Spanned<Vec<Spanned<String>>>>,
    ) -> Option<Values<String>> {
        let mut names = self.words("capabilities", typed, capability)?;
        names.retain(|name| self.has_capability(name));
        Some(names)
    }

    /// A unit that stands in one table, which may be empty.
    fn starter(&mut self, key: &str, section: Section, typed: &Spanned<raw::Section>) -> RawUnit {
        RawUnit {
            place: Some(self.place(key, typed.span())),
            ..self.raw_unit(key, section, typed.get_ref())
        }
    }

    pub(super) fn raw_unit(
        &mut self,
        key: &str,
        section: Section,
        typed: &raw::Section,
    ) -> RawUnit {
        RawUnit {
            name: typed.name.as_ref().and_then(|name| {
                let key = format!("{key}.name");
                self.declared(&key, name, |name| unit_stem(name)).ok()
            }),
            ..self.raw_lines_of(key, section, typed)
        }
    }

    /// What a unit says, without its name.
    fn raw_lines_of(&mut self, key: &str, section: Section, typed: &raw::Section) -> RawUnit {
        RawUnit {
            place: None,
            name: None,
            own: self.raw_lines(key, section, &typed.own),
            unit: self.raw_lines(&format!("{key}.unit"), Section::Unit, &typed.unit),
            install: self.raw_lines(&format!("{key}.install"), Section::Install, &typed.install),
        }
    }

    /// Reports what systemd does not take. Of one that is newer than what is known of it nobody can say that.
    pub(super) fn may_be_newer(&mut self, mut found: Diagnostic) -> bool {
        if self.is_ahead {
            found.level = Level::Warning;
            found = found.help(format!(
                "`min-version` is above {NEWEST}, the newest systemd that cargo-svc knows: it is written as it stands"
            ));
        }
        self.report.add(found);
        self.is_ahead
    }
}

fn min_version(version: i64) -> Result<u32, Fault> {
    match u32::try_from(version) {
        Ok(version @ MIN_VERSION..) => Ok(version),
        _ => Err(Fault::new(format!(
            "the oldest systemd that cargo-svc writes for is {MIN_VERSION}"
        ))),
    }
}

/// The name of a unit with its type (systemd.unit(5)).
pub(in crate::service) fn unit_name(name: &str) -> Result<String, String> {
    const TYPES: [&str; 11] = [
        "service",
        "target",
        "socket",
        "timer",
        "path",
        "mount",
        "automount",
        "swap",
        "slice",
        "scope",
        "device",
    ];
    let known = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@%".contains(c);
    let (stem, kind) = name.rsplit_once('.').unwrap_or_default();
    if !stem.is_empty() && TYPES.contains(&kind) && name.chars().all(known) && name.len() < 256 {
        return Ok(name.to_owned());
    }
    Err("the name of a unit with its suffix was expected, such as \"multi-user.target\"".into())
}

fn unit(name: &str) -> Result<String, Fault> {
    Ok(unit_name(name)?)
}

/// The name of a unit without its type; an `@` at its end makes it a template.
fn unit_stem(name: &str) -> Result<String, Fault> {
    let known = |c: char| c.is_ascii_alphanumeric() || ":-_.\\".contains(c);
    let stem = name.strip_suffix('@').unwrap_or(name);
    if !stem.is_empty() && stem.chars().all(known) && name.len() < 248 {
        return Ok(name.to_owned());
    }
    Err(
        Fault::new("the name of a unit without its suffix was expected")
            .help("it has ASCII letters, digits and `:-_.\\`, for example: \"beacon-http\""),
    )
}

/// A capability's name (capabilities(7)).
fn capability(name: &str) -> Result<String, Fault> {
    let upper = name.to_ascii_uppercase();
    let rest = upper.strip_prefix("CAP_").unwrap_or_default();
    if !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
        return Ok(upper);
    }
    Err(Fault::new("a capability's name was expected")
        .help("for example: \"CAP_NET_BIND_SERVICE\""))
}

fn absolute(path: &str) -> Result<String, Fault> {
    line(path)?;
    if path.starts_with('/') && !path.split('/').any(|step| matches!(step, "." | "..")) {
        return Ok(path.to_owned());
    }
    Err(Fault::new(
        "an absolute path without `.` and `..` was expected",
    ))
}

fn bin_dir(path: &str) -> Result<String, Fault> {
    let path = absolute(path)?;
    match path.trim_end_matches('/') {
        "" => {
            Err(Fault::new("a folder below the root was expected")
                .help("for example: \"/usr/bin\""))
        }
        path => Ok(path.to_owned()),
    }
}
