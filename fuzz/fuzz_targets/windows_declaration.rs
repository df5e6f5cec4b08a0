//! Right packages for Windows, and what they become when something in them is changed. The input is the generator's seed.
#![no_main]

use cargo_svc::testing::judge;
use svc_random::{Reach, Rng, Role, WindowsPackage, mutate_windows};

const ROLE: Role<'_> = Role {
    name: "svc-probe",
    bin: "svc-probe",
    args: &[],
};

libfuzzer_sys::fuzz_target!(|seed: u64| {
    let mut rng = Rng::with_seed(seed);
    // A watchdog and its kin need the runtime.
    let dependency =
        "[dependencies]\nsvc-rt = { version = \"0.1\", features = [\"tracing\", \"log-file\"] }\n";
    let right = WindowsPackage::random(&mut rng, &[ROLE], Reach::Anything);
    let tables = format!("{dependency}{}", right.toml);
    let verdict = judge::manifest(&tables);
    assert!(verdict.is_ok(), "{verdict:#?} {tables}");
    let changed = mutate_windows(&mut rng, &right);
    let verdict = judge::manifest(&format!("{dependency}{}", changed.toml));
    assert!(
        verdict.is_err() || changed.wrong.is_none(),
        "{}",
        changed.toml
    );
});
