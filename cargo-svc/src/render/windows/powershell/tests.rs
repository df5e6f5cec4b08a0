use std::collections::BTreeSet;

use tree_sitter::{Node, Parser, Tree};

use super::super::tests::{awkward, full, rendered};
use crate::plan::systemd::sample::{declared, service, text as literal};
use crate::render::{Artifact, Kind, MARK};
use crate::service::{
    Account, EnvName, Restart, RestartPolicy, Service, ServiceName, Start, TimeSpan,
};

/// Commands that Windows PowerShell 5.1 and PowerShell 7 bring.
const CMDLETS: [&str; 20] = [
    "Add-Type",
    "ForEach-Object",
    "Get-Acl",
    "Get-ChildItem",
    "Get-CimInstance",
    "Get-FileHash",
    "Get-Item",
    "Get-Service",
    "Invoke-CimMethod",
    "Join-Path",
    "New-Service",
    "Set-Acl",
    "Set-Service",
    "Set-StrictMode",
    "Sort-Object",
    "Start-Sleep",
    "Test-Path",
    "Where-Object",
    "Write-Host",
    "Write-Warning",
];

/// Variables that PowerShell sets itself.
const AUTOMATIC: [&str; 11] = [
    "_",
    "confirmpreference",
    "erroractionpreference",
    "executioncontext",
    "false",
    "null",
    "pscmdlet",
    "psscriptroot",
    "psversiontable",
    "true",
    "whatifpreference",
];

fn plain(name: &str) -> Service {
    let mut service = service(name);
    service.windows.working_dir = None;
    service
}

/// Services whose values would end a text, a block or a comment of the script if they could.
fn hostile() -> Vec<Service> {
    let mut one = awkward();
    let keys = &mut one.windows;
    for value in [
        "'; Stop-Computer #",
        "\u{2019}; Stop-Computer \u{2018}",
        "$(Stop-Computer) `n $env:Path @' '@ #> <# ${x}",
        "\u{201A}\u{201B}'\u{2019}'",
        "}) ) @{ a = 1 }",
    ] {
        keys.args.push(declared("args", literal(value)));
        let name = format!("HOSTILE_{}", keys.args.len());
        keys.environment.insert(
            EnvName::parse(&name).unwrap(),
            declared("environment", literal(value)),
        );
    }
    keys.description = Some(declared(
        "description",
        "it's \u{2019}all\u{2019} $here".into(),
    ));
    keys.account = Some(declared("account", Account::System));
    keys.start = Some(declared("start", Start::Manual));
    keys.restart = Some(declared(
        "restart",
        Restart {
            policy: RestartPolicy::No,
            delay: TimeSpan::Infinite,
        },
    ));
    let mut two = plain("beacon-feeder");
    two.windows.requires = vec![declared("requires", ServiceName::parse("beacon").unwrap())];
    two.windows.stop_timeout = Some(declared("stop-timeout", TimeSpan::Infinite));
    vec![two, one]
}

fn scripts(services: Vec<Service>) -> Vec<(String, String)> {
    rendered(services)
        .into_iter()
        .filter(|artifact| matches!(artifact.kind, Kind::InstallPs1 | Kind::UninstallPs1))
        .map(|Artifact { path, contents, .. }| (path, String::from_utf8(contents).unwrap()))
        .collect()
}

fn all() -> Vec<(String, String)> {
    let mut all = scripts(vec![plain("beacon")]);
    all.extend(scripts(vec![awkward()]));
    all.extend(scripts(hostile()));
    all.extend(scripts(vec![full("beacon"), full("second")]));
    assert_eq!(all.len(), 8);
    all
}

pub(super) fn parsed(script: &str) -> Tree {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .unwrap();
    parser.parse(script, None).unwrap()
}

/// What Windows Installer has PowerShell look at is one of its scripts, too.
#[test]
fn the_installers_check_of_folders_is_powershell() {
    use crate::plan::windows::installer::tests::{full, planned};
    use crate::plan::windows::installer::{Formatted, Task};
    let installer = planned(&crate::plan::systemd::sample::package(vec![full("beacon")]));
    let check = installer
        .actions
        .iter()
        .find(|one| one.id == "Svc.CheckFolders")
        .unwrap();
    let Task::Run { arguments, .. } = &check.task else {
        panic!("{check:#?}");
    };
    let whole: String = Formatted::literals(&installer.whole(arguments)).collect();
    let (_, script) = whole.split_once("-Command \"").unwrap();
    let (script, rest) = script.split_once('"').unwrap();
    assert_eq!(rest, ")\"");
    assert!(script.contains("$env:SVC_PARENTS") && script.contains("exit 6"));
    assert!(!parsed(script).root_node().has_error(), "{script}");
}

fn each<'t>(node: Node<'t>, visit: &mut dyn FnMut(Node<'t>)) {
    visit(node);
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        each(child, visit);
    }
}

/// The texts of all nodes of a kind.
fn texts<'s>(script: &'s str, tree: &Tree, kind: &str) -> Vec<&'s str> {
    let mut found = Vec::new();
    each(tree.root_node(), &mut |node| {
        if node.kind() == kind {
            found.push(&script[node.byte_range()]);
        }
    });
    found
}

pub(crate) fn wrong(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    each(parsed(script).root_node(), &mut |node| {
        if node.is_error() || node.is_missing() {
            let line = node.start_position().row + 1;
            let text: String = script[node.byte_range()].chars().take(80).collect();
            found.push(format!("line {line}: {}: {text}", node.kind()));
        }
    });
    found
}

/// The names of all commands that a script calls.
pub(crate) fn commands(script: &str) -> BTreeSet<String> {
    let tree = parsed(script);
    let names = texts(script, &tree, "command_name");
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn powershell_parses_them() {
    for (path, script) in all() {
        assert_eq!(wrong(&script), [""; 0], "{path}");
    }
}

#[test]
fn the_parser_would_see_a_text_that_ends_early() {
    let (_, script) = all().swap_remove(4);
    let broken = script.replacen("''; Stop-Computer #'", "'; Stop-Computer #'", 1);
    assert_ne!(broken, script);
    assert_ne!(wrong(&broken), [""; 0]);
}

#[test]
fn no_value_becomes_code() {
    let commands = |services| -> BTreeSet<String> {
        scripts(services)
            .iter()
            .flat_map(|(_, script)| commands(script))
            .collect()
    };
    assert_eq!(commands(hostile()), commands(vec![plain("beacon")]));
    let more: BTreeSet<_> = commands(vec![full("beacon")])
        .difference(&commands(vec![plain("beacon")]))
        .cloned()
        .collect();
    let rights = [
        "Add-Type",
        "Get-Declared",
        "Grant-LogonRight",
        "Initialize-Rights",
        "Set-NamedAccount",
    ];
    assert_eq!(more, rights.map(str::to_owned).into());
}

#[test]
fn what_they_call_exists() {
    for (path, script) in all() {
        let tree = parsed(&script);
        let mut known: BTreeSet<&str> = CMDLETS.into();
        known.extend(texts(&script, &tree, "function_name"));
        let called: BTreeSet<&str> = texts(&script, &tree, "command_name").into_iter().collect();
        assert!(called.len() > 10, "{path}: {called:?}");
        let unknown: Vec<_> = called.difference(&known).collect();
        assert!(unknown.is_empty(), "{path}: {unknown:?}");
        // Functions that are called by name: those of the steps, and what takes a change back.
        let mut by_name = Vec::new();
        for before in ["Do = '", "Add-Undo '"] {
            for rest in script.split(before).skip(1) {
                by_name.push(rest.split_once('\'').unwrap().0);
            }
        }
        assert_eq!(by_name.is_empty(), path.contains("uninstall"), "{path}");
        for name in by_name {
            assert!(known.contains(name), "{path}: {name}");
        }
    }
}

/// Strict mode ends a run at a variable that was never set: a misspelt one must not wait for that.
#[test]
fn every_variable_is_set_somewhere() {
    for (path, script) in all() {
        let tree = parsed(&script);
        let mut set: BTreeSet<String> = AUTOMATIC.map(str::to_owned).into();
        let mut used = BTreeSet::new();
        each(tree.root_node(), &mut |node| {
            if node.kind() != "variable" {
                return;
            }
            let name = script[node.byte_range()]
                .trim_start_matches(['$', '@'])
                .to_ascii_lowercase();
            let name = name.trim_start_matches("script:").to_owned();
            if name.starts_with("env:") {
                return;
            }
            if is_set(node, &script) {
                set.insert(name.clone());
            }
            used.insert(name);
        });
        assert!(used.len() > 20, "{path}: {used:?}");
        let never: Vec<_> = used.difference(&set).collect();
        assert!(never.is_empty(), "{path}: {never:?}");
    }
}

/// Whether a variable is a parameter, the target of an assignment or of a loop.
fn is_set(variable: Node, script: &str) -> bool {
    let parent = variable.parent().map_or("", |node| node.kind());
    if matches!(parent, "script_parameter" | "foreach_statement") {
        return true;
    }
    let mut node = variable;
    while let Some(parent) = node.parent() {
        if parent.kind() == "left_assignment_expression" {
            // `$a, $b = …` sets both; `$a[$b] = …` sets neither.
            let target = &script[parent.byte_range()];
            return !target.contains(['[', '.']) || target.starts_with('[');
        }
        node = parent;
    }
    false
}

#[test]
fn windows_powershell_reads_them_as_what_they_are() {
    for (path, script) in all() {
        let text = script.strip_prefix('\u{FEFF}').expect("a byte order mark");
        assert!(!text.contains('\u{FEFF}'), "{path}");
        assert!(text.ends_with("\r\n"), "{path}");
        assert_eq!(
            text.matches('\n').count(),
            text.matches("\r\n").count(),
            "{path}"
        );
        assert_eq!(
            text.matches('\r').count(),
            text.matches("\r\n").count(),
            "{path}"
        );
        let head = &script.as_bytes()[..512];
        assert!(
            head.windows(MARK.len()).any(|part| part == MARK.as_bytes()),
            "{path}"
        );
        assert!(text.contains("\r\n#Requires -Version 5.1\r\n"), "{path}");
        assert!(
            text.contains("[CmdletBinding(SupportsShouldProcess)]"),
            "{path}"
        );
    }
}

#[test]
fn the_help_lists_every_exit_code() {
    for (path, script) in all() {
        let notes = script
            .split_once(".NOTES")
            .unwrap()
            .1
            .split_once("#>")
            .unwrap()
            .0;
        let mut codes: BTreeSet<&str> = BTreeSet::from(["1"]);
        for before in ["Stop-Run ", "exit ", "$Code = "] {
            for rest in script.split(before).skip(1) {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
                if end > 0 {
                    codes.insert(&rest[..end]);
                }
            }
        }
        for code in codes {
            let listed = notes.lines().any(|line| {
                line.trim_start().starts_with(&format!("{code}  "))
                    || line.trim_start().starts_with(&format!("{code} "))
            });
            assert!(listed, "{path}: {code}");
        }
    }
}

/// The rows of `$Steps`, as functions and services.
fn steps(script: &str) -> Vec<(String, String)> {
    script
        .split("    @{ Do = '")
        .skip(1)
        .map(|rest| {
            let (function, rest) = rest.split_once("'; Service = '").unwrap();
            (
                function.to_owned(),
                rest.split_once('\'').unwrap().0.to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_step_of_the_plan_is_there_in_its_order() {
    let (_, script) = scripts(hostile()).swap_remove(0);
    let beacon = [
        "Set-Registration",
        "Set-Account",
        "Set-StartType",
        "Set-Description",
        "Set-Token",
        "Set-Recovery",
        "Set-PreshutdownTimeout",
        "Set-Environment",
        "Set-EventSource",
    ];
    let found = steps(&script);
    let of = |name: &str| -> Vec<&str> {
        let mine = found.iter().filter(|(_, service)| service == name);
        mine.map(|(function, _)| function.as_str()).collect()
    };
    assert_eq!(of("beacon"), beacon);
    assert_eq!(found.first().unwrap().1, "beacon");
    assert_eq!(found.last().unwrap().1, "beacon-feeder");
}

#[test]
fn values_are_laid_out_for_powershell() {
    let (_, script) = scripts(hostile()).swap_remove(0);
    for line in [
        r"    @{ Source = 'bin\beacon.exe'; Name = 'beacon.exe'; Path = @($null, '\beacon.exe'); Config = $false; Private = $false }",
        "       Account = 'LocalSystem'",
        "       Actions = ''",
        "       Dependencies = @('beacon')",
        "       Text = 'it''s \u{2019}\u{2019}all\u{2019}\u{2019} $here'",
        "StopLimit = 0; Starts = $true",
    ] {
        assert!(script.contains(line), "{line}\n{script}");
    }
    assert!(script.contains(r#"       Image = @('"', $null, '\beacon.exe" --fmt"#));
}
