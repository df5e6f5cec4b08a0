//! What is run besides the standard actions.

use std::borrow::Cow;

use super::identity::{Keys, public_property};
use super::logon_right;
use super::number::{Sequence, Stretch};
use super::words::Words;
use super::{FIRST, Formatted, INSTALL_DIR, Moment, Task, Tool, needs, shell, variables};
use crate::plan::windows::{
    Account, Action, Need, Recovery, StartType, Token, Value, WindowsPlan, WindowsService,
};

/// The registry key below which the manager keeps services.
pub(super) const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

/// Neither an uninstallation nor the removal of an older version.
pub(super) const SETS: &str = "NOT REMOVE";
/// A repair or an upgrade.
pub(super) const AGAIN: &str = "NOT REMOVE AND (Installed OR WIX_UPGRADE_DETECTED)";

/// What one service needs, gathered from the steps.
#[derive(Debug)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    /// The keys of what is its own.
    pub(super) keys: Keys<'a>,
    /// The property that says what its program is before the installation; empty if there is no such service.
    pub(super) there: String,
    /// The property that holds whom it runs as when it is made.
    pub(super) account_property: String,
    pub(super) image_path: &'a Value,
    pub(super) display_name: &'a str,
    pub(super) dependencies: &'a [String],
    pub(super) account: &'a Account,
    pub(super) default_account: String,
    pub(super) start: StartType,
    pub(super) description: Option<&'a str>,
    pub(super) token: Option<&'a Token>,
    pub(super) recovery: Option<&'a Recovery>,
    pub(super) preshutdown: Option<u32>,
    /// What it waits for, and that the package does not bring.
    pub(super) needs: Vec<&'a Need>,
}

impl<'a> Service<'a> {
    /// One of which no step was seen yet.
    pub(super) fn new(planned: &'a WindowsService, plan: &'a WindowsPlan) -> Self {
        let name = planned.name.as_str();
        let keys = Keys::of(name);
        Self {
            name,
            there: public_property("SVC", name, "IMAGE"),
            account_property: keys.key("Account"),
            keys,
            image_path: &planned.registration.image_path,
            display_name: name,
            dependencies: &[],
            account: &Account::LocalSystem,
            default_account: String::new(),
            start: StartType::Demand,
            description: None,
            token: None,
            recovery: None,
            preshutdown: None,
            needs: needs::unmet(planned, &plan.files),
        }
    }

    /// Takes what a step says of it.
    pub(super) fn take(&mut self, action: &'a Action) {
        match action {
            Action::Register { registration, .. } => {
                self.image_path = &registration.image_path;
                if let Some(text) = &registration.display_name {
                    self.display_name = text;
                }
                self.dependencies = &registration.dependencies;
            }
            Action::Account { service, account } => {
                self.account = account;
                self.default_account = account.name(service);
            }
            Action::StartType { start, .. } => self.start = *start,
            Action::Description { text, .. } => self.description = Some(text),
            Action::Token { token, .. } => self.token = Some(token),
            Action::Recovery { recovery, .. } => self.recovery = Some(recovery),
            Action::PreshutdownTimeout { milliseconds, .. } => {
                self.preshutdown = Some(*milliseconds);
            }
            _ => {}
        }
    }
}

/// The key in which a run keeps what it needs to go on or back.
pub(super) fn run_key(package: &str) -> String {
    format!(r"SOFTWARE\cargo-svc\{package}\Run")
}

pub(super) fn run(tool: Tool, words: Words, moment: Moment, checked: bool) -> Task {
    Task::Run {
        tool,
        arguments: words.0,
        moment,
        checked,
    }
}

/// The paths of the system's programs that are run, and the folder of an older installation.
pub(super) fn prepare(sequence: &mut Sequence, old_folder: &str) {
    sequence.add(
        Stretch::Folders,
        "Svc.SetInstallDir",
        Task::Set {
            property: INSTALL_DIR.into(),
            value: Formatted::property(old_folder),
        },
        format!("{old_folder} AND NOT {INSTALL_DIR}"),
    );
    let tools: Vec<Tool> = sequence.tools().collect();
    for tool in tools {
        let mut path = Formatted::property("System64Folder");
        path.push(tool.file());
        sequence.add(
            Stretch::Prepared,
            format!("{}.Set", tool.property()),
            Task::Set {
                property: tool.property().into(),
                value: path,
            },
            "",
        );
    }
}

/// What a run leaves behind for itself goes when it ends, however it ends.
pub(super) fn clean(sequence: &mut Sequence, package: &str) {
    // The copies of older defaults that the older version made and noted, also of files that this one no longer has.
    let mut copies = Formatted::literal("(for /f \"tokens=2,*\" %J in ('");
    copies.push_property("System64Folder");
    copies.push(&format!(
        "reg.exe query \"HKLM\\{}\" /reg:64') do if \"%J\"==\"REG_SZ\" del /f /q \"%K\")",
        run_key(package)
    ));
    sequence.add(
        Stretch::Begun,
        "Svc.CleanCopies",
        shell::run(&copies, Moment::Commit, false),
        SETS,
    );
    let words = || {
        Words::new(&[
            "delete",
            &format!(r"HKLM\{}", run_key(package)),
            "/f",
            "/reg:64",
        ])
    };
    for (id, moment) in [
        ("Svc.CleanBack", Moment::Rollback),
        ("Svc.Clean", Moment::Commit),
    ] {
        sequence.add(
            Stretch::Begun,
            id,
            run(Tool::Reg, words(), moment, false),
            SETS,
        );
    }
}

/// An uninstallation that takes everything.
pub(super) const PURGES: &str = "REMOVE=\"ALL\" AND PURGE=\"1\" AND NOT UPGRADINGPRODUCTCODE";

/// What is left in the install folder goes with `PURGE=1`, once everything else has gone.
pub(super) fn purge(sequence: &mut Sequence) {
    let mut line = Formatted::literal("rd /s /q \"");
    line.push_property(INSTALL_DIR);
    line.push(".\"");
    sequence.add(
        Stretch::Begun,
        "Svc.Purge",
        shell::run(&line, Moment::Commit, false),
        PURGES,
    );
}

/// Everything about one service.
pub(super) fn service(sequence: &mut Sequence, service: &Service, package: &str) {
    sequence.add(
        Stretch::Prepared,
        service.keys.key("SetAccount"),
        Task::Set {
            property: service.account_property.clone().into(),
            value: Formatted::property("SERVICEACCOUNT"),
        },
        "SERVICEACCOUNT",
    );
    state(sequence, service, package);
    variables::keep(sequence, service, package);
    keep(sequence, service, package);
    register(sequence, service);
    settings(sequence, service);
    logon_right::add(sequence, service, package);
}

/// The values of the service's key are copied before anything changes them, and copied back if something fails. Windows
/// Installer itself takes back what its own tables did.
fn keep(sequence: &mut Sequence, service: &Service, package: &str) {
    let there = &service.there;
    let here = format!(r"HKLM\{SERVICES}\{}", service.name);
    let copy = format!(r"HKLM\{}\{}", run_key(package), service.name);
    let condition: Cow<str> = format!("{SETS} AND {there}").into();
    let words = |from: &str, to: &str| Words::new(&["copy", from, to, "/f", "/reg:64"]);
    sequence.add(
        Stretch::Kept,
        service.keys.key("Restore"),
        run(Tool::Reg, words(&copy, &here), Moment::Rollback, false),
        condition.clone(),
    );
    sequence.add(
        Stretch::Kept,
        service.keys.key("Keep"),
        run(Tool::Reg, words(&here, &copy), Moment::InPlace, true),
        condition,
    );
}

/// A first installation registers by the table of services; every other run does it here, without touching what an operator
/// tuned.
fn register(sequence: &mut Sequence, service: &Service) {
    let (name, there) = (service.name, &service.there);
    let described = |line: Words| {
        line.literal("binPath=")
            .value(service.image_path)
            .literal("DisplayName=")
            .literal(service.display_name)
            .literal("depend=")
    };
    let missing = format!("{AGAIN} AND NOT {there}");
    sequence.add(
        Stretch::Registered,
        service.keys.key("Uncreate"),
        run(
            Tool::Sc,
            Words::new(&["delete", name]),
            Moment::Rollback,
            false,
        ),
        missing.clone(),
    );
    let mut create = described(Words::new(&["create", name]))
        .literal(&service.dependencies.join("/"))
        .literal("start=")
        .literal(service.start.word())
        .literal("obj=");
    create = create.property(&service.account_property);
    sequence.add(
        Stretch::Registered,
        service.keys.key("Create"),
        run(Tool::Sc, create, Moment::InPlace, true),
        missing,
    );
    // A slash alone is an empty list; without `depend=` the old one would stay.
    let dependencies = match service.dependencies {
        [] => "/".to_owned(),
        names => names.join("/"),
    };
    let change = described(Words::new(&["config", name])).literal(&dependencies);
    sequence.add(
        Stretch::Registered,
        service.keys.key("Change"),
        run(Tool::Sc, change, Moment::InPlace, true),
        format!("{SETS} AND {there}"),
    );
    let mut reset = Words::new(&["config", name, "start=", service.start.word()]);
    // One with a password is as declared, or the installation has not begun.
    if !service.account.needs_password() {
        reset = reset.literal("obj=").literal(&service.default_account);
    }
    sequence.add(
        Stretch::Registered,
        service.keys.key("Reset"),
        run(Tool::Sc, reset, Moment::InPlace, true),
        format!("{SETS} AND {there} AND RESET=\"1\""),
    );
}

fn settings(sequence: &mut Sequence, service: &Service) {
    let (name, there) = (service.name, &service.there);
    let mut sc = |what: &str, words: &[&str], condition: Cow<'static, str>| {
        sequence.add(
            Stretch::Registered,
            service.keys.key(what),
            run(Tool::Sc, Words::new(words), Moment::InPlace, true),
            condition,
        );
    };
    if let Some(text) = service.description {
        sc("Describe", &["description", name, text], AGAIN.into());
    }
    let first = format!("{SETS} AND (NOT {there} OR RESET=\"1\")");
    if service.start == StartType::Delayed {
        // The table of services does not know it.
        sc(
            "Delay",
            &["config", name, "start=", service.start.word()],
            first.clone().into(),
        );
    }
    if let Some(token) = service.token {
        sc("Sid", &["sidtype", name, token.sid_word()], SETS.into());
        if let Some(names) = &token.privileges {
            sc(
                "Privileges",
                &["privs", name, &names.join("/")],
                SETS.into(),
            );
        }
    }
    if let Some(recovery) = service.recovery {
        let reset = recovery.reset.to_string();
        let actions = recovery.words();
        let flag = if recovery.on_error { "1" } else { "0" };
        let words = ["failure", name, "reset=", &reset, "actions=", &actions];
        sc("Recovery", &words, first.clone().into());
        sc("RecoveryFlag", &["failureflag", name, flag], first.into());
    }
    if let Some(milliseconds) = service.preshutdown {
        let milliseconds = milliseconds.to_string();
        sc(
            "Preshutdown",
            &["preshutdown", name, &milliseconds],
            SETS.into(),
        );
    }
    if service
        .token
        .is_some_and(|token| token.privileges.is_none())
    {
        // A list that an older version set; the manager reads it at the next start. There may be none.
        let key = format!(r"HKLM\{SERVICES}\{name}");
        let words = ["delete", &key, "/v", "RequiredPrivileges", "/f", "/reg:64"];
        sequence.add(
            Stretch::Registered,
            service.keys.key("AllPrivileges"),
            run(Tool::Reg, Words::new(&words), Moment::InPlace, false),
            format!("{SETS} AND {there}"),
        );
    }
}

/// An upgrade and a repair start again what ran before, and leave alone what an operator had stopped: the old version notes
/// it before it stops anything.
fn state(sequence: &mut Sequence, service: &Service, package: &str) {
    let name = service.name;
    let run_key = run_key(package);
    // Asking a service to say how it is succeeds while it runs, and fails while it does not. One on its way counts as stopped.
    let runs = || {
        let mut line = shell::system("sc.exe", &format!("interrogate {name}"));
        line.append(&shell::quiet());
        line
    };
    let note = shell::line(&[
        runs(),
        shell::word("& if errorlevel 1"),
        shell::system(
            "reg.exe",
            &format!("add \"HKLM\\{run_key}\" /v {name} /t REG_DWORD /d 1 /f /reg:64"),
        ),
        shell::quiet(),
    ]);
    sequence.add(
        Stretch::Running,
        service.keys.key("Note"),
        shell::run(&note, Moment::InPlace, false),
        "Installed AND (UPGRADINGPRODUCTCODE OR NOT REMOVE)",
    );
    let mut condition = format!("{AGAIN} AND STARTSERVICE<>\"0\"");
    if service.start == StartType::Demand {
        // A new service that nobody starts with the machine is not started by an upgrade either.
        condition = format!("{condition} AND {}", service.there);
    }
    let stop = shell::line(&[
        shell::system("net.exe", &format!("stop {name}")),
        shell::quiet(),
    ]);
    sequence.add(
        Stretch::Started,
        service.keys.key("Unstart"),
        shell::run(&stop, Moment::Rollback, false),
        condition.clone(),
    );
    let mut start = shell::line(&[
        runs(),
        shell::word("& if errorlevel 1 ("),
        shell::system(
            "reg.exe",
            &format!("query \"HKLM\\{run_key}\" /v {name} /reg:64"),
        ),
        shell::quiet(),
        shell::word("& if errorlevel 1"),
        shell::system("net.exe", &format!("start {name}")),
        Formatted::literal(")"),
    ]);
    if !service.needs.is_empty() {
        start = needs::when_there(&service.needs, &start);
    }
    sequence.add(
        Stretch::Started,
        service.keys.key("Start"),
        shell::run(&start, Moment::InPlace, true),
        condition,
    );
}

/// The conditions of the standard actions that make, start and remove services.
pub(super) fn standard() -> Vec<(&'static str, Cow<'static, str>)> {
    vec![
        // The old version's condition is the one that counts when an upgrade removes it.
        ("DeleteServices", "NOT UPGRADINGPRODUCTCODE".into()),
        ("InstallServices", FIRST.into()),
        (
            "StartServices",
            format!("{FIRST} AND STARTSERVICE<>\"0\"").into(),
        ),
    ]
}
