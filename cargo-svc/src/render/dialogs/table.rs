//! What each dialog holds.

use super::{ACCEPTED, Control, Dialog, Event, Kind, Look};

const CONTROL: Control = Control {
    id: "",
    kind: Kind::Text,
    place: [0; 4],
    text: "",
    events: &[],
    shows: None,
    enabled: None,
};

const fn text(id: &'static str, place: [u16; 4], text: &'static str) -> Control {
    Control {
        id,
        place,
        text,
        ..CONTROL
    }
}

const fn button(
    id: &'static str,
    kind: Kind,
    place: [u16; 4],
    text: &'static str,
    events: &'static [Event],
) -> Control {
    Control {
        id,
        kind,
        place,
        text,
        events,
        ..CONTROL
    }
}

const fn event(name: &'static str, argument: &'static str) -> Event {
    Event { name, argument }
}

const TITLE: Control = text("Title", [15, 10, 340, 18], "{\\SvcTitle}[ProductName]");
const LINE: Control = Control {
    id: "BottomLine",
    kind: Kind::Line,
    place: [0, 234, 370, 0],
    ..CONTROL
};
const RETURN: Event = event("EndDialog", "Return");
const EXIT: Event = event("EndDialog", "Exit");
const LEFT: [u16; 4] = [236, 243, 56, 17];
const RIGHT: [u16; 4] = [304, 243, 56, 17];
const CANCEL: Control = button(
    "Cancel",
    Kind::Cancel,
    RIGHT,
    "Cancel",
    &[event("SpawnDialog", "SvcCancelDlg")],
);
const PARAGRAPH: [u16; 4] = [25, 40, 320, 60];

/// A button of the dialog for errors; all of them have one place, and one to three are shown.
const fn answer(id: &'static str, text: &'static str, event: &'static [Event]) -> Control {
    button(id, Kind::Button, [100, 80, 56, 17], text, event)
}

/// All dialogs.
pub const DIALOGS: [Dialog; 9] = [
    Dialog {
        id: "SvcLicenceDlg",
        width: 370,
        height: 270,
        look: Look::Modal,
        controls: &[
            TITLE,
            Control {
                id: "LicenseText",
                kind: Kind::Licence,
                place: [20, 35, 330, 170],
                ..CONTROL
            },
            Control {
                id: "Accept",
                kind: Kind::CheckBox(ACCEPTED),
                place: [20, 212, 330, 18],
                text: "I &accept the terms of the license",
                ..CONTROL
            },
            LINE,
            Control {
                enabled: Some("LicenseAccepted=\"1\""),
                ..button("Install", Kind::Default, LEFT, "&Install", &[RETURN])
            },
            CANCEL,
        ],
    },
    Dialog {
        id: "SvcMaintenanceDlg",
        width: 370,
        height: 270,
        look: Look::Modal,
        controls: &[
            TITLE,
            text(
                "Text",
                PARAGRAPH,
                "[ProductName] is installed. It can be repaired, which keeps its data and settings, or removed.",
            ),
            LINE,
            button(
                "Repair",
                Kind::Default,
                [168, 243, 56, 17],
                "Re&pair",
                &[
                    event("ReinstallMode", "amus"),
                    event("Reinstall", "ALL"),
                    RETURN,
                ],
            ),
            button(
                "Remove",
                Kind::Button,
                LEFT,
                "&Remove",
                // The property, too: conditions of actions look at it.
                &[event("[REMOVE]", "ALL"), event("Remove", "ALL"), RETURN],
            ),
            CANCEL,
        ],
    },
    Dialog {
        id: "SvcProgressDlg",
        width: 370,
        height: 270,
        look: Look::Modeless,
        controls: &[
            TITLE,
            Control {
                shows: Some(("ActionText", "Text")),
                ..text("ActionText", [25, 90, 320, 15], "")
            },
            Control {
                id: "ProgressBar",
                kind: Kind::Progress,
                place: [25, 110, 320, 12],
                shows: Some(("SetProgress", "Progress")),
                ..CONTROL
            },
            LINE,
            CANCEL,
        ],
    },
    Dialog {
        id: "SvcCancelDlg",
        width: 260,
        height: 85,
        look: Look::Question,
        controls: &[
            text(
                "Text",
                [20, 15, 220, 30],
                "Stop, and leave the machine as it was?",
            ),
            button("Yes", Kind::Button, [72, 57, 56, 17], "&Yes", &[EXIT]),
            button("No", Kind::Only, [132, 57, 56, 17], "&No", &[RETURN]),
        ],
    },
    Dialog {
        id: "SvcDoneDlg",
        width: 370,
        height: 270,
        look: Look::Modal,
        controls: &[
            TITLE,
            text("Text", PARAGRAPH, "Everything was done."),
            LINE,
            button("Finish", Kind::Only, RIGHT, "&Finish", &[RETURN]),
        ],
    },
    Dialog {
        id: "SvcStoppedDlg",
        width: 370,
        height: 270,
        look: Look::Modal,
        controls: &[
            TITLE,
            text(
                "Text",
                PARAGRAPH,
                "This was stopped before its end, and what had been changed was taken back.",
            ),
            LINE,
            button("Finish", Kind::Only, RIGHT, "&Finish", &[EXIT]),
        ],
    },
    Dialog {
        id: "SvcFailedDlg",
        width: 370,
        height: 270,
        look: Look::Modal,
        controls: &[
            TITLE,
            text(
                "Text",
                PARAGRAPH,
                "This failed, and what had been changed was taken back. Run it with msiexec.exe and /l*v LOG to learn why.",
            ),
            LINE,
            button("Finish", Kind::Only, RIGHT, "&Finish", &[EXIT]),
        ],
    },
    Dialog {
        // Windows Installer knows it by this name.
        id: "FilesInUse",
        width: 370,
        height: 270,
        look: Look::Beside,
        controls: &[
            text("Title", [15, 10, 340, 18], "{\\SvcTitle}Files in use"),
            text(
                "Text",
                [25, 40, 320, 30],
                "These programs have files open that are to be replaced. Close them and retry, or ignore them: the files are then replaced when the machine starts again.",
            ),
            Control {
                id: "List",
                kind: Kind::Programs,
                place: [25, 80, 320, 140],
                ..CONTROL
            },
            LINE,
            button(
                "Retry",
                Kind::Default,
                [168, 243, 56, 17],
                "&Retry",
                &[event("EndDialog", "Retry")],
            ),
            button(
                "Ignore",
                Kind::Button,
                LEFT,
                "&Ignore",
                &[event("EndDialog", "Ignore")],
            ),
            button("Exit", Kind::Cancel, RIGHT, "E&xit", &[EXIT]),
        ],
    },
    Dialog {
        id: "SvcErrorDlg",
        width: 270,
        height: 105,
        look: Look::Error,
        controls: &[
            text(
                "ErrorText",
                [15, 15, 240, 55],
                "Information about the error",
            ),
            answer("A", "&Abort", &[event("EndDialog", "ErrorAbort")]),
            answer("C", "Cancel", &[event("EndDialog", "ErrorCancel")]),
            answer("I", "&Ignore", &[event("EndDialog", "ErrorIgnore")]),
            answer("N", "&No", &[event("EndDialog", "ErrorNo")]),
            answer("O", "OK", &[event("EndDialog", "ErrorOk")]),
            answer("R", "&Retry", &[event("EndDialog", "ErrorRetry")]),
            answer("Y", "&Yes", &[event("EndDialog", "ErrorYes")]),
        ],
    },
];
