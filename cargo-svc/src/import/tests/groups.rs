//! What belongs together: templates, what starts a service, several services, users.

use super::*;

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
fn addresses_without_a_word_of_their_own_keep_their_order() {
    let service = ("a.service", "[Service]\nExecStart=/usr/bin/a\n");
    let found = imported(&[
        service,
        (
            "a.socket",
            "[Socket]\nListenStream=80\nListenStream=81\nListenFIFO=/run/a\nListenDatagram=80\n",
        ),
    ]);
    let socket = table(&found)["sockets"][0]["systemd"].clone();
    let socket = socket.as_table().expect("a table");
    assert_eq!(at(socket, "ListenStream"), "[80, 81]");
    let text = &found.text;
    let keys = ["ListenStream", "ListenFIFO", "ListenDatagram"];
    assert!(
        keys.map(|key| text.find(key)).is_sorted(),
        "in the order of the unit: {text}"
    );
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
