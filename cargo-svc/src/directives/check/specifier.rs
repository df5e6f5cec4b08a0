//! Specifiers: systemd.unit(5), "Specifiers".

/// Each letter with the version that began to expand it, if that is newer than the oldest version, and what it becomes here:
/// a path, or some text that only the machine knows.
const SPECIFIERS: &[(char, Option<u32>, &str)] = &[
    ('a', None, TEXT),
    ('A', Some(249), TEXT),
    ('b', None, TEXT),
    ('B', None, TEXT),
    // Not in the manual any more, and still expanded: the control group, and what was put before all of them.
    ('c', None, PATH),
    ('r', None, PATH),
    ('R', None, PATH),
    ('C', None, PATH),
    ('d', Some(251), PATH),
    ('D', Some(256), PATH),
    ('E', None, PATH),
    ('f', None, PATH),
    ('g', None, TEXT),
    ('G', None, NUMBER),
    ('h', None, PATH),
    ('H', None, TEXT),
    ('i', None, TEXT),
    ('I', None, TEXT),
    ('j', None, TEXT),
    ('J', None, TEXT),
    ('l', None, TEXT),
    ('L', None, PATH),
    ('m', None, TEXT),
    ('M', Some(249), TEXT),
    ('n', None, TEXT),
    ('N', None, TEXT),
    ('o', None, TEXT),
    ('p', None, TEXT),
    ('P', None, TEXT),
    ('q', Some(251), TEXT),
    ('s', None, PATH),
    ('S', None, PATH),
    ('t', None, PATH),
    ('T', None, PATH),
    ('u', None, TEXT),
    ('U', None, NUMBER),
    ('v', None, TEXT),
    ('V', None, PATH),
    ('w', None, TEXT),
    ('W', None, TEXT),
    ('y', Some(251), PATH),
    ('Y', Some(251), PATH),
];

const TEXT: &str = "x";
const NUMBER: &str = "1";
const PATH: &str = "/x";

/// A text after its specifiers were expanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text.
    pub(super) text: String,
    /// Whether something stands in it that only the machine knows.
    pub(super) open: bool,
}

/// Expands what stands in a text. A `%` before anything but a letter means itself.
pub(super) fn expand(text: &str) -> Result<Expanded, String> {
    let mut expanded = Expanded {
        text: String::with_capacity(text.len()),
        open: false,
    };
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        expanded.text.push_str(before);
        let Some(letter) = after.chars().next() else {
            expanded.text.push('%');
            return Ok(expanded);
        };
        rest = &after[letter.len_utf8()..];
        match SPECIFIERS.iter().find(|(known, ..)| *known == letter) {
            Some((.., becomes)) => {
                expanded.text.push_str(becomes);
                expanded.open = true;
            }
            None if letter == '%' => expanded.text.push('%'),
            None if letter.is_ascii_alphabetic() => {
                return Err(format!(
                    "`%{letter}` is no specifier; `%%` is a percent sign"
                ));
            }
            None => expanded.text.extend(['%', letter]),
        }
    }
    expanded.text.push_str(rest);
    Ok(expanded)
}

/// The letters of the specifiers in a text.
pub(in super::super) fn letters(text: &str) -> impl Iterator<Item = char> {
    let mut chars = text.chars();
    std::iter::from_fn(move || {
        chars.find(|c| *c == '%')?;
        chars.next()
    })
}

/// The version that began to expand a specifier, if it is newer than the oldest version.
pub(in super::super) fn since(letter: char) -> Option<u32> {
    SPECIFIERS
        .iter()
        .find(|(known, ..)| *known == letter)
        .and_then(|(_, since, _)| *since)
}
