//! Command lines of the system's programs.

use super::Formatted;
use crate::escape::argv;
use crate::plan::windows::Value;

/// Words of a command line, quoted as a program of the system reads them. A command line of Windows cannot be built from
/// text that Windows Installer puts in later without quotes, so that a word with a property in it always has them.
pub(super) struct Words(pub(super) Formatted);

/// As many bytes as most command lines have at most.
const LINE: usize = 128;

impl Words {
    pub(super) fn new(words: &[&str]) -> Self {
        let mut line = Self(Formatted::with_capacity(LINE));
        for word in words {
            line = line.literal(word);
        }
        line
    }

    pub(super) fn gap(&mut self) {
        if !self.0.is_empty() {
            self.0.push(" ");
        }
    }

    pub(super) fn literal(mut self, word: &str) -> Self {
        if argv::needs_quotes(word) {
            return self.value(&Value::literal(word));
        }
        self.gap();
        self.0.push(word);
        self
    }

    pub(super) fn value(mut self, value: &Value) -> Self {
        self.gap();
        // Checked when the image path was: what is quoted here stands between quotes.
        if let Ok(word) = Formatted::of(&argv::word(value)) {
            self.0.append(&word);
        }
        self
    }

    pub(super) fn property(mut self, name: &str) -> Self {
        self.gap();
        self.0.push("\"");
        self.0.push_property(name);
        self.0.push("\"");
        self
    }
}
