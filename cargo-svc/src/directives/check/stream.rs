//! Standard input, output and error.

use super::words::unescape;
use super::{Found, leaf, name, path};
use crate::directives::Directive;

/// A word of the table, or one of its prefixes with the name of a file descriptor or a path.
pub(super) fn stream(directive: &Directive, value: &str) -> Found {
    let rest = directive
        .values
        .iter()
        .filter(|accepted| accepted.word.ends_with(':'))
        .find_map(|accepted| Some((accepted.word, value.strip_prefix(accepted.word)?)));
    match rest {
        Some(("fd:", "")) => Ok(()),
        Some(("fd:", fd)) => leaf(directive, fd, &name::fd),
        Some((_, file)) => leaf(directive, file, &path::absolute),
        None => Err("there is nothing of this name".into()),
    }
}

pub(super) fn text(directive: &Directive, value: &str) -> Found {
    unescape(value)?;
    leaf(directive, value, &|_| Ok(()))
}

pub(super) fn base64(value: &str) -> Found {
    let digits: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let end = digits
        .iter()
        .position(|b| *b == b'=')
        .unwrap_or(digits.len());
    let (data, padding) = digits.split_at(end);
    let right = data
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b))
        && padding.len() < 3
        && padding.iter().all(|b| *b == b'=')
        && digits.len().is_multiple_of(4);
    right
        .then_some(())
        .ok_or_else(|| "it is no Base64".to_owned())
}
