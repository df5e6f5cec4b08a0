//! The pieces of a value for Windows, borrowed: what the scripts lay out piece by piece.

use crate::plan::windows::{Piece, Value};

/// A piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// Characters that mean themselves.
    Text(&'a str),
    /// The install folder's path, without a backslash at its end.
    InstallDir,
    /// The path of the machine's folder for programs' data, likewise.
    ProgramData,
}

impl<'a> From<&'a Piece> for Part<'a> {
    fn from(piece: &'a Piece) -> Self {
        match piece {
            Piece::Literal(text) => Self::Text(text),
            Piece::InstallDir => Self::InstallDir,
            Piece::ProgramData => Self::ProgramData,
        }
    }
}

/// What becomes one word of a command line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Word<'a> {
    /// Text without a folder.
    Text(&'a str),
    /// Text that may hold folders.
    Value(&'a Value),
}

impl<'a> Word<'a> {
    /// Whether this folder stands in it.
    pub(crate) fn holds(self, folder: &Piece) -> bool {
        matches!(self, Self::Value(value) if value.holds(folder))
    }

    /// Its pieces in order, none of them empty.
    pub(crate) fn parts(self) -> impl Iterator<Item = Part<'a>> + Clone {
        let (text, pieces) = match self {
            Self::Text(text) => ((!text.is_empty()).then_some(text), &[][..]),
            Self::Value(value) => (None, value.pieces()),
        };
        let text = text.map(Part::Text).into_iter();
        text.chain(pieces.iter().map(Part::from))
    }
}

impl<'a> From<&'a str> for Word<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Value> for Word<'a> {
    fn from(value: &'a Value) -> Self {
        Self::Value(value)
    }
}
