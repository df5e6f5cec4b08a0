//! A unit file as it was written: nothing is lost, nothing is interpreted.

use std::sync::Arc;

use super::UnitName;
use crate::diagnostics::{Place, SourceFile};
use crate::directives::Section;

/// A unit file: its sections in order, each with its lines, and every comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitText {
    /// Its name.
    pub name: UnitName,
    /// The file. Bytes of comments that are not UTF-8 are replaced in its text.
    pub source: Arc<SourceFile>,
    /// The sections that systemd reads, in the order in which each began. One that stands there twice is one.
    pub sections: Vec<UnitSection>,
    /// The sections that systemd ignores: `[X-…]`, and unknown ones, which are reported.
    pub ignored: Vec<UnitSection<String>>,
    /// The comments of a file that has no section.
    pub comments: Vec<Comment>,
}

/// A section and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitSection<N = Section> {
    /// The word between the brackets.
    pub name: N,
    /// The line of its first header; lines count from 1.
    pub line: usize,
    /// The comments above its headers.
    pub comments: Vec<Comment>,
    /// Its assignments in order.
    pub entries: Vec<Entry>,
    /// The comments after its last assignment, down to the first empty line above the next header.
    pub trailing: Vec<Comment>,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value after continuation and without the blanks around it; quotes and escapes are still in it.
    pub value: String,
    /// The line that it begins in; lines count from 1.
    pub line: usize,
    /// All of its lines as they stand in the file, without the last line's end.
    pub raw: String,
    /// The comments above it, and those between its lines.
    pub comments: Vec<Comment>,
    /// The bytes of the value, for a message about it.
    pub place: Place,
    /// The bytes of the key.
    pub key_place: Place,
}

/// A line that begins with `#` or `;`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its line. Where the lines of two comments do not follow each other, an empty line or an assignment is between them.
    pub line: usize,
    /// What stands after the mark, as it stands.
    pub text: String,
}

impl UnitText {
    /// A section, if the file has it.
    pub fn section(&self, name: Section) -> Option<&UnitSection> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The assignment that begins in a line, in the sections that systemd reads.
    pub fn entry_at(&self, line: usize) -> Option<&Entry> {
        let mut entries = self.sections.iter().flat_map(|section| &section.entries);
        entries.find(|entry| entry.line == line)
    }

    /// All assignments that systemd reads, in the order of the file: the last one wins, whichever section it stands in.
    pub fn assignments(&self) -> Vec<(Section, &Entry)> {
        let mut all: Vec<_> = self
            .sections
            .iter()
            .flat_map(|section| section.entries.iter().map(|entry| (section.name, entry)))
            .collect();
        all.sort_by_key(|(_, entry)| entry.line);
        all
    }
}
