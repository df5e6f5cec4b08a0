//! POSIX sh: text between single quotes.

use std::fmt;

use askama::filters::Escaper;

/// The escaper of `.sh` templates, whose values all stand between single quotes: there only the quote itself means something
/// (POSIX, "Shell Command Language", 2.2.2).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sh;

impl Escaper for Sh {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        // A shell's string ends there.
        if string.contains('\0') {
            return Err(fmt::Error);
        }
        let mut parts = string.split('\'');
        dest.write_str(parts.next().unwrap_or_default())?;
        parts.try_for_each(|part| {
            dest.write_str("'\\''")?;
            dest.write_str(part)
        })
    }
}
