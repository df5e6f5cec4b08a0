//! The raw tables beside the table of directives.

use super::{check, document};
use crate::directives::{self, Kind, Section};
use crate::testing::HEAD;

/// The schema's opinion of a line.
fn takes(section: Section, key: &str, value: &str) -> bool {
    let table = section.word().to_lowercase();
    let tables = format!("metadata.service.systemd = {{ {table} = {{ {key} = {value} }} }}");
    check(&format!("{HEAD}{tables}\n")).is_ok()
}

#[test]
fn it_knows_every_directive() {
    let definitions = &document()["definitions"];
    for directive in directives::all() {
        // What newer versions have dropped is not offered.
        if directive.until.is_some() {
            continue;
        }
        let table = format!("lines.{}", directive.section.word().to_lowercase());
        let described = &definitions[&table]["properties"][directive.name]["description"];
        let accepts = directive.accepts();
        assert!(
            described
                .as_str()
                .is_some_and(|text| text.contains(&accepts)),
            "{directive:?}"
        );
    }
}

#[test]
fn it_refuses_no_value_that_is_taken() {
    let simple = |kind| matches!(kind, Kind::Boolean | Kind::Integer);
    for directive in directives::all().iter().filter(|one| simple(one.kind)) {
        for value in [
            "true", "false", "-100", "-1", "0", "1", "2", "19", "99", "500", "65536", "\"%i\"",
            "\"\"",
        ] {
            let plain = value.trim_matches('"');
            if directive.check(plain).is_ok() {
                let name = directive.name;
                assert!(takes(directive.section, name, value), "{name} = {value}");
                assert!(
                    takes(directive.section, name, &format!("[{value}]")),
                    "{name} = [{value}]"
                );
            }
        }
        for word in directive.values {
            let value = format!("\"{}\"", word.word);
            assert!(
                takes(directive.section, directive.name, &value),
                "{}: {value}",
                directive.name
            );
        }
    }
}

#[test]
fn it_underlines_what_is_wrong_at_a_glance() {
    assert!(takes(Section::Service, "Nice", "5"));
    for (key, value) in [
        ("Nice", "500"),
        ("Nice", "true"),
        ("Nice", "1.5"),
        ("Nice", "[500]"),
        ("PrivateTmp", "1.5"),
        ("PrivateTmp", "7"),
        ("Nice", "{}"),
    ] {
        assert!(!takes(Section::Service, key, value), "{key} = {value}");
    }
    // What is newer than this table may be right.
    assert!(takes(Section::Service, "OfTomorrow", "1"));
}
