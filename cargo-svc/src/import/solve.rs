//! Answers the questions about a service one after another, each by what leaves least to read.

use super::Options;
use super::ask::{Look, questions};
use super::draft::{Draft, Key};
use super::group::Group;
use super::said::program;
use super::sockets::sockets;
use super::weigh::weigh;
use super::world::World;
use crate::diagnostics::Report;
use crate::directives::{self, Section};
use crate::manifest::document::{Table, Toml};
use crate::service::systemd::MIN_VERSION;
use crate::unit_file::UnitKind;

/// What is known besides the units.
pub(super) struct Circumstances<'a> {
    pub(super) options: &'a Options,
    pub(super) world: &'a World,
    /// All services of the run.
    pub(super) names: &'a [String],
    /// Whether they may refer to each other.
    pub(super) together: bool,
}

/// The tables of one service.
///
/// # Errors
/// With what is wrong even if everything stands in raw lines.
pub(super) fn solve<'a>(group: &'a Group, around: &Circumstances) -> Result<Draft<'a>, Report> {
    let bin = bin(group, around.options, around.world);
    let siblings: Vec<_> = around
        .names
        .iter()
        .filter(|name| **name != group.name)
        .cloned()
        .collect();
    let user = is_for_users(group, around.options);
    let of_sockets = group.of(UnitKind::Socket);
    let of_sockets: Vec<_> = of_sockets.map(|(_, unit)| unit.name.to_string()).collect();
    let asked = group.service().map(|unit| {
        questions(&Look {
            unit,
            name: &group.name,
            bin: bin.as_deref().unwrap_or_default(),
            template: group.template,
            user,
            sockets: &of_sockets,
            siblings: &siblings,
            together: around.together,
            world: around.world,
        })
    });
    let mut draft = Draft {
        group,
        fixed: fixed(group, bin.as_deref(), user, around),
        bin,
        questions: asked.unwrap_or_default(),
        sockets: sockets(group),
        raw: Vec::new(),
    };
    let stubs = stubs(group, around, &siblings);
    let mut best = solved(&draft, &stubs, around.world);
    for socket in 0..draft.sockets.len() {
        if draft.sockets[socket].says {
            draft.sockets[socket].says = false;
            try_better(&draft, &mut best, &stubs, around.world);
            if let Ok(found) = &best {
                draft.sockets[socket].says = found.sockets[socket].says;
            }
        }
    }
    for question in 0..draft.questions.len() {
        let mut now = best.as_ref().unwrap_or(&draft).clone();
        for way in 0..now.questions[question].ways.len() - 1 {
            now.questions[question].chosen = way;
            try_better(&now, &mut best, &stubs, around.world);
        }
    }
    best
}

fn solved<'a>(draft: &Draft<'a>, stubs: &[Table], world: &World) -> Result<Draft<'a>, Report> {
    let mut draft = draft.clone();
    weigh(&mut draft, stubs, world).map(|()| draft)
}

fn try_better<'a>(
    draft: &Draft<'a>,
    best: &mut Result<Draft<'a>, Report>,
    stubs: &[Table],
    world: &World,
) {
    let Ok(found) = solved(draft, stubs, world) else {
        return;
    };
    let better = match best {
        Ok(best) => {
            let one = (found.cost(), choices(&found));
            one < (best.cost(), choices(best))
        }
        Err(_) => true,
    };
    if better {
        *best = Ok(found);
    }
}

/// Of two that cost the same, the one that is preferred.
fn choices(draft: &Draft) -> Vec<usize> {
    draft
        .questions
        .iter()
        .map(|question| question.chosen)
        .collect()
}

/// The other services of the package as far as this one refers to them.
fn stubs(group: &Group, around: &Circumstances, siblings: &[String]) -> Vec<Table> {
    if around.names.len() < 2 {
        return Vec::new();
    }
    let refers = |name: &&String| {
        let unit = format!("{name}.service");
        group.service().is_some_and(|service| {
            ["After", "Requires"].iter().any(|key| {
                let values = service.means.values(Section::Unit, key);
                values.iter().any(|value| value.to_string() == unit)
            })
        })
    };
    let mut stubs: Vec<_> = siblings.iter().filter(refers).cloned().collect();
    if stubs.is_empty() {
        // One that nobody refers to: it is about being one of several.
        stubs.push(format!("not-{}", &group.name[..group.name.len().min(40)]));
    }
    let bin = around
        .world
        .bins()
        .first()
        .map_or("none", |bin| *bin)
        .to_owned();
    stubs
        .into_iter()
        .map(|name| {
            let key = |key: &str, value| crate::manifest::document::Item {
                remarks: Vec::new(),
                key: key.into(),
                value,
            };
            Table {
                element: true,
                items: vec![
                    key("name", Toml::text(name)),
                    key("bin", Toml::text(&bin)),
                    key("windows", Toml::Bool(false)),
                ],
                ..Table::new("package.metadata.service")
            }
        })
        .collect()
}

/// The program in the metadata: the one that was asked for, the one that the unit runs, or that of the package.
pub(super) fn bin(group: &Group, options: &Options, world: &World) -> Option<String> {
    if let Some(bin) = &options.bin {
        return Some(bin.clone());
    }
    let own = group.service().and_then(|unit| program(&unit.means));
    let own = own.map_or(group.name.as_str(), |program| program.bin);
    if world.bins().contains(&own) {
        return Some(own.to_owned());
    }
    let other = world.default_bin()?;
    Some(other.to_owned())
}

/// Whether users' managers run it.
pub(super) fn is_for_users(group: &Group, options: &Options) -> bool {
    let in_folder = |unit: &super::unit::Unit| {
        let folder = unit.path.parent().and_then(|folder| folder.file_name());
        folder.is_some_and(|folder| folder == "user")
    };
    options.user || group.units.iter().any(in_folder)
}

/// The keys that no directive decides.
fn fixed(group: &Group, bin: Option<&str>, user: bool, around: &Circumstances) -> Vec<Key> {
    let several = around.names.len() > 1;
    let world = around.world;
    let mut keys = Vec::new();
    if several || !world.is_real || *world.package.name != *group.name {
        keys.push(Key::portable("name", Toml::text(&group.name)));
    }
    if let Some(bin) = bin
        && (several || !world.is_real || world.default_bin() != Some(bin))
    {
        keys.push(Key::portable("bin", Toml::text(bin)));
    }
    let starters = group
        .units
        .iter()
        .any(|unit| unit.kind() != UnitKind::Service);
    let enabled = group.service().is_none_or(|service| {
        let lines = &mut service.lines.iter();
        lines.any(|line| line.section == Section::Install)
    });
    match (enabled, starters) {
        (true, false) => {}
        (true, true) if group.service().is_some() => {}
        (_, true) => keys.push(Key::portable("start", Toml::text("on-demand"))),
        (false, false) => keys.push(Key::portable("start", Toml::text("manual"))),
    }
    keys.push(Key::portable("windows", Toml::Bool(false)));
    if user {
        keys.push(Key::systemd("scope", Toml::text("user")));
    }
    if group.template {
        keys.push(Key::systemd("template", Toml::Bool(true)));
    }
    let needed = group
        .units
        .iter()
        .flat_map(|unit| &unit.lines)
        .flat_map(|line| {
            let known = directives::find(line.section, &line.key);
            let values = line.values.iter();
            values.filter_map(move |value| Some(known?.since_of_value(value)))
        })
        .max()
        .unwrap_or_default();
    if needed > MIN_VERSION {
        keys.push(Key::systemd("min-version", Toml::Integer(needed.into())));
    }
    keys
}
