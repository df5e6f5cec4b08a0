//! Units to read, and how systemd shows what it read.

pub(crate) mod cases;
pub(crate) mod properties;
pub(crate) mod random;
pub(crate) mod shown;
