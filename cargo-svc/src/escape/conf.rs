//! sysusers.d(5) and tmpfiles.d(5): lines of words, in which double quotes hold what has blanks, `%` begins a specifier, and a
//! backslash an escape.

use std::fmt;

use askama::filters::Escaper;

use super::unit::is_refused;

/// The escaper of `.conf` templates.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Conf;

impl Escaper for Conf {
    fn write_escaped_str<W: fmt::Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        for c in string.chars() {
            match c {
                // A line would end there. Plans refuse it with a reason.
                c if is_refused(c) => return Err(fmt::Error),
                '%' => dest.write_str("%%")?,
                '\\' => dest.write_str("\\\\")?,
                '"' => dest.write_str("\\\"")?,
                c => dest.write_char(c)?,
            }
        }
        Ok(())
    }
}
