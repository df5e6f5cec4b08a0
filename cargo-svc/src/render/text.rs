//! Where the text of a file goes as it is rendered: to memory, or no further than to what it is compared with.
//!
//! As a rule a committed file is what it should be, and then nothing of it is ever in memory at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use askama::Template;

use super::{Artifact, Kind};

/// Takes the files of a package, one after the other.
pub trait Files {
    /// A file that goes to `path` below the folder that artifacts are written to, with forward slashes, and whose text `write`
    /// writes, if it is wanted at all.
    fn file(
        &mut self,
        kind: Kind,
        path: String,
        executable: bool,
        write: &mut dyn FnMut(&mut Text),
    );
}

/// The files that `render` renders, in memory.
pub fn gathered(render: impl FnOnce(&mut dyn Files)) -> Vec<Artifact> {
    let mut artifacts = Vec::new();
    render(&mut artifacts);
    artifacts
}

impl Files for Vec<Artifact> {
    fn file(
        &mut self,
        kind: Kind,
        path: String,
        executable: bool,
        write: &mut dyn FnMut(&mut Text),
    ) {
        let mut contents = Vec::new();
        write(&mut Text::into_memory(&mut contents));
        self.push(Artifact {
            kind,
            path,
            contents,
            executable,
        });
    }
}

/// Takes the text of a file.
#[derive(Debug)]
pub struct Text<'a>(To<'a>);

#[derive(Debug)]
enum To<'a> {
    Memory(&'a mut Vec<u8>),
    Comparison {
        whole: &'a [u8],
        /// What is not written yet.
        rest: &'a [u8],
        same: bool,
    },
}

impl<'a> Text<'a> {
    /// Writes to memory.
    pub fn into_memory(memory: &'a mut Vec<u8>) -> Self {
        memory.clear();
        Self(To::Memory(memory))
    }

    /// Compares with a file's bytes.
    pub fn against(whole: &'a [u8]) -> Self {
        Self(To::Comparison {
            whole,
            rest: whole,
            same: true,
        })
    }

    /// Whether what was written is, to the last byte, what it was compared with.
    pub fn is_same(&self) -> bool {
        matches!(
            self.0,
            To::Comparison {
                rest: [],
                same: true,
                ..
            }
        )
    }

    /// Takes back what was written.
    pub(crate) fn restart(&mut self) {
        match &mut self.0 {
            To::Memory(memory) => memory.clear(),
            To::Comparison { whole, rest, same } => (*rest, *same) = (whole, true),
        }
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            To::Memory(memory) => memory.extend_from_slice(bytes),
            To::Comparison { rest, same, .. } => {
                let left = rest.strip_prefix(bytes);
                *same &= left.is_some();
                *rest = left.unwrap_or_default();
            }
        }
    }

    /// Writes a template's text, with one line end after the last line: askama drops the one that the template's file ends in.
    ///
    /// # Panics
    /// If an escaper meets what its plan should have refused: a bug that must not become a file.
    pub(crate) fn template(&mut self, template: &impl Template) {
        self.room(template);
        let mut lines = Lines::new(self, End::Lf);
        carried(template.render_into(&mut lines));
        lines.end();
    }

    /// Writes a template's text likewise, behind `start` and with the line ends that cmd.exe and PowerShell read on every Windows.
    /// Returns whether all of it is ASCII.
    ///
    /// # Panics
    /// Likewise.
    pub(crate) fn windows_template(&mut self, start: &str, template: &impl Template) -> bool {
        self.room(template);
        self.bytes(start.as_bytes());
        let mut lines = Lines::new(self, End::CrLf);
        carried(template.render_into(&mut lines));
        lines.end() && start.is_ascii()
    }

    /// Makes room for a template's text at once.
    fn room<T: Template>(&mut self, _: &T) {
        if let To::Memory(memory) = &mut self.0 {
            // A line has about thirty characters, and gets one more on Windows.
            memory.reserve(T::SIZE_HINT + T::SIZE_HINT / 16);
        }
    }
}

/// A template's result.
///
/// # Panics
/// If there is none: the plan should have refused a value, and half a file must not be written.
pub(super) fn carried<T, E: fmt::Debug>(rendered: Result<T, E>) -> T {
    rendered.expect("the plan holds only what its escaper can carry")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Lf,
    CrLf,
}

/// A file's lines on their way.
struct Lines<'t, 'a> {
    text: &'t mut Text<'a>,
    end: End,
    /// Line ends that are written if anything comes after them.
    held: usize,
    ascii: bool,
}

/// So long is, as a rule, no value but a template's own text.
const CONSTANT: usize = 256;

/// More such texts than all templates have.
const MOST: usize = 256;

/// A template's own text.
struct Known {
    text: Box<str>,
    /// The same with the line ends of Windows.
    lines: Box<[u8]>,
    ascii: bool,
}

thread_local! {
    /// By where it stands and how long it is.
    static KNOWN: RefCell<HashMap<(usize, usize), Known>> = RefCell::default();
}

impl<'t, 'a> Lines<'t, 'a> {
    fn new(text: &'t mut Text<'a>, end: End) -> Self {
        Self {
            text,
            end,
            held: 0,
            ascii: true,
        }
    }

    fn line_end(&mut self) {
        self.text.bytes(match self.end {
            End::Lf => b"\n",
            End::CrLf => b"\r\n",
        });
    }

    fn push(&mut self, text: &str) {
        match self.end {
            End::Lf => self.text.bytes(text.as_bytes()),
            End::CrLf if text.len() < CONSTANT => self.push_lines(text),
            End::CrLf => self.push_known(text),
        }
    }

    fn push_lines(&mut self, text: &str) {
        self.ascii &= text.is_ascii();
        each_line(text, &mut |bytes| self.text.bytes(bytes));
    }

    /// The scripts of all packages are nearly the same: the line ends of what was written before are there already.
    fn push_known(&mut self, text: &str) {
        KNOWN.with_borrow_mut(|known| {
            let place = (text.as_ptr().addr(), text.len());
            match known.get(&place) {
                // What stands in the same place need not be the same.
                Some(before) if *before.text == *text => {
                    self.ascii &= before.ascii;
                    self.text.bytes(&before.lines);
                }
                _ => {
                    let mut lines = Vec::with_capacity(text.len() + text.len() / 16);
                    each_line(text, &mut |bytes| lines.extend_from_slice(bytes));
                    let ascii = text.is_ascii();
                    self.ascii &= ascii;
                    self.text.bytes(&lines);
                    // Long values come here, too.
                    if known.len() == MOST {
                        known.clear();
                    }
                    let new = Known {
                        text: text.into(),
                        lines: lines.into(),
                        ascii,
                    };
                    known.insert(place, new);
                }
            }
        });
    }

    /// Ends the last line. Returns whether all was ASCII.
    fn end(mut self) -> bool {
        self.line_end();
        self.ascii
    }
}

/// Gives the parts of a text, with a carriage return before every line feed.
fn each_line(text: &str, give: &mut dyn FnMut(&[u8])) {
    let text = text.as_bytes();
    let mut begin = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        give(&text[begin..end]);
        give(b"\r\n");
        begin = end + 1;
    }
    give(&text[begin..]);
}

impl fmt::Write for Lines<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let kept = text.trim_end_matches('\n');
        if !kept.is_empty() {
            for _ in 0..std::mem::take(&mut self.held) {
                self.line_end();
            }
            self.push(kept);
        }
        self.held += text.len() - kept.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn lines(parts: &[&str]) -> (String, bool) {
        let mut memory = Vec::new();
        let mut text = Text::into_memory(&mut memory);
        let mut lines = Lines::new(&mut text, End::CrLf);
        for part in parts {
            lines.write_str(part).unwrap();
        }
        let ascii = lines.end();
        let text = String::from_utf8(memory).unwrap();
        let mut same = Text::against(text.as_bytes());
        let mut lines = Lines::new(&mut same, End::CrLf);
        for part in parts {
            lines.write_str(part).unwrap();
        }
        lines.end();
        assert!(same.is_same());
        (text, ascii)
    }

    #[test]
    fn every_line_gets_its_end_and_the_last_one_a_single_one() {
        let expected = "\r\na\r\n\r\nb\r\n";
        assert_eq!(lines(&["\na\n\nb"]), (expected.into(), true));
        assert_eq!(
            lines(&["\n", "a", "\n\n", "b\n", "", "\n"]),
            (expected.into(), true)
        );
        let long = "some words\n".repeat(CONSTANT);
        for _ in 0..2 {
            assert_eq!(lines(&[&long]).0, "some words\r\n".repeat(CONSTANT));
        }
    }

    #[test]
    fn what_is_not_ascii_is_seen_whether_it_is_long_or_short() {
        assert!(!lines(&["é"]).1);
        let long = "é".repeat(CONSTANT);
        for _ in 0..2 {
            assert!(!lines(&["a", &long]).1);
        }
    }

    #[test]
    fn what_stands_in_the_same_place_is_looked_at() {
        let mut text = "a\n".repeat(CONSTANT);
        let place = text.as_ptr();
        assert_eq!(lines(&[&text]).0, "a\r\n".repeat(CONSTANT));
        text.clear();
        text.push_str(&"\nb".repeat(CONSTANT));
        assert_eq!(text.as_ptr(), place);
        assert_eq!(lines(&[&text]).0, "\r\nb".repeat(CONSTANT) + "\r\n");
    }

    #[test]
    fn what_is_kept_has_an_end() {
        for length in CONSTANT..=CONSTANT + 2 * MOST {
            lines(&[&"x".repeat(length)]);
        }
        assert!(KNOWN.with_borrow(HashMap::len) <= MOST);
    }

    #[test]
    fn only_the_same_bytes_are_the_same() {
        let is_same = |whole: &str, parts: &[&str]| {
            let mut text = Text::against(whole.as_bytes());
            for part in parts {
                text.bytes(part.as_bytes());
            }
            text.is_same()
        };
        assert!(is_same("abc", &["a", "", "bc"]));
        assert!(is_same("", &[]));
        for parts in [
            &["ab"][..],
            &["abc", "d"],
            &["x", "abc"],
            &["ab", "d"],
            &["b", ""],
        ] {
            assert!(!is_same("abc", parts), "{parts:?}");
        }
        let mut text = Text::against(b"abc");
        text.bytes(b"x");
        text.restart();
        text.bytes(b"abc");
        assert!(text.is_same());
    }
}
