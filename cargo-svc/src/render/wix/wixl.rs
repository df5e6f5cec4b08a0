//! What wixl, which builds sources for v3 on Linux, makes of ours: it knows no action that takes something back, and loses dollar signs.

use std::collections::BTreeSet;

use crate::plan::windows::installer::{CustomAction, Installer, Moment, Task};

/// Whether wixl can build an action. The variables of PowerShell have dollar signs.
pub(super) fn can_build(action: &CustomAction) -> bool {
    let in_place = match &action.task {
        Task::Set { .. } => true,
        Task::Run { moment, .. } => *moment == Moment::InPlace,
    };
    in_place && !action.runs_powershell()
}

/// Whether one of these texts, or one that only properties hold, has a dollar sign that wixl would lose. What only actions use that
/// it does not build is nothing to it.
pub(super) fn loses_dollars(installer: &Installer, texts: &[&str]) -> bool {
    let mut left_out = BTreeSet::new();
    for action in installer.actions.iter().filter(|action| !can_build(action)) {
        left_out.extend(action.text().properties());
    }
    let built = installer.actions.iter().filter(|action| can_build(action));
    let services = installer.components.iter().flat_map(|one| &one.services);
    let rows = services.flat_map(|row| {
        let texts = [&row.display_name, &row.arguments];
        texts.into_iter().chain(&row.description)
    });
    for text in built.map(CustomAction::text).chain(rows) {
        for name in text.properties() {
            left_out.remove(name);
        }
    }
    let mut values = installer
        .properties
        .iter()
        .filter(|property| !left_out.contains(property.name.as_ref()))
        .filter_map(|property| property.value.as_deref());
    values.any(|value| value.contains('$')) || texts.iter().any(|text| text.contains('$'))
}
