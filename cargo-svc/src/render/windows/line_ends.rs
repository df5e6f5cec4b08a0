//! The line ends that both interpreters read on every Windows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

/// Text in which a carriage return comes before every line feed that is written to it.
pub(super) struct Lines(Vec<u8>);

/// So long is, as a rule, no value but a template's own text.
const CONSTANT: usize = 256;

/// More such texts than all templates have.
const MOST: usize = 256;

/// A template's own text as it came, and with its line ends.
type Known = (Box<[u8]>, Box<[u8]>);

thread_local! {
    /// By where it stands and how long it is.
    static KNOWN: RefCell<HashMap<(usize, usize), Known>> = RefCell::default();
}

impl Lines {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn push(&mut self, text: &str) {
        if text.len() < CONSTANT {
            self.push_lines(text.as_bytes());
        } else {
            self.push_known(text.as_bytes());
        }
    }

    fn push_lines(&mut self, text: &[u8]) {
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', text) {
            self.0.extend_from_slice(&text[begin..end]);
            self.0.extend_from_slice(b"\r\n");
            begin = end + 1;
        }
        self.0.extend_from_slice(&text[begin..]);
    }

    /// The scripts of all packages are nearly the same: what was written before is only copied.
    fn push_known(&mut self, text: &[u8]) {
        KNOWN.with_borrow_mut(|known| {
            let place = (text.as_ptr().addr(), text.len());
            match known.get(&place) {
                // What stands in the same place need not be the same.
                Some((before, lines)) if **before == *text => self.0.extend_from_slice(lines),
                _ => {
                    let start = self.0.len();
                    self.push_lines(text);
                    // Long values come here, too.
                    if known.len() == MOST {
                        known.clear();
                    }
                    known.insert(place, (text.into(), self.0[start..].into()));
                }
            }
        });
    }
}

impl fmt::Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> String {
        let mut lines = Lines::with_capacity(0);
        lines.push(text);
        String::from_utf8(lines.into_bytes()).unwrap()
    }

    #[test]
    fn every_line_gets_its_end() {
        assert_eq!(lines("\na\n\nb"), "\r\na\r\n\r\nb");
        let long = "some words\n".repeat(CONSTANT);
        for _ in 0..2 {
            assert_eq!(lines(&long), "some words\r\n".repeat(CONSTANT));
        }
    }

    #[test]
    fn what_stands_in_the_same_place_is_looked_at() {
        let mut text = "a\n".repeat(CONSTANT);
        let place = text.as_ptr();
        assert_eq!(lines(&text), "a\r\n".repeat(CONSTANT));
        text.clear();
        text.push_str(&"\nb".repeat(CONSTANT));
        assert_eq!(text.as_ptr(), place);
        assert_eq!(lines(&text), "\r\nb".repeat(CONSTANT));
    }

    #[test]
    fn what_is_kept_has_an_end() {
        for length in CONSTANT..=CONSTANT + 2 * MOST {
            lines(&"x".repeat(length));
        }
        assert!(KNOWN.with_borrow(HashMap::len) <= MOST);
    }
}
