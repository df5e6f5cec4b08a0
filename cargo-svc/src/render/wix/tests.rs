use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::escape::msi::tests::read;
use crate::plan::systemd::sample::{declared, package, text as literal};
use crate::plan::windows::installer::tests::{beacon, full, planned};
use crate::plan::windows::installer::{Icon, Licence};
use crate::render::windows::tests::awkward;
use crate::render::{Artifact, gathered};
use crate::service::ServiceName;
use crate::testing::xml::{Element, parse};

fn rendered(installer: &Installer) -> Vec<Artifact> {
    gathered(|files| sources(installer, files))
}

fn by_kind(installer: &Installer, kind: Kind) -> Element {
    let artifact = rendered(installer)
        .into_iter()
        .find(|artifact| artifact.kind == kind)
        .unwrap();
    parse(&String::from_utf8(artifact.contents).unwrap())
}

const KINDS: [Kind; 4] = [
    Kind::WixV3,
    Kind::WixV3Product,
    Kind::WixV4,
    Kind::WixV4Product,
];

#[test]
fn no_source_holds_the_version() {
    let mut versioned = package(vec![beacon("beacon")]);
    let before = rendered(&planned(&versioned));
    versioned.version = cargo_metadata::semver::Version::new(7, 7, 7);
    assert_eq!(rendered(&planned(&versioned)), before);
}

#[test]
fn every_reference_leads_to_something() {
    let services = vec![beacon("web"), beacon("store"), full("full")];
    let installer = planned(&package(services));
    for kind in KINDS {
        let root = by_kind(&installer, kind);
        let ids = |name: &str, attribute: &str| -> BTreeSet<String> {
            let found = root.find(name);
            let set: BTreeSet<String> = found.iter().map(|e| e.get(attribute).to_owned()).collect();
            assert_eq!(set.len(), found.len(), "{kind:?}: {name} twice");
            set
        };
        let actions = ids("CustomAction", "Id");
        assert_eq!(actions, ids("Custom", "Action"), "{kind:?}");
        let numbers = ids("Custom", "Sequence");
        assert_eq!(numbers.len(), actions.len());
        let properties = ids("Property", "Id");
        for action in root.find("CustomAction") {
            // A tool's path, or the property that is set: both are known from the start, or are set by another action.
            let property = action.get("Property");
            let set_by_another = root
                .find("CustomAction")
                .iter()
                .any(|other| other.get("Property") == property && !other.get("Value").is_empty());
            assert!(
                properties.contains(property) || set_by_another,
                "{property}"
            );
        }
        let groups = ids("ComponentGroup", "Id");
        assert!(
            ids("ComponentGroupRef", "Id").is_subset(&groups),
            "{kind:?}"
        );
        let mut folders = ids("Directory", "Id");
        let of_system = root.find("StandardDirectory");
        folders.extend(of_system.iter().map(|e| e.get("Id").to_owned()));
        for folder in root.find("DirectoryRef") {
            let id = folder.get("Id");
            let of_others = ["TARGETDIR", "ProgramFiles64Folder"].contains(&id);
            assert!(of_others || folders.contains(id), "{kind:?}: {id}");
        }
        assert_eq!(
            ids("ComponentRef", "Id").len() + installer.components.len(),
            root.find("Component").len()
        );
        ids("Component", "Guid");
        ids("ServiceInstall", "Name");
    }
}

#[test]
fn the_generations_say_the_same() {
    let installer = planned(&package(vec![awkward(), full("full")]));
    let (three, four) = (
        by_kind(&installer, Kind::WixV3Product),
        by_kind(&installer, Kind::WixV4Product),
    );
    for name in [
        "CustomAction",
        "ServiceInstall",
        "RegistryValue",
        "Property",
        "DirectorySearch",
        "PermissionEx",
        "File",
    ] {
        let attributes = |root: &Element| -> Vec<_> {
            let with_condition = |e: &&Element| {
                let mut attributes = e.attributes.clone();
                // An element of its own in the older generation.
                if let Some(condition) = e.children.iter().find(|one| one.name == "Condition") {
                    attributes.insert("Condition".to_owned(), condition.text.trim().to_owned());
                }
                attributes
            };
            root.find(name).iter().map(with_condition).collect()
        };
        assert_eq!(attributes(&three), attributes(&four), "{name}");
    }
    let conditions = |root: &Element, v3: bool| -> Vec<(String, String, String)> {
        root.find("Custom")
            .iter()
            .map(|e| {
                let condition = if v3 {
                    e.text.clone()
                } else {
                    e.get("Condition").to_owned()
                };
                (
                    e.get("Action").to_owned(),
                    e.get("Sequence").to_owned(),
                    condition,
                )
            })
            .collect()
    };
    assert_eq!(conditions(&three, true), conditions(&four, false));
}

#[test]
fn texts_beyond_1252_need_utf_8() {
    let page = |installer: &Installer, kind, element: &str| {
        by_kind(installer, kind).find(element)[0]
            .get("Codepage")
            .to_owned()
    };
    let ascii = planned(&package(vec![beacon("beacon")]));
    let beyond = planned(&package(vec![awkward()]));
    for (kind, element) in [
        (Kind::WixV3Product, "Product"),
        (Kind::WixV4Product, "Package"),
    ] {
        assert_eq!(page(&ascii, kind, element), "");
        assert_eq!(page(&beyond, kind, element), "65001");
    }
}

#[test]
fn wixl_is_kept_from_losing_dollar_signs() {
    let text = |installer: &Installer, kind| {
        let mut all = rendered(installer).into_iter();
        let found = all.find(|artifact| artifact.kind == kind).unwrap();
        String::from_utf8(found.contents).unwrap()
    };
    let plain = planned(&package(vec![beacon("beacon")]));
    let mut needy = beacon("beacon");
    needy.own_windows.depends = vec![declared("depends", "MSSQL$ONE".to_owned())];
    let needy = planned(&package(vec![needy]));
    for kind in KINDS {
        let refuses = |installer| text(installer, kind).contains("<?error wixl loses");
        assert!(!refuses(&plain), "{kind:?}");
        let is_for_wixl = matches!(kind, Kind::WixV3 | Kind::WixV3Product);
        assert_eq!(refuses(&needy), is_for_wixl, "{kind:?}");
    }
}

#[test]
fn a_package_named_product_has_both_files() {
    let mut installer = planned(&package(vec![beacon("beacon")]));
    installer.package = "product".into();
    let paths: BTreeSet<String> = rendered(&installer).into_iter().map(|a| a.path).collect();
    assert_eq!(paths.len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Random declarations: both generations are well-formed, and give back what was declared.
    #[test]
    fn random_declarations_read_back(
        names in prop::collection::btree_set("[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", 1..4),
        display in r#"[!-?A-Z\[\]{}()$&<>"'é漢 ]{0,16}[a-z]"#,
        args in prop::collection::vec(r"[ -$&-~é]{0,10}", 0..4),
        values in prop::collection::btree_map("[A-Z]{3}", r"[ -~é$(!]{0,12}", 0..4),
    ) {
        prop_assume!(!display.starts_with('@') && values.values().all(|value| !value.contains("%~")));
        let mut seen = BTreeSet::new();
        let mut services = Vec::new();
        for name in &names {
            let Ok(name) = ServiceName::parse(name) else { continue };
            if !seen.insert(name.as_str().to_ascii_lowercase()) { continue }
            let mut service = beacon("program");
            service.windows.name = declared("name", name);
            service.windows.description = Some(declared("description", display.clone()));
            for arg in &args {
                service.windows.args.push(declared("args", literal(arg)));
            }
            for (key, value) in &values {
                let key = crate::service::EnvName::parse(key).unwrap();
                service.windows.environment.insert(key, declared("environment", literal(value)));
            }
            services.push(service);
        }
        prop_assume!(!services.is_empty());
        services[0].windows.display_name = Some(declared("display-name", display.clone()));
        let taken: Vec<String> = services.iter().map(|s| s.windows.name.value.as_str().to_lowercase()).collect();
        prop_assume!(!taken.contains(&display.to_lowercase()));
        let mut report = crate::diagnostics::Report::default();
        let package = package(services);
        let plan = crate::plan::windows::plan(&package, &mut report);
        // What the scripts cannot carry is refused before; that is another test's.
        prop_assume!(plan.is_some());
        let plan = plan.unwrap();
        let installer = crate::plan::windows::installer::installer(&plan, &package, &mut report).unwrap().unwrap();
        for kind in KINDS {
            let root = by_kind(&installer, kind);
            let values_of = root.find("Property");
            let plain = |text: &str| read(text, &|name| {
                let found = values_of.iter().find(|property| property.get("Id") == name);
                found.map_or(format!("<{name}>"), |property| property.get("Value").to_owned())
            });
            let rows = root.find("ServiceInstall");
            prop_assert_eq!(rows.len(), plan.services.len());
            for row in rows {
                let line = format!("x {}", plain(row.get("Arguments")));
                prop_assert_eq!(&crate::escape::argv::tests::split(&line)[1..], args.as_slice());
                prop_assert_eq!(plain(row.get("Description")), display.clone());
            }
            for value in root.find("RegistryValue").into_iter().filter(|v| v.get("Name") == "Environment") {
                let read = plain(value.get("Value"));
                for (key, value) in &values {
                    let wanted = format!("{key}={value}");
                    prop_assert!(read.split('\0').any(|line| line == wanted), "{read:?} lacks {wanted:?}");
                }
            }
        }
    }
}

/// An installer that shows a licence and has an icon.
fn dressed() -> Installer {
    let mut installer = planned(&package(vec![beacon("beacon")]));
    installer.licence = Some(Licence {
        rtf: "{\\rtf1 All rights.}".to_owned(),
    });
    installer.icon = Some(Icon {
        source: "art/a & b.ico".to_owned(),
        committed: "dist/service".to_owned(),
        bytes: Vec::new(),
    });
    installer
}

#[test]
fn licence_and_icon_are_the_products() {
    let installer = dressed();
    let licence = rendered(&installer)
        .into_iter()
        .find(|artifact| artifact.kind == Kind::WixLicence)
        .unwrap();
    assert_eq!(licence.path, "wix/license.rtf");
    assert_eq!(licence.contents, b"{\\rtf1 All rights.}");
    for kind in [Kind::WixV3, Kind::WixV4] {
        let root = by_kind(&installer, kind);
        assert!(root.find("UI").is_empty() && root.find("Icon").is_empty());
    }
    for kind in [Kind::WixV3Product, Kind::WixV4Product] {
        let root = by_kind(&installer, kind);
        // wixl, which resolves paths by itself, has one of its own, before the other.
        let icons = root.find("Icon");
        assert_eq!(icons.len(), if kind == Kind::WixV3Product { 2 } else { 1 });
        let icon = icons.last().unwrap();
        // From `dist/service/wix/v3`.
        assert_eq!(
            icon.get("SourceFile"),
            "$(sys.SOURCEFILEDIR)../../../../art/a & b.ico"
        );
        let property = |name: &str| {
            let found = root.find("Property");
            let found = found.iter().find(|one| one.get("Id") == name);
            found.map(|one| one.get("Value").to_owned())
        };
        assert_eq!(property("ARPPRODUCTICON").as_deref(), Some(icon.get("Id")));
        let texts = root.find("Text");
        let [text] = texts[..] else {
            panic!("{kind:?}");
        };
        assert_eq!(text.get("SourceFile"), "$(sys.SOURCEFILEDIR)../license.rtf");
    }
    // Nothing of it where neither is declared.
    let plain = planned(&package(vec![beacon("beacon")]));
    for kind in KINDS {
        assert!(by_kind(&plain, kind).find("UI").is_empty());
    }
    assert_eq!(rendered(&plain).len(), 4);
}

#[test]
fn both_generations_show_the_dialogs_of_the_package() {
    let installer = dressed();
    let roots = [Kind::WixV3Product, Kind::WixV4Product].map(|kind| by_kind(&installer, kind));
    for root in &roots {
        let shown = root.find("Dialog");
        assert_eq!(shown.len(), dialogs::DIALOGS.len());
        for (dialog, declared) in shown.iter().zip(&dialogs::DIALOGS) {
            assert_eq!(dialog.get("Id"), declared.id);
            let controls = dialog.find("Control");
            for (control, declared) in controls.iter().zip(declared.controls) {
                assert_eq!(control.get("Id"), declared.id);
                assert_eq!(control.get("Text"), declared.text);
                assert_eq!(control.find("Publish").len(), declared.events.len());
            }
        }
    }
    let [three, four] = &roots;
    // What one says in texts the other says in attributes.
    let said = |root: &Element, name: &str, attribute: &str| -> Vec<String> {
        let all = root.find(name).into_iter();
        all.map(|one| match one.get(attribute) {
            "" => one.text.trim().to_owned(),
            text => text.to_owned(),
        })
        .collect()
    };
    assert_eq!(
        said(three, "UIText", "Value"),
        said(four, "UIText", "Value")
    );
    assert_eq!(
        said(three, "ProgressText", "Message"),
        said(four, "ProgressText", "Message")
    );
    assert_eq!(
        said(three, "Show", "Condition"),
        said(four, "Show", "Condition")
    );
    let conditions: Vec<&str> = three.find("Dialog")[0]
        .find("Condition")
        .into_iter()
        .map(|condition| condition.text.as_str())
        .collect();
    let install = four.find("Control");
    let install = install
        .iter()
        .find(|one| one.get("Id") == "Install")
        .unwrap();
    assert_eq!(
        conditions,
        [
            install.get("EnableCondition"),
            install.get("DisableCondition")
        ]
    );
}
