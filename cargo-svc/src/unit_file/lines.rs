//! Physical lines, as systemd cuts them.

use std::ops::Range;

use crate::escape::unit::is_noncharacter;

/// The longest line, without its end: one more byte, and systemd loads nothing of the file (`LONG_LINE_MAX`).
pub(super) const LONGEST: usize = 1024 * 1024 - 1;

/// A physical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Where it stands in the text, without its end.
    pub(super) span: Range<usize>,
    /// How many bytes it has in the file.
    pub(super) length: usize,
    /// Whether it is what systemd calls valid UTF-8.
    pub(super) valid: bool,
    /// Whether NUL ends it.
    pub(super) nul: bool,
}

/// Cuts a file into lines; returns its text, too, in which what is not UTF-8 is replaced.
///
/// A line ends at `\n`, `\r` or NUL, or at several of them if none stands there twice and NUL is the last (`read_line()` of
/// systemd 252 and 257).
pub(super) fn lines(bytes: &[u8]) -> (String, Vec<Line>) {
    let mut text = String::with_capacity(bytes.len());
    let mut lines = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = rest
            .iter()
            .position(|byte| is_end(*byte))
            .unwrap_or(rest.len());
        let (line, after) = rest.split_at(length);
        let ends = ends(after);
        let start = text.len();
        text.push_str(&String::from_utf8_lossy(line));
        lines.push(Line {
            number: lines.len() + 1,
            span: start..text.len(),
            length,
            valid: str::from_utf8(line).is_ok_and(|line| !line.contains(is_noncharacter)),
            nul: after[..ends].contains(&0),
        });
        text.extend(after[..ends].iter().map(|byte| char::from(*byte)));
        rest = &after[ends..];
    }
    (text, lines)
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

/// How many bytes end the line that was before.
fn ends(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(byte) = bytes.get(length).filter(|byte| is_end(**byte)) {
        let before = &bytes[..length];
        if before.contains(byte) || before.contains(&0) {
            break;
        }
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(bytes: &[u8]) -> Vec<String> {
        let (text, lines) = lines(bytes);
        lines
            .into_iter()
            .map(|line| text[line.span].to_owned())
            .collect()
    }

    #[test]
    fn every_end_of_a_line_is_known() {
        assert_eq!(cut(b"a\nb"), ["a", "b"]);
        assert_eq!(cut(b"a\r\nb\r\n"), ["a", "b"]);
        assert_eq!(cut(b"a\rb\r"), ["a", "b"]);
        assert_eq!(cut(b"a\n\nb"), ["a", "", "b"]);
        assert_eq!(cut(b"a\r\n\r\nb"), ["a", "", "b"]);
        assert_eq!(cut(b"a\0b\n\0\0c"), ["a", "b", "", "c"]);
        // One end, as odd as it is.
        assert_eq!(cut(b"a\n\rb"), ["a", "b"]);
        assert_eq!(cut(b""), [""; 0]);
    }

    #[test]
    fn what_is_not_utf8_is_marked_and_replaced() {
        let (text, lines) = lines(b"\xc3\xa9\n\xe9=\n\xef\xbf\xbe\nA=1\0");
        assert_eq!(text, "\u{e9}\n\u{fffd}=\n\u{fffe}\nA=1\0");
        assert_eq!(
            lines.iter().map(|line| line.valid).collect::<Vec<_>>(),
            [true, false, false, true]
        );
        assert_eq!(lines[1].length, 2);
        assert!(lines[3].nul && !lines[0].nul);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "(\\PC|[a\n\r\0]){0,30}") {
            let (same, lines) = lines(text.as_bytes());
            prop_assert_eq!(&same, &text);
            let length: usize = lines.iter().map(|line| line.length).sum();
            prop_assert_eq!(length, text.chars().filter(|c| !matches!(c, '\n' | '\r' | '\0')).map(char::len_utf8).sum::<usize>());
        }

        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            lines(&bytes);
        }
    }
}
