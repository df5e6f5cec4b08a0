//! What a backslash begins: `cunescape_one()` of systemd 252 and 257.

use super::{Backslash, Split, WordError};

/// Reads what follows a backslash into the word; returns what follows that.
pub(super) fn escape<'a>(
    after: &'a str,
    split: Split,
    in_quotes: bool,
    word: &mut Vec<u8>,
) -> Result<&'a str, WordError> {
    let relaxed = split.backslash == Backslash::EscapesRelaxed;
    let Some(c) = after.chars().next() else {
        // At the end of the value. Inside quotes it is the quote that is wrong, relaxed or not.
        return if relaxed && !in_quotes {
            word.push(b'\\');
            Ok(after)
        } else {
            Err(if in_quotes {
                WordError::Quote
            } else {
                WordError::Escape
            })
        };
    };
    let rest = &after[c.len_utf8()..];
    let mut itself = |prefix: &str| {
        word.extend(prefix.bytes());
        word.extend(c.encode_utf8(&mut [0; 4]).bytes());
        Ok(rest)
    };
    if split.backslash == Backslash::Protects {
        return itself("");
    }
    match character(c, rest) {
        Some((Character::Byte(byte), length)) => {
            word.push(byte);
            Ok(&after[length..])
        }
        Some((Character::Point(point), length)) => {
            word.extend(point.encode_utf8(&mut [0; 4]).bytes());
            Ok(&after[length..])
        }
        None if split.backslash == Backslash::EscapesSeparators && split.separators.contains(c) => {
            itself("")
        }
        None if relaxed => itself("\\"),
        None => Err(WordError::Escape),
    }
}

enum Character {
    /// `\xFF` and `\377` are bytes, not code points.
    Byte(u8),
    Point(char),
}

/// What an escape stands for, and its length without the backslash. No escape stands for NUL.
fn character(c: char, rest: &str) -> Option<(Character, usize)> {
    let byte = |byte| Some((Character::Byte(byte), 1));
    let number = |text: Option<&str>, radix| {
        let text = text?;
        let digits = text.bytes().all(|b| char::from(b).is_digit(radix));
        let number = u32::from_str_radix(text, radix).ok()?;
        (digits && number != 0).then_some(number)
    };
    let point = |digits: usize| {
        let value = number(rest.get(..digits), 16)?;
        let character = match char::from_u32(value) {
            Some(point) => Character::Point(point),
            // systemd lets `\uD800` and its kin through: no UTF-8, whichever bytes they are.
            None if digits == 4 => Character::Byte(0xFF),
            None => return None,
        };
        Some((character, 1 + digits))
    };
    match c {
        'a' => byte(7),
        'b' => byte(8),
        'f' => byte(12),
        'n' => byte(b'\n'),
        'r' => byte(b'\r'),
        't' => byte(b'\t'),
        'v' => byte(11),
        '\\' | '"' | '\'' => byte(u8::try_from(c).ok()?),
        // An extension of desktop files.
        's' => byte(b' '),
        'x' => {
            let value = number(rest.get(..2), 16)?;
            Some((Character::Byte(u8::try_from(value).ok()?), 3))
        }
        'u' => point(4),
        'U' => point(8).filter(|(point, _)| match point {
            Character::Point(point) => !crate::escape::unit::is_noncharacter(*point),
            Character::Byte(_) => true,
        }),
        '0'..='7' => {
            let digits = rest.get(..2).map(|two| format!("{c}{two}"));
            let value = number(digits.as_deref(), 8)?;
            Some((Character::Byte(u8::try_from(value).ok()?), 3))
        }
        _ => None,
    }
}
