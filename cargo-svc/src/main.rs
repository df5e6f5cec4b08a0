//! The `cargo svc` subcommand.
fn main() {}
