//! The little JSON that the two programs print; a whole crate for it would be built for Windows in every run.

/// A JSON string literal of `text`.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                out.push_str("\\u00");
                out.push_str(&hex(&[c as u8]));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A JSON array of string literals.
pub fn strings<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<String> = items.into_iter().map(|s| string(s.as_ref())).collect();
    format!("[{}]", items.join(","))
}

/// Lower-case hexadecimal digits, two for each byte: the encoding that loses nothing.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{hex, string, strings};

    #[test]
    fn control_characters_quotes_and_backslashes_are_escaped() {
        assert_eq!(string("a\"b\\c\nd ü"), "\"a\\\"b\\\\c\\u000ad ü\"");
    }

    #[test]
    fn arrays_are_joined_by_commas() {
        assert_eq!(strings(["a", "b"]), "[\"a\",\"b\"]");
        assert_eq!(strings(Vec::<String>::new()), "[]");
    }

    #[test]
    fn bytes_become_two_digits_each() {
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
