//! What a person sees who installs a package that shows a licence: dialogs as the finished package's tables and the sources for
//! WiX hold them, both from here. No extension of WiX is needed, and all three look the same.
//!
//! The names of controls, events and attributes are Windows Installer's (Microsoft, "Windows Installer User Interface Reference").
//! Nothing of this runs in a silent installation, nor in one with the basic interface (`/qn`, `/qb`).
//!
//! `FilesInUse` is there since validation asks for it wherever there are dialogs (Microsoft, "ICE20"), as WiX v3's light does: it is shown
//! where a program with a window has a file open that is replaced. `MsiRMFilesInUse` is not: whom it would name is the service itself,
//! which it would offer to stop and start, and the table of services does that, also where an operator had it stopped.

/// A dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialog {
    /// Its key.
    pub id: &'static str,
    /// Its width in the installer's units.
    pub width: u16,
    /// Its height likewise.
    pub height: u16,
    /// How it stands before others.
    pub look: Look,
    /// What is on it, in the order in which the tabulator goes.
    pub controls: &'static [Control],
}

/// How a dialog stands before others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It waits for an answer.
    Modal,
    /// It waits for an answer, and its window cannot be put away.
    Question,
    /// It shows what goes on meanwhile.
    Modeless,
    /// It waits for an answer, and what goes on stays in sight.
    Beside,
    /// It shows an error: Windows Installer chooses the buttons.
    Error,
}

/// Something on a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// Its key within the dialog.
    pub id: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Left, top, width and height.
    pub place: [u16; 4],
    /// What stands on it.
    pub text: &'static str,
    /// What a press does, in order.
    pub events: &'static [Event],
    /// What it shows of what happens: the event, and its own attribute that follows it.
    pub shows: Option<(&'static str, &'static str)>,
    /// The condition under which it can be pressed.
    pub enabled: Option<&'static str>,
}

/// What a control is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line or a paragraph.
    Text,
    /// The licence, to be scrolled.
    Licence,
    /// A box that is ticked, and the property that is 1 while it is.
    CheckBox(&'static str),
    /// A button.
    Button,
    /// The button that the return key presses.
    Default,
    /// The button that the escape key presses.
    Cancel,
    /// The one that both press.
    Only,
    /// The programs that have a file open; Windows Installer fills it.
    Programs,
    /// A bar that fills up.
    Progress,
    /// A line across.
    Line,
}

impl Kind {
    /// The word of the tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Licence => "ScrollableText",
            Self::CheckBox(_) => "CheckBox",
            Self::Button | Self::Default | Self::Cancel | Self::Only => "PushButton",
            Self::Programs => "ListBox",
            Self::Progress => "ProgressBar",
            Self::Line => "Line",
        }
    }

    /// Whether the tabulator stops there.
    pub const fn stops(self) -> bool {
        !matches!(self, Self::Text | Self::Progress | Self::Line)
    }

    /// Whether the return key presses it.
    pub const fn is_default(self) -> bool {
        matches!(self, Self::Default | Self::Only)
    }

    /// Whether the escape key does.
    pub const fn is_cancel(self) -> bool {
        matches!(self, Self::Cancel | Self::Only)
    }
}

/// What a press does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The event; or in brackets a property, which becomes the argument.
    pub name: &'static str,
    /// Its argument.
    pub argument: &'static str,
}

impl Event {
    /// The property that it sets, if it does.
    pub fn property(&self) -> Option<&'static str> {
        self.name.strip_prefix('[')?.strip_suffix(']')
    }
}

/// When a dialog is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At the end, after a success.
    Success,
    /// At the end, if somebody has stopped it.
    Stopped,
    /// At the end, after an error.
    Failed,
    /// At this place of the sequence, under this condition.
    At(u16, &'static str),
}

impl Moment {
    /// Its number in the sequence.
    pub fn number(self) -> i32 {
        match self {
            Self::Success => -1,
            Self::Stopped => -2,
            Self::Failed => -3,
            Self::At(number, _) => number.into(),
        }
    }

    /// WiX's word for the end that it stands for.
    pub const fn exit(self) -> Option<&'static str> {
        match self {
            Self::Success => Some("success"),
            Self::Stopped => Some("cancel"),
            Self::Failed => Some("error"),
            Self::At(..) => None,
        }
    }

    /// Its condition; empty: always.
    pub const fn condition(self) -> &'static str {
        match self {
            Self::At(_, condition) => condition,
            _ => "",
        }
    }
}

/// The dialogs of an installation, an upgrade, a repair and a removal, before `ExecuteAction` (1300).
pub const SEQUENCE: [(&str, Moment); 6] = [
    ("SvcFailedDlg", Moment::Failed),
    ("SvcStoppedDlg", Moment::Stopped),
    ("SvcDoneDlg", Moment::Success),
    ("SvcLicenceDlg", Moment::At(1297, "NOT Installed")),
    (
        "SvcMaintenanceDlg",
        Moment::At(1298, "Installed AND NOT RESUME AND NOT Preselected"),
    ),
    ("SvcProgressDlg", Moment::At(1299, "")),
];

/// The property through which Windows Installer fills the list of programs.
pub const IN_USE: &str = "FileInUseProcess";

/// The property that the licence's box sets.
pub const ACCEPTED: &str = "LicenseAccepted";

/// Properties that Windows Installer looks at: the font of all texts, and the dialog for errors.
pub const PROPERTIES: [(&str, &str); 2] =
    [("DefaultUIFont", "SvcText"), ("ErrorDialog", "SvcErrorDlg")];

/// Fonts: key, name, size, and whether it is bold.
pub const FONTS: [(&str, &str, u16, bool); 2] = [
    ("SvcText", "Tahoma", 8, false),
    ("SvcTitle", "Tahoma", 9, true),
];

/// What the progress says while an action runs.
pub const ACTIONS: [(&str, &str); 15] = [
    ("CreateFolders", "Making folders"),
    ("DeleteServices", "Removing services"),
    ("InstallFiles", "Copying files"),
    ("InstallServices", "Registering services"),
    ("InstallValidate", "Looking at the machine"),
    ("PublishProduct", "Publishing the product"),
    ("RegisterProduct", "Registering the product"),
    ("RemoveExistingProducts", "Removing the older version"),
    ("RemoveFiles", "Removing files"),
    ("RemoveRegistryValues", "Removing values of the registry"),
    ("Rollback", "Taking everything back"),
    ("RollbackCleanup", "Removing what is kept for taking back"),
    ("StartServices", "Starting services"),
    ("StopServices", "Stopping services"),
    ("WriteRegistryValues", "Writing values of the registry"),
];

/// Texts that Windows Installer itself puts into dialogs.
pub const TEXTS: [(&str, &str); 1] = [("ScriptInProgress", "Preparing")];

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

#[cfg(test)]
mod tests {
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
}
