//! Right declarations made wrong.

use super::wrong::{WRONG, WRONG_SYSTEMD};
use super::{Declaration, Kind, Rng, one, text};

/// A declaration that was changed.
#[derive(Debug, Clone)]
pub struct Mutated {
    /// Its tables.
    pub toml: String,
    /// The key or the word that an error must name; none where the change may have left it right.
    pub wrong: Option<String>,
}

/// Portable keys, each of which takes neither a date nor a table with this content.
const KEYS: [&str; 22] = [
    "name",
    "bin",
    "display-name",
    "description",
    "documentation",
    "args",
    "environment",
    "working-dir",
    "start",
    "after",
    "requires",
    "account",
    "restart",
    "start-timeout",
    "stop-timeout",
    "watchdog",
    "directories",
    "files",
    "credentials",
    "sockets",
    "hardening",
    "log",
];

const SYSTEMD_KEYS: [&str; 14] = [
    "type",
    "scope",
    "min-version",
    "wanted-by",
    "wants",
    "capabilities",
    "writable",
    "template",
    "bin-dir",
    "unit",
    "service",
    "install",
    "timer",
    "path",
];

pub(super) const WRONG_TYPES: [&str; 4] = [
    "1979-05-27T07:32:00Z",
    "[1979-05-27]",
    "{ no-such = [1] }",
    "[[[]]]",
];

const SPANS: [&str; 9] = [
    "\"5 parsecs\"",
    "\"-1s\"",
    "\"\"",
    "\"s\"",
    "\"1s 2 3m x\"",
    "\"99999999999999999999s\"",
    "-1",
    "\"1\\n2\"",
    "\"∞\"",
];

const NAMES: [&str; 10] = [
    "",
    "a b",
    "../x",
    "CON",
    "nul.txt",
    "é",
    "a@b",
    "a/b",
    "-a",
    "a\n[Service]\nExecStart=/bin/evil",
];

/// What no unit can carry in an argument or a variable.
const UNCARRIED: [&str; 6] = [
    "\0",
    "\u{1b}[2J",
    "\n",
    "\r\n[Service]\r\nUser=root",
    "\u{7f}",
    "\u{fffe}",
];

const PLACEHOLDERS: [&str; 5] = ["{nowhere-dir}", "{", "{state-dir", "{}", "a{ }b"];

/// Raw tables of `[Service]` with something wrong in each.
const RAW: [&str; 13] = [
    r#"{ NoSuchDirective = "x" }"#,
    r#"{ Nice = "very" }"#,
    r"{ Nice = 500 }",
    r#"{ RuntimeMaxSec = "5 parsecs" }"#,
    r#"{ LimitNOFILE = "many" }"#,
    r#"{ PrivateTmp = "perhaps" }"#,
    r#"{ LogExtraFields = "A=1\nExecStartPre=/bin/evil" }"#,
    r#"{ LogExtraFields = ["A=1", "B=2\r[Install]"] }"#,
    r#"{ LogExtraFields = "A=1\u0000" }"#,
    r#"{ SyslogIdentifier = "x\\" }"#,
    r#"{ "Nice=5\nUser" = "root" }"#,
    r#"{ "" = "x" }"#,
    r"{ Nice = [[1]] }",
];

/// What a value may become when nobody thinks about it.
const SOUP: [&str; 16] = [
    "1",
    "true",
    "false",
    "\"x\"",
    "\"\"",
    "[]",
    "{}",
    "[\"\"]",
    "1e400",
    "nan",
    "0x10",
    "\"%\"",
    "[1, \"a\"]",
    "'''a\nb'''",
    "{ policy = \"always\" }",
    "\"{instance}\"",
];

/// Changes a declaration.
pub fn mutate(rng: &mut Rng, declaration: &Declaration) -> Mutated {
    let mut toml = declaration.toml.clone();
    if declaration.kind == Kind::System && rng.bool() {
        // What is wrong on Windows alone is looked for, too.
        toml = toml.replace("windows = false\n", "");
    }
    // There another key may be refused before this one is looked at.
    let alone = toml.contains("windows = false\n");
    let wrong = |toml: String, word: &str| Mutated {
        toml,
        wrong: alone.then(|| word.to_owned()),
    };
    match rng.u8(0..16) {
        0 => {
            let key = one(rng, &KEYS);
            wrong(set(&toml, key, one(rng, &WRONG_TYPES)), key)
        }
        1 => {
            let key = one(rng, &SYSTEMD_KEYS);
            wrong(set_systemd(&toml, key, one(rng, &WRONG_TYPES)), key)
        }
        2 => {
            let word = one(rng, &KEYS);
            let key = misspelt(rng, word);
            wrong(set(&toml, &key, "\"x\""), &key)
        }
        3 => {
            let key = one(rng, &["start-timeout", "stop-timeout", "watchdog"]);
            wrong(set(&toml, key, one(rng, &SPANS)), key)
        }
        4 => wrong(set(&toml, "name", &text(one(rng, &NAMES))), "name"),
        5 => {
            let bad = format!("a{}b", one(rng, &UNCARRIED));
            match rng.u8(0..3) {
                0 => wrong(set(&toml, "args", &format!("[{}]", text(&bad))), "args"),
                1 => wrong(
                    set(&toml, "environment", &format!("{{ A = {} }}", text(&bad))),
                    "environment",
                ),
                _ => wrong(
                    set(&toml, "working-dir", &text(&format!("/{bad}"))),
                    "working-dir",
                ),
            }
        }
        6 => {
            let bad = text(one(rng, &PLACEHOLDERS));
            if rng.bool() {
                wrong(set(&toml, "args", &format!("[{bad}]")), "args")
            } else {
                wrong(set(&toml, "working-dir", &bad), "working-dir")
            }
        }
        7 | 8 => wrong(set_systemd(&toml, "service", one(rng, &RAW)), "service"),
        9 => wrong(format!("{toml}\n{toml}"), "name"),
        10 | 11 => {
            let (key, value) = one(rng, &WRONG);
            wrong(set(&toml, key, value), key)
        }
        12 | 13 => {
            let (key, value) = one(rng, &WRONG_SYSTEMD);
            wrong(set_systemd(&toml, key, value), key)
        }
        14 => Mutated {
            toml: torn(rng, &toml),
            wrong: None,
        },
        _ => Mutated {
            toml: stirred(rng, &toml),
            wrong: None,
        },
    }
}

/// Sets a key of the service's own table, whose first line is its header. What is said of it for systemd is taken away.
fn set(toml: &str, key: &str, value: &str) -> String {
    let before = format!("{key} = ");
    let mut kept = String::new();
    let mut inside = false;
    for line in toml.lines() {
        if line.starts_with('[') {
            inside = line == SYSTEMD;
        }
        if !inside || !line.starts_with(&before) {
            kept.extend([line, "\n"]);
        }
    }
    set_below(&kept, "[[package.metadata.service]]", key, value)
}

fn set_systemd(toml: &str, key: &str, value: &str) -> String {
    set_below(toml, SYSTEMD, key, value)
}

const SYSTEMD: &str = "[package.metadata.service.systemd]";

pub(super) fn set_below(toml: &str, header: &str, key: &str, value: &str) -> String {
    let before = format!("{key} = ");
    let (mut out, mut inside, mut is_set) = (String::new(), false, false);
    for line in toml.lines() {
        if line.starts_with('[') {
            inside = line == header && !is_set;
        } else if inside && line.starts_with(&before) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
        if inside && !is_set {
            out.extend([&before, value, "\n"]);
            is_set = true;
        }
    }
    out
}

/// A word with a letter too many, which is another word in any case.
pub(super) fn misspelt(rng: &mut Rng, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.insert(rng.usize(0..=letters.len()), 'q');
    letters.into_iter().collect()
}

/// The text with a piece cut out.
pub(super) fn torn(rng: &mut Rng, toml: &str) -> String {
    let letters: Vec<char> = toml.chars().collect();
    let begin = rng.usize(0..letters.len());
    let end = (begin + rng.usize(1..20)).min(letters.len());
    letters[..begin].iter().chain(&letters[end..]).collect()
}

/// The text with another value in some line.
pub(super) fn stirred(rng: &mut Rng, toml: &str) -> String {
    let mut lines: Vec<String> = toml.lines().map(str::to_owned).collect();
    let keys: Vec<usize> = (0..lines.len())
        .filter(|line| lines[*line].contains(" = "))
        .collect();
    let line = one(rng, &keys);
    if let Some((key, _)) = lines[line].split_once(" = ") {
        lines[line] = format!("{key} = {}", one(rng, &SOUP));
    }
    lines.join("\n")
}
