//! Lines of any text, as the values of a service for Windows.
#![no_main]

use cargo_svc::testing::judge;

libfuzzer_sys::fuzz_target!(|text: &str| judge::windows_values(text));
