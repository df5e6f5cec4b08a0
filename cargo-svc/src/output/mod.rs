//! Writing, comparing and printing artifacts: the only stage that touches the disk.

pub mod archive;
pub mod date;
pub mod stage;
