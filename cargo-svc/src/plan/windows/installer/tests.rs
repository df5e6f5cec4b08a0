mod accounts;
mod places;

use super::*;
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::escape::msi;
use crate::plan::systemd::sample::{declared, package, service, text};
use crate::plan::windows;
use crate::service::{Folder, Package, Part, Service, Text};

/// A service with the defaults that the model applies for Windows.
pub(crate) fn beacon(name: &str) -> Service {
    let mut service = service(name);
    service.windows.working_dir = Some(Declared::default_of(Text {
        parts: vec![Part::Folder(Folder::Install)],
    }));
    service
}

pub(crate) fn planned(package: &Package) -> Installer {
    let mut report = Report::default();
    let plan = windows::plan(package, &mut report);
    let installer = plan.and_then(|plan| installer(&plan, package, &mut report)?.ok());
    assert_eq!(report.diagnostics(), []);
    installer.unwrap()
}

/// One that declares all that a package can bring and that Windows Installer carries out.
pub(crate) fn full(name: &str) -> Service {
    let mut service = crate::render::windows::tests::full(name);
    service.windows.account = beacon(name).windows.account;
    service
}

fn arguments(installer: &Installer, id: &str) -> String {
    match &action(installer, id).task {
        Task::Run { arguments, .. } => msi::formatted(&installer.whole(arguments)),
        Task::Set { value, .. } => msi::formatted(value),
    }
}

fn action<'a>(installer: &'a Installer, id: &str) -> &'a CustomAction {
    installer
        .actions
        .iter()
        .find(|action| action.id == id)
        .unwrap_or_else(|| panic!("no action {id}"))
}

#[test]
fn a_service_becomes_rows_and_actions() {
    let mut declared_service = beacon("beacon");
    for arg in ["--listen", "[::1]:80"] {
        declared_service
            .windows
            .args
            .push(declared("args", text(arg)));
    }
    let installer = planned(&package(vec![declared_service]));
    let [component] = installer.components.as_slice() else {
        panic!("{:#?}", installer.components);
    };
    assert_eq!(
        component.file.source,
        Source::Program("beacon.exe".to_owned())
    );
    let row = &component.services[0];
    assert_eq!(msi::formatted(&row.arguments), r"--listen [\[]::1[\]]:80");
    assert_eq!(msi::formatted(&row.account), "[Account.beacon]");
    assert!(row.waits && row.start_id.is_some());
    assert_eq!(
        arguments(&installer, "Change.beacon"),
        "config beacon binPath= \"\\\"[INSTALLDIR]beacon.exe\\\" --listen [\\[]::1[\\]]:80\" DisplayName= beacon depend= /"
    );
    assert_eq!(
        arguments(&installer, "Recovery.beacon"),
        "failure beacon reset= 86400 actions= restart/5000"
    );
    let (_, sddl) = component.folder_sddl.as_ref().unwrap();
    assert!(sddl.starts_with("O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;S-1-5-32-545)(A;OICI;0x1200a9;;;S-1-5-80-"));
}

#[test]
fn what_changes_a_service_has_a_twin_that_takes_it_back() {
    let installer = planned(&package(vec![beacon("beacon")]));
    let at = |id: &str| action(&installer, id).sequence;
    let twins = [
        ("Restore.beacon", "Keep.beacon"),
        ("Uncreate.beacon", "Create.beacon"),
        ("Unstart.beacon", "Start.beacon"),
    ];
    for (back, forth) in twins {
        // A rollback runs backwards: what takes an action back stands before it.
        assert!(at(back) < at(forth), "{back}");
        let (back, forth) = (action(&installer, back), action(&installer, forth));
        assert_eq!(back.condition, forth.condition);
        assert!(matches!(
            back.task,
            Task::Run {
                moment: Moment::Rollback,
                ..
            }
        ));
    }
    // The values of the service's key are kept before the first program changes one.
    let changes = installer.actions.iter().filter(|action| {
        matches!(
            action.task,
            Task::Run {
                tool: Tool::Sc,
                moment: Moment::InPlace,
                ..
            }
        )
    });
    for change in changes {
        assert!(change.sequence > at("Keep.beacon"), "{}", change.id);
    }
}

#[test]
fn added_variables_are_noted_before_the_value_goes_and_merged_behind_what_is_written() {
    let installer = planned(&package(vec![beacon("beacon")]));
    let note = action(&installer, "NoteEnvironment.beacon");
    // `RemoveRegistryValues`, `WriteRegistryValues` and `InstallServices`, by the numbers that Microsoft suggests.
    assert!(note.sequence < 2600);
    assert!(note.condition.contains("UPGRADINGPRODUCTCODE"));
    let merge = action(&installer, "MergeEnvironment.beacon");
    assert!((5001..5800).contains(&merge.sequence));
    assert!(merge.condition.contains("WIX_UPGRADE_DETECTED"));
    assert!(merge.runs_powershell());
    // It reads as what PowerShell takes.
    let line = arguments(&installer, "MergeEnvironment.beacon");
    let line = msi::tests::read(&line, &|_| r"C:\folder\".to_owned());
    let (_, script) = line.split_once("-Command \"").unwrap();
    let script = script.trim_end_matches('"');
    let mut parser = tree_sitter::Parser::new();
    let language = tree_sitter_powershell::LANGUAGE.into();
    parser.set_language(&language).unwrap();
    let tree = parser.parse(script, None).unwrap();
    assert!(!tree.root_node().has_error(), "{script}");
    assert!(script.contains("[0]") && script.contains("[string[]]") && !script.contains('"'));
    // By what was written is told what was added.
    let registry = installer.components.iter().flat_map(|one| &one.registry);
    let written: Vec<_> = registry
        .filter(|value| value.name.ends_with("Environment"))
        .map(|value| (value.name.as_str(), &value.data))
        .collect();
    let [("Environment", data), ("SvcEnvironment", copy)] = written.as_slice() else {
        panic!("{written:?}");
    };
    assert_eq!(data, copy);
}

#[test]
fn every_key_is_there_once_and_every_sequence_number_too() {
    let services = ["web", "a.b", "a-b", "store"].map(beacon).to_vec();
    let installer = planned(&package(services));
    let mut ids: Vec<&str> = installer.actions.iter().map(|a| a.id.as_ref()).collect();
    let mut numbers: Vec<u16> = installer.actions.iter().map(|a| a.sequence).collect();
    let (all, count) = (ids.len(), numbers.len());
    ids.sort_unstable();
    ids.dedup();
    numbers.dedup();
    assert_eq!((ids.len(), numbers.len()), (all, count));
    assert!(numbers.is_sorted());
}

#[test]
fn more_services_than_windows_installer_has_room_for_are_refused() {
    let services = (0..40)
        .map(|number| beacon(&format!("s{number}")))
        .collect();
    let package = package(services);
    let mut report = Report::default();
    let plan = windows::plan(&package, &mut report).unwrap();
    assert!(installer(&plan, &package, &mut report).is_none());
    assert_eq!(
        report.diagnostics()[0].message,
        "an installer of Windows Installer has no room for 40 services with 0 files"
    );
}

#[test]
fn what_windows_installer_cannot_write_leaves_it_out_alone() {
    let mut declared_service = beacon("beacon");
    declared_service.windows.args.push(declared(
        "args",
        Text {
            parts: vec![Part::Folder(Folder::Install), Part::Literal("-old".into())],
        },
    ));
    let package = package(vec![declared_service]);
    let mut report = Report::default();
    let plan = windows::plan(&package, &mut report).unwrap();
    let lacks = installer(&plan, &package, &mut report)
        .unwrap()
        .unwrap_err();
    assert_eq!(
        lacks.to_string(),
        "'-' right behind `{install-dir}` in `args` of `beacon`"
    );
    assert_eq!(report.diagnostics(), []);
}

#[test]
fn identities_do_not_depend_on_the_version() {
    let mut one = package(vec![beacon("beacon")]);
    let before = planned(&one);
    one.version = cargo_metadata::semver::Version::new(9, 9, 9);
    assert_eq!(before, planned(&one));
}

#[test]
fn long_texts_move_into_properties_and_read_back() {
    let long = "[x] ".repeat(200);
    let mut declared_service = beacon("beacon");
    declared_service
        .windows
        .args
        .push(declared("args", text(&long)));
    declared_service.windows.description = Some(declared("description", long.clone()));
    let installer = planned(&package(vec![declared_service]));
    let row = &installer.components[0].services[0];
    let short = |text: &Formatted| msi::formatted(text).len() < 256;
    let description = row.description.as_ref().unwrap();
    assert!(short(&row.arguments) && short(description));
    assert_eq!(installer.whole(description), Formatted::literal(&long));
    for action in &installer.actions {
        if let Task::Run { arguments, .. } = &action.task {
            assert!(short(arguments), "{action:#?}");
        }
    }
    assert!(arguments(&installer, "Change.beacon").contains(r"[\[]x[\]] [\[]x[\]]"));
}

/// A service with this many arguments that name the install folder.
fn naming_folders(times: usize) -> Package {
    let mut service = beacon("beacon");
    for number in 0..times {
        let mut arg = Text {
            parts: vec![Part::Folder(Folder::Install)],
        };
        arg.parts
            .push(Part::Literal(format!("\\a-long-name-{number}.toml")));
        service.windows.args.push(declared("args", arg));
    }
    package(vec![service])
}

#[test]
fn long_command_lines_fit_by_properties() {
    let installer = planned(&naming_folders(8));
    for id in ["Create.beacon", "Change.beacon"] {
        let Task::Run {
            arguments: line, ..
        } = &action(&installer, id).task
        else {
            panic!("{id} runs nothing");
        };
        assert!(msi::formatted(line).len() <= 255);
        let whole = arguments(&installer, id);
        assert!(
            whole.contains(r#"\"[INSTALLDIR]a-long-name-7.toml\""#),
            "{whole}"
        );
    }
    // What several lines have in common is there once.
    let values: Vec<_> = installer
        .properties
        .iter()
        .filter_map(|p| p.value.as_ref())
        .collect();
    let mut once = values.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), values.len());
}

#[test]
fn what_properties_cannot_make_fit_leaves_it_out_with_its_key() {
    let package = naming_folders(20);
    let mut report = Report::default();
    let plan = windows::plan(&package, &mut report).unwrap();
    let lacks = installer(&plan, &package, &mut report)
        .unwrap()
        .unwrap_err();
    assert_eq!(lacks.to_string(), "so many folders in `args` of `beacon`");
    assert_eq!(report.diagnostics(), []);
    let shown = lacks.show(Diagnostic::warning(""));
    assert_eq!(shown.place.unwrap().key, "package.metadata.service.args");
}
