//! What each command does.

mod artifacts;
mod bins;
pub mod check;
mod exposure;
pub mod generate;
pub mod import;
pub mod init;
pub mod package;
pub mod print;
pub mod schema;
