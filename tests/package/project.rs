//! Small cargo projects in folders of their own, and `cargo svc` run in them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

/// A project that is removed when the test ends.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
}

impl Project {
    /// An empty folder; its name has a space and a non-ASCII letter, which every path below it then has too.
    pub(crate) fn empty() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("paket é {}-{number}", std::process::id());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// One package `beacon` with one service and no dependency.
    pub(crate) fn beacon() -> Self {
        let project = Self::empty();
        project.package("", "beacon", "[package.metadata.service]\n");
        project
    }

    /// Writes a package with a program that does nothing. A package in the root is a workspace of its own.
    pub(crate) fn package(&self, folder: &str, name: &str, metadata: &str) {
        let workspace = if folder.is_empty() {
            "\n[workspace]\n"
        } else {
            ""
        };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{workspace}\n{metadata}"
        );
        self.write(&format!("{folder}/Cargo.toml"), &manifest);
        self.write(&format!("{folder}/src/main.rs"), "fn main() {}\n");
    }

    /// Writes a file below the root.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.root.join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    /// A file below the root.
    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Whether there is something at a path below the root.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// `cargo svc package` with arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.svc(&[&["package"], arguments].concat())
    }

    /// `cargo svc` with arguments, in the root, with none of the settings of the machine that runs the test.
    pub(crate) fn svc(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-svc"));
        command.arg("svc").args(arguments).current_dir(&self.root);
        for variable in [
            "SOURCE_DATE_EPOCH",
            "CARGO_BUILD_TARGET",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "CARGO_TERM_COLOR",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it and expects exit code 0.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::new(self.command(arguments).output().unwrap()).succeeded()
    }

    /// Runs it and expects exit code 2.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Ran {
        Ran::new(self.command(arguments).output().unwrap()).refused()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.root));
    }
}

/// What a run printed.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn refused(self) -> Self {
        assert_eq!(self.code, Some(2), "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(
            self.stderr.contains(text),
            "`{text}` is not in:\n{}",
            self.stderr
        );
        self
    }
}

/// The triple of the toolchain that runs the tests.
pub(crate) fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

/// Whether a program can be started at all; tests that read archives with the system's own tools need them.
#[cfg(target_os = "linux")]
pub(crate) fn has_tool(program: &str) -> bool {
    Command::new(program).arg("--help").output().is_ok()
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}
