//! Checks lines of raw tables: as keys, and as whole lines.

use super::{Checker, Fault};
use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::directives::{self, Directive, NEWEST, Section};
use crate::escape::unit::is_continued;
use crate::manifest::{list, raw};
use crate::service::systemd::{Lines, RawLine};

impl Checker<'_> {
    /// Lines of a section. systemd only warns of a directive that it does not know there, and of a value that it would not take,
    /// and goes on without the line: they are refused here.
    pub(super) fn raw_lines(&mut self, key: &str, section: Section, typed: &raw::Lines) -> Lines {
        let mut lines = Vec::with_capacity(typed.keys.len() + typed.whole.len());
        for (name, line) in &typed.keys {
            let path = format!("{key}.{name}");
            let place = self.place(&path, name.span());
            let Ok(known) = self.directive(section, name.get_ref(), &place) else {
                continue;
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
            lines.push(RawLine {
                key,
                values,
                is_whole: false,
            });
        }
        let path = format!("{key}.{}", raw::WHOLE);
        for line in &typed.whole {
            let alone = |name: &str| typed.keys.iter().all(|(key, _)| key.get_ref() != name);
            let Ok(found) = self.declared(&path, line, |line| assignment(line, alone)) else {
                continue;
            };
            let (name, value) = found.value;
            let place = self.place(&path, line.span());
            let Ok(known) = self.directive(section, &name, &place) else {
                continue;
            };
            let value = Declared::at(value, place.clone());
            if self.takes(known, &value) {
                lines.push(RawLine {
                    key: Declared::at(name, place),
                    values: vec![value],
                    is_whole: true,
                });
            }
        }
        Lines(lines)
    }

    /// A directive of a section, as far as systemd knows it. What is not to be written is reported.
    fn directive(
        &mut self,
        section: Section,
        name: &str,
        place: &Place,
    ) -> Result<Option<&'static Directive>, Fault> {
        if let Err(label) = directive_name(name) {
            let found = Diagnostic::error(format!("no directive can be called {name:?}"));
            self.report.add(found.at(Some(place)).label(label));
            return Err(Fault::Said);
        }
        known(section, name).or_else(|error| {
            if self.may_be_newer(error.at(Some(place))) {
                Ok(None)
            } else {
                Err(Fault::Said)
            }
        })
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
}

/// Whether a line that begins with it is an assignment to it, and the only one.
fn directive_name(name: &str) -> Result<(), String> {
    super::check_characters(name)?;
    if name.contains('=')
        || name.trim() != name
        || !name.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        return Err("the name of a directive was expected, such as `LimitNOFILE`".into());
    }
    Ok(())
}

/// What systemd knows of a directive of a section; nothing of an extension, which is somebody else's.
#[expect(clippy::result_large_err, reason = "it is reported at once")]
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

/// One of `lines`: a directive and its value. `alone` says whether the directive has no key of its own.
fn assignment(line: &str, alone: impl Fn(&str) -> bool) -> Result<(String, String), Fault> {
    let Some((name, value)) = line.split_once('=') else {
        return Err(Fault::new("`Directive=value` was expected"));
    };
    let name = name.trim();
    if !alone(name) {
        return Err(Fault::new(format!("`{name}` is a key of the table, too"))
            .help("write all its lines here, or all there"));
    }
    Ok((name.to_owned(), verbatim(value)?))
}

/// A value of a unit as it stands: one line, which does not swallow the next one. A tab is a blank there.
fn verbatim(value: &str) -> Result<String, Fault> {
    super::check_characters(&value.replace('\t', " "))?;
    let trimmed = value.trim();
    if is_continued(trimmed.as_bytes()) {
        return Err(Fault::new(
            "a `\\` at the end of a line joins the next line to it",
        ));
    }
    Ok(trimmed.to_owned())
}
