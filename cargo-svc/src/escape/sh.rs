//! POSIX sh: text between single quotes.

use std::fmt;

use askama::filters::Escaper;

/// The escaper of `.sh` templates, whose values all stand between single quotes: there only the quote itself means something
/// (POSIX, "Shell Command Language", 2.2.2).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sh;

impl Escaper for Sh {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        for c in string.chars() {
            match c {
                // A shell's string ends there.
                '\0' => return Err(fmt::Error),
                '\'' => dest.write_str("'\\''")?,
                c => dest.write_char(c)?,
            }
        }
        Ok(())
    }
}
