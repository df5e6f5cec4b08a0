//! A unit file as data: sections of typed directives.

use std::borrow::Cow;

pub use crate::directives::Section as SectionName;
use crate::service::{EnvName, Profile, TimeSpan};

/// A unit file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitFile {
    /// What it describes.
    pub kind: UnitKind,
    /// Its file name, for example `beacon.service`.
    pub file_name: String,
    /// Its sections in the order in which they are written; never empty ones.
    pub sections: Vec<Section>,
    /// What raw tables took out, as it would have been written.
    pub replaced: Vec<Replaced>,
}

/// What a unit describes: the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitKind {
    /// A service.
    Service,
    /// A socket of one.
    Socket,
    /// What starts one at a time.
    Timer,
    /// What starts one when a file changes.
    Path,
}

impl UnitKind {
    /// The ending, without its dot.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Socket => "socket",
            Self::Timer => "timer",
            Self::Path => "path",
        }
    }
}

/// A directive that a raw table replaced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Replaced {
    /// The section that it stood in.
    pub section: SectionName,
    /// What would have been written.
    pub directive: Directive,
}

impl UnitFile {
    /// A unit without lines.
    pub fn new(stem: &str, kind: UnitKind) -> Self {
        Self {
            kind,
            file_name: format!("{stem}.{}", kind.word()),
            sections: Vec::new(),
            replaced: Vec::new(),
        }
    }

    /// Adds a section if it has lines.
    pub fn add(&mut self, section: Section) {
        if !section.directives.is_empty() {
            self.sections.push(section);
        }
    }

    /// A section, made where it is missing.
    pub fn section_mut(&mut self, name: SectionName) -> &mut Section {
        let found = self
            .sections
            .iter()
            .position(|section| section.name == name);
        let index = found.unwrap_or_else(|| {
            // `[Install]` stands last.
            let end = self.sections.len();
            let install = |section: &Section| section.name == SectionName::Install;
            let last = self.sections.last().is_some_and(install);
            let index = if last { end - 1 } else { end };
            self.sections.insert(index, Section::new(name));
            index
        });
        &mut self.sections[index]
    }

    /// All its lines with their sections.
    pub fn directives(&self) -> impl Iterator<Item = (SectionName, &Directive)> {
        self.sections
            .iter()
            .flat_map(|section| section.directives.iter().map(|line| (section.name, line)))
    }
}

/// A section and its lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    pub fn push(&mut self, key: &'static str, value: Value) {
        self.directives.push(Directive {
            key: key.into(),
            value,
            profile: None,
            remark: None,
        });
    }

    /// Says why the last line is there.
    pub fn remark(&mut self, text: &'static str) {
        if let Some(last) = self.directives.last_mut() {
            last.remark = Some(text);
        }
    }
}

/// One line of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Directive {
    /// The key, without `=`.
    pub key: Cow<'static, str>,
    /// The value before any escaping.
    pub value: Value,
    /// The hardening profile whose line it is, or whose line it took the place of.
    pub profile: Option<Profile>,
    /// Why it is there, for whoever reads the unit.
    pub remark: Option<&'static str>,
}

/// A value, by the grammar that systemd reads it with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// The rest of the line as it stands; specifiers are expanded (`Description=`).
    Text(Placed),
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
    /// Words, quoted where that is needed; specifiers are expanded (`StateDirectory=`, `ReadWritePaths=`).
    Words(Vec<Placed>),
    /// Verbatim: what a raw table says, or text of systemd's own in which nothing needs an escape.
    Raw(Cow<'static, str>),
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
            Self::Words(words) => words.iter().any(Placed::is_placed),
            Self::Text(_)
            | Self::Raw(_)
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Characters that mean themselves, even if they look like the prefix.
    Literal(String),
    /// The installation's prefix: `/usr`, `/usr/local` or what `install.sh --prefix` says.
    Prefix,
    /// A specifier with its `%` (systemd.unit(5), "Specifiers").
    Specifier(&'static str),
}

/// Text that knows where the installation's prefix stands in it, so that no search and replace is ever needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
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
                Piece::Specifier(specifier) => specifier,
            })
            .collect()
    }

    /// Adds characters that mean themselves.
    pub fn push(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    /// The same with this before it.
    #[must_use]
    pub fn after(mut self, text: &str) -> Self {
        self.pieces.insert(0, Piece::Literal(text.to_owned()));
        self
    }
}

impl From<&str> for Placed {
    fn from(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Literal(text.to_owned())],
        }
    }
}
