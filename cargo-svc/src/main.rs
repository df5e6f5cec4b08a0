//! The `cargo svc` subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_svc::cli::run(std::env::args_os())
}
