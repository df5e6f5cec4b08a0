//! What cannot be imported, and what may be of a newer systemd.

use super::*;

#[test]
fn what_cannot_be_imported_says_why() {
    let error = |files: &[(&str, &str)]| {
        let said = try_import(files, &Options::default()).expect_err("it is refused");
        said.join("\n")
    };
    let exec = "[Service]\nExecStart=/usr/bin/a\n";
    for (files, part) in [
        (vec![("a@b.service", exec)], "one instance of a template"),
        (vec![("_a.service", exec)], "begins with an ASCII letter"),
        (
            vec![("a.service", exec), ("b/a.service", exec)],
            "two files describe `a.service`",
        ),
        (
            vec![
                ("a.service", exec),
                ("a.timer", "[Timer]\nOnBootSec=1\n"),
                ("b.timer", "[Timer]\nOnBootSec=1\nUnit=a.service\n"),
            ],
            "both start `a.service`",
        ),
        (
            vec![("a.service", "[Service]\nExecStart=a/b\n")],
            "neither an absolute path",
        ),
        (
            vec![(
                "a.service",
                "[Service]\nExecStart=/a\n[Install]\nWantedBy=a\n",
            )],
            "does not take",
        ),
        (
            vec![(
                "a.service",
                "[Service]\nExecStart=/a\nSyslogIdentifier=a\u{1}\n",
            )],
            "U+0001",
        ),
    ] {
        let said = error(&files);
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn words_of_a_newer_systemd_are_kept() {
    let text = "[Service]\nExecStart=/usr/bin/a\nSystemCallFilter=@system-service @quantum\nSystemCallFilter=~@obsolete\n\
        RestrictAddressFamilies=AF_INET AF_QUANTUM\nCapabilityBoundingSet=~CAP_TIME_TRAVEL\nRestrictFileSystems=@quantum-fs\n";
    let mut report = Report::default();
    let input = Input::new("a.service".as_ref(), text.into()).expect("a unit's name");
    let found =
        import(vec![input], &Options::default(), None, &mut report).expect("it is imported");
    let service = table(&found);
    for (key, value) in [
        (
            "SystemCallFilter",
            "[\"@system-service @quantum\", \"~@obsolete\"]",
        ),
        ("RestrictAddressFamilies", "\"AF_INET AF_QUANTUM\""),
        ("CapabilityBoundingSet", "\"~CAP_TIME_TRAVEL\""),
        ("RestrictFileSystems", "\"@quantum-fs\""),
    ] {
        assert_eq!(at(&service, &format!("systemd.service.{key}")), value);
        let told = report.diagnostics().iter();
        let told = told.filter(|found| found.message.contains(key)).count();
        assert_eq!(told, 1, "{key} is told: {:#?}", report.diagnostics());
    }
    // What is one letter from a known word is a slip.
    for line in [
        "SystemCallFilter=@system-servise",
        "RestrictAddressFamilies=AF_UNXI",
        "CapabilityBoundingSet=CAP_CHOWNN",
        "SystemCallFilter=@quantum read-write",
    ] {
        let text = format!("[Service]\nExecStart=/usr/bin/a\n{line}\n");
        let said = try_import(&[("a.service", &text)], &Options::default());
        let said = said.expect_err(line).join("\n");
        assert!(said.contains("cannot be imported"), "{line}: {said}");
    }
}
