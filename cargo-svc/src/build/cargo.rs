//! Running cargo, and learning from its messages where it put the executables.

use std::ffi::OsString;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, TargetKind};

use super::{Executable, Failure, Flags, Tool, Triple, Wanted};
use crate::diagnostics::Diagnostic;

/// Builds the wanted binaries, for `target` (as `--target` takes it) or for what cargo's configuration says.
///
/// Cargo's own progress and messages go to the terminal; where the executables are is read from its JSON messages, never
/// guessed. `host` names the host's triple; it is asked only if cargo built for the host without naming it.
///
/// # Errors
/// Cargo could not be run, failed, or reported no executable.
pub fn build(
    wanted: Wanted<'_>,
    target: Option<&str>,
    tool: &Tool,
    flags: &Flags,
    host: &dyn Fn() -> Result<String, Failure>,
) -> Result<Vec<Executable>, Failure> {
    let reported = run(wanted, target, tool, flags)?;
    let mut built = Vec::new();
    for (bin, path) in reported {
        let path = existing(path, wanted.target_dir, &bin)?;
        let triple = match (target, folder_triple(&path, wanted.target_dir)) {
            (Some(target), _) => target.to_owned(),
            (None, Some(folder)) => folder,
            (None, None) => host()?,
        };
        let triple = Triple::parse(&triple).map_err(|why| Box::new(Diagnostic::error(why)))?;
        built.push(Executable { bin, triple, path });
    }
    for bin in wanted.bins {
        if !built.iter().any(|found| &found.bin == bin) {
            return Err(Box::new(
                Diagnostic::error(format!(
                    "`{}` built no executable `{bin}` of package `{}`",
                    tool.shown(),
                    wanted.package
                ))
                .help("the command must take cargo's flags and print cargo's JSON messages on its standard output"),
            ));
        }
    }
    Ok(built)
}

/// Runs the tool and gives back each executable with the path that cargo reported.
fn run(
    wanted: Wanted<'_>,
    target: Option<&str>,
    tool: &Tool,
    flags: &Flags,
) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut child = Command::new(&tool.program)
        .args(&tool.words)
        .args(arguments(wanted, target, flags))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Box::new(
                Diagnostic::error(format!("could not run `{}`: {error}", tool.shown()))
                    .help("`--cargo-build` names the command that builds, `--no-build` packages what is already built"),
            )
        })?;
    let mut executables = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            match message {
                Ok(Message::CompilerArtifact(artifact)) => {
                    let is_bin = artifact.target.kind.contains(&TargetKind::Bin);
                    let name = artifact.target.name;
                    if let (true, true, Some(path)) =
                        (is_bin, wanted.bins.contains(&name), artifact.executable)
                    {
                        executables.push((name, path.into_std_path_buf()));
                    }
                }
                // What a wrapper prints besides cargo's messages is for people.
                Ok(Message::TextLine(line)) => drop(writeln!(std::io::stderr(), "{line}")),
                Ok(_) => {}
                Err(error) => {
                    drop(child.kill());
                    drop(child.wait());
                    return Err(Box::new(Diagnostic::error(format!(
                        "could not read the messages of `{}`: {error}",
                        tool.shown()
                    ))));
                }
            }
        }
    }
    let status = child
        .wait()
        .map_err(|error| Box::new(Diagnostic::error(format!("`{}`: {error}", tool.shown()))))?;
    if status.success() {
        return Ok(executables);
    }
    let built_for = target.map_or_else(String::new, |target| format!(" for {target}"));
    Err(Box::new(Diagnostic::error(format!(
        "`{}` of package `{}`{built_for} failed ({status})",
        tool.shown(),
        wanted.package
    ))))
}

/// The flags of one build. The package is chosen by its manifest: a name can be ambiguous, or be that of a dependency.
fn arguments(wanted: Wanted<'_>, target: Option<&str>, flags: &Flags) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--message-format=json-render-diagnostics".into()];
    match flags.profile() {
        "release" => words.push("--release".into()),
        profile => words.extend(["--profile".into(), profile.into()]),
    }
    words.extend([
        "--manifest-path".into(),
        wanted.root.join("Cargo.toml").into(),
    ]);
    for bin in wanted.bins {
        words.extend(["--bin".into(), bin.into()]);
    }
    if let Some(target) = target {
        words.extend(["--target".into(), target.into()]);
    }
    for features in &flags.features {
        words.extend(["--features".into(), features.into()]);
    }
    if let Some(folder) = &flags.target_dir {
        words.extend(["--target-dir".into(), folder.into()]);
    }
    if let Some(color) = &flags.color {
        words.extend(["--color".into(), color.into()]);
    }
    let switches = [
        (flags.all_features, "--all-features"),
        (flags.no_default_features, "--no-default-features"),
        (flags.locked, "--locked"),
        (flags.frozen, "--frozen"),
        (flags.offline, "--offline"),
        (flags.quiet, "--quiet"),
        (flags.verbose == 1, "-v"),
        (flags.verbose > 1, "-vv"),
    ];
    words.extend(
        switches
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, word)| word.into()),
    );
    words
}

/// The name of the folder between the target directory and the profile's folder; none for a build for the host.
fn folder_triple(executable: &Path, target_dir: &Path) -> Option<String> {
    let above_profile = executable.parent()?.parent()?;
    if above_profile == target_dir || same_folder(above_profile, target_dir) {
        return None;
    }
    Some(above_profile.file_name()?.to_string_lossy().into_owned())
}

fn same_folder(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// The executable itself, or, if a tool built in a container and reported a path inside of it, the same file below the target
/// directory that the container shares.
fn existing(reported: PathBuf, target_dir: &Path, bin: &str) -> Result<PathBuf, Failure> {
    if reported.is_file() {
        return Ok(reported);
    }
    let parts: Vec<_> = reported.components().collect();
    for tail in [3, 2] {
        if let Some(from) = parts.len().checked_sub(tail) {
            let shared = target_dir.join(parts[from..].iter().collect::<PathBuf>());
            if shared.is_file() {
                return Ok(shared);
            }
        }
    }
    Err(Box::new(Diagnostic::error(format!(
        "the build reported `{bin}` at {}, where there is no file",
        reported.display()
    ))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn words(target: Option<&str>, flags: &Flags) -> String {
        let bins = BTreeSet::from(["beacon".to_owned(), "lamp".to_owned()]);
        let wanted = Wanted {
            package: "beacon",
            root: Path::new("/w/beacon"),
            bins: &bins,
            target_dir: Path::new("/w/target"),
        };
        let words = arguments(wanted, target, flags);
        let words: Vec<_> = words
            .iter()
            .map(|word| word.to_string_lossy().replace('\\', "/"))
            .collect();
        words.join(" ")
    }

    #[test]
    fn a_build_without_flags_builds_the_release_profile() {
        assert_eq!(
            words(None, &Flags::default()),
            "--message-format=json-render-diagnostics --release --manifest-path /w/beacon/Cargo.toml \
             --bin beacon --bin lamp"
        );
    }

    #[test]
    fn cargos_flags_are_passed_on() {
        let flags = Flags {
            profile: Some("dist".to_owned()),
            features: vec!["a,b".to_owned(), "c".to_owned()],
            all_features: true,
            no_default_features: true,
            locked: true,
            frozen: true,
            offline: true,
            target_dir: Some("/t".into()),
            color: Some("never".to_owned()),
            quiet: true,
            verbose: 2,
        };
        let words = words(Some("aarch64-unknown-linux-musl"), &flags);
        for expected in [
            "--profile dist",
            "--target aarch64-unknown-linux-musl",
            "--features a,b --features c",
            "--target-dir /t",
            "--color never",
            "--all-features --no-default-features --locked --frozen --offline --quiet -vv",
        ] {
            assert!(words.contains(expected), "{expected} in {words}");
        }
        assert!(!words.contains("--release"), "{words}");
    }

    #[test]
    fn the_folder_above_the_profile_names_the_target() {
        let target = Path::new("/w/target");
        assert_eq!(
            folder_triple(Path::new("/w/target/release/beacon"), target),
            None
        );
        assert_eq!(
            folder_triple(
                Path::new("/w/target/x86_64-pc-windows-gnu/release/beacon.exe"),
                target
            ),
            Some("x86_64-pc-windows-gnu".to_owned())
        );
    }
}
