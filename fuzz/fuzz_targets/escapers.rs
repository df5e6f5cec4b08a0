//! Any text, for every consumer.
#![no_main]

use cargo_svc::testing::judge;

libfuzzer_sys::fuzz_target!(|text: &str| judge::escapers(text));
