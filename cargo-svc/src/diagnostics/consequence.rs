//! What may only follow from another error: a value that was refused counts as absent in all that comes after.

use std::sync::Arc;

use super::{Diagnostic, Level, Place};

/// Where in a service's tables a place is.
struct Spot<'a> {
    /// Which service, as `package.metadata.service[1]`.
    table: &'a str,
    /// The key, whichever system's table repeats it: `restart.delay` for `package.metadata.service.windows.restart.delay`. Empty
    /// for a system's table as a whole, and none for the service's own: a finding there leaves the keys what they are.
    key: Option<&'a str>,
}

impl<'a> Spot<'a> {
    fn of(place: &'a Place) -> Option<Self> {
        let tables = ["package.metadata.service", "workspace.metadata.service"];
        let after = tables
            .iter()
            .find_map(|table| place.key.strip_prefix(table))?;
        let index = match after.strip_prefix('[') {
            Some(rest) => rest.find(']')? + 2,
            None => 0,
        };
        let rest = &after[index..];
        let table = &place.key[..place.key.len() - rest.len()];
        if rest.is_empty() {
            return Some(Self { table, key: None });
        }
        // `service-package` is another table.
        let rest = rest.strip_prefix('.')?;
        let below = ["systemd", "windows"].iter().find_map(|system| {
            let below = rest.strip_prefix(system)?;
            (below.is_empty() || below.starts_with('.')).then(|| below.trim_start_matches('.'))
        });
        Some(Self {
            table,
            key: Some(below.unwrap_or(rest)),
        })
    }

    /// The workspace's defaults are every service's.
    fn is_of_all(&self) -> bool {
        self.table.starts_with("workspace")
    }
}

/// Whether two places can be of one service.
fn of_one_service(one: (&Place, &Spot), other: (&Place, &Spot)) -> bool {
    one.1.is_of_all()
        || other.1.is_of_all()
        || Arc::ptr_eq(&one.0.source, &other.0.source) && one.1.table == other.1.table
}

/// A key without what is below it.
fn top(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

/// Whether an error leaves open what a key is for a finding at the place; of any service without one. Elements of one list have
/// one key, and leave each other alone.
pub(super) fn leaves_open(error: &Diagnostic, found: Option<&Place>, key: &str) -> bool {
    let Some(refused) = error.place.as_ref().filter(|_| error.level == Level::Error) else {
        return false;
    };
    let Some(spot) = Spot::of(refused) else {
        return false;
    };
    if let Some(place) = found {
        let own = Spot::of(place);
        let elsewhere = |own: &Spot| !of_one_service((place, own), (refused, &spot));
        if place.key == refused.key || own.as_ref().is_some_and(elsewhere) {
            return false;
        }
    }
    let is_it = |own: &str| own.is_empty() || top(own) == key;
    spot.key.is_some_and(is_it) || error.meant.as_deref() == Some(key)
}

/// Whether a later finding may stand only because of an earlier error: it is about the same bytes, or about the same key in
/// another table, which takes the place of what was refused.
pub(super) fn follows(later: &Diagnostic, error: &Diagnostic) -> bool {
    let (Some(place), Some(refused)) = (&later.place, &error.place) else {
        return false;
    };
    let (Some(spot), Some(known)) = (Spot::of(place), Spot::of(refused)) else {
        return error.level == Level::Error && place == refused;
    };
    let (Some(key), Some(refused_key)) = (spot.key, known.key) else {
        return false;
    };
    if error.level != Level::Error || !of_one_service((place, &spot), (refused, &known)) {
        return false;
    }
    let (one, other) = (&place.span, &refused.span);
    let overlap = Arc::ptr_eq(&place.source, &refused.source)
        && one.start < other.end
        && other.start < one.end;
    let within = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || outer.is_empty() || rest.starts_with('.'))
    };
    // Elements of one list have one key, and each stands for itself.
    let stands_in =
        place.key != refused.key && (within(key, refused_key) || within(refused_key, key));
    overlap || stands_in || error.meant.as_deref() == Some(top(key))
}
