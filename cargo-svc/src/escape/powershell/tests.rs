use proptest::prelude::*;

use super::*;
use crate::testing::readers::powershell as read_back;

#[test]
fn every_quote_that_powershell_knows_is_doubled() {
    for (text, written) in [
        ("", "''"),
        ("$x `n \"", "'$x `n \"'"),
        ("it's", "'it''s'"),
        (
            "\u{2018}\u{2019}\u{201A}\u{201B}",
            "'\u{2018}\u{2018}\u{2019}\u{2019}\u{201A}\u{201A}\u{201B}\u{201B}'",
        ),
        ("\u{2019}'", "'\u{2019}\u{2019}'''"),
    ] {
        assert_eq!(literal(text).unwrap().0, written);
        assert_eq!(read_back(written).as_deref(), Some(text));
    }
}

#[test]
fn what_a_script_cannot_hold_is_refused() {
    for text in ["a\0b", "a\nb", "a\rb"] {
        assert!(literal(text).is_err(), "{text:?}");
        assert!(texts(["a", text]).is_err(), "{text:?}");
        assert!(super::value(&Value::literal(text)).is_err(), "{text:?}");
    }
}

#[test]
fn the_folder_is_a_piece_of_its_own() {
    let mut value = Value::literal("\"");
    value.append(&Value::install_dir());
    value.push("\\it's.exe\"");
    assert_eq!(
        super::value(&value).unwrap().0,
        r#"@('"', $null, '\it''s.exe"')"#
    );
    assert_eq!(super::value(&Value::default()).unwrap().0, "@()");
    assert_eq!(super::value(&Value::program_data()).unwrap().0, "@(0)");
}

#[test]
fn lists_and_tables_stay_what_they_are_with_one_element() {
    assert_eq!(list([boolean(true)]).0, "@($true)");
    assert_eq!(table([("Name", number(7))]).0, "@{ Name = 7 }");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_reads_back(text in "([^\0\r\n]|['\u{2018}-\u{201B}`$\"#@{}()]){0,40}") {
        let written = literal(&text).unwrap().0;
        prop_assert_eq!(read_back(&written), Some(text));
    }
}
