//! Disk images, what is mounted of them, and how they are verified.

use super::words::{Rules, Words};
use super::{Found, leaf, path, stream};
use crate::directives::{Directive, Kind};

/// The partitions of a disk image.
const PARTITIONS: [&str; 13] = [
    "root",
    "usr",
    "home",
    "srv",
    "esp",
    "xbootldr",
    "swap",
    "root-verity",
    "usr-verity",
    "root-verity-sig",
    "usr-verity-sig",
    "tmp",
    "var",
];

/// `[-]SOURCE[:DESTINATION][:OPTIONS | :PARTITION:OPTIONS …]`, or options alone.
pub(super) fn images(directive: &Directive, value: &str) -> Found {
    for word in Words::new(value, Rules::OUTER) {
        let parts: Vec<String> =
            Words::between(&word?, ":", Rules::ESCAPED_BARE).collect::<Result<_, _>>()?;
        let paths = match directive.name {
            _ if directive.kind == Kind::MountOptions => 0,
            "MountImages" => 2,
            _ => 1,
        };
        if parts.len() < paths {
            return Err("there is no destination".into());
        }
        let (paths, options) = parts.split_at(paths);
        for path in paths {
            leaf(directive, path, &path::optional)?;
        }
        for pair in options.chunks(2) {
            if let Some(options) = pair.last() {
                leaf(directive, options, &|_| Ok(()))?;
            }
            if let [partition, _] = pair
                && !PARTITIONS.contains(&partition.as_str())
            {
                return Err(format!("`{partition}` is no partition"));
            }
        }
    }
    Ok(())
}

pub(super) fn policy(value: &str) -> Found {
    if matches!(value, "*" | "-" | "~") {
        return Ok(());
    }
    // What partitions and uses there are differs between versions, and systemd lets pass what it does not know.
    match value.split(':').find(|rule| !rule.contains('=')) {
        Some(rule) => Err(format!("`{rule}` is no rule")),
        None => Ok(()),
    }
}

pub(super) fn hash(value: &str) -> Found {
    if value.starts_with('/') {
        return Ok(());
    }
    let digits = value.bytes().filter(|b| !b.is_ascii_whitespace());
    if digits.clone().all(|b| b.is_ascii_hexdigit()) && digits.count() >= 32 {
        Ok(())
    } else {
        Err("it is no hash".into())
    }
}

pub(super) fn signature(value: &str) -> Found {
    match value.strip_prefix("base64:") {
        Some(data) => stream::base64(data),
        None if value.starts_with('/') => Ok(()),
        None => Err("it is no signature".into()),
    }
}
