use proptest::prelude::*;

use super::*;

fn split(value: &str, how: Split) -> Result<Vec<String>, WordError> {
    words(value, how).collect()
}

fn good(value: &str, how: Split) -> Vec<String> {
    split(value, how).unwrap_or_else(|error| panic!("{value:?}: {error}"))
}

#[test]
fn blanks_separate() {
    for how in [
        Split::UNQUOTED,
        Split::UNITS,
        Split::QUOTED,
        Split::STRINGS,
        Split::ESCAPED,
    ] {
        assert_eq!(good(" a \t b\r\nc ", how), ["a", "b", "c"]);
        assert_eq!(good("", how), [""; 0]);
        assert_eq!(good(" \t", how), [""; 0]);
        // Only these four are blanks.
        assert_eq!(good("a\u{a0}b\u{b}c", how), ["a\u{a0}b\u{b}c"]);
    }
}

#[test]
fn quotes_group_where_they_are_quotes() {
    for how in [Split::QUOTED, Split::STRINGS, Split::ESCAPED] {
        assert_eq!(good(r#""a b" 'c "d'"#, how), ["a b", "c \"d"]);
        assert_eq!(good(r#"a" b"'c 'd"#, how), ["a bc d"]);
        assert_eq!(good(r#""" '' x"#, how), ["", "", "x"]);
        assert_eq!(split("a 'b c", how), Err(WordError::Quote));
        assert_eq!(split("a b\"", how), Err(WordError::Quote));
    }
    assert_eq!(good(r#""a b" 'c"#, Split::UNQUOTED), ["\"a", "b\"", "'c"]);
    assert_eq!(good(r#""a b" 'c"#, Split::UNITS), ["\"a", "b\"", "'c"]);
}

#[test]
fn a_backslash_means_one_of_five_things() {
    let text = r"a\ b \x41";
    assert_eq!(good(text, Split::UNITS), [r"a\", "b", r"\x41"]);
    assert_eq!(good(text, Split::STRINGS), [r"a\", "b", r"\x41"]);
    assert_eq!(good(text, Split::UNQUOTED), ["a b", "x41"]);
    assert_eq!(good(text, Split::QUOTED), ["a b", "x41"]);
    assert_eq!(split(text, Split::ESCAPED), Err(WordError::Escape));
    assert_eq!(good(text, Split::ESCAPED.relaxed()), [r"a\ b", "A"]);
    assert_eq!(good(r"a\:b:c", Split::ESCAPED_COLONS), ["a:b", "c"]);
    assert_eq!(good(r#""a\"b" 'c\'d'"#, Split::QUOTED), ["a\"b", "c'd"]);
    assert_eq!(good(r#""a\" b"#, Split::STRINGS), [r"a\", "b"]);
    // A character of several bytes.
    assert_eq!(good("\\é", Split::QUOTED), ["é"]);
    assert_eq!(good("\\é", Split::ESCAPED.relaxed()), ["\\é"]);
}

#[test]
fn a_backslash_at_the_end_begins_nothing() {
    for how in [
        Split::UNQUOTED,
        Split::QUOTED,
        Split::ESCAPED,
        Split::ESCAPED_COLONS,
    ] {
        assert_eq!(split("a\\", how), Err(WordError::Escape), "{how:?}");
    }
    assert_eq!(good("a\\", Split::STRINGS), ["a\\"]);
    assert_eq!(good("a\\", Split::ESCAPED.relaxed()), ["a\\"]);
    assert_eq!(
        split("\"a\\", Split::ESCAPED.relaxed()),
        Err(WordError::Quote)
    );
    assert_eq!(split("\"a\\", Split::QUOTED), Err(WordError::Quote));
}

#[test]
fn every_escape_of_c_is_known() {
    let one = |text| good(text, Split::ESCAPED).remove(0);
    assert_eq!(
        one(r#"\a\b\f\n\r\t\v\\\"\'\s."#),
        "\u{7}\u{8}\u{c}\n\r\t\u{b}\\\"' ."
    );
    assert_eq!(one(r"\x41\x7e\101"), "A~A");
    assert_eq!(one(r"\xc3\xa9\303\251"), "éé");
    assert_eq!(one(r"\u00e9\U0001F600\u20aC"), "é😀€");
    for none in [
        r"\z",
        r"\x4",
        r"\x4g",
        r"\x00",
        r"\000",
        r"\400",
        r"\08",
        r"\18",
        r"\u12",
        r"\u0000",
        r"\u+123",
        r"\U00110000",
        r"\U0000fffe",
        r"\U0000d800",
        r"\U1234567",
        r"\8",
        r"\x+1",
        "\\xé",
        "\\1é",
    ] {
        assert_eq!(
            split(none, Split::ESCAPED),
            Err(WordError::Escape),
            "{none}"
        );
        assert_eq!(good(none, Split::ESCAPED.relaxed()), [none]);
    }
}

#[test]
fn bytes_that_are_no_text_are_told() {
    for text in [r"\xff", r"a\351b", r"\ud800", r"\xc3 \xa9"] {
        let words: Vec<_> = words(text, Split::ESCAPED).collect();
        assert_eq!(words[0], Err(WordError::NotText), "{text}");
    }
    // They end nothing.
    let words: Vec<_> = words(r"\xff b", Split::ESCAPED).collect();
    assert_eq!(words, [Err(WordError::NotText), Ok("b".into())]);
}

#[test]
fn what_was_before_an_error_stays() {
    let words: Vec<_> = words("a=1 'b", Split::ESCAPED).collect();
    assert_eq!(words, [Ok("a=1".into()), Err(WordError::Quote)]);
}

#[test]
fn colons_separate_empty_parts() {
    assert_eq!(good("a::b:", Split::COLONS), ["a", "", "b", ""]);
    assert_eq!(good("", Split::COLONS), [""]);
    assert_eq!(good(":", Split::COLONS), ["", ""]);
    assert_eq!(good("a b:c", Split::COLONS), ["a b", "c"]);
    assert_eq!(
        good("1-2,3  4, 5", Split::PROCESSORS),
        ["1-2", "3", "4", "5"]
    );
}

#[test]
fn specifiers_are_told_from_percent_signs() {
    for word in ["%i", "a%hb", "%%%n", "%1", "%Z"] {
        assert!(has_specifier(word), "{word}");
        assert_eq!(literal_text(word), None, "{word}");
    }
    for (word, text) in [
        ("%%", "%"),
        ("100%", "100%"),
        ("50% off", "50% off"),
        ("%%i", "%i"),
        ("%%%%", "%%"),
        ("%-%%", "%-%"),
        ("%é", "%é"),
        ("$$a", "$$a"),
    ] {
        assert!(!has_specifier(word), "{word}");
        assert_eq!(literal_text(word).as_deref(), Some(text), "{word}");
    }
}

#[test]
fn variables_are_told_from_dollar_signs() {
    for word in [
        "$A", "${A}", "a${A}b", "$", "$5", "$é", "a$$${B}", "${", "$%%",
    ] {
        assert!(has_variable(word), "{word}");
        assert_eq!(literal_argument(word), None, "{word}");
    }
    for (word, text) in [
        ("a$b", "a$b"),
        ("$$A", "$A"),
        ("$${A}", "${A}"),
        ("a$", "a$"),
        ("a$$$b", "a$$b"),
        ("%%$$", "%$"),
    ] {
        assert!(!has_variable(word), "{word}");
        assert_eq!(literal_argument(word).as_deref(), Some(text), "{word}");
    }
    assert_eq!(literal_argument("a%i"), None);
}

/// Text with plenty of what means something here.
fn odd() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![
        ' ', '\t', '"', '\'', '\\', ':', ';', 'x', 'u', 'U', '4', '1', '0', 'n', '%', '$', '{',
        'é', '~',
    ]);
    prop::collection::vec(prop_oneof![4 => special, 1 => any::<char>()], 0..24)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn nothing_panics(text in odd()) {
        for how in [
            Split::UNQUOTED, Split::UNITS, Split::QUOTED, Split::STRINGS, Split::ESCAPED, Split::ESCAPED.relaxed(),
            Split::COLONS, Split::ESCAPED_COLONS, Split::PROCESSORS,
        ] {
            prop_assert!(words(&text, how).count() <= text.len() + 1);
        }
        let _ = (literal_text(&text), literal_argument(&text));
    }

    #[test]
    fn doubled_marks_read_back(text in odd()) {
        let doubled = text.replace('%', "%%").replace('$', "$$");
        prop_assert_eq!(literal_argument(&doubled), Some(text));
    }

    #[test]
    fn quoted_words_read_back(texts in prop::collection::vec(odd(), 0..4)) {
        let line: Vec<String> = texts
            .iter()
            .map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
            .collect();
        prop_assert_eq!(split(&line.join(" "), Split::QUOTED), Ok(texts.clone()));
        prop_assert_eq!(split(&line.join("\t "), Split::ESCAPED), Ok(texts));
    }
}
