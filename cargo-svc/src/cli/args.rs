//! Flags that several commands share; names, short forms and headings are cargo's.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shell::Format;
use crate::build::{Flags, Targets};
use crate::manifest::{Selection, Workspace};

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

/// Which services, by their programs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target Selection")]
pub struct BinArgs {
    /// Only the services whose program is this binary
    #[arg(long, value_name = "NAME")]
    pub bin: Vec<String>,
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

/// Which features.
#[derive(Debug, Args)]
#[command(next_help_heading = "Feature Selection")]
pub struct FeatureArgs {
    /// Space or comma separated list of features to activate
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub features: Vec<String>,
    /// Activate all available features
    #[arg(long)]
    pub all_features: bool,
    /// Do not activate the `default` feature
    #[arg(long)]
    pub no_default_features: bool,
}

/// Which program: what it is built for, and where it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Compilation Options")]
pub struct TargetArgs {
    /// Target triple; may be given several times. Else it is `CARGO_BUILD_TARGET`, `build.target`, or the host
    #[arg(long, value_name = "TRIPLE")]
    pub target: Vec<String>,
    /// Profile of the program [default: release]
    #[arg(long, value_name = "PROFILE-NAME")]
    pub profile: Option<String>,
    /// Build the release profile, which is what happens anyway
    #[arg(short, long, hide = true, conflicts_with = "profile")]
    pub release: bool,
    /// Directory for all generated artifacts
    #[arg(long, value_name = "DIRECTORY")]
    pub target_dir: Option<PathBuf>,
}

impl TargetArgs {
    /// The workspace's target directory: the flag, or what cargo says.
    ///
    /// # Errors
    /// The current folder cannot be found out.
    pub fn target_dir(&self, workspace: &Workspace) -> std::io::Result<PathBuf> {
        match &self.target_dir {
            Some(folder) => std::path::absolute(folder),
            None => Ok(workspace.metadata.target_directory.clone().into()),
        }
    }

    /// The targets of the run.
    pub fn targets(&self) -> Targets {
        Targets::new(self.target.iter().cloned())
    }

    /// The flags that they are for cargo.
    pub fn flags(&self) -> Flags {
        Flags {
            profile: self.profile.clone(),
            target_dir: self.target_dir.clone(),
            ..Flags::default()
        }
    }
}
