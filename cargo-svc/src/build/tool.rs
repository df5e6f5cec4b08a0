//! `--cargo-build`: which command builds the program.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The command that builds: a program and the words before the flags that every build gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The program to run.
    pub program: OsString,
    /// Its first arguments.
    pub words: Vec<String>,
}

/// Commands that cargo has built in and that produce a program.
const BUILT_IN: [&str; 3] = ["build", "b", "rustc"];

impl Tool {
    /// Plain `cargo build`, with the cargo that started this program (`$CARGO`) if there is one.
    pub fn cargo_build() -> Self {
        Self {
            program: cargo(),
            words: vec!["build".to_owned()],
        }
    }

    /// Reads the value of `--cargo-build`.
    ///
    /// Words are split at blanks, as cargo splits aliases. They are what follows `cargo` (`zigbuild`, `auditable build`,
    /// `+nightly build`), unless the first word is a path, or there are several words and the first names a program on `PATH`
    /// that cargo has no command for: then they are a whole command line (`cross build`). `cargo …` is always cargo.
    ///
    /// # Errors
    /// One sentence if there is no word in it.
    pub fn parse(command: &str) -> Result<Self, String> {
        Self::parse_with(command, &|program| {
            on_path(program, env::var_os("PATH").as_deref())
        })
    }

    fn parse_with(command: &str, installed: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let Some(first) = words.first() else {
            return Err("`--cargo-build` needs a command, for example `zigbuild`".to_owned());
        };
        if first == "cargo" {
            return Ok(match words.get(1) {
                // Only rustup's proxy understands `+toolchain`; `$CARGO` is the cargo behind it.
                Some(second) if !second.starts_with('+') => Self {
                    program: cargo(),
                    words: words[1..].to_vec(),
                },
                Some(_) => Self {
                    program: "cargo".into(),
                    words: words[1..].to_vec(),
                },
                None => Self::cargo_build(),
            });
        }
        let whole_command = first.contains(['/', '\\'])
            || (words.len() > 1
                && !first.starts_with(['+', '-'])
                && !BUILT_IN.contains(&first.as_str())
                && !installed(&format!("cargo-{first}"))
                && installed(first));
        if whole_command {
            return Ok(Self {
                program: first.into(),
                words: words[1..].to_vec(),
            });
        }
        Ok(Self {
            program: if first.starts_with('+') {
                "cargo".into()
            } else {
                cargo()
            },
            words,
        })
    }

    /// The command as a person would type it, for messages.
    pub fn shown(&self) -> String {
        let program = Path::new(&self.program)
            .file_stem()
            .unwrap_or(&self.program)
            .to_string_lossy()
            .into_owned();
        std::iter::once(program)
            .chain(self.words.iter().cloned())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The cargo to run: the one that runs this program as its subcommand, else the one on `PATH`.
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn on_path(program: &str, path: Option<&OsStr>) -> bool {
    let Some(path) = path else { return false };
    env::split_paths(path).any(|folder| {
        let plain = folder.join(program);
        let windows = folder.join(format!("{program}.exe"));
        runnable(&plain) || windows.is_file()
    })
}

#[cfg(unix)]
fn runnable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runnable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str, installed: &[&str]) -> String {
        let tool = Tool::parse_with(command, &|program| installed.contains(&program)).unwrap();
        tool.shown()
    }

    #[test]
    fn one_word_is_a_command_of_cargo_even_if_a_program_has_its_name() {
        assert_eq!(
            shown("zigbuild", &["zigbuild", "cargo-zigbuild"]),
            "cargo zigbuild"
        );
        assert_eq!(shown("dist", &["dist"]), "cargo dist");
    }

    #[test]
    fn several_words_are_a_command_line_if_the_first_is_a_program() {
        assert_eq!(shown("cross build", &["cross"]), "cross build");
        assert_eq!(
            shown("xwin build", &["cargo-xwin", "xwin"]),
            "cargo xwin build"
        );
        assert_eq!(
            shown("build --timings", &["build"]),
            "cargo build --timings"
        );
        // An alias: cargo knows it, or says what it does not know.
        assert_eq!(shown("b-all --timings", &[]), "cargo b-all --timings");
    }

    #[test]
    fn a_toolchain_is_for_the_cargo_on_path() {
        let tool = Tool::parse_with("+nightly build", &|_| true).unwrap();
        assert_eq!(
            (tool.program.to_str(), tool.words.len()),
            (Some("cargo"), 2)
        );
        let tool = Tool::parse_with("cargo +nightly build", &|_| true).unwrap();
        assert_eq!(
            (tool.program.to_str(), tool.words.len()),
            (Some("cargo"), 2)
        );
    }

    #[test]
    fn a_path_is_a_program() {
        assert_eq!(
            Tool::parse_with("./tools/wrap build", &|_| false).unwrap(),
            Tool {
                program: "./tools/wrap".into(),
                words: vec!["build".to_owned()]
            }
        );
    }

    #[test]
    fn cargo_itself_may_be_spelled_out() {
        assert_eq!(shown("cargo zigbuild", &["cargo"]), "cargo zigbuild");
        assert_eq!(shown("cargo", &["cargo"]), "cargo build");
    }

    #[test]
    fn an_empty_command_is_refused() {
        Tool::parse_with("  ", &|_| true).unwrap_err();
    }
}
