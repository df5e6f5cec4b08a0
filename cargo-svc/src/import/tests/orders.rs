//! Lists that several directives share: whose order counts, and whose does not.

use super::*;

#[test]
fn conditions_and_times_may_be_mixed() {
    let service = "[Unit]\nConditionPathExists=/a\nConditionUser=b\nConditionPathExists=/c\n[Service]\nExecStart=/usr/bin/a\n";
    let timer = "[Timer]\nOnBootSec=1\nOnCalendar=daily\nOnBootSec=2\n";
    let found = imported(&[("a.service", service), ("a.timer", timer)]);
    let service = table(&found);
    assert_eq!(
        at(&service, "systemd.unit.ConditionPathExists"),
        "[\"/a\", \"/c\"]"
    );
    assert_eq!(at(&service, "systemd.timer.OnBootSec"), "[1, 2]");
}

#[test]
fn what_is_kept_by_name_or_by_place_may_be_mixed() {
    let found = imported(&[(
        "a.service",
        "[Service]\nExecStart=/usr/bin/a\nLoadCredential=a:/a\nLoadCredentialEncrypted=b:/b\nLoadCredential=c:/c\n\
         BindPaths=/a\nBindReadOnlyPaths=/b\nBindPaths=/c\n",
    )]);
    let service = table(&found);
    for (key, value) in [
        ("LoadCredential", "[\"a:/a\", \"c:/c\"]"),
        ("BindPaths", "[\"/a\", \"/c\"]"),
        ("BindReadOnlyPaths", "\"/b\""),
        ("lines", ""),
    ] {
        assert_eq!(at(&service, &format!("systemd.service.{key}")), value);
    }
}

#[test]
fn an_order_that_counts_is_kept_in_whole_lines() {
    let service = "[Service]\nExecStart=/usr/bin/a\nLimitNOFILE=5\n# One.\nBindPaths=/a\nBindReadOnlyPaths=\"/b c\":/c\n\
        # Two.\nBindPaths=/c\nStandardInputText=a\nStandardInputData=YQ==\nStandardInputText=100%%\n[Unit]\nRequires=a.socket\n";
    let socket = "[Socket]\nListenStream=80\nListenSequentialPacket=/run/a\nListenStream=[::1]:81\nListenDatagram=80\n\
        ListenStream=%t/a\nBacklog=5\n";
    let timer = "[Timer]\nOnBootSec=1\nOnCalendar=daily\nOnBootSec=2\n";
    let found = imported(&[
        ("a.service", service),
        ("a.socket", socket),
        ("a.timer", timer),
    ]);
    let said = table(&found);
    assert_eq!(
        at(&said, "systemd.service.lines"),
        "[\"BindPaths=/a\", \"BindReadOnlyPaths=\"/b c\":/c\", \"BindPaths=/c\", \"StandardInputText=a\", \
         \"StandardInputData=YQ==\", \"StandardInputText=100%%\"]"
    );
    assert_eq!(at(&said, "systemd.service.LimitNOFILE"), "5");
    let own = said["sockets"][0].as_table().expect("a table");
    assert_eq!(
        at(own, "systemd.lines"),
        "[\"ListenStream=80\", \"ListenSequentialPacket=/run/a\", \"ListenStream=[::1]:81\", \"ListenDatagram=80\", \
         \"ListenStream=%t/a\"]"
    );
    assert_eq!(at(own, "systemd.Backlog"), "5");
    assert!(
        found.text.contains("# One.\n# Two.\n") || found.text.contains("# One.\n\n# Two.\n"),
        "{}",
        found.text
    );
    let unit = |name: &str| {
        let mut units = found.units.iter();
        let unit = units.find(|unit| unit.path.ends_with(name)).expect(name);
        String::from_utf8(unit.contents.clone()).expect("text")
    };
    let lines = |text: &str, start: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with(start));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(lines(&unit("a.socket"), "Listen"), lines(socket, "Listen"));
    assert_eq!(lines(&unit("a.service"), "Bind"), lines(service, "Bind"));
    let file = found
        .files
        .iter()
        .find(|file| file.path.ends_with("a.socket"));
    assert_eq!(file.map(|file| (file.assignments, file.keys)), Some((6, 0)));
}

#[test]
fn an_address_that_a_key_says_needs_no_whole_line() {
    let found = imported(&[
        ("a.service", "[Service]\nExecStart=/usr/bin/a\n"),
        (
            "a.socket",
            "[Socket]\nListenStream=/run/a\nListenDatagram=[::1]:80\nListenStream=127.0.0.1:80\n",
        ),
    ]);
    let own = &table(&found)["sockets"][0];
    assert_eq!(
        at(own.as_table().expect("a table"), "listen"),
        "[\"unix:/run/a\", \"udp://[::1]:80\", \"tcp://127.0.0.1:80\"]"
    );
    assert!(!found.text.contains("lines"), "{}", found.text);
}

#[test]
fn what_comes_before_a_reset_is_no_part_of_an_order() {
    let found = imported(&[
        ("a.service", "[Service]\nExecStart=/usr/bin/a\n"),
        (
            "a.socket",
            "[Socket]\nListenStream=1\nListenFIFO=/run/a\nListenDatagram=\nListenFIFO=/run/b\nListenStream=2\n",
        ),
    ]);
    let own = &table(&found)["sockets"][0];
    assert_eq!(
        at(own.as_table().expect("a table"), "systemd.lines"),
        "[\"ListenFIFO=/run/b\", \"ListenStream=2\"]"
    );
}
