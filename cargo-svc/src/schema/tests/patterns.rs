//! The schema's patterns beside cargo-svc's own checks.

use proptest::prelude::*;

use super::{check, toml};
use crate::testing::{HEAD, resolve};

/// Whether each takes a value of a key.
fn both(table: &str, value: &str) -> (bool, bool) {
    let text = format!("{HEAD}{}\n", table.replace("VALUE", &toml(&value.into())));
    (resolve(&text).is_ok(), check(&text).is_ok())
}

/// Values that are right or nearly so, for the tables that have a pattern.
fn value() -> impl Strategy<Value = (&'static str, String)> {
    let of = |table: &'static str, values: &'static str| {
        values.prop_map(move |value| (table, value)).boxed()
    };
    let path = r"[./]{0,2}([a.{}]{1,2}/?){0,3}";
    prop_oneof![
        of("metadata.service.name = VALUE", "[a-zA-Z0-9_. -]{0,6}"),
        of(
            "metadata.service.stop-timeout = VALUE",
            r"[ \n]?([0-9]{0,3}(\.[0-9]{0,2})?[ \t]?(s|min|m|M|parsec|µs|years|infinity)?[ ]?){0,3}",
        ),
        of(
            "metadata.service.args = [VALUE]",
            r"([a-z%\t]|\{\{?(config|install)-dir\}|\}){0,4}"
        ),
        of("metadata.service.args = [VALUE]", ".{0,6}"),
        of(
            "metadata.service.documentation = [VALUE]",
            r"(https?:|man:|file:)/{0,2}[a \t()1]{0,3}"
        ),
        of(
            "metadata.service.environment = { VALUE = \"\" }",
            "[A-C0-2_ -]{0,4}"
        ),
        of("metadata.service.directories.state = VALUE", path),
        of(
            "metadata.service.directories.state = { mode = VALUE }",
            "[0-8]{2,5}"
        ),
        of(
            "metadata.service.files = [{ source = VALUE, to = \"{install-dir}/x\" }]",
            path
        ),
        of(
            "metadata.service.files = [{ source = \"x\", to = VALUE }]",
            r"\{(install-dir|config-dir|x)\}/?[.]{0,2}(/[a.]{1,3}){0,2}",
        ),
        of(
            "metadata.service.credentials = [{ name = VALUE }]",
            "[a-z._: -]{0,3}"
        ),
        of(
            "metadata.service.sockets = [{ name = \"a\", listen = VALUE }]",
            r"(tcp|udp|unix|unixgram|http):/{0,2}(127\.0\.0\.1|\[::1?(%1)?\]|localhost|@a|a)?(:[0-9]{1,5})?",
        ),
        of(
            "metadata.service.systemd.account.user = VALUE",
            "[a-z0-9_.-]{1,33}"
        ),
        of(
            "metadata.service.systemd.wanted-by = [VALUE]",
            r"[a-z@%:\\]{0,3}\.?(target|service|x)?"
        ),
        of(
            "metadata.service.systemd.capabilities = [VALUE]",
            "(CAP_|cap_)?[A-Z_a1]{0,4}"
        ),
        of(
            "metadata.service.windows.install-dir = VALUE",
            r"([A-Z]:\\)?([a.%*]{1,2}[/\\]?){0,3}"
        ),
        of(
            "metadata.service.windows.depends = [VALUE]",
            r"\+?[a /\\]{0,4}"
        ),
        of(
            "metadata.service.windows.account = VALUE",
            r"[a.]{0,2}[\\@][a$/]{0,3}"
        ),
        of(
            "metadata.service.windows.event-log = VALUE",
            r"(\{install-dir\})?[a{}/]{0,3}"
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nversion = VALUE",
            r"[0-9]{1,3}(\.[0-9]{1,4}){1,4}"
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nicon = VALUE",
            r"[a/.]{0,3}\.(ico|ICO|png)"
        ),
        of("metadata.service.systemd.writable = [VALUE]", path),
        of("metadata.service.systemd.bin-dir = VALUE", path),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\nupgrade-code = VALUE",
            r"\{?[0-9a-fA-F]{8}(-[0-9a-f]{4}){2,4}-[0-9A-G]{12}\}?",
        ),
        of(
            "metadata.service = {}\n[package.metadata.service-package]\noutput-dir = VALUE",
            path,
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn its_patterns_are_no_narrower_than_the_checks((table, value) in value()) {
        let (reader, schema) = both(table, &value);
        prop_assert!(schema || !reader, "{}: {:?}", table, value);
    }
}
