use super::*;

/// Sockets are written `name`, or `name=listen`.
fn target(name: &str, events: Option<&[&str]>, sockets: Option<&[&str]>) -> Target {
    let socket = |text: &&str| {
        let (name, listen) = text.split_once('=').unwrap_or((text, ""));
        let listen = [listen].into_iter().filter(|listen| !listen.is_empty());
        Socket {
            name: name.to_owned(),
            listen: listen.map(str::to_owned).collect(),
        }
    };
    Target {
        name: name.to_owned(),
        events: events.map(|list| list.iter().map(|&event| event.to_owned()).collect()),
        sockets: sockets.map(|list| Socket::merged(list.iter().map(socket))),
    }
}

/// What a service is on both systems, where that is the same.
fn portable(text: &str, name: Option<&str>, binary: Option<&str>) -> Target {
    let Service { systemd, windows } = read(text, name, binary).unwrap();
    assert_eq!(systemd, windows);
    systemd
}

/// The problems as `line:column message`.
fn problems(text: &str, name: Option<&str>, binary: Option<&str>) -> Vec<String> {
    let problems = read(text, name, binary).unwrap_err();
    let shown = |Problem {
                     line,
                     column,
                     message,
                 }| format!("{line}:{column} {message}");
    problems.into_iter().map(shown).collect()
}

const PACKAGE: &str = "[package]\nname = \"beacon\"\n";

const SEVERAL: &str = r#"
[package]
name = "tools"

[[package.metadata.service]]
name = "collector"
bin = "collect"
events = ["reload"]

[[package.metadata.service]]
name = "sender"
bin = "send"

[[package.metadata.service]]
name = "sender-backup"
bin = "send"
sockets = [{ name = "in", listen = "tcp://[::]:1" }]
"#;

#[test]
fn without_a_table_the_package_gives_the_name() {
    assert_eq!(
        portable(PACKAGE, None, Some("beacon")),
        target("beacon", None, None)
    );
    assert_eq!(
        portable(PACKAGE, Some("other"), None),
        target("other", None, None)
    );
}

#[test]
fn the_one_table_is_read() {
    let text = format!(
        "{PACKAGE}[package.metadata.service]\nevents = ['reload', 200, \"reload\"] # twice\n\
         sockets = [\n  {{ name = \"http\", listen = \"tcp://[::]:80\" }}, # a comment\n  {{ name = \"admin\" }},\n]\n"
    );
    let expected = target(
        "beacon",
        Some(&["reload", "200"]),
        Some(&["http=tcp://[::]:80", "admin"]),
    );
    assert_eq!(portable(&text, None, Some("anything")), expected);
    assert_eq!(portable(&text, None, None), expected);
    assert_eq!(portable(&text, Some("beacon"), Some("anything")), expected);
}

#[test]
fn every_way_to_write_the_table_is_the_same() {
    let expected = target("b", Some(&["pause"]), Some(&["s"]));
    for text in [
        "[package]\nname = 'p'\nmetadata.service = { name = 'b', events = ['pause'], sockets = [{ name = 's' }] }",
        "package = { name = 'p', metadata = { service = { name = 'b', events = ['pause'], sockets = [{name='s'}] } } }",
        "[package]\nname = 'p'\n[package.metadata]\nservice.name = 'b'\nservice.events = ['pause']\n\
         service.sockets = [{ name = 's' }]",
        "[package.metadata.service]\n\"name\" = \"\\u0062\"\nevents = [\n\"pause\",\n]\n\
         [[package.metadata.service.sockets]]\nname = 's'\n[package]\nname = 'p'",
        "[package]\r\nname = 'p'\r\n[ package . metadata . service ]\r\nname = '''b'''\r\nevents = ['pause']\r\n\
         sockets = [{ name = 's' }]\r\nother = 1979-05-27T07:32:00Z\r\n",
    ] {
        assert_eq!(portable(text, None, None), expected, "{text}");
    }
}

#[test]
fn a_socket_may_listen_in_several_places() {
    let expected = target(
        "beacon",
        None,
        Some(&[
            "dns=udp://[::]:53",
            "admin=unix:/run/x",
            "dns=tcp://[::]:53",
        ]),
    );
    for sockets in [
        "[{ name = 'dns', listen = ['udp://[::]:53', 'tcp://[::]:53'] }, { name = 'admin', listen = 'unix:/run/x' }]",
        "[{ name = 'dns', listen = 'udp://[::]:53' }, { name = 'admin', listen = ['unix:/run/x'] },\n\
         { name = 'dns', listen = 'tcp://[::]:53' }]",
    ] {
        let text = format!("{PACKAGE}[package.metadata.service]\nsockets = {sockets}\n");
        assert_eq!(portable(&text, None, None), expected, "{text}");
    }
    let text = format!(
        "{PACKAGE}[package.metadata.service]\nsockets = [{{ name = 'a', listen = [1] }}, {{ name = 'b', listen = 2 }}]\n"
    );
    assert_eq!(
        problems(&text, None, None),
        ["4:36 this is to be a string", "4:56 `listen` is a string"]
    );
}

#[test]
fn a_key_of_one_system_replaces_the_portable_one_there() {
    let text = format!(
        "{PACKAGE}[package.metadata.service]\nevents = [\"reload\"]\nwindows.events = [\"session\"]\n\
         windows.name = \"Beacon\"\nsystemd.events = false\nsystemd.sockets = [{{ name = \"x\" }}]\n"
    );
    let expected = Service {
        systemd: target("beacon", Some(&[]), Some(&["x"])),
        windows: target("Beacon", Some(&["session"]), None),
    };
    assert_eq!(read(&text, None, None), Ok(expected));
}

#[test]
fn of_several_services_the_binary_decides_or_the_name() {
    let collector = target("collector", Some(&["reload"]), None);
    assert_eq!(portable(SEVERAL, None, Some("collect")), collector);
    assert_eq!(
        portable(SEVERAL, Some("collector"), Some("collect")),
        collector
    );
    // The function stands in the library that the binaries share.
    assert_eq!(portable(SEVERAL, Some("collector"), None), collector);
    let backup = target("sender-backup", None, Some(&["in=tcp://[::]:1"]));
    assert_eq!(
        portable(SEVERAL, Some("sender-backup"), Some("send")),
        backup
    );
    // An example of its own.
    assert_eq!(
        portable(SEVERAL, Some("demo"), Some("demo")),
        target("demo", None, None)
    );
}

#[test]
fn what_is_not_clear_is_asked_for() {
    assert_eq!(
        problems(SEVERAL, None, Some("send")),
        [
            "5:20 which of `collector`, `sender` and `sender-backup` is it? Say so with #[service(name = \"…\")]"
        ]
    );
    assert_eq!(
        problems(SEVERAL, None, Some("demo")),
        [
            "5:20 no service here has `bin = \"demo\"`: add one, or say which it is with #[service(name = \"…\")], from \
          `collector`, `sender` and `sender-backup`"
        ]
    );
    assert_eq!(
        problems(SEVERAL, Some("colector"), Some("collect")),
        ["5:20 there is no service `colector`; did you mean `collector`?"]
    );
    assert_eq!(problems(SEVERAL, None, None).len(), 1);
}

#[test]
fn the_binary_of_the_one_table_may_be_stated() {
    let text =
        format!("{PACKAGE}default-run = \"beacond\"\n[package.metadata.service]\nname = \"x\"\n");
    assert_eq!(
        portable(&text, None, Some("beacond")),
        target("x", None, None)
    );
    assert_eq!(problems(&text, None, Some("tool")).len(), 1);
    let text = format!("{text}bin = \"tool\"\n");
    assert_eq!(portable(&text, None, Some("tool")), target("x", None, None));
    assert_eq!(problems(&text, None, Some("beacond")).len(), 1);
    let text = format!("{text}windows.bin = \"beacond\"\n");
    assert_eq!(
        portable(&text, None, Some("beacond")),
        target("x", None, None)
    );
}

#[test]
fn all_problems_are_told_once_with_their_places() {
    let text = format!(
        "{PACKAGE}[package.metadata.service]\nname = 7\nevents = [\"relaod\", 3, true]\n\
         sockets = [\"http\", {{ name = \"ü:\" }}]\nwindows.sockets = 1\n"
    );
    assert_eq!(
        problems(&text, None, None),
        [
            "4:1 `name` is a string",
            "5:11 there is no event `relaod`; did you mean `reload`?",
            "5:21 `3` is no custom control code: those are 128 to 255",
            "5:24 an event is a name such as \"reload\", or a custom control code",
            "6:12 a socket is a table with a `name` and a `listen`",
            "6:20 `ü:` is no name for a socket: it has 1 to 64 ASCII letters, digits, `_`, `.` and `-`",
            "7:9 `sockets` is a list",
        ]
    );
}

#[test]
fn wrong_tables_are_told() {
    for (rest, message) in [
        (
            "metadata.service = 1",
            "3:10 `service` is a table: write [package.metadata.service]",
        ),
        (
            "metadata.service = [1]",
            "3:21 `service` is a list of tables: write [[package.metadata.service]]",
        ),
        (
            "[[package.metadata.service]]\nbin = 'x'",
            "3:20 one of several services needs a `name` and a `bin`",
        ),
        (
            "metadata.service.events = 'reload'",
            "3:18 `events` is a list",
        ),
        (
            "metadata.service.name = 'a b'",
            "3:10 `a b` is no name for a service: it begins with an ASCII letter or digit, and letters, digits, `_`, `.` \
             and `-` may follow",
        ),
    ] {
        assert_eq!(
            problems(&format!("{PACKAGE}{rest}\n"), None, None),
            [message]
        );
    }
}

#[test]
fn what_is_not_toml_is_told_and_never_a_panic() {
    assert!(problems("[package", None, None)[0].starts_with("1:9 this is not TOML: "));
    let valid = format!("{PACKAGE}{SEVERAL}");
    for end in 0..SEVERAL.len() {
        for damaged in [&SEVERAL[..end], &format!("{}\0[[[=", &SEVERAL[..end])] {
            let _ = read(damaged, None, Some("collect"));
        }
    }
    // The same table twice: cargo refuses it before anyone asks here.
    let _ = read(&valid, None, None);
    let deep = format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(&deep, None, None).is_err());
}
