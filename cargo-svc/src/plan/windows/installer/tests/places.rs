use super::*;

#[test]
fn folders_are_made_with_their_lists_and_stay() {
    let installer = planned(&package(vec![full("beacon")]));
    let names: Vec<&str> = installer
        .directories
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    // The install folder, and the one that it is in.
    assert_eq!(names[..2], ["It's", "here"]);
    let property = |below: &str| identity::public_property("SVC", below, "FOLDER");
    let state = installer
        .made
        .iter()
        .find(|made| {
            let record = made.record.as_ref();
            record.is_some_and(|record| {
                record.data
                    == Data::Text({
                        let mut path = Formatted::property(PROGRAM_DATA);
                        path.push(r"beacon\state");
                        path
                    })
            })
        })
        .unwrap();
    let record = state.record.as_ref().unwrap();
    assert_eq!(record.key, r"SOFTWARE\cargo-svc\beacon\Folders");
    let lock = state.lock.as_ref().unwrap();
    assert!(lock.sddl.contains("(A;OICI;0x1301bf;;;S-1-5-80-"));
    assert_eq!(
        lock.condition.as_deref().unwrap(),
        format!(
            "NOT {} OR RESET=\"1\" OR ({FIRST})",
            property(r"beacon\state")
        )
    );
    // Each is looked for and refused, unless an installation recorded it.
    let refused = installer
        .conditions
        .iter()
        .filter(|one| one.condition.contains("_FOLDER OR "))
        .count();
    let recorded = installer.made.iter().filter(|made| made.record.is_some());
    assert_eq!(refused, recorded.count());
    assert_eq!(refused, installer.folder_searches.len());
    let parents = installer.made.iter().filter(|made| {
        let record = made.record.as_ref();
        record.is_some_and(|record| record.key.ends_with("Shared Folders"))
    });
    // `beacon`, `it's` and `it's\shared & co`.
    assert_eq!(parents.count(), 3);
    let check = action(&installer, "Svc.CheckFolders");
    assert!(check.sequence < 3700 && check.condition == "NOT REMOVE");
}

#[test]
fn what_operators_edit_is_no_file_of_windows_installer() {
    let installer = planned(&package(vec![full("beacon")]));
    let place = |file: &PlacedFile| {
        let mut names = vec![file.file.name.as_str()];
        let mut id = file.directory.as_str();
        while let Some(one) = installer.directories.iter().find(|one| one.id == id) {
            names.push(&one.name);
            id = &one.parent;
        }
        names.reverse();
        format!("{id}\\{}", names.join("\\"))
    };
    let places: Vec<String> = installer.placed.iter().map(place).collect();
    assert_eq!(
        places,
        [
            r"ProgramFiles64Folder\It's\here\svc-defaults\ProgramData\beacon\config\b's\a.toml",
            r"ProgramFiles64Folder\It's\here\d\e & f",
            r"CommonAppDataFolder\beacon\config\g",
            r"ProgramFiles64Folder\It's\here\svc-defaults\programs\h",
        ]
    );
    assert_eq!(
        installer.placed[1]
            .lock
            .as_ref()
            .map(|lock| lock.sddl.as_str()),
        Some(crate::plan::windows::Access::PRIVATE_FILE)
    );
    for (number, path) in [(1, r"beacon\config\b's\a.toml"), (2, r"[INSTALLDIR]h")] {
        let line = arguments(&installer, &format!("PlaceFile.{number}"));
        assert!(line.contains(path), "{line}");
        let (take, put, tidy) = (
            action(&installer, &format!("TakeFile.{number}")),
            action(&installer, &format!("PlaceFile.{number}")),
            action(&installer, &format!("TidyFile.{number}")),
        );
        assert!(take.sequence < put.sequence && put.sequence < tidy.sequence);
        assert_eq!(put.condition, "NOT Installed");
    }
}

#[test]
fn what_waits_for_something_is_started_by_an_action() {
    let installer = planned(&package(vec![full("beacon")]));
    assert_eq!(installer.components[0].services[0].start_id, None);
    let start = arguments(&installer, "StartFirst.beacon");
    // What the package brings itself is nothing to wait for.
    assert!(
        start.contains(r#"if exist "[CommonAppDataFolder]beacon\credentials\token" ("#),
        "{start}"
    );
    assert!(!start.contains("a.toml"), "{start}");
    let said = arguments(&installer, "SayMissing.beacon");
    assert!(
        said.contains("beacon is installed and not started: the credential token"),
        "{said}"
    );
    let source = &installer.components[0].registry;
    assert!(source.iter().any(|value| value.name == "CustomSource"));
}

#[test]
fn every_line_fits_its_column_and_cmd_exe() {
    let mut many = full("beacon");
    let credential = many.windows.credentials[0].clone();
    for number in 0..12 {
        let mut one = credential.clone();
        one.value.name = format!("token-{number}");
        many.windows.credentials.push(one);
    }
    let installer = planned(&package(vec![many]));
    for action in &installer.actions {
        let Task::Run {
            arguments: line, ..
        } = &action.task
        else {
            continue;
        };
        assert!(msi::formatted(line).len() < 256, "{action:#?}");
        let whole = msi::formatted(&installer.whole(line));
        let folders = whole.matches("Folder]").count() + whole.matches("[INSTALLDIR]").count();
        assert!(whole.len() + folders * 200 < 8191, "{whole}");
        // A letter that is a modifier, too, would be read as one.
        for letter in whole.split("%~").skip(1) {
            let letter = letter.trim_start_matches('f').chars().next().unwrap();
            assert!("CEGHIJK".contains(letter), "{whole}");
        }
    }
}

#[test]
fn an_install_folder_on_a_drive_is_looked_for_first() {
    let mut service = beacon("beacon");
    service.own_windows.install_dir = Some(declared("install-dir", r"D:\Beacon".into()));
    let installer = planned(&package(vec![service]));
    assert_eq!(installer.directories[0].name, "Beacon");
    let set = action(&installer, "Svc.SetFixedDir");
    assert_eq!(set.condition, "NOT INSTALLDIR");
    assert!(set.sequence > action(&installer, "Svc.SetInstallDir").sequence);
    assert_eq!(arguments(&installer, "Svc.SetFixedDir"), r"D:\Beacon");
    let found = &installer.folder_searches[0];
    assert_eq!(found.path, Formatted::literal(r"D:\Beacon"));
    let refused = installer.conditions.last().unwrap();
    assert!(
        refused
            .condition
            .starts_with("INSTALLDIR OR Installed OR NOT SVC_")
    );
}
