//! Tables of a manifest, through all stages.
#![no_main]

use cargo_svc::testing::judge;

libfuzzer_sys::fuzz_target!(|tables: &str| drop(judge::manifest(tables)));
