//! `cargo svc package`: builds, and writes what is installed from.

use std::path::Path;

use super::artifacts::judge_for;
use crate::build::{Flags, System, Tool, Triple};
use crate::cli::Outcome;
use crate::cli::args::{FeatureArgs, FormatArgs, ManifestArgs, SelectionArgs, TargetArgs};
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::shell::Shell;
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::shown;
use crate::output::archive::Format;
use crate::output::date::SourceDate;
use crate::output::sign::Signer;
use crate::package::index::{self, Finished};
use crate::package::{self, Listener, Request};
use crate::render::Kind;
use crate::service::Package;

/// `cargo svc package`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
For each target, `target/svc/<triple>/` gets the folder <package>-<version>/, the same as an archive, and artifacts.json. \
Archives are the same bytes for the same program; SOURCE_DATE_EPOCH sets the date in them.

--cargo-build CMD: CMD is what follows `cargo` (`zigbuild`, `auditable build`, `+nightly build`), split at blanks. It is a \
whole command line if its first word is a path, or if it has several words and the first is a program on PATH that is no \
command of cargo (`cross build`). The command is given cargo's flags and prints cargo's JSON messages.

--sign CMD: signs the programs and the PowerShell scripts before they are packed and their hashes written down, and then the package \
for Windows Installer. Words are split at blanks; what stands between double quotes is one word. A command that writes another file \
names it: `osslsigncode sign -pkcs12 key.p12 -in {file} -out {out}`.

--no-build: `build.target` is read from cargo's configuration files; those that they `include` are not: use --target there.")]
pub struct Args {
    /// Package the programs that are built already
    #[arg(long, conflicts_with_all = ["cargo_build", "features", "all_features", "no_default_features"])]
    no_build: bool,
    /// Command that builds instead of `cargo build`
    #[arg(long, value_name = "CMD", value_parser = Tool::parse)]
    cargo_build: Option<Tool>,
    /// What to make: tar.gz, zip, msi; may be given several times [default: tar.gz for Linux, zip and msi for Windows]
    #[arg(long, value_name = "FORMAT", value_parser = Format::parse)]
    format: Vec<Format>,
    /// Command that signs a file for Windows, which it gets as its last word, or where `{file}` stands
    #[arg(long, value_name = "CMD", value_parser = Signer::parse)]
    sign: Option<Signer>,
    #[command(flatten)]
    messages: FormatArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    features: FeatureArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    session.shell.set_format(args.messages.message_format);
    let date = match SourceDate::parse(std::env::var_os("SOURCE_DATE_EPOCH").as_deref()) {
        Ok(date) => date,
        Err(why) => return session.refuse(Diagnostic::error(why)),
    };
    let Some(workspace) = session.workspace(&args.manifest) else {
        return Outcome::Refused;
    };
    let judge = |package: &Package, report: &mut Report| {
        // Why the targets cannot be told is said when there is something to build.
        let triples = args.target.targets().triples().unwrap_or_default();
        for system in [System::Linux, System::Windows] {
            if triples.iter().any(|triple| triple.system() == system) {
                judge_for(system, package, report);
            }
        }
    };
    let Some(packages) = session.packages(&workspace, &args.selection.selection(), judge) else {
        return Outcome::Refused;
    };
    let target_dir = match args.target.target_dir(&workspace) {
        Ok(folder) => folder,
        Err(error) => return session.refuse(Diagnostic::error(format!("--target-dir: {error}"))),
    };
    let request = Request {
        packages: &packages,
        targets: args.target.targets(),
        tool: (!args.no_build).then(|| args.cargo_build.clone().unwrap_or_else(Tool::cargo_build)),
        flags: flags(args, &session.shell),
        target_dir,
        formats: args.format.clone(),
        date,
        signer: args.sign.clone(),
    };
    // What is known by now is said before cargo's own messages.
    session.show();
    let mut console = Console {
        shell: &session.shell,
        progress: None,
    };
    if package::run(&request, &mut console, &mut session.report) {
        Outcome::Done
    } else {
        Outcome::Refused
    }
}

fn flags(args: &Args, shell: &Shell) -> Flags {
    Flags {
        features: args.features.features.clone(),
        all_features: args.features.all_features,
        no_default_features: args.features.no_default_features,
        locked: args.manifest.locked,
        frozen: args.manifest.frozen,
        offline: args.manifest.offline,
        color: shell.asked_color().map(|color| color.word().to_owned()),
        quiet: shell.is_quiet(),
        verbose: shell.verbosity(),
        ..args.target.flags()
    }
}

/// Status lines and a bar for people, a line on standard output for each finished file for programs.
struct Console<'a> {
    shell: &'a Shell,
    progress: Option<Progress>,
}

impl Listener for Console<'_> {
    fn waiting(&mut self, folder: &Path) {
        let text = format!("waiting for another run in {}", shown(folder).display());
        self.shell.status("Blocking", text);
    }

    fn packing(&mut self, archive: &str, done: u64, total: u64) {
        let shell = self.shell;
        let progress = self.progress.get_or_insert_with(|| Progress::new(shell));
        progress.at("Packing", archive, done, total);
        if done == total {
            self.progress = None;
        }
    }

    fn packaged(&mut self, package: &Package, triple: &Triple, folder: &Path, files: &[Finished]) {
        self.progress = None;
        for file in files {
            let path = folder.join(&file.path);
            if matches!(file.kind, Kind::TarGz | Kind::Zip | Kind::Msi) {
                let size = amount(file.digest.size);
                let text = format!("{} ({size})", shown(&path).display());
                self.shell.status("Packaged", text);
            }
            let message = index::message(package, triple, file, &path.to_string_lossy());
            self.shell.object(&message);
        }
    }
}

/// A file's size for people, with one decimal of the unit that keeps it short.
fn amount(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in units {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn sizes_are_short() {
        assert_eq!(amount(0), "0 B");
        assert_eq!(amount(1023), "1023 B");
        assert_eq!(amount(1024), "1.0 KiB");
        assert_eq!(amount((1 << 20) - 1), "1023.9 KiB");
        assert_eq!(amount(1_600_000), "1.5 MiB");
        assert_eq!(amount(5 << 30), "5.0 GiB");
    }
}
