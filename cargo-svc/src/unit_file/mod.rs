//! Reading systemd's unit files as systemd does, and telling whether two of them mean the same.
//!
//! [`read`] takes a file apart and loses nothing: lines, order, comments. [`effective`] says what systemd makes of it:
//! aliases, resets, quoting and defaults are gone, the values that count are left in order. [`compare`] names what differs.
//!
//! The rules come from systemd.syntax(7) and the pages of the directives, and where these are silent from systemd's own
//! parser; a real systemd is asked by the end-to-end suite.

mod command;
mod compare;
mod effective;
mod grammar;
mod lines;
mod name;
mod path;
mod read;
mod reading;
mod spell;
mod text;
mod value;

pub use crate::escape::unit::words;
pub use command::{Command, CommandError, CommandLine, Prefix, Rights, Shell, command_line};
pub use compare::{Difference, compare};
pub use effective::{Assigned, Effective, effective};
pub(crate) use effective::{Resolved, resolve, slot};
pub use name::{UnitKind, UnitName};
pub use read::read;
pub(crate) use spell::spelled;
pub use text::{Comment, Entry, UnitSection, UnitText};
pub use value::Value;
