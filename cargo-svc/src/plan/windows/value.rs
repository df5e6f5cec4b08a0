//! Text that may hold the install folder, whose path the installer knows only when it runs.

/// A piece of a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Characters that mean themselves; never empty.
    Literal(String),
    /// The install folder's path, without a backslash at its end.
    InstallDir,
}

/// Text that may hold the install folder. Two literals never follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value(Vec<Piece>);

impl Value {
    /// Text without the install folder.
    pub fn literal(text: &str) -> Self {
        let mut value = Self::default();
        value.push(text);
        value
    }

    /// The install folder alone.
    pub fn install_dir() -> Self {
        Self(vec![Piece::InstallDir])
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.0.last_mut() {
            last.push_str(text);
        } else {
            self.0.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Appends the install folder.
    pub fn push_install_dir(&mut self) {
        self.0.push(Piece::InstallDir);
    }

    /// Appends another value.
    pub fn append(&mut self, other: &Self) {
        for piece in &other.0 {
            match piece {
                Piece::Literal(text) => self.push(text),
                Piece::InstallDir => self.push_install_dir(),
            }
        }
    }

    /// Whether the install folder stands in it.
    pub fn has_install_dir(&self) -> bool {
        self.0.contains(&Piece::InstallDir)
    }

    /// Its literal characters.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::InstallDir => None,
        })
    }

    /// The text once the install folder is known.
    pub fn with_install_dir(&self, folder: &str) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::InstallDir => folder,
            })
            .collect()
    }
}
