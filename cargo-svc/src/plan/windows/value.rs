//! Text that may hold folders whose paths the installer knows only when it runs.

/// A piece of a [`Value`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Characters that mean themselves; never empty.
    Literal(String),
    /// The install folder's path, without a backslash at its end.
    InstallDir,
    /// The path of the machine's folder for programs' data, `%ProgramData%`, likewise.
    ProgramData,
}

/// Text that may hold such folders. Two literals never follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Value(Vec<Piece>);

impl Value {
    /// Text without a folder.
    pub fn literal(text: &str) -> Self {
        let mut value = Self::default();
        value.push(text);
        value
    }

    /// The install folder alone.
    pub fn install_dir() -> Self {
        Self(vec![Piece::InstallDir])
    }

    /// The folder for programs' data alone.
    pub fn program_data() -> Self {
        Self(vec![Piece::ProgramData])
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

    /// Appends a piece.
    pub fn push_piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Literal(text) => self.push(text),
            folder => self.0.push(folder.clone()),
        }
    }

    /// Appends another value.
    pub fn append(&mut self, other: &Self) {
        for piece in &other.0 {
            self.push_piece(piece);
        }
    }

    /// The same with a backslash and a path below it.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        let mut value = self.clone();
        value.push("\\");
        value.push(below);
        value
    }

    /// Whether this folder stands in it.
    pub fn holds(&self, folder: &Piece) -> bool {
        self.0.contains(folder)
    }

    /// Whether any folder stands in it.
    pub fn has_folder(&self) -> bool {
        !self
            .0
            .iter()
            .all(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// Its literal characters.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(text) => Some(text.as_str()),
            Piece::InstallDir | Piece::ProgramData => None,
        })
    }

    /// The text once the folders are known.
    pub fn resolved(&self, install_dir: &str, program_data: &str) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::InstallDir => install_dir,
                Piece::ProgramData => program_data,
            })
            .collect()
    }

    /// The text with one path for all folders.
    pub fn with_folders(&self, folder: &str) -> String {
        self.resolved(folder, folder)
    }
}
