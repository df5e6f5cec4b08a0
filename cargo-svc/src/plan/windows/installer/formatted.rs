//! Text that Windows Installer puts properties into when it runs.

use std::ops::Range;

use crate::plan::windows::{Piece, Value};

/// The property that holds the install folder's path, with a backslash at its end.
pub const INSTALL_DIR: &str = "INSTALLDIR";

/// The property that holds the path of `%ProgramData%`, likewise.
pub const PROGRAM_DATA: &str = "CommonAppDataFolder";

/// A piece of a [`Formatted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragment<'a> {
    /// Characters that mean themselves; never empty.
    Literal(&'a str),
    /// A property's value.
    Property(&'a str),
}

/// Text with properties in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Formatted {
    /// The pieces, one right behind the other.
    text: String,
    /// Where in it the names of properties stand.
    properties: Vec<Range<usize>>,
}

/// The install folder stands where Windows Installer cannot put it: its path ends in a backslash there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BehindFolder(pub char);

impl Formatted {
    /// Text without properties.
    pub fn literal(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            properties: Vec::new(),
        }
    }

    /// Nothing yet, with room for a line of so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            properties: Vec::new(),
        }
    }

    /// A property alone.
    pub fn property(name: &str) -> Self {
        let mut formatted = Self::default();
        formatted.push_property(name);
        formatted
    }

    /// The pieces in order. Two literals never follow each other.
    pub fn pieces(&self) -> impl Iterator<Item = Fragment<'_>> {
        let mut rest = self.text.as_str();
        let mut at = 0;
        let mut properties = self.properties.iter().peekable();
        std::iter::from_fn(move || {
            let property = properties.next_if(|property| property.start == at);
            let end = match (property, properties.peek()) {
                (Some(property), _) => property.end,
                (None, Some(next)) => next.start,
                (None, None) => self.text.len(),
            };
            let (piece, behind) = rest.split_at(end - at);
            (rest, at) = (behind, end);
            match property {
                Some(_) => Some(Fragment::Property(piece)),
                None => (!piece.is_empty()).then_some(Fragment::Literal(piece)),
            }
        })
    }

    /// How many bytes there are in it, the names of properties among them.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends a property.
    pub fn push_property(&mut self, name: &str) {
        let start = self.text.len();
        self.text.push_str(name);
        self.properties.push(start..self.text.len());
    }

    /// Appends another text.
    pub fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        let moved = other.properties.iter();
        self.properties
            .extend(moved.map(|property| start + property.start..start + property.end));
    }

    /// The names of its properties.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        let ranges = self.properties.iter();
        ranges.map(|range| &self.text[range.clone()])
    }

    /// Its literal characters.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces().filter_map(|piece| match piece {
            Fragment::Literal(text) => Some(text),
            Fragment::Property(_) => None,
        })
    }

    /// Text that may hold folders. Windows Installer's paths of them end in a backslash: one that follows is left out, and where
    /// the path ends a dot follows, which names the same folder.
    ///
    /// # Errors
    /// A character follows that would belong to the folder's name.
    pub fn of(value: &Value) -> Result<Self, BehindFolder> {
        let mut formatted = Self::default();
        let mut pieces = value.pieces().iter().peekable();
        let mut behind_folder = false;
        while let Some(piece) = pieces.next() {
            let folder = match piece {
                Piece::Literal(text) => {
                    let rest = text.strip_prefix(['\\', '/']).filter(|_| behind_folder);
                    formatted.push(rest.unwrap_or(text));
                    behind_folder = false;
                    continue;
                }
                Piece::InstallDir => INSTALL_DIR,
                Piece::ProgramData => PROGRAM_DATA,
            };
            formatted.push_property(folder);
            behind_folder = true;
            match pieces.peek() {
                Some(Piece::Literal(text)) => match text.chars().next() {
                    Some('\\' | '/') => {}
                    // No path goes on behind one of these.
                    Some('"' | ';' | '|' | '<' | '>' | '*' | '?' | ':') | None => {
                        formatted.push(".");
                    }
                    Some(other) => return Err(BehindFolder(other)),
                },
                Some(_) => return Err(BehindFolder('C')),
                None => formatted.push("."),
            }
        }
        Ok(formatted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::msi;

    fn of(before: &str, behind: &str) -> Result<String, BehindFolder> {
        let mut value = Value::literal(before);
        value.append(&Value::install_dir());
        value.push(behind);
        Formatted::of(&value).map(|formatted| msi::formatted(&formatted))
    }

    #[test]
    fn the_folder_is_followed_by_one_backslash_or_a_dot() {
        assert_eq!(of("", r"\a.toml").unwrap(), r"[INSTALLDIR]a.toml");
        assert_eq!(of("", "/a.toml").unwrap(), r"[INSTALLDIR]a.toml");
        assert_eq!(of("--dir=", "").unwrap(), "--dir=[INSTALLDIR].");
        assert_eq!(of("\"", "\" x").unwrap(), "\"[INSTALLDIR].\" x");
        assert_eq!(of("", r";C:\x").unwrap(), r"[INSTALLDIR].;C:\x");
    }

    #[test]
    fn pieces_come_back_in_order() {
        let mut inner = Formatted::property("A");
        inner.push_property("B");
        inner.push("");
        let mut text = Formatted::literal("é");
        text.push("x");
        text.append(&inner);
        text.push("y");
        text.append(&inner);
        let pieces: Vec<Fragment> = text.pieces().collect();
        let both = [Fragment::Property("A"), Fragment::Property("B")];
        let expected = [
            &[Fragment::Literal("éx")],
            &both[..],
            &[Fragment::Literal("y")],
            &both,
        ];
        assert_eq!(pieces, expected.concat());
        assert_eq!(text.properties().collect::<Vec<_>>(), ["A", "B", "A", "B"]);
        assert_eq!(text.literals().collect::<String>(), "éxy");
        assert_eq!(Formatted::default().pieces().next(), None);
    }

    #[test]
    fn what_would_belong_to_the_folders_name_is_an_error() {
        assert_eq!(of("", "-old"), Err(BehindFolder('-')));
        assert_eq!(of("", " old"), Err(BehindFolder(' ')));
    }
}
