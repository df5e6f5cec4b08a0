//! Keys of a package for Windows that do not change what its programs receive of what is declared.

use std::fmt::Write as _;

use super::windows::{Reach, Role};
use super::{Rng, one, text};

/// Portable keys that do not change what the program receives; the number of the start type.
pub(super) fn keys(
    rng: &mut Rng,
    role: &Role<'_>,
    number: usize,
    reach: Reach,
    toml: &mut String,
) -> u32 {
    let _ = writeln!(
        toml,
        "restart = {{ policy = \"{}\", delay = \"{}ms\" }}",
        one(rng, &["no", "on-failure", "always"]),
        rng.u32(1..90_000)
    );
    let _ = writeln!(toml, "stop-timeout = {}", rng.u32(10..100));
    let manual = reach != Reach::Run && rng.u8(0..4) == 0;
    if manual {
        let _ = writeln!(toml, "start = \"manual\"");
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(toml, "watchdog = \"{}s\"", rng.u32(30..90));
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(
            toml,
            "hardening = \"{}\"",
            one(rng, &["strict", "standard", "off"])
        );
    }
    if reach == Reach::Anything {
        if rng.u8(0..4) == 0 {
            let spans = ["\"2min 30s\"", "120", "\"90.5s\""];
            let _ = writeln!(toml, "start-timeout = {}", one(rng, &spans));
        }
        let has = directories(rng, role, toml);
        files(rng, role, has, toml);
        log(rng, has, toml);
        asked(rng, number, toml);
        if rng.u8(0..5) == 0 {
            let required = rng.bool();
            let _ = writeln!(
                toml,
                "credentials = [{{ name = \"token-{}\", required = {required} }}]",
                rng.u8(..)
            );
        }
    }
    if manual { 3 } else { 2 }
}

/// Keys of Windows alone.
pub(super) fn own_keys(rng: &mut Rng, reach: Reach, toml: &mut String) {
    if rng.u8(0..4) == 0 {
        // Without one the service has no access to folders of its own, which is refused.
        let kinds: &[&str] = match reach {
            Reach::Anything => &["unrestricted", "restricted"],
            Reach::Run => &["none", "unrestricted", "restricted"],
        };
        let _ = writeln!(toml, "sid-type = \"{}\"", one(rng, kinds));
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(
            toml,
            "privileges = [\"SeChangeNotifyPrivilege\", \"SeImpersonatePrivilege\"]"
        );
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(
            toml,
            "failure-actions = {{ reset = \"{}s\", actions = [{{ action = \"restart\", delay = \"{}ms\" }}, {{ action = \"restart\" }}], on-error = {} }}",
            rng.u32(1..100_000),
            rng.u32(1..100_000),
            rng.bool()
        );
    }
    if rng.u8(0..4) == 0 {
        let _ = writeln!(toml, "preshutdown-timeout = \"{}s\"", rng.u32(1..600));
    }
    if rng.u8(0..6) == 0 {
        let _ = writeln!(toml, "event-log = false");
    }
    if reach != Reach::Anything {
        return;
    }
    if rng.u8(0..6) == 0 {
        let account = one(
            rng,
            &[
                "local-service",
                "network-service",
                ".\\it's (me) & co",
                "DOMAIN\\gmsa$",
            ],
        );
        let _ = writeln!(toml, "account = {}", text(account));
    }
    if rng.u8(0..6) == 0 {
        let _ = writeln!(
            toml,
            "firewall = [{{ port = {}, profiles = [\"public\"] }}]",
            rng.u16(1..)
        );
    }
    if rng.u8(0..6) == 0 {
        let _ = writeln!(
            toml,
            "working-dir = {}",
            one(rng, &["'C:\\a b (x)'", "'{install-dir}\\x'"])
        );
    }
}

/// Which folders a service has that others of its keys name.
#[derive(Clone, Copy)]
struct Has {
    config: bool,
    logs: bool,
}

fn directories(rng: &mut Rng, role: &Role<'_>, toml: &mut String) -> Has {
    if rng.u8(0..2) == 0 {
        return Has {
            config: false,
            logs: false,
        };
    }
    let long = "l".repeat(rng.usize(55..100));
    let odd = one(rng, &["a b", "it's", "x & y", "ä (1)", &long]);
    let logs = text(&format!("{}/{odd}", role.name));
    let config = one(
        rng,
        &["", ", config = true", ", config = { mode = \"0755\" }"],
    );
    let _ = writeln!(
        toml,
        "directories = {{ state = true, cache = \"{long}\", logs = {logs}, runtime = true{config} }}"
    );
    Has {
        config: !config.is_empty(),
        logs: true,
    }
}

/// Files, each with a place of its own.
fn files(rng: &mut Rng, role: &Role<'_>, has: Has, toml: &mut String) {
    const SPICE: [&str; 12] = [
        "a b", "ä", "it's", "$x", "(x)", ";", "#", "~", "[x]", "{x}", "&", "@",
    ];
    if rng.bool() {
        return;
    }
    let mut typed = Vec::new();
    for number in 0..rng.usize(1..4) {
        let below = format!("{number}{}{}/{number}", one(rng, &SPICE), one(rng, &SPICE));
        let to = if has.config && rng.bool() {
            "{config-dir}".to_owned()
        } else {
            format!("{{install-dir}}/{}-files", role.name)
        };
        let to = text(&format!("{to}/{}", below.replace('{', "{{")));
        let source = text(&format!("files/{}/{below}", role.name));
        let (config, required) = (rng.bool(), rng.u8(0..4) == 0);
        let permissions = one(rng, &["", ", mode = \"0600\"", ", mode = \"755\""]);
        typed.push(format!(
            "{{ source = {source}, to = {to}, config = {config}, required = {required}{permissions} }}"
        ));
    }
    let _ = writeln!(toml, "files = [{}]", typed.join(", "));
}

fn log(rng: &mut Rng, has: Has, toml: &mut String) {
    if rng.u8(0..3) > 0 {
        return;
    }
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let [system, stderr, file] = [(); 3].map(|()| one(rng, &levels));
    let file = if has.logs {
        format!(", file = {{ level = \"{file}\", keep = 3 }}")
    } else {
        String::new()
    };
    let _ = writeln!(
        toml,
        "log = {{ system = \"{system}\", stderr = \"{stderr}\"{file} }}"
    );
}

/// What others ask of it.
fn asked(rng: &mut Rng, number: usize, toml: &mut String) {
    if rng.u8(0..3) == 0 {
        let links = ["[]", "[\"https://example.invalid/%7Ea?b=$c&d;e#[f]\"]"];
        let _ = writeln!(toml, "documentation = {}", one(rng, &links));
    }
    if rng.u8(0..4) == 0 {
        let events = [
            "[\"reload\"]",
            "[\"pause\", \"session\", \"power\", 200]",
            "[128, 255]",
        ];
        let _ = writeln!(toml, "events = {}", one(rng, &events));
    }
    if rng.u8(0..4) == 0 {
        let port = 20_000 + number;
        let _ = writeln!(
            toml,
            "sockets = [{{ name = \"a.b\", listen = [\"tcp://[::]:{port}\", \"udp://127.0.0.1:{port}\"] }}]"
        );
    }
}
