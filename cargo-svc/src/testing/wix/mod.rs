//! Rules of WiX sources that no schema is needed for: which attributes an element must and may have and what may stand in them,
//! identifiers, that none is there twice, and that what is referred to is there.

mod elements;

use std::collections::{BTreeMap, BTreeSet};

use elements::{ELEMENTS, Known, STANDARD_ACTIONS, words};

pub(crate) use elements::Generation;

use super::xml::Element;

/// Most characters of a key of a table ("Identifier", Microsoft; WiX warns of longer ones).
pub(super) const IDENTIFIER: usize = 72;

/// Folders of Windows Installer's own.
const STANDARD_FOLDERS: [&str; 5] = [
    "TARGETDIR",
    "ProgramFiles64Folder",
    "ProgramFiles6432Folder",
    "CommonAppDataFolder",
    "System64Folder",
];

/// The generation that a source says that it is of.
///
/// # Panics
/// If it is of none.
pub(crate) fn generation(root: &Element) -> Generation {
    match root.get("xmlns") {
        "http://schemas.microsoft.com/wix/2006/wi" => Generation::Three,
        "http://wixtoolset.org/schemas/v4/wxs" => Generation::Four,
        other => panic!("no namespace of WiX's: {other:?}"),
    }
}

/// Checks a source; one that stands alone holds all that it refers to.
///
/// # Panics
/// If a rule is broken.
pub(crate) fn check(root: &Element, generation: Generation, alone: bool) {
    element(root, "", generation);
    unique(root);
    references(root, alone);
    parts(root);
}

fn element(found: &Element, parent: &str, generation: Generation) {
    let sequence = ["InstallExecuteSequence", "InstallUISequence"];
    if sequence.contains(&parent) && STANDARD_ACTIONS.contains(&found.name.as_str()) {
        let known = Known {
            name: "",
            parents: "",
            attributes: "4:Condition? Sequence?=number Before? After? Suppress?=yesno",
        };
        attributes(found, &known, generation);
        return;
    }
    let known = ELEMENTS.iter().find(|known| known.name == found.name);
    let known = known.unwrap_or_else(|| {
        panic!(
            "`{}` is no element that is known: put it into the table",
            found.name
        )
    });
    let fits = known
        .parents
        .split_whitespace()
        .any(|known| known == parent);
    assert!(
        fits || parent.is_empty() && known.parents.is_empty(),
        "`{}` in `{parent}`",
        found.name
    );
    attributes(found, known, generation);
    let has_text = matches!(
        found.name.as_str(),
        "Custom" | "Condition" | "MultiStringValue"
    );
    let may_have_text = has_text && generation == Generation::Three;
    assert!(
        may_have_text || found.text.trim().is_empty(),
        "text in `{}`: {:?}",
        found.name,
        found.text
    );
    for child in &found.children {
        element(child, &found.name, generation);
    }
}

fn attributes(found: &Element, known: &Known, generation: Generation) {
    let mut rest: BTreeMap<&str, &str> = found
        .attributes
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for word in known.attributes.split_whitespace() {
        let word = match word.split_once(':') {
            Some(("3", word)) if generation == Generation::Three => word,
            Some(("4", word)) if generation == Generation::Four => word,
            Some(_) => continue,
            None => word,
        };
        let (name, kind) = word.split_once('=').unwrap_or((word, ""));
        let (name, optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let value = rest.remove(name);
        assert!(
            value.is_some() || optional,
            "`{}` lacks `{name}`: {found:?}",
            found.name
        );
        if let Some(value) = value {
            let right = is_right(kind, value);
            assert!(right, "`{}` has `{name}=\"{value}\"`", found.name);
        }
    }
    assert!(rest.is_empty(), "`{}` has {rest:?}", found.name);
}

fn is_right(kind: &str, value: &str) -> bool {
    if let Some(words) = words(kind) {
        return words.contains(&value);
    }
    match kind {
        "id" => is_identifier(value),
        "number" => value.parse::<u32>().is_ok(),
        "star" => value == "*",
        "guid" => is_guid(value),
        // Microsoft, `CreateServiceW`.
        "service" => !value.is_empty() && value.len() <= 256 && !value.contains(['/', '\\']),
        other => {
            assert_eq!(other, "", "a kind that nobody checks");
            true
        }
    }
}

/// Letters, digits, underscores and periods, of which the first is a letter or an underscore.
fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first
        && text.len() <= IDENTIFIER
        && chars.all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
}

fn is_guid(text: &str) -> bool {
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let Some(inner) = inner else { return false };
    let groups: Vec<usize> = inner.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12]
        && inner
            .chars()
            .all(|c| matches!(c, '-' | '0'..='9' | 'A'..='F'))
}

/// No key is there twice among elements of one table.
fn unique(root: &Element) {
    for known in ELEMENTS {
        let refers = known.name.ends_with("Ref") || known.name == "ServiceDependency";
        // Several may make the same folder's tree grow, or look for the same thing.
        if refers || known.name == "StandardDirectory" {
            continue;
        }
        for key in ["Id", "Guid"] {
            let mut seen = BTreeSet::new();
            for value in root.find(known.name) {
                let value = value.get(key);
                assert!(
                    value.is_empty() || value == "*" || seen.insert(value),
                    "two `{}` {value}",
                    known.name
                );
            }
        }
    }
    let mut numbers = BTreeSet::new();
    for action in root.find("Custom") {
        assert!(numbers.insert(action.get("Sequence")), "{action:?}");
    }
}

fn references(root: &Element, alone: bool) {
    let ids = |name: &str| -> BTreeSet<&str> {
        root.find(name)
            .iter()
            .map(|found| found.get("Id"))
            .collect()
    };
    let actions = ids("CustomAction");
    let used: BTreeSet<&str> = root
        .find("Custom")
        .iter()
        .map(|found| found.get("Action"))
        .collect();
    assert_eq!(actions, used, "an action that never runs, or is not there");
    let mut folders = ids("Directory");
    folders.extend(STANDARD_FOLDERS);
    for name in ["DirectoryRef", "StandardDirectory"] {
        assert!(ids(name).is_subset(&folders), "{:?}", ids(name));
    }
    for (name, attribute) in [
        ("ComponentGroup", "Directory"),
        ("Component", "Directory"),
        ("CreateFolder", "Directory"),
        ("RemoveFolder", "Directory"),
    ] {
        for found in root.find(name) {
            let folder = found.get(attribute);
            assert!(
                folder.is_empty() || folders.contains(folder),
                "{name}: {folder}"
            );
        }
    }
    let groups = ids("ComponentGroup");
    let referred = ids("ComponentGroupRef");
    assert!(referred.is_subset(&groups), "{referred:?}");
    assert_eq!(
        alone,
        !referred.is_empty(),
        "only what stands alone has a feature"
    );
    let mut properties = ids("Property");
    // What another action sets first is one, too.
    let sets = root.find("CustomAction");
    properties.extend(
        sets.iter()
            .filter(|set| !set.get("Value").is_empty())
            .map(|set| set.get("Property")),
    );
    properties.extend(&folders);
    for action in root.find("CustomAction") {
        let property = action.get("Property");
        assert!(
            property.is_empty() || properties.contains(property),
            "{property}"
        );
    }
    let services: BTreeSet<&str> = root
        .find("ServiceInstall")
        .iter()
        .map(|found| found.get("Name"))
        .collect();
    let controlled: BTreeSet<&str> = root
        .find("ServiceControl")
        .iter()
        .map(|found| found.get("Name"))
        .collect();
    assert_eq!(services, controlled);
}

/// What holds for the parts of a whole.
fn parts(root: &Element) {
    for component in root.find("Component") {
        let own = component.get("KeyPath") == "yes";
        let inner = component
            .children
            .iter()
            .filter(|part| part.get("KeyPath") == "yes");
        assert_eq!(
            inner.count() + usize::from(own),
            1,
            "{}",
            component.get("Id")
        );
    }
    for property in root.find("Property") {
        let id = property.get("Id");
        // Microsoft, "Public Properties": what the elevated half is handed has no small letter.
        let public = !id.chars().any(|c| c.is_ascii_lowercase());
        assert!(public || property.get("Secure") != "yes", "{id}");
        let empty = property
            .attributes
            .get("Value")
            .is_some_and(String::is_empty);
        assert!(!empty, "{id} has an empty value, which a table cannot hold");
    }
    for feature in root.find("Feature") {
        // Microsoft, "Feature Table".
        assert!(feature.get("Title").chars().count() <= 64, "{feature:?}");
    }
    for action in root.find("CustomAction") {
        // A program by a property (type 50), or a property's value (type 51).
        let ways = ["ExeCommand", "Value"].map(|way| action.attributes.contains_key(way));
        assert!(ways[0] != ways[1], "{action:?}");
        // What changes the machine does so as the machine.
        assert_eq!(ways[0], action.get("Impersonate") == "no", "{action:?}");
    }
}

#[cfg(test)]
mod tests;
