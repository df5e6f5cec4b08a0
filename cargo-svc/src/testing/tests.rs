//! Random declarations through all stages, and what fuzzing has found.

use std::fs;
use std::path::Path;

use svc_random::{
    Declaration, INSTALL_DIR, Mutated, Reach, Rng, Role, WindowsPackage, WindowsService, count,
    maybe_long, mutate, mutate_windows, rng,
};

use super::judge;
use super::windows::{self, Said};
use crate::diagnostics::Diagnostic;

#[test]
fn random_declarations_are_taken_and_read_back() {
    let (mut rng, count) = (rng().unwrap(), count(300).unwrap());
    for number in 0..count {
        let one = Declaration::of_any_kind(&mut rng, number);
        judge::with_runtime(&one.toml)
            .unwrap_or_else(|errors| panic!("{:#?}\n{}", said(&errors), one.toml));
    }
}

#[test]
fn random_wrong_ones_are_refused_with_their_key() {
    let mut rng = rng().unwrap();
    all_are_named(count(1000).unwrap(), |number| {
        let right = Declaration::of_any_kind(&mut rng, number);
        let changed = mutate(&mut rng, &right);
        let verdict = judge::with_runtime(&changed.toml);
        (changed, verdict)
    });
}

/// Of so many changed declarations what is wrong is refused and named, and some are still right.
fn all_are_named(
    count: usize,
    mut change: impl FnMut(usize) -> (Mutated, Result<(), Vec<Diagnostic>>),
) {
    let (mut refused, mut taken) = (0, 0);
    for number in 0..count {
        let (changed, verdict) = change(number);
        match &changed.wrong {
            Some(_) => refused += 1,
            None => taken += usize::from(verdict.is_ok()),
        }
        is_named(&changed, verdict);
    }
    assert!(
        refused > count / 3 && taken > 0,
        "{refused} refused, {taken} taken"
    );
}

/// What must be wrong was refused, with a word that says what.
fn is_named(changed: &Mutated, verdict: Result<(), Vec<Diagnostic>>) {
    let Some(word) = &changed.wrong else { return };
    let errors = verdict.expect_err(&format!("`{word}` is wrong:\n{}", changed.toml));
    // One mistake was made: whatever else is said only follows from it, and helps nobody.
    let names = |error: &Diagnostic| {
        let place = error.place.as_ref();
        error.message.contains(word) || place.is_some_and(|place| place.key.contains(word))
    };
    assert!(
        errors.iter().all(names),
        "an error does not name `{word}`: {:#?}\n{}",
        said(&errors),
        changed.toml
    );
}

/// The services of random packages for Windows.
const ROLES: [Role<'_>; 3] = [
    Role {
        name: "svc-probe",
        bin: "svc-probe",
        args: &[],
    },
    Role {
        name: "A.second_one-2",
        bin: "svc-probe",
        args: &["serve"],
    },
    Role {
        name: "third",
        bin: "another",
        args: &[],
    },
];

/// Their package.
const HEAD: &str = "[package]\nname = \"svc-probe\"\nversion = \"1.2.3\"\ndescription = \"A test\"\n\
                    [[bin]]\nname = \"svc-probe\"\n[[bin]]\nname = \"another\"\n\
                    [dependencies]\nsvc-rt = { version = \"0.1\", features = [\"tracing\", \"log-file\"] }\n";

/// A package of some of the services, whose names may be as long as names go.
fn of_roles(rng: &mut Rng) -> WindowsPackage {
    let names = ROLES.map(|role| maybe_long(rng, role.name));
    let mut roles = ROLES;
    for (role, name) in roles.iter_mut().zip(&names) {
        role.name = name;
    }
    WindowsPackage::random(rng, &roles, Reach::Anything)
}

#[test]
fn what_is_declared_for_windows_reads_back_from_all_that_is_made_of_it() {
    let (mut rng, count) = (rng().unwrap(), count(200).unwrap());
    for _ in 0..count {
        let package = of_roles(&mut rng);
        let told = judge::services_on_windows(HEAD, &package.toml)
            .unwrap_or_else(|errors| panic!("{:#?}\n{}", said(&errors), package.toml));
        assert_eq!(told.len(), package.services.len());
        for service in &package.services {
            let found = told.iter().find(|said| said.name == service.name).unwrap();
            is_told(service, found);
        }
    }
}

fn is_told(declared: &WindowsService, told: &Said) {
    let in_place = |text: &str| text.replace(INSTALL_DIR, windows::INSTALL_DIR);
    let args: Vec<String> = declared.args.iter().map(|arg| in_place(arg)).collect();
    assert_eq!(told.args, args);
    for (name, value) in &declared.environment {
        let line = in_place(&format!("{name}={value}"));
        assert!(told.environment.contains(&line), "{line:?}: {told:#?}");
    }
    assert_eq!(told.description.as_ref(), Some(&declared.description));
    assert_eq!(told.display_name, declared.display_name);
    assert_eq!(told.dependencies, declared.dependencies);
}

#[test]
fn what_is_wrong_for_windows_is_refused_with_its_key() {
    let mut rng = rng().unwrap();
    all_are_named(count(600).unwrap(), |_| {
        let package = of_roles(&mut rng);
        let changed = mutate_windows(&mut rng, &package);
        let verdict = judge::services_on_windows(HEAD, &changed.toml).map(drop);
        (changed, verdict)
    });
}

/// The errors without the text of their file.
fn said(errors: &[Diagnostic]) -> Vec<String> {
    errors
        .iter()
        .map(|error| {
            let key = error.place.as_ref().map_or("", |place| &place.key);
            format!("{key}: {}: {}", error.message, error.label)
        })
        .collect()
}

/// What fuzzing has found, and what every part of the grammar looks like.
#[test]
fn the_corpus_of_fuzzing_holds() {
    for bytes in corpus("manifest") {
        // Either is right, as long as it is the whole truth.
        let _ = judge::manifest(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("unit_file") {
        judge::unit_file(&bytes);
    }
    for bytes in corpus("escapers") {
        judge::escapers(&String::from_utf8_lossy(&bytes));
    }
    for bytes in corpus("windows_values") {
        judge::windows_values(&String::from_utf8_lossy(&bytes));
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/regressions")
        .join(target);
    let files = fs::read_dir(&folder).expect("the folder is there");
    let read = |file: std::io::Result<fs::DirEntry>| fs::read(file?.path());
    let all: Vec<_> = files
        .map(|file| read(file).expect("it can be read"))
        .collect();
    assert!(!all.is_empty(), "no files for {target}");
    all
}
