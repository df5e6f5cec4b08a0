//! The one date that archives carry.

use std::ffi::OsStr;

use zip::DateTime;

/// The modification time of everything in an archive: `SOURCE_DATE_EPOCH`, or a fixed date, never the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceDate(u64);

impl SourceDate {
    /// 1980-01-01T00:00:00Z, the earliest date that a zip archive can hold.
    pub const FIXED: Self = Self(315_532_800);

    /// 9999-12-31T23:59:59Z: what tools that print four digits of a year can show.
    const LAST: u64 = 253_402_300_799;

    /// Reads the value of the variable `SOURCE_DATE_EPOCH`: whole seconds since 1970 in decimal digits
    /// (reproducible-builds.org, "`SOURCE_DATE_EPOCH` specification"). Unset means [`SourceDate::FIXED`].
    ///
    /// # Errors
    /// One sentence on what is wrong with the value: the specification asks for an error rather than another date.
    pub fn parse(variable: Option<&OsStr>) -> Result<Self, String> {
        let Some(text) = variable else {
            return Ok(Self::FIXED);
        };
        text.to_str()
            .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .filter(|seconds| *seconds <= Self::LAST)
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "SOURCE_DATE_EPOCH must be the whole seconds since 1970-01-01 in decimal digits, at most {}, not `{}`",
                    Self::LAST,
                    text.to_string_lossy()
                )
            })
    }

    /// Seconds since 1970, for tar.
    pub const fn unix(self) -> u64 {
        self.0
    }

    /// The same moment in UTC as a zip archive stores it: even seconds, from 1980 to 2107; what lies outside is moved to the
    /// nearer end.
    pub fn dos(self) -> DateTime {
        let seconds = self.0.clamp(Self::FIXED.0, 4_354_819_199);
        let (year, month, day) = civil(seconds / 86_400);
        let within =
            |divisor: u64, modulus: u64| u8::try_from(seconds / divisor % modulus).unwrap_or(0);
        DateTime::from_date_and_time(
            year,
            month,
            day,
            within(3600, 24),
            within(60, 60),
            within(1, 60),
        )
        .unwrap_or_default()
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last day of a year, and in whole cycles of 400 years.
fn civil(days: u64) -> (u16, u8, u8) {
    const CYCLE: u64 = 146_097;
    // Days from 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let (cycle, day) = (days / CYCLE, days % CYCLE);
    let year = (day - day / 1_460 + day / 36_524 - day / (CYCLE - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let day = day - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + cycle * 400 + u64::from(month <= 2);
    (
        u16::try_from(year).unwrap_or(u16::MAX),
        u8::try_from(month).unwrap_or(1),
        u8::try_from(day).unwrap_or(1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SourceDate, String> {
        SourceDate::parse(Some(OsStr::new(text)))
    }

    #[test]
    fn a_value_that_is_no_date_is_an_error() {
        for bad in [
            "",
            "yesterday",
            "-1",
            "+5",
            "1.5",
            " 5",
            "253402300800",
            "99999999999999999999999",
        ] {
            assert!(
                parse(bad).unwrap_err().contains("SOURCE_DATE_EPOCH"),
                "{bad:?}"
            );
        }
        assert_eq!(parse("0").unwrap().unix(), 0);
        assert_eq!(SourceDate::parse(None).unwrap(), SourceDate::FIXED);
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(365 + 365 + 31 + 28), (1972, 2, 29));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(11_017), (2000, 3, 1));
        assert_eq!(civil(47_540), (2100, 2, 28));
        assert_eq!(civil(47_541), (2100, 3, 1));
        // Every day follows the day before it.
        let mut before = civil(0);
        for day in 1..100_000 {
            let today = civil(day);
            let next_day = (before.0, before.1, before.2 + 1);
            let next_month = (before.0, before.1 + 1, 1);
            let next_year = (before.0 + 1, 1, 1);
            assert!(
                [next_day, next_month, next_year].contains(&today),
                "{before:?} {today:?}"
            );
            before = today;
        }
    }

    #[test]
    fn zip_dates_are_clamped_to_what_the_format_holds() {
        let dos = |text: &str| parse(text).unwrap().dos().to_string();
        assert_eq!(dos("0"), "1980-01-01 00:00:00");
        assert_eq!(dos("1700000001"), "2023-11-14 22:13:20");
        assert_eq!(dos("253402300799"), "2107-12-31 23:59:58");
    }
}
