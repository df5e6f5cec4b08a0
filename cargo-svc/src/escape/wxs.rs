//! WiX sources: XML, over whose attributes and texts WiX's preprocessor and binder run before Windows Installer sees them.

use std::fmt;

use askama::Template;
use askama::filters::{Escaper, Safe};

/// The escaper of `.wxs` templates: a value is the text of an attribute in double quotes, or of an element.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wxs;

impl Escaper for Wxs {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let bytes = string.as_bytes();
        let mut written = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if PLAIN[usize::from(*byte)] {
                continue;
            }
            let instead = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                // In an attribute a parser reads them as blanks, unless they are written by number.
                b'\t' => "&#9;",
                b'\n' => "&#10;",
                b'\r' => "&#13;",
                // `$(…)` and `!(…)` are WiX's own; doubled, the sign means itself.
                b'(' => match bytes[..at].last() {
                    Some(b'$') => "$(",
                    Some(b'!') => "!(",
                    _ => continue,
                },
                // XML 1.0 has no way to write other control characters, nor the last two of the first plane. Plans refuse
                // them with a reason; this is the last line.
                0..b' ' => return Err(fmt::Error),
                0xEF if matches!(bytes[at..], [_, 0xBF, 0xBE..=0xBF, ..]) => {
                    return Err(fmt::Error);
                }
                _ => continue,
            };
            dest.write_str(&string[written..at])?;
            dest.write_str(instead)?;
            written = at + 1;
        }
        dest.write_str(&string[written..])
    }
}

/// The bytes that need no second look.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = u8::MAX;
    loop {
        plain[byte as usize] = !matches!(byte, 0..b' ' | b'&' | b'<' | b'>' | b'"' | b'(' | 0xEF);
        if byte == 0 {
            break plain;
        }
        byte -= 1;
    }
};

/// A part of a source that is laid out already.
pub(crate) type LaidOut = Safe<String>;

/// Lays a part of a source out, for all that it stands in.
pub(crate) fn part(template: &impl Template) -> askama::Result<LaidOut> {
    template.render().map(Safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        Wxs.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn what_means_something_to_xml_or_wix_is_escaped() {
        assert_eq!(escaped(r#"a "b" & <c>"#), "a &quot;b&quot; &amp; &lt;c&gt;");
        assert_eq!(
            escaped("$(var.X) !(loc.Y) $ ( f(x)"),
            "$$(var.X) !!(loc.Y) $ ( f(x)"
        );
        assert_eq!(escaped("a\tb\n"), "a&#9;b&#10;");
        assert_eq!(escaped("é漢\u{FFFD}\u{1FFFF}"), "é漢\u{FFFD}\u{1FFFF}");
    }

    #[test]
    fn what_xml_cannot_hold_is_an_error() {
        for bad in ["\0", "a\u{1b}", "\u{FFFE}", "é\u{FFFF}b"] {
            Wxs.write_escaped_str(&mut String::new(), bad).unwrap_err();
        }
    }
}
