//! From a package's binary targets to executables: by running cargo, or by looking where it would have put them.

mod cargo;
mod locate;
mod tool;
mod triple;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use cargo::build;
pub use locate::{Targets, locate};
pub use tool::{Tool, cargo};
pub use triple::{System, Triple};

use crate::diagnostics::Diagnostic;

/// Why there is no executable. Boxed, since it travels through many results and is rare.
pub type Failure = Box<Diagnostic>;

/// What `cargo build` is told about every package alike; the fields are cargo's own flags.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one of cargo's flags"
)]
pub struct Flags {
    /// `--profile`; `release` unless given.
    pub profile: Option<String>,
    /// `--features`, each as it was given.
    pub features: Vec<String>,
    /// `--all-features`
    pub all_features: bool,
    /// `--no-default-features`
    pub no_default_features: bool,
    /// `--locked`
    pub locked: bool,
    /// `--frozen`
    pub frozen: bool,
    /// `--offline`
    pub offline: bool,
    /// `--target-dir`
    pub target_dir: Option<PathBuf>,
    /// `--color`
    pub color: Option<String>,
    /// `--quiet`
    pub quiet: bool,
    /// How often `--verbose` was given.
    pub verbose: u8,
}

impl Flags {
    /// The profile to build.
    pub fn profile(&self) -> &str {
        self.profile.as_deref().unwrap_or("release")
    }

    /// The folder that cargo makes for the profile: `dev` and `test` build into `debug`, `bench` into `release` (The Cargo
    /// Book, "Build cache").
    pub fn profile_folder(&self) -> &str {
        match self.profile() {
            "dev" | "test" => "debug",
            "bench" => "release",
            other => other,
        }
    }
}

/// What to build: binaries of one package.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The package's name, for messages.
    pub package: &'a str,
    /// The folder that holds its Cargo.toml.
    pub root: &'a Path,
    /// Its binary targets; never empty.
    pub bins: &'a BTreeSet<String>,
    /// The workspace's target directory, as `cargo metadata` tells it or as `--target-dir` sets it.
    pub target_dir: &'a Path,
}

/// A program that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// The binary target's name.
    pub bin: String,
    /// What it was built for.
    pub triple: Triple,
    /// Where it is.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::Flags;

    #[test]
    fn profiles_live_in_the_folders_of_the_cargo_book() {
        let folder = |profile: Option<&str>| {
            let flags = Flags {
                profile: profile.map(str::to_owned),
                ..Flags::default()
            };
            flags.profile_folder().to_owned()
        };
        assert_eq!(folder(None), "release");
        assert_eq!(folder(Some("dev")), "debug");
        assert_eq!(folder(Some("test")), "debug");
        assert_eq!(folder(Some("bench")), "release");
        assert_eq!(folder(Some("dist")), "dist");
    }
}
