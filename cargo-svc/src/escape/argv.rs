//! Words of a Windows command line, as `CommandLineToArgvW` and the C runtime split them
//! (Microsoft, "Parsing C Command-Line Arguments").
//!
//! Two rules are all there is: a quote ends or begins a quoted part, and backslashes mean themselves unless a quote
//! follows them; then each pair is one backslash and an odd one makes the quote a literal.

use super::part::Part;
use crate::plan::windows::{Piece, Value};

/// The value as one word: in quotes if it has to be, or if it holds a folder, whose path may hold a space.
pub(crate) fn word(value: &Value) -> Value {
    let quotes = value.pieces().is_empty()
        || value.pieces().iter().any(|piece| match piece {
            Piece::InstallDir | Piece::ProgramData => true,
            Piece::Literal(text) => needs_quotes(text),
        });
    if quotes { quoted(value) } else { value.clone() }
}

/// Whether text is one word only between quotes.
pub(crate) fn needs_quotes(text: &str) -> bool {
    text.is_empty() || text.bytes().any(|byte| matches!(byte, b' ' | b'\t' | b'"'))
}

/// The value as one word in quotes.
pub(crate) fn quoted(value: &Value) -> Value {
    let mut out = Value::default();
    quote(value.pieces().iter().map(Part::from), |part| match part {
        Part::Text(text) => out.push(text),
        Part::InstallDir => out.push_piece(&Piece::InstallDir),
        Part::ProgramData => out.push_piece(&Piece::ProgramData),
    });
    out
}

/// Gives the parts of a value as those of one word in quotes.
pub(crate) fn quote<'a>(
    parts: impl Iterator<Item = Part<'a>>,
    mut put: impl for<'p> FnMut(Part<'p>),
) {
    put(Part::Text("\""));
    // Backslashes whose meaning depends on what follows them, in the next part too.
    let mut backslashes = 0;
    for part in parts {
        let Part::Text(text) = part else {
            // A folder's path holds no quote, begins with no backslash run that a quote follows, and does not end in one.
            backslashes = 0;
            put(part);
            continue;
        };
        for (index, run) in text.split('"').enumerate() {
            if index > 0 {
                (0..=backslashes).for_each(|_| put(Part::Text("\\")));
                put(Part::Text("\""));
                backslashes = 0;
            }
            put(Part::Text(run));
            let last = run.bytes().rev().take_while(|byte| *byte == b'\\');
            let last = last.count();
            backslashes = if last == run.len() {
                backslashes + last
            } else {
                last
            };
        }
    }
    (0..backslashes).for_each(|_| put(Part::Text("\\")));
    put(Part::Text("\""));
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    pub(crate) use crate::testing::readers::split;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        for (value, expected) in [
            ("--config", "--config"),
            (r"C:\a\b", r"C:\a\b"),
            (r"C:\a b\", r#""C:\a b\\""#),
            ("", r#""""#),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"\\"\"#, r#""\\\\\"\\""#),
        ] {
            assert_eq!(word(&Value::literal(value)), Value::literal(expected));
        }
    }

    #[test]
    fn a_value_with_the_install_folder_is_quoted() {
        let mut value = Value::install_dir();
        value.push(r"\");
        let word = word(&value);
        assert_eq!(
            word.with_folders(r"C:\Program Files\b"),
            r#""C:\Program Files\b\\""#
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_quoted_reads_back(words in prop::collection::vec(r#"[ \t"\\a-c%^&é]{0,12}"#, 1..5)) {
            let line: Vec<String> = words
                .iter()
                .map(|text| word(&Value::literal(text)).with_folders(""))
                .collect();
            prop_assert_eq!(split(&line.join(" ")), words);
        }

        #[test]
        fn what_surrounds_the_folder_reads_back(before in r#"[ "\\a]{0,6}"#, after in r#"[ "\\a]{0,6}"#) {
            let mut value = Value::literal(&before);
            value.append(&Value::install_dir());
            value.push(&after);
            let folder = r"C:\Program Files\beacon & co";
            prop_assert_eq!(
                split(&word(&value).with_folders(folder)),
                vec![format!("{before}{folder}{after}")]
            );
        }
    }
}
