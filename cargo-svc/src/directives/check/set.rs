//! Sets of words: capabilities, system calls, signals and their kin.

use super::words::{Rules, Words};
use super::{Found, listed, member, number, yes_or_no};
use crate::directives::{Directive, Section, find};

/// Words of the table, or a boolean where it says so. A `~` before them takes them away, where it says so.
pub(super) fn words(directive: &Directive, value: &str) -> Found {
    if yes_or_no(value).is_some() && listed(directive, "<boolean>") {
        return Ok(());
    }
    let value = match value.strip_prefix('~') {
        Some(rest) if listed(directive, "~") => rest,
        _ => value,
    };
    super::each(directive, value, &|text| match member(directive, text) {
        Err(_) if listed(directive, "<number>") => number::integer(text, None),
        found => found,
    })
}

/// A name from the table, or a number. What the kernel may learn later is let pass, if it looks like one.
pub(super) fn capability(directive: &Directive, text: &str) -> Found {
    let known = directive
        .values
        .iter()
        .any(|accepted| accepted.word.eq_ignore_ascii_case(text));
    if known || number::integer(text, Some((0, 62))).is_ok() {
        Ok(())
    } else {
        Err(format!("`{text}` is no capability"))
    }
}

/// A set from the table, or any type: the kernel may learn more.
pub(super) fn file_system(directive: &Directive, text: &str) -> Found {
    if text.starts_with('@') {
        member(directive, text)
    } else {
        Ok(())
    }
}

/// Names of system calls, which the table does not list, and sets of them, which it does; after a `~` each may have an error.
pub(super) fn system_calls(directive: &Directive, value: &str) -> Found {
    let away = value.starts_with('~');
    for word in Words::new(value.strip_prefix('~').unwrap_or(value), Rules::BARE) {
        let word = word?;
        let (call, error) = word
            .split_once(':')
            .map_or((word.as_str(), None), |(call, error)| (call, Some(error)));
        if call.starts_with('@') {
            member(directive, call)?;
        } else if call.is_empty() || !call.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(format!("`{call}` is no system call"));
        }
        match error {
            None => {}
            Some(_) if !listed(directive, "<errno>") => {
                return Err("the directive takes no errors".into());
            }
            Some(_) if !away => return Err("an allowed system call has no error".into()),
            Some(error) => match find(Section::Service, "SystemCallErrorNumber") {
                Some(errors) if !listed(errors, error) => errno(errors, error)?,
                _ => {}
            },
        }
    }
    Ok(())
}

pub(super) fn errno(_: &Directive, value: &str) -> Found {
    number::integer(value, Some((1, 4095))).map_err(|_| format!("`{value}` is no error"))
}

/// The signals below the real-time ones, without `SIG`.
const SIGNALS: [&str; 36] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN",
    "RTMAX",
];

pub(super) fn signal(text: &str) -> Found {
    let name = text.strip_prefix("SIG").unwrap_or(text);
    let offset = |prefix: &str, sign: char| {
        let rest = name.strip_prefix(prefix)?.strip_prefix(sign)?;
        number::whole(rest).filter(|n| (0..=30).contains(n))
    };
    let right = SIGNALS.contains(&name)
        || offset("RTMIN", '+').is_some()
        || offset("RTMAX", '-').is_some()
        || number::integer(text, Some((1, 64))).is_ok();
    right
        .then_some(())
        .ok_or_else(|| format!("`{text}` is no signal"))
}

pub(super) fn exit_status(directive: &Directive, text: &str) -> Found {
    if listed(directive, text) || number::integer(text, Some((0, 255))).is_ok() {
        return Ok(());
    }
    signal(text).map_err(|_| format!("`{text}` is neither an exit code nor a signal"))
}
