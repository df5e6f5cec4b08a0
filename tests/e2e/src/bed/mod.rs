//! Machines for tests.

pub mod scm;
pub mod systemd;
