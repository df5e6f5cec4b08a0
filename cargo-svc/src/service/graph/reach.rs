//! Whether a unit that is referred to is there for the manager that looks for it: a template is no unit until somebody names an
//! instance, and the machine's manager and each user's have units of their own (systemd.unit(5)).

use crate::diagnostics::{Declared, Diagnostic};
use crate::service::systemd::{Scope, Systemd};
use crate::service::{After, ServiceName};

/// What decides where the unit of a service is to be found.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Reach {
    scope: Scope,
    template: bool,
}

impl Reach {
    pub(in crate::service) fn of(own: &Systemd) -> Self {
        Self {
            scope: own.scope.value,
            template: own.template,
        }
    }

    /// Why a service cannot refer to another one of its package.
    pub(super) fn refuse(
        self,
        other: Self,
        key: &str,
        typed: &Declared<String>,
        unit: &ServiceName,
    ) -> Option<Diagnostic> {
        let name = &typed.value;
        let found = if self.scope != other.scope {
            let (whose, others) = match self.scope {
                Scope::User => ("a user's manager", "the machine's"),
                Scope::System => ("the machine's manager", "users'"),
            };
            Diagnostic::error(format!("`{name}` is a unit of another manager of systemd"))
                .label(format!("{whose} knows none of {others} units"))
                .help("give both the same `scope`, or let the program wait until the other one answers")
                .help(format!("`{key} = false` under `systemd` leaves it out there"))
        } else if other.template {
            let instance = format!("{unit}@NAME.service");
            let found = Diagnostic::error(format!(
                "`{name}` is a template: there is no unit `{unit}.service`"
            ))
            .label(format!("only its instances run, such as `{instance}`"));
            if key == "after" {
                found.help(format!(
                    "name the instance: `after = [\"{instance}\"]` under `systemd`; `wants` there also starts it"
                ))
            } else {
                found.help(format!(
                    "name the instance: `requires = false`, `after = [\"{instance}\"]` and `unit = {{ Requires = \"{instance}\" }}` \
                     under `systemd`"
                ))
            }
        } else {
            return None;
        };
        Some(found.at(typed.place()).rests_on(&["scope"]))
    }

    /// Why a service cannot wait for what the machine provides.
    pub(super) fn refuse_target(
        self,
        typed: &Declared<String>,
        meant: &After,
    ) -> Option<Diagnostic> {
        let is_machines = matches!(
            meant,
            After::Network | After::NetworkOnline | After::TimeSync
        );
        (self.scope == Scope::User && is_machines).then(|| {
            Diagnostic::error(format!("`{}` does not go with `scope = \"user\"`", typed.value))
                .at(typed.place())
                .label("only the machine's manager has this target: a user's would wait for nothing")
                .help("write `after = false` under `systemd`, and let the program try again until it has what it needs")
                .rests_on(&["scope"])
        })
    }
}
