//! What Windows has no way to: refused by name, so that none is dropped in silence.

use super::check::Check;
use crate::diagnostics::Diagnostic;
use crate::service::{Portable, Start};

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
