use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Diagnostic, Place, Report, SourceFile, human, json};

fn place(text: &str, span: std::ops::Range<usize>) -> Place {
    Place {
        source: Arc::new(SourceFile {
            path: PathBuf::from("Cargo.toml"),
            text: text.to_owned(),
        }),
        key: "package.metadata.service.start".into(),
        span,
    }
}

fn plain(found: &Diagnostic) -> String {
    anstream::adapter::strip_str(&human::render(found)).to_string()
}

#[test]
fn a_person_sees_line_caret_and_help() {
    let text = "a = 1\nü = 2 # ☃\nstart = \"bot\"\n";
    let at = text.find("\"bot").expect("it is there");
    let place = place(text, at..at + 5);
    let found = Diagnostic::error("unknown value \"bot\" for `start`")
        .at(Some(&place))
        .label("did you mean `boot`?")
        .help("for example: start = \"boot\"");
    assert_eq!(
        plain(&found),
        "error: unknown value \"bot\" for `start`
 --> Cargo.toml:3:9
  |
3 | start = \"bot\"
  |         ^^^^^ did you mean `boot`?
  |
  = help: for example: start = \"boot\"\n\n"
    );
    let bare = Diagnostic::warning("something").help("do this");
    assert_eq!(
        plain(&bare),
        "warning: something\n  |\n  = help: do this\n\n"
    );
}

#[test]
fn only_the_first_line_of_a_long_value_is_quoted() {
    let text = "args = [\r\n  1,\r\n]\r\n";
    let found = Diagnostic::error("wrong")
        .at(Some(&place(text, 7..17)))
        .label("here");
    let text = plain(&found);
    assert!(text.contains("1 | args = [\n  |        ^ here"), "{text}");
}

#[test]
fn a_program_gets_one_line() {
    let found = Diagnostic::error("wrong")
        .at(Some(&place("é = 1\nü = 2\n", 12..13)))
        .help("a\nb");
    let line = json::render(&found);
    assert!(!line.contains('\n'), "{line}");
    let value: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!(value["span"]["start"]["line"], 2);
    assert_eq!(value["span"]["start"]["column"], 5);
    assert_eq!(value["level"], "error");
    assert_eq!(value["key"], "package.metadata.service.start");
    let bare: serde_json::Value =
        serde_json::from_str(&json::render(&Diagnostic::note("x"))).expect("it is JSON");
    assert!(bare["span"].is_null() && bare["path"].is_null());
}

proptest! {
    #[test]
    fn any_span_can_be_shown(text in "[a-z☃\\r\\n\\tä]{0,20}", start in 0_usize..70, length in 0_usize..70) {
        let found = Diagnostic::error("x").at(Some(&place(&text, start..start + length))).label("l");
        prop_assert!(human::render(&found).contains('x'));
        prop_assert!(!json::render(&found).contains('\n'));
    }
}

#[test]
fn what_is_said_twice_is_told_once() {
    let here = place("start = 1\nstart = 2\n", 0..5);
    let there = place("start = 1\nstart = 2\n", 10..15);
    let elsewhere = place("start = 3\n", 0..5);
    let found = |place: &Place| Diagnostic::error("no such key").at(Some(place));
    let mut report = Report::default();
    for _ in 0..2 {
        report.add(found(&here));
        report.add(found(&there));
        report.add(Diagnostic::error("no such key"));
        // The same words in another file, though it has the same name; and other advice.
        report.add(found(&elsewhere));
        report.add(found(&here).help("leave it out"));
        report.add(Diagnostic::warning("no such key"));
    }
    let mut again = Report::default();
    again.add(found(&there));
    report.append(again);
    assert_eq!(report.diagnostics().len(), 6);
    assert_eq!(report.errors(), 5);
    let of_source = |place: &Place| report.errors_in(&place.source).count();
    assert_eq!(
        (of_source(&here), of_source(&there), of_source(&elsewhere)),
        (2, 1, 1)
    );
    assert!(!report.has_errors_in(&place("start = 1\n", 0..5).source));
}
