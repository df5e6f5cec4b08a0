//! Checks the keys that only systemd has.

use super::{Checker, Fault, Values, line};
use crate::diagnostics::{Declared, Diagnostic, Level};
use crate::directives::{self, Directive, NEWEST, Section};
use crate::manifest::list;
use crate::manifest::raw::{self, Spanned};
use crate::service::systemd::{Lines, MIN_VERSION, RawLine, RawUnit, Scope, UnitType};

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

    /// Lines of a section. systemd only warns of a directive that it does not know there, and of a value that it would not take,
    /// and goes on without the line: they are refused here.
    fn raw_lines(&mut self, key: &str, section: Section, typed: &raw::Lines) -> Lines {
        let mut lines = Vec::with_capacity(typed.0.len());
        for (name, line) in &typed.0 {
            let path = format!("{key}.{name}");
            let place = self.place(&path, name.span());
            let known = match known(section, name.get_ref()) {
                Ok(known) => known,
                Err(error) => {
                    let error = error.at(Some(&place));
                    if !self.may_be_newer(error) {
                        continue;
                    }
                    None
                }
            };
            let mut values = Vec::new();
            let verbatim = |value: &raw::Scalar| verbatim(&value.to_string());
            match line.get_ref() {
                raw::Line::One(scalar) => match verbatim(scalar) {
                    Ok(value) => values.push(Declared::at(value, self.place(&path, line.span()))),
                    Err(fault) => self.refuse(&path, line.span(), fault),
                },
                raw::Line::Many(scalars) => {
                    for scalar in scalars {
                        values.extend(self.declared(&path, scalar, verbatim).ok());
                    }
                }
            }
            values.retain(|value| self.takes(known, value));
            let key = Declared::at(name.get_ref().clone(), place);
            lines.push(RawLine { key, values });
        }
        Lines(lines)
    }

    /// Whether the directive takes the value, or may. What it does not take is reported.
    fn takes(&mut self, known: Option<&Directive>, value: &Declared<String>) -> bool {
        let Some((known, Err(what))) = known.map(|known| (known, known.check(&value.value))) else {
            return true;
        };
        if let Some(unheard) = known.unheard(&value.value) {
            let (name, words) = (known.name, list(&unheard));
            self.report.add(
                Diagnostic::warning(format!(
                    "`{name}` holds what systemd {NEWEST} does not know: {words}"
                ))
                .at(value.place())
                .label("it is written as it stands; a systemd that does not know it leaves it out"),
            );
            return true;
        }
        self.may_be_newer(
            Diagnostic::error(format!("invalid value for `{}`", known.name))
                .at(value.place())
                .label(what),
        )
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

#[expect(clippy::result_large_err, reason = "it is reported at once")]
/// What systemd knows of a directive of a section; nothing of an extension, which is somebody else's.
fn known(section: Section, key: &str) -> Result<Option<&'static Directive>, Diagnostic> {
    if let Some(known) = directives::find(section, key) {
        return Ok(Some(known));
    }
    if directives::is_extension(key) {
        return Ok(None);
    }
    let found = Diagnostic::error(format!("systemd knows no `{key}` in {section}"));
    let others: Vec<_> = directives::sections_of(key)
        .iter()
        .map(ToString::to_string)
        .collect();
    Err(match directives::nearest(section, key) {
        _ if !others.is_empty() => found.label(format!("it belongs in {}", others.join(" or "))),
        Some(near) => found.label(format!("did you mean `{near}`?")),
        None => found
            .label("not a directive of this section")
            .help("what is somebody else's begins with `X-`"),
    })
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

/// A value of a unit as it stands: one line, which does not swallow the next one. A tab is a blank there.
fn verbatim(value: &str) -> Result<String, Fault> {
    super::check_characters(&value.replace('\t', " "))?;
    let trimmed = value.trim();
    if trimmed
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count()
        % 2
        == 1
    {
        return Err(Fault::new(
            "a `\\` at the end of a line joins the next line to it",
        ));
    }
    Ok(trimmed.to_owned())
}
