//! The probe's package on a bed: unpacked, installed by its own scripts, and looked at.

pub mod distribution;
pub mod everything;
pub mod linux;
pub mod msi;
pub mod several;
pub mod windows;
