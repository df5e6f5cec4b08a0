//! What Windows has no way to, or nothing here carries out yet: refused by name, so that none is dropped in silence.

use super::check::Check;
use crate::diagnostics::Diagnostic;
use crate::service::{PackageSettings, Portable, Start};

/// Refuses those that a service declares.
pub(super) fn refuse(keys: &Portable, check: &mut Check) {
    let on_demand = keys
        .start
        .as_ref()
        .filter(|start| start.value == Start::OnDemand);
    if let Some(start) = on_demand {
        check.refuse(
            Diagnostic::error("`start = \"on-demand\"` cannot be carried out on Windows")
                .at(start.place())
                .label("nothing there starts a service when somebody connects")
                .help("say what Windows shall do: `start = \"boot\"` in `[package.metadata.service.windows]`"),
        );
    }
}

/// Refuses what only a Windows Installer package carries out.
pub(super) fn refuse_settings(settings: &PackageSettings, check: &mut Check) {
    let declared = [("license", &settings.license), ("icon", &settings.icon)];
    for (key, value) in declared {
        let Some(value) = value else { continue };
        check.refuse(
            Diagnostic::error(format!("`{key}` is not supported yet"))
                .at(value.place())
                .label("this version of cargo-svc refuses it rather than ignore it"),
        );
    }
}
