use super::compare;
use crate::unit_file::effective::tests::good;

fn differences(file: &str, first: &str, second: &str) -> Vec<String> {
    let found = compare(&good(file, first), &good(file, second));
    found.iter().map(ToString::to_string).collect()
}

/// Two lists of lines of `[Service]`.
fn services(first: &str, second: &str) -> Vec<String> {
    differences(
        "a.service",
        &format!("[Service]\n{first}"),
        &format!("[Service]\n{second}"),
    )
}

#[test]
fn the_same_meaning_in_other_words_is_no_difference() {
    for (first, second) in [
        (
            "ExecStart=/bin/a 'b c'\nUser=x",
            "User=x\nExecStart=\"//bin/a\" b\\x20c",
        ),
        ("PrivateTmp=1", "PrivateTmp=true"),
        ("RestartSec=90", "RestartSec=1min 30s"),
        (
            "Environment=A=1 B=2",
            "Environment=A=9\nEnvironment=B=2 \"A=1\"\nEnvironment=A=1",
        ),
        ("TimeoutSec=5", "TimeoutStartSec=5\nTimeoutStopSec=5s"),
        (
            "SystemCallFilter=a b",
            "SystemCallFilter=a\nSystemCallFilter=b",
        ),
        (
            "ReadWritePaths=/a/ /b",
            "ReadWriteDirectories=/a\nReadWritePaths=/b",
        ),
        ("LimitNOFILE=1024", "LimitNOFILE=1024:1024"),
        ("MemoryMax=1G", "MemoryMax=1024M"),
        (
            "SuccessExitStatus=1 2",
            "SuccessExitStatus=2\nSuccessExitStatus=1 2",
        ),
    ] {
        let found = services(first, second);
        // An order of variables is one that systemd keeps.
        assert!(
            found.is_empty() || found[0].contains("another order"),
            "{found:?}"
        );
        assert_eq!(services(first, first), [""; 0]);
    }
    assert_eq!(
        differences(
            "a.service",
            "[Unit]\nAfter=a.path b.path\nWants=c.path\n",
            "[Unit]\nWants=c.path\nAfter=b.path\nAfter=a.path b.path\n"
        ),
        [""; 0]
    );
}

#[test]
fn what_differs_is_named() {
    assert_eq!(
        services("Restart=always", "Restart=on-failure"),
        ["[Service] Restart: `always` became `on-failure`"]
    );
    assert_eq!(services("User=a", ""), ["[Service] User: `a` is missing"]);
    assert_eq!(services("", "User=a"), ["[Service] User: `a` is new"]);
    assert_eq!(
        services("ExecStart=/bin/a 'b c' ''", "ExecStart=/bin/a b c"),
        ["[Service] ExecStart: `/bin/a \"b c\" \"\"` became `/bin/a b c`"]
    );
    assert_eq!(
        services(
            "ExecStartPre=/bin/a\nExecStartPre=/bin/b",
            "ExecStartPre=/bin/b\nExecStartPre=/bin/a"
        ),
        ["[Service] ExecStartPre: another order: `/bin/a`, `/bin/b` became `/bin/b`, `/bin/a`"]
    );
    assert_eq!(
        services(
            "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=~AF_UNIX",
            "RestrictAddressFamilies=~AF_UNIX"
        ),
        ["[Service] RestrictAddressFamilies: `AF_UNIX`, `~AF_UNIX` became `~AF_UNIX`"]
    );
    assert_eq!(
        services("CapabilityBoundingSet=", ""),
        ["[Service] CapabilityBoundingSet: `` is missing"]
    );
    assert_eq!(
        services("X-Own=1", "X-Own=2"),
        ["[Service] X-Own: `1` became `2`"]
    );
}

#[test]
fn shared_lists_are_compared_as_one() {
    assert_eq!(
        differences(
            "a.socket",
            "[Socket]\nListenStream=1\nListenDatagram=2",
            "[Socket]\nListenDatagram=2\nListenStream=1"
        ),
        [
            "[Socket] listen: another order: `ListenStream=1`, `ListenDatagram=2` became `ListenDatagram=2`, `ListenStream=1`"
        ]
    );
    assert_eq!(
        differences(
            "a.timer",
            "[Timer]\nOnBootSec=1\nOnCalendar=daily",
            "[Timer]\nOnCalendar=daily\nOnBootSec=1"
        ),
        [""; 0]
    );
    // What is kept by name, and what is mounted at different places, has no order either.
    for (lines, others) in [
        (
            "LoadCredential=a:/a\nLoadCredentialEncrypted=b:/b\nLoadCredential=c:/c",
            "LoadCredential=a:/a\nLoadCredential=c:/c\nLoadCredentialEncrypted=b:/b",
        ),
        (
            "BindPaths=/a\nBindReadOnlyPaths=/b\nBindPaths=/c",
            "BindPaths=/a /c\nBindReadOnlyPaths=/b",
        ),
    ] {
        assert_eq!(services(lines, others), [""; 0], "{lines}");
    }
    assert_eq!(
        services(
            "BindPaths=/a\nBindReadOnlyPaths=/b:/c\nBindPaths=/c",
            "BindPaths=/a /c\nBindReadOnlyPaths=/b:/c",
        ),
        [
            "[Service] bind: another order: `BindPaths=/a:/a:rbind`, `BindReadOnlyPaths=/b:/c:rbind`, `BindPaths=/c:/c:rbind` \
             became `BindPaths=/a:/a:rbind`, `BindPaths=/c:/c:rbind`, `BindReadOnlyPaths=/b:/c:rbind`"
        ]
    );
    assert_eq!(
        services(
            "StandardInputText=a\nStandardInputData=YQ==",
            "StandardInputData=YQ==\nStandardInputText=a"
        )
        .len(),
        1
    );
}

#[test]
fn a_unit_stands_beside_its_service() {
    for (file, first, second) in [
        (
            "a.timer",
            "[Timer]\nOnBootSec=1\nUnit=a.service",
            "[Timer]\nOnBootSec=1",
        ),
        (
            "a@.path",
            "[Path]\nPathExists=/a\nUnit=a@%i.service",
            "[Path]\nPathExists=/a",
        ),
        ("a.socket", "[Socket]\nService=a.service", "[Socket]\n"),
    ] {
        assert_eq!(differences(file, first, second), [""; 0], "{file}");
        assert_eq!(
            differences(&file.replacen('a', "b", 1), first, second).len(),
            1,
            "{file}"
        );
    }
    assert_eq!(
        differences(
            "a.socket",
            "[Socket]\nAccept=yes\nService=a.service",
            "[Socket]\nAccept=yes"
        )
        .len(),
        1
    );
}

#[test]
fn a_default_may_be_missing() {
    for (first, second) in [
        ("Restart=no", ""),
        ("RestartSec=100ms", ""),
        ("PrivateTmp=no", ""),
        ("ExecStart=/bin/a\nType=simple", "ExecStart=/bin/a"),
        ("Type=oneshot", ""),
        ("BusName=a.b\nType=dbus", "BusName=a.b"),
        ("Type=oneshot\nTimeoutStartSec=infinity", "Type=oneshot"),
        ("Type=notify\nNotifyAccess=main", "Type=notify"),
        ("WatchdogSec=5\nNotifyAccess=main", "WatchdogSec=5"),
        ("NotifyAccess=none", ""),
    ] {
        assert_eq!(services(first, second), [""; 0], "{first:?} {second:?}");
        assert_eq!(services(second, first), [""; 0], "{second:?} {first:?}");
    }
    for (first, second) in [
        ("Restart=always", ""),
        ("Type=simple", ""),
        ("Type=oneshot\nTimeoutStartSec=90", "Type=oneshot"),
        ("WatchdogSec=0\nNotifyAccess=main", "WatchdogSec=0"),
        // What the administrator may have set for all units.
        ("TimeoutStartSec=90", ""),
        (
            "LoadCredential=a\nType=simple\nExecStart=/bin/a",
            "LoadCredential=a\nExecStart=/bin/a",
        ),
    ] {
        assert_eq!(services(first, second).len(), 1, "{first:?} {second:?}");
    }
}
