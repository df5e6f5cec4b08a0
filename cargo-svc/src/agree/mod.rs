//! Whether a built program is the one that the manifest describes.
//!
//! `package` asks before it writes anything, `check` asks if there is a program. `#[service]` left a note in the program:
//! which service it is, and which svc-rt runs it. A program without the note speaks to no service manager, unless it does so
//! in a way of its own.

use std::fs::File;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;

use crate::binary::{self, Format, Inspection, Note};
use crate::build::{Executable, System, Triple};
use crate::diagnostics::{Diagnostic, Report};
use crate::manifest::shown;
use crate::service::{Package, Portable, Service};

/// Compares the programs of a package, built for `triple`, with its services. Programs that no service runs are left alone.
pub fn compare(package: &Package, triple: &Triple, programs: &[Executable], report: &mut Report) {
    for executable in programs {
        let services: Vec<&Service> = package
            .services
            .iter()
            .filter(|service| service.is_for(triple.system()))
            .filter(|service| service.on(triple.system()).bin.value == executable.bin)
            .collect();
        if services.is_empty() {
            continue;
        }
        let path = shown(&executable.path);
        match inspect(&executable.path) {
            Ok(found) => Program {
                triple,
                path,
                found,
            }
            .check(&services, report),
            Err(why) => report.add(Diagnostic::error(format!(
                "{} is no program for {triple}: {why}",
                path.display()
            ))),
        }
    }
}

fn inspect(path: &Path) -> Result<Inspection, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    binary::inspect_file(file).map_err(|error| error.to_string())
}

/// `` `a`, `b` ``
fn quoted<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// The same words, in whatever order.
fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|word| other.contains(word))
}

/// A built program, and what it says of itself.
struct Program<'a> {
    triple: &'a Triple,
    path: PathBuf,
    found: Inspection,
}

impl Program<'_> {
    fn check(&self, services: &[&Service], report: &mut Report) {
        if let Err(found) = self.fits_the_target() {
            report.add(*found);
            return;
        }
        self.check_names(services, report);
        for service in services {
            let keys = service.on(self.triple.system());
            match self.note(keys) {
                Some(note) => self.check_note(note, service, keys, report),
                // A note of another service was reported already.
                None if !self.found.notes.is_empty() => {}
                None => self.check_without_note(service, keys, report),
            }
        }
    }

    fn note(&self, keys: &Portable) -> Option<&Note> {
        let name = keys.name.value.as_str();
        self.found.notes.iter().find(|note| note.name == name)
    }

    /// The file is a program for the target's system and processor.
    fn fits_the_target(&self) -> Result<(), Box<Diagnostic>> {
        let system = match self.found.format {
            Format::Elf => Some(System::Linux),
            Format::Pe => Some(System::Windows),
            Format::MachO => None,
        };
        let processor = match (self.found.architecture, self.triple.architecture()) {
            (Some(found), Some(expected)) => found == expected,
            _ => true,
        };
        if system == Some(self.triple.system()) && processor {
            return Ok(());
        }
        let format = match self.found.format {
            Format::Elf => "an ELF file",
            Format::Pe => "a Windows program",
            Format::MachO => "a program for macOS",
        };
        let processor = self.found.architecture.unwrap_or("another processor");
        Err(Box::new(
            Diagnostic::error(format!(
                "{} is {format} for {processor}, not a program for {}",
                self.path.display(),
                self.triple
            ))
            .help("build it again for this target"),
        ))
    }

    /// Each service finds its note, if the program has notes at all.
    fn check_names(&self, services: &[&Service], report: &mut Report) {
        let notes = &self.found.notes;
        if notes.is_empty() {
            return;
        }
        for service in services {
            let keys = service.on(self.triple.system());
            if self.note(keys).is_some() {
                continue;
            }
            report.add(
                Diagnostic::error(format!(
                    "{} was built for the service {}, and the manifest says `{}`",
                    self.path.display(),
                    quoted(notes.iter().map(|note| &note.name)),
                    keys.name.value
                ))
                .at(keys.name.place())
                .label("this is not the name in the program")
                .help("build it again; if `#[service(name = …)]` states another name, make the two agree"),
            );
        }
    }

    fn check_note(&self, note: &Note, service: &Service, keys: &Portable, report: &mut Report) {
        let events: Vec<String> = keys
            .events
            .iter()
            .map(|event| event.value.to_string())
            .collect();
        let sockets: Vec<String> = keys
            .sockets
            .iter()
            .map(|socket| socket.value.name.clone())
            .collect();
        for (key, stated, declared) in [
            ("events", &note.events, events),
            ("sockets", &note.sockets, sockets),
        ] {
            if same(stated, &declared) {
                continue;
            }
            let of = |words: &[String]| match words {
                [] => "none".to_owned(),
                words => quoted(words),
            };
            report.add(
                Diagnostic::error(format!(
                    "{} has the {key} {}, and the manifest declares {} for `{}`",
                    self.path.display(),
                    of(stated),
                    of(&declared),
                    keys.name.value
                ))
                .help("build it again; if `#[service]` states them, take them out there"),
            );
        }
        if let Err(found) = self.runtime_is_known(note) {
            report.add(*found);
        }
        if !service.uses_runtime_on(self.triple.system()) {
            report.add(
                Diagnostic::warning(format!(
                    "{} has svc-rt in it, but its package does not depend on svc-rt itself",
                    self.path.display()
                ))
                .help(
                    "add svc-rt to `[dependencies]`, neither optional nor for another target, so that the service manager waits until the \
                     service is ready",
                ),
            );
        }
    }

    /// The installers and svc-rt agree on environment variables, which may change with every incompatible version.
    fn runtime_is_known(&self, note: &Note) -> Result<(), Box<Diagnostic>> {
        const OWN: &str = env!("CARGO_PKG_VERSION");
        let series = |version: &str| {
            let version = Version::parse(version).ok()?;
            let minor = if version.major == 0 { version.minor } else { 0 };
            Some((version.major, minor))
        };
        let (own, found) = (series(OWN), series(&note.runtime));
        if own == found {
            return Ok(());
        }
        let advice = if found > own {
            "update cargo-svc: `cargo install cargo-svc`"
        } else {
            "update svc-rt in Cargo.toml and build again"
        };
        Err(Box::new(
            Diagnostic::error(format!(
                "{} has svc-rt {} in it, and this cargo-svc {OWN} works with another series",
                self.path.display(),
                note.runtime
            ))
            .help(advice),
        ))
    }

    /// What a program can be that no `#[service]` is in.
    fn check_without_note(&self, service: &Service, keys: &Portable, report: &mut Report) {
        let path = self.path.display();
        if service.uses_runtime_on(self.triple.system()) {
            report.add(
                Diagnostic::error(format!(
                    "{path} has no `#[service]` in it, and its package depends on svc-rt"
                ))
                .at(keys.bin.place())
                .label("the service manager would wait for this program to say that it is ready")
                .help("put `#[service]` on its `main` and build it again"),
            );
            return;
        }
        if self.triple.system() != System::Windows {
            return;
        }
        if !self.found.calls_dispatcher {
            report.add(
                Diagnostic::error(format!(
                    "{path} cannot be a Windows service: it does not call StartServiceCtrlDispatcherW, so Windows would end \
                     it with error 1053"
                ))
                .at(keys.bin.place())
                .label("this program never speaks to the service control manager")
                .help("add svc-rt to `[dependencies]` and put `#[service]` on its `main`"),
            );
            return;
        }
        for only in keys.only_runtime() {
            let restart = only.what.starts_with("restart");
            let (why, instead) = if restart {
                (
                    "Windows itself restarts a service only when it failed",
                    "use `on-failure` under `windows`, or svc-rt",
                )
            } else {
                (
                    "nothing in Windows carries this out",
                    "use svc-rt, or write the key as `false` under `windows`",
                )
            };
            report.add(
                Diagnostic::error(format!(
                    "`{}` of `{}` needs svc-rt on Windows, and {path} has no `#[service]` in it",
                    only.what, keys.name.value
                ))
                .at(Some(only.place))
                .label(why)
                .help(instead),
            );
        }
    }
}

#[cfg(test)]
mod tests;
