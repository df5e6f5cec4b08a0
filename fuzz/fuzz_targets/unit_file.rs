//! Any bytes, as a unit file.
#![no_main]

use cargo_svc::testing::judge;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| judge::unit_file(bytes));
