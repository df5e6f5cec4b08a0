//! `cargo svc check`: is the metadata right, and do the committed files say the same?

use super::generate::{compare, sets};
use crate::cli::Outcome;
use crate::cli::args::{FormatArgs, ManifestArgs, SelectionArgs};
use crate::cli::session::Session;

/// `cargo svc check`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Runs the command.
pub fn run(args: &Args, session: &mut Session) -> Outcome {
    session.shell.set_format(args.format.message_format);
    let Some(sets) = sets(&args.manifest, &args.selection, session) else {
        return Outcome::Refused;
    };
    let outcome = compare(&sets, false, session);
    outcome.unwrap_or_else(|error| session.refuse(*error))
}
