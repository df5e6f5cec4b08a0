//! A package with several services, in two versions: one program runs two of them, one service needs another.

use std::path::Path;

use crate::fixture::{NAME, text};

/// Needed by the probe; takes [`SLOW`] to start. Only version 1 has it.
pub const STORE: &str = "svc-probe-store";
/// What version 2 has in its place.
pub const CACHE: &str = "svc-probe-cache";
/// Needs the one of its version.
pub const MAIN: &str = NAME;
/// Is started by hand, and has another text for each system.
pub const ADMIN: &str = "svc-probe-admin";

/// The name of the program of all but [`MAIN`].
const MANY: &str = "svc-probe-many";
/// How long the needed services take to start, in milliseconds.
pub const SLOW: u64 = 1000;

/// The programs of the package.
pub fn programs<'a>(probe: &'a Path, many: &'a Path) -> [(&'static str, &'a Path); 2] {
    [(NAME, probe), (MANY, many)]
}

/// Version 1, whose services keep their files in folders below this one.
pub fn first(folder: &str) -> String {
    [main(folder, STORE), admin(folder), needed(folder, STORE)].concat()
}

/// Version 2: another service is needed, and the old one is gone.
pub fn second(folder: &str) -> String {
    [main(folder, CACHE), needed(folder, CACHE), admin(folder)].concat()
}

// The order of the tables is not that of the starts, which has to come from what is needed.
fn main(folder: &str, needed: &str) -> String {
    let args = args(folder, MAIN, &[]);
    table(
        MAIN,
        NAME,
        &args,
        &format!("requires = [{}]\n", text(needed)),
    )
}

fn needed(folder: &str, name: &str) -> String {
    let word = format!("--probe-do=slow:{SLOW}");
    table(name, MANY, &args(folder, name, &[&word]), "")
}

fn admin(folder: &str) -> String {
    let more = "start = \"manual\"\ndescription = \"Waits to be asked\"\nenvironment = { WHERE = \"anywhere\" }\n\
        systemd = { description = \"Waits under systemd\", environment = { WHERE = \"under systemd\" } }\n\
        windows = { display-name = \"Waits under Windows\", environment = { WHERE = \"under Windows\" } }\n";
    table(ADMIN, MANY, &args(folder, ADMIN, &[]), more)
}

fn args(folder: &str, name: &str, more: &[&str]) -> String {
    let separator = if folder.contains('\\') { '\\' } else { '/' };
    let own = format!("--probe-dir={folder}{separator}{name}");
    let which = format!("--probe-as={}", name.trim_start_matches("svc-probe-"));
    let words: Vec<_> = [which.as_str(), &own]
        .iter()
        .chain(more)
        .map(|word| text(word))
        .collect();
    format!("args = [{}]\n", words.join(", "))
}

fn table(name: &str, bin: &str, args: &str, more: &str) -> String {
    let (name, bin) = (text(name), text(bin));
    format!(
        "[[package.metadata.service]]\nname = {name}\nbin = {bin}\n{args}\
         restart = {{ policy = \"on-failure\", delay = \"100ms\" }}\nstop-timeout = \"20s\"\n{more}\n"
    )
}
