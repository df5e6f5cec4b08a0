//! Numbers and amounts.

use super::Found;
use super::listed;
use crate::directives::Directive;
use crate::service::TimeSpan;

/// A whole number as C reads it: decimal, `0x…`, `0b…`, `0o…`, or octal after a `0`.
pub(crate) fn whole(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let prefixed = |prefix: &str, radix| {
        let rest = digits
            .get(..2)?
            .eq_ignore_ascii_case(prefix)
            .then(|| &digits[2..])?;
        plain(rest, radix)
    };
    let number = prefixed("0x", 16)
        .or_else(|| prefixed("0b", 2))
        .or_else(|| prefixed("0o", 8))
        .or_else(|| {
            let octal = digits.len() > 1 && digits.starts_with('0');
            plain(digits, if octal { 8 } else { 10 })
        })?;
    Some(sign * number)
}

/// Digits and nothing else.
fn plain(digits: &str, radix: u32) -> Option<i128> {
    let right = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    right.then(|| i128::from_str_radix(digits, radix).ok())?
}

pub(super) fn integer(text: &str, range: Option<(i64, i64)>) -> Found {
    let number = whole(text).ok_or("it is no whole number")?;
    match range {
        Some((low, high)) if number < low.into() || number > high.into() => {
            Err("it is out of range".into())
        }
        _ => Ok(()),
    }
}

pub(super) fn mode(text: &str) -> Found {
    let octal = text.chars().all(|c| c.is_digit(8));
    let bits = u32::from_str_radix(text, 8).ok().filter(|_| octal);
    match bits {
        Some(0..=0o7777) => Ok(()),
        Some(_) => Err("it has more than the bits of 07777".into()),
        None => Err("it is not octal".into()),
    }
}

/// The bytes that numbers with suffixes of falling size add up to.
pub(crate) fn size(text: &str, base: u32) -> Result<u128, String> {
    const SUFFIXES: &str = "EPTGMKB";
    let wrong = || "it is no number of bytes".to_owned();
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let (mut sum, mut next) = (0_u128, 0);
    loop {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        let (at, left) = match after.chars().next().and_then(|c| SUFFIXES.find(c)) {
            Some(at) => (at, after[1..].trim_start()),
            None => (SUFFIXES.len(), after),
        };
        if at < next {
            return Err("its parts do not fall in size".into());
        }
        let power = SUFFIXES.len().saturating_sub(at + 1);
        let unit = u128::from(base).pow(u32::try_from(power).unwrap_or_default());
        sum = decimal(number, unit)
            .and_then(|bytes| bytes.checked_add(sum))
            .ok_or_else(wrong)?;
        if sum > u64::MAX.into() {
            return Err("it has more than 64 bits".into());
        }
        if left.is_empty() {
            return Ok(sum);
        }
        // Nothing can follow a number without a suffix.
        if at == SUFFIXES.len() {
            return Err(wrong());
        }
        (rest, next) = (left, at + 1);
    }
}

/// A number of units, with a fraction of which six digits count.
fn decimal(number: &str, unit: u128) -> Option<u128> {
    const PARTS: u128 = 1_000_000_000_000_000_000;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = format!("{fraction:0<18}");
    let part = fraction
        .get(..18)?
        .parse::<u128>()
        .ok()?
        .checked_mul(unit)?
        / PARTS;
    whole
        .parse::<u128>()
        .ok()?
        .checked_mul(unit)?
        .checked_add(part)
}

/// A share in hundredths of a percent: `%` with two digits after the point, `‰` with one, `‱` with none.
fn permyriad(text: &str) -> Option<u64> {
    let (number, places) = [("%", 2), ("\u{2030}", 1), ("\u{2031}", 0)]
        .into_iter()
        .find_map(|(suffix, places)| Some((text.strip_suffix(suffix)?, places)))?;
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole)
        || fraction.is_some_and(|fraction| !digits(fraction) || fraction.len() > places)
    {
        return None;
    }
    let padded = format!("{whole}{:0<places$}", fraction.unwrap_or_default());
    padded.parse().ok()
}

pub(super) fn percent(text: &str, bounded: bool) -> Found {
    match permyriad(text) {
        Some(share) if bounded && share > 10_000 => Err("it is more than 100%".into()),
        Some(0) if !bounded => Err("it is nothing at all".into()),
        Some(_) => Ok(()),
        None => Err("it is no percentage".into()),
    }
}

pub(super) fn memory(text: &str, directive: &Directive) -> Found {
    if text == "infinity" {
        return Ok(());
    }
    let zero = match permyriad(text) {
        Some(share) if share > 10_000 => return Err("it is more than 100%".into()),
        Some(share) => share == 0,
        None => size(text, 1024).map_err(|_| "it is no amount of memory".to_owned())? == 0,
    };
    if zero && !listed(directive, "0") {
        return Err("it is nothing at all".into());
    }
    Ok(())
}

/// A time span, of at least so many seconds and less than for ever if there is a range.
pub(super) fn time(text: &str, range: Option<(i64, i64)>) -> Found {
    let span = TimeSpan::parse(text.strip_prefix('+').unwrap_or(text))?;
    match (range, span) {
        (None, _) => Ok(()),
        (Some((low, _)), TimeSpan::Finite(span)) if i128::from(span.as_secs()) >= low.into() => {
            Ok(())
        }
        _ => Err("it is out of range".into()),
    }
}

pub(super) fn quota(text: &str) -> Found {
    match permyriad(text) {
        Some(0..=10_000) => Ok(()),
        Some(_) => Err("it is more than 100%".into()),
        None => size(text, 1024).map(|_| ()),
    }
}

pub(super) fn tasks(text: &str) -> Found {
    if text == "infinity" || permyriad(text).is_some_and(|share| share <= 10_000) {
        return Ok(());
    }
    match whole(text) {
        Some(1..=0xffff_ffff_ffff_fffe) => Ok(()),
        _ => Err("it is no number of tasks".into()),
    }
}

/// A number per second.
pub(super) fn rate(text: &str) -> Found {
    match size(text, 1000) {
        _ if text == "infinity" => Ok(()),
        Ok(1..) => Ok(()),
        Ok(0) => Err("it is nothing at all".into()),
        Err(_) => Err("it is no rate".into()),
    }
}

/// Like a time span, but a number alone counts nanoseconds, and there is a word for them.
pub(super) fn nanoseconds(text: &str) -> Found {
    let coarse = text
        .trim_start_matches('+')
        .replace("nsec", "us")
        .replace("ns", "us");
    TimeSpan::parse(&coarse).map(|_| ())
}

/// Indices and ranges between commas and spaces.
pub(super) fn cpu_set(text: &str) -> Found {
    const MOST: i128 = 8192;
    let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
    for part in parts {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        match (whole(low), whole(high)) {
            (Some(low @ 0..), Some(high)) if low <= high && high < MOST => {}
            (Some(_), Some(_)) => return Err(format!("`{part}` is no range")),
            _ => return Err(format!("`{part}` is no number")),
        }
    }
    Ok(())
}
