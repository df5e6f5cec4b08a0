//! Laying one table over another, key by key.

use std::collections::BTreeMap;

use super::layer::{Layer, Slot};
use super::{EnvName, Text};
use crate::diagnostics::Declared;

impl Layer {
    /// These keys, and those of the layer below where there are none; variables one by one.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            name: self.name.or(below.name),
            bin: self.bin.or(below.bin),
            display_name: self.display_name.or(below.display_name),
            description: self.description.or(below.description),
            documentation: self.documentation.or(below.documentation),
            args: self.args.or(below.args),
            environment: over_environment(self.environment, below.environment),
            working_dir: self.working_dir.or(below.working_dir),
            start: self.start.or(below.start),
            after: self.after.or(below.after),
            requires: self.requires.or(below.requires),
            account: self.account.or(below.account),
            restart: self.restart.or(below.restart),
            start_timeout: self.start_timeout.or(below.start_timeout),
            stop_timeout: self.stop_timeout.or(below.stop_timeout),
            watchdog: self.watchdog.or(below.watchdog),
            events: self.events.or(below.events),
            directories: self.directories.or(below.directories),
            files: self.files.or(below.files),
            credentials: self.credentials.or(below.credentials),
            sockets: self.sockets.or(below.sockets),
            hardening: self.hardening.or(below.hardening),
            log: self.log.or(below.log),
        }
    }
}

pub(super) type Variables = BTreeMap<EnvName, Declared<Option<Text>>>;

fn over_environment(above: Slot<Variables>, below: Slot<Variables>) -> Slot<Variables> {
    let Some(mut above) = above else {
        return below;
    };
    // `environment = false` leaves none of them.
    if let (Some(variables), Some(below)) = (&mut above.value, below) {
        for (name, value) in below.value.into_iter().flatten() {
            variables.entry(name).or_insert(value);
        }
    }
    Some(above)
}
