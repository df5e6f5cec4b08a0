//! The tables of what a person sees.

use super::Cell;
use super::rows::Build;
use crate::plan::windows::installer::Licence;
use crate::render::dialogs::{
    ACTIONS, Control, DIALOGS, Dialog, FONTS, IN_USE, Kind, Look, PROPERTIES, SEQUENCE, TEXTS,
};

impl Build {
    /// All dialogs, with the licence on one of them.
    pub(super) fn dialogs(&mut self, licence: &Licence) {
        for dialog in &DIALOGS {
            self.dialog(dialog, licence);
        }
        // Files for a share ask for no licence, and install nothing.
        for (table, installs) in [("InstallUISequence", true), ("AdminUISequence", false)] {
            let shown = SEQUENCE
                .iter()
                .filter(|(_, moment)| installs || moment.condition().is_empty());
            for (id, moment) in shown {
                let condition = Cell::text(moment.condition());
                self.row(
                    table,
                    vec![Cell::text(*id), condition, Cell::Number(moment.number())],
                );
            }
        }
        for (id, name, size, bold) in FONTS {
            let style = if bold { Cell::Number(1) } else { Cell::Null };
            let size = Cell::Number(size.into());
            self.row(
                "TextStyle",
                vec![Cell::text(id), Cell::text(name), size, Cell::Null, style],
            );
        }
        for (name, value) in PROPERTIES {
            self.row("Property", vec![Cell::text(name), Cell::text(value)]);
        }
        for (name, text) in TEXTS {
            self.row("UIText", vec![Cell::text(name), Cell::text(text)]);
        }
        for (action, text) in ACTIONS {
            self.row(
                "ActionText",
                vec![Cell::text(action), Cell::text(text), Cell::Null],
            );
        }
    }

    fn dialog(&mut self, dialog: &Dialog, licence: &Licence) {
        // Visible (1), modal (2), can be put away (4), leaves others open (16), shows errors (65536).
        let attributes = match dialog.look {
            Look::Modal => 1 | 2 | 4,
            Look::Question => 1 | 2,
            Look::Modeless => 1 | 4,
            Look::Beside => 1 | 2 | 4 | 16,
            Look::Error => 1 | 2 | 65536,
        };
        let stops: Vec<&Control> = dialog.controls.iter().filter(|c| c.kind.stops()).collect();
        let one = |wanted: fn(Kind) -> bool| {
            let found = stops.iter().find(|control| wanted(control.kind));
            found.map_or(Cell::Null, |control| Cell::text(control.id))
        };
        self.row(
            "Dialog",
            vec![
                Cell::text(dialog.id),
                // In the middle of the screen.
                Cell::Number(50),
                Cell::Number(50),
                Cell::Number(dialog.width.into()),
                Cell::Number(dialog.height.into()),
                Cell::Number(attributes),
                Cell::text("[ProductName]"),
                one(|_| true),
                one(Kind::is_default),
                one(Kind::is_cancel),
            ],
        );
        for control in dialog.controls {
            let place = stops.iter().position(|known| known.id == control.id);
            let next = place.filter(|_| stops.len() > 1).map_or(Cell::Null, |at| {
                Cell::text(stops[(at + 1) % stops.len()].id)
            });
            self.control(dialog, control, next, licence);
        }
    }

    fn control(&mut self, dialog: &Dialog, control: &Control, next: Cell, licence: &Licence) {
        let key = || [Cell::text(dialog.id), Cell::text(control.id)];
        // Visible (1) and to be used (2).
        let attributes = 3 | match control.kind {
            // On whatever is behind it, and an ampersand is one.
            Kind::Text => 0x10000 | 0x20000,
            // In a frame.
            Kind::Licence | Kind::Programs => 4,
            // Of single blocks.
            Kind::Progress => 0x10000,
            _ => 0,
        };
        let property = match control.kind {
            Kind::CheckBox(property) => {
                self.row("CheckBox", vec![Cell::text(property), Cell::text("1")]);
                Cell::text(property)
            }
            Kind::Programs => {
                // It is empty until the installer shows it.
                self.table("ListBox");
                Cell::text(IN_USE)
            }
            _ => Cell::Null,
        };
        let text = match control.kind {
            Kind::Licence => licence.rtf.as_str(),
            _ => control.text,
        };
        let mut row = Vec::from(key());
        row.push(Cell::text(control.kind.word()));
        row.extend(control.place.map(|number| Cell::Number(number.into())));
        row.extend([
            Cell::Number(attributes),
            property,
            Cell::text(text),
            next,
            Cell::Null,
        ]);
        self.row("Control", row);
        let mut add = |table: &'static str, rest: Vec<Cell>| {
            let mut row = Vec::from(key());
            row.extend(rest);
            self.row(table, row);
        };
        for (number, event) in (1..).zip(control.events) {
            let (name, argument) = (Cell::text(event.name), Cell::text(event.argument));
            let condition = Cell::text(control.enabled.unwrap_or("1"));
            add(
                "ControlEvent",
                vec![name, argument, condition, Cell::Number(number)],
            );
        }
        if let Some(condition) = control.enabled {
            let not = format!("NOT ({condition})");
            add(
                "ControlCondition",
                vec![Cell::text("Enable"), Cell::text(condition)],
            );
            add(
                "ControlCondition",
                vec![Cell::text("Disable"), Cell::text(not)],
            );
        }
        if let Some((event, attribute)) = control.shows {
            add(
                "EventMapping",
                vec![Cell::text(event), Cell::text(attribute)],
            );
        }
    }
}
