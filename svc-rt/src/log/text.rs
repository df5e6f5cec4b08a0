//! A record as text.

use std::fmt::{self, Display};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment as RFC 3339 writes it, in UTC and to the millisecond.
pub(super) struct Time(pub(super) SystemTime);

impl Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A clock before 1970 is wrong, and shows it.
        let since = self.0.duration_since(UNIX_EPOCH);
        let since = since.unwrap_or(Duration::ZERO);
        let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let millisecond = since.subsec_millis();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"
        )
    }
}

/// The date of a day after 1970-01-01, by the Gregorian calendar. Years begin in March here, so that the day that not every year
/// has is the last of one.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    // Without the leap days of 4 years, of 100 and of 400.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, again and again.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let year = 400 * era + year + u64::from(is_next_year);
    (year, if is_next_year { month - 9 } else { month + 3 }, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let shown = |seconds: u64| Time(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(shown(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(shown(951_868_799), "2000-02-29T23:59:59.000Z");
        assert_eq!(shown(951_868_800), "2000-03-01T00:00:00.000Z");
        assert_eq!(shown(1_709_164_800), "2024-02-29T00:00:00.000Z");
        assert_eq!(shown(4_107_542_399), "2100-02-28T23:59:59.000Z");
        assert_eq!(shown(4_107_542_400), "2100-03-01T00:00:00.000Z");
        let late = UNIX_EPOCH + Duration::from_millis(1_764_201_601_042);
        assert_eq!(Time(late).to_string(), "2025-11-27T00:00:01.042Z");
    }
}
