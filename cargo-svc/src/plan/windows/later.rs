//! Keys that are carried out under systemd and not yet on Windows: refused by name, so that none is dropped in silence.

use super::check::Check;
use crate::diagnostics::{Diagnostic, Place};
use crate::service::{Account, Portable, Profile, Start};

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
    if let Some(account) = &keys.account
        && matches!(account.value, Account::Static(_))
    {
        check.refuse(
            Diagnostic::error("a table for `account` names a user of Linux")
                .at(account.place())
                .label("Windows does not know it"),
        );
    }
    let first = |place: Option<&Place>| place.cloned();
    let hardening = keys
        .hardening
        .as_ref()
        .filter(|set| set.value.profile != Profile::Standard);
    let declared = [
        (
            "watchdog",
            "false",
            keys.watchdog.as_ref().map(|set| first(set.place())),
        ),
        (
            "directories",
            "false",
            keys.directories
                .iter()
                .next()
                .map(|(_, set)| first(set.place())),
        ),
        (
            "files",
            "false",
            keys.files.first().map(|set| first(set.place())),
        ),
        (
            "credentials",
            "false",
            keys.credentials.first().map(|set| first(set.place())),
        ),
        (
            "sockets",
            "false",
            keys.sockets.first().map(|set| first(set.place())),
        ),
        (
            "hardening",
            "\"standard\"",
            hardening.map(|set| first(set.place())),
        ),
    ];
    for (key, instead, place) in declared {
        let Some(place) = place else { continue };
        check.refuse(
            Diagnostic::error(format!("`{key}` is not supported on Windows yet"))
                .at(place.as_ref())
                .label("this version of cargo-svc carries it out under systemd only, and refuses it rather than ignore it")
                .help(format!("write `{key} = {instead}` in `[package.metadata.service.windows]`, or `windows = false` for a service that is for Linux only")),
        );
    }
}
