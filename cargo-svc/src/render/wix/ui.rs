//! The dialogs and the icon as the templates lay them out.

use crate::plan::windows::installer::{ICON, Icon, Installer};
use crate::render::dialogs::{Control, DIALOGS, Dialog, Event, IN_USE, Kind, Look};

/// An icon.
pub(super) struct Ico {
    pub(super) id: &'static str,
    /// Its path from the folder of a source.
    pub(super) path: String,
}

impl Ico {
    pub(super) fn new(icon: &Icon) -> Self {
        // Out of `v3`, of `wix`, and of the folder.
        let up = "../".repeat(2 + icon.committed.split('/').count());
        Self {
            id: ICON,
            path: format!("{up}{}", icon.source),
        }
    }
}

/// A dialog: attributes as WiX writes them.
pub(super) struct Window {
    pub(super) id: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) controls: Vec<Part>,
}

/// What is on it.
pub(super) struct Part {
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) is_licence: bool,
    /// The attribute that names what is done, its value, and its argument.
    pub(super) events: Vec<(&'static str, &'static str, &'static str)>,
    /// What its events, and its being enabled, depend on.
    pub(super) condition: &'static str,
    pub(super) conditions: Vec<(&'static str, String)>,
    pub(super) shows: Vec<(&'static str, &'static str)>,
}

impl Part {
    /// Its conditions as attributes, as later versions of WiX write them.
    pub(super) fn v4_conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.conditions.iter().map(|(action, condition)| {
            let name = match *action {
                "enable" => "EnableCondition",
                _ => "DisableCondition",
            };
            (name, condition.as_str())
        })
    }
}

/// The dialogs of an installer that shows a licence.
pub(super) fn windows(installer: &Installer) -> Vec<Window> {
    let shown = installer.licence.iter().flat_map(|_| &DIALOGS);
    shown.map(window).collect()
}

fn yes(name: &'static str) -> (&'static str, String) {
    (name, "yes".to_owned())
}

fn window(dialog: &Dialog) -> Window {
    let mut attributes = vec![
        ("Width", dialog.width.to_string()),
        ("Height", dialog.height.to_string()),
        ("Title", "[ProductName]".to_owned()),
    ];
    match dialog.look {
        Look::Modal => {}
        Look::Question => attributes.push(yes("NoMinimize")),
        Look::Modeless => attributes.push(yes("Modeless")),
        Look::Beside => attributes.push(yes("KeepModeless")),
        Look::Error => attributes.extend([yes("NoMinimize"), yes("ErrorDialog")]),
    }
    Window {
        id: dialog.id,
        attributes,
        controls: dialog.controls.iter().map(part).collect(),
    }
}

fn event(event: &Event) -> (&'static str, &'static str, &'static str) {
    match event.property() {
        Some(property) => ("Property", property, event.argument),
        None => ("Event", event.name, event.argument),
    }
}

fn part(control: &Control) -> Part {
    let [x, y, width, height] = control.place;
    let mut attributes = vec![
        ("Id", control.id.to_owned()),
        ("Type", control.kind.word().to_owned()),
        ("X", x.to_string()),
        ("Y", y.to_string()),
        ("Width", width.to_string()),
        ("Height", height.to_string()),
    ];
    match control.kind {
        Kind::Text => attributes.extend([yes("Transparent"), yes("NoPrefix")]),
        Kind::Licence => attributes.extend([yes("Sunken"), ("TabSkip", "no".to_owned())]),
        Kind::CheckBox(property) => attributes.extend([
            ("Property", property.to_owned()),
            ("CheckBoxValue", "1".to_owned()),
        ]),
        Kind::Programs => attributes.extend([
            ("Property", IN_USE.to_owned()),
            yes("Sunken"),
            ("TabSkip", "no".to_owned()),
        ]),
        Kind::Progress => attributes.push(yes("ProgressBlocks")),
        _ => {}
    }
    if control.kind.is_default() {
        attributes.push(yes("Default"));
    }
    if control.kind.is_cancel() {
        attributes.push(yes("Cancel"));
    }
    if !control.text.is_empty() {
        attributes.push(("Text", control.text.to_owned()));
    }
    let conditions = control.enabled.iter().flat_map(|condition| {
        [
            ("enable", (*condition).to_owned()),
            ("disable", format!("NOT ({condition})")),
        ]
    });
    Part {
        attributes,
        is_licence: control.kind == Kind::Licence,
        events: control.events.iter().map(event).collect(),
        condition: control.enabled.unwrap_or("1"),
        conditions: conditions.collect(),
        shows: control.shows.into_iter().collect(),
    }
}
