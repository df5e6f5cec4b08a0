//! Text with placeholders: `{install-dir}` and its kin, resolved by each plan.

/// A folder that a placeholder names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// `{install-dir}`: where the package's own files live.
    Install,
    /// `{state-dir}`.
    State,
    /// `{cache-dir}`.
    Cache,
    /// `{logs-dir}`.
    Logs,
    /// `{config-dir}`.
    Config,
    /// `{runtime-dir}`.
    Runtime,
}

impl Folder {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Install,
        Self::State,
        Self::Cache,
        Self::Logs,
        Self::Config,
        Self::Runtime,
    ];

    /// The placeholder's word, without its braces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install-dir",
            Self::State => "state-dir",
            Self::Cache => "cache-dir",
            Self::Logs => "logs-dir",
            Self::Config => "config-dir",
            Self::Runtime => "runtime-dir",
        }
    }
}

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Characters that mean themselves.
    Literal(String),
    /// The path of a folder on the target.
    Folder(Folder),
}

/// A value in which placeholders may stand. Braces are already undoubled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// The pieces in order; two literals never follow each other.
    pub parts: Vec<Part>,
}
