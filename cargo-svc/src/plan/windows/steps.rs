//! What an installation sets, step by step, and how each step is taken back.

use super::{AddRemove, Recovery, Registration, Sid, StartType, Value, WindowsService};

/// One thing that an installation sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it sets.
    pub action: Action,
    /// In which runs it does so.
    pub when: When,
    /// How a run that fails later takes it back.
    pub undo: Undo,
}

/// In which runs a step applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// In every run: an upgrade rewrites it.
    Always,
    /// When the thing is new, and when the operator asks for a reset: otherwise what the operator tuned stays, and the
    /// installer says where it differs.
    FirstInstallOrReset,
}

/// How a step is taken back when a later one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// What this run created is removed; what was there stays.
    RemoveIfNew,
    /// What was there before comes back: the file, or these values of the registry key.
    Restore(&'static [&'static str]),
}

/// A step's action. Every front end handles each of them, or says by name which it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The install folder, with a protected access list.
    InstallFolder {
        /// Who may read and run what is in it, besides the machine and its administrators, who may do everything.
        readers: Vec<Sid>,
    },
    /// A program in the install folder.
    Program {
        /// Its file name.
        file: String,
    },
    /// The service itself: program, arguments, names and dependencies.
    Register {
        /// The service.
        service: String,
        /// What is registered.
        registration: Registration,
    },
    /// The account that it runs as; `None`: the manager's default.
    Account {
        /// The service.
        service: String,
        /// The account's name as the manager writes it.
        account: super::Account,
    },
    /// When it starts.
    StartType {
        /// The service.
        service: String,
        /// When.
        start: StartType,
    },
    /// What people read about it.
    Description {
        /// The service.
        service: String,
        /// One line.
        text: String,
    },
    /// The token of its process carries the service's SID, so that access lists can name it.
    ServiceSid {
        /// The service.
        service: String,
    },
    /// What happens after a failure, and that a non-zero exit is one.
    Recovery {
        /// The service.
        service: String,
        /// What happens.
        recovery: Recovery,
    },
    /// How long the machine's shutdown waits for it.
    PreshutdownTimeout {
        /// The service.
        service: String,
        /// Milliseconds.
        milliseconds: u32,
    },
    /// The variables that the manager hands to its process, merged by name with what an operator added.
    Environment {
        /// The service.
        service: String,
        /// Names and values, in the order of the names.
        variables: Vec<(String, Value)>,
    },
    /// Its source in the event log.
    EventSource {
        /// The source's name.
        source: String,
    },
    /// The entry in Add/Remove Programs.
    AddRemoveEntry(AddRemove),
}

/// Everything that is set for these services.
pub(super) fn steps(services: &[WindowsService], add_remove: &AddRemove) -> Vec<Step> {
    let mut readers = vec![Sid::well_known(Sid::USERS)];
    readers.extend(services.iter().map(|service| service.sid.clone()));
    let mut programs: Vec<&str> = Vec::new();
    for service in services {
        if !programs.contains(&service.program.as_str()) {
            programs.push(&service.program);
        }
    }
    let mut steps = vec![Step {
        action: Action::InstallFolder { readers },
        when: When::FirstInstallOrReset,
        undo: Undo::RemoveIfNew,
    }];
    steps.extend(programs.into_iter().map(|file| Step {
        action: Action::Program {
            file: file.to_owned(),
        },
        when: When::Always,
        undo: Undo::Restore(&[]),
    }));
    for service in services {
        service_steps(service, &mut steps);
    }
    steps.push(Step {
        action: Action::AddRemoveEntry(add_remove.clone()),
        when: When::Always,
        undo: Undo::RemoveIfNew,
    });
    steps
}

fn service_steps(service: &WindowsService, steps: &mut Vec<Step>) {
    let name = || service.name.clone();
    let mut add = |action, when, values| {
        steps.push(Step {
            action,
            when,
            undo: Undo::Restore(values),
        });
    };
    add(
        Action::Register {
            service: name(),
            registration: service.registration.clone(),
        },
        When::Always,
        &["ImagePath", "DisplayName", "DependOnService"],
    );
    add(
        Action::Account {
            service: name(),
            account: service.account,
        },
        When::FirstInstallOrReset,
        &["ObjectName"],
    );
    add(
        Action::StartType {
            service: name(),
            start: service.start,
        },
        When::FirstInstallOrReset,
        &["Start", "DelayedAutostart"],
    );
    if let Some(text) = &service.description {
        add(
            Action::Description {
                service: name(),
                text: text.clone(),
            },
            When::Always,
            &["Description"],
        );
    }
    add(
        Action::ServiceSid { service: name() },
        When::Always,
        &["ServiceSidType"],
    );
    if let Some(recovery) = service.recovery {
        add(
            Action::Recovery {
                service: name(),
                recovery,
            },
            When::FirstInstallOrReset,
            &["FailureActions", "FailureActionsOnNonCrashFailures"],
        );
    }
    if let Some(milliseconds) = service.preshutdown {
        add(
            Action::PreshutdownTimeout {
                service: name(),
                milliseconds,
            },
            When::Always,
            &["PreshutdownTimeout"],
        );
    }
    add(
        Action::Environment {
            service: name(),
            variables: service.environment.clone(),
        },
        When::Always,
        &["Environment"],
    );
    steps.push(Step {
        action: Action::EventSource { source: name() },
        when: When::Always,
        undo: Undo::RemoveIfNew,
    });
}
