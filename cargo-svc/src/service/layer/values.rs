//! What single values must be like.

use super::Fault;
use crate::manifest::keys::nearest;
use crate::manifest::raw;
use crate::service::text::{INSTANCE, check_characters};
use crate::service::{EnvName, Folder, Text, TextError, TimeSpan};

/// A value on one line that is not empty.
pub(in crate::service) fn line(value: &str) -> Result<String, String> {
    if value.trim().is_empty() {
        return Err("the value cannot be empty".into());
    }
    check_characters(value)?;
    Ok(value.to_owned())
}

/// A text collapsed to one line, as both systems show it.
pub(in crate::service) fn one_line(value: &str) -> Result<String, String> {
    line(&value.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A URL that `Documentation=` takes: systemd.unit(5) names these schemes.
pub(in crate::service) fn check_url(url: &str) -> Result<String, String> {
    check_characters(url)?;
    let schemes = ["http://", "https://", "file:", "info:", "man:"];
    let known = schemes.iter().any(|scheme| {
        url.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    });
    if !known {
        return Err("a URL begins with https://, http://, file:, info: or man:".into());
    }
    if url.contains(char::is_whitespace) {
        return Err("a URL holds no spaces; write %20".into());
    }
    Ok(url.to_owned())
}

/// A value in which placeholders may stand.
pub(super) fn text(value: &str) -> Result<Text, Fault> {
    let text = Text::parse(value).map_err(|error| match error {
        TextError::Character(reason) => Fault::new(reason),
        TextError::Unclosed => {
            Fault::new("this `{` has no `}`").help("write `{{` for a literal brace")
        }
        TextError::Unknown(word) => unknown_placeholder(&word),
    })?;
    Ok(text)
}

fn unknown_placeholder(word: &str) -> Fault {
    let words: Vec<_> = Folder::ALL
        .map(Folder::word)
        .into_iter()
        .chain([INSTANCE])
        .collect();
    let label = match nearest(word, words.iter().copied()) {
        Some(near) => format!("`{{{word}}}` is no placeholder; did you mean `{{{near}}}`?"),
        None => format!("`{{{word}}}` is no placeholder"),
    };
    let known: Vec<_> = words.iter().map(|word| format!("`{{{word}}}`")).collect();
    let known = known.join(", ");
    Fault::new(label)
        .help("write `{{` for a literal brace")
        .help(format!("the placeholders are {known}"))
}

/// Variables of the contract between installer and program.
const CONTRACT: [&str; 17] = [
    "STATE_DIRECTORY",
    "CACHE_DIRECTORY",
    "LOGS_DIRECTORY",
    "CONFIGURATION_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "JOURNAL_STREAM",
    "INVOCATION_ID",
    "MAINPID",
    "MANAGERPID",
    "SYSTEMD_EXEC_PID",
];

/// A variable's name that the user may set.
pub(super) fn variable(name: &str) -> Result<EnvName, Fault> {
    let parsed = EnvName::parse(name)?;
    let upper = name.to_ascii_uppercase();
    if CONTRACT.contains(&upper.as_str()) || upper.starts_with("SVC_") {
        return Err(Fault::new(
            "the service manager or cargo-svc sets this variable",
        ));
    }
    Ok(parsed)
}

/// A duration.
pub(super) fn time(typed: &raw::Time) -> Result<TimeSpan, Fault> {
    match typed {
        raw::Time::Text(text) => check_characters(text).and_then(|()| TimeSpan::parse(text)),
        raw::Time::Seconds(seconds) => TimeSpan::parse(&seconds.to_string()),
    }
    .map_err(|label| {
        Fault::new(label).help("for example: \"90s\", \"2min 30s\", \"1h\", \"infinity\"")
    })
}

/// A time limit: nothing can be done in no time, and systemd takes 0 for "no limit".
pub(super) fn timeout(typed: &raw::Time) -> Result<TimeSpan, Fault> {
    let span = time(typed)?;
    if span.is_zero() {
        return Err(
            Fault::new("a time limit is more than zero").help("write \"infinity\" for no limit")
        );
    }
    Ok(span)
}

/// The name of a user or a group, as systemd takes it in its strict form (systemd-sysusers: "User/Group Name Syntax").
pub(super) fn user(name: &str) -> Result<String, Fault> {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.starts_with(first) && name.chars().all(rest) && name.len() <= 31 {
        return Ok(name.to_owned());
    }
    Err(Fault::new(
        "a user's or group's name has at most 31 ASCII letters, digits, `_` and `-`, and begins with a letter or `_`",
    ))
}

/// An account of Windows, in one of the forms that the service manager takes.
pub(super) fn windows_account(name: &str) -> Result<String, Fault> {
    line(name)?;
    let separator = if name.contains('\\') { '\\' } else { '@' };
    let (one, other) = name.split_once(separator).unwrap_or_default();
    let parts = [one, other];
    let bad =
        |part: &str| part.is_empty() || part.chars().any(|c| "/\\[]:;|=,+*?<>\"%@".contains(c));
    if parts.iter().any(|part| bad(part)) || name.chars().count() > 256 {
        return Err(Fault::new("the name of an account was expected").help(
            "for example: 'EXAMPLE\\beacon', '.\\beacon' for one of the machine, 'EXAMPLE\\beacon$' for a group-managed one",
        ));
    }
    let upper = parts[0].to_ascii_uppercase();
    if matches!(upper.as_str(), "NT AUTHORITY" | "NT SERVICE") {
        return Err(
            Fault::new("Windows has a word of its own for this account here")
                .help("write \"dynamic\", \"system\", \"local-service\" or \"network-service\""),
        );
    }
    Ok(name.to_owned())
}
