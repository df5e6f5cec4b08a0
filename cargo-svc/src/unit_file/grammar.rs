//! How systemd reads each directive, and what an assignment does to the ones before it.
//!
//! What a value of a directive is, and what more than one of them mean, is in [`directives`](crate::directives). Here is what
//! systemd's parser for such values does: `load-fragment-gperf.gperf` names it, `load-fragment.c` holds it (252 and 257).

mod by_kind;

use crate::escape::unit::words::Split;

pub(super) use by_kind::rule_of;

/// How one assignment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// As it stands.
    Text,
    /// A switch; newer versions know words besides.
    Bool,
    /// A time span.
    Time,
    /// A time span in which 0 stands for no limit.
    TimeNotZero,
    /// Bytes, with `K`, `M`, `G` as powers of 1024.
    Size,
    /// A whole number.
    Number,
    /// Permissions.
    Mode,
    /// A resource limit.
    Limit(Unit),
    /// A signal.
    Signal,
    /// A path to the end of the line.
    Path,
    /// A path to the end of the line, or `~`; `-` before it lets it be missing.
    WorkingDirectory,
    /// A path to the end of the line; `-` before it lets it be missing.
    OptionalPath,
    /// The path of a PID file, below `/run` if it is not absolute.
    PidFile,
    /// Words.
    Words(Split),
    /// Words, each the name of a unit.
    Units(Split),
    /// Words, each the name of a variable.
    VariableNames,
    /// Words, each the name of a variable, or an assignment.
    VariableParts,
    /// Words, each a URL.
    Urls,
    /// Words, each an absolute path after the marks `-` and `+`.
    Paths,
    /// Words, each a folder's name below one of systemd's own, with what stands behind colons.
    Folders,
    /// Words, each a source, a destination and an option between colons.
    Binds,
    /// Words, each a path, with options behind a colon.
    PathsWithOptions,
    /// Absolute paths between colons.
    SearchPath,
    /// Commands.
    Commands,
    /// Assignments of variables.
    Variables,
    /// Words that add, or after `~` take away.
    Operations(Split),
    /// The same; a list without words replaces everything before it.
    Capabilities {
        /// Whether an empty value is the empty list, which is not the default.
        empty_is_none: bool,
    },
    /// The same; `none` replaces everything before it.
    AddressFamilies,
    /// The same; a switch replaces everything before it.
    SwitchOrOperations,
    /// A condition whose text is a path.
    PathCondition,
    /// Any other condition.
    Condition,
    /// An address.
    Address,
    /// A credential's name, a colon and data.
    Data,
    /// A credential's name, a colon and where it comes from.
    Source,
    /// A path in one word, and text.
    Device,
    /// A device, and what of `r`, `w`, `m` is allowed.
    DeviceAccess,
    /// Where a standard stream goes.
    Stream,
    /// A switch, or words.
    Delegate,
}

/// What a resource limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Microseconds.
    Microseconds,
    /// A nice level, in one of two ways.
    Nice,
}

/// What an assignment does to the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// The last one wins. An empty one goes back to the default, or is ignored with a warning.
    Last {
        /// Which of the two.
        empty_resets: bool,
    },
    /// The first one wins.
    First,
    /// They add up, in order. An empty one takes all back.
    List,
    /// They add up, and systemd keeps no order and nothing twice.
    Set {
        /// Whether an empty one takes all back; dependencies cannot be taken back.
        empty_resets: bool,
    },
    /// They add up; one with the same name replaces an earlier one in its place.
    Named,
}

/// A directive's parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    /// How one assignment is read.
    pub(super) read: Read,
    /// What it does to earlier ones.
    pub(super) keep: Keep,
    /// Whether systemd refuses the unit for a wrong value, where it ignores others.
    pub(super) fatal: bool,
    /// Directives that share one list have the same word here: an empty assignment of one resets all of them.
    pub(super) list: Option<&'static str>,
}
