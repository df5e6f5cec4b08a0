//! What systemd, or the kernel behind it, cannot carry.

use super::*;

#[test]
fn characters_that_no_unit_holds() {
    for bad in ['\0', '\n', '\r', '\u{1b}', '\u{7f}', '\u{fffe}', '\u{fdd0}'] {
        let code = format!("U+{:04X}", u32::from(bad));
        let value = format!("a{bad}b");

        let mut one = service("beacon");
        argument(&mut one, &value);
        refuses(one, "args", &code);

        let mut one = service("beacon");
        variable(&mut one, "X", &value);
        refuses(one, "environment", &code);

        let mut one = service("beacon");
        one.systemd.description = Some(declared("description", value.clone()));
        refuses(one, "description", &code);

        let mut one = service("beacon");
        one.systemd.working_dir = Some(declared("working-dir", text(&format!("/{value}"))));
        refuses(one, "working-dir", &code);
    }
}

#[test]
fn paths_that_systemd_would_misread() {
    for (path, what) in [
        ("var/lib", "absolute"),
        ("~", "absolute"),
        ("", "absolute"),
        ("/a/../b", "`..`"),
        ("/a\\", "joins the next line"),
        ("/a ", "dropped"),
        ("/a\t", "dropped"),
    ] {
        let mut one = service("beacon");
        one.systemd.working_dir = Some(declared("working-dir", text(path)));
        refuses(one, "working-dir", what);
    }
    let mut one = service("beacon");
    one.systemd.working_dir = Some(declared(
        "working-dir",
        text(&format!("/{}", "a".repeat(256))),
    ));
    refuses(one, "working-dir", "255");
    for path in ["/a \\/", "/a  b\\\\", "/100%/$x;#\"'"] {
        let mut one = service("beacon");
        one.systemd.working_dir = Some(declared("working-dir", text(path)));
        unit(one);
    }
}

#[test]
fn descriptions_that_systemd_would_misread() {
    for (description, what) in [
        ("ends in \\", "joins the next line"),
        (" a", "dropped"),
        ("a ", "dropped"),
    ] {
        let mut one = service("beacon");
        one.systemd.description = Some(declared("description", description.to_owned()));
        refuses(one, "description", what);
    }
    let mut one = service("beacon");
    one.systemd.description = Some(declared("description", "a".repeat(1024 * 1024)));
    refuses(one, "description", "1048575");
}

#[test]
fn documentation_that_systemd_would_drop() {
    for (url, what) in [
        ("example.org", "https://"),
        ("https://", "https://"),
        ("https://example.org/a b", "' '"),
        ("https://exämple.org", "'ä'"),
        ("https://example.org/\n", "'\\n'"),
    ] {
        let mut one = service("beacon");
        one.systemd.documentation = vec![declared("documentation", url.to_owned())];
        refuses(one, "documentation", what);
    }
}

/// A package that fits below `/usr` alone would have an archive that nobody can install.
#[test]
fn the_place_does_not_decide_what_is_refused() {
    let below = |bytes: usize| {
        let mut one = service("beacon");
        let path = "a".repeat(bytes - "/usr/local/lib/beacon/".len());
        let parts = vec![
            Part::Folder(Folder::Install),
            Part::Literal(format!("/{path}")),
        ];
        one.systemd.args = vec![declared("args", Text { parts })];
        package(vec![one])
    };
    for placement in [Placement::Distribution, Placement::Archive] {
        let mut report = Report::default();
        assert!(plan(&below(131_071), placement, &mut report).is_some());
        assert_eq!(plan(&below(131_072), placement, &mut report), None);
        assert!(report.has_errors());
    }
}

#[test]
fn limits_of_execve() {
    let mut one = service("beacon");
    argument(&mut one, &"a".repeat(131_071));
    unit(one);
    let mut one = service("beacon");
    argument(&mut one, &"a".repeat(131_072));
    refuses(one, "args", "131072 bytes");
    let mut one = service("beacon");
    variable(&mut one, "LONG", &"a".repeat(131_067));
    refuses(one, "environment", "131072 bytes");

    let mut one = service("beacon");
    for _ in 0..9 {
        argument(&mut one, &"a".repeat(110_000));
    }
    for n in 0..9 {
        variable(&mut one, &format!("V{n}"), &"a".repeat(110_000));
    }
    let found = refused(one);
    assert!(
        found.len() == 1 && found[0].0.contains("together"),
        "{found:?}"
    );

    // Doubling `%` makes the line longer than the argument.
    let mut one = service("beacon");
    for _ in 0..6 {
        argument(&mut one, &"%".repeat(100_000));
    }
    refuses(one, "args", "1048575");
}

#[test]
fn times_that_mean_something_else() {
    let mut one = service("beacon");
    one.systemd.stop_timeout = Some(declared("stop-timeout", TimeSpan::Finite(Duration::ZERO)));
    refuses(one, "stop-timeout", "no limit");

    let mut one = service("beacon");
    one.systemd.restart = Some(declared(
        "restart",
        Restart {
            policy: RestartPolicy::Always,
            delay: TimeSpan::Infinite,
        },
    ));
    refuses(one, "restart", "never comes");

    let mut one = service("beacon");
    one.systemd.start_timeout = Some(declared(
        "start-timeout",
        TimeSpan::Finite(Duration::from_secs(u64::MAX)),
    ));
    refuses(one, "start-timeout", "64 bits");
}

#[test]
fn all_findings_at_once() {
    let mut one = service("beacon");
    argument(&mut one, "a\nb");
    variable(&mut one, "X", "a\0b");
    one.systemd.working_dir = Some(declared("working-dir", text("relative")));
    assert_eq!(refused(one).len(), 3);
}

#[test]
fn what_was_refused_once_is_refused_the_next_time_too() {
    let mut one = service("beacon");
    one.own_systemd.bin_dir = Some(declared("systemd.bin-dir", "/opt/a\"b".to_owned()));
    let (package, mut report) = (package(vec![one]), Report::default());
    for placement in [Placement::Distribution, Placement::Archive] {
        assert_eq!(plan(&package, placement, &mut report), None);
        assert_eq!(report.diagnostics().len(), 1);
    }
}
