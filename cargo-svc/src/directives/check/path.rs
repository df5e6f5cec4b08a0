//! Paths, and what is told of them.

use super::words::{BLANK, Rules, Words};
use super::{Found, leaf, listed, name};
use crate::directives::Directive;

/// Longest path in bytes, without its NUL, and longest component.
const PATH: usize = 4095;
const COMPONENT: usize = 255;

/// A path that systemd can keep: without `..` and not too long.
pub(super) fn any(text: &str) -> Found {
    if text.is_empty() {
        return Err("a path is empty".into());
    }
    if text.split('/').any(|part| part == "..") {
        return Err("`..` stands in a path".into());
    }
    valid(text)
}

pub(super) fn absolute(text: &str) -> Found {
    if text.starts_with('/') {
        any(text)
    } else {
        Err(format!("`{text}` is no absolute path"))
    }
}

/// What belongs to the kernel is no place for files.
pub(super) fn plain(text: &str) -> Found {
    absolute(text)?;
    let below = |folder: &&str| {
        let rest = text.strip_prefix(*folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match ["/dev", "/proc", "/sys"].into_iter().find(below) {
        Some(folder) => Err(format!("a path lies below {folder}")),
        None => Ok(()),
    }
}

/// A path whose beginning may be left out.
pub(super) fn in_run(text: &str) -> Found {
    if text.starts_with('/') {
        plain(text)
    } else {
        any(text)
    }
}

/// What the kernel takes as a path, `..` or not.
pub(super) fn valid(text: &str) -> Found {
    if text.len() > PATH || text.split('/').any(|part| part.len() > COMPONENT) {
        return Err("a path is too long".into());
    }
    Ok(())
}

fn relative(text: &str) -> Found {
    if text.starts_with('/') {
        Err(format!("`{text}` is absolute"))
    } else {
        any(text)
    }
}

/// After an optional `-`.
pub(super) fn optional(text: &str) -> Found {
    absolute(text.strip_prefix('-').unwrap_or(text))
}

pub(super) fn working_directory(text: &str) -> Found {
    match text.strip_prefix('-').unwrap_or(text) {
        "~" => Ok(()),
        path => absolute(path),
    }
}

pub(super) fn condition(directive: &Directive, value: &str) -> Found {
    let value = value.strip_prefix('|').unwrap_or(value);
    leaf(
        directive,
        value.strip_prefix('!').unwrap_or(value),
        &absolute,
    )
}

pub(super) fn sandbox(directive: &Directive, value: &str) -> Found {
    super::each(directive, value, &|text| {
        let text = text.strip_prefix('-').unwrap_or(text);
        absolute(text.strip_prefix('+').unwrap_or(text))
    })
}

pub(super) fn search(directive: &Directive, value: &str) -> Found {
    let rules = Rules::PARTS;
    for part in Words::between(value, ":", rules) {
        leaf(directive, &part?, &absolute)?;
    }
    Ok(())
}

/// `SOURCE[:DESTINATION[:OPTIONS]]`, whose parts may each be quoted.
pub(super) fn bind(directive: &Directive, value: &str) -> Found {
    for word in Words::new(value, Rules::OUTER) {
        let parts: Vec<String> =
            Words::between(&word?, ":", Rules::PARTS).collect::<Result<_, _>>()?;
        let (paths, options) = parts.split_at(parts.len().min(2));
        for path in paths {
            leaf(directive, path, &optional)?;
        }
        for option in options.iter().flat_map(|options| options.split(',')) {
            if !option.is_empty() && !listed(directive, &format!(":{option}")) {
                return Err(format!("`{option}` is no option of a bind mount"));
            }
        }
    }
    Ok(())
}

pub(super) fn temporary(directive: &Directive, value: &str) -> Found {
    for word in Words::new(value, Rules::QUOTED) {
        let word = word?;
        leaf(
            directive,
            word.split(':').next().unwrap_or_default(),
            &absolute,
        )?;
    }
    Ok(())
}

/// `PATH[:SYMLINK[:FLAG]]`, with escapes in each part.
pub(super) fn directories(directive: &Directive, value: &str) -> Found {
    for word in Words::new(value, Rules::OUTER) {
        let parts: Vec<String> =
            Words::between(&word?, ":", Rules::ESCAPED_PARTS).collect::<Result<_, _>>()?;
        let [path, rest @ ..] = parts.as_slice() else {
            continue;
        };
        leaf(directive, path, &|path| {
            relative(path)?;
            if path == "private" || path.starts_with("private/") {
                return Err("`private` is systemd's own".into());
            }
            Ok(())
        })?;
        match rest {
            [] => {}
            [link, ..] if !link.is_empty() && !listed(directive, ":") => {
                return Err("it takes no symbolic links".into());
            }
            [link, flags @ ..] => {
                if !link.is_empty() {
                    leaf(directive, link, &relative)?;
                }
                let known = |flag: &str| flag.is_empty() || listed(directive, &format!(":{flag}"));
                if let Some(flag) = flags.iter().find(|flag| !known(flag)) {
                    return Err(format!("`{flag}` is no flag of a directory"));
                }
            }
        }
    }
    Ok(())
}

pub(super) fn open_file(directive: &Directive, value: &str) -> Found {
    let parts: Vec<String> =
        Words::between(value, ":", Rules::ESCAPED_PARTS).collect::<Result<_, _>>()?;
    let (path, rest) = parts.split_first().ok_or("there is no path")?;
    if rest.len() > 2 {
        return Err("it has more than three parts".into());
    }
    if !path.starts_with('/') {
        return Err(format!("`{path}` is no absolute path"));
    }
    valid(path)?;
    if let Some(fd) = rest.first().filter(|fd| !fd.is_empty()) {
        name::fd(fd)?;
    }
    let options = rest.get(1).map(String::as_str).unwrap_or_default();
    match options
        .split(',')
        .find(|option| !option.is_empty() && !listed(directive, option))
    {
        Some(option) => Err(format!("`{option}` is no option of an open file")),
        None => Ok(()),
    }
}

/// The first word, which is a path, and the rest of the line.
fn first_word(value: &str) -> Result<(String, &str), String> {
    let mut words = Words::new(value, Rules::QUOTED);
    let first = words.next().ok_or("there is no path")??;
    let rest = words.rest().unwrap_or_default();
    Ok((first, rest.trim_start_matches(|c| BLANK.contains(c))))
}

pub(super) fn device_access(directive: &Directive, value: &str) -> Found {
    let (device, rights) = first_word(value)?;
    leaf(directive, &device, &|device| {
        let node = ["/dev/", "/run/systemd/inaccessible/"];
        if device.starts_with("block-") || device.starts_with("char-") {
            Ok(())
        } else if node.iter().any(|folder| device.starts_with(folder)) {
            any(device)
        } else {
            Err(format!("`{device}` is no device"))
        }
    })?;
    if rights.chars().all(|c| "rwm".contains(c)) {
        Ok(())
    } else {
        Err(format!("`{rights}` are no rights"))
    }
}

pub(super) fn device(directive: &Directive, value: &str, test: &dyn Fn(&str) -> Found) -> Found {
    let (path, rest) = first_word(value)?;
    if rest.is_empty() {
        return Err("only a path is there".into());
    }
    leaf(directive, &path, &any)?;
    test(rest)
}

pub(super) fn bpf_program(directive: &Directive, value: &str) -> Found {
    let (kind, path) = value.split_once(':').ok_or("there is no colon in it")?;
    super::member(directive, kind)?;
    leaf(directive, path, &absolute)
}
