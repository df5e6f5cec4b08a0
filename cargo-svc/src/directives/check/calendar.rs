//! Calendar events: systemd.time(7).

use super::Found;

/// Expressions that are a word.
const WORDS: [&str; 13] = [
    "minutely",
    "hourly",
    "daily",
    "monthly",
    "anually",
    "yearly",
    "annually",
    "weekly",
    "quarterly",
    "semiannually",
    "semi-annually",
    "biannually",
    "bi-annually",
];

const WEEKDAYS: [&str; 14] = [
    "monday",
    "mon",
    "tuesday",
    "tue",
    "wednesday",
    "wed",
    "thursday",
    "thu",
    "friday",
    "fri",
    "saturday",
    "sat",
    "sunday",
    "sun",
];

/// `[WEEKDAYS] [DATE] [TIME] [ZONE]`, a word, or `@` and seconds.
pub(super) fn calendar(text: &str) -> Found {
    let mut parts: Vec<&str> = text.split_ascii_whitespace().collect();
    if parts.len() == 1 && is_word(text) {
        return Ok(());
    }
    // A zone is a name of the zone database, which systemd alone knows.
    let zone = parts
        .pop_if(|last| *last == "UTC" || is_zone(last))
        .is_some();
    let mut rest = parts.as_slice();
    if let [first] = rest
        && is_word(first)
    {
        return Ok(());
    }
    if let [first, after @ ..] = rest
        && first.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        if !weekdays(first) {
            return Err(format!("`{first}` are no days of the week"));
        }
        rest = after;
        if rest.is_empty() {
            return Ok(());
        }
    }
    match rest {
        [date, time] => {
            if is_date(date) && is_time(time) {
                Ok(())
            } else {
                Err(format!("`{date} {time}` is no date and time"))
            }
        }
        [one] if is_date(one) || is_time(one) => Ok(()),
        [one] => Err(format!("`{one}` is no date and no time")),
        [] if zone => Err("there is only a time zone".into()),
        _ => Err("it is no calendar event".into()),
    }
}

/// Whether it is a word, or `@` and seconds.
fn is_word(text: &str) -> bool {
    let seconds = |number: &str| numbers(number, true, 0, i64::MAX);
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        || text.strip_prefix('@').is_some_and(seconds)
}

fn is_zone(text: &str) -> bool {
    let name = |b: u8| b.is_ascii_alphanumeric() || b"_+-/".contains(&b);
    text.contains('/')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(name)
        || (text.len() > 2 && text.bytes().all(|b| b.is_ascii_uppercase()))
}

/// Names and ranges of names between commas.
fn weekdays(text: &str) -> bool {
    let day = |text: &str| WEEKDAYS.iter().any(|day| day.eq_ignore_ascii_case(text));
    text.trim_end_matches(',').split(',').all(|part| {
        let range = part.split_once("..").or_else(|| part.split_once('-'));
        range.map_or_else(|| day(part), |(from, to)| day(from) && day(to))
    })
}

/// `YEAR-MONTH-DAY` or `MONTH-DAY`, where `~` counts days from the end.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '~']).collect();
    match parts.as_slice() {
        [year, month, day] => numbers(year, false, 0, 9999) && month_day(month, day),
        [month, day] => month_day(month, day),
        _ => false,
    }
}

fn month_day(month: &str, day: &str) -> bool {
    numbers(month, false, 1, 12) && numbers(day, false, 1, 31)
}

/// `HOUR:MINUTE` or `HOUR:MINUTE:SECOND`.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (hour, minute, "0"),
        [hour, minute, second] => (hour, minute, *second),
        _ => return false,
    };
    numbers(hour, false, 0, 23) && numbers(minute, false, 0, 59) && numbers(second, true, 0, 59)
}

/// `*`, or numbers and ranges between commas, each with a step after `/`.
fn numbers(text: &str, fractions: bool, low: i64, high: i64) -> bool {
    let number = |text: &str| {
        let (whole, fraction) = text
            .split_once('.')
            .map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let fraction = fraction.is_none_or(|fraction| fractions && digits(fraction));
        (digits(whole) && fraction).then(|| whole.parse::<i64>().ok())?
    };
    text.split(',').all(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.is_none_or(|step| number(step).is_some());
        let inside = |n: i64| (low..=high).contains(&n);
        let range = range == "*"
            || match range.split_once("..") {
                Some((from, to)) => matches!((number(from), number(to)), (Some(a), Some(b)) if inside(a) && inside(b)),
                None => number(range).is_some_and(inside),
            };
        step && range
    })
}
