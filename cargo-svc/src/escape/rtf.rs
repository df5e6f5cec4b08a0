//! Rich Text Format, as Windows' own control for it reads it (Microsoft, "Rich Text Format Specification 1.9.1"): ASCII, in which
//! a backslash and braces mean something.
//!
//! What comes out holds no bracket either, so that it is the same text whether or not Windows Installer looks for properties in it.

use std::fmt::Write;

/// A character that plain text has no use for, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Control(pub(crate) char, pub(crate) usize);

/// Why a file is no RTF that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A brace is opened and not closed, or the other way round.
    Braces,
    /// Something stands behind the end.
    Behind,
    /// It holds raw bytes (`\bin`).
    Raw,
    /// It holds a character of no text.
    Control,
}

/// Whether a file begins as RTF does.
pub(crate) fn is_rtf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\\rtf")
}

/// Plain text as RTF, with a note on who wrote it.
///
/// # Errors
/// It holds a control character.
pub(crate) fn plain(text: &str, generator: &str) -> Result<String, Control> {
    let mut out = String::from(
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Tahoma;}}\r\n",
    );
    out.push_str("{\\*\\generator ");
    push(generator, &mut out)?;
    out.push_str(";}\r\n\\uc1\\pard\\f0\\fs16\r\n");
    push(text, &mut out)?;
    out.push_str("}\r\n");
    Ok(out)
}

fn push(text: &str, out: &mut String) -> Result<(), Control> {
    let (mut line, mut chars) = (1, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '\\' | '{' | '}' => out.extend(['\\', c]),
            '[' | ']' => hex(c as u8, out),
            // A page ends where a paragraph does.
            '\n' | '\x0c' => {
                out.push_str("\\par\r\n");
                line += usize::from(c == '\n');
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => out.push_str("\\tab "),
            ' '..='~' => out.push(c),
            c if c.is_control() => return Err(Control(c, line)),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // A signed number, and what a reader without Unicode shows.
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{}?", unit.cast_signed());
                }
            }
        }
    }
    Ok(())
}

fn hex(byte: u8, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\'{byte:02x}");
}

/// RTF as somebody wrote it, in ASCII, with a note on who handed it on.
///
/// # Errors
/// It is not whole, or holds what is no text.
pub(crate) fn adapted(bytes: &[u8], generator: &str) -> Result<String, Broken> {
    let mut out = String::with_capacity(bytes.len() + 64);
    let (mut depth, mut at) = (0_usize, 0);
    let mut noted = false;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1).ok_or(Broken::Braces)?;
                if depth == 0 {
                    out.push('}');
                    let rest = &bytes[at..];
                    let nothing = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | 0);
                    return if rest.iter().all(nothing) {
                        out.push_str("\r\n");
                        Ok(out)
                    } else {
                        Err(Broken::Behind)
                    };
                }
            }
            b'\\' => {
                out.push('\\');
                let Some(&next) = bytes.get(at) else {
                    return Err(Broken::Braces);
                };
                if next.is_ascii_alphabetic() {
                    let word = word(&bytes[at..]);
                    if is_raw(word) {
                        return Err(Broken::Raw);
                    }
                    at += word.len();
                    out.extend(word.iter().map(|byte| char::from(*byte)));
                    if !noted {
                        // Behind the very first word, which says that it is RTF.
                        noted = true;
                        out.push_str("{\\*\\generator ");
                        // A text of ours holds no control character.
                        let _ = push(generator, &mut out);
                        out.push_str(";}");
                    }
                } else if next.is_ascii_graphic() || matches!(next, b' ' | b'\r' | b'\n' | b'\t') {
                    at += 1;
                    out.push(char::from(next));
                } else {
                    return Err(Broken::Control);
                }
                continue;
            }
            b'[' | b']' | 0x80.. => {
                hex(byte, &mut out);
                continue;
            }
            b'\r' | b'\n' | b'\t' | b' '..=b'~' => {}
            _ => return Err(Broken::Control),
        }
        out.push(char::from(byte));
    }
    Err(Broken::Braces)
}

/// A control word with its number.
fn word(bytes: &[u8]) -> &[u8] {
    let letters = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let sign = usize::from(bytes.get(letters) == Some(&b'-'));
    let digits = bytes[letters + sign..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    &bytes[..letters + if digits == 0 { 0 } else { sign + digits }]
}

/// `\binN`, which N raw bytes follow.
fn is_raw(word: &[u8]) -> bool {
    word.strip_prefix(b"bin")
        .is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    const US: &str = "Written by us";

    /// An independent reading, from the specification: the text of a document, without what its destinations hold.
    pub(crate) fn read(rtf: &str) -> String {
        let (mut out, mut units) = (String::new(), Vec::new());
        let mut hidden = vec![false];
        let mut rest = rtf.chars().peekable();
        let flush = |units: &mut Vec<u16>, out: &mut String| {
            out.push_str(&String::from_utf16(units).unwrap());
            units.clear();
        };
        while let Some(c) = rest.next() {
            let mut text = None;
            match c {
                '{' => hidden.push(*hidden.last().unwrap()),
                '}' => {
                    hidden.pop();
                }
                '\r' | '\n' => {}
                '\\' => {
                    let next = rest.next().unwrap();
                    if next == '\'' {
                        let digits: String = [rest.next().unwrap(), rest.next().unwrap()]
                            .iter()
                            .collect();
                        text = Some(char::from(u8::from_str_radix(&digits, 16).unwrap()));
                    } else if next == '*' {
                        *hidden.last_mut().unwrap() = true;
                    } else if next.is_ascii_alphabetic() {
                        let mut word = String::from(next);
                        while let Some(c) = rest.next_if(char::is_ascii_alphabetic) {
                            word.push(c);
                        }
                        let mut number = String::new();
                        while let Some(c) = rest.next_if(|c| c.is_ascii_digit() || *c == '-') {
                            number.push(c);
                        }
                        rest.next_if_eq(&' ');
                        match word.as_str() {
                            "par" => text = Some('\n'),
                            "tab" => text = Some('\t'),
                            "fonttbl" => *hidden.last_mut().unwrap() = true,
                            "u" => {
                                units.push(number.parse::<i16>().unwrap().cast_unsigned());
                                assert_eq!(rest.next(), Some('?'));
                                continue;
                            }
                            _ => {}
                        }
                    } else {
                        text = Some(next);
                    }
                }
                c => text = Some(c),
            }
            if let Some(c) = text.filter(|_| !hidden.last().unwrap()) {
                flush(&mut units, &mut out);
                out.push(c);
            }
        }
        flush(&mut units, &mut out);
        assert_eq!(hidden.len(), 1, "{rtf}");
        out
    }

    #[test]
    fn plain_text_reads_back() {
        let text = "Größe {1} \\ [name]\r\n\tzwölf – \u{1F600}\n";
        let rtf = plain(text, US).unwrap();
        assert!(rtf.is_ascii() && !rtf.contains(['[', ']']), "{rtf}");
        assert!(is_rtf(rtf.as_bytes()));
        assert_eq!(read(&rtf), text.replace("\r\n", "\n"));
        assert!(rtf.contains("{\\*\\generator Written by us;}"));
        assert!(rtf.contains("\\u-10179?\\u-8704?"), "{rtf}");
    }

    #[test]
    fn control_characters_are_named_with_their_line() {
        assert_eq!(plain("a\nb\x1b", US), Err(Control('\x1b', 2)));
        assert_eq!(plain("a\rb", US), Err(Control('\r', 1)));
        // A form feed, as in the texts of the GPL, parts paragraphs.
        assert_eq!(read(&plain("a\x0cb", US).unwrap()), "a\nb");
    }

    #[test]
    fn rtf_stays_what_it_says() {
        let rtf = adapted(b"{\\rtf1\\ansi \\b x\\b0 [\\'e4\xe4]\\{}\r\n\0", US).unwrap();
        assert_eq!(
            rtf,
            "{\\rtf1{\\*\\generator Written by us;}\\ansi \\b x\\b0 \\'5b\\'e4\\'e4\\'5d\\{}\r\n"
        );
        assert_eq!(read(&rtf), "x[ää]{");
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for (bytes, why) in [
            (&b"{\\rtf1 x"[..], Broken::Braces),
            (b"{\\rtf1 \\", Broken::Braces),
            (b"{\\rtf1 x}}", Broken::Behind),
            (b"{\\rtf1 x} y", Broken::Behind),
            (b"{\\rtf1 \\bin3 abc}", Broken::Raw),
            (b"{\\rtf1 \x01}", Broken::Control),
            (b"{\\rtf1 \\\x01}", Broken::Control),
        ] {
            assert_eq!(adapted(bytes, US), Err(why), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in r"[ -~\n\té漢😀]{0,40}") {
            let rtf = plain(&text, US).unwrap();
            prop_assert_eq!(read(&rtf), text);
            // What we write is RTF that we take.
            let again = adapted(rtf.as_bytes(), US).unwrap();
            prop_assert_eq!(read(&again), read(&rtf));
        }

        #[test]
        fn any_bytes_are_taken_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut rtf = b"{\\rtf1 ".to_vec();
            rtf.extend(bytes);
            if let Ok(text) = adapted(&rtf, US) {
                prop_assert!(text.is_ascii() && !text.contains(['[', ']']));
            }
        }
    }
}
