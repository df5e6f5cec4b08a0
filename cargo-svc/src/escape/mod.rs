//! Quoting: the only place that knows how a consumer reads a value back.
//!
//! Each template extension has an escaper here (askama.toml), so that a value in a template is escaped by default; a value
//! that must be laid out as words of a command line has a type of its own.

pub(crate) mod argv;
pub(crate) mod cmd;
pub(crate) mod conf;
pub(crate) mod msi;
pub(crate) mod powershell;
pub(crate) mod rtf;
pub(crate) mod sh;
pub(crate) mod toml;
pub(crate) mod unit;
pub(crate) mod wxs;
