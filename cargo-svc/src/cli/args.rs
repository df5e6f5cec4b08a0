//! Flags that several commands share; names, short forms and headings are cargo's.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shell::Format;
use crate::manifest::Selection;

/// Flags of every command.
#[derive(Debug, Args)]
pub struct UiArgs {
    /// Use verbose output
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Do not print status lines, warnings and notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Coloring: auto, always, never
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true)]
    pub color: Option<Color>,
}

/// `--color`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The word that cargo takes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// `--message-format`
#[derive(Debug, Args)]
pub struct FormatArgs {
    /// Messages for people (human, the default), or one JSON object per line on standard output (json)
    #[arg(
        long,
        value_name = "FMT",
        default_value = "human",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub message_format: Format,
}

/// Which packages.
#[derive(Debug, Args)]
#[command(next_help_heading = "Package Selection")]
pub struct SelectionArgs {
    /// Package to work on (see `cargo help pkgid`)
    #[arg(short, long, value_name = "SPEC")]
    pub package: Vec<String>,
    /// Work on all packages in the workspace
    #[arg(long, alias = "all")]
    pub workspace: bool,
    /// Exclude packages
    #[arg(long, value_name = "SPEC", requires = "workspace")]
    pub exclude: Vec<String>,
}

impl SelectionArgs {
    /// The same for the manifest stage.
    pub fn selection(&self) -> Selection {
        Selection {
            packages: self.package.clone(),
            workspace: self.workspace,
            exclude: self.exclude.clone(),
        }
    }
}

/// One package.
#[derive(Debug, Args)]
#[command(next_help_heading = "Package Selection")]
pub struct PackageArg {
    /// Package to work on (see `cargo help pkgid`)
    #[arg(short, long, value_name = "SPEC")]
    pub package: Option<String>,
}

impl PackageArg {
    /// The same for the manifest stage.
    pub fn selection(&self) -> Selection {
        Selection {
            packages: self.package.iter().cloned().collect(),
            ..Selection::default()
        }
    }
}

/// How cargo reads the workspace.
#[derive(Debug, Args)]
#[command(next_help_heading = "Manifest Options")]
pub struct ManifestArgs {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Assert that `Cargo.lock` will remain unchanged
    #[arg(long)]
    pub locked: bool,
    /// Run without accessing the network
    #[arg(long)]
    pub offline: bool,
    /// Equivalent to specifying both --locked and --offline
    #[arg(long)]
    pub frozen: bool,
}

impl ManifestArgs {
    /// The flags that cargo is given.
    pub fn flags(&self) -> Vec<String> {
        [
            (self.locked, "--locked"),
            (self.offline, "--offline"),
            (self.frozen, "--frozen"),
        ]
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, flag)| flag.to_owned())
        .collect()
    }
}
