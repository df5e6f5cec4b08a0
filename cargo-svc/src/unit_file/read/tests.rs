use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::diagnostics::{Level, human};

fn try_read(file: &str, bytes: &[u8]) -> (Option<UnitText>, Vec<String>) {
    let mut report = Report::default();
    let name = UnitName::parse(file).expect("a unit's name");
    let unit = read(Path::new(file), name, bytes, &mut report);
    assert_eq!(unit.is_none(), report.has_errors());
    let found = report.diagnostics().iter().map(|found| {
        human::render(found);
        let level = match found.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        format!("{level}: {}: {}", found.message, found.label)
    });
    (unit, found.collect())
}

/// A file in which nothing is wrong.
fn good(text: &str) -> UnitText {
    let (unit, found) = try_read("a.service", text.as_bytes());
    assert_eq!(found, [""; 0], "{text:?}");
    unit.expect("nothing is wrong")
}

/// A file that systemd reads, with what it says.
fn warned(text: &str) -> (UnitText, Vec<String>) {
    let (unit, found) = try_read("a.service", text.as_bytes());
    (unit.expect("there are no errors"), found)
}

fn pairs(unit: &UnitText) -> Vec<(&str, &str, &str)> {
    unit.assignments()
        .into_iter()
        .map(|(section, entry)| (section.word(), entry.key.as_str(), entry.value.as_str()))
        .collect()
}

fn comments(comments: &[Comment]) -> Vec<(usize, &str)> {
    comments
        .iter()
        .map(|comment| (comment.line, comment.text.as_str()))
        .collect()
}

#[test]
fn sections_and_assignments() {
    let unit = good(
        "[Unit]\nDescription = A  b \t\n\n  [Service]  \nExecStart=/bin/x a=b\n\tType=\n[Install]",
    );
    assert_eq!(
        pairs(&unit),
        [
            ("Unit", "Description", "A  b"),
            ("Service", "ExecStart", "/bin/x a=b"),
            ("Service", "Type", ""),
        ]
    );
    let lines: Vec<_> = unit.sections.iter().map(|section| section.line).collect();
    assert_eq!(lines, [1, 4, 7]);
    let entry = &unit.sections[1].entries[0];
    assert_eq!(
        (entry.line, entry.raw.as_str()),
        (5, "ExecStart=/bin/x a=b")
    );
    assert_eq!(&unit.source.text[entry.place.span.clone()], "/bin/x a=b");
    assert_eq!(&unit.source.text[entry.key_place.span.clone()], "ExecStart");
    assert_eq!(entry.place.key, "ExecStart");
    assert_eq!(unit.entry_at(5), Some(entry));
    assert_eq!(unit.entry_at(1), None);
}

#[test]
fn a_section_that_stands_there_twice_is_one() {
    let unit = good("#1\n[Unit]\nAfter=a\n[Service]\nType=simple\n#2\n[Unit]\nAfter=b\n");
    assert_eq!(unit.sections.len(), 2);
    assert_eq!(comments(&unit.sections[0].comments), [(1, "1"), (6, "2")]);
    // The order of the file counts across them.
    assert_eq!(
        pairs(&unit),
        [
            ("Unit", "After", "a"),
            ("Service", "Type", "simple"),
            ("Unit", "After", "b")
        ]
    );
}

#[test]
fn a_backslash_at_the_end_continues() {
    let unit = good(
        "[Service]\nExecStart=/bin/x \\\n  a\\\n# no part of it\n   ; neither\n\tb \\\\\nType=\\\n\nUser=a\\",
    );
    assert_eq!(
        pairs(&unit),
        [
            ("Service", "ExecStart", "/bin/x    a \tb \\\\"),
            ("Service", "Type", ""),
            ("Service", "User", "a"),
        ]
    );
    let entry = &unit.sections[0].entries[0];
    assert_eq!(entry.line, 2);
    assert_eq!(
        comments(&entry.comments),
        [(4, " no part of it"), (5, " neither")]
    );
    assert_eq!(
        entry.raw,
        "ExecStart=/bin/x \\\n  a\\\n# no part of it\n   ; neither\n\tb \\\\"
    );
    assert_eq!(
        &unit.source.text[entry.place.span.clone()],
        &entry.raw["ExecStart=".len()..]
    );
    // Whatever follows: a header, an empty line, the end of the file.
    assert_eq!(
        pairs(&good("[Unit]\nDescription=a\\\n[Service]\nType=b")),
        [
            ("Unit", "Description", "a [Service]"),
            ("Unit", "Type", "b")
        ]
    );
    assert_eq!(
        pairs(&good("[Unit]\nDescription=a\\\\\\\n\nAfter=b")),
        [("Unit", "Description", "a\\\\"), ("Unit", "After", "b")]
    );
    // A blank after it ends the line.
    assert_eq!(
        pairs(&good("[Unit]\nDescription=a\\ \nAfter=b")),
        [("Unit", "Description", "a\\"), ("Unit", "After", "b")]
    );
    // The key may be cut off from its `=`.
    let cut = good("[Unit]\nAfter\\\n#=\n=b");
    assert_eq!(pairs(&cut), [("Unit", "After", "b")]);
    assert_eq!(
        &cut.source.text[cut.sections[0].entries[0].place.span.clone()],
        "b"
    );
}

#[test]
fn comments_go_to_what_follows() {
    let unit = good(
        "# a\n;b\n\n# c\n[Unit]\n\n# d\nAfter=x # no comment\n #e\n\n#f\n[Service]\nType=simple\n# g\n\n# h\n",
    );
    let [first, second] = &*unit.sections else {
        panic!("{unit:?}")
    };
    assert_eq!(comments(&first.comments), [(1, " a"), (2, "b"), (4, " c")]);
    assert_eq!(comments(&first.entries[0].comments), [(7, " d")]);
    assert_eq!(first.entries[0].value, "x # no comment");
    // An empty line parts them from the next header.
    assert_eq!(comments(&first.trailing), [(9, "e")]);
    assert_eq!(comments(&second.comments), [(11, "f")]);
    assert_eq!(comments(&second.trailing), [(14, " g"), (16, " h")]);
    assert_eq!(comments(&unit.comments), []);
    assert_eq!(comments(&good("# alone\n").comments), [(1, " alone")]);
}

#[test]
fn a_byte_order_mark_is_skipped_once() {
    assert_eq!(
        pairs(&good("\u{feff}[Unit]\nAfter=a")),
        [("Unit", "After", "a")]
    );
    assert_eq!(
        pairs(&good("#\n\u{feff}[Unit]\n\u{feff}After=a")),
        [("Unit", "\u{feff}After", "a")]
    );
    // It is looked at only after comments were.
    let (unit, found) = warned("\u{feff}# a\n[Unit]\nAfter=b");
    assert_eq!(
        found,
        ["warning: a line outside of any section: systemd ignores it"]
    );
    assert_eq!(pairs(&unit), [("Unit", "After", "b")]);
}

#[test]
fn every_end_of_a_line_ends_it() {
    let want = [("Unit", "After", "a b"), ("Unit", "Before", "c")];
    for text in [
        "[Unit]\r\nAfter=a\\\r\nb\r\n\r\nBefore=c\r\n",
        "[Unit]\rAfter=a\\\rb\r\rBefore=c",
    ] {
        let unit = good(text);
        assert_eq!(pairs(&unit), want);
        assert_eq!(unit.sections[0].entries[1].line, 5);
    }
    let (unit, found) = warned("[Unit]\nAfter=a\0Before=c\n");
    assert_eq!(
        pairs(&unit),
        [("Unit", "After", "a"), ("Unit", "Before", "c")]
    );
    assert_eq!(
        found,
        ["warning: line 2 ends in NUL: systemd takes NUL for the end of the line"]
    );
}

#[test]
fn what_systemd_ignores_is_a_warning() {
    let (unit, found) = warned(
        "After=a\n[Unit]\nnothing\n=b\nAfter=c\n[Bogus]\nA=b\nno sign\n[X-Own]\n#d\nA=b\n[Unit]\nAfter=e\n[Socket]\nAccept=yes",
    );
    assert_eq!(
        found,
        [
            "warning: a line outside of any section: systemd ignores it",
            "warning: a line without `=`: systemd ignores it",
            "warning: there is no key before `=`: systemd ignores the line",
            "warning: unknown section `[Bogus]`: systemd ignores it and its lines: a .service unit has [Unit], [Service], [Install]",
            "warning: unknown section `[Socket]`: systemd ignores it and its lines: a .service unit has [Unit], [Service], [Install]",
        ]
    );
    assert_eq!(
        pairs(&unit),
        [("Unit", "After", "c"), ("Unit", "After", "e")]
    );
    // Nothing of it is lost.
    let ignored: Vec<_> = unit
        .ignored
        .iter()
        .map(|s| (s.name.as_str(), s.entries.len()))
        .collect();
    assert_eq!(ignored, [("Bogus", 2), ("X-Own", 1), ("Socket", 1)]);
    assert_eq!(unit.ignored[0].entries[1].raw, "no sign");
    assert_eq!(comments(&unit.ignored[1].entries[0].comments), [(10, "d")]);
    let (_, found) = warned("");
    assert_eq!(
        found,
        [
            "warning: the file is empty: systemd takes the unit for a masked one, which nothing can start"
        ]
    );
    let (_, found) = try_read("a.timer", b"[Timer]\nOnBootSec=1\n[Service]\n");
    assert!(
        found[0].ends_with("a .timer unit has [Unit], [Timer], [Install]"),
        "{found:?}"
    );
}

#[test]
fn what_systemd_does_not_load_is_an_error() {
    for (text, part) in [
        (
            &b"[Unit] # a\nAfter=b"[..],
            "`[Unit] # a` is not the header",
        ),
        (b"[", "is not the header"),
        (b"[Unit\n", "is not the header"),
        (b"[Un\"it]\n", "is not the header"),
        (b"[Unit]\nDescription=\xe9\n", "line 2 is not UTF-8"),
        (b"[Unit]\nDescription=\xef\xbf\xbf\n", "line 2 is not UTF-8"),
        (b"[X-A]\n\xe9\n", "line 2 is not UTF-8"),
    ] {
        let (unit, found) = try_read("a.service", text);
        assert!(unit.is_none());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("error: ") && found[0].contains(part),
            "{found:?}"
        );
    }
    // All of them at once, and nothing about lines after a wrong header.
    let (_, found) = try_read("a.service", b"[Unit\nAfter=a\n[Unit]\nA=\xe9\n");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_comment_need_not_be_utf8() {
    let (unit, found) = try_read("a.service", b"# caf\xe9\n[Unit]\nAfter=a");
    assert_eq!(
        found,
        ["warning: the comment in line 1 is not UTF-8: what cannot be read is replaced"]
    );
    assert_eq!(
        unit.expect("it is loaded").sections[0].comments[0].text,
        " caf\u{fffd}"
    );
}

#[test]
fn a_line_has_an_end() {
    let line = |value: usize| format!("[Unit]\nDescription={}", "a".repeat(value));
    let most = LONGEST - "Description=".len();
    assert_eq!(good(&line(most)).sections[0].entries[0].value.len(), most);
    for text in [
        line(most + 1),
        format!("[Unit]\n#{}", "a".repeat(LONGEST)),
        format!("[Unit]\nA=\\\n{}\\\n{}", "a".repeat(LONGEST - 2), "b"),
    ] {
        let (unit, found) = try_read("a.service", text.as_bytes());
        assert!(unit.is_none());
        assert_eq!(
            found,
            [
                "error: a line of more than 1048575 bytes: systemd loads nothing of a unit with such a line"
            ]
        );
    }
}

/// Lines of a unit, whole and broken.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just(b"[Unit]".to_vec()),
        Just(b"[Service]".to_vec()),
        Just(b"[X-A]".to_vec()),
        Just(b"# c".to_vec()),
        Just(b"A=b\\".to_vec()),
        Just("\u{feff}".into()),
        Just(Vec::new()),
        "\\PC{0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..8),
    ];
    let end = prop::sample::select(vec![&b"\n"[..], b"\r\n", b"\r", b"\0", b""]);
    prop::collection::vec((line, end), 0..12).prop_map(|lines| {
        lines
            .into_iter()
            .flat_map(|(line, end)| [line, end.to_vec()].concat())
            .collect()
    })
}

proptest! {
    #[test]
    fn nothing_panics_and_no_comment_is_lost(bytes in lines()) {
        let (unit, _) = try_read("a.service", &bytes);
        if let Some(unit) = unit {
            let (text, lines) = super::lines(&bytes);
            let want = lines.into_iter().filter(|line| {
                text[line.span.clone()].trim_start_matches(is_blank).starts_with(['#', ';'])
            }).count();
            let of_section = |comments: &[Comment], entries: &[Entry], trailing: &[Comment]| {
                comments.len() + trailing.len() + entries.iter().map(|entry| entry.comments.len()).sum::<usize>()
            };
            let read: usize = unit.sections.iter().map(|s| of_section(&s.comments, &s.entries, &s.trailing)).sum();
            let ignored: usize = unit.ignored.iter().map(|s| of_section(&s.comments, &s.entries, &s.trailing)).sum();
            prop_assert_eq!(unit.comments.len() + read + ignored, want);
            for (_, entry) in unit.assignments() {
                prop_assert!(unit.source.text.contains(&entry.raw));
                prop_assert!(unit.source.text.get(entry.place.span.clone()).is_some());
            }
        }
    }
}
