//! Where the comments of the units go.

use super::draft::Draft;
use super::unit::Unit;
use crate::directives::Section;
use crate::manifest::document::Remark;
use crate::unit_file::{Comment, Entry, UnitKind};

/// A place in the tables that can have a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// The service's table.
    Top,
    /// Its `systemd` table.
    Systemd,
    /// The first key of an answer.
    Question(usize),
    /// A raw line of a unit.
    Raw(usize, Section, String),
    /// A socket's addresses.
    Listen(usize),
    /// The table of a section of a unit.
    Head(usize, Section),
    /// The end of that table.
    Tail(usize, Section),
    /// The end of the service's table.
    End,
}

/// Comments that have a place and are not yet written.
#[derive(Debug, Default)]
pub(super) struct Remarks(Vec<(Spot, Vec<Remark>)>);

impl Remarks {
    /// Takes those of a place.
    pub(super) fn take(&mut self, spot: &Spot) -> Vec<Remark> {
        let (here, others) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(place, _)| place == spot);
        self.0 = others;
        here.into_iter().flat_map(|(_, remarks)| remarks).collect()
    }

    /// Takes all that are left: none is lost.
    pub(super) fn rest(&mut self) -> Vec<Remark> {
        let all = std::mem::take(&mut self.0).into_iter();
        all.flat_map(|(_, remarks)| remarks).collect()
    }

    pub(super) fn add(&mut self, spot: Spot, remarks: Vec<Remark>) {
        if !remarks.is_empty() {
            self.0.push((spot, remarks));
        }
    }

    /// All comments of a service's units.
    pub(super) fn of(draft: &Draft) -> Self {
        let mut all = Self::default();
        for (index, unit) in draft.group.units.iter().enumerate() {
            all.unit(draft, index, unit);
        }
        all
    }

    fn unit(&mut self, draft: &Draft, index: usize, unit: &Unit) {
        let head = |section| match (unit.kind(), section) {
            (UnitKind::Service, Section::Unit) => Spot::Top,
            (_, section) => Spot::Head(index, section),
        };
        let text = &unit.text;
        self.add(head(Section::Unit), remarks(&text.comments));
        for section in &text.sections {
            self.add(head(section.name), remarks(&section.comments));
            for entry in &section.entries {
                let mut above = remarks(&entry.comments);
                let spot = if unit.ignored.contains(&entry.line) {
                    above.push(line(" systemd ignores this:".into()));
                    above.extend(entry.raw.lines().map(|raw| line(format!(" {raw}"))));
                    Spot::Tail(index, section.name)
                } else {
                    spot(draft, index, unit, entry).unwrap_or_else(|| head(section.name))
                };
                self.add(spot, above);
            }
            self.add(Spot::Tail(index, section.name), remarks(&section.trailing));
        }
        for section in &text.ignored {
            let mut lines = remarks(&section.comments);
            lines.push(Remark {
                text: format!(" [{}]", section.name),
                apart: true,
            });
            for entry in &section.entries {
                lines.extend(remarks(&entry.comments));
                lines.push(line(format!(" {}={}", entry.key, entry.value)));
            }
            lines.extend(remarks(&section.trailing));
            self.add(Spot::End, lines);
        }
    }
}

/// Where an assignment is said; none if no key or line of the tables stands for it alone.
fn spot(draft: &Draft, index: usize, unit: &Unit, entry: &Entry) -> Option<Spot> {
    let mut lines = unit.lines.iter().filter(|line| line.entry == entry.line);
    let line = lines.next()?;
    let raw = draft
        .raw
        .iter()
        .find(|raw| raw.unit == index && raw.entries.contains(&entry.line));
    if let Some(raw) = raw {
        return Some(Spot::Raw(index, raw.section, raw.key.clone()));
    }
    if unit.kind() == UnitKind::Service {
        let about = draft.questions.iter().position(|question| {
            question.is_about(line.section, &line.key) && !question.way().keys.is_empty()
        });
        return about.map(Spot::Question);
    }
    let socket = draft
        .sockets
        .iter()
        .position(|socket| socket.unit == index)?;
    (line.key.starts_with("Listen") || line.key == "SocketMode").then_some(Spot::Listen(socket))
}

fn line(text: String) -> Remark {
    Remark { text, apart: false }
}

fn remarks(comments: &[Comment]) -> Vec<Remark> {
    let mut last = None;
    comments
        .iter()
        .map(|comment| {
            let apart = last.is_none_or(|last| last + 1 != comment.line);
            last = Some(comment.line);
            Remark {
                text: comment.text.clone(),
                apart,
            }
        })
        .collect()
}
