//! What a person sees who installs a package that shows a licence: dialogs as the finished package's tables and the sources for
//! WiX hold them, both from here. No extension of WiX is needed, and all three look the same.
//!
//! The names of controls, events and attributes are Windows Installer's (Microsoft, "Windows Installer User Interface Reference").
//! Nothing of this runs in a silent installation, nor in one with the basic interface (`/qn`, `/qb`).
//!
//! `FilesInUse` is there since validation asks for it wherever there are dialogs (Microsoft, "ICE20"), as WiX v3's light does: it is shown
//! where a program with a window has a file open that is replaced. `MsiRMFilesInUse` is not: whom it would name is the service itself,
//! which it would offer to stop and start, and the table of services does that, also where an operator had it stopped.

mod table;

#[cfg(test)]
mod tests;

pub use table::DIALOGS;

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
