//! What four versions of systemd say about directives.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use svc_e2e::bed::systemd::{self, RELEASES, Release, Still};
use svc_e2e::suite::{Outcome, Test, main as run_suite};

const SYSTEMD: &str = "/lib/systemd/systemd";

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![Test::new(
            "directives::each_release_has_its_version",
            each_release_has_its_version,
        )],
    )
}

/// The same for each release.
fn each(test: fn(Release, &Still) -> Result<()>) -> Outcome {
    RELEASES
        .into_iter()
        .try_for_each(|release| test(release, &Still::new(release.suite)?))
}

fn each_release_has_its_version() -> Outcome {
    each(|release, root| {
        let said = root.run(&[SYSTEMD, "--version"])?.success()?;
        let expected = format!("systemd {} ", release.systemd);
        ensure!(said.starts_with(&expected), "{}: {said}", release.suite);
        Ok(())
    })
}
