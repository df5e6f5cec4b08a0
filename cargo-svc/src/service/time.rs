//! Durations in systemd's grammar: systemd.time(7), "Parsing Time Spans".

use std::fmt;
use std::time::Duration;

/// A duration, or for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeSpan {
    /// A length of time; systemd counts whole microseconds.
    Finite(Duration),
    /// `infinity`: no limit.
    Infinite,
}

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Every unit word of systemd.time(7) with its microseconds. A month has 30.44 days and a year 365.25, as systemd counts.
const UNITS: [(&str, u64); 31] = [
    ("us", 1),
    ("usec", 1),
    ("\u{b5}s", 1),
    ("\u{3bc}s", 1),
    ("ms", 1_000),
    ("msec", 1_000),
    ("s", SECOND),
    ("sec", SECOND),
    ("second", SECOND),
    ("seconds", SECOND),
    ("m", MINUTE),
    ("min", MINUTE),
    ("minute", MINUTE),
    ("minutes", MINUTE),
    ("h", HOUR),
    ("hr", HOUR),
    ("hour", HOUR),
    ("hours", HOUR),
    ("d", DAY),
    ("day", DAY),
    ("days", DAY),
    ("w", 7 * DAY),
    ("week", 7 * DAY),
    ("weeks", 7 * DAY),
    ("M", MONTH),
    ("month", MONTH),
    ("months", MONTH),
    ("y", YEAR),
    ("year", YEAR),
    ("years", YEAR),
    // Without a unit a number counts seconds.
    ("", SECOND),
];
const MONTH: u64 = 2_629_800 * SECOND;
const YEAR: u64 = 31_557_600 * SECOND;

/// The units that a canonical form uses. Months and years are left out: they are not what a calendar calls so.
const CANONICAL: [(&str, u64); 6] = [
    ("d", DAY),
    ("h", HOUR),
    ("min", MINUTE),
    ("s", SECOND),
    ("ms", 1_000),
    ("us", 1),
];

impl TimeSpan {
    /// A number of whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self::Finite(Duration::from_secs(seconds))
    }

    /// Reads a time span as systemd does: numbers with units, added up (`2min 30s`, `1h30min`, `1.5h`); a number without a
    /// unit counts seconds; `infinity` is no limit. What is smaller than a microsecond is cut off.
    ///
    /// # Errors
    /// Says in one sentence what is wrong: an unknown unit, no number, or a sum that systemd's 64 bits of microseconds
    /// cannot hold.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_matches(is_space);
        if text == "infinity" {
            return Ok(Self::Infinite);
        }
        if text.is_empty() {
            return Err("a duration cannot be empty".into());
        }
        let (mut rest, mut sum) = (text, 0_u64);
        while !rest.is_empty() {
            let (micros, after) = term(rest)?;
            // systemd keeps the largest number for `infinity`.
            sum = sum
                .checked_add(micros)
                .filter(|sum| *sum < u64::MAX)
                .ok_or_else(too_long)?;
            rest = after.trim_start_matches(is_space);
        }
        Ok(Self::Finite(Duration::from_micros(sum)))
    }

    /// The words that a number may be followed by.
    pub(crate) fn units() -> impl Iterator<Item = &'static str> {
        UNITS.into_iter().map(|(word, _)| word)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self == Self::Finite(Duration::ZERO)
    }

    /// Its whole microseconds; none for `infinity`. More than 64 bits of them become the most that systemd can say.
    pub fn as_micros(self) -> Option<u64> {
        match self {
            Self::Infinite => None,
            Self::Finite(span) => {
                Some(u64::try_from(span.as_micros()).map_or(u64::MAX - 1, |n| n.min(u64::MAX - 1)))
            }
        }
    }
}

/// The canonical form in systemd's grammar: `1min 30s`, `0`, `infinity`.
impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut rest) = self.as_micros() else {
            return f.write_str("infinity");
        };
        if rest == 0 {
            return f.write_str("0");
        }
        let mut space = "";
        for (unit, micros) in CANONICAL {
            let count = rest / micros;
            rest %= micros;
            if count > 0 {
                write!(f, "{space}{count}{unit}")?;
                space = " ";
            }
        }
        Ok(())
    }
}

/// What systemd's `WHITESPACE` holds.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn too_long() -> String {
    "a duration has at most 584542 years; for no limit write \"infinity\"".into()
}

/// Reads one number with its unit; returns its microseconds and what follows.
fn term(text: &str) -> Result<(u64, &str), String> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, rest) = digits(rest);
            if fraction.is_empty() {
                return Err(format!("there is no digit after the point in {text:?}"));
            }
            (fraction, rest)
        }
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(if text.starts_with('-') {
            "a duration cannot be negative".into()
        } else {
            format!("a number was expected at {text:?}")
        });
    }
    let spaced = rest.trim_start_matches(is_space);
    let end = spaced
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(spaced.len());
    let (word, after) = spaced.split_at(end);
    let micros = unit(word)?;
    if word.is_empty() && after.starts_with('.') && spaced.len() == rest.len() {
        return Err(format!("a number has one point only, not as in {text:?}"));
    }
    let whole = match whole {
        "" => Some(0),
        whole => whole.parse::<u64>().ok(),
    };
    let value = whole
        .and_then(|whole| whole.checked_mul(micros))
        .and_then(|value| value.checked_add(fraction_micros(fraction, micros)))
        .ok_or_else(too_long)?;
    Ok((value, after))
}

/// Splits the leading ASCII digits off.
fn digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The microseconds of a unit word.
fn unit(word: &str) -> Result<u64, String> {
    UNITS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, micros)| *micros)
        .ok_or_else(|| match word {
            "infinity" => "`infinity` stands alone".into(),
            _ => format!(
                "`{word}` is no unit of time; there are us, ms, s, min, h, d, w, month and y"
            ),
        })
}

/// The microseconds of the digits after the point. Each digit counts a tenth of the one before, cut to whole microseconds,
/// which is how systemd adds them.
fn fraction_micros(digits: &str, micros: u64) -> u64 {
    let mut weight = micros;
    digits.bytes().fold(0, |sum, digit| {
        weight /= 10;
        sum + u64::from(digit - b'0') * weight
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn micros(text: &str) -> Option<u64> {
        TimeSpan::parse(text).expect(text).as_micros()
    }

    #[test]
    fn reads_what_the_manual_page_lists() {
        assert_eq!(micros("2 h"), Some(2 * HOUR));
        assert_eq!(micros("2hours"), Some(2 * HOUR));
        assert_eq!(micros("48hr"), Some(48 * HOUR));
        assert_eq!(micros("1y 12month"), Some(YEAR + 12 * MONTH));
        assert_eq!(micros("55s500ms"), Some(55_500_000));
        assert_eq!(micros("300ms20s 5day"), Some(20_300_000 + 5 * DAY));
        assert_eq!(micros("2min 30s"), Some(150 * SECOND));
        assert_eq!(micros("50"), Some(50 * SECOND));
        assert_eq!(micros("1h 30"), Some(HOUR + 30 * SECOND));
        assert_eq!(micros("1.5h"), Some(90 * MINUTE));
        assert_eq!(micros(".22s"), Some(220_000));
        assert_eq!(micros("0"), Some(0));
        assert_eq!(micros(" infinity "), None);
        assert_eq!(micros("3\u{b5}s"), Some(3));
        assert_eq!(micros("12.34 .56"), Some(12_900_000));
        assert_eq!(micros("1M"), Some(MONTH));
        assert_eq!(micros("1m"), Some(MINUTE));
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, part) in [
            ("", "empty"),
            ("-5s", "negative"),
            ("5 parsecs", "`parsecs` is no unit"),
            ("s", "a number was expected"),
            ("1.s", "after the point"),
            ("12.34.56", "one point"),
            ("99999999999999999999s", "at most"),
            ("600000y", "at most"),
            ("1s infinity", "expected"),
            ("5infinity", "stands alone"),
            ("18446744073709551615us", "at most"),
        ] {
            let error = TimeSpan::parse(text).expect_err(text);
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn writes_the_canonical_form() {
        for (text, canonical) in [
            ("90", "1min 30s"),
            ("5s", "5s"),
            ("0", "0"),
            ("infinity", "infinity"),
            ("1.5ms", "1ms 500us"),
            ("1w", "7d"),
            ("27s", "27s"),
        ] {
            assert_eq!(TimeSpan::parse(text).expect(text).to_string(), canonical);
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_reads_back(micros in 0..u64::MAX) {
            let span = TimeSpan::Finite(Duration::from_micros(micros));
            prop_assert_eq!(TimeSpan::parse(&span.to_string()), Ok(span));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,20}|[0-9 .a-zµ-]{0,30}") {
            let _ = TimeSpan::parse(&text);
        }
    }
}
