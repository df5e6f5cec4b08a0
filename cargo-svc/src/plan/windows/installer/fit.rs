//! Texts that are longer than their column is meant for: their literal parts move into properties, whose values may be of any
//! length and are put in as they stand.

use super::identity::key;
use super::{Formatted, Fragment, Installer, Property, Task};
use crate::escape::msi;

/// Longest text of a column that holds a command line or a line for people (Microsoft, "Database Tables").
const LONGEST: usize = 255;

/// Makes all texts fit.
pub(super) fn fit(installer: &mut Installer) {
    let mut properties = Vec::new();
    for action in &mut installer.actions {
        if let Task::Run { arguments, .. } = &mut action.task {
            shorten(arguments, &action.id, &mut properties);
        }
    }
    for service in installer
        .components
        .iter_mut()
        .flat_map(|component| &mut component.services)
    {
        let of = |what: &str| format!("{}.{what}", service.id);
        shorten(&mut service.arguments, &of("Arguments"), &mut properties);
        shorten(&mut service.display_name, &of("Name"), &mut properties);
        if let Some(text) = &mut service.description {
            shorten(text, &of("Description"), &mut properties);
        }
    }
    installer.properties.extend(properties);
}

fn shorten(text: &mut Formatted, id: &str, properties: &mut Vec<Property>) {
    if msi::formatted(text).chars().count() <= LONGEST {
        return;
    }
    let mut short = Formatted::default();
    for (number, piece) in text.pieces().iter().enumerate() {
        match piece {
            // Shorter than any name of a property would be.
            Fragment::Literal(literal) if literal.len() < 16 => short.push(literal),
            Fragment::Literal(literal) => {
                let name = key("Text", &format!("{id}.{number}"));
                short.push_property(&name);
                properties.push(Property {
                    name,
                    value: Some(literal.clone()),
                    secure: false,
                    hidden: false,
                    of_product: false,
                });
            }
            Fragment::Property(name) => short.push_property(name),
        }
    }
    *text = short;
}
