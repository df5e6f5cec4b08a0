//! The clock that systemd measures by.
#![allow(unsafe_code)]

/// `CLOCK_MONOTONIC` in microseconds. std reads the same clock and does not show the number.
pub(crate) fn monotonic_microseconds() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the structure outlives the call. It cannot fail: every Unix has this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(now.tv_nsec).unwrap_or_default();
    seconds * 1_000_000 + nanoseconds / 1000
}
