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

#[test]
fn what_svc_rt_logs_is_a_key_again() {
    let told = "Environment=SVC_STOP_TIMEOUT_USEC=27000000\nTimeoutStopSec=30s\nType=notify\nLogsDirectory=a\n";
    let log = "Environment=\"SVC_LOG=system=warn stderr=debug file=info:daily:14\"\n";
    for (others, variable) in [("", ""), ("Environment=B=c\n", "\"c\"")] {
        let said = service(&format!("{others}{log}{told}"));
        assert_eq!(at(&said, "log.system"), "\"warn\"");
        assert_eq!(at(&said, "log.stderr"), "\"debug\"");
        assert_eq!(at(&said, "log.file.keep"), "14");
        assert_eq!(at(&said, "environment.B"), variable);
        assert_eq!(at(&said, "systemd.service.Environment"), "");
    }
    // What the key does not write stays what it is.
    let said = service(&format!("Environment=\"SVC_LOG=file=loud\"\n{told}"));
    assert_eq!(at(&said, "log"), "");
    assert!(at(&said, "systemd.service.Environment").contains("file=loud"));
}
