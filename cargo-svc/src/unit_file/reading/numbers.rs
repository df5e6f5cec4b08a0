//! Values that are counted.

use super::{Outcome, Reading};
use crate::escape::unit::is_blank;
use crate::service::TimeSpan;
use crate::unit_file::grammar::Unit;
use crate::unit_file::value::Value;

/// A whole number in decimal digits, or the text: `infinity`, `50%`, other bases.
pub(super) fn number(text: &str) -> Value {
    let number = text.parse().ok().filter(|_| !text.starts_with('+'));
    // Leading zeros make it octal.
    let decimal =
        text.trim_start_matches('-') == "0" || !text.trim_start_matches('-').starts_with('0');
    match number {
        Some(number) if decimal => Value::Number(number),
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
    match size(text) {
        Some(bytes) => Reading::one(Value::Size(bytes)),
        None => Reading::wrong(
            Outcome::Ignored,
            format!("`{text}` is not a size, as 64M is"),
        ),
    }
}

/// The suffixes of sizes, which must go down in a sum.
const SUFFIXES: [(char, u32); 7] = [
    ('E', 60),
    ('P', 50),
    ('T', 40),
    ('G', 30),
    ('M', 20),
    ('K', 10),
    ('B', 0),
];

/// `parse_size()` with the base 1024: numbers with suffixes, added up (`1G 512M`, `1.5K`).
fn size(text: &str) -> Option<u64> {
    let (mut rest, mut sum) = (text, 0_u64);
    let mut allowed = &SUFFIXES[..];
    loop {
        rest = rest.trim_start_matches(is_blank);
        let (whole, after) = digits(rest);
        let whole: u64 = whole.parse().ok()?;
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        let after = after.trim_start_matches(is_blank);
        let found = allowed
            .iter()
            .position(|(suffix, _)| after.starts_with(*suffix));
        let (shift, after) = match found {
            Some(index) => {
                let shift = allowed[index].1;
                allowed = &allowed[index + 1..];
                (shift, &after[1..])
            }
            // Without a suffix nothing can follow.
            None if after.is_empty() => (0, after),
            None => return None,
        };
        let term = whole
            .checked_mul(1 << shift)?
            .checked_add(part_of(fraction, 1 << shift))?;
        sum = sum.checked_add(term)?;
        if after.is_empty() {
            return Some(sum);
        }
        rest = after;
    }
}

/// The digits after the point as a part of a unit, cut to whole ones.
fn part_of(fraction: &str, unit: u64) -> u64 {
    let (mut weight, mut sum) = (u128::from(unit) << 32, 0_u128);
    for digit in fraction.bytes() {
        weight /= 10;
        sum += weight * u128::from(digit - b'0');
    }
    // Half of the last kept bit makes good what the divisions cut off.
    u64::try_from((sum + (1 << 16)) >> 32).unwrap_or(u64::MAX)
}

fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
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
        Unit::Bytes => size(text).map(Some).ok_or(NoLimit),
        Unit::Seconds => Ok(time()?.map(|micros| micros.div_ceil(1_000_000))),
        // Without a unit these are microseconds, not seconds.
        Unit::Microseconds => text.parse().map(Some).or_else(|_| time()),
        Unit::Nice => Err(NoLimit),
    }
}
