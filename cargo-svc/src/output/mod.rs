//! Writing, comparing and printing artifacts: the only stage that touches the disk.

pub mod archive;
pub mod committed;
pub mod date;
pub mod diff;
pub mod folder;
pub mod listing;
pub mod msi;
pub mod replace;
pub mod seen;
pub mod sign;
pub mod stage;

#[cfg(test)]
mod tests;
