//! Random declarations through all stages, and what fuzzing has found.

use std::fs;
use std::path::Path;

use svc_random::{Declaration, count, mutate, rng};

use super::judge;
use crate::diagnostics::Diagnostic;

#[test]
fn random_declarations_are_taken_and_read_back() {
    let (mut rng, count) = (rng().unwrap(), count(300).unwrap());
    for number in 0..count {
        let one = Declaration::of_any_kind(&mut rng, number);
        judge::manifest(&one.toml)
            .unwrap_or_else(|errors| panic!("{:#?}\n{}", said(&errors), one.toml));
    }
}

#[test]
fn random_wrong_ones_are_refused_with_their_key() {
    let (mut rng, count) = (rng().unwrap(), count(1000).unwrap());
    let (mut refused, mut taken) = (0, 0);
    for number in 0..count {
        let right = Declaration::of_any_kind(&mut rng, number);
        let changed = mutate(&mut rng, &right);
        let verdict = judge::manifest(&changed.toml);
        let Some(word) = changed.wrong else {
            taken += usize::from(verdict.is_ok());
            continue;
        };
        refused += 1;
        let errors = verdict.expect_err(&format!("`{word}` is wrong:\n{}", changed.toml));
        let names = errors.iter().any(|error| {
            error.message.contains(&word)
                || error
                    .place
                    .as_ref()
                    .is_some_and(|place| place.key.contains(&word))
        });
        assert!(
            names,
            "no error names `{word}`: {:#?}\n{}",
            said(&errors),
            changed.toml
        );
    }
    assert!(
        refused > count / 3 && taken > 0,
        "{refused} refused, {taken} taken"
    );
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
