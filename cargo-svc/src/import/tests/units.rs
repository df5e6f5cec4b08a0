//! Single units and what becomes of them.

use std::fs;

use super::*;

/// A unit whose lines these are.
fn service(lines: &str) -> toml::Table {
    let text = format!("[Service]\nExecStart=/usr/bin/a\n{lines}");
    table(&imported(&[("a.service", &text)]))
}

#[test]
fn what_a_key_says_is_a_key() {
    for (lines, path, value) in [
        ("Restart=on-failure\nRestartSec=5\n", "restart", ""),
        ("Restart=always\n", "restart.delay", "\"100ms\""),
        ("", "restart", "\"no\""),
        ("TimeoutSec=1min\n", "start-timeout", "\"1min\""),
        ("TimeoutSec=1min\n", "stop-timeout", "\"1min\""),
        ("TimeoutSec=0\n", "stop-timeout", "\"infinity\""),
        ("Type=notify\nWatchdogSec=5\n", "watchdog", "\"5s\""),
        ("Environment=\"A=b c\" B={x}\n", "environment.A", "\"b c\""),
        ("Environment=\"A=b c\" B={x}\n", "environment.B", "\"{{x}\""),
        ("WorkingDirectory=/srv\n", "working-dir", "\"/srv\""),
        ("DynamicUser=yes\n", "account", ""),
        ("", "account", "\"system\""),
        (
            "User=b\nGroup=c\nSupplementaryGroups=d e\n",
            "systemd.account.groups",
            "[\"d\", \"e\"]",
        ),
        (
            "StateDirectory=a\nStateDirectoryMode=0700\n",
            "directories.state",
            "true",
        ),
        ("StateDirectory=a/b\n", "directories.state.mode", "\"0755\""),
        ("RuntimeDirectory=b\n", "directories.runtime", "\"b\""),
        (
            "AmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_KILL\n",
            "systemd.capabilities",
            "[\"CAP_KILL\"]",
        ),
        ("AmbientCapabilities=\n", "systemd.capabilities", "[]"),
        (
            "ReadWritePaths=/a \"/b c\"\n",
            "systemd.writable",
            "[\"/a\", \"/b c\"]",
        ),
        ("Type=notify-reload\n", "events", "[\"reload\"]"),
        ("Type=notify-reload\n", "systemd.min-version", "253"),
        ("[Unit]\nAfter=network.target\n", "after", "[\"network\"]"),
        (
            "[Unit]\nAfter=network-online.target\nWants=network-online.target\n",
            "after",
            "[\"network-online\"]",
        ),
        (
            "[Install]\nWantedBy=graphical.target\n",
            "systemd.wanted-by",
            "[\"graphical.target\"]",
        ),
        ("", "start", "\"manual\""),
        ("[Install]\nWantedBy=multi-user.target\n", "start", ""),
        ("", "windows", "false"),
    ] {
        assert_eq!(at(&service(lines), path), value, "{path} of\n{lines}");
    }
}

#[test]
fn what_no_key_says_is_a_raw_line() {
    for (lines, path, value) in [
        (
            "Restart=on-abort\n",
            "systemd.service.Restart",
            "\"on-abort\"",
        ),
        (
            "LimitNOFILE=65536\n",
            "systemd.service.LimitNOFILE",
            "65536",
        ),
        ("PrivateTmp=yes\n", "systemd.service.PrivateTmp", "true"),
        ("KillMode=mixed\n", "systemd.service.KillMode", "\"mixed\""),
        (
            "Environment=B=1 A=2\n",
            "systemd.service.Environment",
            "\"B=1 A=2\"",
        ),
        (
            "Environment=A=%h\n",
            "systemd.service.Environment",
            "\"A=%h\"",
        ),
        ("User=root\n", "systemd.service.User", "\"root\""),
        (
            "WorkingDirectory=-/srv\n",
            "systemd.service.WorkingDirectory",
            "\"-/srv\"",
        ),
        (
            "ExecStartPre=-/bin/a\nExecStartPre=+/bin/b ; /bin/c\n",
            "systemd.service.ExecStartPre",
            "[\"-/bin/a\", \"+/bin/b ; /bin/c\"]",
        ),
        (
            "DeviceAllow=/dev/a r\nDeviceAllow=\nDeviceAllow=/dev/b r\n",
            "systemd.service.DeviceAllow",
            "[\"/dev/a r\", \"\", \"/dev/b r\"]",
        ),
        ("X-Mine=1\n", "systemd.service.X-Mine", "1"),
        // By the name of today, in the section of today.
        (
            "StartLimitInterval=9\n",
            "systemd.unit.StartLimitIntervalSec",
            "9",
        ),
        (
            "ReadOnlyDirectories=/a\n",
            "systemd.service.ReadOnlyPaths",
            "\"/a\"",
        ),
        ("MemoryLimit=1G\n", "systemd.service.MemoryLimit", "\"1G\""),
        // Nothing is written where the unit says nothing.
        (
            "Restart=always\n",
            "systemd.unit.StartLimitIntervalSec",
            "[]",
        ),
        // Only what systemd keeps.
        (
            "[Unit]\nBefore=b.service wrong\n",
            "systemd.unit.Before",
            "\"b.service\"",
        ),
        (
            "Environment=A=1\tB=%n\n",
            "systemd.service.Environment",
            "\"A=1\\tB=%n\"",
        ),
    ] {
        assert_eq!(at(&service(lines), path), value, "{path} of\n{lines}");
    }
}

#[test]
fn the_command_is_the_program_and_its_arguments() {
    let of = |command: &str| {
        let text = format!("[Service]\nExecStart={command}\n");
        table(&imported(&[("a.service", &text)]))
    };
    let said = of(r#"/usr/libexec/b/c --x "a b" 'it''s' \x41 100%% $$HOME ";" {d}"#);
    assert_eq!(at(&said, "bin"), "\"c\"");
    assert_eq!(at(&said, "systemd.bin-dir"), "\"/usr/libexec/b\"");
    let want = r#"["--x", "a b", "its", "A", "100%", "$HOME", ";", "{{d}"]"#;
    assert_eq!(at(&said, "args"), want);
    assert_eq!(at(&of("/usr/bin/c"), "systemd.bin-dir"), "");
    for command in [
        "-/usr/bin/c",
        "@/usr/bin/c d",
        ":/usr/bin/c $A",
        "+/usr/bin/c",
        "!!/usr/bin/c",
        "c",
        "/usr/bin/c $A",
        "/usr/bin/c ${A}b",
        "/usr/bin/c %h",
        "/usr/bin/c ; /usr/bin/d",
    ] {
        let text = format!("Type=oneshot\nExecStart={command}");
        let found = of(&text.replace("Type=oneshot\nExecStart=", ""));
        assert_eq!(
            at(&found, "systemd.service.ExecStart"),
            format!("\"{command}\"")
        );
        assert_eq!(at(&found, "args"), "");
    }
}

#[test]
fn a_template_has_its_instance() {
    let text = "[Unit]\nDescription=A of %i\n[Service]\nExecStart=/usr/bin/a --of=%i\nStateDirectory=a/%i\nStateDirectoryMode=0700\nEnvironment=A=%i\n";
    let said = table(&imported(&[("a@.service", text)]));
    assert_eq!(at(&said, "systemd.template"), "true");
    assert_eq!(at(&said, "description"), "\"A of {instance}\"");
    assert_eq!(at(&said, "args"), "[\"--of={instance}\"]");
    assert_eq!(at(&said, "environment.A"), "\"{instance}\"");
    assert_eq!(at(&said, "directories.state"), "true");
}

#[test]
fn a_service_comes_with_what_starts_it() {
    let found = imported(&[
        (
            "a-http.socket",
            "[Socket]\nListenStream=127.0.0.1:80\nListenDatagram=[::1]:80\nFileDescriptorName=http\nService=a.service\n[Install]\nWantedBy=sockets.target\n",
        ),
        (
            "a.socket",
            "[Unit]\nDescription=X\n[Socket]\nListenStream=/run/a\nSocketMode=0600\nListenStream=@b\n",
        ),
        (
            "b.socket",
            "[Socket]\nListenFIFO=/run/b\nService=a.service\n",
        ),
        (
            "a.timer",
            "[Timer]\nOnCalendar=daily\nOnBootSec=1\nOnCalendar=weekly\n",
        ),
        ("a.path", "[Path]\nPathExists=/a\n[Unit]\nDescription=P\n"),
        (
            "a.service",
            "[Unit]\nRequires=a.socket\n[Service]\nExecStart=/usr/bin/a\n",
        ),
    ]);
    let said = table(&found);
    let socket = |number: usize| said["sockets"][number].as_table().expect("a table");
    assert_eq!(
        at(socket(0), "listen"),
        "[\"tcp://127.0.0.1:80\", \"udp://[::1]:80\"]"
    );
    assert_eq!(at(socket(0), "systemd.name"), "");
    assert_eq!(at(socket(1), "listen"), "[\"unix:/run/a\", \"unix:@b\"]");
    assert_eq!(
        (at(socket(1), "mode"), at(socket(1), "systemd.name")),
        ("\"0600\"".into(), "\"a\"".into())
    );
    assert_eq!(at(socket(2), "listen"), "");
    assert_eq!(at(socket(2), "systemd.ListenFIFO"), "\"/run/b\"");
    assert_eq!(
        at(&said, "systemd.timer.OnCalendar"),
        "[\"daily\", \"weekly\"]"
    );
    assert_eq!(at(&said, "systemd.path.unit.Description"), "\"P\"");
    assert_eq!(at(&said, "systemd.unit.Requires"), "\"a.socket\"");
    assert_eq!(at(&said, "start"), "\"on-demand\"");
}

#[test]
fn templates_and_sockets_that_share_themselves_out() {
    let service = "[Service]\nExecStart=/usr/bin/a\nStandardInput=socket\n";
    let socket = "[Socket]\nListenStream=/run/a\nAccept=yes\n";
    let said = table(&imported(&[("a@.service", service), ("a.socket", socket)]));
    assert_eq!(
        at(
            said["sockets"][0].as_table().expect("a table"),
            "systemd.Accept"
        ),
        "true"
    );
    let socket = "[Socket]\nListenStream=/run/a-%i\n";
    let said = table(&imported(&[("a@.service", service), ("a@.socket", socket)]));
    assert_eq!(
        at(
            said["sockets"][0].as_table().expect("a table"),
            "systemd.name"
        ),
        "\"a@\""
    );
}

#[test]
fn services_refer_to_each_other() {
    let one =
        "[Service]\nExecStart=/usr/bin/one\n[Unit]\nAfter=two.service\nRequires=two.service\n";
    let two = "[Service]\nExecStart=/usr/bin/two\n[Unit]\nAfter=network.target three.service\n";
    let three = "[Service]\nExecStart=/usr/bin/three\n";
    let found = imported(&[
        ("one.service", one),
        ("two.service", two),
        ("three.service", three),
    ]);
    assert!(
        found.text.contains("requires = [\"two\"]\n"),
        "{}",
        found.text
    );
    assert!(
        found.text.contains("after = [\"network\", \"three\"]\n"),
        "{}",
        found.text
    );
    // In a circle they cannot: it is then left to raw lines.
    let three = "[Service]\nExecStart=/usr/bin/three\n[Unit]\nAfter=one.service\n";
    let found = imported(&[
        ("one.service", one),
        ("two.service", two),
        ("three.service", three),
    ]);
    assert!(!found.text.contains("requires"), "{}", found.text);
}

#[test]
fn a_users_unit_has_no_account() {
    let text = "[Service]\nExecStart=/usr/bin/a\n[Install]\nWantedBy=default.target\n";
    let user = Options {
        user: true,
        ..Options::default()
    };
    for (path, options) in [
        ("a.service", &user),
        ("/usr/lib/systemd/user/a.service", &Options::default()),
    ] {
        let found = try_import(&[(path, text)], options).expect("it is right");
        let said = table(&found);
        assert_eq!(at(&said, "systemd.scope"), "\"user\"");
        assert_eq!(
            (at(&said, "account"), at(&said, "systemd.wanted-by")),
            (String::new(), String::new())
        );
    }
}

#[test]
fn a_unit_alone_gets_a_service() {
    let said = table(&imported(&[(
        "a.timer",
        "[Timer]\nOnCalendar=daily\nUnit=b.service\n",
    )]));
    assert_eq!(
        (at(&said, "name"), at(&said, "systemd.timer.name")),
        ("\"b\"".into(), "\"a\"".into())
    );
    let said = table(&imported(&[(
        "a.path",
        "[Path]\nPathChanged=/a\nUnit=b.target\n",
    )]));
    assert_eq!(
        (at(&said, "name"), at(&said, "systemd.path.Unit")),
        ("\"a\"".into(), "\"b.target\"".into())
    );
}

#[test]
fn comments_stay_where_they_were() {
    let text = "# head\n#\n# apart\n\n# unit\n[Unit]\n# why\nDescription=A\n; semi\u{1b}\nBefore=b.service\n[Service]\n\
        # one\nExecStart=/usr/bin/a \\\n# in between\n  --b\n# limit\nLimitNOFILE=5\nWrong=1\n# end\n[X-Mine]\nA=b\n";
    let found = imported(&[("a.service", text)]);
    for part in [
        "# head\n#\n# apart\n\n# unit\n[package.metadata.service]\n",
        "# why\ndescription = \"A\"\n",
        "# semi\u{fffd}\nBefore = \"b.service\"\n",
        "# one\n# in between\nargs = [\"--b\"]\n",
        "# limit\nLimitNOFILE = 5\n# systemd ignores this:\n# Wrong=1\n",
        "# [X-Mine]\n# A=b\n",
    ] {
        let flat = found.text.replace("\n\n# in", "\n# in");
        assert!(flat.contains(part), "{part}\n---\n{flat}");
    }
    assert!(found.text.contains("# end\n"), "{}", found.text);
    assert_eq!((found.files[0].assignments, found.files[0].ignored), (5, 1));
}

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
        (
            vec![(
                "a.service",
                "[Service]\nExecStart=/a\nBindPaths=/a\nBindReadOnlyPaths=/b\nBindPaths=/c\n",
            )],
            "another order",
        ),
    ] {
        let said = error(&files);
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn folders_are_named_where_they_are_declared() {
    let said = service(
        "StateDirectory=a\nConfigurationDirectory=a\nWorkingDirectory=/var/lib/a/b\nEnvironment=A=/etc/a B=/etc/ab\n",
    );
    assert_eq!(at(&said, "working-dir"), "\"{state-dir}/b\"");
    assert_eq!(at(&said, "environment.A"), "\"{config-dir}\"");
    assert_eq!(at(&said, "environment.B"), "\"/etc/ab\"");
    let text = "[Service]\nExecStart=/usr/bin/a --to=/run/a/b /run/c {run}\nRuntimeDirectory=a\n";
    let said = table(&imported(&[("a.service", text)]));
    assert_eq!(
        at(&said, "args"),
        "[\"--to={runtime-dir}/b\", \"/run/c\", \"{{run}\"]"
    );
}

#[test]
fn other_units_are_waited_for() {
    for (unit, after, all, wants) in [
        (
            "After=network.target b.mount\n",
            "",
            "[\"network\", \"b.mount\"]",
            "",
        ),
        (
            "After=network-online.target b.service\nWants=network-online.target b.service\n",
            "[\"network-online\"]",
            "",
            "[\"b.service\"]",
        ),
        (
            "After=b.service\nWants=b.service c.service\n",
            "",
            "",
            "[\"b.service\"]",
        ),
    ] {
        let said = service(&format!("[Unit]\n{unit}"));
        assert_eq!(at(&said, "after"), after, "{unit}");
        assert_eq!(at(&said, "systemd.after"), all, "{unit}");
        assert_eq!(at(&said, "systemd.wants"), wants, "{unit}");
    }
}

#[test]
fn what_is_generated_gives_its_declaration_back() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    for (package, units, keys) in [
        (
            "beacon",
            &["beacon.service", "beacon-http.socket"][..],
            &[
                (
                    "args",
                    "[\"serve\", \"--config\", \"{config-dir}/beacon.toml\"]",
                ),
                ("environment.RUST_BACKTRACE", "\"1\""),
                ("after", "[\"network-online\"]"),
                ("restart.delay", "\"1s\""),
                ("stop-timeout", "\"20s\""),
                ("watchdog", "\"30s\""),
                ("events", "[\"reload\"]"),
                ("directories.state", "true"),
                ("directories.config", "true"),
                ("directories.logs", "true"),
            ][..],
        ),
        (
            "watchpost",
            &["watchpost.service"],
            &[
                ("args", "[\"--every\", \"30\", \"127.0.0.1:22\"]"),
                ("after", "[\"network\"]"),
                ("restart", ""),
                ("stop-timeout", "\"10s\""),
                ("environment", ""),
            ],
        ),
    ] {
        let files: Vec<_> = units
            .iter()
            .map(|unit| {
                let path = format!("{root}/{package}/packaging/systemd/{unit}");
                (*unit, fs::read_to_string(&path).expect(&path))
            })
            .collect();
        let files: Vec<_> = files
            .iter()
            .map(|(unit, text)| (*unit, text.as_str()))
            .collect();
        let found = imported(&files);
        let said = table(&found);
        for (key, value) in keys {
            assert_eq!(at(&said, key), *value, "{key} in\n{}", found.text);
        }
        // Everything is a key, and what has its default is not there.
        for file in &found.files {
            assert_eq!(file.keys, file.assignments, "{}", found.text);
        }
        for key in [
            "systemd",
            "hardening",
            "account",
            "start-timeout",
            "working-dir",
        ] {
            assert_eq!(at(&said, key), "", "{key} in\n{}", found.text);
        }
        assert!(!found.text.contains('#'), "{}", found.text);
        if package == "beacon" {
            let socket = said["sockets"][0].as_table().expect("a table");
            assert_eq!(at(socket, "listen"), "\"tcp://[::]:8380\"");
            assert_eq!(socket.len(), 2, "{socket:?}");
        }
    }
}
