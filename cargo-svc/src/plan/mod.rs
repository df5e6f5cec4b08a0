//! What each target gets, as types: the plan for systemd and the plan for Windows do not know each other.

pub mod systemd;
pub mod windows;
