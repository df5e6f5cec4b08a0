//! Windows Installer's formatted text: what is in brackets is replaced, what is in braces goes if nothing in it was.
//!
//! `[\x]` is the character x (Microsoft, "Formatted"). Every bracket and brace is written so. So is a parenthesis behind `$`
//! or `!`, which means nothing to Windows Installer but much to WiX, whose preprocessor and binder read `$(…)` and `!(…)`.

use std::fmt;

use super::plain_bytes;
use crate::plan::windows::installer::{Formatted, Fragment};

/// The text of a column of the type Formatted.
pub(crate) fn formatted(value: &Formatted) -> String {
    whole(|out| write(value, out))
}

/// Writes [`formatted`].
///
/// # Errors
/// It cannot be written there.
pub(crate) fn write(value: &Formatted, out: &mut impl fmt::Write) -> fmt::Result {
    for piece in value.pieces() {
        match piece {
            Fragment::Literal(text) => literal(text, out)?,
            Fragment::Property(name) => {
                out.write_str("[")?;
                out.write_str(name)?;
                out.write_str("]")?;
            }
        }
    }
    Ok(())
}

/// What is written, as a string.
fn whole(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    write(&mut out).expect("a string takes everything");
    out
}

/// How many characters [`formatted`] makes of it.
pub(crate) fn length(value: &Formatted) -> usize {
    let pieces = value.pieces().map(|piece| match piece {
        Fragment::Literal(text) => literal_length(text),
        Fragment::Property(name) => name.chars().count() + 2,
    });
    pieces.sum()
}

/// The same of characters that mean themselves.
pub(crate) fn literal_length(text: &str) -> usize {
    text.chars().count() + 3 * by_name(text).count()
}

/// Strings of a `REG_MULTI_SZ` value. Without a separator at either end they replace what is there; a single one needs both
/// ends to be taken for a list at all (Microsoft, "Registry Table").
pub(crate) fn strings(values: &[Formatted]) -> String {
    whole(|out| write_strings(values, out))
}

/// Writes [`strings`].
///
/// # Errors
/// They cannot be written there.
pub(crate) fn write_strings(values: &[Formatted], out: &mut impl fmt::Write) -> fmt::Result {
    let ends = if values.len() == 1 { SEPARATOR } else { "" };
    out.write_str(ends)?;
    for (number, value) in values.iter().enumerate() {
        out.write_str(if number == 0 { "" } else { SEPARATOR })?;
        write(value, out)?;
    }
    out.write_str(ends)
}

/// What stands between the strings of a list.
const SEPARATOR: &str = "[~]";

/// Names of services that one waits for, as `ServiceInstall` holds them: a list that two separators end.
pub(crate) fn dependencies(names: &[String]) -> String {
    whole(|out| {
        for name in names {
            literal(name, out)?;
            out.push_str(SEPARATOR);
        }
        if !out.is_empty() {
            out.push_str(SEPARATOR);
        }
        Ok(())
    })
}

/// The code page of a database whose texts all fit in it.
pub(crate) const WINDOWS_1252: u16 = 1252;
/// The code page of one whose texts do not.
pub(crate) const UTF_8: u16 = 65001;

/// The code page that a database with these texts needs: older readers know 1252 best.
pub(crate) fn code_page<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> u16 {
    // What stands between 0x80 and 0x9F in 1252, where Unicode has control characters.
    const OTHERS: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
    let fits = |c: char| matches!(c, '\0'..='\x7f' | '\u{a0}'..='\u{ff}') || OTHERS.contains(c);
    let mut texts = texts.into_iter();
    if texts.all(|text| text.as_ref().is_ascii() || text.as_ref().chars().all(fits)) {
        WINDOWS_1252
    } else {
        UTF_8
    }
}

/// A text for the summary information, whose readers are at odds about code pages: ASCII, or else this name, which is.
pub(crate) fn ascii(text: &str, otherwise: &str) -> String {
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| matches!(c, ' '..='~'));
    if plain(text) {
        text.to_owned()
    } else if plain(otherwise) {
        otherwise.to_owned()
    } else {
        otherwise.escape_unicode().to_string()
    }
}

/// What an installer says where a newer version is installed. The name is a property, since escaped it may be longer than the
/// column.
pub(crate) const DOWNGRADE: &str = "A newer version of [ProductName] is already installed.";

fn literal(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    let mut written = 0;
    for found in by_name(text) {
        out.write_str(&text[written..found])?;
        out.write_str("[\\")?;
        out.write_str(&text[found..=found])?;
        out.write_str("]")?;
        written = found + 1;
    }
    out.write_str(&text[written..])
}

/// Whether a byte may have to be written by name.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches it is asked about many bytes at once"
)]
const fn is_special(byte: u8) -> bool {
    (byte == b'[') | (byte == b']') | (byte == b'{') | (byte == b'}') | (byte == b'(')
}

/// Where the characters stand that are written by name.
fn by_name(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let special = std::iter::from_fn(move || {
        let found = at + plain_bytes(&bytes[at..], is_special)?;
        at = found + 1;
        Some(found)
    });
    special.filter(|found| {
        let behind_sign = matches!(bytes[..*found], [.., b'$' | b'!']);
        bytes[*found] != b'(' || behind_sign
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    pub(crate) use crate::testing::readers::formatted as read;

    fn plain(text: &str) -> String {
        read(text, &|name| panic!("no property {name} was meant"))
    }

    #[test]
    fn what_windows_installer_would_replace_stays() {
        let text = formatted(&Formatted::literal(
            "--listen [::1]:8080 {a} $(var.X) !(loc.Y)",
        ));
        assert_eq!(
            text,
            r"--listen [\[]::1[\]]:8080 [\{]a[\}] $[\(]var.X) ![\(]loc.Y)"
        );
        assert_eq!(plain(&text), "--listen [::1]:8080 {a} $(var.X) !(loc.Y)");
    }

    #[test]
    fn lists_replace_what_is_there() {
        let values = ["A=[1]", "B=2"].map(Formatted::literal);
        assert_eq!(strings(&values), r"A=[\[]1[\]][~]B=2");
        assert_eq!(strings(&values[1..]), "[~]B=2[~]");
        let names = ["Tcpip".to_owned(), "store".to_owned()];
        assert_eq!(dependencies(&names), "Tcpip[~]store[~][~]");
        assert_eq!(dependencies(&[]), "");
    }

    #[test]
    fn only_what_1252_lacks_needs_utf_8() {
        let page = |text: &str| code_page([text]);
        assert_eq!(page("Größe: 5 € – “ÿ”"), WINDOWS_1252);
        assert_eq!(page("\u{81}"), UTF_8);
        assert_eq!(page("служба"), UTF_8);
    }

    #[test]
    fn summaries_are_ascii() {
        assert_eq!(ascii("Beacon", "beacon"), "Beacon");
        assert_eq!(ascii("Größe", "beacon"), "beacon");
    }

    proptest! {
        #[test]
        fn formatted_text_reads_back(text in r"[\[\]{}()$!~#\\ a-cé]{0,24}") {
            let mut value = Formatted::literal(&text);
            prop_assert_eq!(plain(&formatted(&value)), text.as_str());
            value.push_property("Name");
            value.push(&text);
            prop_assert_eq!(length(&value), formatted(&value).chars().count());
        }
    }
}
