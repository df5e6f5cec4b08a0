//! The command line: what is typed after `cargo svc`.

pub mod args;
pub mod progress;
pub mod session;
pub mod shell;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{check, generate, import, init, package, print, schema};
use args::UiArgs;
use session::{Session, cannot_print};

/// systemd units, Windows install scripts and packages from one declaration in Cargo.toml.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-svc",
    bin_name = "cargo svc",
    version,
    max_term_width = 100,
    after_help = "For a program that is new here: `cargo svc init`, look at the table that it adds to Cargo.toml, `cargo svc generate` and \
commit packaging/, `cargo svc package` for what is installed from.\n\n\
Exit codes: 0 done; 1 a check found something; 2 the command line, the metadata or the environment is at fault."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    ui: UiArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add the tables to Cargo.toml
    Init(init::Args),
    /// Write the files that are committed
    Generate(generate::Args),
    /// Build, and write the folder and the archives that are installed from
    Package(package::Args),
    /// Check the metadata, the committed files and the built program
    Check(check::Args),
    /// Print one artifact to standard output
    Print(print::Args),
    /// Turn existing unit files into the tables
    Import(import::Args),
    /// Print the JSON Schema of the metadata, for editors
    Schema(schema::Args),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Done,
    /// A check found something.
    Found,
    /// The command line, the metadata or the environment is at fault.
    Refused,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Found => 1,
            Outcome::Refused => 2,
        })
    }
}

/// Runs a command line, with the program's name first: `cargo-svc svc generate`, as cargo calls it, or `cargo-svc generate`.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    // cargo hands its subcommand's own name on.
    if arguments.get(1).is_some_and(|first| first == "svc") {
        arguments.remove(1);
    }
    match Cli::try_parse_from(arguments) {
        Ok(cli) => execute(&cli).into(),
        Err(usage) => {
            let printed = usage.print();
            if usage.use_stderr() {
                return Outcome::Refused.into();
            }
            match printed {
                // A reader that went away has seen enough.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    eprintln!("error: {}", cannot_print(&error).message);
                    Outcome::Refused.into()
                }
                _ => Outcome::Done.into(),
            }
        }
    }
}

fn execute(cli: &Cli) -> Outcome {
    let mut session = Session::new(&cli.ui);
    let outcome = match &cli.command {
        Command::Init(args) => init::run(args, &mut session),
        Command::Generate(args) => generate::run(args, &mut session),
        Command::Package(args) => package::run(args, &mut session),
        Command::Check(args) => check::run(args, &mut session),
        Command::Print(args) => print::run(args, &mut session),
        Command::Import(args) => import::run(args, &mut session),
        Command::Schema(args) => schema::run(args, &mut session),
    };
    session.close(outcome)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
