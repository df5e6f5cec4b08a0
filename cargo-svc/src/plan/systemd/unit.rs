//! A unit file as data: sections of typed directives.

use crate::service::{EnvName, TimeSpan};

/// A unit file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFile {
    /// Its file name, for example `beacon.service`.
    pub file_name: String,
    /// Its sections in the order in which they are written; never empty ones.
    pub sections: Vec<Section>,
}

/// The sections that the generator knows (systemd.unit(5), systemd.service(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionName {
    /// `[Unit]`.
    Unit,
    /// `[Service]`.
    Service,
    /// `[Install]`.
    Install,
}

impl SectionName {
    /// The word between the brackets.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unit => "Unit",
            Self::Service => "Service",
            Self::Install => "Install",
        }
    }
}

/// A section and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Which one.
    pub name: SectionName,
    /// Its lines in the order in which they are written; the order counts for keys that repeat.
    pub directives: Vec<Directive>,
}

impl Section {
    /// A section without lines.
    pub const fn new(name: SectionName) -> Self {
        Self {
            name,
            directives: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn push(&mut self, key: &str, value: Value) {
        self.directives.push(Directive {
            key: key.to_owned(),
            value,
        });
    }
}

/// One line of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The key, without `=`.
    pub key: String,
    /// The value before any escaping.
    pub value: Value,
}

/// A value, by the grammar that systemd reads it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The rest of the line as it stands; specifiers are expanded (`Description=`).
    Text(String),
    /// A command line: quoting, escapes, specifiers and `$` variables apply (`ExecStart=`).
    Command {
        /// The absolute path of the program, in which `$` means itself.
        program: Placed,
        /// The arguments after it.
        args: Vec<Placed>,
    },
    /// One variable of `Environment=`: quoting, escapes and specifiers apply, `$` means itself.
    Assignment {
        /// The variable.
        name: EnvName,
        /// What it is set to.
        value: Placed,
    },
    /// An absolute path that is never quoted; specifiers are expanded (`WorkingDirectory=`).
    Path(Placed),
    /// A URL of `Documentation=`: specifiers are expanded.
    Url(String),
    /// Names of units, separated by spaces.
    Units(Vec<String>),
    /// A time span (systemd.time(7)).
    Time(TimeSpan),
    /// `yes` or `no`.
    Bool(bool),
    /// A whole number.
    Number(u64),
    /// One of the words that the key accepts.
    Keyword(&'static str),
}

impl Value {
    /// Whether the installation's prefix stands in it, so that `install.sh --prefix` has to rewrite its line.
    pub fn is_placed(&self) -> bool {
        match self {
            Self::Command { program, args } => {
                program.is_placed() || args.iter().any(Placed::is_placed)
            }
            Self::Assignment { value, .. } | Self::Path(value) => value.is_placed(),
            Self::Text(_)
            | Self::Url(_)
            | Self::Units(_)
            | Self::Time(_)
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Keyword(_) => false,
        }
    }
}

/// A part of a [`Placed`] text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Characters that mean themselves, even if they look like the prefix.
    Literal(String),
    /// The installation's prefix: `/usr`, `/usr/local` or what `install.sh --prefix` says.
    Prefix,
}

/// Text that knows where the installation's prefix stands in it, so that no search and replace is ever needed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
}

impl Placed {
    /// A path below the prefix; `below` begins with a slash.
    pub fn below_prefix(below: impl Into<String>) -> Self {
        Self {
            pieces: vec![Piece::Prefix, Piece::Literal(below.into())],
        }
    }

    /// Whether the prefix stands in it.
    pub fn is_placed(&self) -> bool {
        self.pieces.contains(&Piece::Prefix)
    }

    /// The text with the prefix put in.
    pub fn with_prefix(&self, prefix: &str) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text,
                Piece::Prefix => prefix,
            })
            .collect()
    }
}

impl From<&str> for Placed {
    fn from(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Literal(text.to_owned())],
        }
    }
}
