//! `--no-build`: which targets are meant, and where cargo has put their executables.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::process::Command;

use cargo_config2::Config;

use super::{Executable, Failure, Flags, Triple, Wanted};
use crate::diagnostics::Diagnostic;

/// The targets of a run: those of `--target`, else `CARGO_BUILD_TARGET`, else `build.target` of cargo's configuration, else
/// the host.
///
/// Configuration is read only when something depends on it, so that `--target` costs nothing. Files that a configuration
/// names with `include` are not read; `--target` says it then.
#[derive(Debug, Default)]
pub struct Targets {
    requested: Vec<String>,
    config: OnceCell<Config>,
}

impl Targets {
    /// The targets that `--target` names, in that order; each once.
    pub fn new(requested: impl IntoIterator<Item = String>) -> Self {
        let mut targets = Self::default();
        for target in requested {
            if !targets.requested.contains(&target) {
                targets.requested.push(target);
            }
        }
        targets
    }

    /// What to hand to cargo: each requested target, or one `None` that leaves the choice to cargo.
    pub fn for_cargo(&self) -> Vec<Option<&str>> {
        if self.requested.is_empty() {
            return vec![None];
        }
        self.requested
            .iter()
            .map(|target| Some(target.as_str()))
            .collect()
    }

    /// The folders below the target directory that hold the executables: one for each target, `None` for a build for the
    /// host, which has no folder of its own.
    ///
    /// # Errors
    /// Cargo's configuration cannot be read.
    pub fn folders(&self) -> Result<Vec<Option<String>>, Failure> {
        if !self.requested.is_empty() {
            return Ok(self.requested.iter().cloned().map(Some).collect());
        }
        let configured = self
            .config()?
            .build_target_for_cli(None::<&str>)
            .map_err(unreadable)?;
        if configured.is_empty() {
            return Ok(vec![None]);
        }
        Ok(configured.into_iter().map(Some).collect())
    }

    /// Whether neither a flag nor the configuration names a target.
    ///
    /// # Errors
    /// Cargo's configuration cannot be read.
    pub fn is_host_only(&self) -> Result<bool, Failure> {
        Ok(self.folders()? == [None])
    }

    /// The triples of this run.
    ///
    /// # Errors
    /// Cargo's configuration or the host's triple cannot be found out, or no service can be made for a target.
    pub fn triples(&self) -> Result<Vec<Triple>, Failure> {
        self.folders()?
            .iter()
            .map(|folder| self.triple(folder.as_deref()))
            .collect()
    }

    /// The host's triple, as the compiler tells it (`rustc -vV`, with `RUSTC` and `build.rustc` honoured).
    ///
    /// # Errors
    /// The compiler could not be asked.
    pub fn host(&self) -> Result<String, Failure> {
        let config = self.config()?;
        // Without a compiler of the user's own, cargo and its compiler are of one toolchain, and cargo answers faster.
        let asked = if config.build.rustc.is_some() {
            compilers_host(Command::from(config.rustc()))
        } else {
            config
                .host_triple()
                .map(str::to_owned)
                .map_err(|error| error.to_string())
        };
        asked.map_err(|why| {
            Box::new(
                Diagnostic::error(format!(
                    "could not ask the compiler for the host's triple: {why}"
                ))
                .help("name the target with `--target`"),
            )
        })
    }

    fn triple(&self, folder: Option<&str>) -> Result<Triple, Failure> {
        let text = match folder {
            Some(folder) => folder.to_owned(),
            None => self.host()?,
        };
        Triple::parse(&text).map_err(|why| Box::new(Diagnostic::error(why)))
    }

    fn config(&self) -> Result<&Config, Failure> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = Config::load().map_err(unreadable)?;
        Ok(self.config.get_or_init(|| config))
    }
}

/// What `rustc -vV` says in its line `host:`.
fn compilers_host(mut rustc: Command) -> Result<String, String> {
    let output = rustc
        .arg("-vV")
        .output()
        .map_err(|error| format!("{}: {error}", rustc.get_program().display()))?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(|host| host.trim().to_owned())
        .ok_or_else(|| {
            format!(
                "`{} -vV` names no host ({})",
                rustc.get_program().display(),
                output.status
            )
        })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unreadable(error: cargo_config2::Error) -> Failure {
    Box::new(
        Diagnostic::error(format!("could not read cargo's configuration: {error}"))
            .help("name the target with `--target`"),
    )
}

/// Where the wanted binaries are if they were built before; the files need not exist.
///
/// # Errors
/// As [`Targets::triples`].
pub fn locate(
    wanted: Wanted<'_>,
    targets: &Targets,
    flags: &Flags,
) -> Result<Vec<Executable>, Failure> {
    let mut found = Vec::new();
    for folder in targets.folders()? {
        let triple = targets.triple(folder.as_deref())?;
        let mut profile: PathBuf = wanted.target_dir.to_owned();
        if folder.is_some() {
            profile.push(triple.as_str());
        }
        profile.push(flags.profile_folder());
        for bin in wanted.bins {
            found.push(Executable {
                bin: bin.clone(),
                path: profile.join(triple.executable(bin)),
                triple: triple.clone(),
            });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn executables_are_looked_for_where_cargo_puts_them() {
        let bins = BTreeSet::from(["beacon".to_owned()]);
        let wanted = Wanted {
            package: "beacon",
            root: Path::new("w"),
            bins: &bins,
            target_dir: Path::new("t"),
        };
        let targets = Targets::new(
            ["x86_64-pc-windows-gnu", "x86_64-unknown-linux-gnu.2.17"].map(str::to_owned),
        );
        let flags = Flags {
            profile: Some("dev".to_owned()),
            ..Flags::default()
        };
        let paths: Vec<_> = locate(wanted, &targets, &flags)
            .unwrap()
            .into_iter()
            .map(|found| found.path)
            .collect();
        assert_eq!(
            paths,
            [
                Path::new("t/x86_64-pc-windows-gnu/debug/beacon.exe"),
                Path::new("t/x86_64-unknown-linux-gnu/debug/beacon"),
            ]
        );
    }

    #[test]
    fn a_target_named_twice_is_packaged_once() {
        let targets = Targets::new(["a-linux", "b-linux", "a-linux"].map(str::to_owned));
        assert_eq!(targets.for_cargo(), [Some("a-linux"), Some("b-linux")]);
    }
}
