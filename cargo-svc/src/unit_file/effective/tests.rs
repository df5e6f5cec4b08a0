mod properties;
mod write;

use std::path::Path;

use super::*;
use crate::unit_file::{UnitName, read};

/// What systemd makes of a file, and what it says.
pub(crate) fn warned(file: &str, text: &str) -> (Effective, Vec<String>) {
    let mut report = Report::default();
    let name = UnitName::parse(file).expect("a unit's name");
    let unit = read(Path::new(file), name, text.as_bytes(), &mut report).expect(text);
    let found = effective(&unit, &mut report);
    let said = report.diagnostics().iter().map(|said| {
        let level = if said.level == Level::Error {
            "error: "
        } else {
            ""
        };
        format!("{level}{}: {}", said.message, said.label)
    });
    (found, said.collect())
}

/// The same of a file in which nothing is wrong.
pub(crate) fn good(file: &str, text: &str) -> Effective {
    let (found, said) = warned(file, text);
    assert_eq!(said, [""; 0], "{text}");
    found
}

/// `[Section] Key=value` for each value of a service.
fn shown(text: &str) -> Vec<String> {
    lines(&good("a.service", text))
}

fn lines(unit: &Effective) -> Vec<String> {
    let line = |one: &Assigned| format!("[{}] {}={}", one.section.word(), one.key, one.value);
    unit.assigned().iter().map(line).collect()
}

/// The values of one key of a service.
fn values(lines: &str, key: &str) -> Vec<String> {
    let unit = good("a.service", &format!("[Service]\n{lines}"));
    unit.values(Section::Service, key)
        .into_iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_last_assignment_wins() {
    assert_eq!(values("Restart=no\nRestart=always", "Restart"), ["always"]);
    assert_eq!(values("User=a\nUser=", "User"), [""; 0]);
    assert_eq!(
        values(
            "WorkingDirectory=/a\nWorkingDirectory=\nWorkingDirectory=/b",
            "WorkingDirectory"
        ),
        ["/b"]
    );
    // A wrong one is none.
    let (unit, said) = warned(
        "a.service",
        "[Service]\nRestartSec=1\nRestartSec=soon\nPrivateTmp=yes\nPrivateTmp=\nUMask=9\n",
    );
    assert_eq!(
        lines(&unit),
        ["[Service] RestartSec=1s", "[Service] PrivateTmp=yes"]
    );
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0].contains("`RestartSec`") && said[0].contains("ignores the line"),
        "{said:?}"
    );
    assert!(said[1].contains("`PrivateTmp` has no value"), "{said:?}");
}

#[test]
fn lists_add_up_until_they_are_reset() {
    assert_eq!(
        values(
            "ExecStartPre=/bin/a\nExecStartPre=/bin/b ; /bin/c\nExecStartPre=\nExecStartPre=-/bin/d\nExecStartPre=/bin/d",
            "ExecStartPre"
        ),
        ["-/bin/d", "/bin/d"]
    );
    assert_eq!(
        values("ReadWritePaths=/a /b\nReadWritePaths=/c", "ReadWritePaths"),
        ["/a", "/b", "/c"]
    );
    assert_eq!(
        values(
            "SystemCallFilter=@a b\nSystemCallFilter=~c",
            "SystemCallFilter"
        ),
        ["@a", "b", "~c"]
    );
    assert_eq!(
        values("EnvironmentFile=/a\nEnvironmentFile=-/b", "EnvironmentFile"),
        ["/a", "-/b"]
    );
}

#[test]
fn dependencies_cannot_be_taken_back() {
    let (unit, said) = warned(
        "a.service",
        "[Unit]\nAfter=a.path b.path\nAfter=\nAfter=b.path c.path\n",
    );
    assert_eq!(
        lines(&unit),
        [
            "[Unit] After=a.path",
            "[Unit] After=b.path",
            "[Unit] After=c.path"
        ]
    );
    assert_eq!(
        said,
        ["`After` has no value: systemd ignores it: dependencies cannot be taken back"]
    );
}

#[test]
fn a_variable_is_replaced_in_its_place() {
    assert_eq!(
        values(
            "Environment=A=1 B=2\nEnvironment=\"A=3 4\" C=5",
            "Environment"
        ),
        ["\"A=3 4\"", "B=2", "C=5"]
    );
    assert_eq!(
        values(
            "Environment=A=1\nEnvironment=\nEnvironment=B=2",
            "Environment"
        ),
        ["B=2"]
    );
    let unit = good("a.service", "[Service]\nEnvironment=A=1\nEnvironment=A=2\n");
    assert_eq!(unit.assigned()[0].line, 3);
    assert_eq!(
        unit.value(Section::Service, "Environment"),
        Some(&Value::Variable {
            name: "A".into(),
            value: "2".into()
        })
    );
}

#[test]
fn an_old_name_is_the_one_of_today() {
    assert_eq!(
        shown(
            "[Unit]\nBindTo=a.path\n[Service]\nStartLimitInterval=10\nStartLimitBurst=3\nReadWriteDirectories=/a\n"
        ),
        [
            "[Unit] BindsTo=a.path",
            "[Unit] StartLimitIntervalSec=10s",
            "[Unit] StartLimitBurst=3",
            "[Service] ReadWritePaths=/a",
        ]
    );
    // The last one of the file counts, under whichever name and in whichever section.
    assert_eq!(
        shown(
            "[Service]\nStartLimitInterval=10\n[Unit]\nStartLimitIntervalSec=20\n[Service]\nStartLimitInterval=30\n"
        ),
        ["[Unit] StartLimitIntervalSec=30s"]
    );
    assert_eq!(
        values("ReadWritePaths=/a\nReadWriteDirectories=", "ReadWritePaths"),
        [""; 0]
    );
}

#[test]
fn one_key_sets_two() {
    assert_eq!(
        shown("[Service]\nTimeoutStopSec=5\nTimeoutSec=0\nTimeoutStartSec=1min\n"),
        [
            "[Service] TimeoutStopSec=infinity",
            "[Service] TimeoutStartSec=1min"
        ]
    );
    assert_eq!(
        lines(&good("a.socket", "[Socket]\nTimeoutSec=5\n")),
        ["[Socket] TimeoutSec=5s"]
    );
}

#[test]
fn switches_of_old_become_the_words_of_today() {
    assert_eq!(
        shown("[Unit]\nOnFailureIsolate=yes\n"),
        ["[Unit] OnFailureJobMode=isolate"]
    );
    assert_eq!(
        shown("[Unit]\nOnFailureIsolate=no\n"),
        ["[Unit] OnFailureJobMode=replace"]
    );
}

#[test]
fn some_lists_are_shared() {
    let unit = good(
        "a.socket",
        "[Socket]\nListenStream=1\nListenFIFO=/a//b\nListenDatagram=\nListenDatagram=2\nListenStream=3\n",
    );
    assert_eq!(
        lines(&unit),
        ["[Socket] ListenDatagram=2", "[Socket] ListenStream=3"]
    );
    let unit = good(
        "a.timer",
        "[Timer]\nOnBootSec=1\nOnCalendar=\nOnCalendar=daily\nOnUnitActiveSec=1d\n",
    );
    assert_eq!(
        lines(&unit),
        ["[Timer] OnCalendar=daily", "[Timer] OnUnitActiveSec=1d"]
    );
    let unit = good(
        "a.path",
        "[Path]\nPathExists=/a\nPathChanged=\nPathModified=/b/\n",
    );
    assert_eq!(lines(&unit), ["[Path] PathModified=/b"]);
    assert_eq!(
        shown(
            "[Unit]\nAssertPathExists=/z\nConditionPathExists=/a\nConditionUser=\nConditionHost=|!b\n[Service]\nBindPaths=/a\nBindReadOnlyPaths=\nBindReadOnlyPaths=/b\n"
        ),
        [
            "[Unit] AssertPathExists=/z",
            "[Unit] ConditionHost=|!b",
            "[Service] BindReadOnlyPaths=/b:/b:rbind"
        ]
    );
    // The same credential, once.
    assert_eq!(
        shown(
            "[Service]\nLoadCredential=a:/1\nLoadCredential=b:/2\nLoadCredentialEncrypted=a:/3\n"
        ),
        [
            "[Service] LoadCredentialEncrypted=a:/3",
            "[Service] LoadCredential=b:/2"
        ]
    );
}

#[test]
fn the_first_unit_to_trigger_counts() {
    let (unit, said) = warned("a.timer", "[Timer]\nUnit=b.service\nUnit=c.service\n");
    assert_eq!(lines(&unit), ["[Timer] Unit=b.service"]);
    assert!(said[0].contains("the first one counts"), "{said:?}");
}

#[test]
fn an_empty_list_of_capabilities_is_not_the_default() {
    assert_eq!(
        shown("[Service]\nCapabilityBoundingSet=CAP_KILL\nCapabilityBoundingSet=\n"),
        ["[Service] CapabilityBoundingSet="]
    );
    assert_eq!(
        values(
            "CapabilityBoundingSet=\nCapabilityBoundingSet=cap_kill",
            "CapabilityBoundingSet"
        ),
        ["CAP_KILL"]
    );
    assert_eq!(
        values(
            "CapabilityBoundingSet=A\nCapabilityBoundingSet=~",
            "CapabilityBoundingSet"
        ),
        ["~"]
    );
    assert_eq!(
        shown("[Service]\nAmbientCapabilities=CAP_KILL\nAmbientCapabilities=\n"),
        [""; 0]
    );
    assert_eq!(values("Delegate=cpu\nDelegate=\n", "Delegate"), ["\"\""]);
    assert_eq!(values("Delegate=\nDelegate=no", "Delegate"), ["no"]);
    assert_eq!(
        values(
            "RestrictNamespaces=user\nRestrictNamespaces=yes",
            "RestrictNamespaces"
        ),
        ["yes"]
    );
    assert_eq!(
        values(
            "RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=none",
            "RestrictAddressFamilies"
        ),
        ["none"]
    );
}

#[test]
fn what_is_unknown_is_kept_and_said() {
    let (unit, said) = warned("a.service", "[Service]\nBogusKey=a b\nX-Own=c\nX-Own=\n");
    assert_eq!(
        lines(&unit),
        [
            "[Service] BogusKey=a b",
            "[Service] X-Own=c",
            "[Service] X-Own="
        ]
    );
    assert_eq!(
        said,
        ["unknown key `BogusKey` in [Service]: systemd 262 does not know it, and ignores it"]
    );
}

#[test]
fn what_keeps_a_unit_from_starting_is_an_error() {
    let (unit, said) = warned(
        "a.service",
        "[Service]\nExecStart=/bin/a\nExecStart=bin/b\nWorkingDirectory=a\n",
    );
    assert_eq!(lines(&unit), ["[Service] ExecStart=/bin/a"]);
    assert_eq!(said.len(), 2);
    assert!(
        said.iter().all(|said| said.starts_with("error: ")),
        "{said:?}"
    );
}

#[test]
fn keys_are_listed_once() {
    let unit = good(
        "a.service",
        "[Unit]\nAfter=a.path b.path\n[Service]\nUser=a\n",
    );
    assert_eq!(
        unit.keys(),
        [(Section::Unit, "After"), (Section::Service, "User")]
    );
    assert_eq!(unit.value(Section::Service, "Group"), None);
}
