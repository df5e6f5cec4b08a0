//! `cargo svc import`: unit files become the tables that say the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::init::{cannot, write};
use crate::cli::Outcome;
use crate::cli::args::FormatArgs;
use crate::cli::session::{Session, cannot_print};
use crate::cli::shell::Format;
use crate::diagnostics::{Diagnostic, SourceFile};
use crate::directives::NEWEST;
use crate::directives::Section;
use crate::import::{Imported, Input, Options, Summary, World, import};
use crate::manifest::import::append;
use crate::manifest::{CargoOptions, declares_service, shown};

/// `cargo svc import`
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A service comes with its sockets, its timer and its path: name all of their files. The tables are printed, or \
added to a Cargo.toml. What would be generated from them is compared with the files first: each directive has the same values in \
the same order. What no key says stands in tables of raw lines."
)]
pub struct Args {
    /// Unit files: .service, .socket, .timer, .path
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Add the tables to this Cargo.toml, which keeps its comments and layout
    #[arg(long, value_name = "CARGO_TOML")]
    into: Option<PathBuf>,
    /// Binary that is the service, if it is not the one that the unit runs
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
    /// The units are for users' managers, as those in a folder `user` are
    #[arg(long)]
    user: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    session.shell.set_format(args.format.message_format);
    match try_run(args, session) {
        Ok(()) => Outcome::Done,
        Err(Some(error)) => session.refuse(*error),
        Err(None) => Outcome::Refused,
    }
}

/// An error, or none if it was reported already.
type Stop = Option<Box<Diagnostic>>;

fn try_run(args: &Args, session: &mut Session) -> Result<(), Stop> {
    let mut inputs = Vec::new();
    for path in &args.files {
        match input(path) {
            Ok(input) => inputs.push(input),
            Err(error) => session.report.add(*error),
        }
    }
    let world = match &args.into {
        Some(path) => Some(world(path, session)?),
        None => None,
    };
    if session.report.has_errors() {
        return Err(None);
    }
    let old = world.as_ref().map(|world| world.source.text.clone());
    // Where no table can be added the user adds them: they are found all the same.
    let world = world.map(|mut world| {
        if append(&world.source.text, "[package.metadata.service]\n").is_none() {
            world.source.text.clear();
        }
        world
    });
    let options = Options {
        bin: args.bin.clone(),
        user: args.user,
    };
    let imported = import(inputs, &options, world, &mut session.report).ok_or(None)?;
    if imported.files.iter().any(|file| file.ignored > 0) {
        session.report.add(
            Diagnostic::note(format!("what systemd {NEWEST} ignores is kept in comments")).help(format!(
                "where a newer systemd knows it, write it as a raw line, with `min-version = {}` under `systemd`",
                NEWEST + 1
            )),
        );
    }
    // What is wrong with the files comes before what was made of them.
    session.show();
    for file in &imported.files {
        tell(file, session);
    }
    let path = args.into.as_deref();
    match path.zip(old) {
        Some((path, old)) => {
            let Some(text) = append(&old, &imported.text) else {
                return Err(Some(Box::new(inline(path, &imported))));
            };
            write(path, &text)?;
            session.shell.status(
                "Added",
                format_args!("the tables to {}", shown(path).display()),
            );
            next(path, session);
        }
        None if session.shell.format() == Format::Human => {
            let printed = session.shell.result(imported.text.as_bytes());
            printed.map_err(|error| Some(Box::new(cannot_print(&error))))?;
        }
        None => {}
    }
    let message = Metadata {
        reason: "metadata",
        path: path.map(|path| shown(path).to_string_lossy().into_owned()),
        text: &imported.text,
    };
    object(&message, session);
    Ok(())
}

/// Reads a file.
fn input(path: &Path) -> Result<Input, Box<Diagnostic>> {
    let place = shown(path);
    // A name that is none is said even if there is no such file.
    Input::new(&place, Vec::new()).map_err(|reason| {
        let found = Diagnostic::error(format!("{} cannot be imported", place.display()));
        let help = match path.extension().and_then(|suffix| suffix.to_str()) {
            Some("in") => "let the build that fills in its placeholders make the unit first",
            Some("conf") => "a drop-in changes a unit: write what `systemctl cat UNIT` prints to a file, and import that",
            _ => "cargo-svc writes services and what starts them; any other unit stays a file of its own",
        };
        Box::new(found.label(reason).help(help))
    })?;
    let bytes = std::fs::read(path).map_err(|error| Box::new(cannot("read", path, &error)))?;
    Input::new(&place, bytes).map_err(|reason| Box::new(Diagnostic::error(reason)))
}

/// The package that the tables are added to.
fn world(path: &Path, session: &mut Session) -> Result<World, Stop> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path);
        text.map(|text| SourceFile {
            path: shown(path),
            text,
        })
        .map_err(|error| Some(Box::new(cannot("read", path, &error))))
    };
    let source = read(path)?;
    if declares_service(&source.text) {
        let error = Diagnostic::error(format!(
            "{} declares a service already",
            source.path.display()
        ))
        .help("take its `[package.metadata.service]` out first")
        .help("or print the tables without `--into`, and put in by hand what is missing");
        return Err(Some(error.into()));
    }
    let options = CargoOptions {
        manifest_path: Some(path.to_path_buf()),
        flags: Vec::new(),
    };
    let workspace =
        crate::manifest::workspace(&options, Box::new(|_| ()), &mut session.report).ok_or(None)?;
    let resolved = |path: &Path| std::fs::canonicalize(path).ok();
    let metadata = workspace.metadata;
    let package = metadata
        .packages
        .into_iter()
        .find(|package| resolved(package.manifest_path.as_std_path()) == resolved(path));
    let Some(package) = package else {
        let error = Diagnostic::error(format!("{} is of no package", source.path.display()))
            .help("name the Cargo.toml of the package that has the program");
        return Err(Some(error.into()));
    };
    let root = metadata
        .workspace_root
        .join("Cargo.toml")
        .into_std_path_buf();
    let root = if resolved(&root) == resolved(path) {
        None
    } else {
        Some(Arc::new(read(&root)?))
    };
    Ok(World {
        package,
        source,
        root,
        is_real: true,
    })
}

/// The tables cannot be added.
fn inline(path: &Path, imported: &Imported) -> Diagnostic {
    Diagnostic::error(format!(
        "{} writes the package's metadata inline, where no table can be added",
        shown(path).display()
    ))
    .help(format!("add this by hand:\n{}", imported.text.trim_end()))
}

/// What to do next.
fn next(path: &Path, session: &mut Session) {
    let note = Diagnostic::note("the package now declares a service for systemd alone")
        .help("units say nothing of Windows: without `windows = false` the same keys are for Windows, too")
        .help(format!(
            "`cargo svc generate --manifest-path {}` writes the units and install scripts",
            shown(path).display()
        ));
    session.report.add(note);
}

/// Says what became of a file.
fn tell(file: &Summary, session: &Session) {
    let ignored = match file.ignored {
        0 => String::new(),
        count => format!(", systemd ignores {count}"),
    };
    session.shell.status(
        "Imported",
        format_args!(
            "{}: {} of {} assignments became keys{ignored}",
            file.path.display(),
            file.keys,
            file.assignments
        ),
    );
    let mut reasons: Vec<((Section, &str), Vec<&str>)> = Vec::new();
    for raw in &file.raw {
        let reason = (raw.section, raw.why.as_str());
        match reasons.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, keys)) => keys.push(&raw.key),
            None => reasons.push((reason, vec![&raw.key])),
        }
    }
    for ((section, why), keys) in reasons {
        let keys = keys.join(", ");
        session
            .shell
            .status("Raw", format_args!("{section} {keys}: {why}"));
    }
    let raw = file.raw.iter().map(|raw| RawMessage {
        section: raw.section.word(),
        key: &raw.key,
        why: &raw.why,
    });
    let message = FileMessage {
        reason: "imported",
        path: file.path.to_string_lossy().into_owned(),
        service: &file.service,
        assignments: file.assignments,
        keys: file.keys,
        ignored: file.ignored,
        raw: raw.collect(),
    };
    object(&message, session);
}

/// `{"reason":"imported", …}`: what was made of a file. `raw` are the directives that stand in raw tables.
#[derive(Serialize)]
struct FileMessage<'a> {
    reason: &'static str,
    path: String,
    service: &'a str,
    assignments: usize,
    keys: usize,
    ignored: usize,
    raw: Vec<RawMessage<'a>>,
}

#[derive(Serialize)]
struct RawMessage<'a> {
    section: &'static str,
    key: &'a str,
    why: &'a str,
}

/// `{"reason":"metadata", …}`: the tables, and the Cargo.toml that they were added to.
#[derive(Serialize)]
struct Metadata<'a> {
    reason: &'static str,
    path: Option<String>,
    text: &'a str,
}

fn object(message: &impl Serialize, session: &Session) {
    // Strings, numbers and lists always serialise.
    let line = serde_json::to_string(message).unwrap_or_default();
    session.shell.object(&line);
}
