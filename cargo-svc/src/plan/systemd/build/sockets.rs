//! What of `sockets` no systemd can listen on, and lines for sockets that there are none of.

use super::exec::Exec;
use super::others;
use crate::diagnostics::{Declared, Diagnostic, Place};
use crate::directives::{self, Section};
use crate::escape::unit::lay_out;
use crate::plan::systemd::Placement;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::Value;
use crate::service::Service;
use crate::service::declared::{Listen, Socket};
use crate::service::systemd::Lines;

/// All of it.
pub(super) fn check(service: &Service, exec: &Exec, check: &mut Check) {
    addresses(service, exec, check);
    twins(service, check);
    lines_of_none(service, check);
}

/// systemd ignores an address that it cannot parse, and then refuses a socket without one.
fn addresses(service: &Service, exec: &Exec, check: &mut Check) {
    for listen in listens(service) {
        let (key, value) = others::line(&listen.value, |path| exec.text(path));
        // A path that is none is reported where the unit is made.
        let is_place = |text: &str| text.starts_with(['/', '@', '%']);
        let text = lay_out(&value, Placement::WIDEST.prefix());
        let in_files = matches!(value, Value::Path(_));
        if in_files && !is_place(&text) {
            continue;
        }
        let known = directives::find(Section::Socket, key);
        let Some(Err(what)) = known.map(|known| known.check(&text)) else {
            continue;
        };
        let found = Diagnostic::error("systemd cannot take this value of `sockets`")
            .at(listen.place())
            .label(what);
        check.refuse(if in_files {
            found.help("write a shorter path: the kernel keeps 107 bytes of it (unix(7))")
        } else {
            found.help("write a port from 1 to 65535: nobody could know which one the kernel chose")
        });
    }
}

/// One address is bound once, unless lines say how two sockets can share it.
fn twins(service: &Service, check: &mut Check) {
    let shares = |lines: &Lines| {
        let mut keys = lines.0.iter().map(|line| line.key.value.as_str());
        keys.any(|key| matches!(key, "ReusePort" | "BindToDevice"))
    };
    if shares(&service.own_systemd.socket.own) {
        return;
    }
    let alone = |socket: &&Declared<Socket>| !shares(&socket.value.systemd.own);
    let sockets = service.systemd.sockets.iter().filter(alone);
    let all: Vec<_> = sockets.flat_map(|socket| &socket.value.listen).collect();
    for (index, listen) in all.iter().enumerate() {
        if all[..index].iter().any(|other| other.value == listen.value) {
            check.refuse(
                Diagnostic::error("two of the `sockets` have one address")
                    .at(listen.place())
                    .label("the first one has it, and this one could never be bound")
                    .help("give each an address of its own, or declare one socket: the program asks for it by its name")
                    .rests_on(&["sockets"]),
            );
        }
    }
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

fn listens(service: &Service) -> impl Iterator<Item = &Declared<Listen>> {
    let sockets = service.systemd.sockets.iter();
    sockets.flat_map(|socket| &socket.value.listen)
}
