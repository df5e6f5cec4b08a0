//! What is said, and where: status lines and diagnostics on standard error, results on standard output.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;

use super::args::{Color, UiArgs};
use crate::diagnostics::{Diagnostic, Level, human, json};

/// `--message-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// Standard error and standard output. Nothing fails because nobody reads them; a result that cannot be written is a failure.
pub struct Shell {
    color: ColorChoice,
    /// What `--color` or `CARGO_TERM_COLOR` said, for cargo itself.
    asked: Option<Color>,
    quiet: bool,
    verbose: u8,
    format: Format,
    /// Why a line for programs was lost.
    lost: Cell<Option<io::Error>>,
}

impl Shell {
    /// `--color` counts first, then cargo's `CARGO_TERM_COLOR`, then `NO_COLOR` and whether there is a terminal.
    pub fn new(ui: &UiArgs) -> Self {
        let from_cargo = std::env::var("CARGO_TERM_COLOR")
            .ok()
            .and_then(|word| Color::from_str(&word, true).ok());
        let asked = ui.color.or(from_cargo);
        let color = match asked {
            None | Some(Color::Auto) => ColorChoice::Auto,
            Some(Color::Always) => ColorChoice::Always,
            Some(Color::Never) => ColorChoice::Never,
        };
        // The parser's own messages, and whatever else asks for the standard choice.
        color.write_global();
        Self {
            color,
            asked: ui.color,
            quiet: ui.quiet,
            verbose: ui.verbose,
            format: Format::Human,
            lost: Cell::new(None),
        }
    }

    /// Takes the command's `--message-format`.
    pub fn set_format(&mut self, format: Format) {
        self.format = format;
    }

    /// The command's `--message-format`.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Which colours were asked for.
    pub const fn color(&self) -> ColorChoice {
        self.color
    }

    /// `--color`, if it was given.
    pub const fn asked_color(&self) -> Option<Color> {
        self.asked
    }

    /// Whether only errors are shown.
    pub const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// How often `--verbose` was given.
    pub const fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// A line such as `   Generated packaging/systemd/beacon.service`.
    pub fn status(&self, word: &str, text: impl Display) {
        if !self.quiet {
            let mut err = AutoStream::new(io::stderr(), self.color).lock();
            let _ = writeln!(err, "\x1b[1m\x1b[32m{word:>12}\x1b[0m {text}");
        }
    }

    /// A status line that is shown with `--verbose` only.
    pub fn verbose(&self, word: &str, text: impl Display) {
        if self.verbose > 0 {
            self.status(word, text);
        }
    }

    /// Shows a finding.
    pub fn diagnostic(&self, found: &Diagnostic) {
        if self.quiet && found.level != Level::Error {
            return;
        }
        match self.format {
            Format::Human => {
                let mut err = AutoStream::new(io::stderr(), self.color).lock();
                let _ = err.write_all(human::render(found).as_bytes());
            }
            Format::Json => self.object(&json::render(found)),
        }
    }

    /// A line for programs; nothing is written for people.
    pub fn object(&self, line: &str) {
        if self.format == Format::Json
            && let Err(error) = self.result(format!("{line}\n").as_bytes())
        {
            self.lost.set(Some(error));
        }
    }

    /// Why a line for programs could not be written, if there is one: whoever reads them has not got all.
    pub fn take_lost(&self) -> Option<io::Error> {
        self.lost.take()
    }

    /// A command's result, byte for byte.
    ///
    /// # Errors
    /// If standard output cannot be written for another reason than that its reader went away.
    pub fn result(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// A diff, in colour where somebody sees it.
    ///
    /// # Errors
    /// As [`Shell::result`].
    pub fn diff(&self, diff: &str) -> io::Result<()> {
        let mut out = AutoStream::new(io::stdout(), self.color).lock();
        for line in diff.split_inclusive('\n') {
            let style = match line.as_bytes().first() {
                Some(b'+') => "\x1b[32m",
                Some(b'-') => "\x1b[31m",
                Some(b'@') => "\x1b[36m",
                _ => "",
            };
            let end = if style.is_empty() { "" } else { "\x1b[0m" };
            let (text, newline) = line
                .strip_suffix('\n')
                .map_or((line, ""), |text| (text, "\n"));
            match write!(out, "{style}{text}{end}{newline}") {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                other => other?,
            }
        }
        Ok(())
    }
}
