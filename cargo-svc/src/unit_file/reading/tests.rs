mod parts;

use super::*;
use crate::escape::unit::words::Split;
use crate::unit_file::grammar::Unit;

/// What an assignment without complaints gives, as it is shown.
fn shown(read: Read, text: &str) -> Vec<String> {
    let found = reading(read, text);
    assert_eq!(found.complaints, [], "{text}");
    found.values.iter().map(ToString::to_string).collect()
}

fn one(read: Read, text: &str) -> String {
    let values = shown(read, text);
    assert_eq!(values.len(), 1, "{text}: {values:?}");
    values.into_iter().next().unwrap_or_default()
}

/// The first complaint of an assignment.
fn wrong(read: Read, text: &str) -> (Outcome, String) {
    let complaint = reading(read, text).complaints.into_iter().next();
    let complaint = complaint.unwrap_or_else(|| panic!("{text:?} is taken"));
    (complaint.outcome, complaint.reason)
}

#[test]
fn switches() {
    for yes in ["1", "yes", "Y", "TRUE", "t", "on"] {
        assert_eq!(reading(Read::Bool, yes).values, [Value::Bool(true)]);
    }
    for no in ["0", "No", "n", "false", "F", "off"] {
        assert_eq!(reading(Read::Bool, no).values, [Value::Bool(false)]);
    }
    assert_eq!(
        reading(Read::Bool, "read-only").values,
        [Value::Text("read-only".into())]
    );
}

#[test]
fn times() {
    assert_eq!(one(Read::Time, "90"), "1min 30s");
    assert_eq!(one(Read::Time, "1.5h"), "1h 30min");
    assert_eq!(one(Read::Time, "0"), "0");
    assert_eq!(one(Read::TimeNotZero, "0"), "infinity");
    assert_eq!(one(Read::TimeNotZero, "infinity"), "infinity");
    assert_eq!(wrong(Read::Time, "5 parsecs").0, Outcome::Ignored);
}

#[test]
fn sizes() {
    for (text, bytes) in [
        ("0", "0"),
        ("512", "512"),
        ("64K", "65536"),
        ("1.5K", "1536"),
        ("1G 512M", "1610612736"),
        ("1G512M 3B 7", "1610612746"),
        ("10.M", "10485760"),
        ("0.1G", "107374182"),
        ("15E", "17293822569102704640"),
        ("infinity", "infinity"),
        ("50%", "50%"),
    ] {
        assert_eq!(one(Read::Size, text), bytes, "{text}");
    }
    for text in [
        "64k", "-1", "K", "1M 1G", "1M 1M", "1 K x", "16E", "1..5K", "1 2", "",
    ] {
        assert_eq!(wrong(Read::Size, text).0, Outcome::Ignored, "{text}");
    }
}

#[test]
fn numbers_and_modes() {
    assert_eq!(reading(Read::Number, "-5").values, [Value::Number(-5)]);
    for (text, number) in [("010", 8), ("0x10", 16), ("+5", 5), ("0", 0)] {
        assert_eq!(reading(Read::Number, text).values, [Value::Number(number)]);
    }
    for text in ["infinity", "50%", "99999999999999999999"] {
        assert_eq!(
            reading(Read::Number, text).values,
            [Value::Text(text.into())]
        );
    }
    assert_eq!(one(Read::Mode, "22"), "0022");
    assert_eq!(one(Read::Mode, "00750"), "0750");
    for text in ["8", "-1", "+1", "17777", "u=rwx"] {
        assert_eq!(wrong(Read::Mode, text).0, Outcome::Ignored, "{text}");
    }
}

#[test]
fn limits() {
    for (unit, text, limit) in [
        (Unit::Count, "1024", "1024"),
        (Unit::Count, "1024:1024", "1024"),
        (Unit::Count, "1024:4096", "1024:4096"),
        (Unit::Count, "infinity", "infinity"),
        (Unit::Count, "5:infinity", "5:infinity"),
        (Unit::Bytes, "1M:2M", "1048576:2097152"),
        (Unit::Seconds, "1500ms", "2"),
        (Unit::Seconds, "1min:infinity", "60:infinity"),
        (Unit::Microseconds, "5", "5"),
        (Unit::Microseconds, "5s", "5000000"),
        (Unit::Nice, "+5", "+5"),
    ] {
        assert_eq!(one(Read::Limit(unit), text), limit, "{text}");
    }
    for (unit, text) in [
        (Unit::Count, "many"),
        (Unit::Count, "2:1"),
        (Unit::Count, "infinity:1"),
        (Unit::Count, "1:2:3"),
        (Unit::Bytes, "1m"),
        (Unit::Count, "-1"),
    ] {
        assert_eq!(wrong(Read::Limit(unit), text).0, Outcome::Ignored, "{text}");
    }
}

#[test]
fn signals() {
    assert_eq!(one(Read::Signal, "TERM"), "SIGTERM");
    assert_eq!(one(Read::Signal, "SIGRTMIN+3"), "SIGRTMIN+3");
    assert_eq!(one(Read::Signal, "15"), "15");
}

#[test]
fn paths_to_the_end_of_the_line() {
    assert_eq!(one(Read::Path, "/a b//c/"), "/a b/c");
    assert_eq!(wrong(Read::Path, "\"/a b\"").0, Outcome::Ignored);
    assert_eq!(wrong(Read::Path, "a").0, Outcome::Ignored);
    assert_eq!(one(Read::WorkingDirectory, "-/a/"), "-/a");
    assert_eq!(one(Read::WorkingDirectory, "~"), "~");
    assert_eq!(one(Read::WorkingDirectory, "-~"), "-~");
    assert_eq!(wrong(Read::WorkingDirectory, "a").0, Outcome::Refused);
    assert_eq!(wrong(Read::WorkingDirectory, "-a").0, Outcome::Ignored);
    assert_eq!(
        one(Read::OptionalPath, "-/etc//default/a b"),
        "-/etc/default/a b"
    );
    assert_eq!(wrong(Read::OptionalPath, "-etc").0, Outcome::Ignored);
    assert_eq!(one(Read::PidFile, "a/b.pid"), "/run/a/b.pid");
    assert_eq!(one(Read::PidFile, "/var/run/b.pid"), "/run/b.pid");
    assert_eq!(wrong(Read::PidFile, "../b.pid").0, Outcome::Ignored);
    assert_eq!(one(Read::Address, "/var/run/a"), "/run/a");
    assert_eq!(one(Read::Address, "[::]:80"), "[::]:80");
    assert_eq!(
        one(Read::Stream, "append:/var//log/a b"),
        "append:/var/log/a b"
    );
    assert_eq!(one(Read::Stream, "syslog+console"), "journal+console");
    assert_eq!(one(Read::Stream, "fd:x"), "fd:x");
    assert_eq!(wrong(Read::Stream, "file:a").0, Outcome::Ignored);
}

#[test]
fn lists_of_paths() {
    assert_eq!(
        shown(Read::Paths, "-/a -+/b// '/c d'"),
        ["-/a", "-+/b", "/c d"]
    );
    let mixed = reading(Read::Paths, "/a b /c");
    assert_eq!(
        mixed.values,
        [Value::Path("/a".into()), Value::Path("/c".into())]
    );
    assert_eq!(mixed.complaints[0].outcome, Outcome::WordIgnored);
    assert_eq!(shown(Read::SearchPath, "/a b:/c/"), ["/a b", "/c"]);
    assert_eq!(wrong(Read::SearchPath, "/a::/b").0, Outcome::Ignored);
    assert_eq!(
        shown(Read::PathsWithOptions, "/tmp//:ro,size=1M /var"),
        ["/tmp:ro,size=1M", "/var"]
    );
    assert_eq!(wrong(Read::PathsWithOptions, ":ro").0, Outcome::WordIgnored);
}

#[test]
fn folders() {
    assert_eq!(
        shown(Read::Folders, r"a a/b//c a:d/ a::ro '%i x' e\:f"),
        ["a", "a/b/c", "a:d", "a::ro", "\"%i x\"", "e:f"]
    );
    let fields = |text| reading(Read::Folders, text).values;
    assert_eq!(fields("a:"), fields("a"));
    assert_ne!(fields(r"e\:f"), fields("e:f"));
    for text in ["/a", "../a", "private", "private/a", ":a", "a:/b"] {
        assert_eq!(wrong(Read::Folders, text).0, Outcome::WordIgnored, "{text}");
    }
    // A wrong escape ends the line.
    let cut = reading(Read::Folders, r"a \q b");
    assert_eq!(cut.values, fields("a"));
    assert_eq!(cut.complaints[0].outcome, Outcome::Ignored);
}

#[test]
fn binds() {
    assert_eq!(
        shown(Read::Binds, "/a -/b://c /d:/e:norbind \"/f g\":/h:"),
        [
            "/a:/a:rbind",
            "-/b:/c:rbind",
            "/d:/e:norbind",
            "\"/f g:/h:rbind\""
        ]
    );
    for text in ["a", "/a:", "/a:/b:ro", "/a  /b"] {
        assert_eq!(wrong(Read::Binds, text).0, Outcome::WordIgnored, "{text}");
    }
    assert_eq!(wrong(Read::Binds, "/a:\"/b").0, Outcome::Ignored);
    // The other words stay, and what follows a wrong part is a source.
    assert_eq!(reading(Read::Binds, "/a  /b").values.len(), 2);
    let anew = reading(Read::Binds, "a:/b:/c");
    assert_eq!(anew.values, reading(Read::Binds, "/b:/c").values);
    assert_eq!(anew.complaints.len(), 1);
}

#[test]
fn words_of_other_kinds() {
    assert_eq!(
        shown(Read::Units(Split::UNITS), "a.service b@%i.target"),
        ["a.service", "b@%i.target"]
    );
    assert_eq!(
        shown(Read::Urls, "https://a.example/ man:a(1) %i"),
        ["https://a.example/", "man:a(1)", "%i"]
    );
    for url in ["a.example", "HTTP://b", "man:", "https://caf\u{e9}.example"] {
        assert_eq!(wrong(Read::Urls, url).0, Outcome::WordIgnored, "{url}");
    }
    for unit in [
        "a",
        "\"a.service\"",
        "@.service",
        "a.Service",
        ".service",
        "a b.service",
    ] {
        assert_eq!(
            wrong(Read::Units(Split::UNITS), unit).0,
            Outcome::WordIgnored,
            "{unit}"
        );
    }
    assert_eq!(shown(Read::Source, "a:/b c"), ["\"a:/b c\""]);
    assert_eq!(
        reading(Read::Source, "a").values,
        reading(Read::Source, "a:a").values
    );
    for text in [
        ":a",
        "a:b/c",
        "a:/b/../c",
        "a:/b//c",
        r"f\:g:/h",
        "\u{e9}",
        "..",
        r"a\",
    ] {
        assert_eq!(wrong(Read::Source, text).0, Outcome::Ignored, "{text}");
    }
    assert_eq!(shown(Read::Data, r"a:b\nc"), [r#""a:b\\nc""#]);
    assert_eq!(wrong(Read::Data, "a").0, Outcome::Ignored);
    assert_eq!(shown(Read::Device, "/a//b  100 "), ["/a/b:100"]);
    assert_eq!(
        shown(Read::DeviceAccess, "/dev//null  rw "),
        ["/dev/null:rw"]
    );
    assert_eq!(shown(Read::DeviceAccess, "char-pts"), ["char-pts:rwm"]);
    for text in ["/a rw", "/dev/null x"] {
        assert_eq!(
            wrong(Read::DeviceAccess, text).0,
            Outcome::Ignored,
            "{text}"
        );
    }
    assert_eq!(shown(Read::VariableNames, "A \"B\""), ["A", "B"]);
    assert_eq!(wrong(Read::VariableNames, "A=b").0, Outcome::WordIgnored);
    assert_eq!(
        shown(Read::VariableParts, r#"A\x42 "A=b c""#),
        ["AB", "\"A=b c\""]
    );
    assert_eq!(wrong(Read::VariableParts, "1").0, Outcome::WordIgnored);
    assert_eq!(wrong(Read::Device, "'/dev/null").0, Outcome::Ignored);
}
