//! Keys that no script carries out yet, or that Windows has no way to: refused by name, so that none is dropped in silence.

use super::check::Check;
use crate::diagnostics::{Diagnostic, Place};
use crate::service::windows::Windows;
use crate::service::{Account, PackageSettings, Portable, Start};

/// Refuses those that a service declares.
pub(super) fn refuse(keys: &Portable, own: &Windows, check: &mut Check) {
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
    let first = |place: Option<&Place>| place.cloned();
    let named = keys
        .account
        .as_ref()
        .filter(|account| matches!(account.value, Account::Named(_)));
    let declared = [
        (
            "directories",
            "directories = false",
            keys.directories
                .iter()
                .next()
                .map(|(_, set)| first(set.place())),
        ),
        (
            "files",
            "files = false",
            keys.files.first().map(|set| first(set.place())),
        ),
        (
            "credentials",
            "credentials = false",
            keys.credentials.first().map(|set| first(set.place())),
        ),
        (
            "account",
            "account = \"dynamic\"",
            named.map(|set| first(set.place())),
        ),
        (
            "firewall",
            "firewall = false",
            own.firewall.as_ref().map(|set| first(set.place())),
        ),
        (
            "install-dir",
            "",
            own.install_dir.as_ref().map(|set| first(set.place())),
        ),
    ];
    for (key, instead, place) in declared {
        let Some(place) = place else { continue };
        let mut error = Diagnostic::error(format!("`{key}` is not supported on Windows yet"))
            .at(place.as_ref())
            .label("this version of cargo-svc refuses it rather than ignore it");
        if !instead.is_empty() {
            error = error.help(format!("write `{instead}` in `[package.metadata.service.windows]`, or `windows = false` for a service that is for Linux only"));
        }
        check.refuse(error);
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
