//! One mistake is one error: what is missing only because it was refused is not said to be missing as well.

use super::{errors, one_error};

#[test]
fn what_was_refused_is_not_missing_as_well() {
    for (tables, what) in [
        (
            "systemd.account = { user = \"ü\" }",
            "account: invalid value for `account`: a user's",
        ),
        (
            "windows.firewall = [{ port = \"x\" }]",
            "wrong type for `firewall.port`",
        ),
        (
            "windows.firewall = [{ port = 80, profiles = [\"any\"] }]",
            "any",
        ),
        (
            "windows.failure-actions = { actions = [{ action = \"run\" }] }",
            "run",
        ),
        (
            "files = [{ source = 1, to = \"{install-dir}/a\" }]",
            "wrong type for `files.source`",
        ),
        (
            "files = [{ source = \"a\", to = 1 }]",
            "wrong type for `files.to`",
        ),
        (
            "credentials = [{ name = 1 }]",
            "wrong type for `credentials.name`",
        ),
        (
            "sockets = [{ name = 1, listen = \"tcp://[::]:80\" }]",
            "wrong type for `sockets.name`",
        ),
        (
            "sockets = [{ name = \"a\", listen = 1 }]",
            "wrong type for `sockets.listen`",
        ),
        (
            "sockets = [{ name = \"a\", listen = [1] }]",
            "sockets.listen",
        ),
    ] {
        let error = one_error(&format!("[package.metadata.service]\n{tables}\n"));
        assert!(error.contains(what), "{tables}: {error}");
    }
}

#[test]
fn what_is_missing_is_said_whatever_else_is_wrong() {
    for (tables, what) in [
        ("systemd.account = { group = \"x\" }", "`user` is missing"),
        ("windows.firewall = [{}]", "`port` is missing"),
        ("windows.firewall = []", "an array without rules"),
        (
            "windows.firewall = [{ port = 80, profiles = [] }]",
            "a rule without `profiles`",
        ),
        (
            "windows.failure-actions = { actions = [{}] }",
            "`action` is missing",
        ),
        ("windows.failure-actions = {}", "`actions` is missing"),
        ("files = [{ source = \"a\" }]", "`to` is missing"),
        ("sockets = [{ name = \"a\" }]", "`listen` is missing"),
    ] {
        let error = one_error(&format!("[package.metadata.service]\n{tables}\n"));
        assert!(error.contains(what), "{tables}: {error}");
        // A mistake elsewhere excuses nothing.
        let both = errors(&format!(
            "[package.metadata.service]\nwatchdog = \"soon\"\n{tables}\n"
        ));
        assert_eq!(both.len(), 2, "{tables}: {both:#?}");
    }
}

#[test]
fn the_name_of_all_sockets_is_refused_once() {
    let error = one_error(&format!(
        "[package.metadata.service]\nsystemd.socket.name = \"{}\"\n",
        "x".repeat(300)
    ));
    assert!(
        error.contains("several units cannot have one name"),
        "{error}"
    );
}
