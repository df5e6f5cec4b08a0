//! Who has which place on the machine: a place takes one file, and is no other one's folder.

use super::bin_dir;
use super::exec::Exec;
use super::files::{self, Files};
use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::plan::systemd::check::Check;
use crate::plan::systemd::{PlacedFile, Placement, SystemdPlan};
use crate::service::Service;

/// What install.sh itself has in the install folder.
const OWN_NAMES: [&str; 5] = [
    "receipt",
    "transaction",
    "transaction.done",
    "transaction.new",
    "uninstall.sh",
];

/// What install.sh writes beside a file: `.NAME` and one of these, while it runs.
const STAGED: [&str; 2] = [".svc-new", ".svc-old"];

/// What install.sh puts beside a configuration file that was edited.
const ASIDE: &str = ".new";

/// Longest name of a file in bytes (`NAME_MAX`).
const NAME_BYTES: usize = 255;

/// A place that something needs for itself.
struct Claim<'a> {
    /// As distribution packages have it, so that both placements say the same.
    path: String,
    what: What<'a>,
    place: Option<&'a Place>,
}

#[derive(PartialEq)]
enum What<'a> {
    Program(&'a str),
    File(&'a PlacedFile),
    /// What is put beside a configuration file.
    Aside(&'a PlacedFile),
    ConfigFolder,
}

impl Claim<'_> {
    /// What makes it impossible that both have their places: the path that both want, in different ways.
    fn contested<'p>(&'p self, other: &'p Claim) -> Option<&'p str> {
        let folder = |claim: &Claim| claim.what == What::ConfigFolder;
        if self.path == other.path {
            // Then the files themselves are in each other's way.
            if matches!((&self.what, &other.what), (What::Aside(_), What::Aside(_))) {
                return None;
            }
            return (self.what != other.what).then_some(&self.path);
        }
        let (outer, inner) = if self.path.len() < other.path.len() {
            (self, other)
        } else {
            (other, self)
        };
        let below = inner.path.strip_prefix(&outer.path)?;
        (below.starts_with('/') && !folder(outer)).then_some(&outer.path)
    }

    /// The same for whoever declared the other one.
    fn tell(&self) -> String {
        let path = &self.path;
        match self.what {
            What::Program(name) => format!("the program `{name}` goes to `{path}`"),
            What::File(file) => format!("`{}` goes to `{path}`", file.source),
            What::Aside(file) => format!(
                "where `{}` was edited, its next version is put to `{path}`",
                file.source
            ),
            What::ConfigFolder => format!("`{path}` is a service's configuration folder"),
        }
    }
}

/// Checks the places of a service's program, files and folder, with those of the services before it.
pub(super) fn check(
    package: &str,
    service: &Service,
    exec: &Exec,
    files: &Files,
    plan: &SystemdPlan,
    check: &mut Check,
) {
    let claims = claims(service, exec, files);
    for claim in &claims {
        if let Some(error) = own_name(package, claim).or_else(|| unfit_name(claim)) {
            check.refuse(error.at(claim.place).help("give it another name"));
        }
    }
    let others = earlier(plan);
    for (index, claim) in claims.iter().enumerate() {
        let mut before = others.iter().chain(&claims[..index]);
        let found = before.find_map(|other| Some((other, claim.contested(other)?)));
        let Some((other, path)) = found else { continue };
        let message = if claim.path == other.path {
            format!("two files go to `{path}`")
        } else {
            format!("`{path}` cannot be both a file and a folder")
        };
        check.refuse(
            Diagnostic::error(message)
                .at(claim.place)
                .label(other.tell())
                .help(match (&claim.what, &other.what) {
                    (What::File(_), What::File(_)) if claim.path == other.path => {
                        "give each a place of its own, or declare both alike"
                    }
                    _ => "give each a place of its own",
                }),
        );
    }
}

fn claims<'a>(service: &'a Service, exec: &Exec, files: &'a Files) -> Vec<Claim<'a>> {
    let keys = &service.systemd;
    let mut claims = Vec::new();
    if let Some(folder) = files::config_folder(service, exec) {
        claims.push(Claim {
            path: folder.path,
            what: What::ConfigFolder,
            place: keys.directories.config.as_ref().and_then(Declared::place),
        });
    }
    let bin_dir_place = service.own_systemd.bin_dir.as_ref();
    let bin_dir_place = bin_dir_place.and_then(Declared::place);
    let mut program = bin_dir(service);
    program.push(&format!("/{}", keys.bin.value));
    claims.push(Claim {
        path: program.with_prefix(Placement::Distribution.prefix()),
        what: What::Program(&keys.bin.value),
        place: bin_dir_place.or(keys.bin.place()).or(keys.name.place()),
    });
    let declared = keys.files.iter().filter(|file| file.value.source.is_some());
    for (file, declared) in files.installed.iter().zip(declared) {
        claims.extend(claims_of(file, declared.value.to.place()));
    }
    claims
}

fn claims_of<'a>(
    file: &'a PlacedFile,
    place: Option<&'a Place>,
) -> impl Iterator<Item = Claim<'a>> {
    let path = file.to.with_prefix(Placement::Distribution.prefix());
    let aside = file.config.then(|| Claim {
        path: format!("{path}{ASIDE}"),
        what: What::Aside(file),
        place,
    });
    let claim = Claim {
        path,
        what: What::File(file),
        place,
    };
    std::iter::once(claim).chain(aside)
}

/// What the services before have.
fn earlier(plan: &SystemdPlan) -> Vec<Claim<'_>> {
    let prefix = Placement::Distribution.prefix();
    let programs = plan.programs().into_iter().map(|program| Claim {
        path: format!("{}/{}", program.dir.with_prefix(prefix), program.name),
        what: What::Program(&program.name),
        place: None,
    });
    let folders = plan.folders.iter().map(|folder| Claim {
        path: folder.path.clone(),
        what: What::ConfigFolder,
        place: None,
    });
    let files = plan.files.iter().flat_map(|file| claims_of(file, None));
    programs.chain(folders).chain(files).collect()
}

/// A name that is install.sh's, or looks like one of its own.
fn own_name(package: &str, claim: &Claim) -> Option<Diagnostic> {
    let refuse = |path: &str, label: &str| {
        Diagnostic::error(format!("nothing can go to `{path}`")).label(label)
    };
    if matches!(claim.what, What::Aside(_)) {
        return None;
    }
    let lib = format!("{}/lib/{package}/", Placement::Distribution.prefix());
    let below = claim.path.strip_prefix(&lib);
    if let Some(top) = below.and_then(|below| below.split('/').next())
        && OWN_NAMES.contains(&top)
    {
        let path = format!("{lib}{top}");
        return Some(refuse(&path, "install.sh has a file of this name there"));
    }
    let staged =
        |step: &str| step.starts_with('.') && STAGED.iter().any(|ending| step.ends_with(ending));
    let found = claim.path.split('/').any(staged);
    found.then(|| {
        refuse(
            &claim.path,
            "install.sh keeps files under such names while it runs",
        )
    })
}

/// A name that leaves no room for those that install.sh makes of it.
fn unfit_name(claim: &Claim) -> Option<Diagnostic> {
    match claim.what {
        What::ConfigFolder => return None,
        // What is put beside it has the longer name.
        What::File(file) if file.config => return None,
        What::File(_) | What::Aside(_) | What::Program(_) => {}
    }
    let name = claim.path.rsplit('/').next()?;
    let longest = NAME_BYTES - ".".len() - STAGED[0].len();
    (name.len() > longest).then(|| {
        Diagnostic::error("the name is too long for install.sh").label(format!(
            "`{name}` has {} bytes, and at most {longest} leave room for the names that it has while it is written",
            name.len(),
        ))
    })
}
