//! What systemd, or the kernel behind it, cannot carry. Limits measured on systemd 252.

use super::Placement;
use super::unit::{UnitFile, Value};
use crate::diagnostics::{Declared, Diagnostic, Place, Report};
use crate::escape::unit as escape;
use crate::service::{Portable, Restart, TimeSpan};

/// Longest argument or `NAME=value` in bytes: the kernel's `MAX_ARG_STRLEN`, 32 pages, less the NUL (execve(2)).
const STRING_BYTES: usize = 32 * 4096 - 1;

/// Longest line of a unit in bytes: one below systemd's `LONG_LINE_MAX` of 1 MiB; one more and it loads no line of the file.
const LINE_BYTES: usize = 1024 * 1024 - 1;

/// Arguments and environment together, in bytes: a quarter of the default stack limit of 8 MiB (execve(2)), less 128 KiB for
/// the variables that systemd adds.
pub(super) const EXEC_BYTES: usize = 2 * 1024 * 1024 - 128 * 1024;

/// Longest path and longest component in bytes: `PATH_MAX` with its NUL, `NAME_MAX`.
const PATH_BYTES: usize = 4095;
const COMPONENT_BYTES: usize = 255;

/// The findings about one service.
pub(super) struct Check<'a> {
    report: &'a mut Report,
    passed: bool,
}

impl<'a> Check<'a> {
    pub(super) fn new(report: &'a mut Report) -> Self {
        Self {
            report,
            passed: true,
        }
    }

    /// Whether nothing was refused.
    pub(super) fn passed(&self) -> bool {
        self.passed
    }

    pub(super) fn refuse(&mut self, error: Diagnostic) {
        self.passed = false;
        self.report.add(error);
    }

    /// Whether something was refused at this place already, for this service or for another one that has it from the same table.
    /// It is not said again, and the service is none without it all the same.
    pub(super) fn has_refused(&mut self, place: &Place) -> bool {
        let mut errors = self.report.errors_in(&place.source);
        let found = errors.any(|error| {
            error
                .place
                .as_ref()
                .is_some_and(|other| other.key == place.key)
        });
        self.passed &= !found;
        found
    }

    pub(super) fn note(&mut self, note: Diagnostic) {
        self.report.add(note);
    }

    fn refuse_value(&mut self, key: &str, place: Option<&Place>, what: &str, instead: &str) {
        self.refuse(
            Diagnostic::error(format!("systemd cannot take this value of `{key}`: {what}"))
                .at(place)
                .label(what)
                .help(instead)
                .help(format!(
                    "if only systemd is concerned, write another value for it as `systemd.{key}`"
                )),
        );
    }

    /// Characters that no line of a unit can hold.
    fn characters(&mut self, key: &str, place: Option<&Place>, text: &str) -> bool {
        match text.chars().find(|c| escape::is_refused(*c)) {
            None => true,
            Some(bad) => {
                let kind = if bad.is_control() {
                    "a control character"
                } else {
                    "a code point that Unicode reserves as no character"
                };
                let what = format!(
                    "U+{:04X} is {kind}, which a unit cannot hold",
                    u32::from(bad)
                );
                self.refuse_value(
                    key,
                    place,
                    &what,
                    "remove it, or put the text into a file that the program reads",
                );
                false
            }
        }
    }

    /// A line that is read as it stands.
    pub(super) fn text(&mut self, key: &str, text: &Declared<String>) {
        if !self.characters(key, text.place(), &text.value) {
            return;
        }
        if escape::is_continued(text.value.as_bytes()) {
            self.refuse_value(
                key,
                text.place(),
                "a `\\` at its end joins the next line to it",
                "let the text end in another character",
            );
        } else if text.value.trim_matches(escape::is_blank) != text.value {
            self.refuse_value(
                key,
                text.place(),
                "spaces at its beginning or end are dropped",
                "remove them",
            );
        }
    }

    pub(super) fn url(&mut self, key: &str, url: &Declared<String>) {
        const SCHEMES: [&str; 5] = ["https://", "http://", "file:/", "info:", "man:"];
        let rest = SCHEMES
            .iter()
            .find_map(|scheme| url.value.strip_prefix(scheme));
        if rest.is_none_or(str::is_empty) {
            self.refuse_value(
                key,
                url.place(),
                "`Documentation=` takes only https://, http://, file:/, info: and man:",
                "write a URI of one of these kinds",
            );
        } else if let Some(bad) = url
            .value
            .chars()
            .find(|c| !c.is_ascii_graphic() || "\"'\\".contains(*c))
        {
            self.refuse_value(
                key,
                url.place(),
                &format!("{bad:?} cannot stand in a URI"),
                "percent-encode it, for example `%20` for a space",
            );
        }
    }

    /// A path setting. `path` is what the placeholders came to.
    pub(super) fn path<T>(&mut self, key: &str, declared: &Declared<T>, path: &str) {
        let place = declared.place();
        if !self.characters(key, place, path) {
            return;
        }
        // The others are paths of files.
        let may_end_in_slash = !matches!(key, "sockets" | "files");
        let finding = if !path.starts_with('/') {
            Some((
                "the path is not absolute",
                "begin it with `/` or `{install-dir}`",
            ))
        } else if path.split('/').any(|part| part == "..") {
            Some((
                "`..` is not allowed in it",
                "write the folder that is meant",
            ))
        } else if escape::is_continued(path.as_bytes()) {
            Some((
                "a `\\` at its end joins the next line to it",
                if may_end_in_slash {
                    "write a `/` after it"
                } else {
                    "give it another name"
                },
            ))
        } else if path.ends_with(escape::is_blank) {
            let instead = if may_end_in_slash {
                "write a `/` after them"
            } else {
                "give it another name"
            };
            Some(("spaces at its end are dropped", instead))
        } else if path.len() > PATH_BYTES
            || path.split('/').any(|part| part.len() > COMPONENT_BYTES)
        {
            Some((
                "the path has more than 4095 bytes, or a folder's name more than 255",
                "write a shorter path",
            ))
        } else {
            None
        };
        if let Some((what, instead)) = finding {
            self.refuse_value(key, place, what, instead);
        }
    }

    /// An argument or a variable's value; `before` counts the bytes of `NAME=`.
    pub(super) fn exec_value<T>(
        &mut self,
        key: &str,
        declared: &Declared<T>,
        value: &str,
        before: usize,
    ) {
        if self.characters(key, declared.place(), value) && before + value.len() > STRING_BYTES {
            self.refuse_value(
                key,
                declared.place(),
                &format!(
                    "it has {} bytes, and Linux starts no program with an argument or a `NAME=value` of more than {STRING_BYTES}",
                    before + value.len()
                ),
                "put the text into a file that the program reads",
            );
        }
    }

    pub(super) fn delay(&mut self, key: &str, restart: &Declared<Restart>) {
        match restart.value.delay {
            TimeSpan::Infinite => self.refuse_value(
                key,
                restart.place(),
                "a restart after an infinite delay never comes",
                "write `restart = \"no\"`",
            ),
            TimeSpan::Finite(_) => self.representable(key, restart.place(), restart.value.delay),
        }
    }

    pub(super) fn timeout(&mut self, key: &str, time: &Declared<TimeSpan>) {
        if let TimeSpan::Finite(limit) = time.value
            && limit.as_micros() == 0
        {
            self.refuse_value(
                key,
                time.place(),
                "systemd reads a time-out of 0 as no limit at all",
                "write \"infinity\" for no limit, or a time above zero",
            );
        }
        self.representable(key, time.place(), time.value);
    }

    fn representable(&mut self, key: &str, place: Option<&Place>, time: TimeSpan) {
        if let TimeSpan::Finite(time) = time
            && time.as_micros() >= u128::from(u64::MAX)
        {
            self.refuse_value(
                key,
                place,
                "systemd counts microseconds in 64 bits, and this is more",
                "write \"infinity\"",
            );
        }
    }

    /// Lines that are too long once they are laid out.
    pub(super) fn lines(&mut self, unit: &UnitFile, keys: &Portable) {
        for directive in unit.sections.iter().flat_map(|section| &section.directives) {
            let value = escape::length(&directive.value, Placement::WIDEST.prefix());
            let bytes = directive.key.len() + 1 + value;
            if bytes <= LINE_BYTES {
                continue;
            }
            let (key, place) = match directive.value {
                Value::Command { .. } => ("args", keys.args.first().and_then(Declared::place)),
                Value::Text(_) => (
                    "description",
                    keys.description.as_ref().and_then(Declared::place),
                ),
                _ => (
                    "documentation",
                    keys.documentation.first().and_then(Declared::place),
                ),
            };
            self.refuse_value(
                key,
                place,
                &format!("its line has {bytes} bytes, and systemd reads at most {LINE_BYTES}"),
                "put the text into a file that the program reads",
            );
        }
    }
}
