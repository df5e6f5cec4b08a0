//! `IPAddressAllow=` and `IPAddressDeny=`: lists of addresses with prefixes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the lines of one list make together: addresses, each with the length of its prefix.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    prefixes: Vec<(IpAddr, u32)>,
}

impl Addresses {
    /// Takes one line in.
    pub(super) fn assign(&mut self, value: &str) {
        if value.is_empty() {
            self.prefixes.clear();
        }
        self.prefixes
            .extend(value.split_whitespace().flat_map(prefixes));
    }

    /// Whether every address of both versions is on the list.
    pub(super) fn is_everything(&self) -> bool {
        let every = |v4| {
            self.prefixes
                .iter()
                .any(|(address, length)| address.is_ipv4() == v4 && *length == 0)
        };
        every(true) && every(false)
    }

    /// Whether nothing is on the list.
    pub(super) fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    /// Whether only this machine's own addresses are on the list.
    pub(super) fn is_local(&self) -> bool {
        self.prefixes.iter().all(|prefix| is_loopback(*prefix))
    }
}

fn prefixes(word: &str) -> Vec<(IpAddr, u32)> {
    let pair = |v4: (Ipv4Addr, u32), v6: (Ipv6Addr, u32)| {
        vec![(IpAddr::V4(v4.0), v4.1), (IpAddr::V6(v6.0), v6.1)]
    };
    match word {
        "any" => pair((Ipv4Addr::UNSPECIFIED, 0), (Ipv6Addr::UNSPECIFIED, 0)),
        "link-local" => pair(
            (Ipv4Addr::new(169, 254, 0, 0), 16),
            (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 64),
        ),
        "multicast" => pair(
            (Ipv4Addr::new(224, 0, 0, 0), 4),
            (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
        ),
        _ if is_localhost(word) => {
            pair((Ipv4Addr::new(127, 0, 0, 0), 8), (Ipv6Addr::LOCALHOST, 128))
        }
        _ => prefix(word).into_iter().collect(),
    }
}

/// An address, with the length of its prefix behind it or as it stands.
fn prefix(word: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = match word.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (word, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(bits), |length| length.parse().ok())?;
    (length <= bits).then_some((address, length))
}

/// Whether systemd takes what is left of an address within its prefix for this machine's own.
fn is_loopback((address, length): (IpAddr, u32)) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() && length >= 8,
        IpAddr::V6(address) => address.is_loopback() && length == 128,
    }
}

/// Whether systemd takes a word for this machine's name.
fn is_localhost(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let word = word.strip_suffix('.').unwrap_or(&word);
    let word = word.strip_suffix(".localdomain").unwrap_or(word);
    word == "localhost" || word.ends_with(".localhost")
}
