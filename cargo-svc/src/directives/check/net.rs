//! Addresses, ports and interfaces.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Found, number, path};

/// The longest name of an interface, and of its alternatives, in bytes.
const NAME: usize = 15;
const ALTERNATIVE: usize = 127;

fn interface_of(text: &str, longest: usize) -> Found {
    let right = |b: u8| (b'!'..=b'~').contains(&b) && !b":/%".contains(&b);
    let reserved = matches!(text, "." | ".." | "all" | "default");
    // The kernel would take them for the number of an interface.
    let digits = text.bytes().all(|b| b.is_ascii_digit())
        || (text.starts_with('0') && number::whole(text).is_some());
    if text.is_empty() || reserved || digits || text.len() > longest || !text.bytes().all(right) {
        return Err(format!("`{text}` is no name of an interface"));
    }
    Ok(())
}

pub(super) fn interface(text: &str) -> Found {
    interface_of(text, NAME)
}

pub(super) fn alternative_interface(text: &str) -> Found {
    interface_of(text, ALTERNATIVE)
}

/// An address, or one with the length of its prefix.
pub(super) fn prefix(text: &str) -> Found {
    if matches!(text, "any" | "localhost" | "link-local" | "multicast") {
        return Ok(());
    }
    let (address, length) = text
        .split_once('/')
        .map_or((text, None), |(address, length)| (address, Some(length)));
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return Err(format!("`{text}` is no address")),
    };
    match length {
        Some(length) => number::integer(length, Some((0, most)))
            .map_err(|_| format!("`{length}` is no length of a prefix")),
        None => Ok(()),
    }
}

fn port(text: &str) -> Found {
    number::integer(text, Some((1, 65_535))).map_err(|_| format!("`{text}` is no port"))
}

/// Bytes that the path of a socket, or its name in the abstract name space, may have.
const UNIX: usize = 107;

pub(super) fn unix_socket(text: &str) -> Found {
    let name = match text.strip_prefix('@') {
        Some("") => return Err("there is no name after the @".into()),
        Some(name) => name,
        None if text.starts_with('/') => text,
        None => return Err(format!("`{text}` is neither an absolute path nor @NAME")),
    };
    if name.len() > UNIX {
        return Err("the path or the name of a socket has at most 107 bytes".into());
    }
    path::valid(name)
}

pub(super) fn socket_address(text: &str) -> Found {
    if text.starts_with(['/', '@']) {
        return unix_socket(text);
    }
    if let Some((kind, rest)) = text.split_once(':')
        && matches!(
            kind,
            "vsock" | "vsock-stream" | "vsock-dgram" | "vsock-seqpacket"
        )
    {
        let (cid, port) = rest.rsplit_once(':').ok_or("there is no port in it")?;
        let any = |text: &str| {
            text.is_empty() || number::integer(text, Some((0, u32::MAX.into()))).is_ok()
        };
        return if any(cid) && !port.is_empty() && any(port) {
            Ok(())
        } else {
            Err("it is no VSOCK address".into())
        };
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or("a bracket is not closed")?;
        let (number, scope) = after.split_once('%').unwrap_or((after, "lo"));
        let number = number.strip_prefix(':').ok_or("there is no port in it")?;
        address
            .parse::<Ipv6Addr>()
            .map_err(|_| format!("`{address}` is no IPv6 address"))?;
        if scope.bytes().any(|b| !b.is_ascii_digit()) {
            interface(scope)?;
        }
        return port(number);
    }
    match text.rsplit_once(':') {
        Some((address, number)) => {
            address
                .parse::<Ipv4Addr>()
                .map_err(|_| format!("`{address}` is no IPv4 address"))?;
            port(number)
        }
        None => port(text),
    }
}

pub(super) fn netlink(text: &str) -> Found {
    const FAMILIES: [&str; 18] = [
        "route",
        "firewall",
        "inet-diag",
        "nflog",
        "xfrm",
        "selinux",
        "iscsi",
        "audit",
        "fib-lookup",
        "connector",
        "netfilter",
        "ip6-fw",
        "dnrtmsg",
        "kobject-uevent",
        "generic",
        "scsitransport",
        "ecryptfs",
        "rdma",
    ];
    let mut words = text.split_ascii_whitespace();
    let family = words.next().unwrap_or_default();
    if !FAMILIES.contains(&family) && number::integer(family, Some((0, i32::MAX.into()))).is_err() {
        return Err(format!("`{family}` is no netlink family"));
    }
    let group = words.next().map_or(Ok(()), |group| {
        number::integer(group, Some((0, u32::MAX.into())))
    });
    match words.next() {
        Some(_) => Err("it has more than a family and a group".into()),
        None => group,
    }
}

pub(super) fn socket_bind(value: &str) -> Found {
    if value == "any" {
        return Ok(());
    }
    let wrong = || Err("it is no rule of that form".to_owned());
    let mut rules = value.split(':').peekable();
    let family = rules.next_if(|rule| matches!(*rule, "ipv4" | "ipv6"));
    let protocol = rules.next_if(|rule| matches!(*rule, "tcp" | "udp"));
    match (rules.next(), rules.next()) {
        (None, _) if family.or(protocol).is_some() => Ok(()),
        (Some("any"), None) => Ok(()),
        (Some(ports), None) => {
            let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
            let within = |text| number::integer(text, Some((0, 65_535)));
            within(low)?;
            within(high)?;
            if number::whole(low) > number::whole(high) {
                wrong()
            } else {
                Ok(())
            }
        }
        _ => wrong(),
    }
}

pub(super) fn nft_set(text: &str) -> Found {
    const SOURCES: [&str; 3] = ["cgroup", "user", "group"];
    const FAMILIES: [&str; 6] = ["arp", "bridge", "inet", "ip", "ip6", "netdev"];
    let parts: Vec<&str> = text.split(':').collect();
    let name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.len() <= 31
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/\\_.".contains(&b))
    };
    match parts.as_slice() {
        [source, family, table, set]
            if SOURCES.contains(source)
                && FAMILIES.contains(family)
                && name(table)
                && name(set) =>
        {
            Ok(())
        }
        _ => Err(format!("`{text}` is no set")),
    }
}
