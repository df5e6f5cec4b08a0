//! A network daemon: an HTTP server on tokio, with plain commands beside it that talk to it.
//!
//! Only `beacon serve` is the service. The other commands parse their arguments, do their work and end, as in any program.

mod client;
mod config;
mod readings;
mod requests;
mod server;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Receives readings over HTTP, keeps the latest ones and serves them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server: as a service under systemd or the Windows SCM, or in this terminal until Ctrl-C.
    Serve {
        /// The address to listen on, in the place of the socket that the service declares; port 0 takes any free port and
        /// prints it.
        #[arg(long)]
        listen: Option<SocketAddr>,
        /// The configuration file; without it, beacon.toml in the service's configuration folder, if that is there. It is
        /// read again when the service is told to reload.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Send one reading to a running server.
    Send {
        /// What was measured.
        name: String,
        /// What it was.
        value: f64,
        /// The server.
        #[arg(long, default_value = "127.0.0.1:8380")]
        to: SocketAddr,
    },
    /// Print the latest readings of a running server.
    Latest {
        /// The server.
        #[arg(long, default_value = "127.0.0.1:8380")]
        from: SocketAddr,
    },
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve { listen, config } => return server::serve(listen, config),
        Command::Send { name, value, to } => client::send(to, &name, value),
        Command::Latest { from } => client::latest(from),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("beacon: {error}");
            ExitCode::FAILURE
        }
    }
}
