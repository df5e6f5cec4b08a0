//! Values that are counted.

use super::{Outcome, Reading};
use crate::directives::{size, whole};
use crate::service::TimeSpan;
use crate::unit_file::grammar::Unit;
use crate::unit_file::value::Value;

/// A whole number, or the text: `infinity`, `50%`.
pub(super) fn number(text: &str) -> Value {
    match whole(text).map(i64::try_from) {
        Some(Ok(number)) => Value::Number(number),
        _ => Value::Text(text.to_owned()),
    }
}

/// Octal digits (`parse_mode()`).
pub(super) fn mode(text: &str) -> Reading {
    let digits = text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    match u32::from_str_radix(text, 8) {
        Ok(mode) if digits && mode <= 0o7777 => Reading::one(Value::Mode(mode)),
        _ => Reading::wrong(
            Outcome::Ignored,
            format!("`{text}` is not an octal mode up to 7777"),
        ),
    }
}

/// Bytes, or the text: `infinity`, a percentage.
pub(super) fn size_or_text(text: &str) -> Reading {
    if text == "infinity" || text.ends_with(['%', '\u{2030}', '\u{2031}']) {
        return Reading::one(Value::Text(text.to_owned()));
    }
    match bytes(text) {
        Some(bytes) => Reading::one(Value::Size(bytes)),
        None => Reading::wrong(
            Outcome::Ignored,
            format!("`{text}` is not a size, as 64M is"),
        ),
    }
}

/// A number of bytes, in powers of 1024.
fn bytes(text: &str) -> Option<u64> {
    u64::try_from(size(text, 1024).ok()?).ok()
}

/// One limit, or the soft and the hard one (`rlimit_parse()`).
pub(super) fn limit(unit: Unit, text: &str) -> Reading {
    if unit == Unit::Nice {
        return Reading::one(Value::Text(text.to_owned()));
    }
    let (soft, hard) = text.split_once(':').unwrap_or((text, text));
    match (one_limit(unit, soft), one_limit(unit, hard)) {
        (Ok(soft), Ok(hard)) => {
            if hard.is_some_and(|hard| soft.is_none_or(|soft| soft > hard)) {
                let reason = "the soft limit is higher than the hard one";
                return Reading::wrong(Outcome::Ignored, reason);
            }
            Reading::one(Value::Limit { soft, hard })
        }
        _ => Reading::wrong(
            Outcome::Ignored,
            format!("`{text}` is not a limit, as 64:128 is"),
        ),
    }
}

/// A text that is no limit.
struct NoLimit;

/// The limit; none is `infinity`.
fn one_limit(unit: Unit, text: &str) -> Result<Option<u64>, NoLimit> {
    if text == "infinity" {
        return Ok(None);
    }
    let time = || {
        TimeSpan::parse(text)
            .map(TimeSpan::as_micros)
            .map_err(|_| NoLimit)
    };
    match unit {
        Unit::Count => match number(text) {
            Value::Number(number) => u64::try_from(number).map(Some).map_err(|_| NoLimit),
            _ => Err(NoLimit),
        },
        Unit::Bytes => bytes(text).map(Some).ok_or(NoLimit),
        Unit::Seconds => Ok(time()?.map(|micros| micros.div_ceil(1_000_000))),
        // Without a unit these are microseconds, not seconds.
        Unit::Microseconds => text.parse().map(Some).or_else(|_| time()),
        Unit::Nice => Err(NoLimit),
    }
}
