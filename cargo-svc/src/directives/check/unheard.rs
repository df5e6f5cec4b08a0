//! Words that look like those of a newer systemd, or of a newer kernel: there will be more capabilities, address families and
//! sets of system calls than the table lists. systemd leaves out the words that it does not know, and takes the others.

use super::words::{Rules, Words};
use super::{check, listed};
use crate::directives::{Directive, Kind, Split};

/// The words without which the directive takes the value, if they are only unheard of. One that is a slip away from a known
/// word is wrong.
pub(in crate::directives) fn unheard(directive: &Directive, value: &str) -> Option<Vec<String>> {
    let shape: fn(&str) -> bool = match directive.kind {
        Kind::Capabilities => |word| named(word, "CAP_"),
        Kind::AddressFamilies => |word| named(word, "AF_"),
        Kind::SystemCalls | Kind::FileSystems => is_set,
        _ => return None,
    };
    let rules = match directive.split {
        Split::Line => return None,
        Split::Bare => Rules::BARE,
        Split::Quoted => Rules::QUOTED,
        Split::Escaped => Rules::ESCAPED,
    };
    let bare = value.trim().trim_start_matches('~');
    let (mut known, mut unheard) = (Vec::new(), Vec::new());
    for word in Words::new(bare, rules) {
        let word = word.ok()?;
        let name = word.split(':').next().unwrap_or(&word);
        if !shape(name) || listed(directive, name) || listed(directive, &name.to_lowercase()) {
            known.push(word);
        } else if directive.values.iter().any(|one| is_slip(name, one.word)) {
            return None;
        } else {
            unheard.push(word);
        }
    }
    let away = if bare.len() < value.trim().len() {
        "~"
    } else {
        ""
    };
    let rest = format!("{away}{}", known.join(" "));
    let rest_is_right = known.is_empty() || check(directive, &rest).is_ok();
    (!unheard.is_empty() && rest_is_right).then_some(unheard)
}

/// `CAP_…`, `AF_…`.
fn named(word: &str, prefix: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    upper.strip_prefix(prefix).is_some_and(|name| {
        let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty() && name.chars().all(fits)
    })
}

/// `@…`
fn is_set(word: &str) -> bool {
    word.strip_prefix('@').is_some_and(|name| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !name.is_empty() && name.chars().all(fits)
    })
}

/// Whether one letter is wrong, missing, too many, or in its neighbour's place.
fn is_slip(word: &str, known: &str) -> bool {
    strsim::damerau_levenshtein(&word.to_lowercase(), &known.to_lowercase()) == 1
}
