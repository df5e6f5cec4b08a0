//! Numbers, amounts and limits.

use super::Found;
use super::listed;
use crate::directives::Directive;
use crate::service::TimeSpan;

/// A whole number as C reads it: decimal, `0x…`, `0b…`, `0o…`, or octal after a `0`.
pub(super) fn whole(text: &str) -> Option<i128> {
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

/// A nice level with its sign, or the limit's own numbering.
fn nice(text: &str) -> Found {
    match text.as_bytes().first() {
        Some(b'+') => integer(&text[1..], Some((0, 19))),
        Some(b'-') => integer(text, Some((-20, 0))),
        _ => integer(text, Some((0, 40))),
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

/// Numbers with suffixes of falling size, added up; whether it is zero.
pub(super) fn size(text: &str, base: u32) -> Result<bool, String> {
    const SUFFIXES: &str = "EPTGMKB";
    let wrong = || "it is no number of bytes".to_owned();
    let (mut rest, mut next, mut zero) = (text, 0, true);
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let points = number.matches('.').count();
        if number.is_empty() || points > 1 || number.starts_with('.') || number.ends_with('.') {
            return Err(wrong());
        }
        zero &= number.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        let after = after.trim_start();
        let found = after.chars().next().and_then(|c| SUFFIXES.find(c));
        let (at, left) = match found {
            Some(at) => (at, after[1..].trim_start()),
            None if after.is_empty() => (SUFFIXES.len(), after),
            None => return Err(wrong()),
        };
        if at < next {
            return Err("its parts do not fall in size".into());
        }
        // Nothing can follow what counts bytes.
        if at >= SUFFIXES.len() - 1 && !left.is_empty() {
            return Err(wrong());
        }
        let power = u32::try_from(SUFFIXES.len().saturating_sub(at + 1)).unwrap_or(0);
        let unit = u128::from(base).pow(power);
        let whole: u128 = number
            .split('.')
            .next()
            .and_then(|whole| whole.parse().ok())
            .ok_or_else(wrong)?;
        if whole.saturating_mul(unit) > u64::MAX.into() {
            return Err("it has more than 64 bits".into());
        }
        (rest, next) = (left, at + 1);
    }
    Ok(zero)
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
        None => size(text, 1024).map_err(|_| "it is no amount of memory".to_owned())?,
    };
    if zero && !listed(directive, "0") {
        return Err("it is nothing at all".into());
    }
    Ok(())
}

/// A time span, of at least so many seconds and less than for ever if there is a range.
pub(super) fn time(text: &str, range: Option<(i64, i64)>) -> Found {
    let span = TimeSpan::parse(text)?;
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
        Ok(false) => Ok(()),
        Ok(true) => Err("it is nothing at all".into()),
        Err(_) => Err("it is no rate".into()),
    }
}

/// One limit, or a soft and a hard one; each may be none at all.
pub(super) fn limit(value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    both(value, &|text| match text {
        "infinity" => Ok(()),
        _ => test(text),
    })
}

/// One nice level, or a soft and a hard one.
pub(super) fn nice_limit(value: &str) -> Found {
    both(value, &nice)
}

fn both(value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    match value.split_once(':') {
        None => test(value),
        Some((soft, hard)) => test(soft).and_then(|()| test(hard)),
    }
}

/// Like a time span, but a number alone counts nanoseconds, and there is a word for them.
pub(super) fn nanoseconds(text: &str) -> Found {
    let coarse = text.replace("nsec", "us").replace("ns", "us");
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
