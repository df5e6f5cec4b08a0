//! `cargo svc schema`: the JSON Schema of the metadata on standard output.

use crate::cli::Outcome;
use crate::cli::session::Session;
use crate::diagnostics::Diagnostic;
use crate::schema;

/// `cargo svc schema`
#[derive(Debug, clap::Args)]
#[command(
    after_help = "It is a schema (draft-07) of Cargo.toml as a whole, which says nothing of what is not cargo-svc's. It is the same for \
                  every package, and changes with the version of cargo-svc only. To have it in an editor with taplo, such as Visual Studio \
                  Code with Even Better TOML, write it to a file, `cargo svc schema > cargo-svc.schema.json`, and name that file in \
                  .taplo.toml:\n\n    \
                  [[rule]]\n    include = [\"**/Cargo.toml\"]\n    schema = { path = \"cargo-svc.schema.json\" }"
)]
pub struct Args {}

/// Runs the command.
pub fn run(_: &Args, session: &mut Session) -> Outcome {
    match session.shell.result(schema::text().as_bytes()) {
        Ok(()) => Outcome::Done,
        Err(error) => session.refuse(Diagnostic::error(format!(
            "cannot write to standard output: {error}"
        ))),
    }
}
