//! Lines for cmd.exe, where the outcome of one program decides about the next.
//!
//! cmd.exe takes the first and the last quote away (`/s`) and runs what is between them. `if errorlevel` asks for outcomes, since
//! Wine's cmd.exe does not look at them for `&&` and `||`. No path of ours holds a percent sign or a caret, and quotes keep what
//! else means something to it.

use std::borrow::Cow;

use super::{Formatted, Fragment, Moment, PROGRAM_DATA, Task, Tool};

/// The machine's own folders, and the letters that stand for them in a long line. A letter that is also a modifier (`%~fP`) would be
/// read as one.
const LETTERS: [(&str, char); 3] = [
    (super::INSTALL_DIR, 'I'),
    (PROGRAM_DATA, 'G'),
    ("System64Folder", 'H'),
];

/// Runs this line.
pub(super) fn run(line: &Formatted, moment: Moment, checked: bool) -> Task {
    let line = spared(line);
    let mut arguments = Formatted::with_capacity(line.len() + 16);
    arguments.push("/d /s /c \"");
    arguments.append(&line);
    arguments.push("\"");
    Task::Run {
        tool: Tool::Cmd,
        arguments,
        moment,
        checked,
    }
}

/// The same line, with letters for folders if it names many: a column holds only so much, and text without properties moves out
/// of it as a whole.
fn spared(line: &Formatted) -> Cow<'_, Formatted> {
    if line.properties().count() <= 3 {
        return Cow::Borrowed(line);
    }
    let (mut inner, mut used) = (Formatted::default(), Vec::new());
    for piece in line.pieces() {
        match piece {
            Fragment::Literal(text) => inner.push(text),
            Fragment::Property(name) => {
                match LETTERS.iter().find(|(folder, _)| *folder == name) {
                    Some(known) => {
                        if !used.contains(known) {
                            used.push(*known);
                        }
                        // The folder's path ends in a backslash.
                        inner.push(&format!("%~f{}\\", known.1));
                    }
                    None => inner.push_property(name),
                }
            }
        }
    }
    let paths: Vec<Formatted> = used
        .iter()
        .map(|(folder, _)| {
            let mut path = Formatted::property(folder);
            path.push(".");
            path
        })
        .collect();
    let letters = used.iter().map(|(_, letter)| *letter);
    let named: Vec<(char, &Formatted)> = letters.zip(&paths).collect();
    Cow::Owned(naming(&named, &inner))
}

/// A program of the system by its whole path, with words that need no quoting.
pub(super) fn system(file: &str, words: &str) -> Formatted {
    let mut line = Formatted::with_capacity(file.len() + words.len() + 32);
    line.push("\"");
    line.push_property("System64Folder");
    line.push(file);
    line.push("\" ");
    line.push(words);
    line
}

/// The parts as one line.
pub(super) fn line(parts: &[Formatted]) -> Formatted {
    let mut line = Formatted::with_capacity(parts.iter().map(Formatted::len).sum());
    for part in parts {
        line.append(part);
    }
    line
}

/// Text between two programs.
pub(super) fn word(text: &str) -> Formatted {
    Formatted::literal(format!(" {text} "))
}

/// What a program says goes nowhere.
pub(super) fn quiet() -> Formatted {
    Formatted::literal(" >nul 2>&1")
}

/// A path in quotes.
pub(super) fn quoted(path: &Formatted) -> Formatted {
    let mut text = Formatted::literal("\"");
    text.append(path);
    text.push("\"");
    text
}

/// These paths by letters, as `%~C`, for the line.
pub(super) fn naming(paths: &[(char, &Formatted)], inner: &Formatted) -> Formatted {
    let mut line = Formatted::default();
    for (letter, path) in paths {
        line.push(&format!("for %{letter} in ("));
        line.append(&quoted(path));
        line.push(") do ");
    }
    line.push("(");
    line.append(inner);
    line.push(")");
    line
}
