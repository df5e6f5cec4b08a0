//! From bytes to lines of a unit: systemd.syntax(7), and what systemd's parser makes of all that the page leaves open.
//!
//! Each rule was checked against systemd 252 and 257 (`config_parse()`).

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::lines::{LONGEST, Line, lines};
use super::{Comment, Entry, UnitName, UnitSection, UnitText};
use crate::diagnostics::{Diagnostic, Place, Report, SourceFile};
use crate::directives::Section;
use crate::escape::unit::{is_blank, is_continued};

/// The bytes before a text that some editors write; systemd skips them once.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a unit file. `path` is shown in messages.
///
/// What systemd ignores is a warning. `None` only if at least one error was added to the report: then systemd would load
/// nothing of the file.
///
/// ```
/// use cargo_svc::diagnostics::Report;
/// use cargo_svc::unit_file::{UnitName, read};
///
/// let text = b"# A test\n[Service]\nExecStart=/usr/bin/beacon \\\n  --verbose\n";
/// let name = UnitName::parse("beacon.service").unwrap();
/// let unit = read("beacon.service".as_ref(), name, text, &mut Report::default()).unwrap();
/// let entry = &unit.sections[0].entries[0];
/// assert_eq!((entry.line, entry.value.as_str()), (3, "/usr/bin/beacon    --verbose"));
/// assert_eq!(unit.sections[0].comments[0].text, " A test");
/// ```
pub fn read(path: &Path, name: UnitName, bytes: &[u8], report: &mut Report) -> Option<UnitText> {
    let (text, lines) = lines(bytes);
    let source = Arc::new(SourceFile {
        path: path.to_path_buf(),
        text,
    });
    let mut reader = Reader {
        report,
        comments: Vec::new(),
        gap: 0,
        here: Here::Nowhere,
        marked: false,
        broken: false,
        unit: UnitText {
            name,
            source: Arc::clone(&source),
            sections: Vec::new(),
            ignored: Vec::new(),
            comments: Vec::new(),
        },
    };
    if bytes.is_empty() {
        let place = reader.place("", 0..0);
        reader.warn(
            &place,
            "the file is empty",
            "systemd takes the unit for a masked one, which nothing can start",
        );
    }
    let mut open = None;
    for line in lines {
        reader.line(&source, line, &mut open);
    }
    // A backslash at the end of the file continues with nothing.
    if let Some(logical) = open {
        reader.logical(&source, &logical);
    }
    reader.end();
    (!reader.broken).then_some(reader.unit)
}

/// What a line belongs to.
#[derive(Clone, Copy)]
enum Here {
    /// No section began yet, or one whose header is wrong.
    Nowhere,
    /// A section that is read, by its index.
    Read(usize),
    /// One that is ignored, by its index.
    Ignored(usize),
}

/// A line with its continuations.
struct Logical {
    /// The text, in which a blank stands for each backslash at a line's end.
    text: String,
    /// Its first line.
    number: usize,
    /// Where each of its lines stands, comments left out.
    pieces: Vec<Range<usize>>,
    /// The bytes that it has in the file.
    length: usize,
    /// Whether all of its lines are UTF-8.
    valid: bool,
}

struct Reader<'a> {
    report: &'a mut Report,
    unit: UnitText,
    /// Comments that belong to what follows.
    comments: Vec<Comment>,
    /// How many of them stand above the last empty line.
    gap: usize,
    here: Here,
    /// Whether the byte order mark was seen.
    marked: bool,
    broken: bool,
}

impl Reader<'_> {
    fn line(&mut self, source: &SourceFile, line: Line, open: &mut Option<Logical>) {
        let place = self.place("", line.span.clone());
        if line.nul {
            let message = format!("line {} ends in NUL", line.number);
            self.warn(&place, message, "systemd takes NUL for the end of the line");
        }
        if line.length > LONGEST {
            self.too_long(&place);
            return;
        }
        let text = &source.text[line.span.clone()];
        if let Some(comment) = text.trim_start_matches(is_blank).strip_prefix(['#', ';']) {
            if !line.valid {
                let message = format!("the comment in line {} is not UTF-8", line.number);
                self.warn(&place, message, "what cannot be read is replaced");
            }
            self.comments.push(Comment {
                line: line.number,
                text: comment.to_owned(),
            });
            return;
        }
        let mut text = text;
        if let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK).filter(|_| !self.marked) {
            text = rest;
            self.marked = true;
        }
        let mut logical = open.take().unwrap_or_else(|| Logical {
            text: String::new(),
            number: line.number,
            pieces: Vec::new(),
            length: 0,
            valid: true,
        });
        logical.text.push_str(text);
        logical.length += line.length;
        logical.valid &= line.valid;
        logical.pieces.push(line.span);
        // Joined lines may have one byte more than a single one.
        if logical.length > LONGEST + 1 {
            self.too_long(&place);
            return;
        }
        if is_continued(logical.text.as_bytes()) {
            logical.text.pop();
            logical.text.push(' ');
            *open = Some(logical);
        } else {
            self.logical(source, &logical);
        }
    }

    fn logical(&mut self, source: &SourceFile, logical: &Logical) {
        let text = logical.text.trim_matches(is_blank);
        if text.is_empty() {
            self.gap = self.comments.len();
            return;
        }
        let whole = logical.pieces.first().map_or(0, |piece| piece.start)
            ..logical.pieces.last().map_or(0, |piece| piece.end);
        let place = self.place("", whole.clone());
        if !logical.valid {
            self.fail(
                &place,
                format!("line {} is not UTF-8", logical.number),
                "systemd loads nothing of a unit with such a line",
                "save the file as UTF-8",
            );
        } else if text.starts_with('[') {
            self.header(logical.number, text, &place);
        } else {
            self.assignment(source, logical, text, whole);
        }
    }

    fn header(&mut self, number: usize, text: &str, place: &Place) {
        let word = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let word = word
            .filter(|word| !word.contains(|c: char| c.is_ascii_control() || "\"'\\".contains(c)));
        let Some(word) = word else {
            self.here = Here::Nowhere;
            self.fail(
                place,
                format!("`{text}` is not the header of a section"),
                "systemd loads nothing of a unit with such a line",
                "for example: [Service], with nothing after it",
            );
            return;
        };
        let comments = self.take_header_comments();
        let sections = self.unit.name.kind.sections();
        let known = Section::parse(word).filter(|section| sections.contains(section));
        if let Some(name) = known {
            let index = enter(&mut self.unit.sections, name, number, comments);
            self.here = Here::Read(index);
            return;
        }
        if !word.starts_with("X-") {
            let there = sections.map(|section| format!("[{}]", section.word()));
            self.report.add(
                Diagnostic::warning(format!("unknown section `[{word}]`"))
                    .at(Some(place))
                    .label(format!(
                        "systemd ignores it and its lines: a .{} unit has {}",
                        self.unit.name.kind.suffix(),
                        there.join(", ")
                    )),
            );
        }
        let index = enter(&mut self.unit.ignored, word.to_owned(), number, comments);
        self.here = Here::Ignored(index);
    }

    fn assignment(
        &mut self,
        source: &SourceFile,
        logical: &Logical,
        text: &str,
        whole: Range<usize>,
    ) {
        // systemd looks at no line of a section that it ignores.
        let ignored = matches!(self.here, Here::Ignored(_));
        let place = self.place("", whole.clone());
        let parts = text.split_once('=').map(|(key, value)| {
            (
                key.trim_end_matches(is_blank),
                value.trim_start_matches(is_blank),
            )
        });
        match (self.here, parts) {
            (Here::Nowhere, _) => {
                if !self.broken {
                    self.warn(
                        &place,
                        "a line outside of any section",
                        "systemd ignores it",
                    );
                }
            }
            (_, None) if !ignored => {
                self.warn(&place, "a line without `=`", "systemd ignores it");
            }
            (_, Some(("", _))) if !ignored => {
                self.warn(
                    &place,
                    "there is no key before `=`",
                    "systemd ignores the line",
                );
            }
            (here, parts) => {
                let (key, value) = parts.unwrap_or((text, ""));
                let span = value_span(&source.text, logical, whole.end);
                let key_span = key_span(&source.text, whole.clone(), key);
                let entry = Entry {
                    key: key.to_owned(),
                    value: value.to_owned(),
                    line: logical.number,
                    raw: source.text[whole].to_owned(),
                    comments: std::mem::take(&mut self.comments),
                    place: self.place(key, span),
                    key_place: self.place(key, key_span),
                };
                self.gap = 0;
                match here {
                    Here::Read(index) => self.unit.sections[index].entries.push(entry),
                    Here::Ignored(index) => self.unit.ignored[index].entries.push(entry),
                    Here::Nowhere => {}
                }
            }
        }
    }

    /// The comments right above a header. Those above an empty line close the section before it.
    fn take_header_comments(&mut self) -> Vec<Comment> {
        let mut comments = std::mem::take(&mut self.comments);
        let gap = std::mem::take(&mut self.gap);
        if let Some(trailing) = self.trailing() {
            trailing.extend(comments.drain(..gap));
        }
        comments
    }

    /// Where the comments go that stand after the last assignment of the present section.
    fn trailing(&mut self) -> Option<&mut Vec<Comment>> {
        match self.here {
            Here::Nowhere => None,
            Here::Read(index) => Some(&mut self.unit.sections[index].trailing),
            Here::Ignored(index) => Some(&mut self.unit.ignored[index].trailing),
        }
    }

    fn end(&mut self) {
        let comments = std::mem::take(&mut self.comments);
        match self.trailing() {
            Some(trailing) => trailing.extend(comments),
            None => self.unit.comments = comments,
        }
    }

    fn place(&self, key: &str, span: Range<usize>) -> Place {
        Place {
            source: Arc::clone(&self.unit.source),
            key: key.to_owned(),
            span,
        }
    }

    fn warn(&mut self, place: &Place, message: impl Into<String>, label: &str) {
        let found = Diagnostic::warning(message).at(Some(place)).label(label);
        self.report.add(found);
    }

    fn fail(&mut self, place: &Place, message: impl Into<String>, label: &str, help: &str) {
        self.broken = true;
        let found = Diagnostic::error(message).at(Some(place)).label(label);
        self.report.add(found.help(help));
    }

    fn too_long(&mut self, place: &Place) {
        // What follows may be the rest of it.
        self.here = Here::Nowhere;
        self.fail(
            place,
            format!("a line of more than {LONGEST} bytes"),
            "systemd loads nothing of a unit with such a line",
            "cut the line",
        );
    }
}

/// The section of this name, a new one if there is none yet.
fn enter<N: PartialEq>(
    sections: &mut Vec<UnitSection<N>>,
    name: N,
    line: usize,
    comments: Vec<Comment>,
) -> usize {
    let found = sections.iter().position(|section| section.name == name);
    let index = found.unwrap_or_else(|| {
        sections.push(UnitSection {
            name,
            line,
            comments: Vec::new(),
            entries: Vec::new(),
            trailing: Vec::new(),
        });
        sections.len() - 1
    });
    sections[index].comments.extend(comments);
    index
}

/// The bytes of the key, or all of the lines if it is cut by their ends.
fn key_span(text: &str, whole: Range<usize>, key: &str) -> Range<usize> {
    match text[whole.clone()].find(key) {
        Some(at) => whole.start + at..whole.start + at + key.len(),
        None => whole,
    }
}

/// The bytes of the value: from behind the first `=`, without the blanks around it.
fn value_span(text: &str, logical: &Logical, end: usize) -> Range<usize> {
    let after = |piece: &Range<usize>| text[piece.clone()].find('=').map(|at| piece.start + at + 1);
    let start = logical.pieces.iter().find_map(after).unwrap_or(end);
    let value = &text[start..end];
    let blanks = value.len() - value.trim_start_matches(is_blank).len();
    start + blanks..start + value.trim_end_matches(is_blank).len().max(blanks)
}
