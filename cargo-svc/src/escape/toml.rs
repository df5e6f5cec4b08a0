//! TOML: text between double quotes.

use std::fmt;

use askama::filters::Escaper;

/// The escaper of `.toml` templates, whose values all stand in basic strings (TOML 1.0, "String").
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Toml;

impl Escaper for Toml {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        for c in string.chars() {
            match c {
                '"' => dest.write_str("\\\"")?,
                '\\' => dest.write_str("\\\\")?,
                c if c.is_control() => write!(dest, "\\u{:04X}", u32::from(c))?,
                c => dest.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A basic string with its quotes.
pub(crate) fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    // A `String` takes everything.
    let _ = Toml.write_escaped_str(&mut text, value);
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "\\PC{0,40}|[\\x00-\\x7f\\\\\"é]{0,40}") {
            let written = format!("a = {}", super::quoted(&text));
            let read: toml::Table = written.parse().unwrap();
            prop_assert_eq!(read["a"].as_str(), Some(text.as_str()));
        }
    }
}
