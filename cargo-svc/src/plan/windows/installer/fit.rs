//! Texts that are longer than their column is meant for: their literal parts move into properties, whose values may be of any
//! length and are put in as they stand.

use super::identity::key;
use super::{Formatted, Fragment, Installer, Property, Task};
use crate::escape::msi;

/// Longest text of a column that holds a command line or a line for people (Microsoft, "Database Tables").
const LONGEST: usize = 255;

/// Makes all texts fit. The services for whose command lines that is not enough: they name folders too often.
pub(super) fn fit(installer: &mut Installer) -> Vec<String> {
    let mut parts = Parts::default();
    let mut long_lines = Vec::new();
    for action in &mut installer.actions {
        if let Task::Run { arguments, .. } = &mut action.task
            && !parts.shorten(arguments)
        {
            long_lines.push(action.id.as_ref());
        }
    }
    for condition in &mut installer.conditions {
        parts.shorten(&mut condition.message);
    }
    let mut too_long = Vec::new();
    for service in installer
        .components
        .iter_mut()
        .flat_map(|component| &mut component.services)
    {
        parts.shorten(&mut service.display_name);
        let fits = parts.shorten(&mut service.arguments);
        if let Some(text) = &mut service.description {
            parts.shorten(text);
        }
        let registers = |line: &str| {
            let mut kinds = ["Create", "Change"].into_iter();
            kinds.any(|kind| line == key(kind, &service.name))
        };
        if !fits || long_lines.iter().copied().any(registers) {
            too_long.push(service.name.clone());
        }
    }
    installer.properties.append(&mut parts.0);
    too_long
}

fn fits(text: &Formatted) -> bool {
    msi::length(text) <= LONGEST
}

/// The properties that hold parts of texts: a part that several have is there once.
#[derive(Default)]
struct Parts(Vec<Property>);

impl Parts {
    /// Makes a text fit, or says that it does not.
    fn shorten(&mut self, text: &mut Formatted) -> bool {
        if fits(text) {
            return true;
        }
        let mut short = Formatted::default();
        for piece in text.pieces() {
            match piece {
                Fragment::Literal(literal) => self.put(literal, &mut short),
                Fragment::Property(name) => short.push_property(name),
            }
        }
        *text = short;
        fits(text)
    }

    fn put(&mut self, literal: &str, short: &mut Formatted) {
        let known = self
            .0
            .iter()
            .find(|part| part.value.as_deref() == Some(literal));
        let name = known.map_or_else(
            || format!("Text.{}", self.0.len() + 1).into(),
            |part| part.name.clone(),
        );
        // In brackets.
        if msi::literal_length(literal) <= name.len() + 2 {
            short.push(literal);
            return;
        }
        short.push_property(&name);
        if known.is_none() {
            self.0.push(Property {
                name,
                value: Some(literal.to_owned().into()),
                secure: false,
                hidden: false,
                of_product: false,
            });
        }
    }
}
