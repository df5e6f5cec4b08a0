//! What an installation sets, step by step, and how each step is taken back.

use super::{
    Access, AddRemove, DataFolder, FirewallRule, InstalledFile, Need, Recovery, Registration,
    Rights, Sid, StartType, Token, Value, WindowsService,
};

/// One thing that an installation sets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it sets.
    pub action: Action,
    /// In which runs it does so.
    pub when: When,
    /// How a run that fails later takes it back.
    pub undo: Undo,
}

/// In which runs a step applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum When {
    /// In every run: an upgrade rewrites it.
    Always,
    /// When the thing is new, and when the operator asks for a reset: otherwise what the operator tuned stays, and the
    /// installer says where it differs.
    FirstInstallOrReset,
}

/// How a step is taken back when a later one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Undo {
    /// What this run created is removed; what was there stays.
    RemoveIfNew,
    /// What this run started is stopped.
    Stop,
    /// What was there before comes back: the file, or these values of the registry key.
    Restore(&'static [&'static str]),
}

/// A step's action. Every front end handles each of them, or says by name which it cannot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// The install folder, with a protected access list.
    InstallFolder {
        /// Who may read and run what is in it.
        access: Access,
    },
    /// A program in the install folder.
    Program {
        /// Its file name.
        file: String,
    },
    /// A folder of the services. One that is there and that somebody else made is refused.
    DataFolder(DataFolder),
    /// A file that is installed with the programs. One that an operator may edit is not overwritten once it was.
    File(InstalledFile),
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
    /// The right of its account to log on as a service.
    LogonRight {
        /// The account's name as the manager writes it.
        account: String,
    },
    /// What the token of its process carries: the service's SID, so that access lists can name it, and privileges.
    Token {
        /// The service.
        service: String,
        /// What.
        token: Token,
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
        /// The file with its messages.
        messages: Value,
    },
    /// A rule of the firewall.
    Firewall(FirewallRule),
    /// It starts with the machine, and so it does now if it is new and all that it needs is there. One that was there before is put
    /// back into its state.
    Start {
        /// The service.
        service: String,
        /// What it needs.
        needs: Vec<Need>,
    },
    /// The entry in Add/Remove Programs.
    AddRemoveEntry(AddRemove),
}

/// Everything that is set for these services.
pub(super) fn steps(
    services: &[WindowsService],
    folders: &[DataFolder],
    files: &[InstalledFile],
    add_remove: &AddRemove,
) -> Vec<Step> {
    let mut access = Access::default();
    access.grant(Sid::well_known(Sid::USERS), Rights::Read);
    for service in services {
        access.grant(service.sid.clone(), Rights::Read);
    }
    let mut programs: Vec<&str> = Vec::new();
    for service in services {
        if !programs.contains(&service.program.as_str()) {
            programs.push(&service.program);
        }
    }
    let step = |action, when, undo| Step { action, when, undo };
    let mut steps = vec![step(
        Action::InstallFolder { access },
        When::FirstInstallOrReset,
        Undo::RemoveIfNew,
    )];
    steps.extend(programs.into_iter().map(|file| {
        let file = file.to_owned();
        step(Action::Program { file }, When::Always, Undo::Restore(&[]))
    }));
    steps.extend(folders.iter().map(|folder| {
        let action = Action::DataFolder(folder.clone());
        step(action, When::FirstInstallOrReset, Undo::RemoveIfNew)
    }));
    steps.extend(files.iter().map(|file| {
        let action = Action::File(file.clone());
        step(action, When::Always, Undo::Restore(&[]))
    }));
    for service in services {
        service_steps(service, &mut steps);
    }
    for rule in services.iter().flat_map(|service| &service.firewall) {
        let action = Action::Firewall(rule.clone());
        steps.push(step(action, When::FirstInstallOrReset, Undo::RemoveIfNew));
    }
    for service in services.iter().filter(|one| one.start.is_automatic()) {
        let action = Action::Start {
            service: service.name.clone(),
            needs: service.needs.clone(),
        };
        steps.push(step(action, When::Always, Undo::Stop));
    }
    steps.push(step(
        Action::AddRemoveEntry(add_remove.clone()),
        When::Always,
        Undo::RemoveIfNew,
    ));
    steps
}

fn service_steps(service: &WindowsService, steps: &mut Vec<Step>) {
    let name = || service.name.clone();
    if service.account.needs_right() {
        let account = service.account.name(&service.name);
        steps.push(Step {
            action: Action::LogonRight { account },
            when: When::FirstInstallOrReset,
            undo: Undo::RemoveIfNew,
        });
    }
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
            account: service.account.clone(),
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
        Action::Token {
            service: name(),
            token: service.token.clone(),
        },
        When::Always,
        &["ServiceSidType", "RequiredPrivileges"],
    );
    if let Some(recovery) = service.recovery.clone() {
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
    if let Some(messages) = service.event_messages.clone() {
        steps.push(Step {
            action: Action::EventSource {
                source: name(),
                messages,
            },
            when: When::Always,
            undo: Undo::RemoveIfNew,
        });
    }
}
