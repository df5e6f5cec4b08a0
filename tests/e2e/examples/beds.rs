//! Makes the roots of all releases that the beds boot, at once: what the suites would otherwise do one after the other.

use anyhow::Result;

fn main() -> Result<()> {
    svc_e2e::bed::systemd::prepare()
}
