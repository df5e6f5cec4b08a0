//! Limits of what a process may take: a number, or a soft and a hard one.

use super::{Found, number};
use crate::service::TimeSpan;

type Read = fn(&str) -> Option<u128>;

fn limit(value: &str, read: Read) -> Found {
    let one = |text: &str| match text {
        "infinity" => Ok(u128::MAX),
        _ => read(text).ok_or_else(|| format!("`{text}` is no such limit")),
    };
    both(value, &one)
}

fn both(value: &str, one: &dyn Fn(&str) -> Result<u128, String>) -> Found {
    let Some((soft, hard)) = value.split_once(':') else {
        return one(value).map(|_| ());
    };
    if one(soft)? > one(hard)? {
        return Err("the soft limit is above the hard one".into());
    }
    Ok(())
}

pub(super) fn bytes(value: &str) -> Found {
    limit(value, |text| number::size(text, 1024).ok())
}

pub(super) fn count(value: &str) -> Found {
    limit(value, |text| {
        u64::try_from(number::whole(text)?).ok().map(u128::from)
    })
}

pub(super) fn time(value: &str) -> Found {
    limit(value, |text| {
        let span = TimeSpan::parse(text.strip_prefix('+').unwrap_or(text)).ok()?;
        Some(span.as_micros().map_or(u128::MAX, u128::from))
    })
}

/// A nice level with its sign, or the limit's own numbering, in which 40 is the level -20. There is no `infinity`.
pub(super) fn nice(value: &str) -> Found {
    both(value, &|text| {
        let level = match text.as_bytes().first() {
            Some(b'+' | b'-') => number::whole(text)
                .filter(|n| (-20..=19).contains(n))
                .map(|n| 20 - n),
            _ => number::whole(text).filter(|n| (0..=40).contains(n)),
        };
        let level = level.and_then(|level| u128::try_from(level).ok());
        level.ok_or_else(|| format!("`{text}` is no nice level"))
    })
}
