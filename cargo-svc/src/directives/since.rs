//! Which systemd a value needs.

use super::check::{command, specifier};
use super::{Directive, Kind, OLDEST};

pub(super) fn since_of_value(directive: &Directive, value: &str) -> u32 {
    let value = value.trim();
    let newest = directive
        .values
        .iter()
        .filter(|accepted| accepted.since > OLDEST && holds(directive, value, accepted.word))
        .map(|accepted| accepted.since);
    let specifiers = directive
        .specifiers
        .then(|| specifier::letters(value).filter_map(specifier::since))
        .into_iter()
        .flatten();
    newest.chain(specifiers).fold(directive.since, u32::max)
}

/// Whether a value makes use of what the table lists: a word; with a colon at its end, what begins a word; with one at its
/// beginning, what stands in one; for a command, a prefix of the program.
fn holds(directive: &Directive, value: &str, listed: &str) -> bool {
    if directive.kind == Kind::Command {
        return command::prefixes(value).contains(listed);
    }
    value
        .split_ascii_whitespace()
        .map(|word| word.trim_start_matches('~'))
        .any(|word| {
            if listed.starts_with(':') {
                word.contains(listed)
            } else if listed.ends_with(':') {
                word.starts_with(listed)
            } else {
                // The error number of a system call filter.
                word == listed || word.split_once(':').is_some_and(|(word, _)| word == listed)
            }
        })
}
