//! From a draft to tables.

use std::collections::BTreeSet;

use super::draft::{Draft, Key, Place, Raw, Socket};
use super::remarks::{Remarks, Spot};
use crate::directives::Section;
use crate::manifest::document::{Item, Remark, Table, Toml};
use crate::manifest::raw::WHOLE;
use crate::unit_file::UnitKind;

/// What stands above the keys that leave something out.
const LEFT_OUT: &str = " Not in the unit: an empty array leaves out what would be written.";

/// The tables of one service. `several` makes it an element of an array.
pub(super) fn tables(draft: &Draft, several: bool, mut remarks: Remarks) -> Vec<Table> {
    let path = "package.metadata.service";
    let mut head = Table {
        element: several,
        remarks: remarks.take(&Spot::Top),
        items: keys(draft, Place::Service, &mut remarks),
        ..Table::new(path)
    };
    let mut tables = Vec::new();
    let systemd = Table {
        remarks: remarks.take(&Spot::Systemd),
        items: keys(draft, Place::Systemd, &mut remarks),
        ..Table::new(format!("{path}.systemd"))
    };
    if systemd.items.is_empty() {
        head.remarks.extend(systemd.remarks);
    } else {
        tables.push(systemd);
    }
    let mut write = Writer {
        draft,
        remarks: &mut remarks,
        tables: &mut tables,
    };
    if draft.group.service().is_some() {
        for (section, word) in [
            (Section::Unit, "unit"),
            (Section::Service, "service"),
            (Section::Install, "install"),
        ] {
            write.raw(0, section, &format!("{path}.systemd.{word}"), None);
        }
    }
    for (kind, word) in [(UnitKind::Timer, "timer"), (UnitKind::Path, "path")] {
        if let Some(index) = draft.single(kind) {
            let own_name = &draft.group.units[index].name.to_string();
            let usual = draft
                .group
                .service_unit()
                .replace(".service", &format!(".{word}"));
            let name = own_name.strip_suffix(&format!(".{word}"));
            let name = name.filter(|_| *own_name != usual);
            write.other(index, kind, &format!("{path}.systemd.{word}"), name);
        }
    }
    for (number, socket) in draft.sockets.iter().enumerate() {
        write.socket(number, socket, &format!("{path}.sockets"));
    }
    head.rest = remarks.take(&Spot::End);
    head.remarks.extend(remarks.rest());
    tables.insert(0, head);
    tables
}

/// The keys of a table; parts of one become one.
fn keys(draft: &Draft, place: Place, remarks: &mut Remarks) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut asked: BTreeSet<usize> = BTreeSet::new();
    for (question, key) in draft.keys(place) {
        let mut above = Vec::new();
        if let Some(index) = question.filter(|index| asked.insert(*index)) {
            above = remarks.take(&Spot::Question(index));
        }
        add(&mut items, key, above);
    }
    items
}

fn add(items: &mut Vec<Item>, key: &Key, mut above: Vec<Remark>) {
    let value = match key.part {
        Some(part) => Toml::Table(vec![(part.to_owned(), key.value.clone())]),
        None => key.value.clone(),
    };
    if let Some(last) = items.last_mut().filter(|last| last.key == key.name)
        && let (Toml::Table(all), Toml::Table(more)) = (&mut last.value, &value)
    {
        all.extend(more.iter().cloned());
        last.remarks.append(&mut above);
        return;
    }
    items.push(Item {
        remarks: above,
        key: key.name.to_owned(),
        value,
    });
}

struct Writer<'a, 'b> {
    draft: &'a Draft<'b>,
    remarks: &'a mut Remarks,
    tables: &'a mut Vec<Table>,
}

impl Writer<'_, '_> {
    /// A table of raw lines, if there are some, or a name.
    fn raw(&mut self, unit: usize, section: Section, path: &str, name: Option<&str>) {
        let mut table = Table {
            remarks: self.remarks.take(&Spot::Head(unit, section)),
            ..Table::new(path)
        };
        table.items.extend(name.map(|name| Item {
            remarks: Vec::new(),
            key: "name".into(),
            value: Toml::text(name),
        }));
        let (said, left_out): (Vec<_>, Vec<_>) = self
            .draft
            .lines(unit, section)
            .partition(|raw| !raw.values.is_empty());
        let (mixed, said): (Vec<_>, Vec<_>) = said.into_iter().partition(|raw| raw.is_mixed);
        for raw in said {
            let spot = Spot::Raw(unit, section, raw.key.clone());
            table.items.push(item(raw, self.remarks.take(&spot)));
        }
        if !mixed.is_empty() {
            let above = mixed.iter().flat_map(|raw| {
                let spot = Spot::Raw(unit, section, raw.key.clone());
                self.remarks.take(&spot)
            });
            let above = above.collect();
            table.items.push(whole(&mixed, above));
        }
        for (index, raw) in left_out.into_iter().enumerate() {
            let why = Remark {
                text: LEFT_OUT.into(),
                apart: false,
            };
            let spot = Spot::Raw(unit, section, raw.key.clone());
            let mut above = self.remarks.take(&spot);
            above.extend((index == 0).then_some(why));
            table.items.push(item(raw, above));
        }
        table.rest = self.remarks.take(&Spot::Tail(unit, section));
        let own = matches!(section, Section::Timer | Section::Path);
        if own || !table.items.is_empty() {
            self.tables.push(table);
        } else {
            // It has no table of its own: it stands above the one that says it.
            let spot = if section == Section::Service {
                Spot::Systemd
            } else {
                Spot::Top
            };
            self.remarks.add(spot, table.remarks);
            self.remarks.add(Spot::End, table.rest);
        }
    }

    fn other(&mut self, unit: usize, kind: UnitKind, path: &str, name: Option<&str>) {
        self.raw(unit, kind.own_section(), path, name);
        self.raw(unit, Section::Unit, &format!("{path}.unit"), None);
        self.raw(unit, Section::Install, &format!("{path}.install"), None);
    }

    fn socket(&mut self, number: usize, socket: &Socket, path: &str) {
        let item = |key: &str, value, remarks| Item {
            remarks,
            key: key.into(),
            value,
        };
        let mut table = Table {
            element: true,
            remarks: self.remarks.take(&Spot::Head(socket.unit, Section::Unit)),
            ..Table::new(path)
        };
        table
            .items
            .push(item("name", Toml::text(&socket.name), Vec::new()));
        if socket.says {
            let above = self.remarks.take(&Spot::Listen(number));
            let listen = match socket.listen.as_slice() {
                [one] => Toml::text(one),
                several => Toml::texts(several),
            };
            table.items.push(item("listen", listen, above));
            if let Some(mode) = &socket.mode {
                table.items.push(item("mode", Toml::text(mode), Vec::new()));
            }
        } else {
            let above = self.remarks.take(&Spot::Listen(number));
            table.remarks.extend(above);
        }
        let own = self.remarks.take(&Spot::Head(socket.unit, Section::Socket));
        table.remarks.extend(own);
        self.tables.push(table);
        let path = format!("{path}.systemd");
        self.raw(
            socket.unit,
            Section::Socket,
            &path,
            socket.unit_name.as_deref(),
        );
        self.raw(socket.unit, Section::Unit, &format!("{path}.unit"), None);
        self.raw(
            socket.unit,
            Section::Install,
            &format!("{path}.install"),
            None,
        );
    }
}

/// Directives whose assignments stand among each other.
fn whole(mixed: &[&Raw], remarks: Vec<Remark>) -> Item {
    let lines = mixed.iter().flat_map(|raw| {
        let lines = raw.values.iter();
        lines.map(|(entry, value)| (*entry, format!("{}={value}", raw.key)))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(entry, _)| *entry);
    let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    Item {
        remarks,
        key: WHOLE.into(),
        value: Toml::texts(&lines),
    }
}

fn item(raw: &Raw, remarks: Vec<Remark>) -> Item {
    let value = match raw.values.as_slice() {
        [(_, one)] => scalar(one),
        values => Toml::Array(values.iter().map(|(_, value)| scalar(value)).collect()),
    };
    Item {
        remarks,
        key: raw.key.clone(),
        value,
    }
}

/// What reads back as the same text.
fn scalar(value: &str) -> Toml {
    match (value, value.parse::<i64>()) {
        ("yes", _) => Toml::Bool(true),
        ("no", _) => Toml::Bool(false),
        (_, Ok(number)) if number.to_string() == value => Toml::Integer(number),
        _ => Toml::text(value),
    }
}
