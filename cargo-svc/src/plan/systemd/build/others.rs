//! The units that start a service: its sockets, its timer, its path.

use super::exec::Exec;
use super::{Names, description};
use crate::diagnostics::Declared;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::raw;
use crate::plan::systemd::unit::{Placed, Section, SectionName, UnitFile, UnitKind, Value};
use crate::service::declared::{Listen, Socket};
use crate::service::systemd::RawUnit;
use crate::service::{Service, Text};

/// All of them, in this order.
pub(super) fn units(
    service: &Service,
    names: &Names,
    exec: &Exec,
    check: &mut Check,
) -> Vec<UnitFile> {
    let mut units = Vec::new();
    for (socket, name) in service.systemd.sockets.iter().zip(&names.sockets) {
        units.push(self::socket(service, names, socket, name, exec, check));
    }
    let own = &service.own_systemd;
    if let Some(timer) = &own.timer {
        units.push(raw_unit(service, names, UnitKind::Timer, timer));
    }
    if let Some(path) = &own.path {
        units.push(raw_unit(service, names, UnitKind::Path, path));
    }
    units
}

fn socket(
    service: &Service,
    names: &Names,
    declared: &Declared<Socket>,
    name: &str,
    exec: &Exec,
    check: &mut Check,
) -> UnitFile {
    let socket = &declared.value;
    let mut unit = UnitFile::new(name, UnitKind::Socket);
    let mut head = Section::new(SectionName::Unit);
    let mut text = Placed::from(format!("Socket {} of ", socket.name).as_str());
    text.push(service.systemd.name.value.as_str());
    head.push("Description", Value::Text(text));
    unit.add(head);

    let mut section = Section::new(SectionName::Socket);
    let (mut dual, mut in_files) = (false, false);
    for listen in &socket.listen {
        let (key, value) = line(&listen.value, |path| unix(path, listen, exec, check));
        match &listen.value {
            Listen::Tcp(address) | Listen::Udp(address) => {
                dual |= address.is_ipv6() && address.ip().is_unspecified();
            }
            Listen::Unix(_) | Listen::UnixDatagram(_) => in_files = true,
        }
        section.push(key, value);
    }
    if dual {
        // Left alone, the machine's sysctl would decide whether [::] takes IPv4 too.
        section.push("BindIPv6Only", Value::Keyword("both"));
    }
    if let Some(mode) = socket.mode.filter(|_| in_files) {
        section.push("SocketMode", Value::Raw(mode.to_string().into()));
    }
    section.push("FileDescriptorName", Value::Raw(socket.name.clone().into()));
    section.push(
        "Service",
        Value::Units(vec![format!("{}.service", names.stem)]),
    );
    unit.add(section);
    unit.add(wanted_by("sockets.target"));
    raw::other(&mut unit, SectionName::Socket, &service.own_systemd.socket);
    raw::other(&mut unit, SectionName::Socket, &socket.systemd);
    unit
}

/// The line of an address, whose path `placed` places.
pub(super) fn line(listen: &Listen, placed: impl FnOnce(&Text) -> Placed) -> (&'static str, Value) {
    match listen {
        Listen::Tcp(address) => ("ListenStream", Value::Raw(address.to_string().into())),
        Listen::Udp(address) => ("ListenDatagram", Value::Raw(address.to_string().into())),
        Listen::Unix(path) => ("ListenStream", Value::Path(placed(path))),
        Listen::UnixDatagram(path) => ("ListenDatagram", Value::Path(placed(path))),
    }
}

/// The path of a socket, or an abstract name.
fn unix(path: &Text, declared: &Declared<Listen>, exec: &Exec, check: &mut Check) -> Placed {
    let placed = exec.text(path);
    if placed.with_prefix("").starts_with('@') {
        return placed;
    }
    exec.path("sockets", path, declared, check)
}

/// A timer or a path: all that it says stands in its table.
fn raw_unit(service: &Service, names: &Names, kind: UnitKind, table: &RawUnit) -> UnitFile {
    let (own, target) = match kind {
        UnitKind::Timer => (SectionName::Timer, "timers.target"),
        _ => (SectionName::Path, "paths.target"),
    };
    let name = table.name.as_ref().map(|name| &name.value);
    let mut unit = UnitFile::new(name.unwrap_or(&names.stem), kind);
    let mut head = Section::new(SectionName::Unit);
    if let Some(text) = description(service) {
        head.push("Description", Value::Text(text));
    }
    unit.add(head);
    unit.add(wanted_by(target));
    raw::other(&mut unit, own, table);
    unit
}

fn wanted_by(target: &str) -> Section {
    let mut section = Section::new(SectionName::Install);
    section.push("WantedBy", Value::Units(vec![target.to_owned()]));
    section
}
