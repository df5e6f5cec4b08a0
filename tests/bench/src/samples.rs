//! The same small daemon twice: as a service, and bare.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// Where the two daemons are.
pub(crate) struct Samples {
    pub(crate) service: PathBuf,
    pub(crate) bare: PathBuf,
}

/// What both of them do: answer connections in a thread of its own.
const WORK: &str = r#"
fn listen() -> std::io::Result<std::thread::JoinHandle<()>> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    println!("listening on {}", listener.local_addr()?);
    Ok(std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            drop(std::io::Write::write_all(&mut &connection, b"hello\n"));
        }
    }))
}
"#;

const SERVICE: &str = r"
use svc_rt::{Event, Service, service};

#[service]
fn main(svc: Service) -> Result<(), Box<dyn std::error::Error>> {
    let _worker = listen()?;
    svc.ready();
    loop {
        if let Event::Stop(_) = svc.wait_event() {
            return Ok(());
        }
    }
}
";

/// Says that it is ready in the shortest way there is, so that what the service adds is all that differs.
const BARE: &str = r#"
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let worker = listen()?;
    if let Some(path) = std::env::var_os("NOTIFY_SOCKET") {
        std::os::unix::net::UnixDatagram::unbound()?.send_to(b"READY=1", path)?;
    }
    drop(worker.join());
    Ok(())
}
"#;

const MANIFEST: &str = r#"[package]
name = "beacon"
version = "0.1.0"
edition = "2024"
description = "Answers connections"
license = "MIT"
authors = ["Nobody <nobody@example.com>"]

[workspace]

[profile.release]
strip = "symbols"
"#;

impl Samples {
    /// Writes the packages below `folder`. The repository's own lock file fixes the versions of what they depend on.
    pub(crate) fn write(repository: &Path, folder: &Path) -> Result<Self> {
        let samples = Self {
            service: folder.join("service"),
            bare: folder.join("bare"),
        };
        let dependency = format!(
            "\n[dependencies]\nsvc-rt = {{ path = '{}' }}\n\n[package.metadata.service]\n",
            repository.join("svc-rt").display()
        );
        let manifest = format!("{MANIFEST}{dependency}");
        write(&samples.service, &manifest, &format!("{SERVICE}{WORK}"))?;
        write(&samples.bare, MANIFEST, &format!("{BARE}{WORK}"))?;
        fs::copy(
            repository.join("Cargo.lock"),
            samples.service.join("Cargo.lock"),
        )?;
        Ok(samples)
    }
}

/// Writes a workspace of a thousand packages with a service each, and nothing else.
pub(crate) fn many(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for number in 0..1000 {
        let name = format!("service-{number:04}");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             description = \"Answers connections\"\n\n[package.metadata.service]\n"
        );
        write(
            &folder.join("packages").join(name),
            &manifest,
            "fn main() {}\n",
        )?;
    }
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"packages/*\"]\n";
    fs::write(folder.join("Cargo.toml"), workspace)?;
    Ok(folder.to_path_buf())
}

fn write(folder: &Path, manifest: &str, program: &str) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/main.rs"), program)?;
    Ok(())
}
