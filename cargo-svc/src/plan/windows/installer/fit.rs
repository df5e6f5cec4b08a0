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
    for action in &mut installer.actions {
        if let Task::Run { arguments, .. } = &mut action.task {
            parts.shorten(arguments);
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
        parts.shorten(&mut service.arguments);
        if let Some(text) = &mut service.description {
            parts.shorten(text);
        }
        let register = ["Create", "Change"].map(|what| key(what, &service.name));
        let mut lines = installer
            .actions
            .iter()
            .filter_map(|action| match &action.task {
                Task::Run { arguments, .. } if register.contains(&action.id) => Some(arguments),
                _ => None,
            });
        if !fits(&service.arguments) || lines.any(|line| !fits(line)) {
            too_long.push(service.name.clone());
        }
    }
    installer.properties.append(&mut parts.0);
    too_long
}

fn fits(text: &Formatted) -> bool {
    msi::longest(text) <= LONGEST || msi::formatted(text).chars().count() <= LONGEST
}

/// The properties that hold parts of texts: a part that several have is there once.
#[derive(Default)]
struct Parts(Vec<Property>);

impl Parts {
    fn shorten(&mut self, text: &mut Formatted) {
        if fits(text) {
            return;
        }
        let mut short = Formatted::default();
        for piece in text.pieces() {
            match piece {
                Fragment::Literal(literal) => self.put(literal, &mut short),
                Fragment::Property(name) => short.push_property(name),
            }
        }
        *text = short;
    }

    fn put(&mut self, literal: &str, short: &mut Formatted) {
        let known = self
            .0
            .iter()
            .find(|part| part.value.as_deref() == Some(literal));
        let name = known.map_or_else(
            || format!("Text.{}", self.0.len() + 1),
            |part| part.name.clone(),
        );
        let written = msi::formatted(&Formatted::literal(literal));
        // In brackets.
        if written.chars().count() <= name.len() + 2 {
            short.push(literal);
            return;
        }
        short.push_property(&name);
        if known.is_none() {
            self.0.push(Property {
                name,
                value: Some(literal.to_owned()),
                secure: false,
                hidden: false,
                of_product: false,
            });
        }
    }
}
