//! One service on one target: what was written, or the default.

use std::collections::BTreeMap;

use super::{Layers, Missing, Target};
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::manifest::{Manifest, may_have_runtime_feature, raw, uses_runtime};
use crate::service::defaults::{self, Defaults};
use crate::service::layer::{RESTART_DELAY, Slot, SystemdLayer};
use crate::service::merge::Variables;
use crate::service::{
    Account, EnvName, Folder, Hardening, Part, Portable, Profile, Restart, RestartPolicy,
    ServiceName, Setting, Start, Systemd, Text, TimeSpan, log, placeholders,
};

/// A service on one target, its references to other services not yet resolved.
pub(in crate::service) struct Draft {
    pub(in crate::service) portable: Portable,
    pub(in crate::service) after: Vec<Declared<String>>,
    pub(in crate::service) requires: Vec<Declared<String>>,
    /// Its portable name, by which other services refer to it.
    pub(in crate::service) reference: ServiceName,
}

/// The setting of a key: what was written, or the default.
fn setting<T>(written: Slot<T>, default: Option<T>) -> Setting<T> {
    match written {
        Some(written) => given(written),
        None => default.map(Declared::default_of),
    }
}

/// A written value; none where it was switched off.
fn given<T>(Declared { value, origin }: Declared<Option<T>>) -> Setting<T> {
    value.map(|value| Declared { value, origin })
}

/// The elements of an array key, none of which are left where it was switched off.
fn elements<T>(written: Slot<Vec<T>>) -> Option<Vec<T>> {
    written.map(|written| written.value.unwrap_or_default())
}

pub(super) fn draft(
    target: Target,
    layers: &Layers,
    defaults: &Defaults,
    manifest: &Manifest,
    missing: Missing,
    report: &mut Report,
) -> Option<Draft> {
    let own = match target {
        Target::Systemd => &layers.systemd,
        Target::Windows => &layers.windows,
    };
    let keys = own.clone().over(layers.portable.clone());
    let name = named(keys.name, &defaults.name, missing, report);
    let bin = named(keys.bin, &defaults.bin, missing, report);
    if let Some(bin) = &bin {
        defaults::check_bin(bin, manifest, report);
    }
    let description = match (keys.description, &defaults.description) {
        (Some(written), _) => given(written),
        (None, Ok(default)) => default.clone(),
        (None, Err(reason)) => {
            report.add((**reason).clone());
            None
        }
    };
    let documentation = match (elements(keys.documentation), &defaults.documentation) {
        (Some(written), _) => written,
        (None, Ok(default)) => default.clone(),
        (None, Err(reasons)) => {
            for reason in reasons {
                report.add(reason.clone());
            }
            Vec::new()
        }
    };
    let environment = environment(target, keys.environment, report);
    let directories = keys
        .directories
        .and_then(|directories| directories.value)
        .unwrap_or_default();
    // Everything that can be wrong has been said by now, but for what the values mean together.
    let name = name?;
    // Without its program a service can be judged all the same.
    let bin = bin.unwrap_or_else(|| Declared::default_of(name.value.to_string()));
    let portable_name = match layers.portable.name.clone() {
        Some(written) => given(written),
        None => defaults.name.clone().ok(),
    };
    let restart = Restart {
        policy: RestartPolicy::OnFailure,
        delay: RESTART_DELAY,
    };
    let default_dir = working_dir(target, directories.state.is_some(), &layers.own_systemd);
    let hardening = Hardening {
        profile: Profile::Standard,
        without: Vec::new(),
    };
    let draft = Draft {
        after: elements(keys.after).unwrap_or_default(),
        requires: elements(keys.requires).unwrap_or_default(),
        reference: portable_name.map_or_else(|| name.value.clone(), |name| name.value),
        portable: Portable {
            display_name: setting(keys.display_name, Some(name.value.to_string())),
            name,
            bin,
            description,
            documentation,
            args: elements(keys.args).unwrap_or_default(),
            environment,
            working_dir: setting(keys.working_dir, Some(default_dir)),
            start: setting(keys.start, Some(Start::Boot)),
            after: Vec::new(),
            requires: Vec::new(),
            account: setting(keys.account, Some(Account::Dynamic)),
            restart: setting(keys.restart, Some(restart)),
            start_timeout: setting(keys.start_timeout, Some(TimeSpan::from_secs(90))),
            stop_timeout: setting(keys.stop_timeout, Some(TimeSpan::from_secs(30))),
            watchdog: setting(keys.watchdog, None),
            events: elements(keys.events).unwrap_or_default(),
            directories,
            files: elements(keys.files).unwrap_or_default(),
            credentials: elements(keys.credentials).unwrap_or_default(),
            sockets: elements(keys.sockets).unwrap_or_default(),
            hardening: setting(keys.hardening, Some(hardening)),
            log: setting(keys.log, None),
        },
    };
    let template = target == Target::Systemd && layers.own_systemd.template == Some(true);
    placeholders::check(&draft.portable, template, report);
    log::check(&draft.portable, runtime(manifest, target), report);
    Some(draft)
}

/// What of svc-rt the package's program for a target has.
fn runtime(manifest: &Manifest, target: Target) -> log::Runtime {
    let has = |feature| may_have_runtime_feature(&manifest.package, feature);
    log::Runtime {
        is_used: uses_runtime(&manifest.package, target.system()),
        logs: has("log") || has("tracing"),
        logs_to_files: has("log-file"),
    }
}

/// Where a service works that does not say: in its state folder if it has one.
fn working_dir(target: Target, has_state: bool, own: &SystemdLayer) -> Text {
    let user = own
        .scope
        .as_ref()
        .is_some_and(|scope| scope.value == raw::Scope::User);
    let part = match target {
        _ if has_state => Part::Folder(Folder::State),
        // systemd.exec(5): the user's home.
        Target::Systemd if user => Part::Literal("~".into()),
        Target::Systemd => Part::Literal("/".into()),
        Target::Windows => Part::Folder(Folder::Install),
    };
    Text { parts: vec![part] }
}

pub(super) fn own_systemd(layer: SystemdLayer) -> Systemd {
    let default = Systemd::default();
    Systemd {
        kind: layer.kind,
        scope: layer.scope.unwrap_or(default.scope),
        min_version: layer.min_version.unwrap_or(default.min_version),
        wanted_by: layer.wanted_by,
        wants: layer.wants.unwrap_or_default(),
        capabilities: layer.capabilities.unwrap_or_default(),
        writable: layer.writable.unwrap_or_default(),
        template: layer.template.unwrap_or_default(),
        bin_dir: layer.bin_dir,
        unit: layer.unit.unwrap_or_default(),
        service: layer.service.unwrap_or_default(),
        install: layer.install.unwrap_or_default(),
        socket: layer.socket.unwrap_or_default(),
        timer: layer.timer,
        path: layer.path,
    }
}

/// A key that every service has: what was written, or the package's default, whose absence is an error.
fn named<T: Clone>(
    written: Slot<T>,
    default: &Result<Declared<T>, Box<Diagnostic>>,
    missing: Missing,
    report: &mut Report,
) -> Option<Declared<T>> {
    if let Some(written) = written {
        return given(written);
    }
    match default {
        // What is missing there was reported; the package's name would be another service.
        _ if missing == Missing::EachItsOwn => None,
        Ok(default) => Some(default.clone()),
        Err(reason) => {
            report.add((**reason).clone());
            None
        }
    }
}

/// The variables of a target.
fn environment(
    target: Target,
    written: Slot<Variables>,
    report: &mut Report,
) -> BTreeMap<EnvName, Declared<Text>> {
    let variables = written
        .and_then(|written| written.value)
        .unwrap_or_default();
    let mut environment: BTreeMap<EnvName, Declared<Text>> = BTreeMap::new();
    for (name, value) in variables {
        let Some(value) = given(value) else { continue };
        let twin = environment
            .keys()
            .find(|other| other.as_str().eq_ignore_ascii_case(name.as_str()));
        match twin {
            Some(twin) if target == Target::Windows => report.add(
                Diagnostic::error(format!("`{twin}` and `{name}` are one variable on Windows"))
                    .at(value.place())
                    .label("the names differ only by case")
                    .help(format!(
                        "switch one off there: `{name} = false` in `[package.metadata.service.windows.environment]`"
                    )),
            ),
            _ => {
                environment.insert(name, value);
            }
        }
    }
    environment
}
