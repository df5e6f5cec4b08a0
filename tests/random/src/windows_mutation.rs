//! Right packages for Windows made wrong.

use super::mutation::{WRONG_TYPES, misspelt, set_below, stirred, torn};
use super::{Mutated, Rng, WindowsPackage, one, text};

const SERVICE: &str = "[[package.metadata.service]]";
const WINDOWS: &str = "[package.metadata.service.windows]";

/// Keys that Windows alone has.
const KEYS: [&str; 9] = [
    "delayed-start",
    "depends",
    "sid-type",
    "privileges",
    "failure-actions",
    "preshutdown-timeout",
    "event-log",
    "firewall",
    "install-dir",
];

/// What no script, command line or registry value for Windows can carry, or would be another line of it.
const UNCARRIED: [&str; 10] = [
    "\0",
    "\u{1b}[2J",
    "\n",
    "\r\ndel /q C:\\*\r\n",
    "\r\n:run\r\n",
    "\r\n'@\r\nStop-Computer\r\n",
    "\u{1a}",
    "\u{7f}",
    "\u{2028}",
    "\u{fffe}",
];

/// A key of Windows' own table, and a value that it cannot have.
const WRONG: [(&str, &str); 46] = [
    ("depends", r#"[""]"#),
    ("depends", r#"["a/b"]"#),
    ("depends", r#"["a\\b"]"#),
    ("depends", r#"["a\"b"]"#),
    ("depends", r#"["+"]"#),
    ("depends", r#"[" a"]"#),
    ("depends", r#"["100%"]"#),
    ("depends", r#"["a\r\nb"]"#),
    ("sid-type", r#""sometimes""#),
    ("sid-type", r#""""#),
    ("privileges", r#"["SeNoSuchPrivilege"]"#),
    ("privileges", r#"[""]"#),
    ("privileges", r#"["SeTcbPrivilege/SeDebugPrivilege"]"#),
    ("failure-actions", "{}"),
    ("failure-actions", "{ actions = [] }"),
    ("failure-actions", "{ actions = [{}] }"),
    ("failure-actions", r#"{ actions = [{ action = "run" }] }"#),
    (
        "failure-actions",
        r#"{ actions = [{ action = "restart", delay = "soon" }] }"#,
    ),
    (
        "failure-actions",
        r#"{ actions = [{ action = "restart", delay = "infinity" }] }"#,
    ),
    (
        "failure-actions",
        r#"{ actions = [{ action = "restart" }], reset = "infinity" }"#,
    ),
    (
        "failure-actions",
        r#"{ actions = [{ action = "restart" }], reset = "-1s" }"#,
    ),
    ("preshutdown-timeout", r#""5 parsecs""#),
    ("preshutdown-timeout", r#""-1s""#),
    ("preshutdown-timeout", "-1"),
    ("event-log", r#""beacon.dll""#),
    ("event-log", r#""{nowhere-dir}\\x.dll""#),
    ("event-log", r#""C:\\a\nb.dll""#),
    ("firewall", "[]"),
    ("firewall", "[{}]"),
    ("firewall", "[{ port = 0 }]"),
    ("firewall", "[{ port = 65536 }]"),
    ("firewall", "[{ port = -1 }]"),
    ("firewall", "[{ port = 80, profiles = [] }]"),
    ("firewall", r#"[{ port = 80, profiles = ["home"] }]"#),
    ("firewall", r#"[{ port = 80, protocol = "icmp" }]"#),
    ("install-dir", r#""""#),
    ("install-dir", r#""..""#),
    ("install-dir", r#""a/../b""#),
    ("install-dir", r#""C:\\a\\b""#),
    ("install-dir", r#""\\\\server\\share""#),
    ("install-dir", r#""a|b""#),
    ("install-dir", r#""100%""#),
    ("install-dir", r#""con""#),
    ("install-dir", r#""a\r\nb""#),
    ("start", r#""on-demand""#),
    ("after", r#"["time-sync"]"#),
];

/// Changes a package.
pub fn mutate_windows(rng: &mut Rng, package: &WindowsPackage) -> Mutated {
    let toml = &package.toml;
    let wrong = |toml: String, word: &str| Mutated {
        toml,
        wrong: Some(word.to_owned()),
    };
    let own = |key: &str, value: &str| set_below(toml, WINDOWS, key, value);
    match rng.u8(0..12) {
        0 => {
            let key = one(rng, &KEYS);
            wrong(own(key, one(rng, &WRONG_TYPES)), key)
        }
        1 => {
            let word = one(rng, &KEYS);
            let key = misspelt(rng, word);
            wrong(own(&key, "true"), &key)
        }
        2..=4 => {
            let (key, value) = one(rng, &WRONG);
            wrong(own(key, value), key)
        }
        5 | 6 => uncarried(rng, toml),
        7 => {
            let (key, value) = one(
                rng,
                &[
                    ("args", r#"["%PATH%"]"#),
                    ("args", r#"["100%", "50%"]"#),
                    ("args", r#"["a%~b"]"#),
                    ("environment", r#"{ A = "%~x" }"#),
                    ("environment", r#"{ PATH_ = "a", Path_ = "b" }"#),
                    ("environment", r#"{ "A=B" = "x" }"#),
                    ("environment", r#"{ A = "|#;@+$" }"#),
                    ("display-name", r#""@shell32.dll,-1""#),
                    ("display-name", r#""""#),
                    ("description", r#""@x""#),
                    ("working-dir", r#""data""#),
                    ("working-dir", r#""C:data""#),
                ],
            );
            wrong(own(key, value), key)
        }
        8 => {
            // What the installer tells the program is not the manifest's to say.
            let names = ["SVC_RESTART", "svc_sockets", "SVC_WORKING_DIRECTORY"];
            let variable = one(rng, &names);
            let table = format!("{{ {variable} = \"x\" }}");
            wrong(own("environment", &table), variable)
        }
        9 => {
            let long = "x".repeat(rng.usize(257..400));
            wrong(own("display-name", &text(&long)), "display-name")
        }
        10 => Mutated {
            toml: torn(rng, toml),
            wrong: None,
        },
        _ => Mutated {
            toml: stirred(rng, toml),
            wrong: None,
        },
    }
}

fn uncarried(rng: &mut Rng, toml: &str) -> Mutated {
    let bad = text(&format!("a{}b", one(rng, &UNCARRIED)));
    let (header, key, value) = match rng.u8(0..7) {
        0 => (SERVICE, "args", format!("[{bad}]")),
        1 => (SERVICE, "environment", format!("{{ A = {bad} }}")),
        2 => (SERVICE, "display-name", bad),
        3 => (WINDOWS, "depends", format!("[{bad}]")),
        4 => (WINDOWS, "install-dir", bad),
        5 => (
            WINDOWS,
            "working-dir",
            text(&format!("C:\\{}", one(rng, &UNCARRIED))),
        ),
        _ => (
            WINDOWS,
            "account",
            text(&format!(".\\a{}b", one(rng, &UNCARRIED))),
        ),
    };
    Mutated {
        toml: set_below(toml, header, key, &value),
        wrong: Some(key.to_owned()),
    }
}
