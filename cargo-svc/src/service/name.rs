//! Names that both systems accept.

use std::fmt;

/// A service's name: `[A-Za-z0-9][A-Za-z0-9_.-]{0,63}` and no DOS device name, so that it can be a unit, a registry key, a
/// folder and an account on every target without being escaped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

/// Names that Windows reserves in every folder, with or without an extension (Microsoft, "Naming Files, Paths, and Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

impl ServiceName {
    /// Longest name, in characters (all of them ASCII).
    pub const MAX: usize = 64;

    /// Checks a name.
    ///
    /// # Errors
    /// Says in one sentence which rule the name breaks.
    pub fn parse(name: &str) -> Result<Self, String> {
        let Some(first) = name.chars().next() else {
            return Err("a service name cannot be empty".into());
        };
        if !first.is_ascii_alphanumeric() {
            return Err(format!(
                "a service name begins with an ASCII letter or digit, not {first:?}"
            ));
        }
        if let Some(bad) = name
            .chars()
            .find(|c| !(c.is_ascii_alphanumeric() || "_.-".contains(*c)))
        {
            return Err(format!(
                "a service name holds ASCII letters, digits, `_`, `.` and `-`, not {bad:?}"
            ));
        }
        if name.len() > Self::MAX {
            return Err(format!(
                "a service name has at most {} characters, this one has {}",
                Self::MAX,
                name.len()
            ));
        }
        let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
        let numbered = ["com", "lpt"].iter().any(|port| {
            stem.strip_prefix(port)
                .is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
        });
        if numbered || DEVICES.contains(&stem.as_str()) {
            return Err(format!(
                "`{stem}` is the name of a DOS device, which Windows reserves"
            ));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An environment variable's name: letters, digits and underscores, not beginning with a digit, which is what systemd takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvName(String);

impl EnvName {
    /// Checks a name.
    ///
    /// # Errors
    /// Says in one sentence which rule the name breaks.
    pub fn parse(name: &str) -> Result<Self, String> {
        let Some(first) = name.chars().next() else {
            return Err("a variable's name cannot be empty".into());
        };
        if first.is_ascii_digit() {
            return Err("a variable's name cannot begin with a digit".into());
        }
        if let Some(bad) = name
            .chars()
            .find(|c| !(c.is_ascii_alphanumeric() || *c == '_'))
        {
            return Err(format!(
                "a variable's name holds ASCII letters, digits and `_`, not {bad:?}"
            ));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EnvName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
