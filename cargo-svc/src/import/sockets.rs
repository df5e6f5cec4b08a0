//! `sockets`: one for each `.socket` unit.

use super::draft::Socket;
use super::group::Group;
use super::unit::Unit;
use crate::directives::Section;
use crate::unit_file::UnitKind;

/// The sockets of a service; each says its addresses if all of them can be said.
pub(super) fn sockets(group: &Group) -> Vec<Socket> {
    let mut all: Vec<Socket> = Vec::new();
    for (index, unit) in group.of(UnitKind::Socket) {
        let taken = |name: &str| {
            all.iter()
                .any(|other| other.name.eq_ignore_ascii_case(name))
        };
        let mut name = name(group, unit);
        // There are fewer others than numbers.
        let numbers = 2..2 + group.units.len();
        if taken(&name) {
            let another = numbers
                .map(|number| format!("{name}-{number}"))
                .find(|name| !taken(name));
            name = another.unwrap_or(name);
        }
        let file = unit.name.to_string();
        let stem = file.trim_end_matches(".socket");
        let usual = format!("{}-{name}", group.name);
        let listen = addresses(unit);
        all.push(Socket {
            unit: index,
            unit_name: (stem != usual).then(|| stem.to_owned()),
            name,
            says: listen.is_some(),
            listen: listen.unwrap_or_default(),
            mode: super::said::shown(&unit.means, Section::Socket, "SocketMode"),
        });
    }
    all
}

/// What the program asks for it by: what the unit says, or what its name has beside the service's.
fn name(group: &Group, unit: &Unit) -> String {
    let said = super::said::shown(&unit.means, Section::Socket, "FileDescriptorName");
    let beside = unit.name.stem.strip_prefix(&format!("{}-", group.name));
    let name = said.as_deref().or(beside).unwrap_or(&unit.name.stem);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let name: String = name.chars().filter(|c| fits(*c)).take(64).collect();
    if name.chars().all(|c| c == '.') {
        "socket".into()
    } else {
        name
    }
}

/// Its addresses as `listen` writes them, if it has words for all of them.
fn addresses(unit: &Unit) -> Option<Vec<String>> {
    let all = unit.means.assigned().iter();
    let all: Option<Vec<_>> = all
        .filter(|one| one.section == Section::Socket && one.key.starts_with("Listen"))
        .map(|one| {
            let value = one.value.to_string();
            let in_files = value.starts_with(['/', '@']);
            let address = value.parse::<std::net::SocketAddr>().is_ok();
            let value = super::said::text(&value, false)?;
            match one.key.as_str() {
                "ListenStream" if in_files => Some(format!("unix:{value}")),
                "ListenDatagram" if in_files => Some(format!("unixgram:{value}")),
                "ListenStream" if address => Some(format!("tcp://{value}")),
                "ListenDatagram" if address => Some(format!("udp://{value}")),
                _ => None,
            }
        })
        .collect();
    all.filter(|addresses| !addresses.is_empty())
}
