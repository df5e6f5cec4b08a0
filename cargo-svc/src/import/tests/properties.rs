//! What holds for every unit: it is imported and means the same, or what is wrong with it is said.

use proptest::prelude::*;

use super::*;
use crate::unit_file::{UnitName, compare, effective, read};

/// Lines that real units have, in ways that mean something to systemd.
const LINES: [(&str, &str, &[&str]); 50] = [
    ("Service", "BindPaths", &["/a /b:/c", "/c", "%S/d", ""]),
    ("Service", "BindReadOnlyPaths", &["/c", "/d:/a:norbind", ""]),
    ("Service", "StandardInputText", &["a", "", "%%"]),
    ("Service", "StandardInputData", &["YQ==", ""]),
    (
        "Unit",
        "Description",
        &["A test", "100%% of %i", "{a}", "a  b", ""],
    ),
    (
        "Unit",
        "Documentation",
        &["man:a(1)", "https://a.example/ https://b.example/%%20", ""],
    ),
    (
        "Unit",
        "After",
        &[
            "network.target",
            "b.service",
            "network-online.target time-sync.target",
            "b wrong",
            "",
        ],
    ),
    (
        "Unit",
        "Wants",
        &["network-online.target", "b.service time-sync.target", ""],
    ),
    ("Unit", "Requires", &["b.service", "a.socket"]),
    (
        "Unit",
        "ConditionPathExists",
        &["/a", "|!/b", "/etc/a/b", ""],
    ),
    ("Unit", "StartLimitIntervalSec", &["0", "5min", "infinity"]),
    ("Unit", "StartLimitBurst", &["5"]),
    ("Unit", "JobTimeoutSec", &["0", "5"]),
    ("Unit", "Unknown", &["a"]),
    (
        "Service",
        "Type",
        &[
            "simple",
            "exec",
            "notify",
            "oneshot",
            "notify-reload",
            "dbus",
            "wrong",
            "",
        ],
    ),
    (
        "Service",
        "ExecStart",
        &[
            "/usr/bin/a",
            "/usr/bin/a -b \"c d\" %%",
            "-/opt/a $B",
            "a",
            "@/usr/bin/a b",
            "/a ; /b",
            "",
        ],
    ),
    ("Service", "ExecStartPre", &["/bin/a", "-+/bin/b \\x41", ""]),
    (
        "Service",
        "ExecReload",
        &[
            "/bin/kill -HUP $MAINPID",
            "/bin/sh -c \"kill -HUP $MAINPID\"",
        ],
    ),
    (
        "Service",
        "Environment",
        &[
            "A=1",
            "\"B=c d\" A=2",
            "C=%h",
            "SVC_STOP_TIMEOUT_USEC=1",
            "A={b}",
            "9=",
            "",
        ],
    ),
    ("Service", "EnvironmentFile", &["-/etc/default/a", "/a", ""]),
    (
        "Service",
        "WorkingDirectory",
        &["/", "/var/lib/a", "-/a", "~", "%h", ""],
    ),
    ("Service", "User", &["a", "root", "1000", ""]),
    ("Service", "Group", &["a", "b", ""]),
    ("Service", "SupplementaryGroups", &["a b", "c", ""]),
    ("Service", "DynamicUser", &["yes", "no", "1"]),
    ("Service", "StateDirectory", &["a", "a/b", "a b", "a:c", ""]),
    ("Service", "StateDirectoryMode", &["0700", "755"]),
    ("Service", "RuntimeDirectory", &["a", "b"]),
    ("Service", "ConfigurationDirectory", &["a", "b"]),
    (
        "Service",
        "Restart",
        &["no", "always", "on-failure", "on-abort", "wrong"],
    ),
    (
        "Service",
        "RestartSec",
        &["5", "100ms", "0", "infinity", "wrong"],
    ),
    ("Service", "TimeoutSec", &["5", "0", "infinity"]),
    ("Service", "TimeoutStartSec", &["90", "0"]),
    ("Service", "TimeoutStopSec", &["30s", "1min 5s", "0"]),
    ("Service", "WatchdogSec", &["5", "0"]),
    (
        "Service",
        "LoadCredential",
        &["a:/etc/credstore/a/a", "b", "a:/b"],
    ),
    (
        "Service",
        "AmbientCapabilities",
        &["CAP_KILL", "cap_kill CAP_CHOWN", "~CAP_KILL", ""],
    ),
    (
        "Service",
        "CapabilityBoundingSet",
        &["CAP_KILL", "CAP_KILL CAP_CHOWN", "~CAP_SYS_ADMIN", ""],
    ),
    (
        "Service",
        "ReadWritePaths",
        &["/a", "-/b \"/c d\"", "+/a", ""],
    ),
    ("Service", "ProtectSystem", &["strict", "full", "yes"]),
    ("Service", "PrivateTmp", &["yes", "true", "no"]),
    ("Service", "NoNewPrivileges", &["on"]),
    (
        "Service",
        "SystemCallFilter",
        &[
            "@system-service",
            "~@privileged",
            "~@privileged @resources",
            "",
        ],
    ),
    (
        "Service",
        "RestrictAddressFamilies",
        &["AF_UNIX AF_INET AF_INET6", "~AF_UNIX", "none", ""],
    ),
    ("Service", "UMask", &["0077", "22"]),
    ("Service", "LimitNOFILE", &["5", "5:infinity"]),
    ("Service", "StartLimitInterval", &["7"]),
    (
        "Install",
        "WantedBy",
        &[
            "multi-user.target",
            "default.target",
            "a.target b.target",
            "",
        ],
    ),
    ("Install", "Alias", &["c.service"]),
    ("Install", "Also", &["a.socket"]),
];

const SOCKET: [(&str, &str, &[&str]); 14] = [
    ("Unit", "Description", &["Socket a of a", "A", ""]),
    (
        "Socket",
        "ListenStream",
        &[
            "/run/a",
            "8080",
            "127.0.0.1:80",
            "[::]:80",
            "@a",
            "%t/a",
            "",
        ],
    ),
    ("Socket", "ListenStream", &["[::1]:5", "vsock:2:3"]),
    ("Socket", "ListenDatagram", &["[::1]:6", "/run/d", "53", ""]),
    ("Socket", "ListenFIFO", &["/run/f", ""]),
    ("Socket", "SocketMode", &["0600", "0666"]),
    ("Socket", "BindIPv6Only", &["both", "default"]),
    ("Socket", "FileDescriptorName", &["a", "b:c", ""]),
    ("Socket", "Service", &["a.service"]),
    ("Socket", "Accept", &["no"]),
    ("Socket", "Backlog", &["5"]),
    ("Socket", "RemoveOnStop", &["yes"]),
    ("Install", "WantedBy", &["sockets.target", "a.target"]),
    ("Install", "WantedBy", &[""]),
];

fn lines(
    table: &'static [(&'static str, &'static str, &'static [&'static str])],
) -> impl Strategy<Value = String> {
    let line = prop::sample::select(table).prop_flat_map(|(section, key, values)| {
        prop::sample::select(values).prop_map(move |value| format!("[{section}]\n{key}={value}\n"))
    });
    prop::collection::vec(line, 0..14).prop_map(|lines| lines.concat())
}

/// Text that means something to a parser of units.
fn value() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "A=", "/", "/x", "..", " ", "\t", "\"", "'", "\\", "\\x41", "\\n", ":", ";", " ; ",
        "%", "%%", "%i", "$", "$$", "${A}", "~", "-", "+", "@", "!", "|", "yes", "5", "s", "{",
        "}", "é", "#",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Whether systemd reads the files without an error, and their lines can be written in tables.
fn may_be_refused(said: &[String]) -> bool {
    let known = ["cannot become", "the value of"];
    said.iter()
        .any(|line| known.iter().any(|known| line.contains(known)))
}

/// Imports a file; what is refused is refused with a reason of these.
fn check(files: &[(&str, &str)]) -> Result<(), TestCaseError> {
    let mut report = Report::default();
    for (name, text) in files {
        let name = UnitName::parse(name).expect("a unit's name");
        if let Some(unit) = read("x".as_ref(), name, text.as_bytes(), &mut report) {
            let means = effective(&unit, &mut report);
            prop_assert!(compare(&means, &means).is_empty());
        }
    }
    match try_import(files, &Options::default()) {
        Ok(found) => prop_assert!(!report.has_errors(), "{}", found.text),
        Err(said) => prop_assert!(
            report.has_errors() || may_be_refused(&said),
            "{said:#?}\n{files:#?}"
        ),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: 24,
        ..ProptestConfig::default()
    })]

    #[test]
    fn services_mean_the_same(text in lines(&LINES)) {
        check(&[("a.service", &format!("[Service]\nExecStart=/usr/bin/a\n{text}"))])?;
    }

    #[test]
    fn templates_mean_the_same(text in lines(&LINES)) {
        check(&[("a@.service", &text)])?;
    }

    #[test]
    fn sockets_mean_the_same(service in lines(&LINES), socket in lines(&SOCKET)) {
        check(&[
            ("a.service", &format!("[Service]\nExecStart=/usr/bin/a\n{service}")),
            ("a-a.socket", &format!("[Socket]\nListenStream=/run/a\n{socket}ListenStream=/run/b\n")),
        ])?;
    }

    #[test]
    fn odd_values_mean_the_same(key in prop::sample::select(&LINES[..]), value in value()) {
        let (section, key, _) = key;
        check(&[("a.service", &format!("[Service]\nExecStart=/usr/bin/a\n[{section}]\n{key}={value}\n"))])?;
    }
}
