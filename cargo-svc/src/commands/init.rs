//! `cargo svc init`: adds the tables to Cargo.toml.

use std::path::Path;

use uuid::Uuid;

use crate::cli::Outcome;
use crate::cli::args::{ManifestArgs, PackageArg};
use crate::cli::session::Session;
use crate::diagnostics::Diagnostic;
use crate::manifest::init::{Facts, add_tables};
use crate::manifest::{self, depends_on_runtime, guess, is_bin, list, shown};
use crate::output::replace::replace;
use crate::service::ServiceName;

/// `cargo svc init`
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What is in Cargo.toml already stays as it is; a second run changes nothing."
)]
pub struct Args {
    /// Binary that is the service; several become several services
    #[arg(long, value_name = "NAME")]
    bin: Vec<String>,
    #[command(flatten)]
    package: PackageArg,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    match init(args, session) {
        Ok(()) => Outcome::Done,
        Err(Some(error)) => session.refuse(*error),
        Err(None) => Outcome::Refused,
    }
}

/// An error, or none if it was reported already.
type Stop = Option<Box<Diagnostic>>;

fn init(args: &Args, session: &mut Session) -> Result<(), Stop> {
    let workspace = session.workspace(&args.manifest).ok_or(None)?;
    let chosen = args
        .package
        .selection()
        .packages(&workspace.metadata, &mut session.report);
    let package = match chosen.as_slice() {
        [package] => *package,
        [] => return Err(None),
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|package| package.name.to_string())
                .collect();
            let error = Diagnostic::error("which package has the service?")
                .help(format!("choose one with `-p`: {}", list(&names)));
            return Err(Some(error.into()));
        }
    };
    let path = package.manifest_path.as_std_path();
    let text =
        std::fs::read_to_string(path).map_err(|error| Box::new(cannot("read", path, &error)))?;
    let declared = manifest::declares_service(&text);
    let facts = Facts {
        bins: bins(package, &args.bin, declared)?,
        manufacturer: package
            .authors
            .first()
            .and_then(|author| manufacturer(author)),
        upgrade_code: Uuid::new_v4()
            .hyphenated()
            .encode_upper(&mut Uuid::encode_buffer())
            .to_owned(),
        has_description: package.description.is_some(),
    };
    let name = shown(path);
    match add_tables(&text, &facts) {
        Ok(None) => {
            session.shell.status(
                "Unchanged",
                format_args!("{} has the tables already", name.display()),
            );
            return Ok(());
        }
        Ok(Some(text)) => write(path, &text)?,
        Err(lines) => {
            let error = Diagnostic::error(format!(
                "{} writes the package's metadata inline, where no table can be added",
                name.display()
            ))
            .help(format!("add this by hand:\n{}", lines.trim_end()));
            return Err(Some(error.into()));
        }
    }
    session.shell.status("Initialized", name.display());
    // One that was declared before may have its own name, and several have names in any case.
    let named_alike = !declared && facts.bins.len() < 2;
    advise(package, named_alike, args, session);
    Ok(())
}

pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Diagnostic {
    let path = shown(path).display().to_string();
    Diagnostic::error(format!("cannot {what} {path}: {error}"))
}

/// Writes the manifest; where it is a symbolic link, the file behind it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Box<Diagnostic>> {
    let failed = |error| Box::new(cannot("write", path, &error));
    let file = std::fs::canonicalize(path).map_err(failed)?;
    // Replacing it needs nothing but its folder, and would not ask.
    let about = std::fs::metadata(&file).map_err(failed)?;
    if about.permissions().readonly() {
        let found = Diagnostic::error(format!("{} is read-only", shown(path).display()));
        return Err(Box::new(found.help("make it writable, and run this again")));
    }
    replace(&file, text.as_bytes(), false).map_err(failed)
}

/// The binaries to write down: none where cargo's own rules find the only one.
fn bins(
    package: &cargo_metadata::Package,
    asked: &[String],
    declared: bool,
) -> Result<Vec<String>, Stop> {
    let bins = package.targets.iter().filter(|target| is_bin(target));
    let bins: Vec<_> = bins.map(|target| target.name.clone()).collect();
    for bin in asked {
        if !bins.contains(bin) {
            let found =
                Diagnostic::error(format!("package `{}` has no binary `{bin}`", package.name));
            return Err(Some(match bins.as_slice() {
                [] => found.into(),
                _ => found.help(guess(bin, &bins)).into(),
            }));
        }
    }
    if !asked.is_empty() {
        let only = asked.len() == 1 && bins.len() == 1;
        return Ok(if only { Vec::new() } else { asked.to_vec() });
    }
    match bins.as_slice() {
        [_] => Ok(Vec::new()),
        _ if declared || package.default_run.is_some() => Ok(Vec::new()),
        [] => Err(Some(Box::new(
            Diagnostic::error(format!(
                "package `{}` has no binary that could be a service",
                package.name
            ))
            .help("add a src/main.rs, or choose the package that has the binary with `-p`"),
        ))),
        several => Err(Some(Box::new(
            Diagnostic::error(format!("package `{}` has several binaries", package.name))
                .help(format!("say which one is the service: {}", list(several)))
                .help(format!("for example: cargo svc init --bin {}", several[0])),
        ))),
    }
}

/// An author's name without the address.
fn manufacturer(author: &str) -> Option<String> {
    let name = author.split('<').next().unwrap_or_default().trim();
    let plain = !name.is_empty() && !name.chars().any(char::is_control);
    plain.then(|| name.to_owned())
}

/// What to do next.
fn advise(
    package: &cargo_metadata::Package,
    named_alike: bool,
    args: &Args,
    session: &mut Session,
) {
    let chosen = match &args.package.package {
        Some(spec) => format!(" -p {spec}"),
        None => String::new(),
    };
    let mut next = Diagnostic::note("the package now declares a service");
    if let (true, Err(why)) = (named_alike, ServiceName::parse(&package.name)) {
        next = next.help(format!(
            "it needs a name first, since that of the package cannot be its own: {why}; write `name = \"…\"` in \
             `[package.metadata.service]`"
        ));
    }
    if !depends_on_runtime(package) {
        next = next.help(format!(
            "`cargo add svc-rt{chosen}` lets the program speak to the service manager; Windows asks for that"
        ));
    }
    session.report.add(next.help(format!(
        "`cargo svc generate{chosen}` writes the units and install scripts"
    )));
}
