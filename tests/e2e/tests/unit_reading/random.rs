//! Units made of pieces that mean something to systemd, always the same ones.

use std::fmt::Write as _;

/// Pieces of values. Versions differ in what they make of `..`: there is none.
const PIECES: [&str; 48] = [
    "a", "b", "A=", "B=", "/", "/x", "//", " ", " ", " ", "\t", "\"", "\"", "'", "'", "\\", "\\\\",
    "\\x41", "\\n", "\\u00e9", "\\101", "\\s", ":", ":", ";", " ; ", "%%", "%-", "$", "$$", "${A}",
    "~", "-", "+", "@", "!", "|", "yes", "no", "infinity", "5", "10", "s", "M", "é", "#",
    "norbind", "=",
];

/// Sections, keys, and what the value begins with, so that not everything is refused.
const KEYS: [(&str, &str, &str); 25] = [
    ("Unit", "Description", ""),
    ("Unit", "Documentation", "man:"),
    ("Unit", "ConditionPathExists", "/"),
    ("Unit", "ConditionHost", ""),
    ("Unit", "Wants", "w.service "),
    ("Unit", "JobTimeoutSec", "5"),
    ("Service", "ExecStartPre", "/bin/x "),
    ("Service", "ExecStartPre", "-/bin/x "),
    ("Service", "ExecStopPost", "-/bin/x"),
    ("Service", "Environment", "A="),
    ("Service", "Environment", ""),
    ("Service", "EnvironmentFile", "/"),
    ("Service", "PassEnvironment", ""),
    ("Service", "UnsetEnvironment", ""),
    ("Service", "WorkingDirectory", "-/"),
    ("Service", "ReadWritePaths", "/"),
    ("Service", "BindPaths", "/a:/b "),
    ("Service", "BindPaths", "/"),
    ("Service", "BindReadOnlyPaths", "/"),
    ("Service", "TemporaryFileSystem", "/"),
    ("Service", "StateDirectory", "a"),
    ("Service", "ExecSearchPath", "/"),
    ("Service", "RestartSec", "5"),
    ("Service", "MemoryMax", "5"),
    ("Service", "SyslogIdentifier", ""),
];

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % 1_000_003).unwrap_or(0) % end
    }
}

/// So many services; another seed that is not 0 gives others.
pub(crate) fn units(seed: u64, count: usize) -> Vec<(String, Vec<u8>)> {
    let mut random = Random(seed);
    let unit = |number| {
        let mut text = String::from("[Service]\nType=oneshot\nExecStart=/bin/true\n");
        for _ in 0..8 {
            let (section, key, start) = KEYS[random.below(KEYS.len())];
            let mut value = String::from(start);
            for _ in 0..random.below(9) {
                let piece = PIECES[random.below(PIECES.len())];
                // Versions differ in empty parts between colons, in programs that end in a point, and in the prefix `|`.
                let differs = match key {
                    "StateDirectory" => piece == ":",
                    _ if key.starts_with("Exec") => piece.contains(['.', '|']),
                    _ => false,
                };
                if !differs {
                    value += piece;
                }
            }
            // Writing to a string cannot fail.
            let _ = writeln!(text, "[{section}]\n{key}={value}");
        }
        (format!("random{number}.service"), text.into_bytes())
    };
    (0..count).map(unit).collect()
}
