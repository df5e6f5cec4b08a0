use proptest::prelude::*;

use super::*;
use crate::testing::readers::{cmd as read, split};

fn value(pieces: &[Result<String, bool>]) -> Value {
    let mut value = Value::default();
    for piece in pieces {
        match piece {
            Ok(text) => value.push(text),
            Err(true) => value.append(&Value::install_dir()),
            Err(false) => value.append(&Value::program_data()),
        }
    }
    value
}

#[test]
fn each_kind_of_word_has_its_layout() {
    for (text, expected) in [
        ("beacon", "beacon"),
        ("", "\"\""),
        ("a b & c", "\"a b & c\""),
        ("100%", "\"100%%\""),
        (r"a b\", r#""a b\\""#),
        (r#"say "a & b" 100%"#, r#"^"say \^"a ^& b\^" 100%%^""#),
        ("x^y!", "\"x^y!\""),
    ] {
        assert_eq!(lay_out(&Value::literal(text), 'D'), expected);
    }
}

#[test]
fn the_image_path_keeps_its_quotes() {
    let mut path = Value::install_dir();
    path.push(r"\beacon.exe");
    let mut line = argv::quoted(&path);
    line.push(" --fmt \"a & b\"");
    assert_eq!(
        lay_out(&line, 'D'),
        r#"^"\^"%%~D\beacon.exe\^" --fmt \^"a ^& b\^"^""#
    );
}

#[test]
fn a_variable_that_the_text_names_is_not_used() {
    assert_eq!(free_letter(&Value::literal("%G")), Some('H'));
    assert_eq!(free_letter(&Value::literal("%H %I")), Some('J'));
    assert_eq!(free_letter(&Value::literal("%I")), Some('J'));
}

#[test]
fn a_letter_after_the_folder_stays_one() {
    let mut value = Value::install_dir();
    value.push("D");
    let letter = free_letter(&value).unwrap();
    let raw = read(&lay_out(&value, letter), letter, ["C:\\a b", ""]);
    assert_eq!(raw.as_deref(), Some("\"C:\\a bD\""));
    for letter in ('A'..='Z').chain('a'..='z') {
        let is_modifier = MODIFIERS.contains(letter.to_ascii_lowercase());
        assert!(!is_modifier || !variables().contains(&letter), "{letter}");
    }
}

/// All variables that the escaper may ever name.
fn variables() -> Vec<char> {
    let mut used = Vec::new();
    let mut text = Value::default();
    while let Some(letter) = free_letter(&text) {
        let second = following(letter);
        used.extend([letter, second, following(second)]);
        text.push(&format!("%{letter}"));
    }
    used
}

#[test]
fn the_separator_is_free() {
    let variables = |text| vec![("A".to_owned(), Value::literal(text))];
    assert_eq!(separator(variables("a;b").iter()), Some('|'));
    assert_eq!(separator(variables("a|b").iter()), Some('#'));
    assert_eq!(separator(variables("|#;@+$").iter()), None);
}

#[test]
fn a_line_end_is_an_error_and_not_a_command() {
    let mut out = String::new();
    assert!(Cmd.write_escaped_str(&mut out, "a\r\ndel x").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn what_is_written_is_one_word_with_the_value(
        pieces in prop::collection::vec(
            prop_oneof![
                4 => "[a-zD-F \t\"\\\\%^&|<>()!,;=é☃]{1,12}".prop_map(Ok),
                1 => any::<bool>().prop_map(Err),
            ], 0..4)
    ) {
        let value = value(&pieces);
        let Some(letter) = free_letter(&value) else { return Ok(()) };
        prop_assume!(!value.literals().any(|text| text.contains("%~")));
        let (folder, data) = (r"C:\a b & c (x86) 100% ! ^", r"D:\d & e");
        let raw = read(&lay_out(&value, letter), letter, [folder, data]);
        prop_assert_eq!(raw.map(|raw| split(&raw)), Some(vec![value.resolved(folder, data)]));
    }

    #[test]
    fn echoed_text_is_echoed(text in "[a-z \"%^&|<>()!é]{1,20}") {
        prop_assert_eq!(read(&echoed(&text).0, 'D', ["", ""]), Some(text));
    }
}
