//! Right declarations, and what they become when something in them is changed. The input is the generator's seed.
#![no_main]

use cargo_svc::testing::judge;
use svc_random::{Declaration, Rng, mutate};

libfuzzer_sys::fuzz_target!(|seed: u64| {
    let mut rng = Rng::with_seed(seed);
    let right = Declaration::of_any_kind(&mut rng, 0);
    assert!(judge::with_runtime(&right.toml).is_ok(), "{}", right.toml);
    let changed = mutate(&mut rng, &right);
    let verdict = judge::with_runtime(&changed.toml);
    assert!(
        verdict.is_err() || changed.wrong.is_none(),
        "{}",
        changed.toml
    );
});
