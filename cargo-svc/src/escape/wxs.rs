//! WiX sources: XML, over whose attributes and texts WiX's preprocessor and binder run before Windows Installer sees them.

use std::fmt;

use askama::Template;
use askama::filters::{Escaper, Safe};

use super::{msi, plain_bytes};
use crate::plan::windows::installer::Formatted;

/// The escaper of `.wxs` templates: a value is the text of an attribute in double quotes, or of an element.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wxs;

impl Escaper for Wxs {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let bytes = string.as_bytes();
        let (mut written, mut at) = (0, 0);
        while let Some(plain) = plain_bytes(&bytes[at..], is_special) {
            let found = at + plain;
            at = found + 1;
            let instead = match bytes[found] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                // In an attribute a parser reads them as blanks, unless they are written by number.
                b'\t' => "&#9;",
                b'\n' => "&#10;",
                b'\r' => "&#13;",
                // XML 1.0 has no way to write other control characters, nor the last two of the first plane. Plans refuse
                // them with a reason; this is the last line.
                0..=0x1F => return Err(fmt::Error),
                0xEF if matches!(bytes[at..], [0xBF, 0xBE..=0xBF, ..]) => return Err(fmt::Error),
                // `$(…)` and `!(…)` are WiX's own; doubled, the sign means itself.
                b'$' if bytes.get(at) == Some(&b'(') => "$$",
                b'!' if bytes.get(at) == Some(&b'(') => "!!",
                _ => continue,
            };
            dest.write_str(&string[written..found])?;
            dest.write_str(instead)?;
            written = at;
        }
        dest.write_str(&string[written..])
    }
}

/// Whether a byte needs a second look.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches it is asked about many bytes at once"
)]
const fn is_special(byte: u8) -> bool {
    (byte < b' ')
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == b'"')
        | (byte == b'$')
        | (byte == b'!')
        | (byte == 0xEF)
}

/// Text that is escaped already, or a part of a source that is laid out, for all that it stands in.
pub(crate) type LaidOut = Safe<String>;

/// Escapes what a text writes.
struct Escaping<'a>(&'a mut String);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        Wxs.write_escaped_str(&mut *self.0, text)
    }
}

/// Text for all sources that it stands in.
///
/// # Errors
/// It holds what XML cannot.
pub(crate) fn escaped(text: &str) -> Result<LaidOut, fmt::Error> {
    let mut out = String::with_capacity(room(text.len()));
    Wxs.write_escaped_str(&mut out, text)?;
    Ok(Safe(out))
}

/// How many bytes most texts of so many take at most once they are escaped.
const fn room(bytes: usize) -> usize {
    bytes + bytes / 4 + 16
}

/// Formatted text, likewise.
pub(crate) fn formatted(value: &Formatted) -> Result<LaidOut, fmt::Error> {
    let mut out = String::with_capacity(room(value.len()));
    msi::write(value, &mut Escaping(&mut out))?;
    Ok(Safe(out))
}

/// Strings of a `REG_MULTI_SZ` value, likewise.
pub(crate) fn strings(values: &[Formatted]) -> Result<LaidOut, fmt::Error> {
    let mut out = String::new();
    msi::write_strings(values, &mut Escaping(&mut out))?;
    Ok(Safe(out))
}

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
