//! The examples as a team would keep them: what they have committed is what their Cargo.toml declares.

use std::path::Path;
use std::process::Command;

#[test]
fn what_the_examples_committed_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for example in ["beacon", "watchpost"] {
        let manifest = root.join("examples").join(example).join("Cargo.toml");
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-svc"))
            .args(["svc", "generate", "--check", "--manifest-path"])
            .arg(&manifest)
            .output()
            .expect("cargo-svc runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{example}: run `cargo svc generate -p {example}`\n{said}"
        );
    }
}
