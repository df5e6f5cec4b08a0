//! The services of a package as a whole: their names, and who waits for whom.

mod reach;

use super::layer::unit_name;
use super::resolve::{Draft, Target};
use super::{After, Portable, ServiceName};
use crate::diagnostics::{Declared, Diagnostic, Report};
use crate::manifest::{keys, list};
pub(super) use reach::Reach;

/// Whether all services of the manifest are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// All of them: a reference to another one is an error.
    Complete,
    /// Some are missing because of their own errors.
    Partial,
}

/// What `after` knows besides services.
pub(crate) const WORDS: [&str; 3] = ["network", "network-online", "time-sync"];

/// Resolves the references of one target's services. Under systemd `reaches` says where their units are found.
pub(super) fn resolve(
    target: Target,
    drafts: Vec<Draft>,
    off: &[bool],
    reaches: &[Reach],
    wish: Wish,
    report: &mut Report,
) -> Vec<Portable> {
    refuse_duplicates(&drafts, report);
    let mut edges = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        let look = Lookup {
            target,
            drafts: &drafts,
            index,
            wish,
            off,
            reaches,
        };
        if look.is_off(index) {
            edges.push((Vec::new(), Vec::new()));
            continue;
        }
        let after = draft
            .after
            .iter()
            .filter_map(|word| look.after(word, report))
            .collect();
        let requires = draft
            .requires
            .iter()
            .filter_map(|name| look.requires(name, report))
            .collect::<Vec<_>>();
        edges.push((after, requires));
    }
    refuse_cycles(&drafts, &edges, report);
    drafts
        .into_iter()
        .zip(edges)
        .map(|(draft, (after, requires))| Portable {
            after: unique(after),
            requires: unique(requires),
            ..draft.portable
        })
        .collect()
}

type Edges = (Vec<Declared<After>>, Vec<Declared<ServiceName>>);

/// Keeps the first of equal values: waiting twice is waiting once.
fn unique<T: PartialEq>(values: Vec<Declared<T>>) -> Vec<Declared<T>> {
    let mut kept: Vec<Declared<T>> = Vec::new();
    for value in values {
        if !kept.iter().any(|other| other.value == value.value) {
            kept.push(value);
        }
    }
    kept
}

/// Two names that differ only by case are one service on Windows, and one file on many hosts.
fn refuse_duplicates(drafts: &[Draft], report: &mut Report) {
    for (index, draft) in drafts.iter().enumerate() {
        let name = &draft.portable.name;
        let twin = drafts[..index].iter().find(|other| {
            let other = &other.portable.name.value;
            other.as_str().eq_ignore_ascii_case(name.value.as_str())
        });
        let Some(twin) = twin else { continue };
        // A name that was taken from the package stands nowhere.
        let keys = [&draft.portable, &twin.portable];
        let mut places = keys.into_iter().map(|keys| keys.name.place());
        let place = places.find_map(|place| place);
        let twin = &twin.portable.name.value;
        let reason = if *twin == name.value {
            "another service of this package has this name".to_owned()
        } else {
            format!(
                "this differs from `{twin}` only by case, which is one service on Windows and one file on many systems"
            )
        };
        report.add(
            Diagnostic::error(format!("two services are called `{}`", name.value))
                .at(place)
                .label(reason),
        );
    }
}

/// Looks up what one service refers to.
struct Lookup<'a> {
    target: Target,
    drafts: &'a [Draft],
    index: usize,
    wish: Wish,
    /// Which of the drafts are not for this target.
    off: &'a [bool],
    /// Where their units are found; empty where there are none.
    reaches: &'a [Reach],
}

impl Lookup<'_> {
    fn is_off(&self, index: usize) -> bool {
        self.off.get(index).copied().unwrap_or_default()
    }

    fn after(&self, word: &Declared<String>, report: &mut Report) -> Option<Declared<After>> {
        let named = |draft: &Draft| draft.reference.as_str() == word.value;
        if WORDS.contains(&word.value.as_str()) && self.drafts.iter().any(named) {
            report.add(
                Diagnostic::error(format!("`{}` could mean two things", word.value))
                    .at(word.place())
                    .label("what the machine provides, or the service of this package")
                    .help("give the service another name"),
            );
            return None;
        }
        let value = match word.value.as_str() {
            "network" => After::Network,
            "network-online" => After::NetworkOnline,
            "time-sync" if self.target == Target::Windows => {
                report.add(time_sync(word));
                return None;
            }
            "time-sync" => After::TimeSync,
            unit if self.is_unit(word) => match self.of_package(unit) {
                Some(name) => {
                    let name = Declared {
                        value: name.to_owned(),
                        origin: word.origin.clone(),
                    };
                    After::Service(self.service(&name, &WORDS, report)?)
                }
                None => After::Unit(unit.to_owned()),
            },
            _ => After::Service(self.service(word, &WORDS, report)?),
        };
        let own = self.reaches.get(self.index);
        if let Some(found) = own.and_then(|own| own.refuse_target(word, &value)) {
            report.add(found);
            return None;
        }
        Some(Declared {
            value,
            origin: word.origin.clone(),
        })
    }

    /// Whether it is a unit's name that stands where only systemd looks, and not the name of a service.
    fn is_unit(&self, word: &Declared<String>) -> bool {
        let own = |draft: &Draft| draft.portable.name.value.as_str() == word.value;
        let key = word.place().map_or("", |place| place.key.as_str());
        self.target == Target::Systemd
            && key.ends_with(".systemd.after")
            && unit_name(&word.value).is_ok()
            && !self.drafts.iter().any(own)
    }

    /// The service of the package that a unit's name stands for.
    fn of_package<'b>(&self, unit: &'b str) -> Option<&'b str> {
        let name = unit.strip_suffix(".service")?;
        let own = |draft: &Draft| draft.portable.name.value.as_str() == name;
        self.drafts.iter().any(own).then_some(name)
    }

    fn requires(
        &self,
        name: &Declared<String>,
        report: &mut Report,
    ) -> Option<Declared<ServiceName>> {
        let value = self.service(name, &[], report)?;
        Some(Declared {
            value,
            origin: name.origin.clone(),
        })
    }

    /// The name on this target of the service that is meant: its portable name counts, and its name on the target too.
    fn service(
        &self,
        name: &Declared<String>,
        words: &[&str],
        report: &mut Report,
    ) -> Option<ServiceName> {
        let of = |draft: &&Draft| {
            draft.reference.as_str() == name.value
                || draft.portable.name.value.as_str() == name.value
        };
        let found = self.drafts.iter().enumerate().find(|(_, draft)| of(draft));
        if let Some((index, draft)) = found {
            if self.is_off(index) {
                let system = self.target.word();
                report.add(
                    Diagnostic::error(format!("`{}` is not for {system}", name.value))
                        .at(name.place())
                        .label(format!("that service says `{system} = false`"))
                        .help(format!("replace this for {system} in the `{system}` table")),
                );
                return None;
            }
            let own = &self.drafts[self.index];
            if draft.reference == own.reference {
                report.add(
                    Diagnostic::error(format!("`{}` refers to itself", own.reference))
                        .at(name.place())
                        .label("a service cannot wait for itself"),
                );
                return None;
            }
            let unit = &draft.portable.name.value;
            // `requires` takes none of the words that `after` does.
            let key = if words.is_empty() {
                "requires"
            } else {
                "after"
            };
            let ends = self.reaches.get(self.index).zip(self.reaches.get(index));
            if let Some(found) = ends.and_then(|(own, other)| own.refuse(*other, key, name, unit)) {
                report.add(found);
                return None;
            }
            return Some(unit.clone());
        }
        if self.wish == Wish::Complete {
            report.add(self.unknown(name, words));
        }
        None
    }

    fn unknown(&self, name: &Declared<String>, words: &[&str]) -> Diagnostic {
        let others = self.drafts.iter().enumerate();
        let mut right: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        right.extend(
            others
                .filter(|(index, _)| *index != self.index)
                .map(|(_, draft)| draft.reference.to_string()),
        );
        let found = Diagnostic::error(format!("no service `{}` in this package", name.value))
            .at(name.place());
        let scope =
            "only services of this package: what else a machine has differs from system to system";
        if let Some(near) = keys::nearest(&name.value, right.iter().map(String::as_str)) {
            return found.label(format!("did you mean `{near}`?")).help(scope);
        }
        let found = match right.as_slice() {
            [] => found.label("the package has no other service"),
            right => found.label(format!("expected {}", list(right))),
        };
        let unit = format!("{}.service", name.value.trim_end_matches(".service"));
        // The words are those of `after`; `requires` takes none.
        found.help(scope).help(if words.is_empty() {
            format!(
                "what a machine with systemd has: `unit = {{ Requires = \"{unit}\" }}` under `systemd`, which takes the place of all \
                 that is written for this key"
            )
        } else {
            format!(
                "what a machine with systemd has: `after = [\"{unit}\"]` under `systemd`; `wants` there also starts it"
            )
        })
    }
}

fn time_sync(word: &Declared<String>) -> Diagnostic {
    Diagnostic::error("`after = [\"time-sync\"]` cannot be carried out on Windows")
        .at(word.place())
        .label("Windows has no service that stands for a synchronised clock")
        .help(format!(
            "say what Windows shall do: `after = [\"network\"]` or `after = false` in `[package.metadata.service.{}]`",
            Target::Windows.word()
        ))
        .rests_on(&["after"])
}

/// Reports one cycle of each group of services that wait for each other.
fn refuse_cycles(drafts: &[Draft], edges: &[Edges], report: &mut Report) {
    let index_of = |name: &ServiceName| {
        drafts
            .iter()
            .position(|draft| draft.portable.name.value == *name)
    };
    let next: Vec<Vec<usize>> = edges
        .iter()
        .map(|(after, requires)| {
            let after = after.iter().filter_map(|after| match &after.value {
                After::Service(name) => Some(name),
                _ => None,
            });
            let requires = requires.iter().map(|name| &name.value);
            after.chain(requires).filter_map(index_of).collect()
        })
        .collect();
    let mut reported = vec![false; drafts.len()];
    for start in 0..drafts.len() {
        if reported[start] {
            continue;
        }
        let Some(cycle) = cycle_through(start, &next) else {
            continue;
        };
        for &index in &cycle {
            reported[index] = true;
        }
        let names: Vec<_> = cycle
            .iter()
            .chain([&start])
            .map(|&index| drafts[index].reference.to_string())
            .collect();
        // The caret goes to the first step of the way.
        let next = cycle.get(1).unwrap_or(&start);
        let next = &drafts[*next].portable.name.value;
        let (after, requires) = &edges[start];
        let requires = requires.iter().find(|name| name.value == *next);
        let after = after
            .iter()
            .find(|after| matches!(&after.value, After::Service(name) if name == next));
        let place = requires
            .and_then(Declared::place)
            .or_else(|| after.and_then(Declared::place));
        report.add(
            Diagnostic::error(format!(
                "services wait for each other: {}",
                names.join(" → ")
            ))
            .at(place)
            .label("none of them could start"),
        );
    }
}

/// The shortest way from a service back to itself.
fn cycle_through(start: usize, next: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut before: Vec<Option<usize>> = vec![None; next.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(index) = queue.pop_front() {
        for &to in &next[index] {
            if to == start {
                let mut way = vec![index];
                while let Some(from) = before[*way.last()?].filter(|_| way.last() != Some(&start)) {
                    way.push(from);
                }
                way.reverse();
                return Some(way);
            }
            if before[to].is_none() {
                before[to] = Some(index);
                queue.push_back(to);
            }
        }
    }
    None
}
