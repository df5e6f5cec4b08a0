//! Rules of the firewall, by netsh.exe.
//!
//! A rule is made by the first installation that declares it, and an operator's changes to it stay: the registry remembers which
//! rules there are. An older version that an upgrade removes leaves that list behind for the run, so that a rule which the new
//! version lacks goes with the upgrade's success, also where the new version declares none at all.

use std::borrow::Cow;

use super::actions::{run, run_key};
use super::identity::{Keys, key, public_property};
use super::number::{Sequence, Stretch};
use super::product::folder_key;
use super::words::Words;
use super::{Data, Formatted, Moment, RegistryValue, Search, Task, Tool};
use crate::plan::windows::{Action, FirewallRule, WindowsPlan};

/// An uninstallation that is no part of an upgrade.
const GONE: &str = "REMOVE=\"ALL\" AND NOT UPGRADINGPRODUCTCODE";

/// The rules of a plan.
pub(super) fn rules(plan: &WindowsPlan) -> impl Iterator<Item = &FirewallRule> {
    plan.steps.iter().filter_map(|step| match &step.action {
        Action::Firewall(rule) => Some(rule),
        _ => None,
    })
}

/// Where an installation remembers its rules.
fn rules_key(package: &str) -> String {
    format!(r"{}\Firewall", folder_key(package))
}

/// Where an older version leaves its rules for the run that replaces it.
fn old_rules_key(package: &str) -> String {
    format!(r"{}\Firewall", run_key(package))
}

/// The property that says that a rule is there already; empty if it is not.
fn there(rule: &FirewallRule) -> String {
    public_property("SVC", &rule.name, "RULE")
}

/// The look into the registry for it.
pub(super) fn search(rule: &FirewallRule, package: &str) -> Search {
    Search {
        property: there(rule),
        id: key("FindRule", &rule.name),
        key: rules_key(package),
        name: rule.name.clone(),
    }
}

/// The note that it is there, which comes and goes with the program.
pub(super) fn note(rule: &FirewallRule, package: &str) -> RegistryValue {
    RegistryValue {
        id: key("Rule", &rule.name),
        key: rules_key(package),
        name: rule.name.clone(),
        data: Data::Text(Formatted::literal(rule.program.as_str())),
    }
}

/// Everything about the rules of a package.
pub(super) fn add(sequence: &mut Sequence, plan: &WindowsPlan) {
    for one in rules(plan) {
        rule(sequence, one);
    }
    if rules(plan).next().is_some() {
        let words = Words::new(&[
            "copy",
            &format!(r"HKLM\{}", rules_key(&plan.package)),
            &format!(r"HKLM\{}", old_rules_key(&plan.package)),
            "/f",
            "/reg:64",
        ]);
        sequence.add(
            Stretch::Running,
            "Svc.NoteRules",
            run(Tool::Reg, words, Moment::InPlace, false),
            "Installed AND UPGRADINGPRODUCTCODE",
        );
    }
}

fn rule(sequence: &mut Sequence, rule: &FirewallRule) {
    let name = format!("name={}", rule.name);
    let delete = || Words::new(&["advfirewall", "firewall", "delete", "rule", &name]);
    let keys = Keys::of(&rule.name);
    let condition = format!("NOT REMOVE AND (NOT {} OR RESET=\"1\")", there(rule));
    let mut act = |what: &str, words, moment, checked, condition: Cow<'static, str>| {
        sequence.add(
            Stretch::Opened,
            keys.key(what),
            run(Tool::Netsh, words, moment, checked),
            condition,
        );
    };
    // Rules of one name may be many: one that is left of a removed installation would stay beside this one. There may be none.
    act(
        "ClearRule",
        delete(),
        Moment::InPlace,
        false,
        condition.clone().into(),
    );
    act(
        "Unrule",
        delete(),
        Moment::Rollback,
        false,
        condition.clone().into(),
    );
    let mut open = Words::new(&[]);
    for word in rule.words() {
        open = open.value(&word);
    }
    act("Rule", open, Moment::InPlace, true, condition.into());
    act("RemoveRule", delete(), Moment::Commit, false, GONE.into());
}

/// What a replaced version opened and this one does not is closed once all has succeeded. It stands before what removes the
/// run's notes.
pub(super) fn forget_old(sequence: &mut Sequence, package: &str) {
    let system = |line: &mut Formatted, words: &str| {
        line.push_property("System64Folder");
        line.push(words);
    };
    // The names of rules are three words, and behind them the list's lines hold the kind of the value: its first line does not. The
    // system's folder holds no blank, and `/s` takes the outer quotes away. Wine's cmd.exe runs nothing in parentheses behind an
    // `if` if there is another `if` in them.
    let mut line = Formatted::literal("/d /s /c \"for /f \"tokens=1-4\" %G in ('");
    let old = old_rules_key(package);
    system(&mut line, &format!("reg.exe query HKLM\\{old} /reg:64"));
    line.push("') do (");
    let new = rules_key(package);
    system(
        &mut line,
        &format!(
            "reg.exe query HKLM\\{new} /v \"%G %H %I\" /reg:64 >nul 2>&1 & if errorlevel 1 if \"%J\"==\"REG_SZ\" "
        ),
    );
    system(
        &mut line,
        "netsh.exe advfirewall firewall delete rule \"name=%G %H %I\")\"",
    );
    sequence.add(
        Stretch::Begun,
        "Svc.ForgetRules",
        Task::Run {
            tool: Tool::Cmd,
            arguments: line,
            moment: Moment::Commit,
            checked: false,
        },
        "NOT REMOVE AND WIX_UPGRADE_DETECTED",
    );
}
