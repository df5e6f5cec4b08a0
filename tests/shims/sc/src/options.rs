//! `name= value` pairs, as sc.exe takes them: the equals sign ends one argument, the value is the next.

use sc_shim::scm::Settings;
use sc_shim::wide;

/// A command line that sc.exe would refuse (`ERROR_INVALID_COMMAND_LINE`).
pub(crate) const INVALID: u32 = 1639;

/// The pairs of `args`, names in lower case and without the sign.
pub(crate) fn pairs(args: &[String]) -> Result<Vec<(String, &str)>, u32> {
    args.chunks(2)
        .map(|pair| match pair {
            [name, value] => match name.strip_suffix('=') {
                Some(name) => Ok((name.to_ascii_lowercase(), value.as_str())),
                None => refuse(name),
            },
            other => refuse(&other.join(" ")),
        })
        .collect()
}

/// Says what was not understood.
pub(crate) fn refuse<T>(what: &str) -> Result<T, u32> {
    print!("[SC] sc-shim: not understood: {what}\r\n");
    Err(INVALID)
}

/// A number that stands for a word.
fn word(value: &str, words: &[(&str, u32)]) -> Result<u32, u32> {
    match words
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(value))
    {
        Some((_, number)) => Ok(*number),
        None => refuse(value),
    }
}

/// What `create` and `config` were asked to set.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) settings: Settings,
    /// The delayed flag, where a start type was given.
    pub(crate) delayed: Option<bool>,
}

/// Reads the options of `create` and `config`.
pub(crate) fn settings(args: &[String]) -> Result<Asked, u32> {
    let mut asked = Asked::default();
    let set = &mut asked.settings;
    for (name, value) in pairs(args)? {
        let text = Some(wide::from_os(value));
        match name.as_str() {
            "type" => set.kind = Some(word(value, &[("own", 0x10), ("share", 0x20)])?),
            "start" => {
                asked.delayed = Some(value.eq_ignore_ascii_case("delayed-auto"));
                let words = [
                    ("auto", 2),
                    ("delayed-auto", 2),
                    ("demand", 3),
                    ("disabled", 4),
                ];
                set.start = Some(word(value, &words)?);
            }
            "error" => {
                let words = [("ignore", 0), ("normal", 1), ("severe", 2), ("critical", 3)];
                set.error = Some(word(value, &words)?);
            }
            "binpath" => set.image = text,
            "group" => set.group = text,
            "obj" => set.account = text,
            "password" => set.password = text,
            "displayname" => set.display = text,
            // Services are joined by slashes; a single one, or nothing, clears the list.
            "depend" => {
                set.dependencies = Some(wide::list(value.split('/').filter(|d| !d.is_empty())));
            }
            other => return refuse(other),
        }
    }
    Ok(asked)
}

/// What `failure` was asked to set.
#[derive(Default)]
pub(crate) struct Failure {
    /// Seconds without a failure after which counting begins again.
    pub(crate) reset: u32,
    /// The message before a reboot.
    pub(crate) message: Option<String>,
    /// What a `run` action runs.
    pub(crate) command: Option<String>,
    /// Kind (0 none, 1 restart, 2 reboot, 3 run) and delay in milliseconds of each action.
    pub(crate) actions: Vec<(u32, u32)>,
}

/// Reads the options of `failure`.
pub(crate) fn failure(args: &[String]) -> Result<Failure, u32> {
    let mut asked = Failure::default();
    for (name, value) in pairs(args)? {
        match name.as_str() {
            "reset" if value.eq_ignore_ascii_case("infinite") => asked.reset = u32::MAX,
            "reset" => asked.reset = number(value)?,
            "reboot" => asked.message = Some(value.to_owned()),
            "command" => asked.command = Some(value.to_owned()),
            "actions" => {
                let mut parts = value.split('/');
                while let Some(kind) = parts.next().filter(|kind| !kind.is_empty()) {
                    let words = [("none", 0), ("restart", 1), ("reboot", 2), ("run", 3)];
                    let kind = word(kind, &words)?;
                    let delay = parts.next().map_or_else(|| refuse(value), number)?;
                    asked.actions.push((kind, delay));
                }
            }
            other => return refuse(other),
        }
    }
    Ok(asked)
}

/// A decimal number.
pub(crate) fn number(text: &str) -> Result<u32, u32> {
    text.parse().or_else(|_| refuse(text))
}
