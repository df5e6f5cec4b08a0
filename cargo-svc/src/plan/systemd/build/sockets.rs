//! Lines for sockets that there are none of.

use crate::diagnostics::{Diagnostic, Place};
use crate::plan::systemd::check::Check;
use crate::service::Service;

/// All of it.
pub(super) fn check(service: &Service, check: &mut Check) {
    lines_of_none(service, check);
}

/// Lines for all sockets where there is none would be written nowhere. A workspace's are for those services that have some.
fn lines_of_none(service: &Service, check: &mut Check) {
    let raw = &service.own_systemd.socket;
    let lines = [&raw.own, &raw.unit, &raw.install];
    let typed = |place: &&Place| !place.key.starts_with("workspace.");
    let mut lines = lines.into_iter().flat_map(|lines| &lines.0);
    let Some(place) = lines.find_map(|line| line.key.place().filter(typed)) else {
        return;
    };
    if !service.systemd.sockets.is_empty() {
        return;
    }
    let listens = raw.own.0.iter().find_map(|line| {
        let value = line.values.first()?;
        let is_one = line.key.value.starts_with("Listen");
        is_one.then(|| format!("{} = {:?}", line.key.value, value.value))
    });
    let listens = listens.unwrap_or_else(|| "ListenStream = \"/run/beacon\"".into());
    check.refuse(
        Diagnostic::error("`socket` has lines for sockets, and the service declares none")
            .at(Some(place))
            .label("no unit would hold this line")
            .help(format!(
                "declare the socket, by whose name the program asks for it: \
                 `sockets = [{{ name = \"main\", systemd = {{ {listens} }} }}]`"
            ))
            .rests_on(&["sockets"]),
    );
}
