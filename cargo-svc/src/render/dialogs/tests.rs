//! The dialogs as a whole.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_reference_leads_to_a_dialog_and_every_dialog_is_reached() {
    let all: BTreeSet<&str> = DIALOGS.iter().map(|dialog| dialog.id).collect();
    assert_eq!(all.len(), DIALOGS.len());
    let mut reached: BTreeSet<&str> = SEQUENCE.iter().map(|(id, _)| *id).collect();
    // Windows Installer itself shows these.
    reached.extend(["FilesInUse", "SvcErrorDlg"]);
    for control in DIALOGS.iter().flat_map(|dialog| dialog.controls) {
        for event in control.events {
            if event.name == "SpawnDialog" {
                reached.insert(event.argument);
            }
        }
    }
    assert_eq!(all, reached);
}

#[test]
fn every_dialog_can_be_left_and_everything_is_on_it() {
    for dialog in &DIALOGS {
        let ids: BTreeSet<&str> = dialog.controls.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), dialog.controls.len(), "{}", dialog.id);
        for control in dialog.controls {
            let [x, y, width, height] = control.place;
            assert!(
                x + width <= dialog.width && y + height <= dialog.height,
                "{} of {}",
                control.id,
                dialog.id
            );
            // A button does something, and nothing else does.
            let presses = control.kind.word() == "PushButton";
            assert_eq!(presses, !control.events.is_empty(), "{}", control.id);
        }
        let count = |wanted: fn(Kind) -> bool| {
            let kinds = dialog.controls.iter().map(|control| control.kind);
            kinds.filter(|kind| wanted(*kind)).count()
        };
        let cancels = usize::from(dialog.look != Look::Error);
        assert_eq!(count(Kind::is_cancel), cancels, "{}", dialog.id);
        assert!(count(Kind::is_default) <= 1, "{}", dialog.id);
    }
}

/// Microsoft, "ICE20": what validation asks of a package with dialogs.
#[test]
fn validation_finds_the_dialogs_that_it_asks_for() {
    let dialog = |id: &str| DIALOGS.iter().find(|dialog| dialog.id == id).unwrap();
    let ends = |id: &str, control: Option<&str>, argument: &str| {
        let mut controls = dialog(id).controls.iter();
        controls.any(|one| {
            control.is_none_or(|control| one.id == control)
                && matches!(one.events, [Event { name: "EndDialog", argument: given }] if *given == argument)
        })
    };
    let in_use = dialog("FilesInUse");
    assert!(
        in_use
            .controls
            .iter()
            .any(|one| one.kind == Kind::Programs && one.kind.word() == "ListBox")
    );
    for argument in ["Ignore", "Exit", "Retry"] {
        assert!(ends("FilesInUse", None, argument), "{argument}");
    }
    let (_, errors) = PROPERTIES
        .iter()
        .find(|(name, _)| *name == "ErrorDialog")
        .unwrap();
    let error = dialog(errors);
    assert_eq!(error.look, Look::Error);
    let [first, buttons @ ..] = error.controls else {
        panic!("it is empty");
    };
    assert_eq!((first.id, first.kind), ("ErrorText", Kind::Text));
    for (id, argument) in [
        ("A", "ErrorAbort"),
        ("C", "ErrorCancel"),
        ("I", "ErrorIgnore"),
        ("N", "ErrorNo"),
        ("O", "ErrorOk"),
        ("R", "ErrorRetry"),
        ("Y", "ErrorYes"),
    ] {
        assert!(ends(errors, Some(id), argument), "{id}");
    }
    // Their left edge is the installer's.
    assert!(
        buttons
            .iter()
            .all(|one| one.place[1..] == buttons[0].place[1..])
    );
    let numbers: Vec<i32> = SEQUENCE.iter().map(|(_, moment)| moment.number()).collect();
    assert!([-1, -2, -3].iter().all(|end| numbers.contains(end)));
}
