//! Which units make one service.

use super::unit::Unit;
use crate::diagnostics::{Diagnostic, Report};
use crate::directives::Section;
use crate::service::ServiceName;
use crate::unit_file::{UnitKind, UnitName};

/// A service and the units that start it.
pub(super) struct Group {
    /// Its name in the metadata.
    pub(super) name: String,
    pub(super) template: bool,
    /// Its own unit first, if that is among the files.
    pub(super) units: Vec<Unit>,
}

impl Group {
    /// The service's own unit.
    pub(super) fn service(&self) -> Option<&Unit> {
        self.units
            .first()
            .filter(|unit| unit.kind() == UnitKind::Service)
    }

    /// Its units of another kind, with their indexes.
    pub(super) fn of(&self, kind: UnitKind) -> impl Iterator<Item = (usize, &Unit)> {
        let units = self.units.iter().enumerate();
        units.filter(move |(_, unit)| unit.kind() == kind)
    }

    /// What its service's unit is called.
    pub(super) fn service_unit(&self) -> String {
        let at = if self.template { "@" } else { "" };
        format!("{}{at}.service", self.name)
    }
}

/// Puts the units together; `None` only if an error was added to the report.
pub(super) fn groups(units: Vec<Unit>, report: &mut Report) -> Option<Vec<Group>> {
    let mut complete = refuse_twins(&units, report);
    let (services, others): (Vec<_>, Vec<_>) = units
        .into_iter()
        .partition(|unit| unit.kind() == UnitKind::Service);
    let mut groups = Vec::new();
    for unit in services {
        if let Some(group) = named(&unit.name, &unit, report) {
            groups.push(Group {
                units: vec![unit],
                ..group
            });
        } else {
            complete = false;
        }
    }
    for unit in others {
        if let Some(index) = owner(&unit, &groups) {
            complete &= one_of_a_kind(&groups[index], &unit, report);
            groups[index].units.push(unit);
            continue;
        }
        let starts = unit.starts().unwrap_or_default();
        let name = UnitName::parse(&starts)
            .ok()
            .filter(|name| name.kind == UnitKind::Service);
        let name = name.unwrap_or_else(|| UnitName {
            kind: UnitKind::Service,
            ..unit.name.clone()
        });
        let Some(group) = named(&name, &unit, report) else {
            complete = false;
            continue;
        };
        report.add(
            Diagnostic::warning(format!("`{name}` is not among the files"))
                .label(format!(
                    "{} gets a service `{}` that says nothing of its own",
                    unit.path.display(),
                    group.name
                ))
                .help("name the file of its service, too, or complete the table by hand"),
        );
        groups.push(Group {
            units: vec![unit],
            ..group
        });
    }
    complete.then_some(groups)
}

/// A group with the name of a unit.
fn named(name: &UnitName, unit: &Unit, report: &mut Report) -> Option<Group> {
    let wrong = match &name.instance {
        Some(instance) if !instance.is_empty() => Some((
            format!("`{name}` is one instance of a template"),
            "import the template, whose name ends in `@`",
        )),
        _ => ServiceName::parse(&name.stem)
            .err()
            .map(|reason| (reason, "give the file a name that can be the service's")),
    };
    if let Some((reason, help)) = wrong {
        report.add(
            Diagnostic::error(format!("{} cannot become a service", unit.path.display()))
                .label(reason)
                .help(help),
        );
        return None;
    }
    Some(Group {
        name: name.stem.clone(),
        template: name.is_template(),
        units: Vec::new(),
    })
}

/// The service that a unit belongs to: the one that it starts, that has its name, that names it, or that what it starts wants.
fn owner(unit: &Unit, groups: &[Group]) -> Option<usize> {
    let by_name = |name: &Option<String>| {
        let name = name.as_deref()?;
        groups.iter().position(|group| group.service_unit() == name)
    };
    let starts = unit.starts();
    let file = unit.name.to_string();
    let names = |group: &Group, section, keys: &[&str], other: &str| {
        group.service().is_some_and(|service| {
            let lists = keys
                .iter()
                .flat_map(|key| service.means.values(section, key));
            lists.into_iter().any(|value| value.to_string() == other)
        })
    };
    by_name(&starts)
        .or_else(|| by_name(&unit.sibling()))
        .or_else(|| {
            let keys = ["Requires", "Wants", "BindsTo", "After"];
            groups.iter().position(|group| {
                names(group, Section::Unit, &keys, &file)
                    || names(group, Section::Service, &["Sockets"], &file)
            })
        })
        .or_else(|| {
            let starts = starts.as_deref()?;
            let keys = ["WantedBy", "RequiredBy"];
            groups
                .iter()
                .position(|group| names(group, Section::Install, &keys, starts))
        })
}

/// A service has one timer and one path.
fn one_of_a_kind(group: &Group, unit: &Unit, report: &mut Report) -> bool {
    let kind = unit.kind();
    let Some((_, other)) = group.of(kind).find(|_| kind != UnitKind::Socket) else {
        return true;
    };
    report.add(
        Diagnostic::error(format!(
            "`{}` and `{}` both start `{}`",
            other.name,
            unit.name,
            group.service_unit()
        ))
        .label(format!("a service has one {}", kind.suffix()))
        .help(format!(
            "put the lines of the two into one .{} file, or leave one out",
            kind.suffix()
        )),
    );
    false
}

fn refuse_twins(units: &[Unit], report: &mut Report) -> bool {
    let mut single = true;
    for (index, unit) in units.iter().enumerate() {
        if let Some(other) = units[..index].iter().find(|other| other.name == unit.name) {
            single = false;
            report.add(
                Diagnostic::error(format!("two files describe `{}`", unit.name))
                    .label(format!(
                        "{} and {}",
                        other.path.display(),
                        unit.path.display()
                    ))
                    .help("name one of them"),
            );
        }
    }
    single
}
