//! WiX sources: XML, over whose attributes and texts WiX's preprocessor and binder run before Windows Installer sees them.

use std::fmt;

use askama::filters::Escaper;

/// The escaper of `.wxs` templates: a value is the text of an attribute in double quotes, or of an element.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wxs;

impl Escaper for Wxs {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // Most values hold nothing that needs a second look.
        if string
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" -_./:[]".contains(&byte))
        {
            return dest.write_str(string);
        }
        let mut before = None;
        for c in string.chars() {
            // XML 1.0 has no way to write most control characters. Plans refuse them with a reason; this is the last line.
            if !is_char(c) {
                return Err(fmt::Error);
            }
            match c {
                '&' => dest.write_str("&amp;")?,
                '<' => dest.write_str("&lt;")?,
                '>' => dest.write_str("&gt;")?,
                '"' => dest.write_str("&quot;")?,
                // In an attribute a parser reads them as blanks, unless they are written by number.
                '\t' | '\n' | '\r' => write!(dest, "&#{};", u32::from(c))?,
                // `$(…)` and `!(…)` are WiX's own; doubled, the sign means itself.
                '(' if matches!(before, Some('$' | '!')) => {
                    dest.write_char(before.unwrap_or_default())?;
                    dest.write_char('(')?;
                }
                _ => dest.write_char(c)?,
            }
            before = Some(c);
        }
        Ok(())
    }
}

/// `Char` of XML 1.0.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
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
        assert_eq!(escaped("é漢"), "é漢");
    }

    #[test]
    fn what_xml_cannot_hold_is_an_error() {
        for bad in ["\0", "\u{1b}", "\u{FFFE}"] {
            Wxs.write_escaped_str(&mut String::new(), bad).unwrap_err();
        }
    }
}
