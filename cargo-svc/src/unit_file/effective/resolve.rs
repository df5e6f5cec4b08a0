//! From the key that was written to the one that systemd uses.

use super::Target;
use crate::directives::{self, Section};
use crate::unit_file::grammar::{Rule, rule_of};

/// What a key is.
pub(crate) enum Resolved {
    /// One of somebody else's (`X-…`).
    Extension,
    /// None that is known; with what to do.
    Unknown(Option<String>),
    /// One or several that are known.
    Known {
        /// Where the value goes; never empty.
        targets: Vec<Target>,
        /// The value in their words.
        value: String,
    },
}

/// Finds out what a key is.
pub(crate) fn resolve(section: Section, key: &str, value: &str) -> Resolved {
    if directives::is_extension(key) {
        return Resolved::Extension;
    }
    let Some(directive) = directives::find(section, key) else {
        return Resolved::Unknown(help(section, key));
    };
    let (section, key) = match directive.alias_of {
        None => (section, key),
        Some(today) => (directive.alias_section, today),
    };
    let mut value = value;
    let keys = match (section, key) {
        // One for two.
        (Section::Service, "TimeoutSec") => vec!["TimeoutStartSec", "TimeoutStopSec"],
        // A switch for a word.
        (Section::Unit, "OnFailureIsolate") => {
            value = match directives::yes_or_no(value) {
                Some(true) => "isolate",
                Some(false) => "replace",
                None => value,
            };
            vec!["OnFailureJobMode"]
        }
        _ => vec![key],
    };
    let target = |key: &str| {
        Some(Target {
            section,
            key: key.to_owned(),
            rule: rule(section, key)?,
        })
    };
    let targets: Option<Vec<_>> = keys.into_iter().map(target).collect();
    match targets {
        Some(targets) => Resolved::Known {
            targets,
            value: value.to_owned(),
        },
        None => Resolved::Unknown(help(section, key)),
    }
}

/// What [`compare`](crate::unit_file::compare()) calls the list that a key's values stand in.
pub(crate) fn slot(section: Section, key: &str) -> &str {
    let list = rule(section, key).and_then(|rule| rule.list);
    list.unwrap_or(key)
}

/// The parser of a key that is no alias.
pub(in crate::unit_file) fn rule(section: Section, key: &str) -> Option<Rule> {
    directives::find(section, key).map(rule_of)
}

/// What was meant, if that can be said.
fn help(section: Section, key: &str) -> Option<String> {
    if let Some(other) = directives::sections_of(key).first() {
        return Some(format!("`{key}` belongs in [{}]", other.word()));
    }
    let near = directives::nearest(section, key)?;
    Some(format!("did you mean `{near}`?"))
}
